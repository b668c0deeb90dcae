"""The system-call filter of every Box, as a program for the kernel: the list of seccomp.toml, and
the calls whose arguments decide. Made once in a process; never loaded into this one."""

from __future__ import annotations

import errno
import functools
import os
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

from harness.core.base import Value
from harness.core.errors import MissingError, SandboxError

LIST = Path(__file__).with_name("seccomp.toml")
MACHINES = {"x86_64": "X86_64", "aarch64": "AARCH64"}

# of clone and unshare: TIME, NS, CGROUP, UTS, IPC, USER, PID, NET. TIME shares its bit with the
# signal number that clone takes, so it counts for unshare alone.
CLONE_NEWTIME = 0x80
CLONE_NEW = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
FAMILIES = (1, 2, 10)  # UNIX, INET, INET6
AF_NETLINK, NETLINK_ROUTE = 16, 0
TIOCSTI, TIOCLINUX, TIOCSETD = 0x5412, 0x541C, 0x5423
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
PERSONALITIES = 0x8 | 0x20000  # PER_LINUX32 and UNAME26; 0xffffffff only asks
S_ISUID = 0o4000
INT = 0xFFFFFFFF  # the kernel takes an `int` from the low half and never looks at the other
O_CREAT, O_TMPFILE = 0o100, 0o20000000  # what makes open look at its mode
MODES = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "creat": 1}
MODES |= {"mknod": 1, "mknodat": 2}
OPENS = {"open": 1, "openat": 2}  # where the flags stand; the mode comes after


class _Calls(Value):
    """seccomp.toml."""

    refused: dict[str, tuple[str, ...]]
    absent: dict[str, tuple[str, ...]]
    numbers: dict[str, int]
    judged: dict[str, int]


@functools.cache
def program(machine: str = "") -> bytes:
    """Classic BPF for `bwrap --seccomp`, for this machine or for the one named. Blocks for a few
    milliseconds the first time. MissingError where it cannot be made: there is no Box without."""
    named = machine or os.uname().machine
    if named not in MACHINES:
        raise MissingError("workspace.seccomp_machine", machine=named)
    try:
        library: Any = import_module("pyseccomp")
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        raise MissingError("workspace.seccomp_missing", reason=str(error)) from error
    try:
        return _Filter(library, MACHINES[named]).build()
    except OSError as error:
        raise SandboxError("workspace.seccomp_failed", reason=str(error)) from error


class _Filter:
    """Rules for one architecture. Any other one, 32-bit code and x32 included, is killed."""

    def __init__(self, library: Any, arch: str) -> None:
        self.lib = library
        self.arch = getattr(library.Arch, arch)
        self.calls = _Calls.model_validate(tomllib.loads(LIST.read_text("utf-8")))
        self.rules = library.SyscallFilter(library.ALLOW)
        self.foreign = self.arch != library.system_arch()
        if self.foreign:
            self.rules.add_arch(self.arch)
            self.rules.remove_arch(library.system_arch())
        self.rules.set_attr(library.Attr.ACT_BADARCH, library.KILL_PROCESS)
        self.rules.set_attr(library.Attr.CTL_OPTIMIZE, 2)  # a search tree, not a chain
        self.refused = library.ERRNO(errno.EPERM)
        self.absent = library.ERRNO(errno.ENOSYS)

    def build(self) -> bytes:
        for names in self.calls.refused.values():
            for name in names:
                self._rule(name, self.refused)
        for names in self.calls.absent.values():
            for name in names:
                self._rule(name, self.absent)
        self._namespaces()
        self._sockets()
        self._terminals()
        self._tracing()
        self._personalities()
        self._modes()
        if not self.foreign:
            first = self.calls.judged["last"] + 1
            for number in range(first, first + self.calls.judged["after"]):
                self.rules.add_rule(self.absent, number)
        handle = os.memfd_create("seccomp")
        with os.fdopen(handle, "w+b") as file:
            self.rules.export_bpf(file)
            file.seek(0)
            return file.read()

    def _rule(self, name: str, action: int, *arguments: Any) -> None:
        """A call that only another architecture has resolves below -1, and the library leaves its
        rule out; bare numbers it can place for its own architecture alone."""
        number: int = self.lib.resolve_syscall(self.lib.Arch.NATIVE, name)
        if number == -1 and name not in self.calls.numbers:
            raise SandboxError("workspace.seccomp_failed", reason=f"no system call {name}")
        if number == -1 and self.foreign:
            return
        self.rules.add_rule(
            action, self.calls.numbers[name] if number == -1 else number, *arguments
        )

    def _bits(self, name: str, place: int, wanted: int, mask: int = 0) -> None:
        """Refused when the masked argument is `wanted`; the mask is the value when not given."""
        test = self.lib.Arg(place, self.lib.MASKED_EQ, mask or wanted, wanted)
        self._rule(name, self.refused, test)

    def _modes(self) -> None:
        """No set-user-id file is made: to a daemon that is root it would be root's own."""
        for name, place in MODES.items():
            self._bits(name, place, S_ISUID)
        for name, place in OPENS.items():
            for flag in (O_CREAT, O_TMPFILE):
                making = self.lib.Arg(place, self.lib.MASKED_EQ, flag, flag)
                mode = self.lib.Arg(place + 1, self.lib.MASKED_EQ, S_ISUID, S_ISUID)
                self._rule(name, self.refused, making, mode)

    def _namespaces(self) -> None:
        for flag in CLONE_NEW:
            self._bits("clone", 0, flag)
        for flag in (CLONE_NEWTIME, *CLONE_NEW):
            self._bits("unshare", 0, flag)

    def _sockets(self) -> None:
        """UNIX and IP, and of netlink what lists the interfaces (getifaddrs: without it Node's
        os.networkInterfaces throws, and every dev server with it). Others as a kernel says that
        was built without them."""
        unsupported = self.lib.ERRNO(errno.EAFNOSUPPORT)
        for name in ("socket", "socketpair"):
            for family in range(AF_NETLINK):
                if family not in FAMILIES:
                    self._rule(name, unsupported, self.lib.Arg(0, self.lib.EQ, family))
            self._rule(name, unsupported, self.lib.Arg(0, self.lib.GT, AF_NETLINK))
            netlink = self.lib.Arg(0, self.lib.EQ, AF_NETLINK)
            other = self.lib.Arg(2, self.lib.NE, NETLINK_ROUTE)
            self._rule(name, unsupported, netlink, other)

    def _terminals(self) -> None:
        for request in (TIOCSTI, TIOCLINUX, TIOCSETD):
            self._bits("ioctl", 1, request, INT)

    def _tracing(self) -> None:
        """A process may be traced by its parent when it asks for it, by nobody else."""
        for request in (PTRACE_ATTACH, PTRACE_SEIZE):
            self._bits("ptrace", 0, request, INT)

    def _personalities(self) -> None:
        """Any bit but the allowed ones, unless all are set (which changes nothing)."""
        top = 1 << 31
        for bit in (1 << n for n in range(31)):
            if not bit & PERSONALITIES:
                self._bits("personality", 0, bit, top | bit)
            self._bits("personality", 0, top, top | bit)
