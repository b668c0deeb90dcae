"""A process that reads what strangers wrote, made unable to do anything else: bounds on memory and
time, no files, no network, no other program, few system calls."""

from __future__ import annotations

import errno
import resource
import sys
from importlib import import_module
from typing import Any, Final

from harness.system.hardening import harden

MEMORY: Final = 1 << 30
SECONDS: Final = 10
_LEFT: Final = (
    *("read", "write", "readv", "writev", "close", "fstat", "newfstatat", "lseek", "ioctl"),
    *("mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "futex", "exit", "exit_group"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "clock_gettime", "getpid"),
    *("gettimeofday", "getrandom", "sched_yield", "restart_syscall", "tgkill", "gettid", "fcntl"),
)
"""System calls that reading and answering takes. `mmap` of a file needs `open`, which is none."""
_OPENING: Final = ("open", "openat", "stat", "lstat", "access", "readlink", "getcwd", "getdents64")


def confine(*, seconds: int = SECONDS, looks: bool = False) -> None:
    """Nothing but what is here already; before anything that is not ours is read. `looks`: a
    library that looks for a file is told that it is not there, instead of being ended."""
    harden()
    rules = _allowed_calls(looks) if sys.platform == "linux" else None
    bounds = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 3,
    }
    for what, most in bounds.items():
        hard = resource.getrlimit(what)[1]
        left = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (left, left))
    if rules is not None:
        rules.load()


def _allowed_calls(looks: bool) -> Any:
    """Every other call ends the process. None where the library is not there: the bounds have to
    do."""
    try:
        library: Any = import_module("pyseccomp")
    except (ImportError, OSError, RuntimeError, AttributeError):
        return None
    rules = library.SyscallFilter(library.KILL_PROCESS)
    for name in _LEFT:
        rules.add_rule(library.ALLOW, name)
    for name in _OPENING if looks else ():
        rules.add_rule(library.ERRNO(errno.ENOENT), name)
    return rules
