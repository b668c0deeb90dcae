"""What counts as a difference between worlds, by tests whose ends are made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

from harness.core.types import Tally, Trace
from harness.pipeline.job import Job
from harness.pipeline.proof.perturbing import Perturbed, perturb
from harness.pipeline.proof.trials import Budget, Seen, Subject
from harness.pipeline.proof.worlds import SAME, World
from harness.pipeline.verification.evidence import Suite
from harness.testruns.reports import LONGEST_ID
from tests.security.town import TownClock

OWN, BESIDE = "tests/test_own.py", "tests/test_beside.py"
Ends = Callable[[World, bool, int], str]
"""(world, whether it is the base, how many runs were before) -> how every test ends."""


@dataclass(frozen=True)
class Played(Subject):
    """Tests that end as they are told."""

    ends: Ends = lambda world, base, number: "passed"
    asked: list[str] = field(default_factory=list)
    names: tuple[str, ...] = ("test_a", "test_b")
    orders: list[tuple[str, ...]] = field(default_factory=list)

    async def run(
        self,
        tree: str,
        budget: Budget,
        *,
        trace: Trace | None = None,
        world: World = SAME,
    ) -> Seen:
        said = self.ends(world, tree == "base", len(self.asked))
        self.asked.append(world.name)
        self.orders.append(world.order)
        if said == "late":
            return Seen(tally=None, seconds=1.0, timed_out=True)
        tests = [f"{file}::{name}" for file in self.files for name in self.names]
        tally = Tally.model_validate({"outcomes": dict.fromkeys(tests, said)})
        return Seen(tally=tally, seconds=1.0)


class Files:
    async def files(self, tree: str) -> tuple[str, ...]:
        return (BESIDE, "tests/test_more.py") if tree == "base" else (OWN, BESIDE)


async def played(
    ends: Ends, sandbox: str = "bubblewrap", command: str = "python3 -m pytest"
) -> Perturbed:
    return await perturb(played_by(ends, sandbox, command), (OWN,), Budget(TownClock(), 1000.0))


def played_by(
    ends: Ends,
    sandbox: str = "bubblewrap",
    command: str = "python3 -m pytest",
    names: tuple[str, ...] = ("test_a", "test_b"),
) -> Played:
    deps = SimpleNamespace(workspace=Files(), sandbox=SimpleNamespace(name=sandbox))
    job = cast(Job, SimpleNamespace(deps=deps, run=SimpleNamespace(base_sha="base")))
    suite = Suite(command=command, reporter=command.split()[-1])
    return Played(job, "change", {}, suite, (OWN, BESIDE), ends=ends, names=names)


def keys(found: Perturbed) -> tuple[list[str], list[str]]:
    """Worlds that are held, and what is said not to have been tried."""
    held = [finding.say.key.removeprefix("proof.world_") for finding in found.held]
    return held, [text.key for text in found.untried]


def failing_in(name: str, *, base: bool = False) -> Ends:
    def ends(world: World, is_base: bool, number: int) -> str:
        hit = world.name in (name, "together" if name != "path" else name)
        return "failed" if hit and (base or not is_base) else "passed"

    return ends


async def test_what_ends_the_same_everywhere_is_no_difference() -> None:
    assert keys(await played(lambda world, base, number: "passed")) == ([], [])


async def test_what_differs_in_one_world_is_held_by_its_name() -> None:
    for name in ("zone", "locale", "person", "folder", "order", "path"):
        assert keys(await played(failing_in(name))) == ([name], [])


async def test_what_differs_in_all_together_alone_is_held() -> None:
    assert keys(await played(failing_in("together"))) == (["together"], [])


async def test_a_world_that_the_base_does_not_bear_says_nothing() -> None:
    for name in ("zone", "path"):
        found = keys(await played(failing_in(name, base=True)))
        assert found == ([], ["proof.world_untried"])


async def test_what_fails_now_and_then_is_no_difference() -> None:
    def once(world: World, base: bool, number: int) -> str:
        return "failed" if number == 2 else "passed"

    def unsteady(world: World, base: bool, number: int) -> str:
        return "failed" if number else "passed"

    assert keys(await played(once))[0] == []
    assert keys(await played(unsteady))[0] == []


async def test_a_test_that_skips_itself_elsewhere_is_no_difference() -> None:
    def skips(world: World, base: bool, number: int) -> str:
        return "passed" if world is SAME else "skipped"

    assert keys(await played(skips)) == ([], [])


async def test_what_there_was_no_time_for_is_said() -> None:
    def late(world: World, base: bool, number: int) -> str:
        return "late" if world.name in ("together", "zone") else "passed"

    assert keys(await played(late)) == ([], ["proof.no_time_world"])


async def test_what_cannot_be_made_is_said() -> None:
    assert keys(await played(well, sandbox="bare")) == ([], ["proof.world_untried"] * 2)
    assert keys(await played(well, command="npx mocha")) == ([], ["proof.world_untried"])


def in_order(subject: Played) -> set[str]:
    """Everything that a run was given in an order."""
    return {test for order in subject.orders for test in order}


async def test_an_id_that_was_cut_is_asked_for_by_its_function() -> None:
    subject = played_by(well, names=("test_a", f"test_b[{'x' * 1000}"[:LONGEST_ID], "test_c[1]"))
    assert keys(await perturb(subject, (OWN,), Budget(TownClock(), 1000.0))) == ([], [])
    assert in_order(subject) == {f"{OWN}::test_{name}" for name in "abc"}


async def test_many_values_of_a_function_are_asked_for_by_it() -> None:
    subject = played_by(well, names=(*(f"test_a[{n}]" for n in range(300)), "test_b"))
    assert keys(await perturb(subject, (OWN,), Budget(TownClock(), 1000.0))) == ([], [])
    assert in_order(subject) == {f"{OWN}::test_a", f"{OWN}::test_b"}


async def test_more_tests_than_a_command_takes_are_not_tried_in_another_order() -> None:
    subject = played_by(well, names=tuple(f"test_{n}" for n in range(300)))
    found = keys(await perturb(subject, (OWN,), Budget(TownClock(), 1000.0)))
    assert found == ([], ["proof.world_untried"])


async def test_a_base_with_many_tests_is_asked_in_an_order_too() -> None:
    subject = played_by(
        failing_in("order", base=True), names=tuple(f"test_{n}" for n in range(150))
    )
    found = keys(await perturb(subject, (OWN,), Budget(TownClock(), 1000.0)))
    assert found == ([], ["proof.world_untried"])
    assert len(subject.orders[-1]) == 200
    assert OWN not in {test.partition("::")[0] for test in subject.orders[-1]}


def well(world: World, base: bool, number: int) -> str:
    return "passed"
