"""What came of the honest set: a table by rule on both halves, and what a proof cost."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.figures import machine, markdown

Row = dict[str, Any]
HEAD = ("rule", "held, tuned", "held, untouched", "held, later", "excused", "e.g.")
SIGNS = ("sign (a note)", "tuned", "untouched", "later", "", "e.g.")
CONFIGURED = ("sides.runner", "sides.ci", "sides.level", "guard.weak_command")
"""Keys of holds that are for a person whatever is honest: what decides how tests judge changed."""
EXAMPLES = 3
HALVES = ("tuned", "untouched", "later")


def held(row: Row) -> Iterator[tuple[str, bool]]:
    """(rule, whether a hold by it is excused) of all that is held against a proven change."""
    proof = row["proof"]
    for finding in proof["held"]:
        yield finding["say"]["key"], is_excused(row, finding)
    for _ in (part for part in proof["parts"] if part["verdict"] == "unproven"):
        yield "unproven", False


def is_excused(row: Row, finding: Row) -> bool:
    """An expectation that was there before is edited, or what configures the runner is."""
    key = finding["say"]["key"]
    if key in CONFIGURED:
        return True
    if finding["source"] == "weakening" and finding["path"]:
        return finding["path"] in {test.partition("::")[0] for test in row["edited"]}
    told = str(finding["say"]["facts"].get("tests", ""))
    edited = {test.rpartition("::")[2] for test in row["edited"]}
    left = {name for name in map(_title, told.split(", ")) if name}
    # a title of a script may have a comma of its own
    return bool(left) and all(any(name in title for title in edited) for name in left)


def _title(test: str) -> str:
    """A test's own name: without its file, what it stands in, its values."""
    return test.rpartition("::")[2].rpartition(" > ")[2].partition("[")[0].strip()


def table(rows: Sequence[Row], wanted: int) -> str:
    """All that is known of `wanted` commits."""
    told = [row for row in rows if "proof" in row]
    counts = {half: [r for r in told if r["half"] == half] for half in HALVES}
    lines = [_line("together", told, counts, lambda row: [x for _, x in held(row)])]
    rules = sorted({rule for row in told for rule, _ in held(row)})
    for rule in rules:
        lines.append(_line(rule, told, counts, lambda r, rule=rule: _of_rule(r, rule)))
    signs = sorted({note["key"] for row in told for note in row["proof"]["notes"]})
    notes = [_line(s, told, counts, lambda r, s=s: _of_sign(r, s)) for s in signs]
    lost = [row for row in rows if "proof" not in row]
    said = [markdown(HEAD, lines), "", markdown(SIGNS, notes), "", _seconds(told)]
    said += [
        _verdicts(told),
        f"{len(told)} of {wanted} commits are proven; not proven: {len(lost)}",
    ]
    said += [f"- {r['project']} {r['commit']}: {r['said'][-200:]}" for r in lost]
    return "\n".join([*said, machine()])


def _of_rule(row: Row, rule: str) -> list[bool]:
    return [excused for name, excused in held(row) if name == rule]


def _of_sign(row: Row, sign: str) -> list[bool]:
    return [False for note in row["proof"]["notes"] if note["key"] == sign]


def _line(name: str, told: Sequence[Row], halves: dict[str, list[Row]], of: Any) -> tuple[str, ...]:
    """A commit is held where one hold is not excused, excused where all are."""
    cells = []
    for rows in halves.values():
        count = sum(not all(of(row)) for row in rows)
        cells.append(f"{count} of {len(rows)}")
    excused = sum(bool(of(row)) and all(of(row)) for row in told)
    seen = [row for row in told if of(row)]
    shown = [f"{row['project'].partition('/')[2]} {row['commit'][:7]}" for row in seen[:EXAMPLES]]
    return (name, *cells, str(excused), ", ".join(shown))


def _seconds(told: Sequence[Row]) -> str:
    added = [row["proof"]["seconds"] for row in told]
    whole = [row["whole_s"] for row in told]
    if not added:
        return "no seconds"
    return (
        f"seconds added by the proof beyond the gate: median {statistics.median(added):.1f}, worst "
        f"{max(added):.1f}; of all, set-up and gate too: median {statistics.median(whole):.0f}, "
        f"worst {max(whole):.0f}"
    )


def _verdicts(told: Sequence[Row]) -> str:
    found: dict[str, int] = {}
    for row in told:
        for part in row["proof"]["parts"]:
            found[part["verdict"]] = found.get(part["verdict"], 0) + 1
    parts = ", ".join(f"{count} {name}" for name, count in sorted(found.items()))
    tried = sum(row["proof"]["altered"] for row in told)
    left = sum(len(row["proof"]["survivors"]) for row in told)
    red = sum(bool(row["proof"]["red"]) for row in told)
    return f"parts: {parts}; {tried} alterations, {left} not noticed; red before green in {red}"
