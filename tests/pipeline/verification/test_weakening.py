# ruff: noqa: E501
"""F2: every way to make a test weaker is found, and honest work on tests is left alone."""

from __future__ import annotations

import pytest

from harness.core.types import ExpectationChange, Finding
from harness.i18n.catalogue import Catalogue
from harness.pipeline.verification.weakening import find_weakening, is_test_file
from tests.pipeline.verification.benign_flow_rows import BENIGN_FLOW
from tests.pipeline.verification.benign_rows import BENIGN
from tests.pipeline.verification.go_rows import GO_BENIGN, GO_WEAK
from tests.pipeline.verification.java_rows import JAVA_BENIGN, JAVA_WEAK
from tests.pipeline.verification.reach_rows import REACH_BENIGN, REACH_WEAK
from tests.pipeline.verification.rust_rows import RUST_BENIGN, RUST_WEAK
from tests.pipeline.verification.script_rows import SCRIPT_BENIGN, SCRIPT_WEAK
from tests.pipeline.verification.weak_flow_rows import FLOW
from tests.pipeline.verification.weak_rows import JS, PY, WEAK, A, sub

ALL_WEAK = [*WEAK, *FLOW, *SCRIPT_WEAK, *REACH_WEAK, *GO_WEAK, *RUST_WEAK, *JAVA_WEAK]
ALL_BENIGN = [
    *BENIGN,
    *BENIGN_FLOW,
    *SCRIPT_BENIGN,
    *REACH_BENIGN,
    *GO_BENIGN,
    *RUST_BENIGN,
    *JAVA_BENIGN,
]


@pytest.mark.parametrize(
    ("path", "old", "new", "key"), [w[1:] for w in ALL_WEAK], ids=[w[0] for w in ALL_WEAK]
)
def test_a_weaker_test_is_found(path: str, old: str | None, new: str | None, key: str) -> None:
    found = find_weakening({path: (old, new)})
    assert found, "nothing was found"
    assert any(key in f.say.key for f in found), [f.say for f in found]
    assert is_test_file(path)
    for finding in found:
        assert (finding.source, finding.path, finding.severity) == ("weakening", path, "blocking")
        for language in ("en", "ko"):
            sentence = Catalogue(language)(finding.say.key, **finding.say.facts)
            assert "{" not in sentence.replace(str(finding.say.facts), "") or finding.say.facts


@pytest.mark.parametrize(
    ("path", "old", "new"), [b[1:] for b in ALL_BENIGN], ids=[b[0] for b in ALL_BENIGN]
)
def test_honest_work_is_left_alone(path: str, old: str | None, new: str | None) -> None:
    assert [f.say for f in find_weakening({path: (old, new)})] == []


def test_a_test_may_move_to_another_file() -> None:
    moved = "from pkg import total\ndef test_total():\n    result = total([1, 2])\n    assert result == 3\n    assert isinstance(result, int)\n"
    short = A[: A.index("def test_total")] + A[A.index("def test_rejects") :]
    assert find_weakening({PY: (A, short), "tests/test_b.py": (None, moved)}) == ()
    assert keys(find_weakening({PY: (A, short), "tests/test_b.py": (None, "")})) == [
        "guard.weak_deleted"
    ]


def keys(findings: tuple[Finding, ...]) -> list[str]:
    return [f.say.key for f in findings]


def test_the_approved_plan_lifts_what_it_names_and_no_more() -> None:
    changed = sub(sub(A, 'parse("") == []', 'parse("") == [""]'), "abs=1e-9", "abs=0.5")
    texts = {PY: (A, changed)}

    def allowed_by(*names: str) -> list[str]:
        return keys(find_weakening(texts, [ExpectationChange(test=n, why="x") for n in names]))

    assert allowed_by() == ["guard.weak_expects", "guard.weak_loosened"]
    assert allowed_by(f"{PY}::TestParse::test_empty") == ["guard.weak_loosened"]
    assert allowed_by(f"{PY}::test_empty") == ["guard.weak_loosened"]
    assert allowed_by(f"{PY}::TestParse") == ["guard.weak_loosened"]
    assert allowed_by(f"{PY}::test_close[x]") == ["guard.weak_expects"]
    assert allowed_by(PY) == []
    assert len(allowed_by("tests/test_b.py", f"{PY}::test_em", "test_empty", "tests")) == 2


