"""The attempts of the escape suite, as data. Braces name facts of the World, escape_contract.py."""

from __future__ import annotations

from dataclasses import dataclass

PROBE = "python3 -I -S escape_probe.py"


@dataclass(frozen=True)
class Attempt:
    """`command` must not end with 0 (127: the program is not there, nothing was tried); `twin`
    must. `of` names the threats and cases of the security notes."""

    name: str
    command: str
    twin: str
    of: str = ""


def _calls() -> tuple[Attempt, ...]:
    """System calls that give power; the twins are what programs need of the same sort."""
    twins = {
        "mount": "mkdir -p d && rmdir d",
        "ptrace": "python3 -c 'import ctypes; exit(ctypes.CDLL(None).ptrace(0, 0, 0, 0))'",
        "personality": (
            "python3 -c 'import ctypes as c; "
            "exit(c.CDLL(None).personality(c.c_ulong(0xffffffff)) < 0)'"
        ),
        "clone3": "python3 -c 'import threading as t; a = t.Timer(0, int); a.start(); a.join()'",
        "io_uring_setup": "python3 -c 'import select; select.epoll().close()'",
        "process_vm_readv": "python3 -c 'import os; os.pipe()'",
    }
    names = (
        *("mount", "umount", "pivot_root", "chroot", "setns", "open_tree", "fsopen", "swapon"),
        *("keyctl", "add_key", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "clone3"),
        *("kexec_load", "init_module", "reboot", "syslog", "quotactl", "open_by_handle_at"),
        *("process_vm_readv", "pidfd_getfd", "ptrace", "ptrace-1", "personality"),
    )
    return tuple(
        Attempt(f"system call {name}", f"{PROBE} reach {name}", twins.get(name, ""), "T21 T23 37")
        for name in names
    )


FILES = (
    Attempt(
        "read a canary anywhere",
        f"{PROBE} find {{turned}} {{toolchain}} / {{home}} {{other}}",
        f"{PROBE} find {{own}} - .",
        "T20 12 34",
    ),
    Attempt("read through a link", "cat link", "ln -sf own.txt l && cat l", "T16 29"),
    Attempt("read through a linked folder", "cat folder{home}/.netrc", "cat ./own.txt", "T16 30"),
    Attempt(
        "read through /proc/self/root",
        "cat /proc/self/root{home}/.netrc || cat /proc/1/root{home}/.netrc",
        "cat /proc/self/cwd/own.txt",
        "T16 33",
    ),
    Attempt(
        "write outside of the tree",
        "for f in ../x /work-evil {other}/x {home}/x /usr/x /etc/x /x /var/x /opt/x /root/x; do "
        "touch $f && exit 0; done; exit 1",
        "touch x ./../$(basename $PWD)/y && rm x y",
        "T17 33",
    ),
    Attempt(
        "write through a link",
        "ln -sfn {other} out; echo x > out/planted; test -e out/planted",
        "mkdir -p real && ln -sfn real in && echo x > in/y && cat real/y",
        "T16 29",
    ),
    Attempt(
        "make what is absent in a protected folder",
        "touch {shown}/absent || mkdir {shown}/dir || ln -s /etc {shown}/ln",
        "mkdir -p mine && touch mine/absent && ln -sf x mine/ln",
        "T18 31",
    ),
    Attempt(
        "move a protected folder away",
        "mv {shown} {shown}.old",
        "mkdir m && mv m m2 && rmdir m2",
        "T19 32",
    ),
    Attempt(
        "change a protected file by a hard link",
        "ln {shown}/a hard && echo x >> hard",
        "ln own.txt hard2 && rm hard2",
        "T18",
    ),
    Attempt("a device", f"{PROBE} device", "mkfifo p && rm p && test -c /dev/null", "T23 37"),
)

