"""Environments that several processes of one home make and use, and what is found half-made."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.core.errors import SandboxError
from harness.core.types import Environment
from harness.environment.setup import Environments
from harness.environment.toolchains import Toolchains, copy_pytest
from harness.sandbox.bare import BareSandbox
from harness.sandbox.bubblewrap import Bubblewrap
from harness.system.locks import Lock, lock_of

MAKER = """
import asyncio, sys
from pathlib import Path
from harness.environment.setup import Environments
from harness.environment.toolchains import Toolchains
from harness.sandbox.bare import BareSandbox

root, tree, command = sys.argv[1:]
setup = (command,) if command else ()
tools = Toolchains(python=sys.version_info[:2])
maker = Environments(Path(root), BareSandbox(), setup, tools=tools)
print(asyncio.run(maker.make("k", Path(tree))).id)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    made = tmp_path / "tree"
    made.mkdir()
    (made / "a.py").write_text("a = 1\n")
    return made


def maker(root: Path, tree: Path, command: str) -> subprocess.Popen[bytes]:
    """Another process of the same home that makes the same environment."""
    argv = [sys.executable, "-c", MAKER, str(root), str(tree), command]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_four_processes_make_one(tmp_path: Path, tree: Path) -> None:
    command = 'date +%s%N >> "$HARNESS_ENV/count"; sleep 0.2'
    makers = [maker(tmp_path / "env", tree, command) for _ in range(4)]
    said = [one.communicate() for one in makers]
    assert [one.returncode for one in makers] == [0] * 4, said
    (name,) = {out.decode().strip() for out, _ in said}
    counted = (tmp_path / "env" / name / "env" / "count").read_text()
    assert len(counted.splitlines()) == 1
    assert [path.name for path in (tmp_path / "env").iterdir()] == [name]


def test_four_processes_share_the_test_runner(tmp_path: Path, tree: Path) -> None:
    makers = [maker(tmp_path / "env", tree, "") for _ in range(4)]
    said = [one.communicate() for one in makers]
    assert [one.returncode for one in makers] == [0] * 4, said
    assert (tmp_path / "env" / "pytest" / "_pytest" / "main.py").exists()
    assert len(list((tmp_path / "env").iterdir())) == 2


async def test_what_a_killed_process_left_is_made_again(tmp_path: Path, tree: Path) -> None:
    root, gate, go = tmp_path / "env", tmp_path / "gate", tmp_path / "go"
    wait = f'test -e {go} || {{ touch "$HARNESS_ENV/half" {gate}; exec sleep 600; }}'
    command = f'{wait}; touch "$HARNESS_ENV/whole"'
    killed = maker(root, tree, command)
    await until(gate.exists)
    killed.kill()
    killed.communicate()
    (folder,) = root.iterdir()
    assert [path.name for path in (folder / "env").iterdir()] == ["half"]
    go.touch()
    tools = Toolchains(python=sys.version_info[:2])
    made = await Environments(root, BareSandbox(), (command,), tools=tools).make("k", tree)
    assert made.id == folder.name
    assert [path.name for path in (folder / "env").iterdir()] == ["whole"]


async def test_a_cancelled_making_leaves_nothing(tmp_path: Path, tree: Path) -> None:
    gate = tmp_path / "gate"
    command = f"touch {gate}; exec sleep 600"
    environments = Environments(tmp_path / "env", BareSandbox(), (command,))
    making = asyncio.create_task(environments.make("k", tree))
    await until(gate.exists)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert list((tmp_path / "env").iterdir()) == []


def first_app(root: Path, name: str) -> Path:
    """A tree whose manifest says nothing about whose it is."""
    tree = root / name
    tree.mkdir()
    (tree / "pyproject.toml").write_text("[project]\nname = 'app'\nversion = '1'\n")
    (tree / ".gitignore").write_text("*.egg-info/\n_version.py\n_gen/\n")
    for folder in ("app", "app/_gen", "app.egg-info"):
        (tree / folder).mkdir()
        (tree / folder / "kept.txt").touch()
    (tree / "app" / "secret.txt").write_text(name)
    return tree


GENERATED = {
    "a version": "cp app/secret.txt app/_version.py",
    "metadata": "cp app/secret.txt app.egg-info/PKG-INFO",
    "generated sources": "cp app/secret.txt app/_gen/tables.py",
    "the package itself": 'mkdir -p "$HARNESS_ENV/lib"; cp -r app "$HARNESS_ENV/lib"',
    "modules of the tree": "mkdir node_modules; cp app/secret.txt node_modules/index.js",
    "an environment in the tree": "mkdir .venv; touch .venv/pyvenv.cfg; cp app/secret.txt .venv/x",
}


@pytest.mark.parametrize("command", GENERATED.values(), ids=GENERATED)
async def test_what_one_project_generates_never_reaches_anothers_tree(
    tmp_path: Path, command: str
) -> None:
    root = tmp_path / "env"
    seen: list[str] = []
    for name in ("ours", "theirs", "ours"):
        tree = tmp_path / "ours" if name == "ours" and seen else first_app(tmp_path, name)
        made = await Environments(root, Bubblewrap(), (command,), owner=name).make("same", tree)
        kept = [path for path in (root / made.id).rglob("*") if path.is_file()]
        told = "".join(path.read_text(errors="replace") for path in kept)
        assert name in told
        assert {"ours": "theirs", "theirs": "ours"}[name] not in told
        seen.append(made.id)
    assert seen[0] == seen[2] != seen[1]


