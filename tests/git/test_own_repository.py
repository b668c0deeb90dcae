"""The person's own repository, whatever stands in its configuration: what GitPython reads of it,
and that nothing of it is started."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from harness.core.errors import GitError, HarnessError, RefusedError
from harness.git.checkout import Checkout
from harness.git.own_repository import OwnRepository, is_bare, own_repository
from tests.forge.world import Local, git, make_local

ENV = {"PATH": os.environ["PATH"], "HOME": "/var/empty", "GIT_CONFIG_GLOBAL": "/dev/null"}
HOOKS = ("pre-push", "reference-transaction", "post-merge", "post-checkout", "post-index-change")
Plant = Callable[[Path, Path], None]


@pytest.fixture
async def local(tmp_path: Path) -> Local:
    return await make_local(tmp_path)


@pytest.fixture
def mine(local: Local, tmp_path: Path) -> Path:
    """The person's clone; the forge has a commit more, and so has the clone a file."""
    folder = tmp_path / "mine"
    git(tmp_path, "clone", "-q", "-o", "harness", local.forge("ada").remote().url, folder.name)
    git(folder, "config", "user.name", "Me")
    git(folder, "config", "user.email", "me@example.org")
    local.push("main", {"new.txt": "new\n", ".gitattributes": "* filter=zz diff=zz\n"}, "main")
    return folder


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    path = tmp_path / "trap"
    path.write_text(f"#!/bin/sh\necho x >> {tmp_path}/sprung\nexit 1\n")
    path.chmod(0o755)
    return path


def opened(folder: Path, env: Mapping[str, str] = ENV) -> OwnRepository:
    found = own_repository(folder, env)
    assert found is not None
    return found


def plainly(folder: Path, *words: str) -> None:
    """git as anybody would start it, however it ends."""
    subprocess.run(["git", *words], cwd=folder, env=ENV, capture_output=True, check=False)


# -- what it reads


def test_it_tells_what_is_in_a_repository(mine: Path) -> None:
    (mine / "sub").mkdir()
    with opened(mine / "sub") as own:
        head = git(mine, "rev-parse", "HEAD")
        assert (own.top, own.branch(), own.id("HEAD"), own.id("nope")) == (mine, "main", head, "")
        assert (own.setting("user.name"), own.setting("user.nothing")) == ("Me", "")
        assert own.read(head, "README.md", 1000) == (mine / "README.md").read_text()
        assert own.read(head, "README.md", 2) is None
        assert own.read(head, "nothing", 1000) is None
        assert own.commits(head, 5)[0][2].strip() == git(mine, "log", "-1", "--format=%B")
        assert not own.is_dirty()
        (mine / "loose.txt").write_text("x")
        assert own.is_dirty()
        assert own.is_ancestor(head, head)
        assert not own.is_ancestor("0" * 40, head)
        assert own.url("harness").endswith(".git")
        assert own.url("nobody") == ""
    git(mine, "switch", "-q", "--detach")
    with opened(mine) as own:
        assert own.branch() == ""


def test_what_is_no_work_tree_is_none(local: Local, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing", local.bare):
        assert own_repository(folder, ENV) is None
    assert is_bare(local.bare, ENV)
    assert not is_bare(tmp_path / "missing", ENV)


def test_a_commit_of_an_odd_encoding_is_read(mine: Path) -> None:
    tree = git(mine, "rev-parse", "HEAD^{tree}")
    text = f"tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\nencoding no-such\n\nhi\n"
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        cwd=mine, input=text.encode(), capture_output=True, check=True,
    )  # fmt: skip
    with opened(mine) as own:
        assert own.commits(made.stdout.decode().strip(), 5) == [("A", "a", "hi\n")]
        with pytest.raises(GitError):
            own.commits("no-such-commit", 5)


# -- what it starts


def config(*settings: str) -> Plant:
    def plant(folder: Path, trap: Path) -> None:
        for setting in settings:
            key, _, value = setting.replace("TRAP", str(trap)).partition("=")
            git(folder, "config", key, value)

    return plant


def hooks(folder: Path, trap: Path) -> None:
    for name in HOOKS:
        hook = folder / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_bytes(trap.read_bytes())
        hook.chmod(0o755)


def hooks_path(folder: Path, trap: Path) -> None:
    hooks(folder, trap)
    (folder / ".git" / "hooks").rename(folder.parent / "hooks")
    git(folder, "config", "core.hooksPath", str(folder.parent / "hooks"))


def include(folder: Path, trap: Path) -> None:
    (folder / ".git" / "more").write_text(f"[core]\n\tfsmonitor = {trap}\n")
    git(folder, "config", "include.path", "more")


def alternates(folder: Path, trap: Path) -> None:
    other = folder.parent / "other"
    git(folder.parent, "init", "-q", "--bare", other.name)
    info = folder / ".git" / "objects" / "info" / "alternates"
    info.write_text(f"{other}/objects\n")
    git(folder, "config", "core.alternateRefsCommand", str(trap))


