"""Chosen files, what their tests ran, tests run again, and runners besides pytest. In a real
sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.core.types import Evidence, Tally, Trace
from harness.pipeline.verification.evidence import (
    Newly,
    Suite,
    Trial,
    attempt,
    base_tests,
    compare_evidence,
    is_green,
    is_red,
    rerun,
    run_files,
    run_suite,
)
from tests.testruns.suites import PYTEST, UNITTEST, job

PRODUCT = """\
import functools

LIMIT = 3

def cached(function):
    @functools.wraps(function)
    def inner(n):
        return function(n)
    return inner

class Counter:
    def __init__(self):
        self.seen = []

    @property
    def last(self):
        return self.seen[-1]

    def add(self, n):
        if n > LIMIT:
            raise ValueError(
                "too many",
            )
        self.seen.append(n)
        return self

@cached
def double(n):
    return sum(
        n
        for _ in range(2)
    )

def lazily(n):
    yield n
    yield n + 1

def unused():
    return 1
"""
TESTS = """\
import subprocess, sys, threading
import pytest
from pkg.product import Counter, double, lazily

@pytest.fixture
def counter():
    return Counter()

def test_nothing():
    assert 1

def test_double():
    assert double(2) == 4

def test_raises(counter):
    counter.add(5)

def test_last(counter):
    assert counter.add(1).last == 1

def test_thread():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(double(1)))
    thread.start()
    thread.join()
    assert seen == [2]

def test_apart():
    code = "from pkg.product import unused; unused()"
    subprocess.run([sys.executable, "-c", code], check=True)

def test_generator():
    assert list(lazily(1)) == [1, 2]

def test_own_tracer():
    sys.settrace(None)
"""
LINES = {"pkg/product.py": ((23, 23), (30, 31), (35, 36))}
TRACED = {"pkg/__init__.py": "", "pkg/product.py": PRODUCT, "tests/test_p.py": TESTS}
OTHER = {"tests/test_other.py": "def test_o():\n    pass\n", "conftest.py": ""}


async def traced(
    root: Path, files: Mapping[str, str], tests: Suite, test: str, trace: Trace
) -> Evidence:
    async def go() -> Evidence:
        async with job(root, files) as (work, trees):
            tree = trees.of(files)
            seen = await run_files(work, tests, "change", tree, [test], trace)
            assert await run_files(work, tests, "change", tree, [test], trace) == seen
            return seen

    return await go()


def of(evidence: Evidence) -> Tally:
    assert evidence.tests is not None
    return evidence.tests


async def test_what_each_test_ran(tmp_path: Path) -> None:
    trace = Trace(files=("pkg/product.py",), lines=LINES)
    tally = of(await traced(tmp_path, {**TRACED, **OTHER}, PYTEST, "tests/test_p.py", trace))
    ran = {
        key.partition("::")[2]: {r.partition("::")[2] for r in v} for key, v in tally.ran.items()
    }
    assert set(tally.outcomes) == {f"tests/test_p.py::{name}" for name in tally_names()}
    assert ran["test_nothing"] == set()
    assert {"double", "cached.<locals>.inner"} <= ran["test_double"]
    assert ran["test_raises"] == {"Counter.add"}
    assert ran["test_last"] == {"Counter.add", "Counter.last"}
    assert "double" in ran["test_thread"]
    assert ran["test_generator"] == {"lazily"}
    assert "test_apart" not in ran
    hit = {key.partition("::")[2]: value for key, value in tally.hit.items()}
    assert hit.pop("test_double")
    assert hit.pop("test_thread")
    assert hit.pop("test_raises")
    assert hit.pop("test_generator")
    assert hit.pop("test_own_tracer", False) is False
    assert hit == {"test_nothing": False, "test_last": False}
    failure = tally.failures["tests/test_p.py::test_raises"]
    assert (failure.phase, failure.kind) == ("call", "ValueError")
    assert failure.frames == ("tests/test_p.py:16 test_raises", "pkg/product.py:21 add")
    assert "too many" in failure.text


def tally_names() -> list[str]:
    lines = [line for line in TESTS.splitlines() if line.startswith("def test_")]
    return [line[4:].partition("(")[0] for line in lines]


async def test_without_a_trace_nothing_is_measured(tmp_path: Path) -> None:
    tally = of(await traced(tmp_path, {**TRACED, **OTHER}, PYTEST, "tests/test_other.py", Trace()))
    assert tally.outcomes == {"tests/test_other.py::test_o": "passed"}
    assert (tally.ran, tally.hit) == ({}, {})


NODE = Suite(command="node --test", reporter="node")
SCRIPTS = {
    "src/calc.js": "function double(n) {\n  return n * 2;\n}\n\nfunction unused() {\n  return 1;\n}"
    "\nmodule.exports = { double, unused };\n",
    "test/a.test.js": "const { test } = require('node:test');\n"
    "const assert = require('node:assert');\nconst { double } = require('../src/calc.js');\n"
    "test('doubles', () => { assert.strictEqual(double(2), 4); });\n"
    "test('fails', () => { assert.strictEqual(double(2), 5); });\n",
    "test/b.test.js": "require('node:test').test('other', () => {});\n",
}


async def test_what_a_script_ran_is_of_its_whole_file(tmp_path: Path) -> None:
    trace = Trace(files=("src/calc.js",), lines={"src/calc.js": ((2, 2),)})
    tally = of(await traced(tmp_path, SCRIPTS, NODE, "test/a.test.js", trace))
    names = {key.rpartition("::")[2]: value for key, value in tally.outcomes.items()}
    assert (names["doubles"], names["fails"], "other" in names) == ("passed", "failed", False)
    for key in tally.having("passed", "failed"):
        assert tally.ran[key] == ("src/calc.js::double",)
        assert tally.hit[key]
    missed = Trace(files=("src/calc.js", "src/none.js"), lines={"src/calc.js": ((6, 6),)})
    tally = of(await traced(tmp_path / "b", SCRIPTS, NODE, "test/a.test.js", missed))
    assert set(tally.hit.values()) == {False}
    nowhere = Trace(files=("src/none.js",))
    tally = of(await traced(tmp_path / "c", SCRIPTS, NODE, "test/a.test.js", nowhere))
    assert (tally.ran, tally.hit) == ({}, {})


CASES = """\
import unittest
from calc import double

