"""Which test ran which lines, by each runner that can tell. In a real sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.core.types import Tally, Trace
from harness.pipeline.verification.evidence import Suite, run_files
from tests.testruns.suites import PYTEST, UNITTEST, job

PRODUCT = """\
def marked(function):
    return function

def add(a, b):
    if a > 10:
        return 0
    return a + b

def settings():
    return {"k": 1}

def minus(a, b):
    return (
        a -
        b
    )
"""
MODULE = """\
import subprocess
import pytest
import product

@pytest.fixture(scope="module")
def given():
    return product.settings()

@product.marked
def test_one(given):
    assert product.add(1, 2) == 3

@pytest.mark.parametrize("n", [11, 12])
def test_large(n):
    assert product.add(n, 1) == 0

def test_minus():
    assert product.minus(3, 1) == 2

def test_apart():
    subprocess.run(["true"], check=True)

class TestBox:
    def setup_method(self):
        self.n = product.add(1, 1)

    def test_box(self):
        assert self.n == 2
"""
CASES = """\
import subprocess
import unittest
import product

class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.given = product.settings()

    def setUp(self):
        self.n = product.add(1, 1)

    def test_minus(self):
        self.assertEqual(product.minus(3, 1), self.n)

    def test_parts(self):
        for n in (11, 12):
            with self.subTest(n=n):
                self.assertEqual(product.add(n, 1), 0)

    def test_apart(self):
        subprocess.run(["true"], check=True)
"""
ALL = Trace(files=("product.py",), lines={"product.py": ((1, 16),)}, by_test=True)
ADD, LARGE, MINUS = {4, 5, 7}, {4, 5, 6}, {12, 13, 14, 15, 16}


async def told(
    root: Path, files: Mapping[str, str], tests: Suite, chosen: list[str], trace: Trace
) -> Tally:
    async with job(root, files) as (work, trees):
        seen = await run_files(work, tests, "change", trees.of(files), chosen, trace)
        assert seen.tests is not None
        return seen.tests


def lines(tally: Tally, path: str) -> dict[str, set[int]]:
    return {
        test.rpartition("::")[2]: {
            n for first, last in ran.get(path, ()) for n in range(first, last + 1)
        }
        for test, ran in tally.lines.items()
    }


async def test_pytest_tells_lines_by_test(tmp_path: Path) -> None:
    files = {"product.py": PRODUCT, "tests/test_p.py": MODULE, "conftest.py": ""}
    tally = await told(tmp_path, files, PYTEST, ["tests/test_p.py"], ALL)
    # what ran in another process is not known, so of that test nothing is said
    assert lines(tally, "product.py") == {
        "test_one": ADD,
        "test_large[11]": LARGE,
        "test_large[12]": LARGE,
        "test_minus": MINUS,
        "test_box": ADD,
    }
    # a decorator while the module is loaded, a fixture for all of it
    assert {first for first, _ in tally.shared["product.py"]} == {1, 2, 9, 10}


async def test_unittest_tells_lines_by_test(tmp_path: Path) -> None:
    files = {"product.py": PRODUCT, "test_c.py": CASES}
    tally = await told(tmp_path, files, UNITTEST, ["test_c.py"], ALL)
    assert lines(tally, "product.py") == {"test_minus": ADD | MINUS, "test_parts": ADD | LARGE}
    assert {first for first, _ in tally.shared["product.py"]} == {9, 10}


async def test_node_tells_lines_by_file(tmp_path: Path) -> None:
    product = "".join(f"function {n}() {{\n  return 1;\n}}\n" for n in "ab")
    product += "module.exports = { a, b };\n"
    test = "const { test } = require('node:test');\nconst p = require('../product.js');\n"
    files = {"product.js": product}
    files |= {f"test/{n}.test.js": f"{test}test('{n}', () => p.{n}());\n" for n in "ab"}
    node = Suite(command="node --test", reporter="node")
    trace = Trace(files=("product.js",), lines={"product.js": ((1, 6),)}, by_test=True)
    tally = await told(tmp_path, files, node, ["test/a.test.js", "test/b.test.js"], trace)
    ran = lines(tally, "product.js")
    assert 2 in ran["test/a.test.js"]
    assert 5 not in ran["test/a.test.js"]
    assert 5 in ran["test/b.test.js"]
    assert 2 not in ran["test/b.test.js"]
