"""The table of what became of every row: printed last, kept where HARNESS_LIES_TABLE says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    found = [
        value
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "lies"
    ]
    if not found:
        return
    lines = table(found)
    terminalreporter.write_line("")
    for line in lines:
        terminalreporter.write_line(line)
    if path := os.environ.get("HARNESS_LIES_TABLE"):
        said = [f"{row['name']}: {row['facts']}" for row in found]
        text = "\n".join([*lines, "", "== what was said", *sorted(said)])
        Path(path).write_text(f"{text}\n", encoding="utf-8")


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
