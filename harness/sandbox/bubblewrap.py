"""Boxes by bubblewrap: namespaces of their own, no capability, a system-call filter, an allow-list
of what is seen. Starts from an empty environment: what bwrap is given stays readable in its /proc
entry."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from harness.core.errors import MissingError, SandboxError
from harness.core.types import BoxLimits, Layout
from harness.sandbox import seccomp
from harness.sandbox.box import PipeBox, runner_command
from harness.sandbox.egress import Egress
from harness.sandbox.layout import HOME, INSIDE, binds, synthetic, with_defaults
from harness.sandbox.proxy_session import Proxy, ProxySession, open_proxy
from harness.system.process import own_python, run

UID = 1000
OLDEST = (0, 8)
VERSION_S = 10.0
_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
# what programs under /usr have of theirs in /etc, and no file that may hold a password
_ETC = (
    *("alternatives", "ld.so.cache", "os-release", "mime.types", "services", "protocols"),
    *("ssl/certs", "ssl/openssl.cnf", "ca-certificates", "pki/tls/certs"),
    *("pki/tls/openssl.cnf", "pki/ca-trust/extracted", "crypto-policies"),
    *("debian_version", "timezone", "magic", "magic.mime", "fonts", "terminfo", "xml", "sgml"),
    *("perl", "python3", "maven/m2.conf", "maven/logging", "erlang"),
)
_ETC_LIKE = ("java-*", "python3.*", "php/*/mods-available", "php/*/*/conf.d", "ImageMagick-*")
_ZONES = Path("/usr/share/zoneinfo")
# of the machine, not of the Box; readable where the daemon is root, and the Box's user its own
_MASKED = ("keys", "key-users", "timer_list", "sched_debug", "kcore", "latency_stats", "kallsyms")


class Bubblewrap:
    """Sandbox by the `bwrap` program, 0.8 or later."""

    def __init__(self, bwrap: str = "bwrap", proxy: Proxy = Egress) -> None:
        self._bwrap = bwrap
        self._proxy = proxy

    @property
    def name(self) -> str:
        return "bubblewrap"

    async def check(self) -> None:
        """Opens a Box and runs a command in it."""
        program = self._program()
        found = await _version(program)
        if found < OLDEST:
            raise MissingError("workspace.bwrap_old", found=".".join(map(str, found)))
        with tempfile.TemporaryDirectory(prefix="harness-check-") as folder:
            try:
                box = await self.open(Layout(tree=Path(folder)), BoxLimits(command_s=20))
                try:
                    ran = await box.exec("echo ready > /work/x && cat /work/x")
                finally:
                    await box.close()
            except SandboxError as error:
                reason = str(error.facts.get("reason", error.key))
                raise MissingError("workspace.bwrap_refused", reason=reason) from error
        if ran.output != "ready\n":
            raise MissingError("workspace.bwrap_refused", reason=ran.output[:200])

    async def open(self, layout: Layout, limits: BoxLimits) -> PipeBox:
        """`layout.env` is completed with a PATH, a HOME and the like; it wins where both name
        one. MissingError, SandboxError."""
        program = self._program()
        rules = await asyncio.to_thread(seccomp.program)
        async with open_proxy(with_defaults(layout), self._proxy) as (full, way):
            return await self._launch(program, rules, full, limits, way)

    async def _launch(
        self, program: str, rules: bytes, full: Layout, limits: BoxLimits, way: ProxySession | None
    ) -> PipeBox:
        shown = synthetic(full, UID, UID)
        files = {_memory_file(text.encode()): path for path, text in shown.items()}
        calls = _memory_file(rules)
        profile = [*_profile(full, limits), "--seccomp", str(calls)]
        for handle, path in files.items():
            profile += ["--ro-bind-data", str(handle), path]
        profile += ["--remount-ro", "/", "--chdir", full.inside]
        # not as arguments: those can be read inside, and they name the host's folders
        given = _memory_file("".join(f"{word}\0" for word in profile).encode())
        argv = (program, "--args", str(given), "--", *runner_command(own_python(), INSIDE))
        try:
            return await PipeBox.launch(
                argv, full, limits, contained=True, pass_fds=(given, calls, *files), way=way
            )
        finally:
            for handle in (given, calls, *files):
                os.close(handle)

    def _program(self) -> str:
        found = shutil.which(self._bwrap)
        if found is None:
            raise MissingError("workspace.bwrap_missing", program=self._bwrap)
        return found


async def _version(program: str) -> tuple[int, ...]:
    done = await run([program, "--version"], cwd=Path("/"), env={}, timeout_s=VERSION_S)
    return tuple(int(n) for n in re.findall(rb"\d+", done.stdout)[:2])


def _memory_file(data: bytes) -> int:
    """A descriptor from which this can be read."""
    handle = os.memfd_create("harness")
    os.write(handle, data)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def _profile(layout: Layout, limits: BoxLimits) -> list[str]:
    """Everything but the synthetic files and the command. Measured reasons: SECURITY.md."""
    argv = ["--unshare-all", "--unshare-user", "--disable-userns", "--uid", str(UID)]
    argv += ["--gid", str(UID), "--hostname", layout.host, "--die-with-parent", "--new-session"]
    argv += ["--cap-drop", "ALL"]
    argv += _system()
    small = str(max(limits.memory_bytes // 8, 1 << 20))
    # read-only: /proc/sys is the host's own, and writable to root, as whom we may run
    argv += ["--proc", "/proc"]
    for name in _MASKED:
        if Path("/proc", name).exists():
            argv += ["--ro-bind", "/dev/null", f"/proc/{name}"]
    argv += ["--remount-ro", "/proc"]
    argv += ["--dev", "/dev", "--size", small, "--tmpfs", "/dev/shm"]
    argv += ["--remount-ro", "/dev", "--perms", "1777"]
    argv += ["--size", str(max(limits.memory_bytes // 2, 1 << 20)), "--tmpfs", "/tmp"]
    argv += ["--perms", "0700", "--size", small, "--tmpfs", HOME]
    if not Path(sys.base_prefix).is_relative_to("/usr"):
        argv += ["--ro-bind", sys.base_prefix, sys.base_prefix]
    for inside, (host, writable) in binds(layout).items():
        argv += ["--bind" if writable else "--ro-bind", host, inside]
    return argv


def _system() -> list[str]:
    argv = ["--ro-bind", "/usr", "/usr"]
    for name in _LINKS:
        path = Path("/", name)
        if path.is_symlink():
            argv += ["--symlink", str(path.readlink()), f"/{name}"]
        elif path.is_dir():
            argv += ["--ro-bind", f"/{name}", f"/{name}"]
    etc = Path("/etc")
    shown = [etc / name for name in _ETC]
    shown += [path for pattern in _ETC_LIKE for path in sorted(etc.glob(pattern))]
    for path in shown:
        argv += ["--ro-bind-try", str(path), str(path)]
    return argv + _time_zone(etc / "localtime")


def _time_zone(local: Path) -> list[str]:
    """The machine's, named as it names it: some programs read where the link leads."""
    if not local.is_symlink():
        return ["--ro-bind-try", str(local), str(local)]
    zone = Path(os.path.normpath(local.parent / local.readlink()))
    return ["--symlink", str(zone), str(local)] if zone.is_relative_to(_ZONES) else []
