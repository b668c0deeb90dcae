"""The daemon's half of a Box: asks the runner, and believes nothing of the form of its answers. A
runner that is gone, silent or talks nonsense closes the Box."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import errno
import json
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Never, TypeVar

from pydantic import ValidationError

from harness.core.egress_types import Refusal
from harness.core.errors import SandboxError
from harness.core.types import BoxLimits, CommandResult, Layout, SearchHit, Value
from harness.sandbox.command_output import join_output
from harness.sandbox.layout import PROXY
from harness.sandbox.limits import Cgroup, DiskWatch, open_cgroup
from harness.sandbox.proxy_session import ProxySession
from harness.sandbox.supervisor import Supervisor, enforce_limits
from harness.system.spawn import end, spawn
from harness.system.text import clean_text

LINE_BYTES, FILE_BYTES = 48 << 20, 32 << 20  # of one answer; of one read or write
START_S = 30.0
FILE_S = 60.0
TERM_S = 1.0  # the runner's, between TERM and KILL
SLACK_S = 10.0
RUNNER = ("-I", "-S", "-E", "-B", "-c")
CODE = "import sys;sys.path.insert(0,{!r});from harness.sandbox.runner.main import main;main()"
V = TypeVar("V", bound=Value)
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG}


@dataclass(frozen=True)
class Carrier:
    """A program that only carries its standard input and output to a runner that lives elsewhere:
    its environment, the filter of system calls for the runner to take upon itself and all that it
    starts, what finds the Box's first process and control group, and the folder it stands in:
    an engine's monitor leaves files there."""

    env: Mapping[str, str]
    calls: bytes
    find: Callable[[], Awaitable[tuple[int, Cgroup | None]]]
    cwd: Path


class _Ending(Value):
    """The runner's answer to `exec`."""

    head: str
    tail: str
    cut: int
    cut_lines: int
    code: int
    timed_out: bool
    stopped: bool
    cwd: str
    seconds: float


class _Data(Value):
    data: str


class _Hits(Value):
    hits: tuple[tuple[str, int, str], ...]


