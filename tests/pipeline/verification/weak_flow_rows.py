# ruff: noqa: E501
"""Assertions that are still written down and can no longer fail: (name, path, old, new, key)."""

from __future__ import annotations

from tests.pipeline.verification.weak_rows import PY, A, U, sub

LINE = "    assert result == LIMIT\n"
TOP = "def test_total"
IMPORT = "from pkg import parse, total\n"


def line(new: str) -> str:
    """The one assertion in another form."""
    return sub(A, LINE, new)


def above(code: str) -> str:
    """Something of the file's own above its first test."""
    return sub(A, "LIMIT = 3\n", "LIMIT = 3\n" + code)


def decorate(code: str, name: str) -> str:
    return sub(above(code), TOP, f"@{name}\n{TOP}")


ROWS = [
    # never reached
    ("after return", line("    return\n" + LINE), "weak_silenced"),
    ("after raise", line("    raise SystemExit\n" + LINE), "weak_removed"),
    ("after skip by alias", sub(line("    s('x')\n" + LINE), "import pytest\n", "import pytest\nfrom pytest import skip as s\n"), "weak_silenced"),
    ("after exit", line("    sys.exit(0)\n" + LINE), "weak_silenced"),
    ("after continue", line("    for _ in (1,):\n        continue\n        assert result == LIMIT\n"), "weak_removed"),
    ("after break", line("    while True:\n        break\n        assert result == LIMIT\n"), "weak_removed"),
    ("after both branches", line("    if result:\n        return\n    else:\n        return\n" + LINE), "weak_removed"),
    ("return on a condition", line("    if result:\n        return\n" + LINE), "weak_swallowed"),
    ("if False", line("    if False:\n        assert result == LIMIT\n"), "weak_removed"),
    ("if 0", line("    if 0:\n        assert result == LIMIT\n"), "weak_removed"),
    ("if None", line("    if None:\n        assert result == LIMIT\n"), "weak_removed"),
    ("if empty", line("    if []:\n        assert result == LIMIT\n"), "weak_removed"),
    ("if not True", line("    if not True:\n        assert result == LIMIT\n"), "weak_removed"),
    ("if False and", line("    if False and result:\n        assert result == LIMIT\n"), "weak_removed"),
    ("if a constant", sub(line("    if SLOW:\n        assert result == LIMIT\n"), "LIMIT = 3", "LIMIT = 3\nSLOW = False"), "weak_removed"),
    ("else of True", line("    if True:\n        pass\n    else:\n        assert result == LIMIT\n"), "weak_removed"),
    ("type checking", line("    if TYPE_CHECKING:\n        assert result == LIMIT\n"), "weak_removed"),
    ("typing.type checking", line("    if typing.TYPE_CHECKING:\n        assert result == LIMIT\n"), "weak_removed"),
    ("platform", line("    if sys.platform == 'plan9':\n        assert result == LIMIT\n"), "weak_swallowed"),
    ("1 == 2", line("    if 1 == 2:\n        assert result == LIMIT\n"), "weak_removed"),
    ("while False", line("    while False:\n        assert result == LIMIT\n"), "weak_removed"),
    ("match", line("    match result:\n        case 99:\n            assert result == LIMIT\n"), "weak_swallowed"),
    # a loop that never turns
    ("for in []", line("    for _ in []:\n        assert result == LIMIT\n"), "weak_removed"),
    ("for in ()", line("    for _ in ():\n        assert result == LIMIT\n"), "weak_removed"),
    ("range(0)", line("    for _ in range(0):\n        assert result == LIMIT\n"), "weak_removed"),
    ("range backwards", line("    for _ in range(3, 1):\n        assert result == LIMIT\n"), "weak_removed"),
    ("{}.items()", line("    for _ in {}.items():\n        assert result == LIMIT\n"), "weak_removed"),
    ("dict()", line("    for _ in dict():\n        assert result == LIMIT\n"), "weak_removed"),
    ("empty by name", line("    cases = []\n    for _ in cases:\n        assert result == LIMIT\n"), "weak_removed"),
    ("empty by constant", sub(line("    for _ in NONE:\n        assert result == LIMIT\n"), "LIMIT = 3", "LIMIT = 3\nNONE = ()"), "weak_removed"),
    ("enumerate of nothing", line("    for _ in enumerate([]):\n        assert result == LIMIT\n"), "weak_removed"),
    ("zip with nothing", line("    for _ in zip([1], []):\n        assert result == LIMIT\n"), "weak_removed"),
    ("slice of nothing", line("    for _ in [1, 2][:0]:\n        assert result == LIMIT\n"), "weak_removed"),
    ("comprehension of nothing", line("    for _ in [x for x in []]:\n        assert result == LIMIT\n"), "weak_removed"),
    ("loop over what it gives", line("    for _ in parse(''):\n        assert result == LIMIT\n"), "weak_swallowed"),
    ("all of nothing", line("    assert all(result == LIMIT for _ in [])\n"), "weak_removed"),
    # a function that nobody calls
    ("nested", line("    def inner():\n        assert result == LIMIT\n"), "weak_removed"),
    ("nested async", line("    async def inner():\n        assert result == LIMIT\n    inner()\n"), "weak_removed"),
    ("generator not turned", line("    def inner():\n        yield\n        assert result == LIMIT\n    inner()\n"), "weak_removed"),
    ("given to something", line("    def inner():\n        assert result == LIMIT\n    str(inner)\n"), "weak_swallowed"),
    ("lambda", sub(U, "        self.assertEqual(total([1, 2]), 3)", "        lambda: self.assertEqual(total([1, 2]), 3)"), "weak_removed"),
    ("class inside", line("    class Inner:\n        def test(self):\n            assert result == LIMIT\n"), "weak_removed"),
    ("helper not called", sub(above("def check(got):\n    assert got == LIMIT\n"), LINE, ""), "weak_removed"),
    ("helper not awaited", line("    check(result)\n").replace("LIMIT = 3\n", "LIMIT = 3\nasync def check(got):\n    assert got == LIMIT\n"), "weak_removed"),
    ("helper is a generator", line("    check(result)\n").replace("LIMIT = 3\n", "LIMIT = 3\ndef check(got):\n    yield\n    assert got == LIMIT\n"), "weak_removed"),
    ("test that yields", line("    yield\n" + LINE), "weak_removed"),
    # another subject
    ("import moved", sub(A, IMPORT, "from pkg import parse\nfrom tests.fakes import total\n"), "weak_other_subject"),
    ("import moved in the package", sub(A, IMPORT, "from pkg import parse\nfrom pkg.fake import total\n"), "weak_other_subject"),
    ("import moved to a neighbour", sub(A, IMPORT, "from pkg import parse\nfrom .fakes import total\n"), "weak_other_subject"),
    ("imported under its name", sub(A, IMPORT, "from pkg import parse, average as total\n"), "weak_other_subject"),
    ("import tried", sub(A, IMPORT, IMPORT + "try:\n    from fakes import total\nexcept ImportError:\n    pass\n"), "weak_other_subject"),
    ("import inside the test", line("    from fakes import total\n" + LINE), "weak_other_subject"),
    ("defined here", above("def total(x):\n    return 3\n"), "weak_other_subject"),
    ("class of the same name", above("class total(int):\n    pass\n"), "weak_other_subject"),
    ("assigned here", above("total = lambda x: 3\n"), "weak_other_subject"),
    ("assigned in the test", sub(A, "    result = total", "    total = lambda x: 3\n    result = total"), "weak_other_subject"),
    ("defined in the test", sub(A, "    result = total", "    def total(x):\n        return 3\n    result = total"), "weak_other_subject"),
    ("argument of that name", sub(A, "def test_total():", "def test_total(total):"), "weak_other_subject"),
    ("default of that name", sub(A, "def test_total():", "def test_total(total=lambda x: 3):"), "weak_other_subject"),
    ("built-in shadowed", above("def len(x):\n    return 1\n"), "weak_other_subject"),
    ("monkeypatch", sub(sub(A, "def test_total():\n", "def test_total(monkeypatch):\n    monkeypatch.setattr('pkg.total', lambda x: 3)\n"), "import pytest\n", "import pytest\n"), "weak_replaced"),
    ("monkeypatch of a part", sub(sub(A, "def test_total():\n", "def test_total(monkeypatch):\n    monkeypatch.setattr(pkg, 'add', lambda x: 3)\n"), IMPORT, "import pkg\n" + IMPORT), "weak_replaced"),
    ("patch as decorator", sub(sub(A, TOP, "@patch('pkg.add')\n" + TOP), IMPORT, "from unittest.mock import patch\n" + IMPORT), "weak_replaced"),
    ("patch as block", sub(sub(A, "    result = total([1, 2])\n", "    with mock.patch.object(pkg, 'add'):\n        result = total([1, 2])\n"), IMPORT, "from unittest import mock\nimport pkg\n" + IMPORT), "weak_replaced"),
    ("mocker", sub(A, "def test_total():\n", "def test_total(mocker):\n    mocker.patch('pkg.add', return_value=3)\n"), "weak_replaced"),
    ("assigned to the module", sub(sub(A, "    result = total", "    pkg.add = lambda x: 3\n    result = total"), IMPORT, "import pkg\n" + IMPORT), "weak_replaced"),
    ("setattr", sub(sub(A, "    result = total", "    setattr(pkg, 'add', 3)\n    result = total"), IMPORT, "import pkg\n" + IMPORT), "weak_replaced"),
    ("at module level", sub(A, IMPORT, IMPORT + "import pkg\npkg.total = lambda x: 3\n"), "weak_replaced"),
    ("sys.modules", sub(A, IMPORT, "import sys\nsys.modules['pkg'] = 1\n" + IMPORT), "weak_replaced"),
    ("fixture of the file", sub(above("@pytest.fixture\ndef quiet(monkeypatch):\n    monkeypatch.setattr('pkg.add', 3)\n"), "def test_total():", "def test_total(quiet):"), "weak_replaced"),
    ("autouse of the file", above("@pytest.fixture(autouse=True)\ndef quiet(monkeypatch):\n    monkeypatch.setattr('pkg.add', 3)\n"), "weak_replaced"),
    ("usefixtures", sub(above("@pytest.fixture\ndef quiet(monkeypatch):\n    monkeypatch.setattr('pkg.add', 3)\n"), TOP, "@pytest.mark.usefixtures('quiet')\n" + TOP), "weak_replaced"),
    ("setup method", sub(A, "class TestParse:\n", "class TestParse:\n    def setup_method(self):\n        mock.patch('pkg.parse').start()\n\n"), "weak_replaced"),
    # swallowed
    ("except Exception", line("    try:\n        assert result == LIMIT\n    except Exception:\n        pass\n"), "weak_swallowed"),
    ("bare except", line("    try:\n        assert result == LIMIT\n    except:\n        pass\n"), "weak_swallowed"),
    ("except in a tuple", line("    try:\n        assert result == LIMIT\n    except (ValueError, AssertionError):\n        pass\n"), "weak_swallowed"),
    ("except star", line("    try:\n        assert result == LIMIT\n    except* AssertionError:\n        pass\n"), "weak_swallowed"),
    ("except and skip", line("    try:\n        assert result == LIMIT\n    except AssertionError:\n        pytest.skip('x')\n"), "weak_swallowed"),
    ("raised as a skip", line("    try:\n        assert result == LIMIT\n    except AssertionError:\n        raise unittest.SkipTest\n"), "weak_swallowed"),
    ("finally return", line("    try:\n        assert result == LIMIT\n    finally:\n        return\n"), "weak_swallowed"),
    ("suppress", line("    with contextlib.suppress(AssertionError):\n        assert result == LIMIT\n"), "weak_swallowed"),
    ("suppress by alias", sub(line("    with quiet(AssertionError):\n        assert result == LIMIT\n"), "import pytest\n", "import pytest\nfrom contextlib import suppress as quiet\n"), "weak_swallowed"),
    ("raises around", line("    with pytest.raises(AssertionError):\n        assert result == LIMIT\n"), "weak_swallowed"),
    ("context manager of the file", sub(above("class Quiet:\n    def __enter__(self): pass\n    def __exit__(self, *a): return True\n"), LINE, "    with Quiet():\n        assert result == LIMIT\n"), "weak_swallowed"),
    ("contextmanager of the file", sub(above("@contextmanager\ndef quiet():\n    try:\n        yield\n    except AssertionError:\n        pass\n"), LINE, "    with quiet():\n        assert result == LIMIT\n"), "weak_swallowed"),
    ("context manager of the tests", sub(line("    with quiet():\n        assert result == LIMIT\n"), IMPORT, IMPORT + "from tests.helpers import quiet\n"), "weak_swallowed"),
    ("expected failure", sub(U, "    def test_sum", "    @unittest.expectedFailure\n    def test_sum"), "weak_silenced"),
    ("xfail by alias", sub(above("broken = pytest.mark.xfail\n"), TOP, "@broken\n" + TOP), "weak_silenced"),
    ("skip under another name", sub(sub(A, "import pytest\n", "import pytest\nimport pytest as p\n"), TOP, "@p.mark.skip\n" + TOP), "weak_silenced"),
    # decorators
    ("decorator gives nothing", decorate("def off(f):\n    pass\n", "off"), "weak_silenced"),
    ("decorator gives another", decorate("def off(f):\n    def other():\n        pass\n    return other\n", "off"), "weak_silenced"),
    ("decorator swallows", decorate("def off(f):\n    def other():\n        try:\n            f()\n        except AssertionError:\n            pass\n    return other\n", "off"), "weak_silenced"),
    ("decorator from elsewhere", sub(sub(A, IMPORT, IMPORT + "from tests.helpers import quiet\n"), TOP, "@quiet\n" + TOP), "weak_silenced"),
    ("decorator of a class", sub(above("def off(c):\n    return None\n"), "class TestParse", "@off\nclass TestParse"), "weak_silenced"),
    # always true
    ("x == x", line("    assert result == result\n"), "weak_"),
    ("LIMIT == LIMIT", line("    assert LIMIT == LIMIT\n"), "weak_removed"),
    ("tuple", line("    assert (result == LIMIT, 'sum')\n"), "weak_removed"),
    ("or True", line("    assert result == LIMIT or True\n"), "weak_removed"),
    ("or 1", line("    assert result == LIMIT or 1\n"), "weak_removed"),
    ("or a text", line("    assert result == LIMIT or 'x'\n"), "weak_removed"),
    ("not False and", line("    assert not (False and result == LIMIT)\n"), "weak_removed"),
    ("if else True", line("    assert True if result else True\n"), "weak_removed"),
    ("lambda is true", line("    assert lambda: result == LIMIT\n"), "weak_removed"),
    ("generator is true", line("    assert (result == LIMIT for _ in [1])\n"), "weak_removed"),
    ("a list is true", line("    assert [result == LIMIT]\n"), "weak_removed"),
    ("walrus", line("    assert (result := 3) == LIMIT\n"), "weak_"),
    ("always equal", sub(above("class Any:\n    def __eq__(self, o): return True\n"), LINE, "    assert result == Any()\n"), "weak_expects"),
    ("in anything", line("    assert result in [result]\n"), "weak_"),
    ("isinstance of object", sub(A, "isinstance(result, int)", "isinstance(result, object)"), "weak_expects"),
    ("helper does nothing", sub(above("def assert_equal(*a):\n    pass\n"), LINE, "    assert_equal(result, LIMIT)\n"), "weak_removed"),
    ("helper is a lambda", sub(above("assert_equal = lambda *a: None\n"), LINE, "    assert_equal(result, LIMIT)\n"), "weak_removed"),
    ("helper is nested", line("    def assert_equal(*a): pass\n    assert_equal(result, LIMIT)\n"), "weak_removed"),
    ("raises of the file", sub(above("class pytest2:\n    pass\ndef raises(*a, **k):\n    return open('x')\n"), "pytest.raises(ValueError", "raises(ValueError"), "weak_removed"),
    ("raises from elsewhere", sub(A, "import pytest\n", "import pytest\nfrom tests import fakes\n").replace("pytest.raises(", "fakes.raises("), "weak_removed"),
    ("assertEqual overridden", None, "weak_removed"),
    ("base class of the tests", None, "weak_replaced"),
]  # fmt: skip
OVERRIDDEN = sub(
    U, "    def check", "    def assertEqual(self, *a):\n        pass\n\n    def check"
)
BASED = sub(
    sub(U, "unittest.TestCase", "Base"),
    "import unittest\n",
    "import unittest\nfrom tests.base import Base\n",
)
UNITTEST = {
    "assertEqual overridden": OVERRIDDEN,
    "base class of the tests": BASED,
}
FLOW = [
    (name, PY, U if name in UNITTEST or name in ("lambda", "expected failure") else A, new or UNITTEST[name], key)
    for name, new, key in ROWS
]  # fmt: skip
