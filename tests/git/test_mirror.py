"""The mirror follows the forge, and is made again when it breaks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from harness.core.errors import GitError, MissingError, NotFound, RefusedError, Unavailable
from harness.core.types import Remote
from harness.git.mirror import Mirror, sweep
from harness.git.server_words import access_fault
from harness.git.workspace import ProjectWorkspace
from tests.environment.projects import Project, git, write


@pytest.mark.parametrize("name", ["v1", "release/1.0", "HEAD2", "a" * 40, "정식"])
async def test_the_tip_of_a_branch_is_nothing_else_of_that_name(tmp_path: Path, name: str) -> None:
    project = Project(tmp_path)
    first = project.push({"a": "1"})
    git(project.user, "update-ref", f"refs/tags/{name}", first)
    git(project.user, "push", "--quiet", "origin", f"refs/tags/{name}")
    workspace = project.workspace
    await workspace.sync()
    assert await workspace.resolve(name) == first
    for asked in (name, first, f"tags/{name}", f"refs/tags/{name}", "HEAD", ""):
        with pytest.raises(NotFound):
            await workspace.tip(asked)
    second = project.push({"a": "2"})
    git(project.user, "push", "--quiet", "origin", f"{second}:refs/heads/{name}")
    await workspace.sync()
    assert await workspace.tip(name) == await workspace.resolve(name) == second


async def test_branches_and_tags_appear_move_and_go(tmp_path: Path) -> None:
    project = Project(tmp_path)
    first = project.push({"a": "1"})
    git(project.user, "tag", "v1")
    git(project.user, "push", "--quiet", "origin", "HEAD:refs/heads/side", "v1")
    workspace = project.workspace
    await workspace.sync()
    assert await workspace.resolve("side") == await workspace.resolve("v1") == first
    second = project.push({"a": "2"})
    git(project.user, "push", "--quiet", "origin", ":side", "HEAD:refs/heads/side/deeper")
    assert await workspace.resolve("main") == first
    await workspace.sync()
    assert await workspace.resolve("main") == await workspace.resolve("side/deeper") == second
    assert await workspace.resolve(first) == first
    with pytest.raises(NotFound):
        await workspace.resolve("side")


async def test_a_forced_branch_is_followed_and_the_old_commit_stays_readable(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    old = project.push({"a": "2"})
    await project.workspace.sync()
    git(project.user, "reset", "--quiet", "--hard", "HEAD~1")
    git(project.user, "push", "--quiet", "--force", "origin", "HEAD:main")
    await project.workspace.sync()
    assert await project.workspace.resolve("main") != old
    assert await project.workspace.resolve(old) == old


async def test_a_repository_without_commits_says_so(tmp_path: Path) -> None:
    project = Project(tmp_path)
    await project.workspace.sync()
    with pytest.raises(NotFound) as caught:
        await project.workspace.resolve("main")
    assert caught.value.key == "git.empty"


async def test_only_what_the_branches_reach_is_in_the_mirror(tmp_path: Path) -> None:
    project = Project(tmp_path)
    first = project.push({"a": "1"})
    git(project.user, "tag", "--annotate", "--message", "one", "v1")
    git(project.user, "push", "--quiet", "origin", "v1", "HEAD:refs/heads/side/of")
    (tmp_path / "b").write_text("a key that no branch has")
    secret = git(project.forge, "hash-object", "-w", str(tmp_path / "b"))
    for rounds in range(2):
        await project.workspace.sync()
        mirror = project.workspace.mirror.path
        assert git(mirror, "cat-file", "-t", first) == "commit"
        assert git(mirror, "cat-file", "-t", secret, check=False) == ""
        refs = "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags"
        assert git(mirror, *refs) == git(project.forge, *refs)
        assert git(mirror, "fsck", "--full") == ""
        project.push({"a": f"more {rounds}"})


def cut_before_the_refs(mirror: Path) -> None:
    """A kill after the pack was written."""
    (mirror / "packed-refs").unlink(missing_ok=True)
    for ref in (mirror / "refs" / "heads").iterdir():
        ref.unlink()


def cut_in_the_pack(mirror: Path) -> None:
    cut_before_the_refs(mirror)
    for file in (mirror / "objects" / "pack").iterdir():
        file.unlink()
    (mirror / "objects" / "pack" / "tmp_pack_abc").write_text("half")


def cut_before_the_index(mirror: Path) -> None:
    cut_before_the_refs(mirror)
    for file in (mirror / "objects" / "pack").glob("*.idx"):
        file.unlink()


@pytest.mark.parametrize("cut", [cut_before_the_refs, cut_in_the_pack, cut_before_the_index])
async def test_a_kill_while_it_is_made_ends_the_same(
    tmp_path: Path, cut: Callable[[Path], None]
) -> None:
    project = Project(tmp_path)
    tip = project.push({"a": "1"})
    await project.workspace.sync()
    cut(project.workspace.mirror.path)
    workspace = project.again()
    await workspace.sync()
    assert await workspace.resolve("main") == tip
    assert await workspace.mirror.sound()
    assert not list(workspace.mirror.path.glob("objects/pack/tmp_*"))


@pytest.mark.parametrize("name", ["plain", "a b", "a:b", 'a"b', "a\\b", "한글", "a%20b", "a#b"])
async def test_it_is_made_from_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    project = Project(tmp_path)
    tip = project.push({"a": "1"})
    moved = tmp_path / name
    project.forge.rename(moved)
    project.forge = moved
    for url in (str(moved), moved.as_uri()):
        mirror = Mirror(tmp_path / f"m{len(url)}.git", "p", partial(Remote, url=url))
        await mirror.sync()
        assert git(mirror.path, "rev-parse", "main") == tip
        assert len(list((mirror.objects / "pack").glob("*.pack"))) == 1


def truncate(mirror: Path) -> None:
    (pack,) = (mirror / "objects/pack").glob("*.pack")
    pack.chmod(0o600)
    pack.write_bytes(pack.read_bytes()[:-200])


def damage(mirror: Path) -> None:
    (pack,) = (mirror / "objects/pack").glob("*.pack")
    pack.chmod(0o600)
    data = bytearray(pack.read_bytes())
    for at in range(40, len(data) - 24):
        data[at] ^= 0xFF
    pack.write_bytes(bytes(data))


def lose_objects(mirror: Path) -> None:
    for path in (mirror / "objects/pack").iterdir():
        path.unlink()


def lose_head(mirror: Path) -> None:
    (mirror / "HEAD").unlink()


@pytest.mark.parametrize("harm", [truncate, damage, lose_objects, lose_head])
@pytest.mark.parametrize("then", ["copy", "resolve", "sync"])
async def test_a_broken_mirror_is_fetched_anew(
    tmp_path: Path, harm: Callable[[Path], None], then: str
) -> None:
    project = Project(tmp_path)
    base = project.push({"a": "1", "b/c": "some text\n" * 200})
    await project.workspace.sync()
    harm(project.workspace.mirror.path)
    if then == "sync":
        await project.workspace.sync()
    if then == "resolve":
        assert await project.workspace.resolve("main") == base
    tree = git(project.user, "rev-parse", "HEAD^{tree}")
    copy = await project.workspace.copy("r", tree, base)
    assert (copy.path / "a").read_text() == "1"
    assert await copy.snapshot() == tree
    assert git(copy.path, "status", "--porcelain") == ""


async def test_a_mirror_broken_while_the_forge_is_away_says_both(tmp_path: Path) -> None:
    project = Project(tmp_path)
    base = project.push({"a": "1"})
    await project.workspace.sync()
    tree = await project.workspace.tree_of(base)
    truncate(project.workspace.mirror.path)
    project.forge.rename(tmp_path / "away")
    with pytest.raises((GitError, Unavailable)):
        await project.workspace.copy("r", tree, base)
    (tmp_path / "away").rename(project.forge)
    await project.workspace.copy("r", tree, base)


async def test_what_a_killed_git_left_does_not_stop_the_next_start(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    await project.workspace.sync()
    mirror = project.workspace.mirror.path
    for left in ("packed-refs.lock", "HEAD.lock", "refs/heads/main.lock", "shallow.lock"):
        (mirror / left).parent.mkdir(parents=True, exist_ok=True)
        (mirror / left).touch()
    (mirror / "objects/pack/tmp_pack_x").write_bytes(b"half")
    (mirror.parent / "mirror.git.new").mkdir()
    new = project.push({"a": "2"})
    workspace = project.again()
    await workspace.sync()
    assert await workspace.resolve("main") == new
    assert not list(mirror.rglob("*.lock"))
    assert not list(mirror.rglob("tmp_*"))


async def test_many_fetches_do_not_make_packs_without_end(tmp_path: Path) -> None:
    project = Project(tmp_path)
    commits = [project.push({"a": "0"})]
    mirror = project.workspace.mirror
    for number in range(45):
        commits.append(project.push({"a": str(number)}))
        await mirror.sync()
    assert len(list(mirror.objects.glob("pack/*.pack"))) <= 41
    for commit in commits:
        assert await mirror.git.text("cat-file", "-t", commit) == "commit"


async def test_an_absent_forge_is_unavailable_and_names_the_project(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.forge.rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable) as caught:
        await project.workspace.sync()
    assert caught.value.facts["project"] == "own/project"


@pytest.mark.parametrize(
    "url",
    [
        *("ext::sh -c touch% x", "ssh://host/x", "git://host/x", "http://host.test/x", "-u/x"),
        *("x/y", "git@host:x", "file:x", "https::x", "--upload-pack=touch x", ""),
    ],
)
async def test_an_address_git_should_not_follow_is_refused(tmp_path: Path, url: str) -> None:
    mirror = Mirror(tmp_path / "m.git", "own/project", lambda: Remote(url=url))
    with pytest.raises((RefusedError, Unavailable)):
        await mirror.sync()
    assert not (tmp_path / "x").exists()


async def test_a_token_in_the_environment_or_the_url_is_in_no_error(tmp_path: Path) -> None:
    remote = Remote(
        url="https://user:ghp_inurl123@127.0.0.1:9/x.git",
        env={
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": "Authorization: Basic ghp_inheader456",
        },
    )
    mirror = Mirror(tmp_path / "m.git", "own/project", lambda: remote)
    with pytest.raises(Unavailable) as caught:
        await mirror.sync()
    assert "ghp_in" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
    assert "ghp_in" not in (tmp_path / "m.git" / "config").read_text()


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("fatal: Authentication failed for 'https://x'", "git.forbidden"),
        ("The requested URL returned error: 403", "git.forbidden"),
        ("remote: Repository not found.", "git.forbidden"),
        ("Could not resolve host: github.com", "git.unreachable"),
        ("The requested URL returned error: 503", "git.unreachable"),
        ("fatal: early EOF", "git.unreachable"),
        ("error: object file is empty", None),
    ],
)
def test_what_git_says_is_sorted(said: str, key: str | None) -> None:
    fault = access_fault(GitError("git.failed", command="fetch", said=said), "own/project")
    assert (fault.key if fault else None) == key


async def test_a_missing_git_is_told_with_the_way_to_get_it(tmp_path: Path) -> None:
    project = Project(tmp_path)
    workspace = ProjectWorkspace(
        *(project.root, "p", lambda: Remote(url=str(project.forge)), project.author, project.made),
        program="no-such-git",
    )
    with pytest.raises(MissingError) as caught:
        await workspace.sync()
    assert caught.value.key == "git.missing"


def test_sweeping_touches_no_live_object(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    before = sorted(project.forge.rglob("*"))
    write(project.forge, {"refs/heads/x.lock": "", "objects/pack/tmp_idx_1": ""})
    sweep(project.forge)
    assert sorted(project.forge.rglob("*")) == before
