"""Submodules: which are fetched and from where, what a tree that names them may do, and that a
checkout and every Box see their files."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from harness.core.errors import GitError
from harness.core.types import Remote
from harness.git.submodules import (
    Submodule,
    Submodules,
    SubmoduleSources,
    host_of,
    kept_name,
    submodules_in,
)
from harness.git.workspace import ProjectWorkspace
from tests.environment.projects import Project, git, write

ID = "a" * 40
HOME = "https://forge.example/own/project"
SAID = {
    "plain": ("https://forge.example/x/y.git", "https://forge.example/x/y.git"),
    "beside": ("../other.git", "https://forge.example/own/other.git"),
    "two up": ("../../x/other", "https://forge.example/x/other"),
    "below": ("./inner", "https://forge.example/own/project/inner"),
    "none": ("", ""),
}


@pytest.mark.parametrize("name", SAID)
def test_an_address_is_what_git_makes_of_it(name: str) -> None:
    url, wanted = SAID[name]
    words = ("submodule.a.path\nlib/a", f"submodule.a.url\n{url}")
    assert submodules_in({"lib/a": ID}, words, HOME) == (Submodule("lib/a", ID, wanted, "a"),)


def test_relative_to_a_folder_is_nowhere() -> None:
    words = ("submodule.a.path\na", "submodule.a.url\n../b")
    assert submodules_in({"a": ID}, words, "/srv/forge.git") == (Submodule("a", ID, "", "a"),)


def test_only_what_the_tree_links_counts() -> None:
    words = ("submodule.a.path\na", "submodule.a.url\nhttps://x.example/a")
    assert submodules_in({}, words, HOME) == ()


@pytest.mark.parametrize("path", ["/a", "../a", "a/../../b", ".git/hooks", ""])
def test_a_place_outside_is_none(path: str) -> None:
    assert submodules_in({path: ID}, (), HOME) == ()


HOSTS = {
    "https://forge.example/x": "forge.example",
    "https://forge.example:8443/x": "forge.example:8443",
    "https://forge.example:443/x": "forge.example",
    "http://127.0.0.1:8080/x": "127.0.0.1:8080",
    "http://forge.example/x": "",
    "https://me:secret@forge.example/x": "",
    "git@forge.example:x/y": "",
    "ssh://forge.example/x": "",
    "file:///etc": "",
    "/etc": "",
    "ext::sh -c id": "",
    "https://forge.example:port/x": "",
    "--upload-pack=id": "",
    "": "",
}


@pytest.mark.parametrize("url", HOSTS)
def test_which_host_an_address_names(url: str) -> None:
    assert host_of(url) == HOSTS[url]


@pytest.mark.parametrize("url", [url for url, host in HOSTS.items() if not host])
async def test_an_address_without_a_host_is_never_asked(tmp_path: Path, url: str) -> None:
    kept = Submodules(tmp_path, SubmoduleSources(("", "forge.example")))
    assert not await kept.may_fetch(Submodule("a", ID, url))


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder's repositories over plain HTTP on loopback."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def published(folder: Path, name: str, files: dict[str, bytes | str | None]) -> str:
    """A repository with one commit, as a web server gives it out; the commit."""
    work = folder / f"{name}-work"
    work.mkdir(parents=True)
    git(work, "init", "--quiet", "--initial-branch=main")
    write(work, files)
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", "first")
    git(folder, "clone", "--quiet", "--bare", str(work), f"{name}.git")
    git(folder / f"{name}.git", "update-server-info")
    return git(work, "rev-parse", "HEAD")


def linked(project: Project, path: str, commit: str, url: str) -> None:
    """The project's next commit has a submodule there."""
    words = f'[submodule "one"]\n\tpath = {path}\n\turl = {url}\n'
    write(project.user, {".gitmodules": words, "calc.py": "x = 1\n"})
    git(project.user, "add", "--all")
    git(project.user, "update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
    git(project.user, "commit", "--quiet", "-m", "borrow")
    git(project.user, "push", "--quiet", "origin", "HEAD")


def workspace(project: Project, *hosts: str) -> ProjectWorkspace:
    return ProjectWorkspace(
        project.root,
        "own/project",
        lambda: Remote(url=str(project.forge)),
        project.author,
        project.made,
        submodules=SubmoduleSources(hosts),
    )


async def test_set_up_and_every_box_see_its_files(tmp_path: Path) -> None:
    project = Project(tmp_path)
    commit = published(tmp_path / "web", "one", {"data/a.toml": "a = 1\n"})
    with served(tmp_path / "web") as host:
        linked(project, "tests/one", commit, f"http://{host}/one.git")
        mine = workspace(project, host)
        await mine.sync()
        base = await mine.resolve("main")
        made = await mine.environment(base)
    (shown,) = [where for where, inside in made.read_only.items() if inside == "/work/tests/one"]
    assert (Path(shown) / "data/a.toml").read_text() == "a = 1\n"
    assert "tests/one/data/a.toml" in project.made.asked[-1][1]
    assert await mine.environment(base) == made


async def test_a_tree_with_them_is_taken_as_it_was(tmp_path: Path) -> None:
    project = Project(tmp_path)
    commit = published(tmp_path / "web", "one", {"a": "1"})
    with served(tmp_path / "web") as host:
        linked(project, "lib/one", commit, f"http://{host}/one.git")
        mine = workspace(project, host)
        await mine.sync()
        base = await mine.resolve("main")
        tree = await mine.tree_of(base)
        copy = await mine.copy("run/1", tree, base)
        await mine.environment(base)
    (copy.path / "lib/one").mkdir(parents=True, exist_ok=True)
    assert await copy.snapshot() == tree


async def test_what_the_operator_does_not_allow_is_not_asked(tmp_path: Path) -> None:
    project = Project(tmp_path)
    linked(project, "lib/one", ID, "https://forge.example/one.git")
    for hosts in ((), ("other.example",)):
        mine = workspace(project, *hosts)
        await mine.sync()
        made = await mine.environment(await mine.resolve("main"))
        assert not [inside for inside in made.read_only.values() if "lib/one" in inside]


def bearing(web: Path, host: str, inner: str, place: str) -> Path:
    """A checkout of a repository that has the other one inside; not published yet."""
    outer = web / "outer-work"
    outer.mkdir()
    git(outer, "init", "--quiet", "--initial-branch=main")
    words = f'[submodule "i"]\n\tpath = {place}\n\turl = http://{host}/inner.git\n'
    write(outer, {".gitmodules": words})
    git(outer, "add", "--all")
    git(outer, "update-index", "--add", "--cacheinfo", f"160000,{inner},{place}")
    git(outer, "commit", "--quiet", "-m", "outer")
    return outer


def publish(web: Path, outer: Path) -> None:
    git(web, "clone", "--quiet", "--bare", str(outer), "outer.git")
    git(web / "outer.git", "update-server-info")


async def test_one_inside_another_is_fetched_too(tmp_path: Path) -> None:
    web = tmp_path / "web"
    inner = published(web, "inner", {"deep.txt": "deep"})
    with served(web) as host:
        outer = bearing(web, host, inner, "in/side")
        publish(web, outer)
        commit = git(outer, "rev-parse", "HEAD")
        kept = Submodules(tmp_path / "kept", SubmoduleSources((host,)))
        found = await kept.folder(Submodule("out", commit, f"http://{host}/outer.git"))
    assert (found / "in/side/deep.txt").read_text() == "deep"


async def test_a_link_on_the_way_is_not_followed(tmp_path: Path) -> None:
    inner = published(tmp_path / "web", "inner", {"deep.txt": "deep"})
    with served(tmp_path / "web") as host:
        outer = tmp_path / "web" / "outer-work"
        outer.mkdir()
        git(outer, "init", "--quiet", "--initial-branch=main")
        words = f'[submodule "i"]\n\tpath = way/side\n\turl = http://{host}/inner.git\n'
        (tmp_path / "elsewhere").mkdir()
        write(outer, {".gitmodules": words})
        (outer / "way").symlink_to(tmp_path / "elsewhere")
        git(outer, "add", "--all")
        tree = git(outer, "write-tree")
        assert tree
        git(outer, "commit", "--quiet", "-m", "outer")
        git(tmp_path / "web", "clone", "--quiet", "--bare", str(outer), "outer.git")
        git(tmp_path / "web" / "outer.git", "update-server-info")
        commit = git(outer, "rev-parse", "HEAD")
        kept = Submodules(tmp_path / "kept", SubmoduleSources((host,)))
        found = await kept.folder(Submodule("out", commit, f"http://{host}/outer.git"))
        assert inner
    assert (found / "way").is_symlink()
    assert list((tmp_path / "elsewhere").iterdir()) == []


async def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    published(tmp_path / "web", "one", {"a": "1"})
    with served(tmp_path / "web") as host:
        kept = Submodules(tmp_path / "kept", SubmoduleSources((host,)))
        for url, commit in ((f"http://{host}/one.git", ID), (f"http://{host}/no.git", ID)):
            with pytest.raises(GitError) as told:
                await kept.folder(Submodule("lib/one", commit, url))
            assert told.value.key == "git.submodule"
            assert told.value.facts["host"] == host
    assert not [entry for entry in (tmp_path / "kept").iterdir() if entry.is_dir()]


async def test_one_inside_that_shares_its_lock_is_fetched_too(tmp_path: Path) -> None:
    """Names of folders share few locks: whoever fills one may not hold its lock meanwhile."""
    web = tmp_path / "web"
    inner = published(web, "inner", {"deep.txt": "deep"})
    with served(web) as host:
        outer, number = bearing(web, host, inner, "side"), 0
        commit = git(outer, "rev-parse", "HEAD")
        wanted = kept_name(f"http://{host}/inner.git", inner)[:2]
        while kept_name(f"http://{host}/outer.git", commit)[:2] != wanted:
            # the same tree in a commit of another name
            number += 1
            commit = git(outer, "commit-tree", "HEAD^{tree}", "-m", f"outer {number}")
        git(outer, "update-ref", "refs/heads/main", commit)
        publish(web, outer)
        kept = Submodules(tmp_path / "kept", SubmoduleSources((host,)))
        found = await kept.folder(Submodule("out", commit, f"http://{host}/outer.git"))
    assert (found / "side/deep.txt").read_text() == "deep"


def own_clone(folder: Path, *modules: tuple[str, Path]) -> Path:
    """The git directory of a person's clone that has these submodules: name -> what they are."""
    for name, work in modules:
        place = folder / ".git" / "modules" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        git(folder, "clone", "--quiet", "--bare", str(work), str(place))
    return folder / ".git"


async def test_what_the_person_has_is_taken_from_there_and_no_host_asked(tmp_path: Path) -> None:
    web = tmp_path / "web"
    inner = published(web, "inner", {"deep.txt": "deep"})
    outer = bearing(web, "gone.example", inner, "in/side")
    commit = git(outer, "rev-parse", "HEAD")
    section = "o/" + "/modules/".join(("ut", "i"))
    near = own_clone(web, ("o/ut", outer), (section, web / "inner-work"))
    kept = Submodules(tmp_path / "kept", SubmoduleSources(near=near))
    assert await kept.are_wanted()
    one = Submodule("out", commit, "https://gone.example/outer.git", "o/ut")
    found = await kept.folder(one)
    assert (found / "in/side/deep.txt").read_text() == "deep"


@pytest.mark.parametrize("name", ["", "other", "..", "../modules/out", "/etc", ".git", "a/../out"])
async def test_a_section_of_another_name_is_none_that_the_person_has(
    tmp_path: Path, name: str
) -> None:
    commit = published(tmp_path / "web", "one", {"a": "1"})
    near = own_clone(tmp_path / "web", ("out", tmp_path / "web" / "one-work"))
    kept = Submodules(tmp_path / "kept", SubmoduleSources(near=near))
    assert not await kept.may_fetch(Submodule("out", commit, "https://gone.example/x", name))
    assert not await kept.may_fetch(Submodule("out", ID, "https://gone.example/x", "out"))
    assert await kept.may_fetch(Submodule("out", commit, "", "out"))
