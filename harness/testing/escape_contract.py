"""What no sandbox may let hostile code do. Every attempt has a benign twin, so that nothing passes
by being broken. Subclass EscapeContract and give it a `sandbox` fixture.

The attempts are data, so that other people's sandboxes can be asked the same."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from harness.core.types import Layout
from harness.ports.sandbox import Box, Sandbox
from harness.testing import escape_probe
from harness.testing.escape_attempts import BOMBS, GROUPS, Attempt
from harness.testing.sandbox_contract import SMALL, alive

ABSENT, STOPPED = 127, 137
SHOWN = "/work/.claude"
Run = Callable[[str], Awaitable[int]]
"""Runs one shell command in the tree: exit code."""
T = TypeVar("T")


@dataclass
class EscapeWorld:
    """A host with things to steal and doors to knock at, outside of any Box. `heard` is what came
    in from inside."""

    tree: Path
    shown: Path
    facts: dict[str, str]
    heard: list[str] = field(default_factory=list)
    folders: tuple[Path, ...] = ()

    def fill(self, command: str) -> str:
        for name, value in self.facts.items():
            command = command.replace("{" + name + "}", value)
        return command

    def outside(self) -> dict[str, bytes]:
        """What stands in the host's folders: it must be the same after."""
        found = {}
        for top in (self.shown, *self.folders):
            for path in sorted(top.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    found[str(path)] = path.read_bytes()
                else:
                    found[str(path)] = b""
        return found


@contextlib.contextmanager
def world(tmp_path: Path) -> Iterator[EscapeWorld]:
    """Canaries in files of several folders, sockets of both kinds, listeners on loopback."""
    canary = f"canary-{secrets.token_hex(8)}"
    home, tree, shown = (tmp_path / name for name in ("home", "tree", "shown"))
    other = Path(tempfile.mkdtemp(prefix="harness-other-", dir="/var/tmp"))
    for name in (".ssh/id_canary", ".config/gh/hosts.yml", ".docker/config.json", ".netrc"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(canary, encoding="utf-8")
    (other / "tree.txt").write_text(canary, encoding="utf-8")
    tree.mkdir()
    shown.mkdir()
    (shown / "a").write_text("a", encoding="utf-8")
    (tree / "own.txt").write_text("benign-word", encoding="utf-8")
    (tree / "link").symlink_to(home / ".netrc")
    (tree / "folder").symlink_to("/")
    shutil.copy(str(escape_probe.__file__), tree / "escape_probe.py")
    facts = {"turned": canary[::-1], "own": "benign-word"[::-1], "home": str(home)}
    made = EscapeWorld(tree, shown, {**facts, "other": str(other)}, folders=(home, other))
    made.facts.update(shown=SHOWN, toolchain=sys.base_prefix)
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)", canary]
    with subprocess.Popen(sleeper, env={"GITHUB_TOKEN": canary}) as neighbour:
        try:
            with listening(made, other):
                yield made
        finally:
            neighbour.kill()
            shutil.rmtree(other)


@contextlib.contextmanager
def listening(made: EscapeWorld, folder: Path) -> Iterator[None]:
    """Listeners whose addresses are facts; what reaches them is heard."""
    abstract = f"harness-{secrets.token_hex(6)}"
    with contextlib.ExitStack() as stack:
        for name, family, kind, address in (
            ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            ("tcp6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
            ("socket", socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "s")),
            ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{abstract}"),
        ):
            server = stack.enter_context(socket.socket(family, kind))
            server.bind(address)
            if kind == socket.SOCK_STREAM:
                server.listen()
            server.settimeout(0.2)
            stop = threading.Event()
            thread = threading.Thread(target=_hear, args=(server, name, made.heard, stop))
            thread.start()
            stack.callback(thread.join)
            stack.callback(stop.set)
            bound = server.getsockname()
            made.facts[name] = str(bound[1]) if isinstance(bound, tuple) else str(folder / "s")
        made.facts["abstract"] = abstract
        yield


def _hear(server: socket.socket, name: str, heard: list[str], stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            if server.type == socket.SOCK_DGRAM:
                server.recvfrom(100)
            else:
                server.accept()[0].close()
            heard.append(name)


async def try_attempt(run: Run, made: EscapeWorld, attempt: Attempt) -> str:
    """What `judge_codes` says; heard by a listener counts as a breach too."""
    heard = len(made.heard)
    code = await run(made.fill(attempt.command))
    if len(made.heard) > heard:
        return judge_codes(0, 0)
    twin = await run(made.fill(attempt.twin)) if attempt.twin and code else 0
    return judge_codes(code, twin)


def judge_codes(code: int, twin: int) -> str:
    """Of the exit codes of an attempt and its twin: `refused`, `absent` (no such program),
    `BREACH`, `stopped` (it did not end by itself, so nothing is known), or `broken` when the
    benign twin does not work."""
    if code in (0, STOPPED):
        return "stopped" if code else "BREACH"
    if twin != 0:
        return "broken"
    return "absent" if code == ABSENT else "refused"


class EscapeContract:
    """Nothing read, changed, reached or left; and the daemon's loop answers all the while."""

    @pytest.mark.parametrize("group", GROUPS)
    async def test_no_way_out(self, sandbox: Sandbox, group: str, tmp_path: Path) -> None:
        with world(tmp_path) as made:
            before = made.outside()

            async def work(box: Box) -> dict[str, str]:
                return {a.name: await try_attempt(ran_in(box), made, a) for a in GROUPS[group]}

            found = await run_in_box(sandbox, made, work)
            assert {n: v for n, v in found.items() if v not in ("refused", "absent")} == {}
            assert (made.outside(), made.heard) == (before, [])

    async def test_bombs_meet_limits_and_the_loop_answers(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async def work(box: Box) -> dict[str, tuple[str, int]]:
            found = {}
            for name, (bomb, twin) in BOMBS.items():
                within = 1.5 if name in ("output", "time") else 9.0
                bombed = box.exec(bomb, timeout_s=within)
                ran, late = await asyncio.gather(bombed, lateness(1.0))
                assert late < 2, f"the loop was held for {late} s by {name}"
                found[name] = (ran.killed, (await box.exec(twin)).exit_code)
            return found

        with world(tmp_path) as made:
            found = await run_in_box(sandbox, made, work)
        ended = {name: killed for name, (killed, _) in found.items()}
        assert {name: code for name, (_, code) in found.items()} == dict.fromkeys(BOMBS, 0)
        assert (ended["processes"], ended["disk"]) == ("processes", "disk")
        assert (ended["output"], ended["time"]) == ("time", "time")
        assert ended["memory"] in ("memory", "")  # "": refused by the kernel, a plain error

    async def test_nothing_stays(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> str:
            for command in (
                "setsid sh -c 'sleep 600; touch late' >/dev/null 2>&1 &",
                "nohup sleep 600 >/dev/null 2>&1 &",
                "(trap '' TERM HUP INT; setsid sleep 600) >/dev/null 2>&1 &",
                "(setsid sh -c '(setsid sleep 600 &) & sleep 600') >/dev/null 2>&1 &",
            ):
                assert (await box.exec(command, timeout_s=5)).exit_code == 0
            return (await box.exec("echo on")).output

        with world(tmp_path) as made:
            assert await run_in_box(sandbox, made, work) == "on\n"
            assert alive(f"HARNESS_TEST={made.tree}") == []
            assert sorted(p.name for p in made.tree.iterdir() if p.name == ".claude") in (
                [],
                [".claude"],
            )


def ran_in(box: Box) -> Run:
    async def run(command: str) -> int:
        return (await box.exec(command, timeout_s=8)).exit_code

    return run


async def run_in_box(sandbox: Sandbox, made: EscapeWorld, work: Callable[[Box], Awaitable[T]]) -> T:
    """What `work` says of a Box in this world."""
    layout = Layout(
        tree=made.tree,
        read_only={str(made.shown): SHOWN},
        env={"HARNESS_TEST": str(made.tree)},
    )

    async def scenario() -> T:
        box = await sandbox.open(layout, SMALL)
        try:
            return await asyncio.wait_for(work(box), 100)
        finally:
            await box.close()

    return await scenario()


async def lateness(seconds: float) -> float:
    """How late the loop was at worst, looked at every 20 ms."""
    loop, worst = asyncio.get_running_loop(), 0.0
    until = loop.time() + seconds
    while (now := loop.time()) < until:
        await asyncio.sleep(0.02)
        worst = max(worst, loop.time() - now - 0.02)
    return worst
