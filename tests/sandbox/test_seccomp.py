"""The filter of system calls, run here by a small machine for classic BPF: what every call gets,
for both architectures, without making any of the calls."""

from __future__ import annotations

import errno
import os
import struct
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import MissingError
from harness.sandbox import seccomp

ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
I386 = 0x40000003
X32 = 0x40000000
REFUSED, ABSENT = errno.EPERM, errno.ENOSYS
UNSUPPORTED = errno.EAFNOSUPPORT


def ran(program: bytes, arch: int, number: int, *arguments: int) -> int:
    """What the program returns for this call: loads, jumps, masks and returns, no more."""
    given = [n & (1 << 64) - 1 for n in (*arguments, *[0] * (6 - len(arguments)))]
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, arch, 0, *given)
    steps = list(struct.iter_unpack("<HBBI", program))
    at = accumulator = 0
    while True:
        code, yes, no, k = steps[at]
        at += 1
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, k)[0]
        elif code == 0x54:
            accumulator &= k
        elif code == 0x05:
            at += k
        elif code == 0x06:
            return int(k)
        else:
            holds = {0x15: accumulator == k, 0x25: accumulator > k, 0x35: accumulator >= k}[code]
            at += yes if holds else no


def call(name: str, *arguments: int, machine: str = "x86_64") -> int:
    """The errno this call gets on that machine; 0 when it is let through."""
    library: Any = import_module("pyseccomp")
    number = library.resolve_syscall(ARCH[machine], name)
    assert number >= 0, name
    return verdict(ran(seccomp.program(machine), ARCH[machine], number, *arguments))


def verdict(action: int) -> int:
    if action == ALLOW:
        return 0
    assert action & 0xFFFF0000 == ERRNO, hex(action)
    return action & 0xFFFF


@pytest.mark.parametrize("machine", ARCH)
def test_what_gives_power_is_refused(machine: str) -> None:
    for name in (
        *("mount", "umount2", "pivot_root", "move_mount", "open_tree", "fsopen", "mount_setattr"),
        *("setns", "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd"),
        *("io_uring_setup", "io_uring_enter", "io_uring_register", "kexec_load", "init_module"),
        *("process_vm_readv", "process_vm_writev", "pidfd_getfd", "open_by_handle_at", "reboot"),
        *("settimeofday", "swapon", "syslog", "fanotify_init", "quotactl", "kcmp", "chroot"),
    ):
        assert call(name, machine=machine) == REFUSED, name
    assert call("clone3", machine=machine) == ABSENT


@pytest.mark.parametrize("machine", ARCH)
def test_what_programs_need_is_let_through(machine: str) -> None:
    for name in (
        *(
            "read",
            "write",
            "openat",
            "execve",
            "mmap",
            "mprotect",
            "futex",
            "wait4",
            "kill",
            "exit",
        ),
        *("prctl", "seccomp", "landlock_create_ruleset", "memfd_create", "getrandom", "rseq"),
        *("setrlimit", "prlimit64", "sched_setaffinity", "epoll_pwait", "statx", "copy_file_range"),
        *("setsid", "setuid", "fchownat", "utimensat", "symlinkat", "sendmsg", "pidfd_open"),
    ):
        assert call(name, machine=machine) == 0, name


