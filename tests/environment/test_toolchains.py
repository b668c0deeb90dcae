"""Which prefixes are shown inside, and which never."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.environment.toolchains import SYSTEM, copy_pytest, resolve, share_pytest


def shim(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


async def test_shims_lead_to_the_prefix_behind_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    node = home / ".nvm" / "versions" / "node" / "v1"
    shim(node / "bin", "node", f"echo {node}/bin/node")
    shim(home / "shims", "node", f"exec {node}/bin/node")
    shim(home / "shims", "python3", f'exec {sys.executable} "$@"')
    (home / ".ssh").mkdir()
    tools = await resolve(f"{home}/shims:/usr/bin:/bin", home)
    assert str(node) in tools.read_only
    assert tools.path[-len(SYSTEM) :] == SYSTEM
    assert f"{node}/bin" in tools.path
    assert tools.python == sys.version_info[:2]
    for host, inside in tools.read_only.items():
        assert host == inside
        assert host in (str(node), sys.base_prefix)


@pytest.mark.parametrize("place", ["bin", ".local/bin", "shims"])
async def test_a_home_is_never_shown(tmp_path: Path, place: str) -> None:
    home = tmp_path / "home"
    shim(home / place, "node", f"echo {home}/{place}/node")
    tools = await resolve(f"{home}/{place}:/usr/bin", home)
    for host in tools.read_only:
        assert not home.is_relative_to(host)
        assert not Path(host).is_relative_to(home)


async def test_without_any_program_our_own_python_serves(tmp_path: Path) -> None:
    tools = await resolve(str(tmp_path), tmp_path)
    assert tools.python == sys.version_info[:2]


def test_pytest_is_copied_whole(tmp_path: Path) -> None:
    assert copy_pytest(tmp_path / "p")
    assert copy_pytest(tmp_path / "p")
    names = {p.name for p in (tmp_path / "p").iterdir()}
    assert {"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "bin"} <= names


def test_two_that_copy_at_once_leave_one_whole_copy(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: asyncio.run(share_pytest(folder)), range(4)))
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    assert (folder / "bin" / "pytest").exists()
