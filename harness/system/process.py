"""Runs one program to its end: environment given whole, own session, nothing left behind.

The call returns when the program's own process ends, though its children hold the pipes (R15).
A child that leaves the group (`setsid`) is beyond this file: what may do that runs in a Box.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harness.system.spawn import end, spawn

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin"
"""PATH of the programs that we start ourselves: never the daemon's own."""

_GRACE_S = 2.0
_CHUNK = 1 << 16
_LEFT_IN_PIPE = 1 << 20


@dataclass(frozen=True)
class ProcessResult:
    """How it ended. `exit_code` is negative for a signal; `cut` counts the bytes of either
    stream beyond the limit, which were read and dropped."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    timed_out: bool = False
    cut: int = 0


def engine_environment() -> dict[str, str]:
    """What a container engine's command line needs to find its own files; nothing else of ours.
    Podman would hand our proxy settings, and the passwords in them, to every container."""
    env = {"PATH": SYSTEM_PATH, "HOME": str(Path.home())}
    folder = Path("/run/user", str(os.getuid()))
    if folder.is_dir():
        env["XDG_RUNTIME_DIR"] = str(folder)
    return env


class _Drain:
    """Reads one pipe as it fills and keeps the first `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.kept = bytearray()
        self.cut = 0
        self._loop = asyncio.get_running_loop()
        self._read, self.write = os.pipe()
        os.set_blocking(self._read, False)
        self._loop.add_reader(self._read, self._ready)
        self._open = True

    def _ready(self) -> int:
        """Bytes taken; 0 when there is nothing now or nothing any more."""
        try:
            data = os.read(self._read, _CHUNK)
        except BlockingIOError:
            return 0
        if not data:
            self._stop()
            return 0
        room = max(0, self.limit - len(self.kept))
        self.kept += data[:room]
        self.cut += len(data) - min(room, len(data))
        return len(data)

    def _stop(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._read)
            os.close(self._read)

    def finish(self) -> bytes:
        """What the dead process left in the pipe, and no more: a child may write for ever."""
        left = _LEFT_IN_PIPE
        while self._open and left > 0:
            got = self._ready()
            if not got:
                break
            left -= got
        self._stop()
        return bytes(self.kept)


async def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    input: bytes | None = None,
    timeout_s: float = 600.0,
    output_limit: int = 64 << 20,
    umask: int = -1,
) -> ProcessResult:
    """Runs `argv` in `cwd` with exactly `env` (PATH in it finds the program) and `input` as its
    whole standard input; `umask` -1 is our own. FileNotFoundError when there is no such program or
    folder. At `timeout_s` and on cancellation: SIGTERM to the group, SIGKILL after two seconds."""
    with contextlib.ExitStack() as stack:
        stdin: int | IO[bytes] = asyncio.subprocess.DEVNULL
        if input is not None:
            stdin = stack.enter_context(await asyncio.to_thread(_holding, input))
        out, err = _Drain(output_limit), _Drain(output_limit)
        stack.callback(out.finish)
        stack.callback(err.finish)
        try:
            process = await spawn(
                *argv,
                cwd=cwd,
                env=dict(env),
                stdin=stdin,
                stdout=out.write,
                stderr=err.write,
                umask=umask,
            )
        finally:
            os.close(out.write)
            os.close(err.write)
        timed_out = False
        try:
            await asyncio.wait_for(process.wait(), timeout_s)
        except TimeoutError:
            timed_out = True
        finally:
            await asyncio.shield(_end(process))
        stdout, stderr = out.finish(), err.finish()
        code = process.returncode
        return ProcessResult(
            -1 if code is None else code, stdout, stderr, timed_out, out.cut + err.cut
        )


def _holding(data: bytes) -> IO[bytes]:
    """An unnamed file at its start: a pipe could stall a program that writes before it reads."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(data)
    file.seek(0)
    return file


async def _end(process: asyncio.subprocess.Process) -> None:
    """No process of the group is left."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _GRACE_S)
    await end(process)


def own_python() -> str:
    """The interpreter that runs us, outside any virtual environment."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = Path(sys.base_prefix, "bin", name)
    return str(found if found.exists() else Path(sys.executable).resolve())
