"""Suites that end early, break or hide: what they still show, and the sentence where they do not.
In a real sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.core.types import BoxLimits, Evidence, LocalizedText, Tally
from harness.i18n.catalogue import Catalogue
from harness.pipeline.verification.evidence import Suite, base_tests, compare_evidence, run_suite
from harness.testruns.reports import Compared
from tests.testruns.suites import PYTEST, job

SHORT = BoxLimits(command_s=12)
RIGHT = "def double(n):\n    return 2 * n\n"
WRONG = "def double(n):\n    return n\n"
TESTED = "from calc import double\n\ndef test_double():\n    assert double(2) == 4\n"
TESTED_ID = "tests/test_z.py::test_double"
START = {"calc.py": RIGHT, "conftest.py": "", "tests/test_z.py": TESTED}
"""The regression is in calc.py; each suite hides tests/test_z.py, which would show it."""


def sentence(say: LocalizedText) -> str:
    return Catalogue("en")(say.key, **say.facts)


async def both(
    root: Path, files: Mapping[str, str], tests: Suite = PYTEST, **more: object
) -> tuple[Evidence, Evidence, Compared]:
    """The suite on the base, on the change with the regression, and the two compared."""

    async def go() -> tuple[Evidence, Evidence]:
        base = {**START, **files}
        async with job(root, base, **more) as (work, trees):  # type: ignore[arg-type]
            first = await base_tests(work, tests)
            second = await run_suite(work, tests, "change", trees.of({**base, "calc.py": WRONG}))
            assert await run_suite(work, tests, "change", second.tree) == second
            return first, second

    base, change = await go()
    seen = compare_evidence(base, change)
    assert seen is not None
    return base, change, seen


def tally(evidence: Evidence) -> Tally:
    assert evidence.tests is not None
    return evidence.tests


COMPARED = {
    "a file that cannot be collected": (
        {"tests/test_a.py": "import nothing_like_it\n"},
        {"tests/test_a.py": "could not be collected: ModuleNotFoundError: "
         "No module named 'nothing_like_it'"},
    ),
    "stops at the first failure": (
        {"tests/test_a.py": "def test_a():\n    assert 0\n",
         "pytest.ini": "[pytest]\naddopts=-x\n"},
        {},
    ),
    "stops after some": (
        {
            "tests/test_a.py": "def test_a():\n    assert 0\n",
            "pytest.ini": "[pytest]\naddopts=--maxfail=1\n",
        },
        {},
    ),
    "stepwise": (
        {"tests/test_a.py": "def test_a():\n    assert 0\n",
         "pytest.ini": "[pytest]\naddopts=--stepwise\n"},
        {},
    ),
    "ends the interpreter": (
        {"tests/test_a.py": "import os\n\ndef test_fine():\n    pass\n\n"
         "def test_a():\n    os._exit(3)\n"},
        {"tests/test_a.py": "ended the interpreter (exit 3)"},
    ),
    "ends it with success": (
        {"tests/test_a.py": "import os\n\ndef test_a():\n    os._exit(0)\n"},
        {"tests/test_a.py": "ended the interpreter (exit 0)"},
    ),
    "ends it while it is collected": (
        {"tests/test_a.py": "import os\nos._exit(5)\n"},
        {"tests/test_a.py": "ended the interpreter (exit 5)"},
    ),
    "a signal": (
        {"tests/test_a.py": "import os, signal\n\ndef test_a():\n"
         "    os.kill(os.getpid(), signal.SIGSEGV)\n"},
        {"tests/test_a.py": "ended the interpreter (exit 139)"},
    ),
    "leaves pytest": (
        {"tests/test_a.py": "import pytest\n\ndef test_a():\n    pytest.exit('enough')\n"},
        {"tests/test_a.py": "stopped before all of its tests had a result (exit 2)"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "said"), COMPARED.values(), ids=COMPARED)
async def test_what_hides_the_rest_is_set_aside(
    tmp_path: Path, files: dict[str, str], said: dict[str, str]
) -> None:
    base, change, seen = await both(tmp_path, files)
    assert tally(base).outcomes[TESTED_ID] == "passed"
    assert tally(change).outcomes[TESTED_ID] == "failed"
    assert TESTED_ID in seen.newly_failing
    assert {file: sentence(say) for file, say in seen.unseen.items()} == said


async def test_a_suite_that_hangs_is_run_by_its_files(tmp_path: Path) -> None:
    hangs = {"tests/test_a.py": "import time\n\ndef test_a():\n    time.sleep(600)\n"}
    _, change, seen = await both(tmp_path, hangs, limits=SHORT)
    assert change.timed_out
    assert seen.newly_failing == {TESTED_ID}
    assert {f: sentence(say) for f, say in seen.unseen.items()} == {
        "tests/test_a.py": "ran out of time"
    }


SAID = {
    "no tests on either side": ({"tests/test_z.py": ""}, PYTEST, "no test ran"),
    "exit without a report": (
        {},
        Suite(command="exit 2", reporter="pytest"),
        "wrote no report (exit 2)",
    ),
    "no such runner": (
        {},
        Suite(command="no-such-runner", reporter="pytest"),
        "the runner could not be started (exit 127)",
    ),
    "success without a report": (
        {},
        Suite(command="true", reporter="pytest"),
        "wrote no report (exit 0)",
    ),
    "no names": (
        {},
        Suite(command="true", reporter="none"),
        "its runner reports no results of single tests",
    ),
    "setup only": ({"pytest.ini": "[pytest]\naddopts=--setup-only\n"}, PYTEST, None),
    "collect only": ({"pytest.ini": "[pytest]\naddopts=--collect-only\n"}, PYTEST, None),
    "an unknown option": ({"pytest.ini": "[pytest]\naddopts=--no-such\n"}, PYTEST, None),
    "a broken conftest": ({"conftest.py": "import nothing_like_it\n"}, PYTEST, None),
}


@pytest.mark.parametrize(("files", "tests", "said"), SAID.values(), ids=SAID)
async def test_what_shows_nothing_is_said(
    tmp_path: Path, files: dict[str, str], tests: Suite, said: str | None
) -> None:
    _, _, seen = await both(tmp_path, files, tests)
    assert not seen.newly_failing
    assert seen.unseen
    sentences = {sentence(say) for say in seen.unseen.values()}
    print(sentences)
    if said is not None:
        assert sentences == {said}


async def test_no_pytest(tmp_path: Path) -> None:
    base, _, seen = await both(tmp_path, {}, has_pytest=False)
    assert "No module named pytest" in base.output
    assert {f: sentence(say) for f, say in seen.unseen.items()} == {
        "": "the runner could not be started (exit 1)"
    }


async def test_an_empty_submodule_is_a_file_that_cannot_be_collected(tmp_path: Path) -> None:
    """Its folder is there, and nothing in it."""
    files = {"tests/test_a.py": "from vendored.thing import x\n", "vendored/.gitkeep": ""}
    _, _, seen = await both(tmp_path, files)
    assert seen.newly_failing == {TESTED_ID}
    assert sentence(seen.unseen["tests/test_a.py"]) == (
        "could not be collected: ModuleNotFoundError: No module named 'vendored.thing'"
    )


async def test_two_classes_that_inherit_one_test_are_two(tmp_path: Path) -> None:
    files = {
        "tests/base.py": "from calc import double\n\nclass Base:\n    n = 0\n"
        "    def test_n(self):\n        assert double(self.n) == 2 * self.n\n",
        "tests/test_c.py": "from base import Base\n\nclass TestNil(Base):\n    pass\n\n"
        "class TestOne(Base):\n    n = 1\n",
    }
    _, change, seen = await both(tmp_path, files)
    assert tally(change).outcomes == {
        "tests/test_c.py::TestNil::test_n": "passed",
        "tests/test_c.py::TestOne::test_n": "failed",
        TESTED_ID: "failed",
    }
    assert seen.newly_failing == {"tests/test_c.py::TestOne::test_n", TESTED_ID}


async def test_a_command_that_hides_our_plugin_is_run_without_it(tmp_path: Path) -> None:
    own = Suite(command="PYTHONPATH=/opt/harness/pytest python3 -m pytest", reporter="pytest")
    base, _, seen = await both(tmp_path, {}, own)
    assert "harness_probe" not in base.output
    assert seen.newly_failing == {TESTED_ID}
    assert not seen.unseen


async def test_a_part_in_a_folder_has_its_names_from_the_top(tmp_path: Path) -> None:
    files = {
        "back/test_a.py": "def test_a():\n    pass\n",
        "back/pytest.ini": "[pytest]\n",
        "back/test_b.py": "import nothing_like_it\n",
    }
    tests = Suite(
        command="fail=0\n(cd back && python3 -m pytest) || fail=$?\n"
        "(python3 -m pytest tests) || fail=$?\nexit $fail",
        reporter="pytest",
    )
    _, change, seen = await both(tmp_path, files, tests)
    assert tally(change).outcomes == {
        "back/test_a.py::test_a": "passed",
        "back/test_b.py": "error",
        TESTED_ID: "failed",
    }
    assert set(seen.unseen) == {"back/test_b.py"}
