"""What hostile code tries inside a Box, one attempt a call: `python3 escape_probe.py ATTEMPT ...`.
Exit 0: it worked. Exit 1: it was refused. Standard library only: it is copied into the Box.

A system call counts as refused when the answer says so (EPERM, EACCES, ENOSYS, no such family):
any other error comes from the kernel's own code behind the door, which is then open."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import platform
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

REFUSED = {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}
# x86_64, aarch64
NUMBERS = {
    "mount": (165, 40),
    "umount": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "setns": (308, 268),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "process_vm_readv": (310, 270),
    "pidfd_getfd": (438, 438),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "clone3": (435, 435),
    "clone": (56, 220),
    "unshare": (272, 97),
    "personality": (135, 92),
    "ptrace": (101, 117),
}
SPACES = {
    "user": 0x10000000,
    "mount": 0x20000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "ipc": 0x8000000,
    "uts": 0x4000000,
    "cgroup": 0x2000000,
    "time": 0x80,
}
FAMILIES = {"packet": 17, "alg": 38, "vsock": 40, "bluetooth": 31, "key": 15, "can": 29, "xdp": 44}
SYSTEM = ("/proc", "/sys", "/usr", "/dev", "/lib", "/lib64", "/bin", "/sbin", "/opt")
library = ctypes.CDLL(None, use_errno=True)


def call(name: str, *given: object) -> bool:
    """True when the kernel's own code was reached."""
    number = NUMBERS[name][platform.machine() == "aarch64"]
    found = library.syscall(ctypes.c_long(number), *map(wide, given or (0,) * 5))
    return found >= 0 or ctypes.get_errno() not in REFUSED


def wide(given: object) -> object:
    return ctypes.c_ulong(given) if isinstance(given, int) else given


def reach(name: str) -> bool:
    """A call with arguments that do nothing where it is allowed."""
    if name == "ptrace":
        with subprocess.Popen(["sleep", "9"]) as other:
            reached = call("ptrace", 16, other.pid, 0, 0)
            other.kill()
        return reached
    if name == "ptrace-1":
        return call("ptrace", 16, 1, 0, 0)
    if name == "personality":
        return call("personality", 0x40000)
    if name == "syslog":
        return call("syslog", 10, 0, 0)
    if name == "reboot":
        return call("reboot", 0, 0, 0, 0)  # wrong magic: EINVAL at the most
    return call(name)


def unshare(space: str) -> bool:
    return call("unshare", SPACES[space])


def clone(space: str) -> bool:
    """As fork, into a namespace of its own."""
    flags = SPACES[space] | signal.SIGCHLD
    number = NUMBERS["clone"][platform.machine() == "aarch64"]
    found = library.syscall(ctypes.c_long(number), *map(wide, (flags, 0, 0, 0, 0)))
    if found == 0:
        os._exit(0)
    return bool(found > 0) or ctypes.get_errno() not in REFUSED


def family(name: str) -> bool:
    try:
        socket.socket(FAMILIES[name], socket.SOCK_RAW if name == "packet" else 5).close()
    except OSError as error:
        return error.errno not in REFUSED | {errno.ESOCKTNOSUPPORT}
    return True


def netlink(protocol: str) -> bool:
    try:
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, int(protocol)).close()
    except OSError as error:
        return error.errno not in REFUSED
    return True


def type_key() -> bool:
    """Pushes a key into a terminal that is ours."""
    master, slave = os.openpty()
    try:
        fcntl.ioctl(slave, 0x5412, b"x")
    except OSError as error:
        return error.errno not in REFUSED
    finally:
        os.close(master)
    return True


