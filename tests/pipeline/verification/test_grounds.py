"""Which failing tests are ground enough to change the product."""

from __future__ import annotations

import pytest

from harness.core.types import Failure
from harness.pipeline.verification.grounds import (
    Base,
    Way,
    idle,
    is_reported,
    named_in,
    reads_source,
    shallow,
    spoken_of,
    way_of,
)
from harness.pipeline.verification.test_text import held_in, own_text, support_of
from harness.prompting.templates import Prompts, PromptText, prompts_root

PROMPTS = Prompts(prompts_root())
SUITE = Way(command="python3 -m pytest -q", reporter="pytest")
TESTS, FILES = ("tests/test_add.py::test_add",), ("tests/test_add.py",)
BASE = Base(
    sources={
        "calc/core.py": "RATE = 0.1\n\n\ndef add(a, b):\n    return a - b\n\n\n"
        "class Shelf:\n    pass\n",
        "src/sum.js": "export const LIMIT = 3\nexport function sum(a) {\n  return a\n}\n",
    },
    files=("calc/core.py", "src/sum.js", "calc/rates.json", "old.cfg", "README.md"),
)
ISSUE = "add(2, 3) gives -1, it should give 5."
TEST = "from calc.core import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"


def words_for(found: PromptText | None) -> str:
    """What the agent is told of a test that is no ground."""
    assert found is not None
    return PROMPTS.fill(found)


def failure(kind: str, text: str, *frames: str, phase: str = "call") -> Failure:
    return Failure.model_validate({"phase": phase, "kind": kind, "text": text, "frames": frames})


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    "command", ["python3 -m pytest -q tests/test_add.py", "pytest tests/test_add.py::test_add -x"]
)
def test_a_plain_run_of_the_projects_runner_stays(command: str) -> None:
    assert way_of(command, TESTS, FILES, ["pytest"], SUITE) == Way(
        command=command, reporter="pytest"
    )


@pytest.mark.parametrize(
    "command",
    [
        "pytest -q tests/test_add.py; exit 1",
        "pytest -q tests/test_add.py || false",
        "cd tests && pytest test_add.py && false",
        "npx jest tests/test_add.py",
        "make test",
        "python3 -m pytest -p evil tests/test_add.py",
    ],
)
def test_any_other_run_is_made_anew_from_the_suite(command: str) -> None:
    found = way_of(command, TESTS, FILES, ["pytest"], SUITE)
    assert found == Way(
        command="python3 -m pytest -q tests/test_add.py::test_add", reporter="pytest"
    )


@pytest.mark.parametrize(
    "command",
    [
        "grep -q 'a + b' calc/core.py",
        "python -c 'from calc.core import add; assert add(2, 3) == 5'",
        "sh check.sh",
        "./repro.sh",
        "python3 repro.py",
        "node repro.js",
        "test -f calc/new.json",
        "! diff a b",
    ],
)
def test_what_runs_no_named_test_is_refused_with_the_way_on(command: str) -> None:
    found = way_of(command, TESTS, FILES, ["pytest"], SUITE)
    assert isinstance(found, PromptText)
    assert "pytest" in PROMPTS.fill(found)
    assert "blocked" in PROMPTS.fill(found)


def test_names_without_a_path_are_run_by_their_file() -> None:
    found = way_of("make test", ("test_add",), FILES, ["pytest"], SUITE)
    assert isinstance(found, Way)
    assert found.command == "python3 -m pytest -q tests/test_add.py"


# ---------------------------------------------------------------- the failure


IN_TEST = "tests/test_add.py:5 test_add"
IN_PRODUCT = "calc/core.py:4 add"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ImportError", "ImportError: cannot import name 'FIXED' from 'calc.core'"),
        ("ModuleNotFoundError", "ModuleNotFoundError: No module named 'calc.fixed'"),
        ("FileNotFoundError", "FileNotFoundError: [Errno 2] No such file: 'calc/fixed.json'"),
        ("SyntaxError", "SyntaxError: invalid syntax"),
        ("NameError", "NameError: name 'added' is not defined"),
        ("AttributeError", "AttributeError: module 'calc.core' has no attribute 'FIXED'"),
        ("AttributeError", "AttributeError: type object 'Shelf' has no attribute 'total'"),
        ("AttributeError", "AttributeError: 'Shelf' object has no attribute 'grand_total'"),
        ("TypeError", "TypeError: add() got an unexpected keyword argument 'strict'"),
        ("TypeError", "TypeError: (0 , _sum.plus) is not a function"),
        ("ReferenceError", "ReferenceError: plus is not defined"),
        ("", "Error: Cannot find module '../src/plus'"),
        ("jinja2.exceptions.TemplateNotFound", "jinja2.exceptions.TemplateNotFound: new.html"),
    ],
)
def test_what_is_missing_is_no_reason(kind: str, text: str) -> None:
    assert "missing" in words_for(shallow(failure(kind, text, IN_TEST), ISSUE, BASE))
    # the issue's word alone does not make it one, and the product's frame alone neither
    assert shallow(failure(kind, text, IN_TEST), f"{ISSUE} {text}", BASE)
    assert shallow(failure(kind, text, IN_TEST, IN_PRODUCT), ISSUE, BASE)


