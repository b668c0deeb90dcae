"""What safety costs: a command, a session, a system call, the guard's own work, tokens; beside
sandbox-runtime and Codex's sandbox, all in one sitting.

`python -m benchmarks safety` prints it as Markdown and keeps it in .bench/safety.md.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes, Table
from benchmarks.safety_calls import STRAIGHT, THROUGH, call_costs, call_table, requests
from benchmarks.safety_guard import (
    gate_times,
    guard_table,
    ledger_times,
    refusal,
    text_times,
    whole_runs,
    whole_table,
)
from benchmarks.safety_peers import CODEX_COMMAND, CODEX_HELPER, SRT, SRT_HELD, peers
from benchmarks.safety_rounds import Laps, Times
from benchmarks.safety_sessions import (
    command_table,
    command_times,
    commands,
    project,
    session_table,
    session_times,
    until,
    whole,
)
from benchmarks.safety_tokens import added, first_requests, token_table
from benchmarks.safety_ways import (
    BWRAP,
    CONTAINER,
    NO_WALL,
    OURS,
    PLAIN,
    UNFILTERED,
    Absent,
    Kind,
    all_opened,
    bwrap_argv,
    contained,
    each,
    here,
    ours,
)

Missing = dict[str, str]


def kinds_of(folder: Path, sizes: Sizes) -> tuple[list[Kind], Missing]:
    """Every way to be measured, and a sentence for each that cannot be had here."""
    kinds = [each(PLAIN, lambda tree: ("/bin/bash", "-c")), each(BWRAP, bwrap_argv), *ours(folder)]
    missing: Missing = {}
    if sizes["container"]:
        try:
            kinds.append(contained())
        except Absent as error:
            missing[CONTAINER] = str(error)
    if sizes["peers"]:
        more, absent = peers(folder)
        kinds += more
        missing |= absent
    return kinds, missing


async def _walls(folder: Path, sizes: Sizes, laps: Laps) -> tuple[list[Figure], list[Table]]:
    """A command, a system call, a session, a request."""
    source = await asyncio.to_thread(project, folder / "source", int(sizes["files"]))
    kinds, missing = kinds_of(folder, sizes)
    laps.lap("set-up")
    python = str(Path(sys.prefix, "bin", "python"))
    times, tests = int(sizes["times"]), int(sizes["tests"])
    wanted = {
        name: (command, tests if "pytest" in name else times)
        for name, command in commands(python).items()
    }
    async with all_opened(kinds, here(source), missing) as shells:
        took = await command_times(shells, wanted)
        laps.lap("commands")
        calls = await call_costs(shells, int(sizes["loops"]), int(sizes["call_rounds"]))
        laps.lap("system calls")
    # the program that leaves the filter out takes longer to start than bwrap does
    held = [k for k in kinds if k.held and k.name in shells and k.name != UNFILTERED]
    clone, sessions = await session_times(folder / "w", source, held, int(sizes["sessions"]))
    laps.lap("sessions")
    asked = await requests(folder, int(sizes["requests"]), int(sizes["call_rounds"]))
    laps.lap("proxy")
    tables = [
        command_table(took, missing, int(sizes["files"])),
        session_table(clone, sessions, int(sizes["files"])),
        call_table(calls),
    ]
    return _wall_figures(took, sessions, calls, asked), tables


def _wall_figures(
    took: dict[str, dict[str, Times]],
    sessions: dict[str, dict[str, Times]],
    calls: dict[str, dict[str, float]],
    asked: dict[str, Times],
) -> list[Figure]:
    plain, pytest = took["`true`"], took["pytest, 20 tests"]
    extra = plain[OURS].median_ms - plain[PLAIN].median_ms
    session = whole(sessions[OURS]) - whole(sessions[NO_WALL])
    return [
        Figure("`true` in our Box, over a plain process", extra, "ms", 3, "of medians"),
        Figure(
            "pytest in our Box over a plain process",
            pytest[OURS].median_ms / pytest[PLAIN].median_ms,
            "x",
        ),
        *(
            Figure(f"{name}, over our Box", plain[name].median_ms / plain[OURS].median_ms, "x")
            for name in (SRT, SRT_HELD, CODEX_COMMAND, CODEX_HELPER)
            if name in plain
        ),
        Figure("open, first command, close: our Box over no wall", session, "ms"),
        *(
            Figure(f"our Box costs less than {name}, from", count, "commands")
            for name in (BWRAP, CODEX_HELPER, CODEX_COMMAND, SRT)
            if name in plain and (count := until(sessions[OURS], plain[OURS], plain[name]))
        ),
        *(
            Figure(f"filter of calls, {call}", calls[OURS][call] - calls[UNFILTERED][call], "ns")
            for call in calls[OURS]
        ),
        Figure(
            "an HTTPS request, straight",
            asked[STRAIGHT].median_ms,
            "ms",
            None,
            "a TLS connection each",
        ),
        Figure("the same through the proxy", asked[THROUGH].median_ms, "ms"),
    ]


def _guard(folder: Path, sizes: Sizes, laps: Laps) -> tuple[list[Figure], list[Table]]:
    """The guard's own work, a whole run, tokens."""
    found = asyncio.run(gate_times(folder, int(sizes["hooks"])))
    found |= text_times(int(sizes["texts"]))
    found["ledger: reserve and settle"] = asyncio.run(
        ledger_times(folder / "state.db", int(sizes["reservations"]))
    )
    tables = [guard_table(found)]
    laps.lap("guard")
    if sizes["runs"]:
        tables.append(whole_table(*whole_runs(int(sizes["runs"]))))
        laps.lap("whole runs")
    if not sizes["tokens"]:
        return [], tables
    asked = first_requests()
    laps.lap("tokens")
    tables.append(token_table(asked, (refusal(folder),)))
    figures = [
        Figure(f"words for safety in our {kind}'s first request", sum(added(text).values()), "tok")
        for kind, text in asked.items()
    ]
    return figures, tables


def measure(sizes: Sizes) -> Result:
    laps = Laps()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        figures, tables = asyncio.run(_walls(Path(folder), sizes, laps))
        more_figures, more_tables = _guard(Path(folder), sizes, laps)
    return Result((*figures, *more_figures), (*tables, *more_tables, laps.table()))


BENCHMARK = Benchmark(
    "what safety costs, beside sandbox-runtime and Codex's sandbox",
    measure,
    sizes={
        "files": 5_000,
        "times": 30,
        "tests": 7,
        "sessions": 7,
        "loops": 2_000,
        "call_rounds": 3,
        "requests": 10,
        "hooks": 30,
        "texts": 7,
        "reservations": 100,
        "runs": 3,
        "tokens": 1,
        "peers": 1,
        "container": 1,
    },
    tiny={
        "files": 40,
        "times": 2,
        "tests": 1,
        "sessions": 1,
        "loops": 200,
        "call_rounds": 1,
        "requests": 2,
        "hooks": 2,
        "texts": 1,
        "reservations": 3,
        "runs": 0,
        "tokens": 0,
        "peers": 0,
        "container": 0,
    },
)
