"""Bytes from other programs: hooks, webhooks, reports, runners, a proxy's clients, terminals."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import itertools
import json
import re
import socket
import struct
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from harness.core.client_hello import server_name
from harness.core.egress_types import EgressPolicy, Why
from harness.core.errors import SandboxError
from harness.core.hosts import Address, target, targets
from harness.core.tally_types import Tally
from harness.core.types import BoxLimits
from harness.guard.claude_format import Hook, ParsedSettings, read_settings
from harness.guard.hooks import HookAnswer, HookRun, fire
from harness.guard.permission_rules import Use
from harness.sandbox.box import PipeBox
from harness.sandbox.egress import Egress, Streams
from harness.system.text import Cleaner
from harness.testing.slots import MemorySlots
from harness.testruns.reports import RANK, compare, read_reports
from harness.web.receiver import Receiver

T = TypeVar("T")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Loop:
    """One event loop for all inputs; what a task of it lets fall is raised."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._fallen: list[str] = []
        self._loop.set_exception_handler(self._fell)

    def _fell(self, _: asyncio.AbstractEventLoop, facts: dict[str, Any]) -> None:
        self._fallen.append(f"{facts.get('message')}: {facts.get('exception')!r}")

    def run(self, work: Coroutine[Any, Any, T], within_s: float = 10.0) -> T:
        """The answer, in bounded time."""
        found = self._loop.run_until_complete(asyncio.wait_for(work, within_s))
        fallen, self._fallen[:] = list(self._fallen), []
        assert not fallen, fallen
        return found


@cache
def loop() -> Loop:
    return Loop()


# ------------------------------------------------------------ hooks and permissions

USES = (
    Use(tool="Bash", command="git push --force origin && cat /etc/passwd"),
    Use(tool="Edit", path="src/a/b.py"),
    Use(tool="WebFetch", url="https://example.org/a"),
    Use(tool="mcp__github__create_pull_request_review_comment"),
)


def read_inside(text: str) -> ParsedSettings:
    return read_settings(text, where="inside", home="/home/ada", root="/home/ada/app")


def hooks(data: bytes, read: Callable[[str], ParsedSettings] = read_inside) -> None:
    """`H` before it: what a hook's command prints. Else a settings file."""
    text = data[1:].decode("utf-8", "replace")
    if data[:1] == b"H":
        _answers(text)
        return
    found = read(text)
    found.model_dump_json()
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        assert found.wrong
        assert {found.rules.judge(use).decision for use in USES} == {"deny"}
        return
    denied = given.get("permissions")
    denied = denied.get("deny") if isinstance(denied, dict) else None
    for use in USES:
        judged = found.rules.judge(use).decision
        if isinstance(denied, list) and use.tool in denied:
            assert judged == "deny", (use, text)
    for hook in found.hooks:
        assert 0 < hook.timeout_s <= 600
        assert hook.where == "inside"
        for use in USES:
            hook.hears(use.tool)


def _answers(text: str) -> None:
    code, _, said = text.partition(":")
    ran = HookRun(code={"0": 0, "2": 2, "n": None}.get(code, 1), out=said, err=said[:50])
    for where, event in itertools.product(
        ("outside", "inside"), ("PreToolUse", "Stop", "UserPromptSubmit")
    ):
        hook = Hook.model_validate({"event": event, "command": "x", "where": where})

        async def run(_: Hook, given: str, ran: HookRun = ran) -> HookRun:
            json.loads(given)
            return ran

        answer: HookAnswer = loop().run(fire([hook], hook.event, "Bash", {"a": 1}, run))
        if ran.code == 2:
            assert answer.decision == "deny"
        if where == "inside":
            assert answer.decision != "allow"
        # an object counts whatever the exit, as Claude Code documents it now
        if ran.code is None or (ran.code not in (0, 2) and said.strip()[:1] != "{"):
            refused = event == "PreToolUse" and where == "outside"
            assert answer.decision == ("deny" if refused else None)
            assert answer.troubles
        said_back = (answer.reason, answer.context, answer.stop or "")
        assert all(len(part) < 11_000 for part in said_back)
        answer.model_dump_json()


# ------------------------------------------------------------ webhooks

SECRET = "a secret of thirty-two characters"
OURS = 4711


