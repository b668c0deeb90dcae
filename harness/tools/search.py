"""search: lines by regular expression, or file names by glob."""

from __future__ import annotations

import re

from harness.tools.context import ToolContext
from harness.tools.declare import Arguments, DeclaredTool, ToolRefused

_HITS = 100
_WIDTH = 240


class Query(Arguments):
    """Arguments of search. An empty pattern lists file names."""

    pattern: str = ""
    glob: str = ""


def search(bench: ToolContext) -> DeclaredTool[Query]:
    """The tool over this bench."""

    async def run(arguments: Query) -> str:
        try:
            re.compile(arguments.pattern)
        except re.error as error:
            escaped = re.escape(arguments.pattern)
            raise ToolRefused("calls/no_expression", why=str(error), escaped=escaped) from None
        if not arguments.pattern and not arguments.glob:
            raise ToolRefused("calls/nothing_to_search")
        box = await bench.box()
        hits = await box.search(arguments.pattern, glob=arguments.glob, limit=_HITS + 1)
        if not hits:
            return "Nothing found."
        rows = [
            f"{hit.path}:{hit.line}: {hit.text.strip()[:_WIDTH]}" if hit.line else hit.path
            for hit in hits[:_HITS]
        ]
        if len(hits) > _HITS:
            rows.append(f"[more than {_HITS} hits; narrow the pattern or the glob]")
        return "\n".join(rows)

    return DeclaredTool("search", prompts=bench.prompts, arguments=Query, effects="none", body=run)