@pytest.mark.parametrize(
    ("kind", "text", "issue"),
    [
        ("ImportError", "ImportError: cannot import name 'coroutine'", "ImportError on 3.13"),
        (
            "FileNotFoundError",
            "FileNotFoundError: 'calc/page.html'",
            "page.html is not in the wheel",
        ),
        ("NameError", "NameError: name 'b' is not defined", "add(2) says: name 'b' is not defined"),
        ("app.PageNotFound", "app.PageNotFound: x", "I get PageNotFound"),
    ],
)
def test_the_products_own_and_reported_failure_is_one(kind: str, text: str, issue: str) -> None:
    assert shallow(failure(kind, text, IN_TEST, IN_PRODUCT), issue, BASE) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("AssertionError", "AssertionError: assert -1 == 5"),
        ("AttributeError", "AttributeError: 'NoneType' object has no attribute 'group'"),
        ("KeyError", "KeyError: 'x'"),
        ("TypeError", "TypeError: unsupported operand type(s)"),
        ("ZeroDivisionError", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_wrong_value_or_a_crash_is_a_reason(kind: str, text: str) -> None:
    assert shallow(failure(kind, text, IN_TEST), ISSUE, BASE) is None


def test_a_failure_before_the_call_is_none() -> None:
    for phase in ("setup", "collection", "teardown"):
        found = shallow(failure("AssertionError", "x", IN_PRODUCT, phase=phase), ISSUE, BASE)
        assert phase in words_for(found)


def test_whether_an_issue_reports_a_failure() -> None:
    crash = failure("ValueError", "E   ValueError: could not read the day of the month")
    assert is_reported(crash, "it fails with ValueError")
    assert is_reported(crash, "it says: Could not read the day\nof the month!")
    assert not is_reported(crash, "it does not work")


# ---------------------------------------------------------------- what the test looks at


@pytest.mark.parametrize(
    "text",
    [
        "def test_a():\n    assert 'a + b' in open('calc/core.py').read()\n",
        "def test_a():\n    assert 'a + b' in Path('calc', 'core.py').read_text()\n",
        "def test_a():\n    assert 'a + b' in Path(core.__file__).read_text()\n",
        "def test_a():\n    assert '+' in inspect.getsource(add)\n",
        "def test_a():\n    assert add.__code__.co_code != b''\n",
        "def test_a():\n    for f in Path('.').rglob('*.py'):\n        assert f.read_text()\n",
        "def test_a():\n    assert subprocess.run(['grep', '-q', 'a + b', 'core.py']).returncode\n",
        "def test_a():\n    assert os.system(\"grep -q 'a + b' calc/core.py\") == 0\n",
        "it('a', () => { expect(fs.readFileSync('src/sum.js', 'utf8')).toContain('+') })",
        "it('a', () => { expect(sum.toString()).toContain('+') })",
    ],
)
def test_reading_source_as_text_proves_nothing(text: str) -> None:
    assert "as text" in words_for(reads_source(text, BASE))


@pytest.mark.parametrize(
    "text",
    [
        TEST,
        "def test_a(p):\n    (p / 'a.txt').write_text('x')\n    assert open(p / 'a.txt')\n",
        "def test_a(p):\n    out = build(p)\n    assert (out / 'page.html').read_text() == ''\n",
        "def test_a():\n    done = subprocess.run([sys.executable, '-m', 'calc', '2', '3'])\n",
        "it('a', () => { expect(read('data.json').toString()).toBe('5') })",
    ],
)
def test_reading_what_the_product_wrote_is_fine(text: str) -> None:
    assert reads_source(text, BASE) is None


def test_a_test_that_ran_no_product_code_proves_nothing() -> None:
    asserted = failure("AssertionError", "assert False", IN_TEST)
    text = "def test_a():\n    assert getattr(core, 'FIXED', False)\n"
    assert "ran no function" in words_for(idle(text, (), asserted, ISSUE, BASE))
    # it did run some, a frame is the product's, it starts a process, or nobody could tell
    assert idle(text, ("calc/core.py::add",), asserted, ISSUE, BASE) is None
    assert idle(text, (), failure("AssertionError", "x", IN_TEST, IN_PRODUCT), ISSUE, BASE) is None
    assert idle("subprocess.run(['calc'])", (), asserted, ISSUE, BASE) is None
    assert idle(text, None, asserted, ISSUE, BASE) is None


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("assert json.load(open('calc/rates.json'))['vat'] == 0.2", "rates.json has the old VAT"),
        ("assert not Path('old.cfg').exists()", "Please remove old.cfg"),
        ("assert core.RATE == 0.2", "RATE should be 0.2"),
        ("assert not hasattr(core, 'Shelf')", "Remove Shelf, it is deprecated"),
    ],
)
def test_a_deletion_or_data_that_the_issue_names_may_be_looked_at(text: str, issue: str) -> None:
    asserted = failure("AssertionError", "assert False", IN_TEST)
    assert idle(text, (), asserted, issue, BASE) is None
    assert idle(text, (), asserted, ISSUE, BASE) is not None


