"""The ways in which a command of an agent can be run: with no wall, in Boxes of ours, and by
programs that make a sandbox for each command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts import LIMITS
from harness.core.egress_types import EgressPolicy
from harness.core.errors import HarnessError
from harness.core.types import Layout
from harness.i18n.catalogue import Catalogue
from harness.ports.sandbox import Sandbox
from harness.sandbox.bare import BareSandbox
from harness.sandbox.bubblewrap import Bubblewrap
from tests.containers import container

Shell = Callable[[str], Awaitable[tuple[int, str]]]
"""Runs one shell command in the tree: its exit code and what it said."""
PYTHON = os.path.realpath(sys.executable)
ENV = {"PATH": f"{os.defpath}:/usr/local/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
NO_FILTER = """#!{python} -IS
import os, sys
words = sys.argv[1:]
if words[:1] == ["--args"]:
    with os.fdopen(int(words[1]), "rb") as file:
        given = file.read().split(b"\\0")[:-1]
    place = given.index(b"--seccomp")
    os.close(int(given[place + 1]))
    del given[place : place + 2]
    words[1] = str(os.memfd_create("without", 0))
    os.write(int(words[1]), b"".join(word + b"\\0" for word in given))
    os.lseek(int(words[1]), 0, os.SEEK_SET)
os.execv({bwrap!r}, [{bwrap!r}, *words])
"""
"""Stands in bwrap's place and leaves out the filter that the product always asks for: only so can
its cost be told without a switch in the product."""


class Absent(Exception):
    """A way that cannot be had here: one sentence."""


@dataclass(frozen=True)
class Kind:
    """One way. `opened` stands while a session lasts; where nothing is held it costs nothing."""

    name: str
    opened: Callable[[Layout], AbstractAsyncContextManager[Shell]]
    held: bool = True


def spawning(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Shell:
    """A program a command, the command as its last argument."""

    async def run(command: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *argv,
            command,
            cwd=cwd,
            env={**ENV, **env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode("utf-8", "replace")

    return run


def each(name: str, argv: Callable[[Path], Sequence[str]], env: Mapping[str, str] = ENV) -> Kind:
    """A way that holds nothing: `argv` of a tree, for every command anew."""

    @contextlib.asynccontextmanager
    async def opened(layout: Layout) -> AsyncIterator[Shell]:
        yield spawning(argv(layout.tree), layout.tree, {"HOME": str(layout.tree.parent), **env})

    return Kind(name, opened, held=False)


def box(name: str, sandbox: Sandbox, egress: EgressPolicy | None = None) -> Kind:
    """A Box of ours, one a session."""

    @contextlib.asynccontextmanager
    async def opened(layout: Layout) -> AsyncIterator[Shell]:
        made = await sandbox.open(layout.model_copy(update={"egress": egress}), LIMITS)

        async def run(command: str) -> tuple[int, str]:
            ran = await made.exec(command)
            return ran.exit_code, ran.output

        try:
            yield run
        finally:
            await made.close()

    return Kind(name, opened)


def bwrap_argv(tree: Path) -> list[str]:
    """bubblewrap as little as it can be: the whole machine to be read, no network."""
    argv = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    argv += ["--bind", str(tree), str(tree), "--chdir", str(tree)]
    return [*argv, "--unshare-all", "--die-with-parent", "--", "/bin/bash", "-c"]


PLAIN = "plain process"
NO_WALL = "our runner, no wall"
UNFILTERED = "our Box, no filter of calls"
OURS = "**our Box**"
PROXIED = "our Box, egress proxy"
CONTAINER = "our container Box (Podman)"
BWRAP = "bubblewrap a command"


def unfiltered(folder: Path) -> Bubblewrap:
    """Our Box without its filter, for comparison."""
    program = folder / "bwrap-without-filter"
    found = shutil.which("bwrap") or "bwrap"
    program.write_text(NO_FILTER.format(python=PYTHON, bwrap=found))
    program.chmod(0o755)
    return Bubblewrap(str(program))


def ours(folder: Path) -> list[Kind]:
    """What holds a session; `folder` takes what has to be written for it."""
    return [
        box(NO_WALL, BareSandbox()),
        box(UNFILTERED, unfiltered(folder)),
        box(OURS, Bubblewrap()),
        box(PROXIED, Bubblewrap(), EgressPolicy()),
    ]


def contained() -> Kind:
    """Our container Box. Absent without Podman, runc or root."""
    missing = [name for name in ("podman", "runc") if shutil.which(name) is None]
    if missing:
        raise Absent(f"needs {' and '.join(missing)}")
    if os.getuid() != 0:
        raise Absent("is measured as root only")
    return box(CONTAINER, container())


def here(tree: Path) -> Layout:
    """A tree with the Python of this benchmark and its pytest, each at its own path."""
    venv = sys.prefix
    return Layout(tree=tree, read_only={p: p for p in (sys.base_prefix, venv)}, env={})


@contextlib.asynccontextmanager
async def all_opened(
    kinds: Sequence[Kind], layout: Layout, missing: dict[str, str]
) -> AsyncIterator[dict[str, Shell]]:
    """Every way opened over one tree and tried once; one that fails is told in `missing`."""
    async with AsyncExitStack() as stack:
        shells: dict[str, Shell] = {}
        for kind in kinds:
            try:
                shell = await stack.enter_async_context(kind.opened(layout))
                code, said = await shell("true")
            except HarnessError as error:
                missing[kind.name] = Catalogue("en")(error.key, **error.facts)
                continue
            except (Absent, OSError) as error:
                missing[kind.name] = str(error)
                continue
            if code:
                missing[kind.name] = f"`true` ended with {code}: {last_line(said)}"
            else:
                shells[kind.name] = shell
        yield shells


def last_line(text: str) -> str:
    """The last line that says something, short."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "nothing was said"