POWERS = (
    Attempt("capabilities", f"{PROBE} status CapEff 0", "cat /proc/self/status", "T23"),
    Attempt("capabilities to gain", f"{PROBE} status CapBnd 0", "", "T23"),
    Attempt("new privileges", f"{PROBE} status NoNewPrivs 1", "", "T23"),
    Attempt("no system-call filter", f"{PROBE} status Seccomp 2", "", "T21"),
    *_calls(),
    *(
        Attempt(f"namespace {space} by {way}", f"{PROBE} {way} {space}", "(true) | cat", "T23 37")
        for way in ("unshare", "clone")
        for space in ("user", "mount", "pid", "net", "ipc", "uts")
    ),
    Attempt("nested sandbox", "bwrap --ro-bind / / --unshare-user true", "", "T23"),
    Attempt("keys into a terminal", f"{PROBE} type-key", "stty -a < /dev/tty || true", "T23 37"),
    Attempt("keys into harness's terminal", f"{PROBE} type-key-outside", "", "T23 37"),
    Attempt("a set-user-id file", f"{PROBE} setuid", "touch e && chmod 2755 e && rm e", "T23"),
    Attempt("32-bit system calls", f"{PROBE} old-abi i386", "true", "T21"),
    Attempt("x32 system calls", f"{PROBE} old-abi x32", "true", "T21"),
    Attempt(
        "the kernel's settings",
        f"{PROBE} writable /proc/sys/kernel/core_pattern /proc/sysrq-trigger "
        "/proc/sys/vm/drop_caches /sys/kernel/uevent_helper /sys/fs/cgroup/release_agent",
        "cat /proc/sys/kernel/ostype",
        "T23",
    ),
    Attempt(
        "environment and arguments of others",
        f"{PROBE} spy {{turned}}",
        f"MARK=benign-word {PROBE} spy {{own}}",
        "T22",
    ),
    Attempt("inherited descriptors", f"{PROBE} descriptors", "echo x | cat", "T22"),
)

NETWORK = (
    *(
        Attempt(f"{what} to the host", command, twin, "T25 38")
        for what, command, twin in (
            ("curl", "curl -s -m 3 http://127.0.0.1:{tcp}/", ""),
            ("curl with NO_PROXY=*", "NO_PROXY='*' curl -s -m 3 http://127.0.0.1:{tcp}/", ""),
            ("wget", "wget -q -T 3 -t 1 -O - http://127.0.0.1:{tcp}/", ""),
            ("nc", "nc -w 3 127.0.0.1 {tcp} < /dev/null", ""),
            (
                "ssh",
                "command -v ssh >/dev/null || exit 127; "
                "ssh -o BatchMode=yes -o ConnectTimeout=3 -p {tcp} 127.0.0.1 true; test $? -ne 255",
                "",
            ),
            ("ping", "ping -c 1 -W 2 192.0.2.1", ""),
            ("getent", "timeout 4 getent hosts canary.example.com", "getent passwd $(id -u)"),
            ("/dev/tcp", "exec 3<>/dev/tcp/127.0.0.1/{tcp}", f"{PROBE} serve 4"),
            ("/dev/udp", "exec 3<>/dev/udp/192.0.2.1/53 && echo x >&3", ""),
            ("a TCP socket", f"{PROBE} connect tcp 127.0.0.1 {{tcp}}", f"{PROBE} serve 4"),
            ("a TCP socket over IPv6", f"{PROBE} connect tcp ::1 {{tcp6}}", f"{PROBE} serve 6"),
            ("a UDP socket beyond", f"{PROBE} connect udp 192.0.2.1 53", ""),
            ("a raw socket", f"{PROBE} connect raw 127.0.0.1", ""),
        )
    ),
    Attempt(
        "a host's socket by path",
        f"{PROBE} connect unix {{socket}}",
        "python3 -c 'import socket; a, b = socket.socketpair(); a.send(b\"x\"); b.recv(1)'",
        "T21",
    ),
    Attempt("a host's abstract socket", f"{PROBE} connect abstract {{abstract}}", "", "T21"),
    *(
        Attempt(f"a socket of family {name}", f"{PROBE} family {name}", "", "T21")
        for name in ("packet", "alg", "vsock", "bluetooth", "key", "can", "xdp")
    ),
    *(
        Attempt(f"netlink {name}", f"{PROBE} netlink {number}", twin, "T21")
        for name, number, twin in (
            ("netfilter", 12, "python3 -c 'import socket; socket.if_nameindex()'"),
            ("audit", 9, ""),
            ("generic", 16, ""),
            ("uevent", 15, ""),
            ("socket diagnosis", 4, ""),
        )
    ),
)

GROUPS = {"files": FILES, "powers": POWERS, "network": NETWORK}
BOMBS = {
    "processes": (":(){ :|:& };:; sleep 9", "for i in 1 2 3 4; do sleep 0.01 & done; wait"),
    "memory": (
        "python3 -c 'x = b\"x\" * (8 << 30)'",
        "python3 -c 'x = bytearray(8 << 20)'",
    ),
    "disk": (
        "truncate -s 20G big; dd if=/dev/zero of=big bs=1M count=20000; "
        "while :; do i=$((i+1)); head -c 4M /dev/zero > f$i || exit 1; sleep 0.02; done",
        "rm -f big f*; head -c 1M /dev/zero > small; rm small",
    ),
    "output": ("yes", "seq 1000"),
    "time": ("while :; do :; done", "sleep 0.01"),
}
"""Name -> (bomb, twin): the bomb ends by a limit, the twin works in the same Box after it."""
