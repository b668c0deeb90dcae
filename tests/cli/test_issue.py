"""`harness issue`, as a person uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.issue import split_title
from harness.cli.local_forge import visible
from harness.core.errors import UsageError
from tests.forge.world import Person, make_person

MIB = 1 << 20


@pytest.fixture
async def person(tmp_path: Path) -> Person:
    return await make_person(tmp_path)


def test_an_issue_from_first_to_last(person: Person, tmp_path: Path) -> None:
    body = tmp_path / "body.md"
    body.write_text("It [red]fails[/red]\n<!-- hidden -->\n한글\x1b[31m\n", encoding="utf-8")
    made = person.harness(
        "issue", "new", "Crash\non [start]", "--body-file", str(body), "--label", "bug"
    )
    assert (made.code, made.out) == (0, "Opened issue #1: Crash on [start]\n")
    listed = person.harness("issue", "list", "--label", "BUG")
    assert "Crash on [start]" in listed.out
    assert person.harness("issue", "comment", "1", "Me too", "--as", "eve").code == 0
    shown = person.harness("issue", "show", "1")
    assert "It [red]fails[/red]\n한글[31m\n" in shown.out
    assert "Me too" in shown.out
    assert "hidden" not in shown.out
    assert "\x1b" not in shown.out
    assert person.harness("issue", "edit", "1", "--title", "Better").code == 0
    assert person.harness("issue", "label", "1", "now", "--remove", "bug").code == 0
    assert person.harness("issue", "close", "1", "--reason", "not-planned").code == 0
    found = person.harness("issue", "show", "1", "--json").json()
    assert found["issue"]["title"] == "Better"
    assert found["issue"]["labels"] == ["now"]
    assert found["issue"]["state_reason"] == "not_planned"
    assert found["comments"][0]["author"]["login"] == "eve"
    assert [e["kind"] for e in found["timeline"]][-1] == "closed"


def test_closed_issues_leave_the_list_and_come_back(person: Person) -> None:
    assert person.harness("issue", "list").out == "No issues.\n"
    assert person.harness("issue", "list", "--json").json() == []
    assert person.harness("issue", "new", "Title").code == 0
    assert person.harness("issue", "close", "1").code == 0
    assert person.harness("issue", "list").out == "No issues.\n"
    assert [i["state"] for i in person.harness("issue", "list", "--state", "all", "--json").json()]
    reopened = person.harness("issue", "reopen", "1", "--json").json()
    assert (reopened["state"], reopened["state_reason"]) == ("open", "reopened")


def test_the_title_may_come_from_the_file_or_standard_input(person: Person) -> None:
    made = person.harness("issue", "new", "--body-file", "-", stdin="# 제목\n\n본문\n".encode())
    assert (made.code, made.out) == (0, "Opened issue #1: 제목\n")
    assert person.harness("issue", "show", "1", "--json").json()["issue"]["body"] == "본문\n"
    assert split_title("\n## A ##\nb") == ("A ##", "b")
    with pytest.raises(UsageError):
        split_title(" \n#\n")


def test_a_megabyte_is_taken_and_not_a_byte_more(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "big.md"
    file.write_bytes(b"x" * MIB)
    assert person.harness("issue", "new", "Big", "--body-file", str(file)).code == 0
    file.write_bytes(b"x" * (MIB + 1))
    refused = person.harness("issue", "new", "Bigger", "--body-file", str(file))
    assert refused.code == 2
    assert str(MIB) in refused.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "7"), "no issue #7"),
        (("show", "0"), "'N'"),
        (("show", "x"), "'N'"),
        (("close", "7"), "no issue #7"),
        (("comment", "7", "text"), "no issue #7"),
        (("edit", "7"), "Nothing to change"),
        (("new", ""), "title is empty"),
        (("new", " \n"), "title is empty"),
        (("new",), "needs a title"),
        (("new", "x" * 300), "256"),
        (("new", "T", "--body", "a", "--body-file", "b"), "given twice"),
        (("new", "T", "--body-file", "missing.md"), "no file missing.md"),
        (("new", "T", "--body-file", "."), "is a folder"),
        (("new", "T", "--label", "x" * 60), "label"),
        (("new", "T", "--as", "nobody"), "no user nobody"),
        (("list", "--state", "odd"), "open, closed, all"),
        (("close", "7", "--reason", "odd"), "completed, not-planned"),
        (("user", "bad name"), "bad name"),
        (("user", "bob", "--permission", "god"), "maintain"),
    ],
)
def test_a_mistake_is_one_sentence(person: Person, arguments: tuple[str, ...], said: str) -> None:
    ended = person.harness("issue", *arguments)
    assert ended.code in (1, 2)
    assert ended.out == ""
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert person.harness("issue", "list", "--state", "all", "--json").json() == []


def test_a_file_that_is_not_utf_8_names_the_place(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "latin.md"
    file.write_bytes(b"caf\xe9")
    ended = person.harness("issue", "new", "T", "--body-file", str(file))
    assert ended.code == 2
    assert "offset 3" in ended.err


def test_people_and_what_they_may_do(person: Person) -> None:
    assert person.harness("issue", "user", "bob", "--permission", "triage").code == 0
    assert person.harness("issue", "new", "T", "--as", "bob", "--label", "go").code == 0
    users = person.harness("issue", "users", "--json").json()
    assert {u["actor"]["login"]: u["permission"] for u in users} == {
        "ada": "admin",
        "harness": "write",
        "eve": "read",
        "bob": "triage",
    }
    refused = person.harness("issue", "label", "1", "x", "--as", "eve")
    assert (refused.code, "eve may not" in refused.err) == (1, True)


def test_it_speaks_korean(person: Person) -> None:
    made = person.process("issue", "new", "제목", language="ko")
    assert made.out == "이슈 #1을 만들었습니다: 제목\n"
    missing = person.harness("issue", "show", "9", language="ko")
    assert "이슈 #9" in missing.err
    assert "이슈를 만듭니다." in person.harness("issue", "--help", language="ko").out


def test_a_project_on_github_says_so(person: Person) -> None:
    (file,) = person.home.glob(".config/harness/projects/*.toml")
    file.write_text(file.read_text().replace("[forge]", '[forge]\nkind = "github"'))
    ended = person.harness("issue", "list")
    assert ended.code == 2
    assert "github" in ended.err


def test_listing_loads_no_sdk(person: Person) -> None:
    code = (
        "import sys; from harness.cli.issue import app; "
        "print([m for m in ('anthropic', 'openai', 'github', 'dbos', 'git') if m in sys.modules])"
    )
    import_only = person.python(code)
    assert import_only.out == "[]\n"


def test_hidden_and_driving_text_is_not_shown() -> None:
    assert visible("a<!-- b\nc -->d\x07\n\n") == "ad"
    assert visible("\u202eabc\u200b 가\t나") == "abc 가\t나"


def test_a_daemon_hears_of_what_is_written_and_not_of_what_is_read(person: Person) -> None:
    nudge = person.home / ".local" / "state" / "harness" / "nudge"
    assert person.harness("issue", "list").code == 0
    assert not nudge.exists()
    for words in (("new", "Title"), ("comment", "1", "Me too"), ("close", "1"), ("reopen", "1")):
        nudge.unlink(missing_ok=True)
        assert person.harness("issue", *words).code == 0
        assert nudge.exists()
    nudge.unlink()
    assert person.harness("issue", "show", "1").code == 0
    assert not nudge.exists()