@pytest.mark.parametrize("machine", ARCH)
def test_a_call_is_judged_by_its_arguments(machine: str) -> None:
    thread, fork = 0x3D0F00, 0x1200011
    high = 1 << 40
    for name, arguments, expected in (
        ("clone", (thread,), 0),
        ("clone", (fork,), 0),
        ("clone", (0x10000000 | fork,), REFUSED),
        ("clone", (0x40000000,), REFUSED),
        ("unshare", (0x400 | 0x200,), 0),
        ("unshare", (0x20000,), REFUSED),
        ("unshare", (0x80,), REFUSED),
        ("socket", (1, 1, 0), 0),
        ("socket", (2, 1, 6), 0),
        ("socket", (10, 2, 17), 0),
        ("socket", (16, 3, 0), 0),
        ("socket", (16, 3, 12), UNSUPPORTED),
        ("socket", (17, 3, 0), UNSUPPORTED),
        ("socket", (38, 5, 0), UNSUPPORTED),
        ("socket", (40, 1, 0), UNSUPPORTED),
        ("socket", (high | 17, 3, 0), UNSUPPORTED),
        ("socket", (0, 1, 0), UNSUPPORTED),
        ("ioctl", (0, 0x5413), 0),
        ("ioctl", (0, 0x5412), REFUSED),
        ("ioctl", (0, high | 0x5412), REFUSED),
        ("ioctl", (0, 0x541C), REFUSED),
        ("ptrace", (0,), 0),
        ("ptrace", (16, 1), REFUSED),
        ("ptrace", (0x4206, 1), REFUSED),
        ("fchmodat", (-100, 0, 0o755), 0),
        ("fchmodat", (-100, 0, 0o2775), 0),
        ("fchmodat", (-100, 0, 0o4755), REFUSED),
        ("openat", (-100, 0, 0o101, 0o644), 0),
        ("openat", (-100, 0, 0o101, 0o4755), REFUSED),
        ("openat", (-100, 0, 0, 0o4755), 0),
        ("mknodat", (-100, 0, 0o104755), REFUSED),
    ):
        assert call(name, *arguments, machine=machine) == expected, (name, arguments)


def test_a_personality_is_asked_or_harmless() -> None:
    for value in (0, 8, 0x20000, 0x20008, 0xFFFFFFFF):
        assert call("personality", value) == 0, hex(value)
    for value in (1, 0x10, 0x40000, 0x400000, 0x80000000, 0xFFFFFFFE, 0x7FFFFFFF, 0xFFFFFFF7):
        assert call("personality", value) == REFUSED, hex(value)


def test_another_abi_is_killed() -> None:
    program = seccomp.program("x86_64")
    for arch, number in ((I386, 1), (ARCH["aarch64"], 63), (ARCH["x86_64"], X32 | 1)):
        assert ran(program, arch, number) == KILL
    assert ran(seccomp.program("aarch64"), ARCH["x86_64"], 0) == KILL
    assert ran(seccomp.program("aarch64"), 0x40000028, 3) == KILL


def test_numbers_are_judged_to_the_end_of_the_list_and_absent_after_it() -> None:
    """On the machine we run on; what no list names stays out until somebody has read about it."""
    machine = os.uname().machine
    program, arch = seccomp.program(machine), ARCH[machine]
    for name, number in (("open_tree_attr", 467), ("statmount", 457), ("lsm_list_modules", 461)):
        assert verdict(ran(program, arch, number)) == REFUSED, name
    for number in (452, 462, 463, 466, 468, 469):  # fchmodat2, mseal, *xattrat, file_*attr
        assert verdict(ran(program, arch, number)) == 0, number
    for number in (470, 490, 511):
        assert verdict(ran(program, arch, number)) == ABSENT, number


def test_an_unknown_machine_gets_no_box() -> None:
    with pytest.raises(MissingError) as caught:
        seccomp.program("riscv64")
    assert (caught.value.key, caught.value.exit_code) == ("workspace.seccomp_machine", 4)


def test_without_the_library_no_box_opens(tmp_path: Path) -> None:
    (tmp_path / "pyseccomp.py").write_text("raise RuntimeError('Unable to find libseccomp')\n")
    script = (
        "import asyncio\n"
        "from harness.core.errors import MissingError\n"
        "from harness.sandbox.bubblewrap import Bubblewrap\n"
        "try:\n"
        "    asyncio.run(Bubblewrap().check())\n"
        "except MissingError as error:\n"
        "    print(error.key, error.exit_code, error.facts)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": os.defpath, "PYTHONPATH": f"{tmp_path}:{os.curdir}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("workspace.seccomp_missing 4 ")
    assert "libseccomp" in done.stdout
