"""Answers read, write, search and exec requests inside a Box: one JSON object a line on a
socket. Standard library only, Python 3.9 or later, with runner_*.py beside it.

What it says is a claim of something inside. It alone holds the socket to the daemon: not its
standard input and output, which the sandbox's first process keeps open as well (a container's
first process is ours, and lets go of them). A command does not get it, and may not look into this
process (PR_SET_DUMPABLE 0).
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

from harness.sandbox.runner import files as files
from harness.sandbox.runner.relay import relay
from harness.sandbox.runner.system import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_DUMPABLE,
    descendants,
    kill,
    prctl,
    restrict,
    second,
)

CWD_FD = {"bash": 250, "sh": 9}  # dash knows one-digit descriptors only
GRACE_S = 0.1  # for what still holds the output after the command ended, such as `tee`
TERM_S = 1.0
DRAIN_BYTES = 1 << 20
LONGEST = 120_000  # characters of a command given as one argument; the kernel takes 128 KiB


class Capture:
    """Keeps the first and the last `cap / 2` bytes of a stream, and counts the rest."""

    def __init__(self, cap: int) -> None:
        self.half = max(cap // 2, 1)
        self.head = bytearray()
        self.tail: deque[bytes] = deque()
        self.kept = self.cut = self.cut_lines = 0

    def add(self, data: bytes) -> None:
        room = self.half - len(self.head)
        if room > 0:
            self.head += data[:room]
            data = data[room:]
        if not data:
            return
        self.tail.append(data)
        self.kept += len(data)
        while self.kept - len(self.tail[0]) >= self.half:
            self._drop(self.tail.popleft())

    def _drop(self, data: bytes) -> None:
        self.kept -= len(data)
        self.cut += len(data)
        self.cut_lines += data.count(b"\n")

    def answer(self) -> dict[str, Any]:
        end = b"".join(self.tail)
        over = len(end) - self.half
        if over > 0:
            self._drop(end[:over])
            end = end[over:]
        return {
            "head": files.pack(bytes(self.head)),
            "tail": files.pack(end),
            "cut": self.cut,
            "cut_lines": self.cut_lines,
        }


class Runner:
    """One Box's inside. `serve` returns when the daemon closes the socket."""

    def __init__(self, daemon: int, answers: int, nothing: int) -> None:
        self.daemon, self.answers, self.nothing = daemon, answers, nothing
        self.buffer = b""
        self.root = self.cwd = "/"
        self.env: dict[str, str] = {}
        self.contained = False
        self.ended: dict[int, int] = {}
        shell = next((s for s in ("/bin/bash", "/usr/bin/bash") if Path(s).exists()), "/bin/sh")
        self.shell, self.cwd_fd = shell, CWD_FD["bash" if shell.endswith("bash") else "sh"]
        os.dup2(nothing, self.cwd_fd, inheritable=False)  # ours before anything else takes it
        self.wake, beat = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(beat, False)
        signal.set_wakeup_fd(beat, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    # ------------------------------------------------------------ the conversation

    def take(self) -> dict[str, Any] | None:
        """The next whole request in the buffer, if any."""
        line, newline, rest = self.buffer.partition(b"\n")
        if not newline:
            return None
        self.buffer = rest
        request: dict[str, Any] = json.loads(line)
        return request

    def fill(self) -> bool:
        """Reads once; False when the daemon is gone."""
        data = os.read(self.daemon, 1 << 16)
        self.buffer += data
        return bool(data)

    def say(self, number: int, **answer: Any) -> None:
        data = memoryview((json.dumps({"id": number, **answer}) + "\n").encode("ascii"))
        while data:
            data = data[os.write(self.answers, data) :]

    def serve(self) -> None:
        while True:
            request = self.take()
            if request is not None:
                self.answer(request)
                continue
            chunks = [self.buffer]
            while b"\n" not in chunks[-1]:
                data = os.read(self.daemon, 1 << 20)
                if not data:
                    return
                chunks.append(data)
            self.buffer = b"".join(chunks)

    def answer(self, request: dict[str, Any]) -> None:
        number, op = request.pop("id"), request.pop("op")
        try:
            self.say(number, ok=self.work(op, request))
        except (OSError, ValueError, re.error, files.TooSlow, MemoryError) as error:
            text = getattr(error, "strerror", None) or str(error)
            code = getattr(error, "errno", None) or 0
            self.say(number, error=type(error).__name__, code=code, text=text)

    def work(self, op: str, given: dict[str, Any]) -> dict[str, Any]:
        if op == "start":
            return self.start(**given)
        if op == "exec":
            return self.exec(**given)
        if op == "search":
            return files.search(self.root, **given)
        if op == "stop":
            return {}
        path = files.place(self.root, given.pop("path"))
        return files.read(path, **given) if op == "read" else files.write(path, **given)

    def start(
        self,
        env: dict[str, str],
        root: str,
        contained: bool,
        file_bytes: int,
        processes: int,
        calls: str,
        proxy: str,
    ) -> dict[str, Any]:
        """`calls`: see `restrict`; "" where the sandbox did it. `proxy`: path of the way out's
        socket; "" when there is none."""
        self.env, self.root, self.cwd, self.contained = env, root, root, contained
        opaque = prctl(PR_SET_DUMPABLE, 0)
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        wanted = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, file_bytes)]
        if processes:
            wanted.append((resource.RLIMIT_NPROC, processes))
        for which, value in wanted:
            hard = resource.getrlimit(which)[1]
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(which, (most, most))
        os.umask(0o022)  # as a project's tools expect; the daemon's own is narrower
        os.chdir(root)
        if calls:
            restrict(base64.b64decode(calls))
        if proxy:
            relay(proxy)  # after the filter, which a thread takes over from its maker
        return {"shell": self.shell, "opaque": opaque, "pid": os.getpid()}

    # ------------------------------------------------------------ commands

    def reap(self) -> None:
        """Collects every child that ended, orphans of commands too."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.wake, 4096)
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
                self.ended[pid] = code

    def spawn(self, command: str, cwd: str, output: int, told: int) -> subprocess.Popen[bytes]:
        fd = self.cwd_fd
        script = f"trap 'pwd -P >&{fd} 2>/dev/null' EXIT; LINENO=0\n{command}"
        arguments, passed = [self.shell, "-c", script], [fd]
        if len(script) > LONGEST:
            passed.append(os.memfd_create("command"))
            os.pwrite(passed[1], os.fsencode(script), 0)
            arguments = [self.shell, f"/proc/self/fd/{passed[1]}"]
        os.dup2(told, fd, inheritable=True)
        try:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=cwd,
                env=self.env,
                pass_fds=passed,
                start_new_session=True,
            )
        finally:
            os.dup2(self.nothing, fd, inheritable=False)
            for extra in passed[1:]:
                os.close(extra)

    def spawn_or_clear(
        self, command: str, cwd: str, output: int, told: int
    ) -> subprocess.Popen[bytes]:
        """Spawns; when earlier commands left no room for a process, ends what they left."""
        try:
            return self.spawn(command, cwd, output, told)
        except BlockingIOError:
            self.clear()
            return self.spawn(command, cwd, output, told)

    def clear(self) -> None:
        """Ends every process but this one."""
        if self.contained:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)  # one call: what forks meanwhile is hit as well
        while left := descendants(os.getpid()):
            for pid in left:
                kill(pid, signal.SIGKILL)
            time.sleep(0.005)
            self.reap()

    def exec(self, command: str, cwd: str, timeout_s: float, cap: int) -> dict[str, Any]:
        self.reap()
        self.ended.clear()
        began = time.monotonic()
        where = files.place(self.root, cwd or self.cwd)
        if not cwd and not where.is_dir():
            where = Path(self.root)
        pipes = [*os.pipe(), *os.pipe()]
        out, output, said, told = pipes
        os.set_blocking(out, False)
        os.set_blocking(said, False)
        try:
            process = self.spawn_or_clear(command, str(where), output, told)
            for fd in (output, told):
                pipes.remove(fd)
                os.close(fd)
            capture = Capture(cap)
            ending = CommandWatch(self, process.pid, out, capture).until(began + timeout_s)
            process.returncode = ending["code"]  # collected by us: Popen must not look for it
            self.follow_cwd(said, str(where))
        finally:
            for fd in pipes:
                os.close(fd)
        seconds = time.monotonic() - began
        return {**capture.answer(), **ending, "cwd": self.cwd, "seconds": seconds}

    def follow_cwd(self, said: int, began_in: str) -> None:
        """Where the command ended, as its shell said; else where it began."""
        self.cwd = began_in
        with contextlib.suppress(BlockingIOError):
            lines = os.read(said, 1 << 14).split(b"\n")
            if len(lines) > 1 and lines[-2].startswith(b"/"):
                self.cwd = os.fsdecode(lines[-2])


class CommandWatch:
    """Follows one command to its end."""

    def __init__(self, runner: Runner, pid: int, out: int, capture: Capture) -> None:
        self.runner, self.pid, self.out, self.capture = runner, pid, out, capture
        self.open = True

    def until(self, deadline: float) -> dict[str, Any]:
        """The ending, once the command's own process and the rest of its group are gone."""
        code = self.wait(deadline)
        timed_out = code is None and time.monotonic() >= deadline
        stopped = code is None and not timed_out
        if code is None:
            below = descendants(self.pid)
            kill(self.pid, signal.SIGTERM, group=True)
            for pid in below:
                kill(pid, signal.SIGTERM)
            self.wait(time.monotonic() + TERM_S, heed=False)
            for pid in (self.pid, *below):
                kill(pid, signal.SIGKILL)
        else:
            self.drain(time.monotonic() + GRACE_S)
            self.part(time.monotonic() + GRACE_S)
        kill(self.pid, signal.SIGKILL, group=True)
        while self.pid not in self.runner.ended:
            select.select([self.runner.wake], [], [], 1.0)
            self.runner.reap()
        self.drain(time.monotonic())
        final = 137 if code is None else code
        return {"code": final, "timed_out": timed_out, "stopped": stopped}

    def wait(self, deadline: float, *, heed: bool = True) -> int | None:
        """The exit code; None at the deadline, or when the daemon says stop or is gone."""
        runner = self.runner
        while True:
            runner.reap()
            if self.pid in runner.ended:
                return runner.ended[self.pid]
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            watched = [runner.wake] + [self.out] * self.open + [runner.daemon] * heed
            ready = select.select(watched, [], [], left)[0]
            if self.out in ready:
                self.pump()
            if heed and runner.daemon in ready and (not runner.fill() or b"\n" in runner.buffer):
                return None

    def pump(self) -> int:
        """Reads once; 0 when there is nothing now."""
        try:
            data = os.read(self.out, 1 << 16)
        except BlockingIOError:
            return 0
        self.open = bool(data)
        self.capture.add(data)
        return len(data)

    def part(self, deadline: float) -> None:
        """Waits while the group has members: one just started may be about to leave it by
        `setsid`, which is how a command keeps a server running."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            while time.monotonic() < deadline:
                self.runner.reap()
                os.killpg(self.pid, 0)
                time.sleep(0.002)

    def drain(self, deadline: float) -> None:
        """What the pipe holds, and what comes until the deadline: bounded by both."""
        taken = 0
        while self.open and taken < DRAIN_BYTES:
            count = self.pump()
            taken += count
            left = deadline - time.monotonic()
            if count == 0 and (left <= 0 or not select.select([self.out], [], [], left)[0]):
                return


def main() -> None:
    """The argument is the number of the socket, or "-" for standard input and output."""
    nothing = os.open(os.devnull, os.O_RDWR)
    if sys.argv[1] == "-":
        second(nothing)
        daemon, answers = os.dup(0), os.dup(1)
    else:
        daemon = answers = int(sys.argv[1])
        os.set_inheritable(daemon, False)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    runner = Runner(daemon, answers, nothing)
    with contextlib.suppress(BrokenPipeError):
        runner.serve()
    for pid in descendants(os.getpid()):
        kill(pid, signal.SIGKILL)
    sys.exit(0)


if __name__ == "__main__":
    main()