def type_key_outside() -> bool:
    """Pushes a key into the terminal that harness was started from."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            fcntl.ioctl(terminal, 0x5412, b"x")
    except OSError:
        return False
    return True


def old_abi(which: str) -> bool:
    """getpid by the 32-bit gate, or by the x32 numbers, in a child: it may be killed for it."""
    if platform.machine() != "x86_64":
        return False
    code = {
        "i386": b"\xb8\x14\x00\x00\x00\xcd\x80\xc3",
        "x32": b"\xb8\x27\x00\x00\x40\x0f\x05\xc3",
    }[which]
    script = (
        "import ctypes, mmap, sys\n"
        "m = mmap.mmap(-1, 4096, prot=7)\n"
        f"m.write({code!r})\n"
        "f = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))\n"
        "sys.exit(0 if f() > 0 else 1)\n"
    )
    return subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def status(field: str, wanted: str) -> bool:
    """True when the line of /proc/self/status does not say what it must."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return value.strip().lstrip("0") != wanted.lstrip("0")
    return True


def setuid() -> bool:
    file = Path("escape-setuid")
    file.write_text("x", encoding="utf-8")
    try:
        file.chmod(0o4755)
    except OSError:
        return False
    else:
        return bool(file.stat().st_mode & 0o4000)
    finally:
        file.unlink()


def device() -> bool:
    """A block device made, or one there to be read."""
    made = Path("escape-device")
    with contextlib.suppress(OSError):
        os.mknod(made, 0o60600, os.makedev(254, 0))
        with made.open("rb") as disk:
            disk.read(1)
        return True
    return any(Path(f"/dev/{name}").exists() for name in ("vda", "sda", "mem", "kmsg", "kvm"))


def descriptors() -> bool:
    """Anything open here but pipes and the null device."""
    for entry in os.listdir("/proc/self/fd"):  # noqa: PTH208  the folder itself is one of them
        with contextlib.suppress(OSError):
            target = os.readlink(f"/proc/self/fd/{entry}")  # noqa: PTH115
            if not target.startswith(("/dev/null", "pipe:", f"/proc/{os.getpid()}/fd")):
                return True
    return False


def find(turned: str, leaving_out: str, *folders: str) -> bool:
    """The word (given reversed, so that it is in no argument) in any file below the folders."""
    word = turned[::-1].encode()
    skipped = {*SYSTEM, sys.base_prefix, leaving_out}
    for top in folders:
        for folder, names, files in os.walk(top):
            names[:] = [n for n in names if f"{folder}/{n}".replace("//", "/") not in skipped]
            for name in files:
                path = Path(folder, name)
                with contextlib.suppress(OSError):
                    if path.is_file() and word in path.read_bytes()[: 1 << 20]:
                        return True
    return False


def connect(kind: str, address: str, port: str = "0") -> bool:
    """A stream opened, or a datagram gone."""
    with contextlib.suppress(OSError):
        if kind in ("unix", "abstract"):
            with socket.socket(socket.AF_UNIX) as local:
                local.connect("\0" + address if kind == "abstract" else address)
                return True
        version = socket.AF_INET6 if ":" in address else socket.AF_INET
        if kind == "raw":
            with socket.socket(version, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
                raw.sendto(struct.pack("!BBHHH", 8, 0, 0, 1, 1), (address, 0))
                return True
        sort = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
        with socket.socket(version, sort) as out:
            out.settimeout(3)
            out.connect((address, int(port)))
            out.send(b"x")
            return True
    return False


def serve(version: str) -> bool:
    """The benign twin: a server and a client of one's own, here."""
    with socket.create_server(
        ("::1" if version == "6" else "127.0.0.1", 0),
        family=socket.AF_INET6 if version == "6" else socket.AF_INET,
    ) as server:
        return connect("tcp", *map(str, server.getsockname()[:2]))


def spy(turned: str) -> bool:
    """The word (given reversed) in the environment or the arguments of any process in sight."""
    word = turned[::-1].encode()
    for entry in Path("/proc").iterdir():
        for name in ("environ", "cmdline") if entry.name.isdigit() else ():
            with contextlib.suppress(OSError):
                if word in (entry / name).read_bytes():
                    return True
    return False


def writable(*paths: str) -> bool:
    """Asked for, never tried: what a daemon that is root can change here is the host's."""
    return any(os.access(path, os.W_OK) for path in paths)


def main() -> int:
    attempt, *given = sys.argv[1:]
    worked = globals()[attempt.replace("-", "_")](*given)
    return 0 if worked else 1


if __name__ == "__main__":
    sys.exit(main())
