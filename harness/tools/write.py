"""write: a whole file."""

from __future__ import annotations

from pydantic import Field

from harness.tools.bench import Bench
from harness.tools.made import Arguments, Made, Refused


class Content(Arguments):
    """Arguments of write."""

    path: str = Field(min_length=1)
    content: str


def write(bench: Bench) -> Made[Content]:
    """The tool over this bench."""

    async def run(arguments: Content) -> str:
        box = await bench.box()
        data = arguments.content.encode("utf-8", "replace")
        try:
            await box.write(arguments.path, data)
        except IsADirectoryError:
            raise Refused(f"{arguments.path} is a directory.") from None
        except OSError as error:
            raise Refused(f"{arguments.path} was not written: {error.strerror or error}") from None
        lines = arguments.content.count("\n") + (not arguments.content.endswith("\n"))
        return f"Wrote {arguments.path}: {lines if data else 0} lines."

    return Made("write", prompts=bench.prompts, arguments=Content, effects="tree", body=run)
