# ruff: noqa: E501
"""Honest work on tests: (name, path, old, new)."""

from __future__ import annotations

from tests.pipeline.weak_rows import CONFTEST, GO, INI, JS, PACKAGE, PY, SNAP, TOML, A, J, N, U, sub

BENIGN = [
    ("same", PY, A, A),
    ("new file", PY, None, A),
    (
        "new skipped test",
        PY,
        A,
        A + "\n@pytest.mark.skip\ndef test_later():\n    assert 1 == total([1])\n",
    ),
    ("new test", PY, A, A + "\ndef test_more():\n    assert total([]) == 0\n"),
    ("renamed", PY, A, sub(A, "def test_total", "def test_total_of_two")),
    ("renamed class", PY, A, sub(A, "class TestParse", "class TestParsing")),
    (
        "reformatted",
        PY,
        A,
        sub(A, 'parse("") == []', "parse(\n            '',\n        ) == [\n        ]"),
    ),
    ("comment", PY, A, sub(A, "    result =", "    # two numbers\n    result =")),
    ("docstring", PY, A, sub(A, "    result =", '    """Adds."""\n    result =')),
    ("message", PY, A, sub(A, "assert result == LIMIT", 'assert result == LIMIT, "sum is off"')),
    ("more cases", PY, A, sub(A, '("a,b", 2)', '("a,b", 2), ("", 0)')),
    (
        "made parametrised",
        PY,
        A,
        sub(
            A,
            '    def test_empty(self):\n        assert parse("") == []\n',
            '    @pytest.mark.parametrize("given,wanted", [("", []), ("x", ["x"])])\n'
            "    def test_empty(self, given, wanted):\n        assert parse(given) == wanted\n",
        ),
    ),
    (
        "inlined",
        PY,
        A,
        sub(
            A,
            "    result = total([1, 2])\n    assert result == LIMIT\n    assert isinstance(result, int)",
            "    assert total([1, 2]) == 3\n    assert isinstance(total([1, 2]), int)",
        ),
    ),
    ("local renamed", PY, A, A.replace("result", "outcome")),
    ("turned round", PY, A, sub(A, "result == LIMIT", "LIMIT == result")),
    (
        "stronger",
        PY,
        A,
        sub(
            A,
            "assert isinstance(result, int)",
            "assert isinstance(result, int)\n    assert result > 0",
        ),
    ),
    (
        "strengthened",
        PY,
        "def test_a():\n    assert f(1)\n",
        "def test_a():\n    assert f(1) == 4\n",
    ),
    (
        "not none to equal",
        PY,
        "def test_a():\n    assert f(1) is not None\n",
        "def test_a():\n    assert f(1) == 4\n",
    ),
    (
        "skip removed",
        PY,
        "import pytest\n@pytest.mark.skip\ndef test_a():\n    assert f() == 1\n",
        "def test_a():\n    assert f() == 1\n",
    ),
    (
        "narrower exception",
        PY,
        "import pytest\ndef test_a():\n    with pytest.raises(Exception):\n        f()\n",
        "import pytest\ndef test_a():\n    with pytest.raises(ValueError):\n        f()\n",
    ),
    (
        "match added",
        PY,
        U,
        sub(U, "self.assertRaises(TypeError)", "self.assertRaisesRegex(TypeError, 'x')"),
    ),
    ("tighter", PY, A, sub(A, "abs=1e-9", "abs=1e-12")),
    (
        "to pytest style",
        PY,
        U,
        sub(U, "self.assertEqual(total([1, 2]), 3)", "assert total([1, 2]) == 3"),
    ),
    (
        "moved into a class",
        PY,
        A,
        sub(
            A,
            "def test_total():\n    result = total([1, 2])\n    assert result == LIMIT\n    assert isinstance(result, int)\n",
            "class TestTotal:\n    def test_total(self):\n        result = total([1, 2])\n        assert result == LIMIT\n        assert isinstance(result, int)\n",
        ),
    ),
    (
        "new fixture",
        "conftest.py",
        CONFTEST,
        CONFTEST + "\n@pytest.fixture\ndef other():\n    return 2\n",
    ),
    ("harmless option", "pytest.ini", INI, sub(INI, "-q", "-q --durations=5")),
    ("more testpaths", "pytest.ini", INI, sub(INI, "tests integration", "tests integration docs")),
    (
        "dependency",
        "pyproject.toml",
        TOML,
        sub(TOML, 'name = "x"', 'name = "x"\ndependencies = ["y"]'),
    ),
    ("npm build", "package.json", PACKAGE, sub(PACKAGE, '"build": "tsc"', '"build": "tsc -b"')),
    ("make build", "Makefile", "test: x\n\tpytest\nb:\n\tcc\n", "test: x\n\tpytest\nb:\n\tcc -O\n"),
    ("new workflow", ".github/workflows/docs.yml", None, "on: push\n"),
    ("js same, other quotes", JS, J, J.replace("'", '"')),
    (
        "js reformatted",
        JS,
        J,
        sub(
            J,
            "expect(parse('a,b')).toEqual(['a', 'b']);",
            "expect(\n      parse('a,b'),\n    ).toEqual([\n      'a',\n      'b',\n    ])",
        ),
    ),
    ("js renamed", JS, J, sub(J, "'gives a list'", "'gives a list of parts'")),
    (
        "js added",
        JS,
        J,
        sub(
            J,
            '  it("refuses',
            "  it('is new', () => {\n    expect(parse('')).toEqual([]);\n  });\n  it(\"refuses",
        ),
    ),
    ("js async", JS, J, sub(J, "it('gives a list', () =>", "it('gives a list', async () =>")),
    ("js more cases", JS, J, sub(J, "[3, 4]", "[3, 4], [5, 6]")),
    ("js stricter", JS, J, sub(J, "toEqual(['a', 'b'])", "toStrictEqual(['a', 'b'])")),
    (
        "js constant",
        JS,
        J,
        sub(
            J,
            "expect(parse('a,b')).toEqual(['a', 'b']);",
            "const wanted = ['a', 'b'];\n    expect(parse('a,b')).toEqual(wanted);",
        ),
    ),
    ("js comment", JS, J, sub(J, "describe(", "// it.skip('old')\ndescribe(")),
    (
        "node more",
        "test/sum.test.js",
        N,
        N + "test('none', () => {\n  assert.strictEqual(sum(), 0);\n});\n",
    ),
    (
        "snapshot added",
        "src/__snapshots__/a.test.js.snap",
        SNAP,
        SNAP + "\nexports[`page other 1`] = `\nx\n`;\n",
    ),
    ("go added", "sum_test.go", GO, GO + 'func TestMore(t *testing.T) {\n\tt.Log("x")\n}\n'),
]
