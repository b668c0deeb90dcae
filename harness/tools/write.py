"""write: a whole file."""

from __future__ import annotations

from pydantic import Field

from harness.tools.context import ToolContext
from harness.tools.declare import Arguments, DeclaredTool, ToolRefused


class Content(Arguments):
    """Arguments of write."""

    path: str = Field(min_length=1)
    content: str


def write(bench: ToolContext) -> DeclaredTool[Content]:
    """The tool over this bench."""

    async def run(arguments: Content) -> str:
        box = await bench.box()
        data = arguments.content.encode("utf-8", "replace")
        try:
            await box.write(arguments.path, data)
        except IsADirectoryError:
            raise ToolRefused("calls/is_directory", path=arguments.path) from None
        except OSError as error:
            why = error.strerror or str(error)
            raise ToolRefused("calls/not_written", path=arguments.path, why=why) from None
        lines = arguments.content.count("\n") + (not arguments.content.endswith("\n"))
        return f"Wrote {arguments.path}: {lines if data else 0} lines."

    return DeclaredTool("write", prompts=bench.prompts, arguments=Content, effects="tree", body=run)
