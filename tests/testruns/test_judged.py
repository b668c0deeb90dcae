"""The base's tests over a change: what a plan that a person approved names may fail, and a case
that a new row renumbers is no lost test. In a real sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.types import Plan, Run
from harness.pipeline.job import Job
from harness.pipeline.verification.judging import Sides, base_judges, own_tests
from tests.testruns.suites import PYTEST, job

MIXIN = {
    "pkg.py": "LIMIT = 1\n",
    "tests/__init__.py": "",
    "tests/base.py": "import pkg\nclass Mixin:\n    def test_x(self):\n"
    "        assert pkg.LIMIT == 1\n    def test_y(self):\n        assert pkg.LIMIT == 1\n",
    "tests/test_a.py": "from tests.base import Mixin\nclass TestOne(Mixin): ...\n",
}


def plan_of(*tests: str) -> Plan:
    changes = [{"test": test, "why": "asked"} for test in tests]
    return Plan.model_validate({"summary": "s", "tasks": (), "test_changes": changes})


async def approved(work: Job, plan: Plan, by: str) -> Job:
    run = Run.model_validate(work.run.model_dump() | {"approvals": {plan.hash: by}})
    return Job(work.deps, run)


def sides(base: str, product: str, change: str, *files: str) -> Sides:
    return Sides(
        tree=change,
        base=base,
        product=product,
        changes=(),
        product_paths=(),
        test_files=files,
        other_tests=(),
        texts={},
    )


@pytest.mark.parametrize(
    ("tests", "by", "held"),
    [
        (("tests/base.py::Mixin::test_x", "Mixin::test_y"), "ann", ""),
        (("tests/base.py::Mixin::test_x",), "ann", "test_y"),
        (("tests/base.py::Mixin::test_x", "Mixin::test_y"), "policy", "test_x test_y"),
    ],
)
async def test_a_plan_names_an_inherited_test_where_it_is_written(
    tmp_path: Path, tests: tuple[str, ...], by: str, held: str
) -> None:
    plan = plan_of(*tests)

    async def go() -> str:
        async with job(tmp_path, MIXIN) as (work, trees):
            product = trees.of({**MIXIN, "pkg.py": "LIMIT = 2\n"})
            mine = await approved(work, plan, by)
            found, _ = await base_judges(
                mine, sides(work.run.base_sha, product, product), PYTEST, plan
            )
            return " ".join(str(f.say.facts) for f in found)

    said = await go()
    for name in ("test_x", "test_y"):
        assert (f"tests/test_a.py::TestOne::{name}" in said) == (name in held)


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ("['b'], ['a'], ['c']", ""),
        ("['b']", "pipeline.tests_lost"),
        ("['b'], pytest.param(['a'], marks=pytest.mark.skip)", "pipeline.tests_silenced"),
    ],
)
async def test_a_row_before_others_is_no_loss(tmp_path: Path, rows: str, key: str) -> None:
    text = "import pytest\n@pytest.mark.parametrize('v', [{}])\ndef test_v(v):\n    assert v\n"
    base = {"test_v.py": text.format("['a'], ['b']")}

    async def go() -> list[str]:
        async with job(tmp_path, base) as (work, trees):
            start = work.run.base_sha
            tree = trees.of({"test_v.py": text.format(rows)})
            found, _ = await own_tests(
                work, sides(start, start, tree, "test_v.py"), PYTEST, plan_of()
            )
            return [f.say.key for f in found]

    assert await go() == ([key] if key else [])
