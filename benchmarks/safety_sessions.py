"""What a command costs in each way of running it, and what a session's Box costs."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.figures import Table, shown
from benchmarks.parts import git, repository, workspace
from benchmarks.safety_rounds import NOTHING, Times, more, over, taken, turns
from benchmarks.safety_ways import NO_WALL, PLAIN, Kind, Shell
from harness.core.types import Layout

FIRST = "true"
TESTS = """import pytest
from part0 import adding


@pytest.mark.parametrize("n", range(20))
def test_adds(n: int) -> None:
    assert adding.add(n, 1) == n + 1
"""


def project(folder: Path, files: int) -> Path:
    """A repository of `files` files; twenty of them are searched, and it has a quick test."""
    made = repository(folder, files, 2_000)
    (made / "part0" / "adding.py").write_text("def add(a, b):\n    return a + b\n")
    (made / "test_adding.py").write_text(TESTS)
    for number in range(20):
        with (made / "part0" / f"file{number}.txt").open("a") as file:
            file.write("def needle():\n    return 1\n")
    git(made, "add", "--all")
    git(made, "commit", "--quiet", "--message", "what is searched and tested")
    return made


def commands(python: str) -> dict[str, str]:
    """What is run in every way: name -> command."""
    names = " ".join(f"part0/file{n}.txt" for n in range(20))
    quiet = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1"
    return {
        "`true`": "true",
        "grep, 20 files": f"grep -n needle {names}",
        "pytest, 20 tests": f"{quiet} {python} -B -m pytest -q -p no:cacheprovider",
    }


# ------------------------------------------------------------ a command


async def command_times(
    shells: Mapping[str, Shell], wanted: Mapping[str, tuple[str, int]]
) -> dict[str, dict[str, Times]]:
    """Command's name -> way -> its times. `wanted`: name -> (command, how often). RuntimeError
    when a command does not do in one way what it does in all others."""
    found: dict[str, dict[str, Times]] = {}
    for name, (command, times) in wanted.items():

        async def checked(shell: Shell, command: str = command) -> None:
            code, said = await shell(command)
            if code:
                raise RuntimeError(f"{command}: {code}: {said[-500:]}")

        actions = {way: functools.partial(checked, shell) for way, shell in shells.items()}
        await taken(actions, 1)  # warm
        found[name] = await taken(actions, times)
    return found


def command_table(
    found: Mapping[str, Mapping[str, Times]], missing: Mapping[str, str], files: int
) -> Table:
    """A row a way: median and p95, and how many times the plain process."""
    head = ["a command, ms: median (p95)"]
    for name in found:
        head += [name, "over plain"]
    ways = next(iter(found.values()))
    rows = []
    for way in ways:
        cells = [way]
        for times in found.values():
            base = times[PLAIN].median_ms
            cells += [times[way].cell(), over(times[way].median_ms, base)]
        rows.append(tuple(cells))
    rows += [(way, f"not here: {why}", *[""] * (len(head) - 2)) for way, why in missing.items()]
    counts = ", ".join(str(len(times[PLAIN].seconds)) for times in found.values())
    title = f"A command in a tree of {files:,} files ({counts} rounds in turns):"
    return Table(title, tuple(head), tuple(rows))


# ------------------------------------------------------------ a session


async def session_times(
    root: Path, source: Path, kinds: Sequence[Kind], times: int
) -> tuple[Times, dict[str, dict[str, Times]]]:
    """(a clone, kind -> part of a session -> its times). One clone a round, for all kinds in
    turn: nothing in it is changed, and making it is the longest part."""
    place = workspace(root, source)
    await place.sync()
    base = await place.resolve("main")
    tree = await place.tree_of(base)
    clones: list[float] = []
    seconds: dict[str, list[list[float]]] = {kind.name: [] for kind in kinds}
    for number in range(times + 1):  # the first warms and is not counted
        began = time.monotonic()
        copy = await place.copy(f"bench{number}", tree, base)
        layout = await place.layout(copy, await place.environment(base))
        clones.append(time.monotonic() - began)
        for kind in turns(kinds, number):
            seconds[kind.name].append(await _session(kind, layout))
        await copy.remove()
    return Times(tuple(clones[1:])), {
        name: {part: Times(tuple(one[at] for one in rounds[1:])) for at, part in enumerate(PARTS)}
        for name, rounds in seconds.items()
    }


async def _session(kind: Kind, layout: Layout) -> list[float]:
    """Seconds of each part."""
    laps = [time.monotonic()]
    async with kind.opened(layout) as shell:
        laps.append(time.monotonic())
        code, said = await shell(FIRST)
        laps.append(time.monotonic())
    laps.append(time.monotonic())
    if code:
        raise RuntimeError(f"{kind.name}: {said[-500:]}")
    return [ended - began for began, ended in pairwise(laps)]


PARTS = ("open", "first command", "close")


def session_table(clone: Times, found: Mapping[str, Mapping[str, Times]], files: int) -> Table:
    """A row a kind, and what it asks for more than no wall at all."""
    rows = []
    for kind, parts in found.items():
        sums = whole(parts)
        extra = NOTHING if kind == NO_WALL else more(sums, whole(found[NO_WALL]))
        rows.append((kind, *(parts[part].cell() for part in PARTS), shown(sums), extra))
    rows.append(("for each of them, its clone", clone.cell(), *[""] * (len(PARTS) + 1)))
    head = ("a session, ms: median (p95)", *PARTS, "together", "over no wall")
    title = f"A session over a clone of {files:,} files ({len(clone.seconds)} rounds in turns):"
    return Table(title, head, tuple(rows))


def whole(parts: Mapping[str, Times]) -> float:
    """A session with one command and nothing else, in ms, without its clone."""
    return sum(parts[part].median_ms for part in PARTS)


def until(parts: Mapping[str, Times], held: Times, each: Times) -> int:
    """From how many commands on opening once is less than paying each time; 0: never."""
    saved = each.median_ms - held.median_ms
    once = parts["open"].median_ms + parts["close"].median_ms
    return math.ceil(once / saved) if saved > 0 else 0
