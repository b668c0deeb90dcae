"""Many sub-agents at once, through the whole pipeline: a plan that splits, children as durable
workflows, a clone and a Box each, and a server that thinks for half a second a turn."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.figures import Benchmark, Figure, Result, Sizes
from benchmarks.memory import Watch
from benchmarks.model_server import Asked, ModelServer
from benchmarks.session import SERVER
from tests.e2e.world import APPROVE, HARNESS, World, call, turn, verdict

TASK = "Your task: part"
OPEN = 'policy.plan_approval = "never"\n'


def _task(number: int) -> dict[str, Any]:
    title = f"part {number:02} of many"
    return {"id": str(number), "title": title, "detail": "x", "files": [f"parts/p{number:02}.py"]}


def _child(number: int, turns: int, latency_s: float) -> dict[str, Any]:
    path = f"parts/p{number:02}.py"
    steps = [call("write", path=path, content=f"PART = {number}\n")]
    steps += [call("bash", command=f"echo {n}") for n in range(max(0, turns - 2))]
    steps.append(verdict("done", summary="Written."))
    played = [{**turn(step), "latency_s": latency_s} for step in steps]
    return {"match": {"contains": f"{TASK} {number:02} of many"}, "turns": played}


def _script(agents: int, turns: int, latency_s: float) -> dict[str, Any]:
    triage = verdict(
        "triage", kind="feature", clear=True, difficulty="medium", risk="low", reason="parts"
    )
    tasks = [_task(number) for number in range(agents)]
    plan = verdict("plan", summary="Parts.", tasks=tasks)
    worker = [turn(triage, plan), turn(verdict("done", summary="All parts.", title="Add parts"))]
    kind = turn(verdict("kind", kind="feature"))
    # nobody but the worker said that it is a feature, so the reviewer says it before it reviews
    asked = {"contains": "You will review the change made for it"}
    review = {"match": asked, "turns": [kind, turn(APPROVE)], "repeat_last": True}
    children = [_child(number, turns, latency_s) for number in range(agents)]
    first = {"match": {"contains": "Many parts, please"}, "turns": worker, "repeat_last": True}
    return {"conversations": [*children, review, first]}


def _is_child(asked: Asked) -> bool:
    return TASK in str(asked.body["messages"][0]["content"])


def measure(sizes: Sizes) -> Result:
    agents, turns, latency_s = int(sizes["agents"]), int(sizes["turns"]), sizes["latency_s"]
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        ModelServer(_script(agents, turns, latency_s)) as server,
    ):
        settings = f"{OPEN}{SERVER.format(address=server.address)}"
        world = World(Path(folder) / "w", settings=settings)
        world.begin("Many parts, please", "One file for each part.")
        env = {**world.env, "ANTHROPIC_API_KEY": "none"}
        began = time.monotonic()
        process = subprocess.Popen(
            [*HARNESS, "run", "--once"],
            cwd=world.repo,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with Watch(process.pid, every_s=3) as watch:
            said, _ = process.communicate(timeout=900)
        whole = time.monotonic() - began
        found = world.status().get(1, {})
        requests = server.requests
    children = [asked for asked in requests if _is_child(asked)]
    before = [asked for asked in requests if not _is_child(asked)]
    if len(children) != agents * turns or found.get("state") != "done":
        raise RuntimeError(f"{len(children)} turns, {found.get('why')}, {said[-2000:]}")
    return _figures(children, before[0].ended, sizes, whole, watch.peak_mb)


def _figures(
    children: list[Asked], delegated: float, sizes: Sizes, whole: float, peak_mb: float
) -> Result:
    """`delegated`: the plan was sent; from there clones and Boxes count."""
    last = max(asked.ended for asked in children)
    first = min(asked.began for asked in children)
    ideal = sizes["turns"] * sizes["latency_s"]
    name = f"{sizes['agents']:.0f} sub-agents x {sizes['turns']:.0f} turns"
    load = f"{os.cpu_count()} cores; server and sub-agents share them"
    return Result(
        (
            Figure(name, last - delegated, "s", 1.2 * ideal, load),
            Figure("against the ideal", (last - delegated) / ideal, "x", 1.2, f"{ideal:g} s"),
            Figure("of it before the first asks", first - delegated, "s", None, "plan to children"),
            Figure("the whole run, to the merge", whole, "s"),
            Figure("peak PSS, all of it", peak_mb, "MB", 300),
        )
    )


BENCHMARK = Benchmark(
    "sub-agents at once, a clone and a Box each",
    measure,
    sizes={"agents": 25, "turns": 20, "latency_s": 0.5},
    tiny={"agents": 3, "turns": 2, "latency_s": 0.05},
)