class Hook_:
    """A receiver that listens for as long as the process lives."""

    def __init__(self, secret: str = SECRET) -> None:
        self.woken = 0
        self.receiver = Receiver(secret, self._project_of, MemorySlots(), self._wake, apart_s=0.0)
        self._serving = self.receiver.serve("127.0.0.1", 0)
        self.port = loop().run(self._serving.__aenter__())
        self.number = itertools.count()

    async def _project_of(self, repository: int) -> str | None:
        return "p" if repository == OURS and not isinstance(repository, bool) else None

    def _wake(self, project: str) -> None:
        self.woken += 1

    async def send(self, data: bytes) -> bytes:
        """Whatever comes back. The connection is cut, so that no port is used up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        one: socket.socket = writer.get_extra_info("socket")
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            writer.write(data)
            writer.write_eof()
            got = await reader.read()
            await asyncio.sleep(0)
            return got
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()


@cache
def receiver() -> Hook_:
    return Hook_()


def signed(body: bytes) -> bytes:
    return b"sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest().encode()


def delivery(body: bytes, guid: str, signature: bytes) -> bytes:
    head = (
        f"POST /github HTTP/1.1\r\nHost: here\r\nContent-Length: {len(body)}\r\n"
        f"X-GitHub-Event: issues\r\nX-GitHub-Delivery: {guid}\r\n"
    )
    return head.encode() + b"X-Hub-Signature-256: " + signature + b"\r\n\r\n" + body


def webhook(data: bytes, there: Callable[[], Hook_] = receiver) -> None:
    """`S` before it: a body that GitHub signed. Else all bytes of a connection."""
    if data[:1] == b"S":
        _body(data[1:], there())
        return
    raw = data[1:]
    got = loop().run(there().send(raw))
    if not got:
        return
    status = _status(got)
    assert status in (202, 400, 401, 403, 404, 405, 408, 409, 411, 413, 503)
    if status == 202:
        head, _, body = raw.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length:\s*([0-9]+)\s*$", head)
        assert length, raw
        assert signed(body[: int(length[1])]) in head, raw


def _body(body: bytes, there: Hook_) -> None:
    guid = f"guid-{next(there.number):08}"
    status = _status(loop().run(there.send(delivery(body, guid, signed(body)))))
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        assert status == 400, (status, body)
        return
    repository = said.get("repository") if isinstance(said, dict) else None
    number = repository.get("id") if isinstance(repository, dict) else None
    assert status == (202 if number == OURS and isinstance(number, int) else 403), (status, body)


def _status(got: bytes) -> int:
    found = re.fullmatch(rb"HTTP/1\.1 ([0-9]{3}) [A-Za-z ]+\r\n(?:[A-Za-z-]+: .+\r\n)+\r\n", got)
    assert found, got
    return int(found[1])


# ------------------------------------------------------------ test reports


NAMES = tuple(
    (name,)
    for name in (
        *("go-1.json", "cargo-1.txt", "tap-1.tap", "tape-1.tap", "maven-1-x.xml", "given-1-x.xml"),
        *("rspec-1.json", "minitest-1.txt", "dotnet-1-x.trx"),
    )
)
"""Of each format a file that its runner leaves."""


def reports(data: bytes, read: Callable[[Mapping[str, bytes]], Tally] = read_reports) -> None:
    """Never an error; names that can be shown, outcomes that are known."""
    for names in (("a.xml",), ("a.json",), ("a", "b.xml"), *NAMES):
        tally = read(dict.fromkeys(names, data))
        for key, outcome in tally.outcomes.items():
            assert outcome in RANK
            assert key.isprintable()
            assert len(key) <= 1000
        assert Tally.model_validate_json(tally.model_dump_json()) == tally
        same = compare(tally, tally)
        assert not same.newly_failing | same.lost | same.new | same.fixed


# ------------------------------------------------------------ a Box's runner


class Gone:
    """A process that ended."""

    pid, returncode, stderr = 1, 0, None

    async def wait(self) -> int:
        return 0


class Nowhere:
    """A writer that keeps nothing."""

    def write(self, data: bytes) -> None:
        json.loads(data)

    def close(self) -> None:
        """Nothing is open."""


def _of_the_port(error: Exception) -> None:
    assert not isinstance(error, UnicodeError | json.JSONDecodeError), error
    if not isinstance(error, SandboxError):
        assert not CONTROLS.search(str(error)), error


async def _asked(data: bytes) -> None:
    reader = asyncio.StreamReader(limit=1 << 20)
    reader.feed_data(data)
    reader.feed_eof()
    process = cast(asyncio.subprocess.Process, Gone())
    pipe = reader, cast(asyncio.StreamWriter, Nowhere())
    box = PipeBox(process, pipe, BoxLimits(), "/work")
    try:
        for match in await box.search("x"):
            assert not CONTROLS.search(match.path + match.text), match
            json.dumps([match.path, match.text]).encode()
        assert isinstance(await box.read("a"), bytes)
        await box.write("a", b"x")
    except (SandboxError, FileNotFoundError, IsADirectoryError, PermissionError, ValueError) as no:
        _of_the_port(no)
    await box.close()


def box(data: bytes, ask: Callable[[bytes], Coroutine[Any, Any, None]] = _asked) -> None:
    """What a runner says is an answer of the right form, or one of the port's errors."""
    loop().run(ask(data))


