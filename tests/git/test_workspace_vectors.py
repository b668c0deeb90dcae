"""Eighteen ways to make git run an attacker's command, and more: none runs as the daemon.

The agent owns the copy's tree and its `.git`; then the daemon takes, compares, commits, pushes,
restores. Beside it the same trap under plain git shows that the trap is alive.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.environment.projects import Project, git, write

pytestmark = pytest.mark.security
Vector = Callable[[Path, Path], None]


def config(work: Path, *pairs: str) -> None:
    for pair in pairs:
        key, value = pair.split("=", 1)
        git(work, "config", key, value)


def hook(name: str) -> Vector:
    def plant(work: Path, trap: Path) -> None:
        path = work / ".git" / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{trap}\n")
        path.chmod(0o755)

    return plant


def setting(*pairs: str, files: dict[str, bytes | str | None] | None = None) -> Vector:
    def plant(work: Path, trap: Path) -> None:
        config(work, *(pair.replace("TRAP", str(trap)) for pair in pairs))
        write(work, files or {})

    return plant


def hooks_path(work: Path, trap: Path) -> None:
    write(work, {"h/pre-commit": f"#!/bin/sh\n{trap}\n"})
    (work / "h/pre-commit").chmod(0o755)
    config(work, "core.hooksPath=h")


def include(work: Path, trap: Path) -> None:
    write(work, {"inc": f"[core]\n\tfsmonitor = {trap}\n"})
    config(work, "include.path=../inc")


def worktree_config(work: Path, trap: Path) -> None:
    config(work, "extensions.worktreeConfig=true")
    write(work, {".git/config.worktree": f"[core]\n\tfsmonitor = {trap}\n"})


def pointer(work: Path, trap: Path) -> None:
    config(work, f"core.fsmonitor={trap}")
    (work / ".git").rename(work / ".evil")
    write(work, {".git": "gitdir: ./.evil\n"})


def common(work: Path, trap: Path) -> None:
    git(work, "clone", "--quiet", "--bare", ".", "cd")
    git(work / "cd", "config", "core.fsmonitor", str(trap))
    git(work / "cd", "config", "core.bare", "false")
    write(work, {".git/commondir": str(work / "cd")})


def nested(work: Path, trap: Path) -> None:
    inner = work / "vendor" / "x"
    inner.mkdir(parents=True)
    git(inner, "init", "--quiet")
    write(inner, {"f": "1"})
    git(inner, "add", "f")
    git(inner, "commit", "--quiet", "-m", "x")
    git(work, "add", "vendor/x")
    config(inner, f"core.fsmonitor={trap}")
    write(inner, {"f": "2"})


def submodule(work: Path, _trap: Path) -> None:
    text = '[submodule "m"]\n\tpath = m\n\turl = ./m\n\tupdate = !trap\n'
    write(work, {".gitmodules": text})


ATTRIBUTES: dict[str, bytes | str | None] = {".gitattributes": "* filter=zz diff=zz\n"}
VECTORS: dict[str, Vector] = {
    "hooks/pre-commit": hook("pre-commit"),
    "hooks/pre-push": hook("pre-push"),
    "core.hooksPath": hooks_path,
    "core.fsmonitor": setting("core.fsmonitor=TRAP"),
    "include.path": include,
    "config.worktree": worktree_config,
    ".git pointer": pointer,
    "commondir": common,
    "diff.external": setting("diff.external=TRAP"),
    "textconv": setting("diff.zz.textconv=TRAP", files=ATTRIBUTES),
    "filter.clean": setting("filter.zz.clean=TRAP", files=ATTRIBUTES),
    "filter.process": setting("filter.zz.process=TRAP", files=ATTRIBUTES),
    "remote.receivepack": setting("remote.origin.receivepack=TRAP"),
    "gpg.program": setting("gpg.program=TRAP", "commit.gpgSign=true"),
    "ext remote": setting("protocol.ext.allow=always", "remote.origin.url=ext::TRAP"),
    "insteadOf ext": setting("protocol.ext.allow=always", "url.ext::TRAP .insteadOf=/"),
    "nested fsmonitor": nested,
    "submodule update": submodule,
    "hooks/post-index-change": hook("post-index-change"),
    "hooks/reference-transaction": hook("reference-transaction"),
    "core.sshCommand": setting("core.sshCommand=TRAP", "remote.origin.url=ssh://nowhere.test/x"),
    "credential.helper": setting("credential.helper=!TRAP", "core.askPass=TRAP"),
    "core.editor and pager": setting("core.editor=TRAP", "core.pager=TRAP", "pager.diff=TRAP"),
    "alias": setting("alias.diff-files=!TRAP", "alias.write-tree=!TRAP"),
}
HARMLESS_TO_PLAIN_GIT = {"submodule update", "credential.helper", "core.editor and pager", "alias"}


async def daemon(project: Project, plant: Callable[[Path], None]) -> None:
    copy, tree, base = await project.copy()
    write(copy.path, {"a.py": "worked on\n", "b.py": "new\n"})
    git(copy.path, "remote", "add", "origin", str(project.forge))
    plant(copy.path)
    workspace = project.workspace
    now = await copy.snapshot()
    again = await copy.snapshot()
    assert now == again
    assert "worked on" in await workspace.diff(tree, now)
    paths = [c.path for c in await workspace.changes(tree, now)]
    assert {"a.py", "b.py"} <= set(paths)
    commit = await workspace.commit(now, [base], "Work", datetime(2026, 1, 1, tzinfo=UTC))
    assert await workspace.log(commit, limit=5) == (commit, base)
    await workspace.push(commit, "harness/issue-1", None)
    await workspace.sync()
    await workspace.merge_trees(tree, now, tree)
    await copy.restore(now)
    assert await copy.snapshot() == now
    await workspace.forget("run/1")


def plainly(work: Path) -> None:
    for words in (
        *(["status"], ["add", "-A"], ["diff", "HEAD"], ["commit", "-m", "x"], ["log", "-p"]),
        *(["submodule", "update"], ["fetch", "origin"], ["push", "origin", "HEAD:refs/heads/z"]),
    ):
        git(work, *words, check=False)


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    path = tmp_path / "trap"
    path.write_text(f"#!/bin/sh\necho x >> {tmp_path}/sprung\nexit 1\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", VECTORS)
async def test_nothing_of_the_agent_runs_as_the_daemon(
    tmp_path: Path, trap: Path, name: str
) -> None:
    project = Project(tmp_path)
    project.push({"a.py": "one\n", "c.txt": "same\n"})
    await daemon(project, lambda work: VECTORS[name](work, trap))
    assert not (tmp_path / "sprung").exists()
    pushed = git(project.forge, "log", "--format=%an %s", "harness/issue-1", "-1")
    assert pushed == "Harness Work"


@pytest.mark.parametrize("name", sorted(set(VECTORS) - HARMLESS_TO_PLAIN_GIT))
def test_the_trap_is_alive_under_plain_git(tmp_path: Path, trap: Path, name: str) -> None:
    project = Project(tmp_path)
    project.push({"a.py": "one\n", "c.txt": "same\n"})
    write(project.user, {"a.py": "worked on\n", "b.py": "new\n"})
    VECTORS[name](project.user, trap)
    plainly(project.user)
    assert (tmp_path / "sprung").exists()


async def test_attributes_already_in_the_base_run_nothing_either(
    tmp_path: Path, trap: Path
) -> None:
    project = Project(tmp_path)
    project.push({"a.py": "one\n", **ATTRIBUTES})
    await daemon(
        project, lambda work: config(work, f"filter.zz.smudge={trap}", f"filter.zz.clean={trap}")
    )
    assert not (tmp_path / "sprung").exists()


async def test_a_redirected_work_tree_brings_in_no_host_file(tmp_path: Path) -> None:
    (tmp_path / "host").mkdir()
    write(tmp_path / "host", {"id_rsa": "CANARY"})
    project = Project(tmp_path)
    project.push({"a.py": "one\n"})
    await daemon(project, lambda work: config(work, f"core.worktree={tmp_path / 'host'}"))
    listed = git(project.forge, "ls-tree", "-r", "--name-only", "harness/issue-1")
    assert listed.split() == ["a.py", "b.py"]


async def test_only_our_one_commit_leaves_none_of_the_agents(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a.py": "one\n"})

    def history(work: Path) -> None:
        write(work, {"secret": "CANARY-1"})
        git(work, "add", "-A")
        git(work, "commit", "--quiet", "-m", "CANARY-2", "--author", "CANARY-3 <c@x>")
        git(work, "tag", "CANARY-4")
        git(work, "rm", "--quiet", "secret")
        git(work, "commit", "--quiet", "-m", "Gone")

    await daemon(project, history)
    everything = git(project.forge, "log", "--all", "-p", "--format=%an %ae %B %D")
    assert "worked on" in everything
    assert "CANARY" not in everything
    assert git(project.forge, "rev-list", "--count", "main..harness/issue-1") == "1"
    objects = git(project.forge, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    for name in objects.split():
        assert "CANARY" not in git(project.forge, "cat-file", "-p", name)
