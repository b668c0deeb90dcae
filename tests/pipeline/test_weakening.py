# ruff: noqa: E501
"""F2: every way to make a test weaker is found, and honest work on tests is left alone."""

from __future__ import annotations

import pytest

from harness.core.types import ExpectationChange, Finding
from harness.core.words import Catalogue
from harness.pipeline.weakening import is_test_file, weakened
from tests.pipeline.benign_rows import BENIGN
from tests.pipeline.weak_rows import JS, PY, WEAK, A, sub


@pytest.mark.parametrize(
    ("path", "old", "new", "key"), [w[1:] for w in WEAK], ids=[w[0] for w in WEAK]
)
def test_a_weaker_test_is_found(path: str, old: str | None, new: str | None, key: str) -> None:
    found = weakened({path: (old, new)})
    assert found, "nothing was found"
    assert any(key in f.say.key for f in found), [f.say for f in found]
    assert is_test_file(path)
    for finding in found:
        assert (finding.source, finding.path, finding.severity) == ("weakening", path, "blocking")
        for language in ("en", "ko"):
            sentence = Catalogue("ko" if language == "ko" else "en")(
                finding.say.key, **finding.say.facts
            )
            assert "{" not in sentence.replace(str(finding.say.facts), "") or finding.say.facts


@pytest.mark.parametrize(
    ("path", "old", "new"), [b[1:] for b in BENIGN], ids=[b[0] for b in BENIGN]
)
def test_honest_work_is_left_alone(path: str, old: str | None, new: str | None) -> None:
    assert [f.say for f in weakened({path: (old, new)})] == []


def test_a_test_may_move_to_another_file() -> None:
    moved = "def test_total():\n    result = total([1, 2])\n    assert result == 3\n    assert isinstance(result, int)\n"
    short = A[: A.index("def test_total")] + A[A.index("def test_rejects") :]
    assert weakened({PY: (A, short), "tests/test_b.py": (None, moved)}) == ()
    assert keys(weakened({PY: (A, short), "tests/test_b.py": (None, "")})) == ["guard.weak_deleted"]


def keys(findings: tuple[Finding, ...]) -> list[str]:
    return [f.say.key for f in findings]


def test_the_approved_plan_lifts_what_it_names_and_no_more() -> None:
    changed = sub(sub(A, 'parse("") == []', 'parse("") == [""]'), "abs=1e-9", "abs=0.5")
    texts = {PY: (A, changed)}

    def allowed(*names: str) -> list[str]:
        return keys(weakened(texts, [ExpectationChange(test=n, why="x") for n in names]))

    assert allowed() == ["guard.weak_expects", "guard.weak_loosened"]
    assert allowed(f"{PY}::TestParse::test_empty") == ["guard.weak_loosened"]
    assert allowed(f"{PY}::test_empty") == ["guard.weak_loosened"]
    assert allowed(f"{PY}::TestParse") == ["guard.weak_loosened"]
    assert allowed(f"{PY}::test_close[x]") == ["guard.weak_expects"]
    assert allowed(PY) == []
    assert len(allowed("tests/test_b.py", f"{PY}::test_em", "test_empty", "tests")) == 2


def test_no_plan_lifts_the_loss_of_a_whole_file() -> None:
    plan = [ExpectationChange(test=PY, why="not needed")]
    assert keys(weakened({PY: (A, None)}, plan)) == ["guard.weak_emptied"]
    silenced = sub(A, "LIMIT", "pytestmark = pytest.mark.skip\nLIMIT")
    assert keys(weakened({PY: (A, silenced)}, plan)) == ["guard.weak_file_silenced"]


def test_the_reproduction_is_frozen_whatever_the_plan_says() -> None:
    plan = [ExpectationChange(test=PY, why="x")]
    texts = {PY: (None, A + "# touched\n")}
    (found,) = weakened(texts, plan, {PY: A})
    assert (found.source, found.say.key) == ("reproduction", "guard.weak_frozen")
    assert weakened({PY: (None, A)}, (), {PY: A}) == ()


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
    ):
        weakened({path: (A, text)})
        weakened({path: (text, A)})


def test_what_is_a_test_file() -> None:
    yes = "tests/test_a.py a_test.py pkg/tests/helpers.py src/a.spec.tsx __tests__/a.js x_test.go"
    yes += " conftest.py pyproject.toml package.json .github/workflows/ci.yml tests/a.rs ATest.java"
    no = "src/a.py README.md src/contest.py docs/tests.md src/latest.js tests/data.json"
    assert [p for p in yes.split() if not is_test_file(p)] == []
    assert [p for p in no.split() if is_test_file(p)] == []