# ------------------------------------------------------------ the way out

GLOBAL = ipaddress.ip_address("151.101.0.223")
ALLOWED = "allowed.test:443"


class Way:
    """A proxy on a socket of its own, with one name allowed; nothing is really dialled."""

    def __init__(self) -> None:
        self.resolved: list[str] = []
        self.dialled: list[str] = []
        self.path = Path(tempfile.mkdtemp(prefix="fuzz-egress-"), "proxy")

    async def resolve(self, host: str, port: int) -> Sequence[Address]:
        self.resolved.append(f"{host}:{port}")
        return (GLOBAL,)

    async def dial(self, address: Address, port: int) -> Streams:
        self.dialled.append(f"{address}:{port}")
        ours, theirs = socket.socketpair()
        theirs.close()
        return await asyncio.open_connection(sock=ours)

    async def tried(self, data: bytes) -> tuple[bytes, Egress]:
        proxy = Egress(
            EgressPolicy(allow=targets([ALLOWED])[0]), resolver=self.resolve, dialler=self.dial
        )
        await proxy.serve(self.path)
        reader, writer = await asyncio.open_unix_connection(str(self.path))
        got = b""
        try:
            writer.write(data)
            writer.write_eof()
            got = await reader.read()
        except ConnectionError:
            got = b""
        finally:
            writer.transport.abort()
            await proxy.close()
        return got, proxy


def connect(data: bytes, named: Callable[[bytes], str | None] = server_name) -> None:
    """Only the one allowed name is looked up, only what it leads to is dialled, and only for a
    client whose TLS asks for that name."""
    found = named(data)
    assert found is None or (found.isascii() and found == found.lower() and found)
    for text in (data.decode("latin-1"), data[:80].decode("utf-8", "replace")):
        wanted = target(text)
        assert wanted is None or target(str(wanted)) == wanted
    way = Way()
    got, proxy = loop().run(way.tried(data))
    assert not got or got.startswith(b"HTTP/1.1 "), got
    assert set(way.resolved) <= {ALLOWED}
    assert set(way.dialled) <= {f"{GLOBAL}:443"}
    if way.dialled:
        assert re.match(rb"CONNECT allowed\.test\.?:0*443 HTTP/1\.", data, re.I), data
        assert b"allowed.test" in data.partition(b"\r\n\r\n")[2].lower(), data
    for refusal in proxy.refusals:
        assert refusal.why in get_args(Why)
        assert re.fullmatch(r"[A-Za-z0-9.:_?\[\]-]{1,300}", refusal.target), refusal


# ------------------------------------------------------------ terminals


def chunked(pieces: Sequence[bytes]) -> str:
    cleaner = Cleaner()
    return "".join(map(cleaner.feed, pieces)) + cleaner.finish()


def terminal(data: bytes, clean: Callable[[Sequence[bytes]], str] = chunked) -> None:
    """Nothing a terminal acts on is left, wherever the stream is cut; and once is enough."""
    step, body = data[0] % 7 + 1 if data else 1, data[1:]
    step += len(body) // 2000
    pieces = [body[at : at + step] for at in range(0, len(body), step)]
    whole = clean([body])
    assert not CONTROLS.search(whole), whole
    assert clean(pieces) == whole
    assert clean([whole.encode()]) == whole
