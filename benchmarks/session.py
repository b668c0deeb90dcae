"""`fix` and `echo50`: what harness adds around a model, told by a scripted server's clock."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.figures import Benchmark, Figure, Result, Sizes
from benchmarks.memory import Watch
from benchmarks.model_server import Asked, ModelServer
from tests.e2e.world import HARNESS, World, call, turn, verdict

CALC = '''"""Small helpers for a ledger."""


def total(amounts):
    """Sum of the amounts."""
    return sum(amounts)


def mean(amounts):
    """Arithmetic mean of the amounts; 0 for an empty ledger."""
    if not amounts:
        return 0
    return total(amounts) / (len(amounts) - 1)
'''
TESTS = """from calc import mean, total


def test_total():
    assert total([1, 2, 3]) == 6


def test_mean():
    assert mean([2, 4, 6]) == 4
"""
# notes how long the tests took, so that it can be told apart from the harness
RUN_TESTS = """#!/bin/bash
began=$EPOCHREALTIME
python3 -B -m pytest -q -p no:cacheprovider
code=$?
echo "$began $EPOCHREALTIME" >> .toolclock
exit $code
"""
FILES = {"calc.py": CALC, "test_calc.py": TESTS, "run_tests.sh": RUN_TESTS}
TEST = "bash run_tests.sh"
PROMPTS = {
    "fix": f"The tests fail. Run `{TEST}`, find and fix the bug in calc.py, run them again.",
    "echo": "Run `echo 1`, `echo 2`, and so on, one command at a time, then finish.",
}
SERVER = """
[roles]
worker = "server"
[models.server]
dialect = "anthropic"
model = "claude-sonnet-4-5"
base_url = "{address}"
"""
AIMS = {"fix": (1_300.0, 2_300.0), "echo": (1_300.0, 9_000.0)}
"""Wall in ms, billed-equivalent tokens."""


def script(kind: str, echoes: int) -> list[dict[str, Any]]:
    """The replies, one call each."""
    done = turn(verdict("done", summary="Done as asked."))
    if kind == "echo":
        calls = [call("bash", command=f"echo {n}") for n in range(1, echoes + 1)]
        return [*(turn(one, text="Next.") for one in calls), done]
    edit = {"old": "(len(amounts) - 1)", "new": "len(amounts)"}
    return [
        turn(call("read", path="calc.py"), text="I read the module first."),
        turn(call("bash", command=TEST), text="Now the failing test."),
        turn(call("edit", path="calc.py", edits=[edit]), text="The divisor is off by one."),
        turn(call("bash", command=TEST), text="Run the tests again."),
        done,
    ]


@dataclass(frozen=True)
class Ran:
    """One session. Times in ms; `gaps` without the time the tests themselves took."""

    start: float
    gaps: tuple[float, ...]
    wall: float
    end: float
    first_tokens: float
    billed: float
    pss_mb: float


def _billed(usage: dict[str, int]) -> float:
    written, read = usage["cache_creation_input_tokens"], usage["cache_read_input_tokens"]
    return usage["input_tokens"] + 1.25 * written + 0.1 * read


def _first_tokens(body: dict[str, Any]) -> float:
    asked = {key: body.get(key) for key in ("tools", "system", "messages")}
    return len(json.dumps(asked, separators=(",", ":"), ensure_ascii=False)) / 4


def _gaps(requests: list[Asked], tests_s: list[float]) -> tuple[float, ...]:
    gaps = [1000 * (later.began - earlier.ended) for earlier, later in pairwise(requests)]
    for at, seconds in zip((1, 3), tests_s, strict=False):
        gaps[at] -= 1000 * seconds
    return tuple(gaps)


def run(kind: str, echoes: int, *, watch_memory: bool) -> Ran:
    """One session of `harness agent` in a new home."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        conversation = {"turns": script(kind, echoes)}
        with ModelServer({"conversations": [conversation]}) as server:
            settings = SERVER.format(address=server.address)
            world = World(Path(folder) / "w", settings=settings, files=FILES)
            env = {**world.env, "ANTHROPIC_API_KEY": "none"}
            began = time.monotonic()
            process = subprocess.Popen(
                [*HARNESS, "agent", "--apply", PROMPTS[kind]],
                cwd=world.repo,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            with Watch(process.pid, every_s=0.02 if watch_memory else 0) as watch:
                said, _ = process.communicate(timeout=600)
            ended = time.monotonic()
            requests = server.requests
        if process.returncode or len(requests) != len(conversation["turns"]):
            raise RuntimeError(f"{kind}: {len(requests)} requests, {said[-2000:]}")
        clock = world.repo / ".toolclock"
        lines = clock.read_text().splitlines() if clock.exists() else []
        tests_s = [float(b) - float(a) for a, b in (line.split() for line in lines)]
        return Ran(
            start=1000 * (requests[0].began - began),
            gaps=_gaps(requests, tests_s),
            wall=1000 * (ended - began),
            end=1000 * (ended - requests[-1].ended),
            first_tokens=_first_tokens(requests[0].body),
            billed=sum(_billed(asked.usage) for asked in requests),
            pss_mb=watch.peak_mb,
        )


def measure(sizes: Sizes) -> Result:
    echoes, runs = int(sizes["echoes"]), int(sizes["runs"])
    figures: list[Figure] = []
    for kind in ("fix", "echo"):
        memory = run(kind, echoes, watch_memory=True)
        ran = [run(kind, echoes, watch_memory=False) for _ in range(runs)]
        name = f"echo{echoes}" if kind == "echo" else kind
        wall, billed = AIMS[kind]
        middle = statistics.median
        gap = middle(g for r in ran for g in r.gaps[1:])
        figures += [
            Figure(f"{name}: start → 1st request", middle(r.start for r in ran), "ms", 900),
            Figure(f"{name}: gap a turn", gap, "ms", 5, "median, tests' own time taken off"),
            Figure(f"{name}: first gap", middle(r.gaps[0] for r in ran), "ms"),
            Figure(f"{name}: last reply → exit", middle(r.end for r in ran), "ms"),
            Figure(f"{name}: wall", middle(r.wall for r in ran), "ms", wall),
            Figure(f"{name}: peak PSS", memory.pss_mb, "MB", 120, "all its processes, own run"),
            Figure(f"{name}: 1st request", memory.first_tokens, "tok", 1_200, "characters / 4"),
            Figure(
                f"{name}: billed-equivalent", memory.billed, "tok", billed, "simulated prefix cache"
            ),
        ]
    return Result(tuple(figures))


BENCHMARK = Benchmark(
    "a session against a scripted server, sandbox on (`harness agent`)",
    measure,
    sizes={"echoes": 50, "runs": 5},
    tiny={"echoes": 2, "runs": 1},
)
