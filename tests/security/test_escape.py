"""Hostile code in every sandbox of ours: the escape suite. And the suite itself: what it tries
works where nothing stops it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from harness.ports.sandbox import Sandbox
from harness.sandbox.bubblewrap import Bubblewrap
from harness.testing.escape_attempts import GROUPS
from harness.testing.escape_contract import EscapeContract, try_attempt, world
from tests.containers import container

pytestmark = pytest.mark.security


class TestBubblewrap(EscapeContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return Bubblewrap()


@pytest.mark.skipif(os.getuid() != 0, reason="containers are tested as root")
class TestContainer(EscapeContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return container()


async def test_the_suite_sees_what_a_weak_sandbox_lets_through(tmp_path: Path) -> None:
    """bubblewrap as many set it up: everything to be read, the machine's network, no filter."""
    with world(tmp_path) as made:
        weak = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
        weak += ["--unshare-user", "--bind", str(made.tree), str(made.tree)]
        weak += ["--chdir", str(made.tree), "--", "/bin/bash", "-c"]

        async def run(command: str) -> int:
            process = await asyncio.create_subprocess_exec(
                *weak,
                command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            return await process.wait()

        wanted = {
            "read through a link",
            "read through a linked folder",
            "read through /proc/self/root",
            "environment and arguments of others",
            "no system-call filter",
            "system call keyctl",
            "system call ptrace",
            "namespace user by unshare",
            "namespace user by clone",
            "a set-user-id file",
            "x32 system calls",
            "/dev/tcp to the host",
            "a TCP socket over IPv6 to the host",
            "a host's socket by path",
            "a host's abstract socket",
            "netlink generic",
        }
        every = [a for group in GROUPS.values() for a in group if a.name in wanted]
        found = {a.name: await try_attempt(run, made, a) for a in every}
        assert set(found) == wanted
        assert {n for n, said in found.items() if said != "BREACH"} <= {"x32 system calls"}
        assert {"tcp", "tcp6", "socket", "abstract"} <= set(made.heard)


def test_the_page_tells_of_every_attempt_and_of_none_that_is_open_in_ours() -> None:
    page = Path(__file__).parents[2] / "docs" / "security-sandboxes.md"
    rows = [line.strip("|").split("|") for line in page.read_text().splitlines() if "| " in line]
    told = {cells[0].strip(): [c.strip() for c in cells[1:]] for cells in rows}
    names = [attempt.name for group in GROUPS.values() for attempt in group]
    assert set(names) | {"attempt"} == set(told)
    assert len(names) == len(set(names))
    for name in names:
        assert set(told[name][:2]) <= {"refused", "absent"}, name