def test_a_function_that_is_only_looked_at_was_not_run() -> None:
    asserted = failure("AssertionError", "assert False", IN_TEST)
    assert idle("assert core.add.__doc__ == 'x'", (), asserted, ISSUE, BASE) is not None


def test_what_an_issue_names_as_code() -> None:
    assert named_in(ISSUE, BASE) == {"add"}
    assert named_in("`Shelf` is wrong, and sum() too; core is fine", BASE) == {"Shelf", "sum"}
    assert named_in("please add it to the shelf", BASE) == frozenset()


# ---------------------------------------------------------------- whose text it is

BESIDE = """import inspect as i
from calc.core import add

WANTED = 5


def source(f):
    return i.getsource(f)


def check(value):
    assert value == WANTED


def test_add():
    check(add(2, 3))


class TestAll:
    def test_source(self):
        assert "+" in source(add)
"""


def test_a_tests_text_is_what_it_uses_and_no_more() -> None:
    own = own_text(BESIDE, "tests/test_a.py", "tests/test_a.py::test_add[x-1]")
    assert "WANTED = 5" in own
    assert "def check" in own
    assert "getsource" not in own
    other = own_text(BESIDE, "tests/test_a.py", "tests/test_a.py::TestAll::test_source")
    assert "getsource" in other
    assert own_text("def (", "tests/test_a.py", "x") == "def ("


def test_a_scripts_test_ends_where_the_next_begins() -> None:
    text = "const fs = 1\nit('one', () => { a() })\nit('two', () => { b() })\n"
    own = own_text(text, "a.test.js", "a.test.js::suite > one")
    assert "a()" in own
    assert "const fs" in own
    assert "b()" not in own


def test_support_files_hold_no_named_test() -> None:
    files = {"tests/test_add.py": TEST, "tests/data.json": "{}", "tests/conftest.py": "x = 1\n"}
    assert support_of(files, ["tests/test_add.py::test_add[1]"]) == (
        "tests/data.json",
        "tests/conftest.py",
    )
    assert held_in("suite > adds", "a.test.js", "it('adds', () => {})")
    assert not held_in("test_ad", "tests/test_add.py", TEST)
    for test, path, text in (
        ("example.org/calc::TestSum/odd_one", "calc/sum_test.go", "func TestSum(t *testing.T) {}"),
        ("calc.SumTest::cases(int)[1]", "src/test/java/calc/SumTest.java", "void cases(int n) {}"),
        ("calc/src/lib.rs::tests::adds", "src/lib.rs", ""),
        ("TestSum#test_adds", "test/sum_test.rb", "def test_adds"),
        ("spec/sum_spec.rb::Sum adds", "spec/sum_spec.rb", ""),
        ("knows C#", "a.test.js", "it('knows C#', () => {})"),
    ):
        assert held_in(test, path, text)
        assert not held_in(test, "other.go", "package other")


@pytest.mark.parametrize(
    ("function", "issue", "named"),
    [
        ("src/shop/cart.py::Cart.add", "The cart then holds 2 teas", True),
        ("src/shop/money.py::share", "Share of three is wrong", True),
        ("src/shop/money.py::split_evenly", "it does not split", True),
        ("src/shop/__init__.py::f", "the shop is closed", True),
        ("src/words/query.js::parseQuery", "the query is cut", True),
        ("src/shop/log.py::note", "An article that is added twice counts once", False),
        ("src/shop/log.py::note", "catalogue notes", False),
        ("src/shop/money.py::to_it", "it is to be", False),
    ],
)
def test_an_issue_names_what_it_is_about(function: str, issue: str, named: bool) -> None:
    assert spoken_of([function], issue) is named
