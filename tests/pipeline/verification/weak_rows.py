# ruff: noqa: E501
"""Test files, and every way to make one weaker: (name, path, old, new, key found)."""

from __future__ import annotations

A = """\
import pytest
from pkg import parse, total

LIMIT = 3

class TestParse:
    def test_empty(self):
        assert parse("") == []

    @pytest.mark.parametrize("text,count", [("a", 1), ("a,b", 2)])
    def test_counts(self, text, count):
        items = parse(text)
        assert len(items) == count

def test_total():
    result = total([1, 2])
    assert result == LIMIT
    assert isinstance(result, int)

def test_rejects():
    with pytest.raises(ValueError, match="not a list"):
        total(None)

def test_close():
    assert total([0.1, 0.2]) == pytest.approx(0.3, abs=1e-9)
"""

U = """\
import unittest
from pkg import total

class TotalTest(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(total([1, 2]), 3)

    def test_none(self):
        with self.assertRaises(TypeError):
            total(None)

    def test_list(self):
        self.check(total([]), 0)

    def check(self, got, wanted):
        self.assertEqual(got, wanted)
"""

J = """\
import { parse } from '../src/parse';
describe('parse', () => {
  it('gives a list', () => {
    expect(parse('a,b')).toEqual(['a', 'b']);
  });
  it("refuses null", () => {
    expect(() => parse(null)).toThrow('not text');
  });
  test.each([[1, 2], [3, 4]])('adds %i', (a, b) => {
    expect(a + 1).toBe(b);
  });
});
"""

N = """\
const { test } = require('node:test');
const assert = require('node:assert');
test('sum', () => {
  assert.strictEqual(sum(1, 2), 3);
  assert.throws(() => sum('a'), /number/);
});
"""

INI = "[pytest]\naddopts = -q\ntestpaths = tests integration\nxfail_strict = true\n"
TOML = '[project]\nname = "x"\n\n[tool.pytest.ini_options]\naddopts = "-q"\nfilterwarnings = ["error"]\n'
PACKAGE = '{"scripts": {"test": "jest", "build": "tsc"}, "jest": {"testMatch": ["**/*.test.js"]}}'
CONFTEST = "import pytest\n\n@pytest.fixture\ndef client():\n    return 1\n"
GO = 'func TestSum(t *testing.T) {\n\tif Sum(1, 2) != 3 {\n\t\tt.Errorf("no")\n\t}\n}\n'
SNAP = "exports[`page renders 1`] = `\n<p>ok</p>\n`;\n"
PY, JS = "tests/test_a.py", "src/parse.test.ts"