class PipeBox:
    """A Box whose runner stands at the other end of a socket. One request at a time."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        limits: BoxLimits,
        root: str,
    ) -> None:
        self.root = root
        self.slack_s = SLACK_S
        self._process = process
        self._reader, self._writer = pipe
        self._limits = limits
        self._lock = asyncio.Lock()
        self._number = 0
        self._cage: Supervisor | None = None
        self._closed = False
        self._litter: tuple[Path, ...] = ()
        self._carrier: Carrier | None = None
        self._way: ProxySession | None = None

    @classmethod
    async def launch(
        cls,
        argv: Sequence[str],
        layout: Layout,
        limits: BoxLimits,
        *,
        contained: bool,
        pass_fds: Sequence[int] = (),
        litter: Sequence[Path] = (),
        carrier: Carrier | None = None,
        way: ProxySession | None = None,
    ) -> PipeBox:
        """Starts `argv`, which must end as the runner, on the event loop's thread: what dies with
        its parent dies with that. `contained`: a process namespace holds it. `litter` goes and
        `way` closes when the Box closes."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await _start_process(argv, theirs, pass_fds, carrier)
        try:
            pipe = await asyncio.open_unix_connection(sock=ours, limit=LINE_BYTES)
        except BaseException:
            await end(process)
            raise
        box = cls(process, pipe, limits, layout.inside)
        box._litter, box._carrier, box._way = tuple(litter), carrier, way
        try:
            await box._start(layout, contained)
            await box._furnish(layout)
        except BaseException:
            await box.close()
            raise
        return box

    async def _start(self, layout: Layout, contained: bool) -> None:
        limits, mark, env = self._limits, "", dict(layout.env)
        if not contained:
            env["HARNESS_BOX"] = secrets.token_hex(8)
            mark = f"HARNESS_BOX={env['HARNESS_BOX']}"
        await self._ask(
            "start",
            START_S,
            env=env,
            root=layout.inside,
            contained=contained,
            file_bytes=limits.disk_bytes,
            calls=base64.b64encode(self._carrier.calls).decode() if self._carrier else "",
            # without a user namespace the kernel counts all that this user runs on the machine
            processes=limits.processes * 2 if contained and self._carrier is None else 0,
            proxy=PROXY if self._way else "",
        )
        beside = (Path(p) for p in layout.writable)
        folders = (layout.tree, *(p for p in beside if not p.is_relative_to(layout.tree)))
        carrier = self._carrier
        top, group = await carrier.find() if carrier else (self._process.pid, None)
        self._cage = await asyncio.to_thread(self._make_supervisor, folders, mark, top, group)

    def _make_supervisor(
        self, folders: tuple[Path, ...], mark: str, top: int, group: Cgroup | None
    ) -> Supervisor:
        held = group or open_cgroup(self._limits)
        disk = DiskWatch(folders, self._limits.disk_bytes)
        return Supervisor(top, self._limits, held, disk, mark)

    async def _furnish(self, layout: Layout) -> None:
        """By the runner, so that a link in the tree leads nowhere outside. A tree where it cannot
        be done goes without: what needs the file will say so."""
        for path, text in layout.made.items():
            with contextlib.suppress(OSError):
                try:
                    await self.read(path, limit=1)
                except FileNotFoundError:
                    await self.write(path, text.encode())
        if layout.first:
            await self.exec(f"({layout.first}\n) >/dev/null 2>&1", cwd=layout.inside)

    # ------------------------------------------------------------ the port

    async def exec(
        self, command: str, *, cwd: str = "", timeout_s: float | None = None
    ) -> CommandResult:
        """As the port says. ValueError when the command cannot be given to a shell (NUL)."""
        seconds = min(timeout_s or self._limits.command_s, self._limits.command_s)
        async with self._lock:
            cage, way = self._open(), self._way
            async with enforce_limits(cage, lambda: bool(way and way.is_stuck)) as reasons:
                answer = await self._ask(
                    "exec",
                    seconds + TERM_S + self.slack_s,
                    command=command,
                    cwd=cwd,
                    timeout_s=seconds,
                    cap=self._limits.output_bytes,
                )
            ended = self._validate(_Ending, answer)
            if last := await asyncio.to_thread(cage.over, False):
                reasons.append(last)
                await asyncio.to_thread(cage.end_commands)
        return self._ran(ended, next(iter(reasons), ""))

    def _ran(self, ended: _Ending, reason: str) -> CommandResult:
        killed = reason or ("time" if ended.timed_out else "")
        head, tail = self._bytes(ended.head), self._bytes(ended.tail)
        return CommandResult(
            exit_code=137 if killed else ended.code,
            output=join_output(head, tail, ended.cut, ended.cut_lines),
            cut=ended.cut,
            timed_out=ended.timed_out,
            killed=killed,
            cwd=ended.cwd,
            duration_s=round(ended.seconds, 4),
        )

    async def read(self, path: str, *, limit: int = 4 << 20) -> bytes:
        """The first `limit` bytes of a regular file."""
        most = min(limit, FILE_BYTES)
        async with self._lock:
            answer = await self._ask("read", FILE_S, about=path, path=path, limit=most)
            return self._bytes(self._validate(_Data, answer).data)

    async def write(self, path: str, data: bytes) -> None:
        """Makes the folders on the way; a file keeps its mode. PermissionError when it cannot
        be done, a full disk and more than 32 MiB too."""
        if len(data) > FILE_BYTES:
            raise PermissionError(errno.EFBIG, "more than 32 MiB", path)
        async with self._lock:
            text = base64.b64encode(data).decode("ascii")
            await self._ask("write", FILE_S, about=path, path=path, data=text)

    async def search(
        self, pattern: str, *, glob: str = "", limit: int = 200
    ) -> tuple[SearchHit, ...]:
        """ValueError for a pattern that does not compile or takes longer than 20 s. Folders that
        tools fill (node_modules, __pycache__, ...) only when the glob names them. Bytes of names
        that are not UTF-8 come as `\\xff`, and `read` takes them so."""
        async with self._lock:
            answer = await self._ask("search", FILE_S, pattern=pattern, glob=glob, limit=limit)
            hits = self._validate(_Hits, answer).hits[:limit]
            return tuple(
                SearchHit(path=clean_text(p), line=n, text=clean_text(t)) for p, n, t in hits
            )

    def frozen(self) -> AbstractAsyncContextManager[None]:
        return self._frozen()

    @contextlib.asynccontextmanager
    async def _frozen(self) -> AsyncIterator[None]:
        async with self._lock:
            cage = self._open()
            try:
                if not await asyncio.to_thread(cage.freeze):
                    raise SandboxError("workspace.freeze_failed")
                yield
            finally:
                cage.thaw()

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self._way.refusals if self._way else ()

    async def close(self) -> None:
        self._closed = True
        self._writer.close()
        if self._cage is not None:
            await asyncio.to_thread(self._cage.end)
        elif self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        if self._way is not None:
            await self._way.close()
        for folder in self._litter:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    # ------------------------------------------------------------ the conversation

    def _open(self) -> Supervisor:
        if self._closed or self._cage is None:
            raise SandboxError("workspace.box_closed")
        return self._cage

    async def _ask(self, op: str, within_s: float, about: str = "", **given: Any) -> Any:
        if self._closed:
            raise SandboxError("workspace.box_closed")
        self._number += 1
        try:
            async with asyncio.timeout(within_s):
                self._send(self._number, op, given)
                answer = await self._receive(self._number)
        except TimeoutError:
            await self.close()
            raise SandboxError("workspace.runner_silent", seconds=int(within_s)) from None
        except asyncio.CancelledError:
            await self._abandon()
            raise
        if "ok" in answer:
            return answer["ok"]
        raise _error(answer, about)

    def _send(self, number: int, op: str, given: Mapping[str, Any]) -> None:
        line = json.dumps({"id": number, "op": op, **given}) + "\n"
        self._writer.write(line.encode("ascii"))

    async def _receive(self, number: int) -> dict[str, Any]:
        """The answer with this number; anything else closes the Box."""
        try:
            line = await self._reader.readline()
        except ValueError:  # longer than any answer may be
            await self._nonsense()
        except ConnectionError:
            line = b""
        if not line.endswith(b"\n"):
            reason = await self._last_words()
            await self.close()
            raise SandboxError("workspace.runner_gone", reason=reason)
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            await self._nonsense()
        if not isinstance(answer, dict) or answer.get("id") != number:
            await self._nonsense()
        return answer

    async def _abandon(self) -> None:
        """The caller went away: end what it asked for and take its answer off the pipe."""
        try:
            async with asyncio.timeout(TERM_S + self.slack_s):
                self._send(self._number + 1, "stop", {})
                await self._receive(self._number)
                self._number += 1
                await self._receive(self._number)
        except (TimeoutError, SandboxError):
            await self.close()

    async def _last_words(self) -> str:
        """What stood on the standard error of a Box that ended, in one line."""
        if self._process.stderr is None:
            return ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                return clean_text((await self._process.stderr.read(4096))[-400:]).strip()
        return ""

    async def _nonsense(self) -> Never:
        await self.close()
        raise SandboxError("workspace.runner_nonsense")

    def _validate(self, kind: type[V], answer: Any) -> V:
        try:
            return kind.model_validate(answer)
        except ValidationError:
            self._closed = True
            raise SandboxError("workspace.runner_nonsense") from None

    def _bytes(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            self._closed = True
            raise SandboxError("workspace.runner_nonsense") from None


async def _start_process(
    argv: Sequence[str], theirs: socket.socket, pass_fds: Sequence[int], carrier: Carrier | None
) -> asyncio.subprocess.Process:
    """`argv` with the socket: as a descriptor whose number is its last argument, or ("-") as its
    standard input and output."""
    nothing = asyncio.subprocess.DEVNULL
    return await spawn(
        *argv,
        "-" if carrier else str(theirs.fileno()),
        stdin=theirs if carrier else nothing,
        stdout=theirs if carrier else nothing,
        stderr=asyncio.subprocess.PIPE,
        env=dict(carrier.env) if carrier else {},
        cwd=carrier.cwd if carrier else None,
        pass_fds=pass_fds if carrier else (*pass_fds, theirs.fileno()),
    )


def _error(answer: Mapping[str, Any], path: str) -> Exception:
    """The error of this answer, as the port names them."""
    name, code, said = (answer.get(key) for key in ("error", "code", "text"))
    text = clean_text(said[:300]) if isinstance(said, str) else ""
    if name in ("BlockingIOError", "MemoryError"):
        return SandboxError("workspace.no_room", reason=text)
    if not (isinstance(code, int) and code):
        return ValueError(text)
    if code in _ABSENT:
        return FileNotFoundError(code, text, path)
    if code == errno.EISDIR:
        return IsADirectoryError(code, text, path)
    return PermissionError(code, text, path)


def runner_command(python: str, packages: str) -> tuple[str, ...]:
    """Starts the runner; `packages` is the folder that holds `harness/`."""
    return (python, *RUNNER, CODE.format(packages))
