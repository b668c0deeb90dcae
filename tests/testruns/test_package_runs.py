"""Suites of several packages, run in a real sandbox: the base's results are kept by package."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from harness.core.types import BoxLimits, CommandResult, FileChange, Layout, Plan
from harness.pipeline.job import Job
from harness.pipeline.verification.evidence import Suite, base_tests, compare_evidence, run_suite
from harness.pipeline.verification.judging import Sides, base_judges, suite_of
from harness.sandbox.box import PipeBox
from harness.sandbox.bubblewrap import Bubblewrap
from harness.testruns.suite_command import folders_of, together
from tests.testruns.suites import job

BASE = {
    "a/src/calc.py": "def double(n):\n    return n * 2\n",
    "a/tests/test_calc.py": "import sys\nsys.path.insert(0, 'src')\nimport calc\n"
    "def test_double():\n    assert calc.double(2) == 4\n",
    "b/tests/test_calc.py": "def test_b():\n    pass\ndef test_red():\n    assert 0\n",
    "empty/notes.py": "",
}
RESULTS = {
    "a/tests/test_calc.py::test_double": "passed",
    "b/tests/test_calc.py::test_b": "passed",
    "b/tests/test_calc.py::test_red": "failed",
}


class Counted(Bubblewrap):
    """Counts what it opens."""

    opened = 0

    async def open(self, layout: Layout, limits: BoxLimits) -> PipeBox:
        self.opened += 1
        return await super().open(layout, limits)


def suite(*folders: str) -> Suite:
    parts = [f"cd {folder} && python3 -m pytest" for folder in folders]
    return Suite(command=together(parts), reporter="pytest")


async def test_each_package_is_run_and_kept_by_itself(tmp_path: Path) -> None:
    box = Counted()
    async with job(tmp_path, BASE, sandbox=box) as (work, trees):
        base = await base_tests(work, suite("a", "b", "empty"))
        assert base.tests is not None
        assert (base.tests.outcomes, base.tests.unseen) == (RESULTS, {})
        ran = box.opened
        # another change touches another package: nothing of the base is run again
        again = await base_tests(work, suite("b", "empty", "a"))
        assert (again.tests, box.opened) == (base.tests, ran)
        wrong = {**BASE, "a/src/calc.py": "def double(n):\n    return n\n"}
        change = await run_suite(work, suite("a", "b"), "change", trees.of(wrong))
    both = compare_evidence(base, change)
    assert both is not None
    assert both.newly_failing == {"a/tests/test_calc.py::test_double"}
    assert (both.lost, both.unseen) == (frozenset(), {})


CALC = "def double(n):\n    return n * 2\n"
USES = (
    "import sys\nsys.path.insert(0, '../core')\nimport calc\ndef test_it():\n    calc.double(1)\n"
)
THREE = {
    "core/calc.py": CALC,
    "core/test_calc.py": "import calc\ndef test_core():\n    assert calc.double(2) == 4\n",
    "core/pyproject.toml": '[project]\nname = "core"\n',
    "a_far/test_far.py": "def test_far():\n    pass\n",
    "b_user/requirements.txt": "-e ../core\n",
    "b_user/test_user.py": USES,
}


@dataclass
class Late:
    """A Box in which the tests of all packages but one end by time at once."""

    box: PipeBox

    async def exec(self, command: str, *, timeout_s: float) -> CommandResult:
        if "cd core && " in command:
            return await self.box.exec(command, timeout_s=timeout_s)
        late = {"exit_code": 137, "timed_out": True, "duration_s": timeout_s}
        return CommandResult.model_validate({**late, "output": "", "cwd": ""})

    async def close(self) -> None:
        await self.box.close()


class Slow(Bubblewrap):
    """Opens such Boxes."""

    async def open(self, layout: Layout, limits: BoxLimits) -> PipeBox:
        return cast(PipeBox, Late(await super().open(layout, limits)))


async def test_the_gate_holds_for_what_no_time_was_left_for(tmp_path: Path) -> None:
    async with job(tmp_path, THREE, sandbox=Slow()) as (given, trees):
        tests = suite("a_far", "b_user", "core")
        policy = given.policy.model_copy(
            update={"test_command": tests.command, "reporter": tests.reporter}
        )
        work = Job(replace(given.deps, policy=policy), given.run)
        tree = trees.of({**THREE, "core/calc.py": CALC + "\n"})
        sides = Sides(
            tree=tree,
            base=given.run.base_sha,
            product=tree,
            changes=(FileChange(path="core/calc.py", status="modified"),),
            product_paths=("core/calc.py",),
            test_files=(),
            other_tests=(),
            texts={},
        )
        ordered = await suite_of(work, sides)
        assert folders_of(ordered.command) == ("core", "b_user", "a_far")
        found, _ = await base_judges(work, sides, ordered, Plan(summary="", tasks=()))
        ran = [one for one in await work.deps.store.evidence(work.run.id) if one.side == "product"]
    # what the change does not reach is noted, and nothing of the rest counts as passed
    assert [(one.source, one.path) for one in found] == [("unseen", "b_user/test_user.py")]
    assert ran[0].tests is not None
    assert ran[0].tests.outcomes == {"core/test_calc.py::test_core": "passed"}
    assert set(ran[0].tests.unseen) == {"a_far/test_far.py", "b_user/test_user.py"}
