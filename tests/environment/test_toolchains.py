"""Which prefixes are shown inside, and which never."""

from __future__ import annotations

import asyncio
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.core.errors import ConfigError
from harness.core.types import BoxLimits, Layout
from harness.environment.setup import Environments
from harness.environment.toolchains import (
    NAMED,
    SYSTEM,
    copy_pytest,
    resolve,
    share_pytest,
    shown_folder,
)
from harness.sandbox.bubblewrap import Bubblewrap


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


MANAGERS = [
    ("node", ".nvm/versions/node/v{}", "bin/node", "20.1.0"),
    ("node", ".volta/tools/image/node/{}", "bin/node", "20.1.0"),
    ("node", ".local/share/fnm/node-versions/v{}/installation", "bin/node", "20.1.0"),
    ("node", ".asdf/installs/nodejs/{}", "bin/node", "20.1.0"),
    ("node", ".local/share/mise/installs/node/{}", "bin/node", "20.1.0"),
    ("rust", ".rustup/toolchains/{}-x86_64-unknown-linux-gnu", "bin/cargo", "1.75.0"),
    ("go", "sdk/go{}", "bin/go", "1.22.1"),
    ("go", ".goenv/versions/{}", "bin/go", "1.22.1"),
    ("java", ".sdkman/candidates/java/{}-tem", "bin/java", "21.0.1"),
    ("java", ".jdks/corretto-{}", "bin/java", "21.0.1"),
    ("maven", ".sdkman/candidates/maven/{}", "bin/mvn", "3.9.6"),
    ("ruby", ".rbenv/versions/{}", "bin/ruby", "3.2.2"),
    ("ruby", ".rvm/rubies/ruby-{}", "bin/ruby", "3.2.2"),
    ("deno", ".local/share/mise/installs/deno/{}", "bin/deno", "1.40.0"),
]


@pytest.mark.parametrize(("language", "place", "program", "version"), MANAGERS)
async def test_a_version_that_a_manager_keeps_is_taken_where_it_is_asked_for(
    tmp_path: Path, language: str, place: str, program: str, version: str
) -> None:
    home = tmp_path / "home"
    for one in (version, "0.1.2"):
        folder = home / place.format(one)
        shim((folder / program).parent, Path(program).name, "echo none")
    tools = await resolve(str(tmp_path), home, wanted={language: version})
    wanted = home / place.format(version)
    assert tools.read_only[str(wanted)] == str(wanted)
    assert str(wanted / "bin") in tools.path
    assert str(home / place.format("0.1.2")) not in tools.read_only
    assert not tools.lacking
    for host in tools.read_only:
        assert not home.is_relative_to(host)


