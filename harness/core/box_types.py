"""What goes into a sandbox and a workspace, and what comes out. Pure values."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from harness.core.base import Value
from harness.core.egress_types import EgressPolicy, Refusal


class Service(Value):
    """A server that runs beside the commands of a Box, in its own network: `start` is shell that
    returns when it takes connections. `host`: a name of it beside localhost. `programs`: any
    of them is needed. `wanted`, `found`: the version that the project asks for, the one that is
    there; "" when it is not said."""

    name: str
    start: str
    programs: tuple[str, ...] = ()
    host: str = ""
    wanted: str = ""
    found: str = ""


class BoxLimits(Value):
    """Bounds on one Box. Bytes and seconds; 0 processes means the sandbox's own default."""

    memory_bytes: int = 4 << 30
    disk_bytes: int = 8 << 30
    processes: int = 512
    command_s: float = 600.0
    output_bytes: int = 256 * 1024


class Layout(Value):
    """What a Box sees. `tree` is bound read-write at its own path `inside`; `read_only` maps
    host paths to paths inside; `writable` likewise (the environment set-up, an output folder).
    `env` is the whole environment. `egress`: what it may reach; None is no network at all.
    `made`: path in the tree -> text, written there from inside where the tree has no such file.
    `first`: a command for the beginning; what comes of it is not asked. `services`: what is started
    in it before its first command. `user`, `host`: what both are called inside, where a sandbox
    can name them."""

    tree: Path
    inside: str = "/work"
    read_only: dict[str, str] = {}
    writable: dict[str, str] = {}
    env: dict[str, str] = {}
    made: dict[str, str] = {}
    first: str = ""
    egress: EgressPolicy | None = None
    services: tuple[Service, ...] = ()
    user: str = "agent"
    host: str = "harness"


class CommandResult(Value):
    """What a command did. `output` is stdout and stderr as they came, decoded with replacement,
    NUL and escape sequences removed, cut in the middle to the output limit (`cut` = bytes left
    out). 137 with `killed` naming why: memory, disk, time, refused."""

    exit_code: int
    output: str
    cut: int = 0
    timed_out: bool = False
    killed: str = ""
    cwd: str
    duration_s: float


class SearchHit(Value):
    """One hit of a search; `line` counts from 1."""

    path: str
    line: int
    text: str


class Environment(Value):
    """What the project's commands need beside the tree, made once per (lock files, base,
    command) and mounted read-only. `id` is that key. `made`, `services`: see Layout. `refused`:
    what its set-up was not let out to. `place` puts what set-up compiled into a tree with the same
    sources, `build` compiles it for any other; "" when there is nothing of the kind."""

    id: str
    read_only: dict[str, str] = {}
    env: dict[str, str] = {}
    made: dict[str, str] = {}
    place: str = ""
    build: str = ""
    services: tuple[Service, ...] = ()
    log: str = ""
    refused: tuple[Refusal, ...] = ()


class FileChange(Value):
    """One path between two trees. Modes are git's ("100644"; "" = absent)."""

    path: str
    status: Literal["added", "modified", "deleted"]
    old_mode: str = ""
    new_mode: str = ""
    binary: bool = False
    added: int = 0
    removed: int = 0
    size: int = 0


class TreeEntry(Value):
    """What stands at a path of a tree: git's mode ("120000" is a link) and its bytes."""

    mode: str
    size: int


class MergedTree(Value):
    """A three-way merge of trees. `conflicts` lists paths whose text holds conflict marks."""

    tree: str
    conflicts: tuple[str, ...] = ()
