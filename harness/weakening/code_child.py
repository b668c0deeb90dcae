"""Reads tests in C and C++ in a process of its own: a list of paths and texts from standard input,
a line for each to standard output. Its parsers can overflow, hang and take all memory, so the
process has bounds, no files, no network and no other program; how it ends is the parent's to see.
"""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any, Final

from harness.syntax.tree import parse_native
from harness.system.hardening import harden
from harness.weakening.c_text import prepare
from harness.weakening.code_c import C
from harness.weakening.code_tests import read_code
from harness.weakening.demands import TestFile

MEMORY: Final = 1 << 30
SECONDS: Final = 10
_LEFT: Final = (
    *("read", "write", "readv", "writev", "close", "fstat", "newfstatat", "lseek", "ioctl"),
    *("mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "futex", "exit", "exit_group"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "clock_gettime", "getpid"),
    *("gettimeofday", "getrandom", "sched_yield", "restart_syscall", "tgkill", "gettid", "fcntl"),
)
"""System calls that reading and answering takes. `mmap` of a file needs `open`, which is none."""


def confine() -> None:
    """Nothing but what is here already; before anything that is not ours is read."""
    harden()
    rules = _allowed_calls() if sys.platform == "linux" else None
    bounds = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: SECONDS,
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


def _allowed_calls() -> Any:
    """Every other call ends the process. None where the library is not there: the bounds have to
    do."""
    try:
        library: Any = import_module("pyseccomp")
    except (ImportError, OSError, RuntimeError, AttributeError):
        return None
    rules = library.SyscallFilter(library.KILL_PROCESS)
    for name in _LEFT:
        rules.add_rule(library.ALLOW, name)
    return rules


def read_one(path: str, text: str) -> TestFile | None:
    """The tests of one file; None when they are not understood."""
    try:
        prepared = prepare(text)
    except ValueError:
        return None
    tree = parse_native(prepared.text, path)
    return None if tree is None else read_code(tree, C(prepared.heads))


def main() -> int:
    # both grammars are loaded, and every module that reading takes, before the door closes
    for ending in (".c", ".cc"):
        read_one(f"a{ending}", "TEST(a, b) { EXPECT_EQ(f(1), 2); }\n")
    confine()
    data = sys.stdin.buffer.read()
    for path, text in json.loads(data):
        found = read_one(PurePosixPath(path).name, text)
        answer = "null" if found is None else found.model_dump_json()
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
