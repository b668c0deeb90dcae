"""`harness pr` and `harness pull`, as a person uses them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.core.forge_types import PullRequest
from tests.forge.world import Person, git, make_person


@pytest.fixture
async def person(tmp_path: Path) -> Person:
    return await make_person(tmp_path)


def open_our_pr(person: Person, *, draft: bool = False) -> PullRequest:
    person.local.push("fix", {"한 글.txt": "one\ntwo\n"}, "main")
    ours = person.local.forge("harness")
    return asyncio.run(ours.open_pr("fix", "main", "Fix [it]", "Why", draft=draft))


def test_a_pull_request_from_draft_to_the_users_branch(person: Person) -> None:
    pull = open_our_pr(person, draft=True)
    assert "open (draft)" in person.harness("pr", "list").out
    refused = person.harness("pr", "merge", "1")
    assert (refused.code, "draft" in refused.err) == (1, True)
    assert person.harness("pr", "ready", "1").code == 0
    asked = ("pr", "review", "1", "--request-changes", "--comment", "Hm")
    said = person.harness(*asked, "--path", "한 글.txt", "--line", "2", "--json").json()
    assert [part.get("state") or part["line"] for part in said] == ["changes_requested", 2]
    thread = said[1]["id"]
    assert person.harness("pr", "comment", "1", "Done", "--thread", thread).code == 0
    assert person.harness("pr", "resolve", "1", thread).code == 0
    assert person.harness("pr", "review", "1", "--approve").code == 0
    assert person.harness("pr", "check", "1", "unit", "success", "--summary", "5 passed").code == 0
    shown = person.harness("pr", "show", "1").out
    for part in ("Fix [it]", "Why", "approved", "한 글.txt:2 (resolved)", "Done", "5 passed"):
        assert part in shown
    merged = person.harness("pr", "merge", "1", "--method", "squash", "--json").json()
    assert (merged["state"], merged["head_sha"]) == ("merged", pull.head_sha)
    assert person.harness("pr", "list").out == "No pull requests.\n"
    assert len(person.harness("pr", "list", "--state", "merged", "--json").json()) == 1
    git(person.local.clone, "checkout", "-q", "main")
    git(person.local.clone, "remote", "rename", "origin", "harness")
    pulled = person.harness("pull", "--json").json()
    assert (pulled["new"], pulled["files"]) == (merged["merged_sha"], ["한 글.txt"])
    assert (person.local.clone / "한 글.txt").read_text() == "one\ntwo\n"
    assert person.harness("pull").out == "main has everything that was merged.\n"


def test_the_diff_can_be_applied(person: Person, tmp_path: Path) -> None:
    open_our_pr(person)
    patch = tmp_path / "change.patch"
    patch.write_text(person.process("pr", "diff", "1").out)
    git(person.local.clone, "checkout", "-q", "main")
    git(person.local.clone, "apply", str(patch))
    assert (person.local.clone / "한 글.txt").read_text() == "one\ntwo\n"
    assert "+two" in person.harness("pr", "diff", "1", "--json").json()["diff"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "7"), "no pull request #7"),
        (("diff", "7"), "no pull request #7"),
        (("merge", "7"), "no pull request #7"),
        (("merge", "1", "--method", "odd"), "merge, squash, rebase"),
        (("merge", "1", "--as", "eve"), "eve may not"),
        (("review", "1"), "needs --approve"),
        (("review", "1", "--approve", "--as", "harness"), "author"),
        (("review", "1", "--comment", "x", "--line", "3"), "--path"),
        (("review", "1", "--comment", "x", "--path", "no.txt", "--line", "3"), "no file no.txt"),
        (("review", "1", "--comment", "x", "--path", "한 글.txt", "--line", "3"), "no line 3"),
        (("resolve", "1", "9"), "no review thread 9"),
        (("comment", "1"), "comment is empty"),
        (("check", "1", "unit", "odd"), "success, failure"),
        (("list", "--state", "odd"), "open, closed, merged, all"),
    ],
)
def test_a_mistake_is_one_sentence(person: Person, arguments: tuple[str, ...], said: str) -> None:
    before = open_our_pr(person)
    ended = person.harness("pr", *arguments)
    assert ended.code in (1, 2)
    assert ended.out == ""
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert person.harness("pr", "show", "1", "--json").json()["pull_request"] == before.model_dump(
        mode="json"
    )


def test_closing_leaves_the_branch(person: Person) -> None:
    open_our_pr(person)
    assert person.harness("pr", "close", "1").out == "Pull request #1 is closed.\n"
    assert git(person.local.bare, "rev-parse", "refs/heads/fix")
    assert "closed" in person.harness("pr", "list", "--state", "all").out


def test_a_pull_that_cannot_be_is_refused(person: Person) -> None:
    git(person.local.clone, "remote", "rename", "origin", "harness")
    git(person.local.clone, "checkout", "-q", "--detach")
    ended = person.harness("pull")
    assert (ended.code, ended.out) == (5, "")
    assert "git switch" in ended.err
    assert person.harness("pull", language="ko").err.startswith("harness: 체크아웃된")