def test_no_plan_lifts_the_loss_of_a_whole_file() -> None:
    plan = [ExpectationChange(test=PY, why="not needed")]
    assert keys(find_weakening({PY: (A, None)}, plan)) == ["guard.weak_emptied"]
    silenced = sub(A, "LIMIT", "pytestmark = pytest.mark.skip\nLIMIT")
    assert keys(find_weakening({PY: (A, silenced)}, plan)) == ["guard.weak_file_silenced"]


def test_the_reproduction_is_frozen_whatever_the_plan_says() -> None:
    plan = [ExpectationChange(test=PY, why="x")]
    texts = {PY: (None, A + "# touched\n")}
    (found,) = find_weakening(texts, plan, {PY: A})
    assert (found.source, found.say.key) == ("reproduction", "guard.weak_frozen")
    assert find_weakening({PY: (None, A)}, (), {PY: A}) == ()


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "(" * 50_000,
        "x = " + "-" * 30_000 + "1",
        "`" * 999,
        "it('",
        "/*",
        "\ud800",
        "{" * 9999,
    ],
)
def test_odd_files_do_not_raise(text: str) -> None:
    for path in (
        PY,
        JS,
        "package.json",
        "pytest.ini",
        "pyproject.toml",
        "conftest.py",
        "a_test.go",
        "tests/a.rs",
        "ATest.java",
        "tests/a.c",
        "tests/a.rb",
    ):
        find_weakening({path: (A, text)})
        find_weakening({path: (text, A)})


def test_what_is_a_test_file() -> None:
    yes = "tests/test_a.py a_test.py pkg/tests/helpers.py src/a.spec.tsx __tests__/a.js x_test.go"
    yes += " conftest.py pyproject.toml package.json .github/workflows/ci.yml tests/a.rs ATest.java"
    no = "src/a.py README.md src/contest.py docs/tests.md src/latest.js tests/data.json"
    assert [p for p in yes.split() if not is_test_file(p)] == []
    assert [p for p in no.split() if is_test_file(p)] == []


def test_a_named_file_of_the_continuous_integration_is_no_weaker_test() -> None:
    texts = {".github/workflows/ci.yml": ("run: pytest\n", "run: pytest -q\n")}
    assert keys(find_weakening(texts)) == ["guard.weak_ci"]
    assert find_weakening(texts, named=lambda path: path.startswith(".github/")) == ()
    changed = {PY: (A, sub(A, "abs=1e-9", "abs=0.5"))}
    assert keys(find_weakening(changed, named=lambda path: True)) == ["guard.weak_loosened"]


def test_a_file_that_only_follows_a_module_is_not_weaker() -> None:
    texts = {PY: (A, A.replace("from pkg import", "from pkg.deep import"))}
    assert set(keys(find_weakening(texts))) == {"guard.weak_other_subject"}
    assert find_weakening(texts, moved=frozenset([PY])) == ()


def test_a_helper_may_move_to_another_file_of_the_tests() -> None:
    own = sub(A, "LIMIT = 3\n", "LIMIT = 3\n\ndef build(x):\n    return total(x)\n")
    own = sub(own, "result = total([1, 2])", "result = build([1, 2])")
    shared = sub(own, "\ndef build(x):\n    return total(x)\n", "from tests.helpers import build\n")
    assert find_weakening({PY: (own, shared)}) == ()


