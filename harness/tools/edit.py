"""edit: replacements in one file, all or none."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from harness.tools.context import ToolContext
from harness.tools.declare import Arguments, DeclaredTool, ToolRefused, unpack
from harness.tools.matching import NoPlace, Replacement, apply

_BYTES = 4 << 20
_BOM = "\ufeff"


class Replace(Arguments):
    """One replacement."""

    old: str
    new: str
    all: bool = False


class EditArguments(Arguments):
    """Arguments of edit."""

    path: str = Field(min_length=1)
    edits: Annotated[tuple[Replace, ...], BeforeValidator(unpack)] = Field(min_length=1)


def edit(bench: ToolContext) -> DeclaredTool[EditArguments]:
    """The tool over this bench."""

    async def run(arguments: EditArguments) -> str:
        box = await bench.box()
        try:
            data = await box.read(arguments.path, limit=_BYTES)
        except FileNotFoundError:
            raise ToolRefused("calls/no_file_to_edit", path=arguments.path) from None
        except IsADirectoryError:
            raise ToolRefused("calls/is_directory", path=arguments.path) from None
        if len(data) >= _BYTES:
            raise ToolRefused("calls/too_large_to_edit", path=arguments.path)
        # bytes that are not UTF-8 come back as they were
        text = data.decode("utf-8", "surrogateescape")
        mark = _BOM if text.startswith(_BOM) else ""
        changes = tuple(Replacement(old=e.old, new=e.new, all=e.all) for e in arguments.edits)
        try:
            done = apply(text.removeprefix(_BOM), changes)
        except NoPlace as error:
            raise ToolRefused("calls/unchanged", path=arguments.path, why=error.said) from None
        await box.write(arguments.path, (mark + done.text).encode("utf-8", "surrogateescape"))
        return describe_edits(arguments.path, done.lines, done.how)

    return DeclaredTool(
        "edit", prompts=bench.prompts, arguments=EditArguments, effects="tree", body=run
    )


def describe_edits(path: str, lines: tuple[int, ...], how: tuple[str, ...]) -> str:
    """Where each change went; a tolerant match says so."""
    places = [
        f"line {line}" + (f" (matched {way})" if way else "")
        for line, way in zip(lines, how, strict=True)
    ]
    return f"Edited {path}: {', '.join(places)}."
