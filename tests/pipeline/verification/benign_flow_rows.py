# ruff: noqa: E501
"""Honest twins of the rows about reach and bindings: (name, path, old, new)."""

from __future__ import annotations

from tests.pipeline.verification.weak_flow_rows import IMPORT, LINE, TOP, above, decorate, line
from tests.pipeline.verification.weak_rows import PY, A, U, sub

CHECK = "def check(got):\n    assert got == LIMIT\n"
STRICT = "def check(got, wanted=3):\n    assert got == wanted\n"
WRAPS = "def logged(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n        print('x')\n        return f(*a, **k)\n    return inner\n"
NAMED = "def tagged(name):\n    def wrap(f):\n        f.name = name\n        return f\n    return wrap\n"
P = "import pytest\nfrom pkg import f\n\n@pytest.mark.parametrize('x', [1])\ndef test_a(x):\n    assert f(x) == 4\n"

ROWS = [
    ("return at the end", line(LINE + "    print(result)\n")),
    ("more before", line("    assert result\n" + LINE)),
    ("if True", line("    if True:\n        assert result == LIMIT\n")),
    ("else of False", line("    if False:\n        pass\n    else:\n        assert result == LIMIT\n")),
    ("while True", line("    while True:\n        assert result == LIMIT\n        break\n")),
    ("fails on a condition", line("    if result is None:\n        pytest.fail('none')\n" + LINE)),
    ("raises on a condition", line("    if result is None:\n        raise ValueError\n" + LINE)),
    ("print on a condition", line("    if result:\n        print(result)\n" + LINE)),
    ("loop over a literal", line("    for wanted in [3]:\n        assert result == wanted\n")),
    ("loop over a range", line("    for _ in range(3):\n        assert result == LIMIT\n")),
    ("loop over a constant", sub(line("    for wanted in CASES:\n        assert result == wanted\n"), "LIMIT = 3", "LIMIT = 3\nCASES = (3,)")),
    ("loop over pairs", line("    for given, wanted in [([1, 2], 3), ([], 0)]:\n        assert total(given) == wanted\n")),
    ("loop over enumerate", line("    for _ in enumerate([1]):\n        assert result == LIMIT\n")),
    ("new loop beside", line(LINE + "    for x in parse('a'):\n        assert x\n")),
    ("nested and called", line("    def inner():\n        assert result == LIMIT\n    inner()\n")),
    ("nested with an argument", line("    def inner(x):\n        assert x == LIMIT\n    inner(result)\n")),
    ("nested and awaited", sub(line("    async def inner():\n        assert result == LIMIT\n    await inner()\n"), TOP, "async " + TOP)),
    ("nested and run", line("    async def inner():\n        assert result == LIMIT\n    asyncio.run(inner())\n")),
    ("generator turned", line("    def inner():\n        assert result == LIMIT\n        yield\n    list(inner())\n")),
    ("helper extracted", sub(above(CHECK), LINE, "    check(result)\n")),
    ("helper with a default", sub(above(STRICT), LINE, "    check(result)\n")),
    ("helper by keyword", sub(above(STRICT), LINE, "    check(wanted=LIMIT, got=result)\n")),
    ("helper awaited", sub(sub(above("async " + CHECK), LINE, "    await check(result)\n"), TOP, "async " + TOP)),
    ("helper through a helper", sub(above(CHECK + "def twice(x):\n    check(x)\n"), LINE, "    twice(result)\n")),
    ("helper not used yet", above(CHECK)),
    ("renamed import", sub(A, IMPORT, "from pkg import parse, total as add\n").replace("total(", "add(").replace("test_add(", "test_total(")),
    ("module imported", sub(A, IMPORT, "import pkg\n").replace(" total(", " pkg.total(").replace(" parse(", " pkg.parse(").replace("def pkg.", "def ")),
    ("module under a name", sub(A, IMPORT, "import pkg as p\n").replace(" total(", " p.total(").replace(" parse(", " p.parse(").replace("def p.", "def ")),
    ("imports apart", sub(A, IMPORT, "from pkg import parse\nfrom pkg import total\n")),
    ("imported inside", sub(sub(A, IMPORT, "from pkg import parse\n"), "    result = total", "    from pkg import total\n    result = total").replace("def test_rejects():\n", "def test_rejects():\n    from pkg import total\n").replace("def test_close():\n", "def test_close():\n    from pkg import total\n")),
    ("another function here", above("def build(x):\n    return 3\n")),
    ("another class here", above("class Fake:\n    pass\n")),
    ("environment", sub(A, "def test_total():\n", "def test_total(monkeypatch):\n    monkeypatch.setenv('TZ', 'UTC')\n")),
    ("folder", sub(A, "def test_total():\n", "def test_total(monkeypatch, tmp_path):\n    monkeypatch.chdir(tmp_path)\n")),
    ("clock", sub(sub(A, "def test_total():\n", "def test_total(monkeypatch):\n    monkeypatch.setattr(time, 'sleep', lambda s: None)\n"), "import pytest\n", "import time\nimport pytest\n")),
    ("arguments of the program", sub(A, "def test_total():\n", "def test_total(monkeypatch):\n    monkeypatch.setattr('sys.argv', ['x'])\n")),
    ("fixture asked for", sub(A, "def test_total():", "def test_total(tmp_path, client):")),
    ("fixture of the file asked for", sub(above("@pytest.fixture\ndef data():\n    return [1, 2]\n"), "def test_total():", "def test_total(data):")),
    ("mock in a new test", A + "\ndef test_new(monkeypatch):\n    monkeypatch.setattr('pkg.add', lambda *a: 3)\n    assert total([]) == 3\n"),
    ("typed except elsewhere", line("    try:\n        parse(None)\n    except ValueError:\n        pass\n" + LINE)),
    ("except and fail", line("    try:\n        assert result == LIMIT\n    except AssertionError:\n        raise\n")),
    ("except and say more", line("    try:\n        assert result == LIMIT\n    except AssertionError as error:\n        raise AssertionError('sum') from error\n")),
    ("except and pytest.fail", line("    try:\n        assert result == LIMIT\n    except KeyError:\n        pytest.fail('x')\n")),
    ("finally cleans", line("    try:\n        assert result == LIMIT\n    finally:\n        print('x')\n")),
    ("suppress elsewhere", line("    with contextlib.suppress(OSError):\n        parse('x')\n" + LINE)),
    ("raises elsewhere", line("    with pytest.raises(ValueError):\n        parse(3)\n" + LINE)),
    ("open file around", line("    with open('x'):\n        assert result == LIMIT\n")),
    ("context manager that lets go", sub(above("class Timed:\n    def __enter__(self): pass\n    def __exit__(self, *a): print('x')\n"), LINE, "    with Timed():\n        assert result == LIMIT\n")),
    ("context manager answers False", sub(above("class Timed:\n    def __enter__(self): pass\n    def __exit__(self, *a): return False\n"), LINE, "    with Timed():\n        assert result == LIMIT\n")),
    ("contextmanager that lets go", sub(above("@contextmanager\ndef timed():\n    try:\n        yield\n    finally:\n        print('x')\n"), LINE, "    with timed():\n        assert result == LIMIT\n")),
    ("known mark", sub(A, TOP, "@pytest.mark.slow\n" + TOP)),
    ("mark by alias", sub(above("slow = pytest.mark.slow\n"), TOP, "@slow\n" + TOP)),
    ("decorator that calls", decorate(WRAPS, "logged")),
    ("decorator that gives back", decorate(NAMED, "tagged('x')")),
    ("hypothesis", sub(sub(A, "import pytest\n", "import pytest\nfrom hypothesis import settings\n"), TOP, "@settings(deadline=None)\n" + TOP)),
    ("equal twice", line(LINE + "    assert total([1, 2]) == total([1, 2])\n")),
    ("tuple compared", line(LINE + "    assert (result, 1) == (LIMIT, 1)\n")),
    ("parenthesised", line("    assert (result == LIMIT)\n")),
    ("two in one", line("    assert result == LIMIT and result > 0\n")),
    ("chained", line("    assert result == LIMIT == 3\n")),
    ("class with equality", above("class Point:\n    def __eq__(self, o): return self.x == o.x\n")),
]  # fmt: skip
BENIGN_FLOW = [
    *((name, PY, A, new) for name, new in ROWS),
    ("subtest", PY, U, sub(U, "        self.assertEqual(total([1, 2]), 3)", "        with self.subTest('x'):\n            self.assertEqual(total([1, 2]), 3)")),
    ("base class of the file", PY, U, sub(sub(U, "(unittest.TestCase)", "(Base)"), "class TotalTest", "class Base(unittest.TestCase):\n    pass\n\nclass TotalTest")),
    ("method of another name", PY, U, sub(U, "    def check", "    def make(self):\n        return 1\n\n    def check")),
    ("text with a line break in a text", PY, (F := "NL = 'a\\n'\n\ndef test_a():\n    assert f(1) == f'{NL}x{2!r:>3}'\n"), F + "\ndef test_b():\n    assert f(2)\n"),
    ("rows that stand elsewhere", PY, (Q := P.replace("[1]", "[*OTHERS, 1]")), Q + "\ndef test_b():\n    for y in (*OTHERS, 2):\n        assert f(y)\n"),
    ("case by constant", PY, P, P.replace("[1]", "CASES").replace("@pytest", "CASES = [1]\n\n@pytest", 1)),
]  # fmt: skip
