"""search: lines by regular expression, or file names by glob."""

from __future__ import annotations

import re

from harness.tools.bench import Bench
from harness.tools.made import Arguments, Made, Refused

_HITS = 100
_WIDTH = 240


class Query(Arguments):
    """Arguments of search. An empty pattern lists file names."""

    pattern: str = ""
    glob: str = ""


def search(bench: Bench) -> Made[Query]:
    """The tool over this bench."""

    async def run(arguments: Query) -> str:
        try:
            re.compile(arguments.pattern)
        except re.error as error:
            raise Refused(
                f"Not a Python regular expression: {error}. Escape it as {_escaped(arguments)}"
            ) from None
        if not arguments.pattern and not arguments.glob:
            raise Refused("Give a pattern, a glob, or both.")
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

    return Made("search", prompts=bench.prompts, arguments=Query, effects="none", body=run)


def _escaped(arguments: Query) -> str:
    return re.escape(arguments.pattern)
