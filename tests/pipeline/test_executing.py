"""Which tests are asked about a part, from what a traced run told. No sandbox is opened."""

from __future__ import annotations

from typing import cast

import pytest

from harness.core.change_proof import Seen
from harness.core.types import Tally
from harness.pipeline.job import Job
from harness.pipeline.proof.executing import Executed
from harness.pipeline.proof.trials import Budget, Subject
from harness.pipeline.verification.evidence import Suite
from harness.proof.reach import Lines, Reach
from harness.system.clock import SystemClock

ONE, CASE, OTHER, FAR = (
    "tests/test_a.py::test_one",
    "tests/test_a.py::test_cases[1]",
    "tests/test_b.py::test_other",
    "tests/test_c.py::test_far",
)
FILES = ("tests/test_a.py", "tests/test_b.py", "tests/test_c.py")
SUBJECT = Subject(
    job=cast("Job", None),
    tree="t",
    texts={},
    suite=Suite(command="python3 -m pytest", reporter="pytest"),
    files=FILES,
)
TALLY = Tally(
    outcomes=dict.fromkeys((ONE, CASE, OTHER, FAR), "passed"),
    lines={
        ONE: {"p.py": ((3, 3), (4, 5))},
        CASE: {"p.py": ((3, 3),)},
        OTHER: {"p.py": ((20, 21),)},
        FAR: {},
    },
    shared={"p.py": ((40, 40),)},
)
AROUND: Lines = {"p.py": ((3, 9),)}


async def asked(reach: Reach | None, tally: Tally = TALLY) -> tuple[Subject, Seen]:
    executed = Executed(SUBJECT, Seen(tally=tally, seconds=1))
    return await executed.of(reach, Budget(SystemClock(), 60))


@pytest.mark.parametrize(
    ("reach", "tests"),
    [
        (Reach({"p.py": ((20, 25),)}, {}), (OTHER,)),
        (Reach(AROUND, {}), ("tests/test_a.py::test_cases", ONE)),
        (Reach(AROUND, {"p.py": ((5, 5),)}), (ONE,)),
        (Reach(AROUND, {"p.py": ((8, 8),)}), ("tests/test_a.py::test_cases", ONE)),
    ],
    ids=["one function", "function", "own lines", "own lines that nothing ran"],
)
async def test_those_that_ran_it(reach: Reach, tests: tuple[str, ...]) -> None:
    subject, before = await asked(reach)
    assert subject.tests == tests
    assert subject.files == tuple(dict.fromkeys(test.partition("::")[0] for test in tests))
    assert {test.partition("[")[0] for test in before.passed} == set(tests)


@pytest.mark.parametrize(
    "reach",
    [None, Reach({"p.py": ((30, 35),)}, {}), Reach({"p.py": ((36, 44),)}, {}), Reach({}, {})],
    ids=["not told", "nothing ran it", "ran while loading", "nothing to run"],
)
async def test_all_where_it_cannot_be_told(reach: Reach | None) -> None:
    subject, before = await asked(reach)
    assert (subject.tests, subject.files) == ((), FILES)
    assert len(before.passed) == 4


async def test_a_test_that_was_not_measured_is_asked_too() -> None:
    lines = {test: ran for test, ran in TALLY.lines.items() if test != FAR}
    subject, _ = await asked(
        Reach({"p.py": ((20, 21),)}, {}), TALLY.model_copy(update={"lines": lines})
    )
    assert subject.tests == (OTHER, FAR)


async def test_many_tests_are_asked_by_their_files() -> None:
    lines = {f"tests/test_a.py::test_{n}": {"p.py": ((3, 3),)} for n in range(50)}
    tally = Tally(outcomes={**dict.fromkeys(lines, "passed"), FAR: "passed"}, lines=lines)
    tally = tally.model_copy(update={"lines": {**lines, FAR: {}}})
    subject, before = await asked(Reach(AROUND, {}), tally)
    assert (subject.tests, subject.files) == ((), ("tests/test_a.py",))
    assert before.passed == frozenset(lines)
