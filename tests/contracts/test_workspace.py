"""What the Workspace and Copy ports promise, held against the real one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from harness.core.errors import Conflict, GitError, HarnessError, NotFound
from harness.core.types import FileChange, MergedTree
from harness.git.workspace import Author, ProjectWorkspace
from harness.ports.workspace import Copy, Workspace
from tests.environment.projects import Project, git, write

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LINES = "".join(f"line {n}\n" for n in range(20))


async def with_base(
    tmp_path: Path, body: Callable[[Project, Workspace, Copy, str, str], Awaitable[None]]
) -> None:
    project = Project(tmp_path)
    project.push({"a.txt": LINES, "src/b.py": "two\n", "bin": b"\0\1\2"}, "First")
    copy, tree, base = await project.copy()
    await body(project, project.workspace, copy, tree, base)


async def test_a_snapshot_can_be_compared_and_restored(tmp_path: Path) -> None:
    async def body(
        _project: Project, workspace: Workspace, copy: Copy, tree: str, base: str
    ) -> None:
        write(copy.path, {"a.txt": LINES.replace("line 3\n", ""), "n": "1\n2\n", "bin": b"\0\3"})
        now = await copy.snapshot()
        assert await workspace.changes(tree, now) == (
            FileChange(
                path="a.txt",
                status="modified",
                old_mode="100644",
                new_mode="100644",
                removed=1,
                size=len(LINES) - 7,
            ),
            FileChange(
                path="bin",
                status="modified",
                old_mode="100644",
                new_mode="100644",
                binary=True,
                size=2,
            ),
            FileChange(path="n", status="added", new_mode="100644", added=2, size=4),
        )
        assert await workspace.changes(now, now) == ()
        back = await workspace.changes(now, tree)
        assert [(c.path, c.status) for c in back][2] == ("n", "deleted")
        await copy.restore(tree)
        assert not (copy.path / "n").exists()
        assert await copy.snapshot() == tree
        await copy.restore(now)
        assert (copy.path / "n").read_text() == "1\n2\n"

    await with_base(tmp_path, body)


async def test_the_diff_is_text_and_says_how_much_was_cut(tmp_path: Path) -> None:
    async def body(_p: Project, workspace: Workspace, copy: Copy, tree: str, base: str) -> None:
        write(copy.path, {"a.txt": LINES + "가나다 \x1b[31mred\n", "src/b.py": b"\xff\n"})
        now = await copy.snapshot()
        text = await workspace.diff(tree, now)
        assert "+가나다 red\n" in text
        assert "+++ b/src/b.py\n" in text
        assert "\x1b" not in text
        cut = await workspace.diff(tree, now, limit=60)
        assert cut.startswith(text[:60])
        assert "[… +" in cut
        assert await workspace.diff(now, now) == ""

    await with_base(tmp_path, body)


async def test_a_renamed_file_is_short_in_the_diff_and_two_changes(tmp_path: Path) -> None:
    async def body(_p: Project, workspace: Workspace, copy: Copy, tree: str, base: str) -> None:
        (copy.path / "a.txt").rename(copy.path / "z.txt")
        now = await copy.snapshot()
        assert "rename to z.txt" in await workspace.diff(tree, now)
        assert [c.status for c in await workspace.changes(tree, now)] == ["deleted", "added"]

    await with_base(tmp_path, body)


async def test_files_blobs_and_trees_can_be_read_and_made(tmp_path: Path) -> None:
    async def body(_p: Project, workspace: Workspace, copy: Copy, tree: str, base: str) -> None:
        assert await workspace.files(tree) == ("a.txt", "bin", "src/b.py")
        assert await workspace.file(tree, "src/b.py") == b"two\n"
        for path in ("none", "src", "src/b.py/x", "*", "src/../a.txt", ""):
            if path and ".." not in path:
                assert await workspace.file(tree, path) is None
                assert await workspace.blob(tree, path) is None
            else:
                with pytest.raises(GitError):
                    await workspace.file(tree, path)
        blob = await workspace.put_blob(b"new\0\xff")
        assert blob == await workspace.put_blob(b"new\0\xff")
        (copy.path / "bin").chmod(0o755)
        start = await copy.snapshot()
        made = await workspace.with_files(start, {"bin": blob, "x/y z": blob, "a.txt": None})
        assert await workspace.files(made) == ("bin", "src/b.py", "x/y z")
        assert await workspace.file(made, "x/y z") == b"new\0\xff"
        assert await workspace.blob(made, "bin") == blob
        modes = {c.path: c.new_mode for c in await workspace.changes(tree, made)}
        assert modes == {"bin": "100755", "x/y z": "100644", "a.txt": ""}
        assert await workspace.with_files(made, {}) == made
        over = await workspace.with_files(tree, {"src": blob})
        assert await workspace.files(over) == ("a.txt", "bin", "src")
        for bad in ("../x", "/x", ".git/config", "a/.GIT/x", "a//b", "a\0b", "."):
            with pytest.raises(GitError):
                await workspace.with_files(tree, {bad: blob})

    await with_base(tmp_path, body)


async def test_trees_merge_and_conflicts_are_named(tmp_path: Path) -> None:
    async def body(_p: Project, workspace: Workspace, copy: Copy, tree: str, base: str) -> None:
        async def side(files: dict[str, bytes | str | None]) -> str:
            await copy.restore(tree)
            write(copy.path, files)
            return await copy.snapshot()

        ours = await side({"a.txt": LINES.replace("line 2\n", "ours\n"), "o": "o"})
        theirs = await side({"a.txt": LINES.replace("line 18\n", "theirs\n"), "src/b.py": None})
        merged = await workspace.merge_trees(tree, ours, theirs)
        assert merged.conflicts == ()
        text = await workspace.file(merged.tree, "a.txt")
        assert text is not None
        assert b"ours\n" in text
        assert b"theirs\n" in text
        assert await workspace.files(merged.tree) == ("a.txt", "bin", "o")
        clash = await side({"a.txt": LINES.replace("line 2\n", "clash\n"), "bin": b"\0\7"})
        both = await workspace.merge_trees(tree, ours, clash)
        assert both.conflicts == ("a.txt",)
        text = await workspace.file(both.tree, "a.txt")
        assert text is not None
        assert b"<<<<<<<" in text
        assert await workspace.merge_trees(tree, ours, ours) == MergedTree(tree=ours)

    await with_base(tmp_path, body)


async def test_a_commit_is_the_same_for_the_same_arguments(tmp_path: Path) -> None:
    async def body(project: Project, workspace: Workspace, _c: Copy, tree: str, base: str) -> None:
        first = await workspace.commit(tree, [base], "Fix it\n\nBecause.\n", AT)
        seoul = AT.astimezone(timezone(timedelta(hours=9)))
        assert first == await workspace.commit(tree, [base], "Fix it\n\nBecause.", seoul)
        assert first != await workspace.commit(tree, [base], "Other", AT)
        assert await workspace.resolve(first) == first
        assert await workspace.tree_of(first) == tree
        assert await workspace.log(first, limit=9) == (first, base)
        assert await workspace.log(first, limit=1) == (first,)
        assert await workspace.commits_between(base, first) == (first,)
        assert await workspace.commits_between(first, base) == ()
        await workspace.push(first, "b", None)
        shown = git(project.forge, "log", "-1", "--format=%an <%ae> %cn <%ce> %aI %cI %B", "b")
        who = "Harness <harness@example.org>"
        when = "2026-01-02T03:04:05+00:00"
        assert shown == f"{who} {who} {when} {when} Fix it\n\nBecause."

    await with_base(tmp_path, body)


async def test_a_message_is_data(tmp_path: Path) -> None:
    async def body(project: Project, workspace: Workspace, _c: Copy, tree: str, base: str) -> None:
        message = "--amend $(id)\0\x1b[31m\r\n\ntree x\n# kept\n한국어 \udcff"
        commit = await workspace.commit(tree, [base], message, AT)
        await workspace.push(commit, "b", None)
        assert git(project.forge, "log", "-1", "--format=%B", "b") == (
            "--amend $(id)\n\ntree x\n# kept\n한국어 ?"
        )

    await with_base(tmp_path, body)


@pytest.mark.parametrize(
    ("message", "whole"),
    [
        ("One", "One\n\nSigned-off-by: A B <a@b.c>"),
        ("One\n\nBody: yes it is", "One\n\nBody: yes it is\nSigned-off-by: A B <a@b.c>"),
        ("One\n\nSome body.", "One\n\nSome body.\n\nSigned-off-by: A B <a@b.c>"),
        ("One\n\nSigned-off-by: A B <a@b.c>", "One\n\nSigned-off-by: A B <a@b.c>"),
    ],
)
async def test_sign_off_is_added_once_where_it_belongs(
    tmp_path: Path, message: str, whole: str
) -> None:
    project = Project(tmp_path, Author("A B", "a@b.c", sign_off=True))
    project.push({"a": "1"})
    await project.workspace.sync()
    base = await project.workspace.resolve("main")
    tree = await project.workspace.tree_of(base)
    commit = await project.workspace.commit(tree, [base], message, AT)
    await project.workspace.push(commit, "b", None)
    assert git(project.forge, "log", "-1", "--format=%B", "b") == whole


async def test_a_push_needs_the_branch_where_it_was_thought_to_be(tmp_path: Path) -> None:
    async def body(project: Project, workspace: Workspace, _c: Copy, tree: str, base: str) -> None:
        one = await workspace.commit(tree, [base], "One", AT)
        two = await workspace.commit(tree, [base], "Two", AT)
        await workspace.push(one, "harness/issue-1", None)
        await workspace.push(one, "harness/issue-1", None)
        with pytest.raises(Conflict):
            await workspace.push(two, "harness/issue-1", None)
        with pytest.raises(Conflict):
            await workspace.push(two, "harness/issue-1", base)
        assert git(project.forge, "rev-parse", "harness/issue-1") == one
        await workspace.push(two, "harness/issue-1", one)
        await workspace.push(two, "harness/issue-1", one)
        assert git(project.forge, "rev-parse", "harness/issue-1") == two
        with pytest.raises(Conflict):
            await workspace.push(one, "new", base)
        assert "new" not in git(project.forge, "branch", "--list")

    await with_base(tmp_path, body)


async def test_hostile_names_reach_git_as_data_or_not_at_all(tmp_path: Path) -> None:
    names = [
        *("--upload-pack=touch x", "-x", "--output=x", "a;b", "$(touch x)", "a$IFS$9b", "a b"),
        *("a..b", "a~1", "a^", "a:b", "a\\b", "a\nb", "a\0b", "", "/", "a//b", ".a", "a.lock"),
        *("@{-1}", "@", "refs/heads/-x", "a?", "a*", "[a", "a@{0}", "\x1b[31m", "main:refs/x"),
        *("+main", "^main", ":main", "HEAD:main", "`id`", "'", '"', "|x", "&x", ">x", "가/나"),
    ]

    async def body(project: Project, workspace: Workspace, _c: Copy, tree: str, base: str) -> None:
        commit = await workspace.commit(tree, [base], "One", AT)
        for name in names:
            with pytest.raises(NotFound):
                await workspace.resolve(name)
            try:
                await workspace.push(commit, name, None)
            except HarnessError:
                continue
            listed = git(project.forge, "for-each-ref", "--format=%(refname)").splitlines()
            assert f"refs/heads/{name}" in listed
        listed = git(project.forge, "for-each-ref", "--format=%(refname) %(objectname)").split("\n")
        assert f"refs/heads/main {base}" in listed
        assert all(line.startswith("refs/heads/") for line in listed)

    await with_base(tmp_path, body)
    assert not list(tmp_path.rglob("x"))


@pytest.mark.parametrize("bad", ["", "HEAD", "--all", "main", "0" * 39, "g" * 40, "0" * 41])
async def test_what_is_no_id_is_refused_everywhere(tmp_path: Path, bad: str) -> None:
    async def body(_p: Project, workspace: Workspace, _c: Copy, tree: str, base: str) -> None:
        for call in (
            workspace.tree_of(bad),
            workspace.changes(tree, bad),
            workspace.diff(bad, tree),
            workspace.files(bad),
            workspace.file(bad, "a.txt"),
            workspace.with_files(tree, {"a": bad}),
            workspace.merge_trees(tree, bad, tree),
            workspace.commit(bad, [base], "m", AT),
            workspace.commit(tree, [bad], "m", AT),
            workspace.log(bad, limit=1),
            workspace.commits_between(base, bad),
            workspace.push(bad, "b", None),
            workspace.copy("other", bad, base),
            workspace.copy("other", tree, bad),
        ):
            with pytest.raises(GitError):
                await call

    await with_base(tmp_path, body)


async def test_an_id_nobody_has_is_an_error_not_nothing(tmp_path: Path) -> None:
    async def body(_p: Project, workspace: Workspace, _c: Copy, tree: str, base: str) -> None:
        nobody = "1" * 40
        for call in (workspace.files(nobody), workspace.changes(tree, nobody)):
            with pytest.raises(GitError):
                await call
        with pytest.raises(NotFound):
            await workspace.resolve(nobody)

    await with_base(tmp_path, body)


async def test_every_id_handed_out_outlives_a_pruning_until_its_run_is_forgotten(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})

    def age(gitdir: Path) -> None:
        """As if all were written three hours ago."""
        for path in gitdir.glob("objects/*/*"):
            then = path.stat().st_mtime - 3 * 3600
            os.utime(path, (then, then))

    copy, tree, base = await project.copy("p/1/1/worker")
    other, _, _ = await project.copy("p/1/10")
    workspace = project.workspace
    write(copy.path, {"a": "mine", "dir/n": "mine too"})
    mine = await copy.snapshot()
    write(other.path, {"a": "other"})
    others = await other.snapshot()
    blob = await workspace.put_blob(b"blob")
    made = await workspace.with_files(tree, {"x": blob})
    commit = await workspace.commit(made, [base], "m", AT)
    merged = (await workspace.merge_trees(tree, others, made)).tree
    ids = [mine, others, blob, made, commit, merged]

    async def there(entry: str) -> bool:
        done = await workspace.git.run("cat-file", "-e", entry, ok=(0, 1, 128))
        return done.exit_code == 0

    age(workspace.gitdir)
    await workspace.prune(force=True)
    assert [await there(entry) for entry in ids] == [True] * 6
    await workspace.forget("p/1/1")
    assert not copy.path.exists()
    assert other.path.exists()
    again = project.again()
    age(workspace.gitdir)
    await again.prune(force=True)
    assert [await there(entry) for entry in ids] == [False, *[True] * 5]
    assert await other.snapshot() == others


async def test_a_workspace_of_another_process_goes_on_with_the_same_ids(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    copy, tree, base = await project.copy()
    write(copy.path, {"a": "2"})
    now = await copy.snapshot()
    workspace: Workspace = project.again()
    resumed = await workspace.copy("run/1", now, base)
    assert (resumed.path / "a").read_text() == "2"
    assert [c.path for c in await workspace.changes(tree, now)] == ["a"]


async def test_the_environment_is_keyed_by_manifests_and_made_once(tmp_path: Path) -> None:
    project = Project(tmp_path)
    first = project.push({"requirements.txt": "x==1\n", "a": "1"})
    second = project.push({"a": "2"})
    third = project.push({"requirements.txt": "x==2\n"})
    workspace = project.workspace
    await workspace.sync()
    made = await asyncio.gather(*(workspace.environment(first) for _ in range(3)))
    assert await workspace.environment(second) == made[0] == made[2]
    assert len(project.made.asked) == 1
    other = await workspace.environment(third)
    assert other.id != made[0].id
    key, names = project.made.asked[0]
    assert key == made[0].id
    assert names == ["a", "requirements.txt"]
    assert list((workspace.root / "setup").iterdir()) == []


async def test_twenty_copies_at_once(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({f"d{n}/f": str(n) for n in range(50)})
    _, tree, base = await project.copy()

    async def work(number: int) -> None:
        copy = await project.workspace.copy(f"run/{number}", tree, base)
        write(copy.path, {"mine": str(number)})
        now = await copy.snapshot()
        assert await project.workspace.file(now, "mine") == str(number).encode()

    await asyncio.gather(*(work(number) for number in range(20)))


def test_the_real_one_is_a_workspace() -> None:
    made: Callable[..., Workspace] = ProjectWorkspace
    assert made is ProjectWorkspace


async def test_subjects_are_peoples_short_and_few(tmp_path: Path) -> None:
    project = Project(tmp_path)
    for number in range(9):
        project.push({"a": str(number)}, f"Change {number}\n\nBody: yes")
    project.push({"a": "long"}, "x" * 100_000)
    await project.workspace.sync()
    tip = await project.workspace.resolve("main")
    found = await project.workspace.subjects(tip, limit=4)
    assert len(found) == 4
    assert max(map(len, found)) <= 200
    assert found[0].startswith("xxxx")
    assert found[1:] == ("Change 8", "Change 7", "Change 6")
    tree = await project.workspace.tree_of(tip)
    older = (await project.workspace.log(tip, limit=3))[-1]
    merge = await project.workspace.commit(tree, [tip, older], "Merge x", AT)
    assert (await project.workspace.subjects(merge, limit=50))[0].startswith("xxxx")
