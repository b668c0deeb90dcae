"""edit: replacements in one file, all or none."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from harness.tools.bench import Bench
from harness.tools.made import Arguments, Made, Refused, unpacked
from harness.tools.matching import Change, NoPlace, apply

_BYTES = 4 << 20
_BOM = "\ufeff"


class Replace(Arguments):
    """One replacement."""

    old: str
    new: str
    all: bool = False


class Edits(Arguments):
    """Arguments of edit."""

    path: str = Field(min_length=1)
    edits: Annotated[tuple[Replace, ...], BeforeValidator(unpacked)] = Field(min_length=1)


def edit(bench: Bench) -> Made[Edits]:
    """The tool over this bench."""

    async def run(arguments: Edits) -> str:
        box = await bench.box()
        try:
            data = await box.read(arguments.path, limit=_BYTES)
        except FileNotFoundError:
            raise Refused(f"No such file: {arguments.path}. A new file is made by write.") from None
        except IsADirectoryError:
            raise Refused(f"{arguments.path} is a directory.") from None
        if len(data) >= _BYTES:
            raise Refused(f"{arguments.path} is over 4 MiB; use bash.")
        # bytes that are not UTF-8 come back as they were
        text = data.decode("utf-8", "surrogateescape")
        mark = _BOM if text.startswith(_BOM) else ""
        changes = tuple(Change(old=e.old, new=e.new, all=e.all) for e in arguments.edits)
        try:
            done = apply(text.removeprefix(_BOM), changes)
        except NoPlace as error:
            raise Refused(f"{arguments.path} is unchanged. {error}") from None
        await box.write(arguments.path, (mark + done.text).encode("utf-8", "surrogateescape"))
        return told(arguments.path, done.lines, done.how)

    return Made("edit", prompts=bench.prompts, arguments=Edits, effects="tree", body=run)


def told(path: str, lines: tuple[int, ...], how: tuple[str, ...]) -> str:
    """Where each change went; a tolerant match says so."""
    places = [
        f"line {line}" + (f" (matched {way})" if way else "")
        for line, way in zip(lines, how, strict=True)
    ]
    return f"Edited {path}: {', '.join(places)}."
