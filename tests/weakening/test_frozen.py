# ruff: noqa: E501
"""Named tests freeze, not whole files."""

from __future__ import annotations

import pytest

from harness.weakening.frozen import same_test

PY = "tests/test_a.py"
A = """\
import os
import pytest
from pkg import parse, total

LIMIT = 3
FIXED = os.environ

@pytest.fixture
def data():
    return [1, 2]

def check(got):
    assert got == LIMIT

def other():
    return 4

@pytest.mark.parametrize("x", [1])
def test_total(data, x):
    check(total(data))

class TestParse:
    text = "a"

    def setup_method(self):
        self.got = parse(self.text)

    def wanted(self):
        return ["a"]

    def unused(self):
        return 1

    def test_one(self):
        assert self.got == self.wanted()

    def test_two(self):
        assert parse("") == []
"""


def sub(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


ITSELF = A[A.index("@pytest.mark") : A.index("class Test")]
ONE, TOTAL = f"{PY}::TestParse::test_one", f"{PY}::test_total"
SAME = [
    ("as it was", TOTAL, A),
    ("a case", TOTAL + "[1-2]", A + "\n"),
    ("no path", "test_total", A + "\n"),
    ("test added", TOTAL, A + "\ndef test_more():\n    assert total([]) == 0\n"),
    ("other test changed", TOTAL, sub(A, 'parse("") == []', 'parse("") == [""]')),
    ("method added", ONE, A + "\n    def test_three(self):\n        assert parse('x')\n"),
    ("sibling removed", ONE, A[: A.index("    def test_two")]),
    ("unused helper changed", TOTAL, sub(A, "return 4", "return 5")),
    ("unused method changed", ONE, sub(A, "return 1", "return 2")),
    ("import added", TOTAL, sub(A, "import os", "import os\nimport sys")),
    ("import of more", TOTAL, sub(A, "parse, total", "parse, split, total")),
    ("fixture added", TOTAL, A + "\n@pytest.fixture\ndef more(tmp_path):\n    return 2\n"),
    ("constant added", TOTAL, A + "\nMOST = [1]\n"),
    ("moved down", TOTAL, sub(A, ITSELF, "") + "\n" + ITSELF),
    (
        "comment and spacing",
        TOTAL,
        sub(A, "check(total(data))", "check(\n        total(data))  # x"),
    ),
]
OTHER = [
    ("gone", TOTAL, sub(A, "def test_total", "def test_sum")),
    ("body", TOTAL, sub(A, "check(total(data))", "total(data)")),
    ("decorator", TOTAL, sub(A, "@pytest.mark.parametrize", "@pytest.mark.skip\n@pytest.mark.parametrize")),
    ("case", TOTAL, sub(A, '"x", [1]', '"x", [2]')),
    ("helper", TOTAL, sub(A, "assert got == LIMIT", "assert got")),
    ("constant behind a helper", TOTAL, sub(A, "LIMIT = 3", "LIMIT = 4")),
    ("fixture", TOTAL, sub(A, "[1, 2]", "[3]")),
    ("import moved", TOTAL, sub(A, "from pkg import parse, total", "from pkg import parse\nfrom fake import total")),
    ("shadowed", TOTAL, A + "\ndef total(x):\n    return 3\n"),
    ("builtin shadowed", TOTAL, sub(A, "def check(got)", "def test_total(data):\n    pass\n\ndef check(got)")),
    ("autouse added", TOTAL, A + "\n@pytest.fixture(autouse=True)\ndef quiet(monkeypatch):\n    pass\n"),
    ("autouse by name", TOTAL, A + "\nON = True\n@pytest.fixture(autouse=ON)\ndef quiet(monkeypatch):\n    pass\n"),
    ("autouse by assignment", TOTAL, A + "\nx = pytest.fixture(autouse=True)(other)\n"),
    ("mark on all", TOTAL, A + "\npytestmark = pytest.mark.skip\n"),
    ("patched at load", TOTAL, A + "\nimport pkg\npkg.total = lambda x: 3\n"),
    ("patched in disguise", TOTAL, A + "\n_ = setattr(pkg, 'total', other)\n"),
    ("star import", TOTAL, A + "\nfrom fake import *\n"),
    ("setup of a module", TOTAL, A + "\ndef setup_module():\n    pass\n"),
    ("fixture under a name", TOTAL, A + "\n@pytest.fixture(name='data')\ndef make():\n    return []\n"),
    ("method used", ONE, sub(A, 'return ["a"]', "return self.got")),
    ("setup", ONE, sub(A, "parse(self.text)", '["a"]')),
    ("attribute", ONE, sub(A, 'text = "a"', 'text = "b"')),
    ("class decorated", ONE, sub(A, "class TestParse", "@other\nclass TestParse")),
    ("class base", ONE, sub(A, "class TestParse", "class TestParse(Quiet)")),
    ("unreadable", TOTAL, A + "def (:\n"),
    ("emptied", TOTAL, ""),
]  # fmt: skip


@pytest.mark.parametrize(("test", "now"), [r[1:] for r in SAME], ids=[r[0] for r in SAME])
def test_what_stands_beside_a_frozen_test_may_change(test: str, now: str) -> None:
    assert same_test(A, now, test, PY)
    assert same_test(now, A, test, PY)


@pytest.mark.parametrize(("test", "now"), [r[1:] for r in OTHER], ids=[r[0] for r in OTHER])
def test_what_a_frozen_test_stands_on_may_not(test: str, now: str) -> None:
    assert not same_test(A, now, test, PY)


JS = "src/a.test.ts"
J = """\
import { expect, it, describe, vi } from 'vitest';
import { parse } from './parse';
const wanted = ['a', 'b'];
const make = (x) => x + 1;
beforeEach(() => { reset(); });
describe('parse', () => {
  const sep = ',';
  it('splits', () => {
    expect(parse('a,b', sep)).toEqual(wanted);
    expect('x  y').toMatch(/a+ b/);
  });
  it('is empty', () => {
    expect(parse('')).toEqual([]);
  });
});
it.each([[1, 2]])('adds %i', (a, b) => {
  expect(make(a)).toBe(b);
});
"""
SPLITS, ADDS = f"{JS}::parse > splits", f"{JS}::adds 1"
JS_SAME = [
    ("as it was", SPLITS, J),
    ("spaced", "parse splits", sub(J, "parse('a,b', sep)", "parse( 'a,b',\n sep ) /* x */")),
    ("test added", SPLITS, J + "it('more', () => { expect(1).toBe(1); });\n"),
    ("test added in the suite", SPLITS, sub(J, "  it('is", "  it('z', () => {});\n  it('is")),
    ("test added before", SPLITS, sub(J, "  it('splits", "  it('z', () => {});\n  it('splits")),
    ("suite added", SPLITS, J + "describe('more', () => { it('z', () => {}); });\n"),
    ("other changed", SPLITS, sub(J, "toEqual([])", "toEqual([''])")),
    (
        "import added",
        SPLITS,
        sub(J, "import { parse }", "import fs from 'node:fs';\nimport { parse }"),
    ),
    ("helper added", SPLITS, J + "function help(a) {\n  return a;\n}\n"),
    ("helper of others changed", SPLITS, sub(J, "x + 1", "x + 2")),
    ("table", ADDS, sub(J, "'a', 'b'", "'c'")),
]
JS_OTHER = [
    ("gone", SPLITS, sub(J, "it('splits'", "it('cuts'")),
    ("body", SPLITS, sub(J, ".toEqual(wanted)", ".toBeDefined()")),
    ("space in a text", SPLITS, sub(J, "'x  y'", "'x y'")),
    ("pattern", SPLITS, sub(J, "/a+ b/", "/a+ c/")),
    ("constant", SPLITS, sub(J, "'a', 'b'", "'a'")),
    ("constant of the suite", SPLITS, sub(J, "sep = ','", "sep = ';'")),
    ("import moved", SPLITS, sub(J, "'./parse'", "'./fake'")),
    ("expect shadowed", SPLITS, J + "const expect = () => ({ toEqual() {}, toMatch() {} });\n"),
    ("mock", SPLITS, J + "vi.mock('./parse', () => ({ parse: () => ['a', 'b'] }));\n"),
    ("mock in another test", SPLITS, J + "it('z', () => { vi.mock('./parse'); });\n"),
    ("hook", SPLITS, sub(J, "reset();", "reset(); parse = () => 1;")),
    ("skip", SPLITS, sub(J, "it('splits'", "it.skip('splits'")),
    ("suite skipped", SPLITS, sub(J, "describe('parse'", "describe.skip('parse'")),
    ("bare import", SPLITS, J + "import './setup';\n"),
    ("twice", SPLITS, sub(J, "it('is empty'", "it('splits'")),
    ("table", ADDS, sub(J, "[[1, 2]]", "[[1, 3]]")),
]  # fmt: skip


@pytest.mark.parametrize(("test", "now"), [r[1:] for r in JS_SAME], ids=[r[0] for r in JS_SAME])
def test_a_script_may_grow_beside_its_frozen_test(test: str, now: str) -> None:
    assert same_test(J, now, test, JS)


@pytest.mark.parametrize(("test", "now"), [r[1:] for r in JS_OTHER], ids=[r[0] for r in JS_OTHER])
def test_a_frozen_test_of_a_script_may_not_change(test: str, now: str) -> None:
    assert not same_test(J, now, test, JS)


@pytest.mark.parametrize("text", ["\x00", "(" * 50_000, "`" * 999, "it('", "/*", "\ud800"])
def test_odd_files_do_not_raise(text: str) -> None:
    for path in (PY, JS):
        assert not same_test(A, text, "test_total", path)
        assert not same_test(text, A, "test_total", path)