@pytest.mark.parametrize("kind", [Bubblewrap, BareSandbox])
@pytest.mark.parametrize(
    "name", ["venv.py", "venv/__main__.py", "compileall.py", "sitecustomize.py", "runpy.py"]
)
async def test_no_tree_has_a_hand_in_what_all_share(
    tmp_path: Path, tree: Path, kind: type[Bubblewrap] | type[BareSandbox], name: str
) -> None:
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text("import os; open(os.environ['HARNESS_ENV'] + '/mark', 'w')\n")
    tools = Toolchains(python=sys.version_info[:2])
    made = await Environments(tmp_path / "env", kind(), (), tools=tools).make("k", tree)
    assert (tmp_path / "env" / made.id / "env" / "venv" / "pyvenv.cfg").exists()
    assert not (tmp_path / "env" / made.id / "env" / "mark").exists()
    other = Environments(tmp_path / "env", kind(), (), tools=tools, owner="other")
    assert await other.make("k", tree) == made


async def until(there: Callable[[], bool]) -> None:
    while not there():  # noqa: ASYNC110 - another process makes it so
        await asyncio.sleep(0.02)


def cut(folder: Path) -> None:
    record = folder / "environment.json"
    record.write_bytes(record.read_bytes()[:-9])


def empty(folder: Path) -> None:
    (folder / "environment.json").write_bytes(b"")


def odd(folder: Path) -> None:
    (folder / "environment.json").write_bytes(b"\xff\xfe[1]")


def anothers(folder: Path) -> None:
    made = Environment(id="another")
    (folder / "environment.json").write_text(made.model_dump_json())


def gone(folder: Path) -> None:
    (folder / "env" / "x").unlink()
    (folder / "env").rmdir()


def unrecorded(folder: Path) -> None:
    (folder / "environment.json").unlink()


def a_folder(folder: Path) -> None:
    (folder / "environment.json").unlink()
    (folder / "environment.json").mkdir()


def locked_inside(folder: Path) -> None:
    (folder / "environment.json").unlink()
    (folder / "env" / "deep").mkdir()
    (folder / "env" / "deep" / "file").touch()
    (folder / "env" / "deep").chmod(0o500)


@pytest.mark.parametrize(
    "damage", [cut, empty, odd, anothers, gone, unrecorded, a_folder, locked_inside]
)
async def test_what_is_not_whole_is_made_again(
    tmp_path: Path, tree: Path, damage: Callable[[Path], None]
) -> None:
    count = tmp_path / "count"
    setup = (f'echo made >> {count}; touch "$HARNESS_ENV/x"',)
    first = await Environments(tmp_path / "env", BareSandbox(), setup).make("k", tree)
    folder = tmp_path / "env" / first.id
    damage(folder)
    for _ in range(2):
        again = await Environments(tmp_path / "env", BareSandbox(), setup).make("k", tree)
        assert again == first
    assert (folder / "env" / "x").exists()
    assert count.read_text() == "made\n" * 2


def test_a_test_runner_that_is_not_whole_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "env" / "pytest"
    (folder / "pytest").mkdir(parents=True)
    (folder / "pytest" / "__init__.py").write_text("half")
    for damage in (
        lambda: None,
        lambda: (folder / "_pytest" / "main.py").unlink(),
        lambda: (folder / "_pytest" / "main.py").write_text(""),
        lambda: (folder / "whole.json").write_text("[]"),
        lambda: (folder / "whole.json").write_bytes(b'{"a'),
    ):
        damage()
        assert copy_pytest(folder)
        argv = [sys.executable, "-S", "-c", "import pytest; pytest.main(['--version'])"]
        env = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        assert subprocess.run(argv, env=env, check=False, capture_output=True).returncode == 0
        assert [path.name for path in folder.parent.iterdir()] == ["pytest"]


def test_a_whole_test_runner_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "env" / "pytest"
    assert copy_pytest(folder)
    before = folder.stat().st_ino
    (folder / "pytest" / "__pycache__").mkdir(exist_ok=True)
    (folder / "pytest" / "__pycache__" / "more.pyc").touch()
    assert copy_pytest(folder)
    assert folder.stat().st_ino == before


async def test_an_environment_whose_test_runner_went_gets_one(tmp_path: Path, tree: Path) -> None:
    tools = Toolchains(python=sys.version_info[:2])
    first = await Environments(tmp_path / "env", BareSandbox(), (), tools=tools).make("k", tree)
    (tmp_path / "env" / "pytest").rename(tmp_path / "moved")
    again = await Environments(tmp_path / "env", BareSandbox(), (), tools=tools).make("k", tree)
    assert again.read_only == first.read_only
    assert all(Path(host).exists() for host in again.read_only)


async def test_who_waits_can_be_cancelled_and_takes_nothing(tmp_path: Path, tree: Path) -> None:
    makers = Environments(tmp_path / "env", BareSandbox(), ("true",))
    made = await makers.make("k", tree)
    lock = lock_of(tmp_path / "env" / made.id)
    async with Lock(lock):
        waiting = asyncio.create_task(makers.make("k", tree))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with Lock(lock):
        assert (tmp_path / "env" / made.id).is_dir()
    assert await makers.make("k", tree) == made


async def test_what_the_disk_refuses_is_said_with_its_path(tmp_path: Path, tree: Path) -> None:
    (tmp_path / "env").write_text("a file in its place")
    with pytest.raises(SandboxError) as caught:
        await Environments(tmp_path / "env", BareSandbox(), ("true",)).make("k", tree)
    assert caught.value.key == "workspace.environment_disk"
    assert str(tmp_path / "env") in str(caught.value.facts["path"])
    assert caught.value.facts["why"] == os.strerror(20)
