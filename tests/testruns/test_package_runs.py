"""Suites of several packages, run in a real sandbox: the base's results are kept by package."""

from __future__ import annotations

from pathlib import Path

from harness.core.types import BoxLimits, Layout
from harness.pipeline.verification.evidence import Suite, base_tests, compare_evidence, run_suite
from harness.sandbox.box import PipeBox
from harness.sandbox.bubblewrap import Bubblewrap
from harness.testruns.suite_command import together
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