def promisor(folder: Path, trap: Path) -> None:
    """An object is missing, and would be fetched in passing from where the settings say."""
    git(folder, "config", "core.repositoryFormatVersion", "1")
    git(folder, "config", "extensions.partialClone", "harness")
    git(folder, "config", "remote.harness.promisor", "true")
    git(folder, "config", "remote.harness.uploadpack", str(trap))
    blob = git(folder, "rev-parse", "HEAD:README.md")
    for pack in (folder / ".git" / "objects" / "pack").glob("pack-*.pack"):
        kept = pack.rename(folder.parent / pack.name)
        with kept.open("rb") as stream:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=folder, stdin=stream, check=True)
    (folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()


PLANTS: dict[str, Plant] = {
    "hooks": hooks,
    "core.hooksPath": hooks_path,
    "core.fsmonitor": config("core.fsmonitor=TRAP"),
    "include.path": include,
    "core.sshCommand": config(
        "core.sshCommand=TRAP", "remote.harness.url=ssh://nowhere.test/x", "ssh.variant=simple"
    ),
    "core.gitProxy": config("core.gitProxy=TRAP", "remote.harness.url=git://nowhere.test/x"),
    "credential.helper": config(
        "credential.helper=!TRAP", "core.askPass=TRAP", "remote.harness.url=https://nowhere.test/x"
    ),
    "alias": config("alias.fetch=!TRAP", "alias.status=!TRAP", "alias.rev-parse=!TRAP"),
    "ext remote": config("protocol.ext.allow=always", "remote.harness.url=ext::TRAP"),
    "insteadOf": config(
        "protocol.ext.allow=always", "remote.harness.url=/x.git", "url.ext::TRAP .insteadOf=/"
    ),
    "pushInsteadOf": config(
        "protocol.ext.allow=always", "remote.harness.url=/x.git", "url.ext::TRAP .pushInsteadOf=/"
    ),
    "pushurl": config("protocol.ext.allow=always", "remote.harness.pushurl=ext::TRAP"),
    "uploadpack": config("remote.harness.uploadpack=TRAP"),
    "receivepack": config("remote.harness.receivepack=TRAP"),
    "diff.external": config("diff.external=TRAP", "diff.zz.textconv=TRAP"),
    "gpg": config("gpg.program=TRAP", "merge.verifySignatures=true", "log.showSignature=true"),
    "editor and pager": config("core.editor=TRAP", "core.pager=TRAP", "pager.log=TRAP"),
    "alternates": alternates,
    "promisor": promisor,
}
QUIET_IN_PLAIN_GIT = {"alias", "editor and pager", "credential.helper", "promisor", "gpg"}
"""Those that git itself does not start without a terminal, a server, or an object that lacks."""


@pytest.mark.parametrize("name", PLANTS)
def test_nothing_that_a_repository_names_is_started(
    local: Local, mine: Path, trap: Path, tmp_path: Path, name: str
) -> None:
    PLANTS[name](mine, trap)
    (mine / "README.md").write_text("changed\n")
    with contextlib.suppress(HarnessError), opened(mine) as own:
        own.ignore_filters()
        head = own.id("refs/heads/main")
        steps: list[Callable[[], object]] = [
            own.branch, own.is_dirty,
            lambda: own.setting("user.name"),
            lambda: own.commits(head, 5),
            lambda: own.names("ls-tree", "-r", "-z", "--full-tree", head),
            lambda: own.read(head, "README.md", 1000),
            lambda: own.tip("harness", "main"),
            lambda: own.push("harness", "refs/heads/main:refs/heads/other"),
            lambda: own.add_remote("second", str(local.bare)),
        ]  # fmt: skip
        for step in steps:
            with contextlib.suppress(HarnessError):
                step()
    with contextlib.suppress(HarnessError):
        Checkout(mine, ENV).pull("main")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", sorted(PLANTS.keys() - QUIET_IN_PLAIN_GIT))
def test_the_traps_are_alive_under_plain_git(
    mine: Path, trap: Path, tmp_path: Path, name: str
) -> None:
    PLANTS[name](mine, trap)
    (mine / "README.md").write_text("changed\n")
    for words in ("status", "diff", "fetch harness", "push harness HEAD:refs/heads/z"):
        plainly(mine, *words.split())
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize("setting", ["clean", "process"])
def test_what_is_only_looked_at_is_not_filtered(
    mine: Path, trap: Path, tmp_path: Path, setting: str
) -> None:
    (mine / ".gitattributes").write_text("* filter=z=z\n")
    git(mine, "config", f"filter.z=z.{setting}", str(trap))
    git(mine, "config", "filter.z=z.required", "true")
    (mine / "README.md").write_text("changed\n")
    with opened(mine) as own:
        own.ignore_filters()
        assert own.is_dirty()
        assert own.names("ls-files", "-z")
    assert not (tmp_path / "sprung").exists()
    plainly(mine, "diff")
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "url", ["ssh://git@host.test/x", "ext::sh -c x", "git@host.test:x", "https://host.test/x"]
)
def test_a_remote_that_is_not_on_this_machine_is_refused(mine: Path, url: str) -> None:
    with opened(mine) as own:
        with pytest.raises(RefusedError):
            own.add_remote("second", url)
        git(mine, "config", "remote.harness.url", url)
        for act in (own.tip, own.fetch, own.push):
            with pytest.raises(RefusedError) as caught:
                act("harness", "main")
            assert caught.value.key == "git.protocol"


def test_gits_programs_see_the_persons_environment_and_no_more(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(mine, "config", "alias.leak", f"!env > {tmp_path}/seen")
    monkeypatch.setenv("OUR_SECRET", "canary")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.fsmonitor=x'")
    with opened(mine, {**ENV, "THEIRS": "kept"}) as own:
        assert own.run("leak").status == 0
        assert len(own.id("HEAD")) == 40
    seen = (tmp_path / "seen").read_text()
    assert "THEIRS=kept" in seen
    assert "canary" not in seen
    assert "core.fsmonitor=x" not in seen
    assert f"GIT_OBJECT_DIRECTORY={tmp_path}" not in seen


def test_no_process_is_left(mine: Path) -> None:
    def children() -> str:
        return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()

    before = children()
    with opened(mine) as own:
        own.read(own.id("HEAD"), "README.md", 1000)
        own.commits(own.id("HEAD"), 5)
        assert children() != before
    assert children() == before