class Base:
    n = 1

    def test_n(self):
        self.assertEqual(double(self.n), 2 * self.n)

class TestOne(Base, unittest.TestCase):
    pass

class TestNil(Base, unittest.TestCase):
    n = 0

    @unittest.skip("later")
    def test_later(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

    def test_parts(self):
        for n in (0, 1):
            with self.subTest(n=n):
                self.assertEqual(double(n), 2 * n)

class TestBroken(unittest.TestCase):
    def setUp(self):
        raise OSError("no")

    def test_b(self):
        pass

class TestWhole(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise OSError("no")

    def test_w(self):
        pass
"""
UNIT = {
    "calc.py": "def double(n):\n    return 2 * n\n",
    "tests/__init__.py": "",
    "tests/test_u.py": CASES,
    "tests/test_i.py": "import nothing_like_it\n",
}
COMMANDS = (
    "python3 -m unittest",
    "python3 -m unittest -f",
    "python3 -m unittest discover -v",
    "python3 -m unittest discover -s tests -t .",
)


@pytest.mark.parametrize("command", COMMANDS)
async def test_unittest_has_named_results(tmp_path: Path, command: str) -> None:
    tests = Suite(command=command, reporter="unittest")

    async def go() -> tuple[Evidence, Evidence]:
        async with job(tmp_path, UNIT, has_pytest=False) as (work, trees):
            wrong = {**UNIT, "calc.py": "def double(n):\n    return n\n"}
            change = await run_suite(work, tests, "change", trees.of(wrong))
            return await base_tests(work, tests), change

    base, change = await go()
    start = "tests/test_u.py::"
    assert of(base).outcomes == {
        "tests/test_i.py": "error",
        f"{start}TestOne::test_n": "passed",
        f"{start}TestNil::test_n": "passed",
        f"{start}TestNil::test_later": "skipped",
        f"{start}TestNil::test_expected": "xfailed",
        f"{start}TestNil::test_parts": "passed",
        f"{start}TestBroken::test_b": "error",
        f"{start}TestWhole": "error",
    }
    seen = compare_evidence(base, change)
    assert seen is not None
    assert seen.newly_failing == {f"{start}TestOne::test_n", f"{start}TestNil::test_parts"}
    assert set(seen.unseen) == {"tests/test_i.py"}
    assert not is_red(change, ("tests.test_u.TestOne.test_n",))  # another of its file broke
    failure = of(change).failures[f"{start}TestOne::test_n"]
    assert (failure.phase, failure.kind) == ("call", "AssertionError")
    assert failure.frames[0].startswith("tests/test_u.py:")


async def test_unittest_that_ends_the_interpreter(tmp_path: Path) -> None:
    files = {
        "test_a.py": "import os, unittest\nclass T(unittest.TestCase):\n"
        "    def test_a(self): os._exit(4)\n",
        "test_z.py": "import unittest\nclass T(unittest.TestCase):\n    def test_z(self): pass\n",
    }

    async def go() -> Evidence:
        async with job(tmp_path, files, has_pytest=False) as (work, _):
            return await base_tests(work, UNITTEST)

    tally = of(await go())
    assert tally.outcomes == {"test_z.py::T::test_z": "passed"}
    assert {file: say.key for file, say in tally.unseen.items()} == {"test_a.py": "unseen.killed"}


async def test_only_a_test_that_did_both_is_unsteady(tmp_path: Path) -> None:
    steady = "def test_s():\n    from calc import double\n    assert double(1) == 2\n"
    # fails in the whole run, passes alone: a test that counts how many it is
    restless = "import sys\n\ndef test_r():\n    assert 'test_a' not in sys.modules\n"
    ends = (
        "import os\nfrom calc import double\n\n"
        "def test_e():\n    assert double(1) == 2 or os._exit(1)\n"
    )
    base = {
        "calc.py": "def double(n):\n    return 2 * n\n",
        "conftest.py": "",
        "test_s.py": steady,
        "test_e.py": ends,
    }
    change = {
        **base,
        "calc.py": "def double(n):\n    return n\n",
        "test_a.py": "def test_a():\n    pass\n",
        "test_b.py": restless,
    }

    async def go() -> Newly:
        async with job(tmp_path, base) as (work, trees):
            tree = trees.of(change)
            seen = await run_suite(work, PYTEST, "change", tree)
            suspects = ["test_s.py::test_s", "test_b.py::test_r", "test_e.py::test_e"]
            return await rerun(work, PYTEST, "change", tree, seen, suspects)

    newly = await go()
    assert newly.flaky == ("test_b.py::test_r",)
    assert newly.failing == ("test_s.py::test_s", "test_e.py::test_e")


async def test_a_row_of_the_old_form_is_not_used_again(tmp_path: Path) -> None:
    async with job(tmp_path, OTHER) as (work, trees):
        trial = Trial(kind="tests", side="base", tree=trees.of(OTHER), command="true")
        seen = await attempt(work, trial)
        assert await attempt(work, trial) == seen
        other = await attempt(work, trial.model_copy(update={"form": 1}))
        assert other.id != seen.id


@pytest.mark.parametrize(("suite", "has_pytest"), [(PYTEST, True), (UNITTEST, False)])
async def test_a_reproduction_named_by_its_mixin(
    tmp_path: Path, suite: Suite, has_pytest: bool
) -> None:
    files = {
        "tests/__init__.py": "class Mixin:\n    def test_x(self):\n"
        "        self.assertEqual(self.n, 1)\n",
        "tests/test_a.py": "import unittest\nfrom . import Mixin\n"
        "class One(Mixin, unittest.TestCase):\n    n = 1\n"
        "class Two(Mixin, unittest.TestCase):\n    n = 2\n",
    }
    name = "tests/__init__.py::Mixin::test_x"

    async def go(two: str) -> Evidence:
        async with job(tmp_path / two, files, has_pytest=has_pytest) as (work, trees):
            tree = trees.of({p: text.replace("n = 2", f"n = {two}") for p, text in files.items()})
            trial = Trial(
                kind="reproduction",
                side="base",
                tree=tree,
                command=suite.command,
                reporter=suite.reporter,
            )
            return await attempt(work, trial)

    wrong, right = await go("2"), await go("1")
    assert is_red(wrong, (name,))
    assert not is_green(wrong, (name,))
    assert is_green(right, (name,))
    assert not is_green(right, ("tests/__init__.py::Other::test_x",))
