"""The six oracles see what they are there for: each is shown one thing of its kind. Without this a
siege in which nothing is found would say nothing."""

from __future__ import annotations

import asyncio
import base64
import codecs
import contextlib
import gzip
import socket
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.testing.escape_contract import listening
from tests.security.ground import Ground, Haystack, canary, locked, objects, stored, thefts
from tests.security.siege import Act, Siege, besieged, branch

pytestmark = pytest.mark.security


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path / "ground")
    with listening(made.outside, made.other):
        yield made


def test_o1_a_trap_that_ran_is_remembered(ground: Ground) -> None:
    assert ground.executed() == []
    subprocess.run([ground.trap("a trap")], check=False)
    assert "trap" in ground.executed()


FORMS: dict[str, Callable[[str], bytes]] = {
    "raw": str.encode,
    "base64": lambda s: base64.b64encode(s.encode()),
    "base64 within": lambda s: base64.b64encode(b"ab" + s.encode() + b"c"),
    "base64 of it reversed": lambda s: base64.b64encode(b"a" + s[::-1].encode() + b"c"),
    "base64url": lambda s: base64.urlsafe_b64encode(s.encode()),
    "hex": lambda s: s.encode().hex().encode(),
    "url": lambda s: "".join(f"%{byte:02x}" for byte in s.encode()).encode(),
    "reversed": lambda s: s[::-1].encode(),
    "gzip and base64": lambda s: base64.b64encode(gzip.compress(b"x" + s.encode())),
    "zlib and base64": lambda s: base64.b64encode(codecs.encode(s.encode(), "zlib")),
    "zero width": lambda s: "\u200b".join(s).encode(),
    "a letter a line": lambda s: "\n".join(s).encode(),
    "JSON in JSON": lambda s: '\\"'.join(s).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_o2_a_secret_is_found_in_every_form(form: str) -> None:
    secret = canary()
    data = b"before " + FORMS[form](secret) + b" after"
    assert thefts({"key": secret}, [Haystack("here", data)]) == ["key in here"]
    assert thefts({"key": canary()}, [Haystack("here", data)]) == []


def test_o2_looks_into_databases_objects_and_names(tmp_path: Path) -> None:
    secret = canary()
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("create table t (x)")
        # longer than a page: in the file it stands in pieces
        database.execute("insert into t values (?)", ["-" * 4090 + secret + "-" * 9000])
    (tmp_path / "loose").write_bytes(zlib.compress(b"blob 9\0" + secret.encode(), 1))
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path)]
    for words in (
        ["init", "-q"],
        ["commit", "-q", "--allow-empty", "-m", "x"],
        ["branch", secret],
    ):
        subprocess.run([*git, *words], check=True)
    found = thefts({"key": secret}, [*stored(tmp_path), objects(tmp_path / ".git")])
    places = "\n".join(found)
    assert "a.db rows" in places
    assert "loose unpacked" in places
    assert f"key in {tmp_path / '.git'}" in found


@pytest.mark.parametrize("name", ["tcp", "tcp6", "udp", "socket", "abstract"])
async def test_o3_every_listener_hears(ground: Ground, name: str) -> None:
    unix = name in ("socket", "abstract")
    family = socket.AF_UNIX if unix else socket.AF_INET6 if name == "tcp6" else socket.AF_INET
    kind = socket.SOCK_DGRAM if name == "udp" else socket.SOCK_STREAM
    port = ground.port(name)
    address = (f"\0{port}" if name == "abstract" else port) if unix else None
    with socket.socket(family, kind) as client:
        client.connect(address or ("::1" if name == "tcp6" else "127.0.0.1", int(port)))
        with contextlib.suppress(BrokenPipeError):  # it closes at once
            client.send(b"x")
        for _ in range(100):
            if ground.heard():
                break
            await asyncio.sleep(0.02)
    assert ground.heard() == [name]


def test_o4_a_change_on_the_host_is_seen(ground: Ground) -> None:
    before = ground.host(ground.temporary)
    (ground.other / "new").symlink_to("/")
    (ground.home / ".netrc").write_text("other")
    (ground.other / "tree.txt").chmod(0o777)
    (ground.temporary / "mine").write_text("x")
    now = ground.host(ground.temporary)
    changed = {Path(path).name for path in now if before.get(path) != now[path]}
    assert changed == {"new", ".netrc", "tree.txt"}


def test_o6_what_is_left_is_seen(ground: Ground) -> None:
    assert ground.left_running() == []
    (ground.temporary / "left").write_text("x")
    sleeper = "import time; print(1, flush=True); time.sleep(60)"
    argv = [sys.executable, "-c", sleeper, str(ground.root)]
    with subprocess.Popen(argv, env={}, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # before this its command line may still be empty
            found = ground.left_running()
        finally:
            process.kill()
    assert any(line.startswith(f"process {process.pid}") for line in found), found
    assert any(line.startswith("temporary") for line in found)
    lock = ground.temporary / "lock"
    lock.write_text("")
    holder = "import fcntl; f = open({!r}); fcntl.flock(f, 2); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holder.format(str(lock))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert locked(lock)
        process.kill()
    assert not locked(lock)


@pytest.fixture(scope="module")
def siege() -> Iterator[Siege]:
    with besieged(lambda ground: {"a": Act(), "b": Act()}) as made:
        yield made


def test_o5_a_quiet_world_has_nothing(siege: Siege) -> None:
    assert {name: what for name, what in siege.oracles().items() if what} == {}


def test_o5_whatever_else_is_written_on_the_forge_is_seen(siege: Siege) -> None:
    async def write() -> None:
        bot = siege.world.forge("harness-bot")
        await bot.put_comment(1, "other", "twice")
        await bot.add_comment(1, "twice")
        await bot.add_comment(1, "twice")
        await bot.close(2)

    siege.git("update-ref", "refs/heads/other", siege.base)
    siege.git("update-ref", "refs/tags/evil", branch(1))
    siege.git("update-ref", "refs/heads/main", branch(1))
    asyncio.run(write())  # the siege's own looks run a loop too
    found = "\n".join(siege.written())
    for word in ("refs/heads/other", "refs/tags/evil", "refs/heads/main", "#1 twice", "#2: closed"):
        assert word in found
