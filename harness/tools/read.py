"""read: a file's text as it is, by lines; a directory's names."""

from __future__ import annotations

import shlex

from pydantic import Field

from harness.ports.sandbox import Box
from harness.tools.context import ToolContext
from harness.tools.declare import Arguments, DeclaredTool, ToolRefused
from harness.tools.output import LONG_LINE

DEFAULT_LINES = 600
_ROOM = 24_000
_BYTES = 4 << 20


class ReadArguments(Arguments):
    """Arguments of read. `offset` counts lines from 1."""

    path: str = Field(min_length=1)
    offset: int = Field(default=1, ge=1)
    limit: int = Field(default=DEFAULT_LINES, ge=1)


def read(bench: ToolContext) -> DeclaredTool[ReadArguments]:
    """The tool over this bench."""

    async def run(arguments: ReadArguments) -> str:
        box = await bench.box()
        try:
            data = await box.read(arguments.path, limit=_BYTES)
        except IsADirectoryError:
            return await _names(box, arguments.path)
        except FileNotFoundError:
            raise ToolRefused("calls/no_file", path=arguments.path) from None
        except PermissionError:
            raise ToolRefused("calls/not_readable", path=arguments.path) from None
        if b"\0" in data[:8192]:
            raise ToolRefused("calls/binary", path=arguments.path, bytes=str(len(data)))
        text = data.decode("utf-8", "replace")
        return page(text, arguments, cut=len(data) >= _BYTES)

    return DeclaredTool(
        "read", prompts=bench.prompts, arguments=ReadArguments, effects="none", body=run
    )


async def _names(box: Box, path: str) -> str:
    ran = await box.exec(f"ls -Ap -- {shlex.quote(path)} | head -n 500")
    return f"[directory]\n{ran.output.rstrip()}"


def page(text: str, place: ReadArguments, *, cut: bool = False) -> str:
    """The asked lines, and a last line in brackets that says which they are when not all."""
    rows = text.split("\n")
    if rows[-1] == "":
        rows.pop()  # a final newline ends the last line, it does not begin another
    if not rows:
        return "[empty file]"
    if place.offset > len(rows):
        lines, offset = str(len(rows)), str(place.offset)
        raise ToolRefused("calls/past_end", path=place.path, lines=lines, offset=offset)
    shown: list[str] = []
    room = _ROOM
    for row in rows[place.offset - 1 : place.offset - 1 + place.limit]:
        line = row
        if len(row) > LONG_LINE:
            line = f"{row[:LONG_LINE]}… [{len(row) - LONG_LINE} more characters in this line]"
        room -= len(line) + 1
        if room < 0 and shown:
            break
        shown.append(line)
    last = place.offset + len(shown) - 1
    body = "\n".join(shown)
    if place.offset == 1 and last == len(rows) and not cut:
        return body
    more = f"; go on with offset={last + 1}" if last < len(rows) else ""
    whole = f"at least {len(rows)}" if cut else str(len(rows))
    tail = ", the rest of this large file with sed -n in bash" if cut and not more else ""
    return f"{body}\n[lines {place.offset}-{last} of {whole}{more}{tail}]"