async def test_a_moved_manager_is_found_by_its_variable(tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "versions" / "node" / "v20.1.0"
    shim(moved / "bin", "node", "echo none")
    env = {"NVM_DIR": str(tmp_path / "elsewhere")}
    tools = await resolve(str(tmp_path), tmp_path / "home", env=env, wanted={"node": ">=20"})
    assert str(moved) in tools.read_only


async def test_rustups_stand_in_leads_to_the_toolchain_and_its_home_stays_hidden(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    toolchain = home / ".rustup" / "toolchains" / "stable-x86_64-unknown-linux-gnu"
    shim(toolchain / "bin", "cargo", "echo cargo 1.80.0")
    shim(home / ".cargo" / "bin", "rustup", f'[ "$1" = which ] && echo {toolchain}/bin/cargo')
    shim(home / ".cargo" / "bin", "cargo", "exit 1")
    (home / ".cargo" / "credentials.toml").write_text("token")
    tools = await resolve(f"{home}/.cargo/bin:/usr/bin:/bin", home)
    assert tools.read_only[str(toolchain)] == str(toolchain)
    assert tools.chosen["cargo"] == f"{toolchain}/bin/cargo"
    assert not any(Path(host).is_relative_to(home / ".cargo") for host in tools.read_only)


@pytest.mark.parametrize("place", [".local/bin", "bin", ".cargo/bin", "go/bin", ".bun/bin"])
async def test_a_program_in_one_file_is_shown_alone(tmp_path: Path, place: str) -> None:
    home = tmp_path / "home"
    (home / place).mkdir(parents=True)
    shutil.copy("/bin/true", home / place / "uv")
    (home / place / "secret").write_text("x")
    shim(home / place, "just", "cat ~/.netrc")
    tools = await resolve(f"{home}/{place}", home)
    mine = {h: i for h, i in tools.read_only.items() if Path(h).is_relative_to(home)}
    assert mine == {f"{home}/{place}/uv": f"{NAMED}/uv"}
    assert NAMED in tools.path


async def test_a_version_that_is_not_here_is_named_with_what_there_is(tmp_path: Path) -> None:
    shim(tmp_path / "own" / "bin", "ruby", "echo ruby 3.1.4")
    wanted = {"ruby": "3.2.2", "elixir": "1.14", "python": ">=99"}
    tools = await resolve(f"{tmp_path}/own/bin", tmp_path / "home", wanted=wanted)
    own = ".".join(map(str, sys.version_info[:2]))
    said = {one.program: (one.wanted, one.found) for one in tools.lacking}
    assert said == {"ruby": ("3.2.2", "3.1.4"), "elixir": ("1.14", ""), "python": (">=99", own)}
    assert f"{tmp_path}/own" in tools.read_only


async def test_what_the_operator_says_of_java_goes_first(tmp_path: Path) -> None:
    jdk = tmp_path / "jdk"
    shim(jdk / "bin", "java", "echo none")
    tools = await resolve("/usr/bin:/bin", tmp_path / "home", env={"JAVA_HOME": str(jdk)})
    assert tools.env == {"JAVA_HOME": str(jdk)}
    assert tools.read_only[str(jdk)] == str(jdk)


async def test_a_tool_of_the_operators_folder_runs_inside(tmp_path: Path) -> None:
    shim(tmp_path / "zig" / "bin", "zig", "echo 0.13.0")
    shim(tmp_path / "flat", "flat-tool", "echo flat")
    (tmp_path / "tree").mkdir()
    folders = (tmp_path / "zig", tmp_path / "flat")
    tools = await resolve("/usr/bin:/bin", tmp_path / "home", folders=folders)
    maker = Environments(tmp_path / "env", Bubblewrap(), ("zig && flat-tool",), tools=tools)
    made = await maker.make("k", tmp_path / "tree")
    layout = Layout(tree=tmp_path / "tree", read_only=made.read_only, env=made.env)
    box = await Bubblewrap().open(layout, BoxLimits(command_s=60))
    try:
        ran = await box.exec(f"zig; touch {tmp_path}/zig/x || echo kept")
    finally:
        await box.close()
    assert ran.output.splitlines()[0] == "0.13.0"
    assert ran.output.endswith("kept\n")


@pytest.mark.parametrize(
    "folder", ["", "..", "/", "/opt", "state", "state/keys", "config", "keys", ".ssh", ".cargo"]
)
def test_a_folder_that_holds_more_than_tools_is_refused(tmp_path: Path, folder: str) -> None:
    home = tmp_path / "home"
    state = (home / "state", home / "config")
    for made in ("state/keys", "config", "keys/.aws", ".ssh", ".cargo", "tools/zig/bin"):
        (home / made).mkdir(parents=True)
    (home / ".cargo" / "credentials.toml").write_text("token")
    with pytest.raises(ConfigError) as caught:
        shown_folder(home / folder, home, state)
    assert caught.value.key == "config.tools_closed"
    assert shown_folder(home / "tools" / "zig", home, state) == home / "tools" / "zig"
    (home / "link").symlink_to(home / "state")
    with pytest.raises(ConfigError):
        shown_folder(home / "link", home, state)
    with pytest.raises(ConfigError) as caught:
        shown_folder(home / "nowhere", home, state)
    assert caught.value.key == "config.tools_missing"