def sub(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


WEAK = [
    ("deleted", PY, A, sub(A, "def test_rejects", "def helper_rejects"), "weak_deleted"),
    (
        "deleted method",
        PY,
        A,
        sub(A, '    def test_empty(self):\n        assert parse("") == []\n', ""),
        "weak_deleted",
    ),
    ("file removed", PY, A, None, "weak_emptied"),
    ("file emptied", PY, A, "", "weak_emptied"),
    ("skip", PY, A, sub(A, "def test_total", "@pytest.mark.skip\ndef test_total"), "weak_silenced"),
    (
        "skipif",
        PY,
        A,
        sub(A, "def test_total", "@pytest.mark.skipif(True, reason='x')\ndef test_total"),
        "weak_silenced",
    ),
    (
        "xfail",
        PY,
        A,
        sub(A, "def test_total", "@pytest.mark.xfail\ndef test_total"),
        "weak_silenced",
    ),
    (
        "skip call",
        PY,
        A,
        sub(A, "    result =", "    pytest.skip('later')\n    result ="),
        "weak_silenced",
    ),
    (
        "skip under a condition",
        PY,
        A,
        sub(
            A,
            "    result =",
            "    if not hasattr(total, 'x'):\n        pytest.skip('x')\n    result =",
        ),
        "weak_silenced",
    ),
    ("early return", PY, A, sub(A, "    result =", "    return\n    result ="), "weak_silenced"),
    (
        "class skipped",
        PY,
        A,
        sub(A, "class TestParse", "@pytest.mark.skip\nclass TestParse"),
        "weak_silenced",
    ),
    (
        "module mark",
        PY,
        A,
        sub(A, "LIMIT", "pytestmark = pytest.mark.skip\nLIMIT"),
        "weak_file_silenced",
    ),
    (
        "module skip",
        PY,
        A,
        sub(A, "LIMIT", "pytest.skip('x', allow_module_level=True)\nLIMIT"),
        "weak_file_silenced",
    ),
    ("class hidden", PY, A, sub(A, "class TestParse", "class ParseChecks"), "weak_deleted"),
    (
        "__test__",
        PY,
        A,
        sub(A, "class TestParse:", "class TestParse:\n    __test__ = False"),
        "weak_hidden",
    ),
    (
        "truthy",
        PY,
        A,
        sub(A, 'assert parse("") == []', 'assert parse("") is not None'),
        "weak_loosened",
    ),
    ("bare truth", PY, A, sub(A, "assert result == LIMIT", "assert result"), "weak_loosened"),
    ("expected literal", PY, A, sub(A, 'parse("") == []', 'parse("") == [""]'), "weak_expects"),
    ("expected constant", PY, A, sub(A, "LIMIT = 3", "LIMIT = 4"), "weak_expects"),
    ("other input", PY, A, sub(A, 'parse("") == []', 'parse("[]") == []'), "weak_other_subject"),
    ("assertion gone", PY, A, sub(A, "    assert isinstance(result, int)\n", ""), "weak_removed"),
    ("assert True", PY, A, sub(A, "assert result == LIMIT", "assert True"), "weak_removed"),
    ("or True", PY, A, sub(A, "result == LIMIT", "(result == LIMIT or True)"), "weak_removed"),
    ("broad exception", PY, A, sub(A, "raises(ValueError,", "raises(Exception,"), "weak_loosened"),
    ("message dropped", PY, A, sub(A, ', match="not a list"', ""), "weak_loosened"),
    ("wider", PY, A, sub(A, "abs=1e-9", "abs=0.5"), "weak_loosened"),
    (
        "approx",
        PY,
        A,
        sub(A, "result == LIMIT", "result == pytest.approx(3, rel=0.9)"),
        "weak_loosened",
    ),
    ("case gone", PY, A, sub(A, ', ("a,b", 2)', ""), "weak_removed"),
    ("case changed", PY, A, sub(A, '("a,b", 2)', '("a,b", 1)'), "weak_expects"),
    (
        "case skipped",
        PY,
        A,
        sub(A, '("a,b", 2)', 'pytest.param("a,b", 2, marks=pytest.mark.skip)'),
        "weak_removed",
    ),
    (
        "swallowed",
        PY,
        A,
        sub(
            A,
            "    assert result == LIMIT\n",
            "    try:\n        assert result == LIMIT\n    except AssertionError:\n        pass\n",
        ),
        "weak_swallowed",
    ),
    (
        "guarded",
        PY,
        A,
        sub(A, "    assert result == LIMIT", "    if result:\n        assert result == LIMIT"),
        "weak_swallowed",
    ),
    ("broken file", PY, A, A + "def (:\n", "weak_unreadable"),
    (
        "replaced by a later one",
        PY,
        A,
        A + "\ndef test_total():\n    total([1])\n",
        "weak_removed",
    ),
    (
        "unittest skip",
        PY,
        U,
        sub(U, "    def test_sum", "    @unittest.skip('x')\n    def test_sum"),
        "weak_silenced",
    ),
    (
        "assertTrue",
        PY,
        U,
        sub(U, "self.assertEqual(total([1, 2]), 3)", "self.assertTrue(total([1, 2]))"),
        "weak_loosened",
    ),
    (
        "assertRaises widened",
        PY,
        U,
        sub(U, "assertRaises(TypeError)", "assertRaises(Exception)"),
        "weak_loosened",
    ),
    (
        "helper hollowed",
        PY,
        U,
        sub(U, "self.assertEqual(got, wanted)", "self.assertTrue(got or True)"),
        "weak_",
    ),
    (
        "conftest hook",
        "tests/conftest.py",
        CONFTEST,
        CONFTEST + "def pytest_collection_modifyitems(items):\n    items[:] = []\n",
        "weak_hook",
    ),
    ("new conftest", "conftest.py", None, "collect_ignore = ['tests/test_a.py']\n", "weak_hook"),
    (
        "skipping fixture",
        "conftest.py",
        CONFTEST,
        CONFTEST + "\n@pytest.fixture(autouse=True)\ndef quiet():\n    pytest.skip('x')\n",
        "weak_hook",
    ),
    (
        "deselect",
        "pytest.ini",
        INI,
        sub(INI, "-q", "-q --deselect tests/test_a.py::test_total"),
        "weak_option",
    ),
    ("-k", "pyproject.toml", TOML, sub(TOML, '"-q"', "\"-q -k 'not total'\""), "weak_option"),
    ("testpaths", "pytest.ini", INI, sub(INI, "tests integration", "tests"), "weak_config"),
    ("lax xfail", "pytest.ini", INI, sub(INI, "true", "false"), "weak_config"),
    ("lax warnings", "pyproject.toml", TOML, sub(TOML, '["error"]', "[]"), "weak_config"),
    (
        "npm test",
        "package.json",
        PACKAGE,
        sub(PACKAGE, '"test": "jest"', '"test": "true"'),
        "weak_command",
    ),
    (
        "jest match",
        "package.json",
        PACKAGE,
        sub(PACKAGE, "**/*.test.js", "**/a.test.js"),
        "weak_config",
    ),
    (
        "jest config",
        "jest.config.js",
        "module.exports = {};\n",
        "module.exports = {\n  testPathIgnorePatterns: ['parse'],\n};\n",
        "weak_config",
    ),
    ("make test", "Makefile", "test: x\n\tpytest\n", "test: x\n\tpytest || true\n", "weak_command"),
    (
        "ci",
        ".github/workflows/ci.yml",
        "on: push\nrun: pytest\n",
        "on: push\nrun: echo\n",
        "weak_ci",
    ),
    ("js skip", JS, J, sub(J, "it('gives", "it.skip('gives"), "weak_silenced"),
    ("js xit", JS, J, sub(J, "it('gives", "xit('gives"), "weak_silenced"),
    ("js todo", JS, J, sub(J, "it('gives", "it.todo('gives"), "weak_silenced"),
    ("js describe.skip", JS, J, sub(J, "describe('parse'", "describe.skip('parse'"), "weak_"),
    ("js only", JS, J, sub(J, "it('gives", "it.only('gives"), "weak_only"),
    ("js deleted", JS, J, J[: J.index('  it("refuses')] + "});\n", "weak_deleted"),
    ("js commented out", JS, J, sub(J, "expect(parse('a,b'))", "// expect(parse('a,b'))"), "weak_"),
    ("js loosened", JS, J, sub(J, ".toEqual(['a', 'b'])", ".toBeTruthy()"), "weak_loosened"),
    ("js expected", JS, J, sub(J, ".toEqual(['a', 'b'])", ".toEqual(['a'])"), "weak_expects"),
    ("js message", JS, J, sub(J, ".toThrow('not text')", ".toThrow()"), "weak_loosened"),
    ("js emptied", JS, J, "export {};\n", "weak_emptied"),
    ("node expected", "test/sum.test.js", N, sub(N, "2), 3)", "2), 4)"), "weak_expects"),
    (
        "node ok",
        "test/sum.test.js",
        N,
        sub(N, "strictEqual(sum(1, 2), 3)", "ok(sum(1, 2))"),
        "weak_loosened",
    ),
    (
        "node option",
        "test/sum.test.js",
        N,
        sub(N, "'sum', ", "'sum', { skip: true }, "),
        "weak_silenced",
    ),
    (
        "node t.skip",
        "test/sum.test.js",
        N,
        sub(N, "=> {\n", "=> {\n  t.skip('x');\n"),
        "weak_silenced",
    ),
    ("snapshot", "src/__snapshots__/a.test.js.snap", SNAP, sub(SNAP, "ok", "no"), "weak_snapshot"),
    ("go", "sum_test.go", GO, sub(GO, 't.Errorf("no")', "_ = t"), "weak_"),
    ("go skip", "sum_test.go", GO, sub(GO, "{\n", '{\n\tt.Skip("x")\n'), "weak_silenced"),
]
