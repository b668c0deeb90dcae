"""What the walls cost from inside: a system call under the filter, a request through the proxy."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Table, shown
from benchmarks.safety_rounds import Times, more, turns
from benchmarks.safety_ways import PLAIN, PYTHON, Kind, Shell, box, here
from harness.sandbox.bare import BareSandbox
from harness.sandbox.bubblewrap import Bubblewrap
from tests.security.outside import Outside, certificate, outside

CALLED = ("getpid", "openat")
CALLS = """
import ctypes, json, sys, time
libc = ctypes.CDLL(None)
times = int(sys.argv[1])
def getpid():
    libc.getpid()
def openat():
    libc.close(libc.open(b"/dev/null", 0))
def nothing():
    libc.abs(1)
found = {}
for call in (nothing, getpid, openat):
    best = []
    for _ in range(40):  # each shorter than a turn of the processor: the best was not disturbed
        began = time.thread_time_ns()
        for _ in range(times):
            call()
        best.append((time.thread_time_ns() - began) / times)
    found[call.__name__] = min(best)
print(json.dumps(found))
"""
ASKING = """
import json, ssl, sys, time, urllib.request
context = ssl.create_default_context(cafile=sys.argv[3])
context.check_hostname = False
opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
found = []
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    assert opener.open(sys.argv[1], timeout=20).read() == b"out"
    found.append(time.perf_counter() - began)
print(json.dumps(found))
"""


async def call_costs(
    shells: Mapping[str, Shell], loops: int, times: int
) -> dict[str, dict[str, float]]:
    """Way -> call -> nanoseconds of the processor: the best of `times` rounds of forty, the loop's
    own time taken off. The best, because all that disturbs a loop only adds to it."""
    command = f"{PYTHON} -I -S -c {shlex.quote(CALLS)} {loops}"
    found: dict[str, list[dict[str, float]]] = {way: [] for way in shells}
    for number in range(times):
        for way in turns(tuple(shells), number):
            code, said = await shells[way](command)
            if code:
                raise RuntimeError(f"{way}: {said[-500:]}")
            found[way].append(json.loads(said.splitlines()[-1]))
    return {way: best(all_of) for way, all_of in found.items()}


def best(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The least of each call over the rounds, without what the loop itself takes."""
    least = {call: min(one[call] for one in rounds) for call in ("nothing", *CALLED)}
    return {call: least[call] - least["nothing"] for call in CALLED}


def call_table(found: Mapping[str, Mapping[str, float]]) -> Table:
    """A row a way, and what it adds to a call outside of everything."""
    base = found[PLAIN]
    rows = [
        (
            way,
            shown(ns["getpid"]),
            more(ns["getpid"], base["getpid"]),
            shown(ns["openat"]),
            more(ns["openat"], base["openat"]),
        )
        for way, ns in found.items()
    ]
    head = ("a system call, ns", "getpid", "over plain", "openat and close", "over plain")
    return Table("A system call, from a loop in Python (the best, in turns):", head, tuple(rows))


STRAIGHT, THROUGH = "straight", "through the proxy"


async def requests(folder: Path, each: int, times: int) -> dict[str, Times]:
    """HTTPS requests to a server of this machine, `times` times `each`, from a runner without a
    wall and from a Box through its proxy. One connection a request."""
    pem = certificate(folder)
    tree = folder / "asking"
    tree.mkdir()
    text = pem.read_text()  # the certificate alone goes inside, not its key
    (tree / "ca.pem").write_text(text[text.index("-----BEGIN CERTIFICATE") :])
    (tree / "asking.py").write_text(ASKING)
    found: dict[str, list[float]] = {STRAIGHT: [], THROUGH: []}
    async with outside(pem) as made, contextlib.AsyncExitStack() as stack:
        shells: dict[str, tuple[Shell, str]] = {}
        for way, (kind, host) in _roads(made).items():
            shells[way] = (await stack.enter_async_context(kind.opened(here(tree))), host)
        for number in range(times + 1):  # the first warms
            for way in turns(tuple(shells), number):
                shell, host = shells[way]
                address = f"https://{host}:{made.port}/"
                code, said = await shell(f"{PYTHON} -I asking.py {address} {each} ca.pem")
                if code:
                    raise RuntimeError(f"{way}: {said[-500:]}")
                if number:
                    found[way] += json.loads(said.splitlines()[-1])
    return {way: Times(tuple(all_of)) for way, all_of in found.items()}


def _roads(made: Outside) -> dict[str, tuple[Kind, str]]:
    policy = made.policy("allowed.test")
    return {
        STRAIGHT: (box(STRAIGHT, BareSandbox()), "127.0.0.1"),
        THROUGH: (box(THROUGH, Bubblewrap(proxy=made.proxy), policy), "allowed.test"),
    }
