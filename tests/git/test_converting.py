"""Line ends and encodings: in the tree as git writes them, and back as they were committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import RefusedError
from harness.system.attribute_rules import attribute_rules
from harness.system.git import Git
from tests.environment.projects import Project, git, write

WIDE = "gr\u00f6\u00dfe\n".encode("utf-16-le")
ATTRIBUTES = (
    "*.bat text eol=crlf\n*.sh text eol=lf\n*.bin -text\n*.auto text=auto\n*.txt text\n"
    "*.wide text working-tree-encoding=UTF-16LE\n*.evil text filter=evil ident\n"
    '[attr]ours text eol=crlf\n*.own ours\n"with space/*.x" text eol=crlf\n'
)


async def blob(project: Project, tree: str, path: str) -> bytes | None:
    return await project.workspace.file(tree, path)


async def test_files_are_as_git_writes_them_and_come_back_as_they_were(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({".gitattributes": ATTRIBUTES, "sub/.gitattributes": "*.bat eol=lf\n"})
    lines = "one\ntwo\n"
    names = ("a.bat", "a.sh", "a.bin", "a.auto", "a.txt", "a.own", "with space/a.x", "sub/a.bat")
    project.push(dict.fromkeys((*names, "a.evil"), lines) | {"a.wide": WIDE})
    git(project.user, "rm", "-q", "--cached", "-r", ".")
    git(project.user, "reset", "--hard", "--quiet")
    copy, tree, _ = await project.copy()
    for name in (*names, "a.wide", "a.evil"):
        assert (copy.path / name).read_bytes() == (project.user / name).read_bytes(), name
    ends = {name: b"\r\n" in (copy.path / name).read_bytes() for name in names}
    assert [name for name in names if ends[name]] == ["a.bat", "a.own", "with space/a.x"]
    assert await copy.snapshot() == tree
    for name in names:
        (copy.path / name).touch()
    assert await copy.snapshot() == tree
    assert git(copy.path, "status", "--porcelain") == "", "the agent's git sees no change either"
    write(copy.path, {"a.bat": b"one\r\nthree\r\n", "new.bat": b"x\r\n", "new.bin": b"x\r\n"})
    now = await copy.snapshot()
    assert await blob(project, now, "a.bat") == b"one\nthree\n"
    assert await blob(project, now, "new.bat") == b"x\n"
    assert await blob(project, now, "new.bin") == b"x\r\n"
    changed = [c.path for c in await project.workspace.changes(tree, now)]
    assert sorted(changed) == ["a.bat", "new.bat", "new.bin"]
    await copy.restore(now)
    assert (copy.path / "new.bat").read_bytes() == b"x\r\n"
    assert await copy.snapshot() == now


async def test_what_was_committed_against_its_attributes_is_no_change(tmp_path: Path) -> None:
    project = Project(tmp_path)
    odd = {"a.bat": b"a\r\nb\r\n", "b.txt": b"a\r\nb\r\n", "mixed one.txt": b"a\r\nb\n"}
    odd |= {"c.auto": b"a\r\n", "[x]*.txt": b"a\r\n", "raw.wide": b"\xff\xfe\xff"}
    project.push(odd)
    write(project.user, {".gitattributes": ATTRIBUTES})
    git(project.user, "add", ".gitattributes")
    git(project.user, "commit", "--quiet", "-m", "Rules for files that are there already")
    git(project.user, "push", "--quiet", "origin", "HEAD")
    copy, tree, _ = await project.copy()
    for name in odd:
        if name in ("a.bat", "b.txt", "mixed one.txt", "[x]*.txt", "c.auto"):
            assert (copy.path / name).read_bytes() == odd[name], name
            (copy.path / name).touch()
    assert await copy.snapshot() == tree
    write(copy.path, {"b.txt": b"a\r\nc\r\n"})
    now = await copy.snapshot()
    assert [c.path for c in await project.workspace.changes(tree, now)] == ["b.txt"]
    assert await blob(project, now, "b.txt") == b"a\r\nc\r\n", "one line changed, not all"


async def test_attributes_that_an_agent_writes_count_from_the_next_tree_on(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({".gitattributes": "*.bat text eol=crlf\n", "a.bat": "a\n", "b.c": "b\n"})
    copy, tree, _ = await project.copy()
    write(copy.path, {".gitattributes": "*.bat -text\n*.c text eol=crlf\n"})
    (copy.path / "a.bat").touch()
    now = await copy.snapshot()
    assert [c.path for c in await project.workspace.changes(tree, now)] == [".gitattributes"]
    await copy.restore(now)
    assert (copy.path / "b.c").read_bytes() == b"b\r\n"
    assert (copy.path / "a.bat").read_bytes() == b"a\n"
    assert await copy.snapshot() == now


async def test_a_file_in_another_encoding_than_its_own_is_refused(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({".gitattributes": ATTRIBUTES, "a.wide": WIDE})
    copy, tree, _ = await project.copy()
    assert (copy.path / "a.wide").read_bytes().replace(b"\r\0", b"") == WIDE
    assert await copy.snapshot() == tree
    write(copy.path, {"a.wide": b"odd"})
    with pytest.raises(RefusedError) as caught:
        await copy.snapshot()
    assert (caught.value.key, caught.value.facts["path"]) == ("git.unreadable", "a.wide")


async def test_no_filter_runs(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({".gitattributes": "* text eol=crlf filter=evil\n", "a": "$Id$\n"})
    copy, tree, _ = await project.copy()
    trap = tmp_path / "trap"
    git(copy.path, "config", "filter.evil.clean", f"touch {trap}; cat")
    write(copy.path, {"a": "x\r\n", ".gitattributes": "* filter=evil ident\n"})
    trap.unlink(missing_ok=True)
    now = await copy.snapshot()
    assert await blob(project, now, "a") == b"x\n"
    await copy.restore(tree)
    assert not trap.exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({".gitattributes": b"*.c diff=cpp\n*.png filter=lfs diff=lfs merge=lfs\n"}, None),
        ({".gitattributes": b"# *.c text\n!x text\n\n*.c\n"}, None),
        ({".gitattributes": b"[attr]b eol=crlf\n"}, None),
        ({".gitattributes": b"*.c text diff=cpp filter=x\r\n"}, b"*.c text"),
        ({"a b/.gitattributes": b"*.c eol=crlf\n"}, b'"/a b/**/*.c" eol=crlf'),
        ({"[a]/.gitattributes": b"/x/y -text\n"}, b"/\\[a]/x/y -text"),
        ({".gitattributes": b"*.c working-tree-encoding=UTF-16;x\n"}, None),
        ({".gitattributes": b"*.c text " + b"x" * 3000}, None),
    ],
)
def test_only_what_changes_bytes_is_kept(files: dict[str, bytes], said: bytes | None) -> None:
    found = attribute_rules(files)
    assert found == b"" if said is None else found.endswith(b"\n" + said + b"\n")


async def test_without_such_attributes_nothing_is_made(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({".gitattributes": "*.c diff=cpp\n", "a.c": "a\r\n"})
    copy, tree, _ = await project.copy()
    assert sorted(p.name for p in copy.folder.iterdir()) == ["exclude", "index", "work"]
    assert isinstance(project.workspace.git, Git)
    assert await copy.snapshot() == tree
