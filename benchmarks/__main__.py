"""`python -m benchmarks [NAME...]`: each prints its figures beside their aims.

A slow machine fails nothing; what is compared is compared within one run. Results are kept in
.bench/ as Markdown and JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.figures import HEAD, Benchmark, Result, machine, markdown

ROOT = Path(__file__).parent.parent
NAMES = (
    "engine",
    "box",
    "snapshot",
    "workspace",
    "registration",
    "startup",
    "session",
    "subagents",
    "idle",
    "backlog",
    "polling",
    "issue_cost",
    "install",
    "safety",
)


def found(name: str) -> Benchmark:
    """The benchmark of that name. Only what is asked for is imported."""
    made: Benchmark = import_module(f"benchmarks.{name}").BENCHMARK
    return made


def measured(name: str, *, tiny: bool = False, given: dict[str, float] | None = None) -> Result:
    """One benchmark, at its usual sizes or others."""
    benchmark = found(name)
    sizes = {**benchmark.sizes, **(benchmark.tiny if tiny else {})}
    sizes |= {key: value for key, value in (given or {}).items() if key in sizes}
    return benchmark.measure(sizes)


def told(name: str, result: Result) -> str:
    """As Markdown."""
    parts = [f"## {name}: {found(name).about}"]
    if result.figures:
        parts.append(markdown(HEAD, [figure.row() for figure in result.figures]))
    parts += [table.markdown() for table in result.tables]
    return "\n\n".join(parts) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    asked.add_argument("--tiny", action="store_true", help="small sizes: does it run at all")
    asked.add_argument("--set", action="append", default=[], metavar="SIZE=NUMBER")
    asked.add_argument("--out", type=Path, default=ROOT / ".bench")
    words = asked.parse_args(argv)
    unknown = sorted({*words.names} - {*NAMES})
    if unknown:
        asked.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    try:
        given = {key: float(value) for key, _, value in (word.partition("=") for word in words.set)}
    except ValueError:
        asked.error("--set takes SIZE=NUMBER")
    when = datetime.now(UTC).isoformat(timespec="seconds")
    pages, data = [f"# Benchmarks, {when}", machine()], {}
    print(f"{pages[0]}\n{pages[1]}\n", flush=True)
    for name in words.names or NAMES:
        result = measured(name, tiny=words.tiny, given=given)
        pages.append(told(name, result))
        print(pages[-1], flush=True)
        data[name] = asdict(result)
    words.out.mkdir(parents=True, exist_ok=True)
    stem = words.names[0] if len(words.names) == 1 else "results"
    (words.out / f"{stem}.md").write_text("\n\n".join(pages) + "\n")
    kept = {"when": when, "machine": machine(), "results": data}
    (words.out / f"{stem}.json").write_text(json.dumps(kept, indent=1))
    print(f"Kept in {words.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
