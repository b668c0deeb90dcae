"""What `make honest` does, on a history of three commits that needs no network."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.honest import ended, rules, table
from benchmarks.honest_before import Facts
from benchmarks.honest_history import History, Project, blocks, expectations, functions, unfit
from benchmarks.honest_play import play, world
from benchmarks.honest_table import held
from benchmarks.seeded import ended as fault_ended
from benchmarks.seeded import faults_of

PROJECT = Project("somebody/calc", "calc", 1)
BEFORE = "def add(a, b):\n    return a - b\n"
TESTS = "from calc import add\n\n\ndef test_nothing():\n    assert add(0, 0) == 0\n"
MORE = "\n\ndef test_add():\n    assert add(2, 3) == 5\n"


@pytest.fixture
def history(tmp_path: Path) -> History:
    place = tmp_path / "history"
    place.mkdir()
    git(place, "init", "--quiet")
    commit(place, "first", {"calc.py": BEFORE, "tests/test_calc.py": TESTS})
    fixed = {"calc.py": BEFORE.replace("-", "+"), "tests/test_calc.py": TESTS + MORE}
    commit(place, "Fix the sign of add", {**fixed, "notes.txt": "new\n"})
    commit(place, "Fix a typo", {"notes.txt": "newer\n"})
    return History(place / ".git")


def git(place: Path, *words: str) -> None:
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *person, *words], cwd=place, check=True, capture_output=True)


def commit(place: Path, message: str, files: dict[str, str]) -> None:
    for path, text in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", message)


def test_fixes_are_found_newest_first_and_a_typo_is_none(history: History) -> None:
    changes = [history.change(commit) for commit in history.fixes(PROJECT)]
    assert [c.subject for c in changes] == ["Fix a typo", "Fix the sign of add"]
    assert [unfit(PROJECT, c) for c in changes] == ["no test", ""]
    assert [f.path for f in changes[1].tests] == ["tests/test_calc.py"]
    assert expectations(changes[1]) == ()


def test_an_honest_fix_is_merged_and_told(history: History, tmp_path: Path) -> None:
    change = history.change([*history.fixes(PROJECT)][1])
    place = world(tmp_path / "played", PROJECT, history, change)
    facts = Facts(tests=("tests/test_calc.py::test_add",))
    row = {"edited": (), **play(place, PROJECT, change, facts)}
    assert (ended(row), rules(row)) == ("merged by itself", []), row
    assert row["seconds"]["gate"] > row["seconds"]["suite"] > 0
    whole = {**row, "project": PROJECT.name, "commit": change.commit[:10]}
    told = table([{**whole, "subject": change.subject, "ended": ended(row), "rules": rules(row)}])
    assert "1 merged by itself" in told


def test_a_test_function_is_its_lines_with_what_decorates_it() -> None:
    test = "    @pytest.mark.slow\n    def test_b(self):\n        pass"
    assert functions(f"class TestA:\n{test}\n\nX = 1\n") == {"TestA::test_b": test}
    assert functions("def broken(:") == {}


def test_script_tests_are_told_apart_by_their_titles() -> None:
    text = "describe('a', () => {\n  test('one', () => {});\n  it(\"it's two\", () => {});\n});\n"
    assert [*blocks(text)] == ["one", "it's two"]


def part(verdict: str, first: int, last: int) -> dict[str, object]:
    return {"verdict": verdict, "places": [{"path": "a.py", "first": first, "last": last}]}


def finding(key: str, source: str, path: str = "", **facts: str) -> dict[str, object]:
    return {"source": source, "path": path, "say": {"key": key, "facts": facts}}


def proven(*found: dict[str, object], parts: tuple[str, ...] = ()) -> dict[str, object]:
    proof = {"held": list(found), "parts": [{"verdict": v} for v in parts], "survivors": []}
    return {"edited": ["tests/test_a.py::test_old"], "proof": proof}


def test_an_edited_expectation_excuses_what_is_held_for_it() -> None:
    row = proven(
        finding("guard.weak_deleted", "weakening", "tests/test_a.py", test="test_old"),
        finding("guard.weak_deleted", "weakening", "tests/test_b.py", test="test_old"),
        finding("pipeline.tests_fail", "tests", tests="tests/test_a.py::test_old"),
        finding("pipeline.tests_fail", "tests", tests="tests/test_a.py::test_other"),
        finding("sides.runner", "unseen", "tox.ini"),
        finding("proof.world_zone", "tests", tests="test_new"),
        parts=("noticed", "unproven"),
    )
    assert [excused for _, excused in held(row)] == [True, False, True, False, True, False, False]
    assert list(held(row))[-1] == ("unproven", False)


def test_faults_are_sown_the_same_each_time(history: History) -> None:
    (commit,) = [c for c in history.fixes(PROJECT) if "sign" in history.change(c).subject]
    change = history.change(commit)
    found = faults_of(change, commit)
    assert found == faults_of(change, commit)
    assert [fault.path for fault in found] == ["calc.py"] * len(found)
    assert all(fault.texts["calc.py"] != "def add(a, b):\n    return a + b\n" for fault in found)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({}, "missed"),
        ({"held": [1]}, "held"),
        ({"parts": [{"verdict": "unproven"}]}, "held"),
        ({"survivors": [{"path": "a.py", "line": 3}]}, "named"),
        ({"survivors": [{"path": "a.py", "line": 4}]}, "missed"),
        ({"parts": [part("unnoticed", 2, 5)]}, "named"),
        ({"parts": [part("unnoticed", 4, 5)]}, "missed"),
        ({"parts": [part("untried", 2, 5)]}, "missed"),
    ],
)
def test_what_became_of_a_fault(change: dict[str, object], word: str) -> None:
    proof = {"held": [], "parts": [], "survivors": [], **change}
    assert fault_ended({"path": "a.py", "line": 3, "proof": proof}) == word
    assert fault_ended({"path": "a.py", "line": 3}) == "not proven"


def test_blocks_of_one_title_count_together() -> None:
    text = "it('a', 1)\nit('b', 2)\nit('a', 3)\n"
    assert blocks(text) == {"a": "it('a', 1)\nit('a', 3)\n", "b": "it('b', 2)\n"}
    assert blocks("nothing") == {}
