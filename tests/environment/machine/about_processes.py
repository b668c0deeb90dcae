"""Processes, their bounds and their ways to talk."""

from __future__ import annotations

import asyncio
import concurrent.futures
import fcntl
import multiprocessing
import os
import pty
import resource
import select
import shutil
import signal
import stat
import subprocess
import sys
import termios
import threading
import time
from multiprocessing import shared_memory
from pathlib import Path
from typing import Any

LONG_S = 30.0


def standard_input() -> Any:
    return sys.stdin is not None and sys.stdin.isatty(), os.read(0, 10).decode()


def standard_output() -> Any:
    kinds = [stat.S_IFMT(os.fstat(handle).st_mode) == stat.S_IFIFO for handle in (1, 2)]
    return kinds, sys.stdout.isatty(), sys.stderr.isatty()


def terminal_of_the_process() -> Any:
    with Path("/dev/tty").open() as terminal:
        return terminal.fileno()


def size_of_the_terminal() -> Any:
    return tuple(shutil.get_terminal_size())


def new_terminal() -> Any:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, b"\x10\0\x20\0\0\0\0\0")
    os.write(theirs, b"ping\n")
    found = (
        os.read(ours, 100).decode(),
        os.isatty(theirs),
        os.ttyname(theirs).startswith("/dev/pts/"),
    )
    os.close(ours)
    os.close(theirs)
    return found


def child_with_a_terminal() -> Any:
    pid, ours = pty.fork()
    if pid == 0:
        os.write(1, b"yes" if os.isatty(0) and Path("/dev/tty").exists() else b"no")
        os._exit(0)
    found = os.read(ours, 100).decode()
    os.waitpid(pid, 0)
    os.close(ours)
    return found


def _square(number: int) -> int:
    return number * number


def pool_of_processes() -> Any:
    found = {}
    for method in ("fork", "forkserver", "spawn"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            found[method] = pool.map(_square, range(4))
    return found


def executor_of_processes() -> Any:
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        return list(pool.map(_square, range(4)))


def semaphore() -> Any:
    with multiprocessing.Semaphore(1), multiprocessing.Lock():
        return True


def shared_block() -> Any:
    block = shared_memory.SharedMemory(create=True, size=1 << 20)
    held = block.buf
    assert held is not None
    held[0] = 7
    del held
    block.close()
    block.unlink()
    return True


def manager_of_objects() -> Any:
    with multiprocessing.Manager() as manager:
        return list(manager.list([1, 2]))


def many_threads() -> Any:
    ended = threading.Barrier(65)
    for _ in range(64):
        threading.Thread(target=ended.wait).start()
    ended.wait(LONG_S)
    return True


def many_children() -> Any:
    children = [subprocess.Popen(["sleep", "60"]) for _ in range(50)]
    for child in children:
        child.terminate()
    return sorted({child.wait(LONG_S) for child in children})


def group_of_processes() -> Any:
    child = subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True)
    leads = os.getpgid(child.pid) == child.pid == os.getsid(child.pid)
    os.killpg(child.pid, signal.SIGTERM)
    return leads, child.wait(LONG_S)


def dispositions_of_signals() -> Any:
    asked = ("SIGINT", "SIGPIPE", "SIGCHLD", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGQUIT", "SIGTSTP")
    return {
        name: str(signal.getsignal(getattr(signal, name))) for name in asked if name != "SIGINT"
    } | {"blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, []))}


def signals_of_a_child() -> Any:
    text = subprocess.run(
        ["grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"], capture_output=True, text=True
    )
    return text.stdout


def alarm() -> Any:
    came = []
    old = signal.signal(signal.SIGALRM, lambda *_: came.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    end = time.monotonic() + LONG_S
    while not came and time.monotonic() < end:
        time.sleep(0.005)
    signal.signal(signal.SIGALRM, old)
    return came


def interrupted_child() -> Any:
    code = "import signal, os; os.kill(os.getpid(), signal.SIGINT)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True).returncode


def orphan() -> Any:
    """A child of a child that outlives it has a parent and can be seen and ended."""
    shown = subprocess.run(
        ["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"], capture_output=True, text=True
    )
    pid = int(shown.stdout)
    os.kill(pid, 0)
    os.kill(pid, signal.SIGKILL)
    return True


def exit_codes() -> Any:
    return [
        subprocess.run(["sh", "-c", text]).returncode
        for text in ("exit 3", "kill -9 $$", "no-such")
    ]


def events_of_processes() -> Any:
    async def talk() -> str:
        process = await asyncio.create_subprocess_exec(
            "cat", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        out, _ = await process.communicate(b"ping")
        return out.decode()

    return asyncio.run(talk())


def handle_of_a_process() -> Any:
    child = subprocess.Popen(["true"])
    handle = os.pidfd_open(child.pid)
    ready, _, _ = select.select([handle], [], [], LONG_S)
    os.close(handle)
    return bool(ready), child.wait()


def own_process() -> Any:
    status = Path("/proc/self/status").read_text()
    return "VmRSS" in status, Path("/proc/self/exe").exists(), Path("/proc/self/cmdline").exists()


def figures_of_the_machine() -> Any:
    names = ("meminfo", "cpuinfo", "stat", "uptime", "loadavg", "mounts", "version", "net/dev")
    return {name: bool(Path("/proc", name).read_text()) for name in names}


def processors() -> Any:
    return os.cpu_count(), len(os.sched_getaffinity(0)), os.sysconf("SC_NPROCESSORS_ONLN")


def bounds() -> Any:
    asked = ("NOFILE", "STACK", "CORE", "AS", "DATA", "CPU", "MEMLOCK", "SIGPENDING")
    return {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in asked}


def bound_of_file_sizes() -> Any:
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] in (resource.RLIM_INFINITY, 8 << 30)


def many_open_files() -> Any:
    handles = [os.open("/dev/null", os.O_RDONLY) for _ in range(900)]
    for handle in handles:
        os.close(handle)
    return len(handles)


def inherited_descriptors() -> Any:
    """What a program finds open beside its three."""
    code = "import os; print([n for n in sorted(map(int, os.listdir('/proc/self/fd')))][:-1])"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, close_fds=False
    ).stdout


def priority() -> Any:
    return os.getpriority(os.PRIO_PROCESS, 0), os.nice(0)


def deep_stack() -> Any:
    code = (
        "import sys; sys.setrecursionlimit(4000)\ndef f(n): return n and f(n - 1)\nprint(f(3000))"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout


def much_memory() -> Any:
    return len(bytearray(200 << 20))


def programs() -> Any:
    wanted = (
        "sh",
        "bash",
        "git",
        "grep",
        "sed",
        "awk",
        "tar",
        "gzip",
        "find",
        "make",
        "cc",
        "python3",
    )
    return {name: shutil.which(name) is not None for name in wanted}


def names_of_the_interpreter() -> Any:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; print(sys.prefix)"], capture_output=True
    )
    return bool(sys.executable), done.returncode, bool(shutil.which("python3"))
