"""A hardened process: no core, no neighbour looks in, narrow files; what it starts is ordinary."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

CANARY = "canary-0123456789"
HARDENED = """
import os, subprocess, sys
from harness.system.hardening import harden
assert harden() == (sys.platform == "linux")
assert harden() == (sys.platform == "linux")
open("made", "w").close()
print(oct(os.stat("made").st_mode & 0o777), flush=True)
child = subprocess.Popen(["sleep", "60"], env={"MARK": "child-canary"})
print(child.pid, flush=True)
sys.stdin.read()
child.kill()
child.wait()
"""
CRASH = "import os, sys; {first}; print('ready', flush=True); os.abort()"
FIRST = "from harness.system.hardening import harden; harden()"


def neighbour(*words: str) -> Sequence[str]:
    """A program of the same user without any right to look into every process."""
    drop = ("--bounding-set", "-all", "--inh-caps", "-all")
    return words if os.geteuid() else ("setpriv", *drop, *words)


def looked_into(pid: int) -> bytes | None:
    """A process's environment as a neighbour reads it; None: refused."""
    argv = neighbour("cat", f"/proc/{pid}/environ")
    done = subprocess.run(argv, capture_output=True, check=False, timeout=PATIENCE_S)
    return done.stdout if done.returncode == 0 else None


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_no_neighbour_looks_in_and_a_child_is_an_ordinary_process(tmp_path: Path) -> None:
    with subprocess.Popen(
        neighbour(sys.executable, "-c", HARDENED),
        cwd=tmp_path,
        env={**os.environ, "KEY": CANARY},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "0o600\n"
            child = int(process.stdout.readline())
            assert looked_into(process.pid) is None
            limits = Path(f"/proc/{process.pid}/limits").read_text()
            (core,) = (line for line in limits.splitlines() if "core file" in line)
            assert core.split()[4:6] == ["0", "0"]
            until_exec(child)
            assert looked_into(child) == b"MARK=child-canary\0"
        finally:
            process.communicate("")
    with subprocess.Popen(neighbour("sleep", "60"), env=plain_env()) as plain:
        try:
            until_exec(plain.pid)
            assert f"KEY={CANARY}".encode() in (looked_into(plain.pid) or b"").split(b"\0")
        finally:
            plain.kill()


def plain_env() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "KEY": CANARY}


def until_exec(pid: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while not Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"sleep"):
        assert time.monotonic() < end
        time.sleep(0.01)


def crash_files(folder: Path, first: str) -> list[str]:
    """The files that an aborted process left where it worked, though cores are asked for."""
    folder.mkdir()
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    done = subprocess.run(
        [sys.executable, "-c", CRASH.format(first=first)],
        cwd=folder,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (hard, hard)),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (-6, b"ready\n")
    return [path.name for path in folder.iterdir()]


def test_an_aborted_process_leaves_no_core(tmp_path: Path) -> None:
    assert crash_files(tmp_path / "hardened", FIRST) == []
    where = Path("/proc/sys/kernel/core_pattern")
    pattern = where.read_text().strip() if where.exists() else "|"
    if not pattern.startswith(("|", "/")) and resource.getrlimit(resource.RLIMIT_CORE)[1]:
        # the twin: without it there is one, here where cores are plain files
        assert len(crash_files(tmp_path / "plain", "pass")) == 1
