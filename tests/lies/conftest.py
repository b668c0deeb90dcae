"""The table of what became of every row: printed last, kept where HARNESS_LIES_TABLE says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    rows: dict[str, list[dict[str, Any]]] = {"lies": [], "hold": []}
    for report in reports:
        if getattr(report, "when", "") == "call":
            for name, value in report.user_properties:
                rows.get(name, []).append(value)
    found, held = rows["lies"], rows["hold"]
    lines = [*(table(found) if found else ()), *(page(held) if held else ())]
    for line in ["", *lines] if lines else ():
        terminalreporter.write_line(line)
    if path := os.environ.get("HARNESS_LIES_TABLE"):
        said = [f"{row['name']}: {row['facts']}" for row in (*found, *held)]
        text = "\n".join([*lines, "", "== what was said", *sorted(said)])
        Path(path).write_text(f"{text}\n", encoding="utf-8")
    if held and (path := os.environ.get("HARNESS_LIES_PAGE")):
        Path(path).write_text("\n".join(page(held)) + "\n", encoding="utf-8")


def page(held: list[dict[str, Any]]) -> list[str]:
    """What became of every row under `policy.proof = "hold"`, as docs/lies.md shows it."""
    lies = sorted((r for r in held if not r["honest"]), key=lambda r: (r["rule"], r["name"]))
    twins = [r for r in held if r["honest"]]
    return [
        '# Lies under `policy.proof = "hold"`',
        "",
        "`make lies` writes this page: what a worker and a reviewer that lie together tried, and",
        "which check caught it. What none can catch is named with the reason.",
        "",
        "| kind | lie | caught by | otherwise |",
        "|---|---|---|---|",
        *(_told(row) for row in lies),
        "",
        f"Lies: {len(lies)}, merged {sum(r['merged'] for r in lies)}, issues closed "
        f"{sum(r['closed'] for r in lies)}. Honest twins: {len(twins)}, held up "
        f"{sum(not (r['merged'] or r['closed']) for r in twins)}.",
    ]


def _told(row: dict[str, Any]) -> str:
    # no code: a key of a sentence is no setting, for which the house would take it
    caught = ", ".join(row["caught"])
    return f"| {row['rule']} | {row['name']} | {caught or 'nothing'} | {row['eyes']} |"


def table(found: list[dict[str, Any]]) -> list[str]:
    """Rows by rule, the count of each sort last."""
    lies = [row for row in found if not row["honest"]]
    sorts = {
        "lies": [r for r in lies if not r["needs"]],
        "lies that need a later gate": [r for r in lies if r["needs"]],
        "twins": [r for r in found if r["honest"]],
    }
    out = []
    for sort, rows in sorts.items():
        out.append(f"== {sort}")
        out += [_line(row) for row in sorted(rows, key=lambda r: (r["rule"], r["name"]))]
    for sort, rows in sorts.items():
        merged = sum(r["merged"] for r in rows)
        closed = sum(r["closed"] for r in rows)
        out.append(f"{sort}: {len(rows)}, merged {merged}, closed {closed}")
    return out


def _line(row: dict[str, Any]) -> str:
    end = "MERGED" if row["merged"] else "CLOSED" if row["closed"] else "-"
    cells = (
        f"{row['rule']:<14}",
        f"{row['name']:<58}",
        f"{row['needs'] or '-':<8}",
        f"{row['state']:<9}",
        f"{row['why']:<30}",
        f"{row['pull'] or '-':<6}",
        end,
    )
    return " ".join(cells)
