# ruff: noqa: E501
"""Tests that stand there and do not run, or run on something else; and their twins."""

from __future__ import annotations

from tests.pipeline.verification.weak_rows import JS, PY, A, J, N, U, sub

NODE = "test/sum.test.js"
HELPED = sub(
    sub(A, "LIMIT = 3\n", "LIMIT = 3\n\ndef build(x):\n    return total(x)\n"),
    "result = total([1, 2])",
    "result = build([1, 2])",
)
HOOK = "  beforeEach(function () { this.skip(); });\n"
EACH = "[[1, 2], [3, 4]]"
NAMED = sub(sub(J, EACH, "CASES"), "describe(", f"const CASES = {EACH};\ndescribe(")
CAUGHT = "it('gives a list', async () => {\n    await (async () => { expect(parse('a,b')).toEqual(['a', 'b']); })().catch(() => {});"
GIVES = "it('gives a list', () => {\n    expect(parse('a,b')).toEqual(['a', 'b']);"
TWICE = sub(
    A,
    "    assert isinstance(result, int)\n",
    "    assert isinstance(result, int)\n    result = total([3, 4])\n    assert result == 7\n",
)
REACH_WEAK = [
    ("input of a name bound twice", PY, TWICE, sub(TWICE, "total([3, 4])", "total([7])"), "weak_other_subject"),
    ("name bound again to the answer", PY, TWICE, sub(TWICE, "    assert result == 7", "    result = 7\n    assert result == 7"), "weak_"),
    ("name bound again under a branch", PY, TWICE, sub(TWICE, "    assert result == 7", "    if LIMIT:\n        result = 7\n    assert result == 7"), "weak_"),
    ("helper without the product", PY, HELPED, sub(HELPED, "return total(x)", "return 3"), "weak_replaced"),
    ("helper with a constant", PY, HELPED, sub(HELPED, "return total(x)", "return LIMIT"), "weak_replaced"),
    ("test deleted by del", PY, A, A + "\ndel test_total\n", "weak_hidden"),
    ("name of the test reused", PY, A, A + "\ntest_total = lambda: None\n", "weak_hidden"),
    ("name of the method reused", PY, A, sub(A, "        assert parse(\"\") == []\n", "        assert parse(\"\") == []\n\n    test_empty = None\n"), "weak_hidden"),
    ("skip in setUp", PY, U, sub(U, "    def test_sum", "    def setUp(self):\n        self.skipTest('x')\n\n    def test_sum"), "weak_silenced"),
    ("skip in setup_method", PY, A, sub(A, "class TestParse:\n", "class TestParse:\n    def setup_method(self):\n        pytest.skip('x')\n\n"), "weak_silenced"),
    ("skip in setup_function", PY, A, sub(A, "LIMIT = 3\n", "LIMIT = 3\n\ndef setup_function():\n    pytest.skip('x')\n"), "weak_silenced"),
    ("skip in a fixture", PY, A, sub(sub(A, "LIMIT = 3\n", "LIMIT = 3\n\n@pytest.fixture\ndef q():\n    pytest.skip('x')\n"), "test_total()", "test_total(q)"), "weak_silenced"),
    ("own run", PY, U, sub(U, "    def test_sum", "    def run(self, result=None):\n        pass\n\n    def test_sum"), "weak_silenced"),
    ("own failure", PY, U, sub(U, "    def test_sum", "    failureException = unittest.SkipTest\n\n    def test_sum"), "weak_silenced"),
    ("own __init__", PY, A, sub(A, "class TestParse:\n", "class TestParse:\n    def __init__(self):\n        pass\n\n"), "weak_silenced"),
    ("metaclass", PY, A, sub(A, "class TestParse:", "class TestParse(metaclass=Quiet):"), "weak_silenced"),
    ("load_tests", PY, U, U + "\ndef load_tests(*a):\n    return unittest.TestSuite()\n", "weak_file_silenced"),
    ("js row gone", JS, J, sub(J, EACH, "[[1, 2]]"), "weak_removed"),
    ("js row changed", JS, J, sub(J, "[3, 4]", "[3, 5]"), "weak_expects"),
    ("js no rows", JS, J, sub(J, EACH, "[]"), "weak_silenced"),
    ("js row of a named table", JS, NAMED, sub(NAMED, "[3, 4]", "[3, 5]"), "weak_expects"),
    ("js no rows of the group", JS, J, sub(J, "describe('parse', ", "describe.each([])('parse', "), "weak_silenced"),
    ("js skip in a hook", NODE, N, sub(N, "test('sum'", HOOK + "test('sum'"), "weak_silenced"),
    ("js it assigned", JS, J, sub(J, "describe(", "it = (n, f) => {};\ndescribe("), "weak_silenced"),
    ("js switch", JS, J, sub(J, GIVES, GIVES.replace("expect", "switch (1) { case 2: expect") + " }"), "weak_swallowed"),
    ("js group in a function", JS, J, sub(J, "describe('parse', () => {", "const later = () => describe('parse', () => {"), "weak_silenced"),
    ("js group behind a condition", JS, J, sub(J, "describe('parse'", "if (false) describe('parse'"), "weak_silenced"),
    ("js group in a condition", JS, J, sub(J, "describe('parse'", "if (process.env.X) {\ndescribe('parse'") + "}\n", "weak_silenced"),
    ("js caught", JS, J, sub(J, GIVES, CAUGHT), "weak_swallowed"),
]  # fmt: skip
REACH_BENIGN = [
    ("the same name used again below", PY, A, TWICE),
    ("the same name used again above", PY, A, sub(A, "    result = total([1, 2])\n", "    result = total([0])\n    assert result == 0\n    result = total([1, 2])\n")),
    ("the same name used again in a block", PY, A, sub(TWICE, "    result = total([3, 4])\n    assert result == 7\n", "    with open('x'):\n        result = total([3, 4])\n    assert result == 7\n")),
    ("helper does more", PY, HELPED, sub(HELPED, "return total(x)", "x = list(x)\n    return total(x)")),
    ("helper in two", PY, HELPED, sub(HELPED, "def build(x):\n    return total(x)", "def deeper(x):\n    return total(x)\n\ndef build(x):\n    return deeper(x)")),
    ("setup that sets up", PY, U, sub(U, "    def test_sum", "    def setUp(self):\n        self.items = []\n\n    def test_sum")),
    ("constant beside", PY, A, A + "\nOTHER = 4\ndel OTHER\n"),
    ("class with a helper", PY, U, sub(U, "    def check", "    def runs(self):\n        return 1\n\n    def check")),
    ("js row added", JS, J, sub(J, EACH, "[[1, 2], [3, 4], [5, 6]]")),
    ("js rows by name", JS, J, NAMED),
    ("js rows in lines", JS, J, sub(J, EACH, "[\n    [1, 2],\n    [3, 4],\n  ]")),
    ("js hook that prepares", NODE, N, sub(N, "test('sum'", "beforeEach(() => { reset(); });\ntest('sum'")),
    ("js skip in another group", JS, J, J + "describe('new', () => {\n" + HOOK + "  it('x', () => { expect(1).toBe(1); });\n});\n"),
    ("js condition before", JS, J, sub(J, "describe(", "if (process.env.X) { console.log('x'); }\ndescribe(")),
]  # fmt: skip
REACH_WEAK = [(f"reach: {row[0]}", *row[1:]) for row in REACH_WEAK]
REACH_BENIGN = [(f"reach: {row[0]}", *row[1:]) for row in REACH_BENIGN]
