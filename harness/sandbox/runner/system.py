"""The runner's part of the operating system: processes, seen and ended from inside a Box. Standard
library only, Python 3.9 or later."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, MODE_FILTER = 22, 38, 2


class Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def prctl(option: int, value: int) -> bool:
    """False where the C library has no prctl: the Box works, with one wall less."""
    try:
        return bool(ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def restrict(program: bytes) -> None:
    """Puts this filter of system calls on this process and all that it starts. OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    given = Program(len(program) // 8, program)
    for option, *rest in (
        (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(given)),
    ):
        if library.prctl(option, *rest) != 0:
            raise OSError(ctypes.get_errno(), "no filter of system calls")


def parents() -> dict[int, int]:
    """pid -> parent's pid of every process that can be seen."""
    found = {}
    for name in os.listdir("/proc"):  # noqa: PTH208  a Path for each of them costs too much
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                text = Path("/proc", name, "stat").read_text(errors="replace", encoding="utf-8")
                found[int(name)] = int(text.rpartition(")")[2].split()[1])
    return found


def descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for pid, parent in parents().items():
        children.setdefault(parent, []).append(pid)
    found, queue = [], [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def kill(pid: int, sign: int, *, group: bool = False) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        (os.killpg if group else os.kill)(pid, sign)


def second(nothing: int) -> None:
    """Returns in a child. Process 1 of a container cannot be killed from within, and a runner
    that was killed must end its Box: so process 1 only waits for it."""
    prctl(PR_SET_DUMPABLE, 0)  # nobody looks into process 1 either: it had an environment
    child = os.fork()
    if child == 0:
        return
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    while os.wait()[0] != child:
        pass
    os._exit(0)
