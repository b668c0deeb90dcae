"""Pull requests against real git, pushed around."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import Conflict, Forbidden, HarnessError
from harness.forge.embedded.pulls import closes
from tests.forge.world import Local, git, make_local, now, opened, tip


@pytest.fixture
async def local(tmp_path: Path) -> Local:
    return await make_local(tmp_path)


# -- what somebody does by a push


async def test_a_pushed_merge_is_found(local: Local) -> None:
    issue = await local.forge("eve").create_issue("Broken", "")
    pull = await opened(local, f"fixes #{issue.number}")
    git(local.clone, "push", "-q", "origin", f"{pull.head_sha}:refs/heads/main")
    seen = await now(local, pull.number)
    assert (seen.state, seen.merged_sha) == ("merged", pull.head_sha)
    (event,) = await local.forge("ada").timeline(pull.number)
    assert (event.kind, event.actor.login) == ("merged", "git")
    assert (await local.forge("ada").issue(issue.number)).state == "closed"


async def test_a_pushed_merge_commit_is_named(local: Local) -> None:
    pull = await opened(local)
    local.push("main", {"other.txt": "x"}, "main")
    git(local.clone, "fetch", "-q", "origin")
    git(local.clone, "checkout", "-q", "--detach", "origin/main")
    git(local.clone, "merge", "-q", "--no-ff", "-m", "By hand", pull.head_sha)
    merged = git(local.clone, "rev-parse", "HEAD")
    git(local.clone, "push", "-q", "origin", "HEAD:refs/heads/main")
    local.push("main", {"later.txt": "x"}, "main")
    assert (await now(local, pull.number)).merged_sha == merged


async def test_a_branch_that_is_gone_closes_its_pull_request_and_the_diff_stays(
    local: Local,
) -> None:
    pull = await opened(local)
    git(local.clone, "push", "-q", "origin", ":fix")
    seen = await now(local, pull.number)
    assert (seen.state, seen.head_sha, seen.mergeable) == ("closed", pull.head_sha, False)
    git(local.bare, "gc", "--prune=now", "-q")
    assert "+one" in await local.forge("ada").diff(pull.number)
    local.push("fix", {"again.txt": "x"}, "main")
    assert await opened_again(local) > pull.number


async def opened_again(local: Local) -> int:
    forge = local.forge("harness")
    return (await forge.open_pr("fix", "main", "Again", "", draft=False)).number


@pytest.mark.parametrize("moved", [False, True])
async def test_a_branch_set_back_to_its_base_is_not_a_merge(local: Local, moved: bool) -> None:
    pull = await opened(local)
    if moved:
        local.push("main", {"other.txt": "x"}, "main")
    git(local.clone, "push", "-q", "-f", "origin", f"{tip(local)}:refs/heads/fix")
    for _ in range(2):
        seen = await now(local, pull.number)
        assert (seen.state, seen.merged_sha) == ("closed", None)


async def test_a_lost_base_is_not_mergeable(local: Local) -> None:
    local.push("dev", {"dev.txt": "x"}, "main")
    local.push("fix", {"fix.txt": "x"}, "main")
    forge = local.forge("harness")
    pull = await forge.open_pr("fix", "dev", "Fix", "", draft=False)
    git(local.clone, "push", "-q", "origin", ":dev")
    assert (await now(local, pull.number)).mergeable is False
    with pytest.raises(HarnessError):
        await forge.merge(pull.number, pull.head_sha, "merge", "")


# -- how it merges


async def test_a_merge_commit_has_both_parents_and_the_given_message(local: Local) -> None:
    pull = await opened(local)
    before = tip(local)
    await local.forge("harness").merge(pull.number, pull.head_sha, "merge", "Said so")
    assert git(local.bare, "log", "-1", "--format=%P", "main") == f"{before} {pull.head_sha}"
    assert git(local.bare, "log", "-1", "--format=%s by %cn", "main") == "Said so by harness"


async def test_a_squash_is_one_commit_by_its_author(local: Local) -> None:
    pull = await opened(local, "Why it is")
    head = local.push("fix", {"two.txt": "2"}, "fix")
    before = tip(local)
    await local.forge("harness").merge(pull.number, head, "squash", "")
    shown = git(local.bare, "log", "-1", "--format=%P|%an|%B", "main")
    assert shown == f"{before}|Someone|Fix it (#{pull.number})\n\nWhy it is"


async def test_a_rebase_keeps_each_commit_and_a_fast_forward_its_id(local: Local) -> None:
    pull = await opened(local)
    head = local.push("fix", {"two.txt": "2"}, "fix")
    await local.forge("harness").merge(pull.number, head, "rebase", "")
    assert tip(local) == head
    local.push("next", {"a.txt": "a"}, "main")
    local.push("next", {"b.txt": "b"}, "next")
    local.push("main", {"c.txt": "c"}, "main")
    forge = local.forge("harness")
    second = await forge.open_pr("next", "main", "Next", "", draft=False)
    await forge.merge(second.number, second.head_sha, "rebase", "")
    subjects = git(local.bare, "log", "-3", "--format=%s by %an", "main").splitlines()
    assert subjects == [f"Change {n}.txt by Someone" for n in "bac"]
    assert git(local.bare, "rev-list", "--count", "--merges", "main") == "0"


async def test_a_rebase_that_stops_half_way_is_refused(local: Local) -> None:
    local.push("fix", {"a.txt": "1"}, "main")
    local.push("fix", {"a.txt": None, "b.txt": "1"}, "fix")
    local.push("main", {"a.txt": "mine"}, "main")
    forge = local.forge("harness")
    local.push("main", {"a.txt": None}, "main")
    pull = await forge.open_pr("fix", "main", "Fix", "", draft=False)
    local.push("main", {"a.txt": "back"}, "main")
    before = tip(local)
    with pytest.raises(Conflict) as caught:
        await forge.merge(pull.number, pull.head_sha, "rebase", "")
    assert caught.value.key == "forge.not_rebaseable"
    assert tip(local) == before


async def test_a_conflict_names_its_files(local: Local) -> None:
    pull = await opened(local)
    local.push("main", {"fix.txt": "other"}, "main")
    with pytest.raises(Conflict) as caught:
        await local.forge("harness").merge(pull.number, pull.head_sha, "merge", "")
    assert caught.value.facts["paths"] == "fix.txt"


async def test_only_who_may_write_opens_merges_and_deletes(local: Local) -> None:
    pull = await opened(local)
    eve = local.forge("eve")
    local.push("more", {"more.txt": "x"}, "main")
    for refused in (
        eve.open_pr("more", "main", "Mine", "", draft=False),
        eve.merge(pull.number, pull.head_sha, "merge", ""),
        eve.delete_branch("fix", pull.head_sha),
        eve.put_check(pull.head_sha, "ci", "success", ""),
        eve.close_pr(pull.number),
        eve.edit_pr(pull.number, title="Mine"),
        eve.ready(pull.number),
    ):
        with pytest.raises(Forbidden):
            await refused
    with pytest.raises(Conflict):
        await local.forge("ada").delete_branch("main", tip(local))


# -- words


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        ("Fixes #3", (3,)),
        ("closes: #3 and resolved #4, fixed #3", (3, 4)),
        ("prefixes #3, see #4", ()),
        ("`fixes #3`\n```\ncloses #4\n```\n<!-- closes #5 -->", ()),
        ("closes #99999999999", ()),
    ],
)
def test_what_a_body_closes(body: str, numbers: tuple[int, ...]) -> None:
    assert closes(body) == numbers


async def test_closing_words_close_issues_only_on_the_default_branch(local: Local) -> None:
    issue = await local.forge("eve").create_issue("Broken", "")
    local.push("dev", {"dev.txt": "x"}, "main")
    local.push("fix", {"fix.txt": "x"}, "dev")
    forge = local.forge("harness")
    body = f"Fixes #{issue.number}, fixes #999"
    pull = await forge.open_pr("fix", "dev", "Fix", body, draft=False)
    await forge.merge(pull.number, pull.head_sha, "merge", "")
    assert (await forge.issue(issue.number)).state == "open"


async def test_odd_branch_names_and_files_are_only_names(local: Local) -> None:
    branch = "harness/이슈-1/--upload-pack=x"
    local.push(branch, {"-rf; $(touch x)": "1\n", "한글.txt": "2\n"}, "main")
    forge = local.forge("harness")
    pull = await forge.open_pr(branch, "main", "Odd", "", draft=False)
    assert await forge.file_at(branch, "한글.txt") == b"2\n"
    assert await forge.file_at(branch, "-rf; $(touch x)") == b"1\n"
    assert await forge.file_at("main", "../../forge.db") is None
    merged = await forge.merge(pull.number, pull.head_sha, "merge", "")
    await forge.delete_branch(branch, merged.head_sha)
    for wrong in ("--help", "main..fix", "", "a\0b", "^main", "main:README.md"):
        with pytest.raises(HarnessError):
            await forge.file_at(wrong, "README.md")


async def test_a_folder_or_a_submodule_is_no_file(local: Local) -> None:
    local.push("main", {"folder/file.txt": "x"}, "main")
    commit = git(local.clone, "rev-parse", "HEAD")
    git(local.clone, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    git(local.clone, "commit", "-q", "-m", "A submodule")
    git(local.clone, "push", "-q", "origin", "HEAD:main")
    forge = local.forge("harness")
    for path in ("folder", "sub", ""):
        assert await forge.file_at("main", path) is None
    assert await forge.file_at(commit, "folder/file.txt") == b"x"


async def test_hooks_in_the_bare_repository_do_not_run(local: Local) -> None:
    pull = await opened(local)
    hook = local.bare / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{local.root}/ran'\n")
    hook.chmod(0o755)
    await local.forge("harness").merge(pull.number, pull.head_sha, "merge", "")
    assert not (local.root / "ran").exists()


async def test_a_read_of_an_unchanged_pull_request_writes_nothing(local: Local) -> None:
    pull = await opened(local)
    before = (local.root / "forge.db").read_bytes()
    assert await now(local, pull.number) == await now(local, pull.number) == pull
    assert (local.root / "forge.db").read_bytes() == before


async def test_a_pushed_replacement_changes_nothing(local: Local) -> None:
    pull = await opened(local)
    other = local.push("other", {"evil.txt": "x"}, "main")
    git(local.clone, "push", "-q", "origin", f"{other}:refs/replace/{pull.head_sha}")
    diff = await local.forge("ada").diff(pull.number)
    assert "fix.txt" in diff
    assert "evil.txt" not in diff


async def test_a_huge_file_is_not_compared_line_by_line(local: Local) -> None:
    pull = await opened(local)
    local.push("fix", {"huge.txt": "0123456789abcde\n" * (1 << 20) + "x"}, "fix")
    assert len(await local.forge("ada").diff(pull.number)) < 2000