@pytest.mark.parametrize(
    ("changed", "old", "new"),
    [
        (sub(A, '("a,b", 2)', '("a,b", 1)'), "[count=2]", "[count=1]"),
        (sub(A, '("a,b", 2)', '("b", 2)'), "[text='a,b']", "[text='b']"),
        (sub(A, "LIMIT = 3", "LIMIT = 4"), "[3]", "[4]"),
        (sub(A, "LIMIT = 3", "LIMIT = " + repr("x" * 200 + "4")), "[3]", "…]"),
        (sub(A, ', match="not a list"', ""), '"not a list"', "total"),
    ],
)
def test_what_changed_can_be_told_from_what_is_said(changed: str, old: str, new: str) -> None:
    (found, *_) = find_weakening({PY: (A, changed)})
    facts = {k: str(v) for k, v in found.say.facts.items()}
    assert facts["old"] != facts["new"], facts
    assert old.strip('"') in facts["old"], facts
    assert new in facts["new"] or new == "total", facts
    assert all(len(value) <= 120 for value in facts.values())


def test_the_row_that_is_gone_is_told() -> None:
    (found,) = find_weakening({PY: (A, sub(A, ', ("a,b", 2)', ""))})
    assert found.say.facts["what"] == "assert len(items) == count [text='a,b', count=2]"


def test_two_long_rows_are_shown_where_they_part() -> None:
    rows = [A.replace('("a,b", 2)', f'("a,b", "{"x" * 90}{n}{"y" * 90}")') for n in (1, 2)]
    (found,) = find_weakening({PY: (rows[0], rows[1])})
    assert "x1y" in str(found.say.facts["old"])
    assert "x2y" in str(found.say.facts["new"])


RUBY = (
    "class SumTest < Minitest::Test\n  def test_adds\n    assert_equal 3, sum(1, 2)\n  end\nend\n"
)
KOTLIN = "class SumTest {\n  @Test fun adds() {\n    assertEquals(3, sum(1, 2))\n  }\n}\n"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("test/sum_test.rb", RUBY, sub(RUBY, "    assert", "    return\n    assert")),
        ("test/sum_test.rb", RUBY, sub(RUBY, "  end\nend", "  end\n  def sum(*) = 3\nend")),
        ("test/SumTest.kt", KOTLIN, sub(KOTLIN, "    assert", "    if (false) assert")),
        ("tests/SumTest.php", "<?php assert(1 == one());", "<?php assert(1 == one()); exit(0);"),
        (
            "test/sum_test.exs",
            "test do\nassert 1 == x\nend",
            "@tag :skip\ntest do\nassert 1 == x\nend",
        ),
        (
            "Tests/SumTests.cs",
            "[Fact] void A() { Assert.Equal(3, F()); }",
            '[Fact(Skip = "x")] void A() { Assert.Equal(3, F()); }',
        ),
    ],
)
def test_a_test_in_another_language_is_said_to_be_unseen(path: str, old: str, new: str) -> None:
    assert "guard.weak_language" in keys(find_weakening({path: (old, new)}))
    assert find_weakening({path: (None, new)}) == ()
    assert find_weakening({path: (old, old.replace("\n", "\r\n"))}) == ()


def test_what_is_no_test_of_that_language_is_left_alone() -> None:
    assert find_weakening({"tests/data/page.php": ("<?php echo 1;", "<?php echo 2;")}) == ()


MANY = "".join(
    f"    {' ' * 4 * n}for {name} in ({', '.join(map(str, range(12)))}):\n"
    for n, name in enumerate("abcd")
)
NESTED = f"\n\ndef test_many():\n{MANY}{' ' * 20}assert total([a, b, c, d]) >= d\n"


def test_loops_in_loops_are_read_as_a_whole() -> None:
    assert find_weakening({PY: (A, A + NESTED)}) == ()
    assert keys(find_weakening({PY: (A + NESTED, A + NESTED.replace(" 11)", ")"))})) != []
    changed = A + NESTED.replace(">= d", ">= 0")
    assert keys(find_weakening({PY: (A + NESTED, changed)})) == ["guard.weak_expects"]
