"""Other sandboxes of coding agents, to measure beside ours: Anthropic's sandbox-runtime and the
one of Codex. Pinned, installed below .parts/bench when asked for, never part of this repository."""

from __future__ import annotations

import asyncio
import contextlib
import json
import platform
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from benchmarks.safety_ways import ENV, Absent, Kind, Shell, each, last_line
from harness.core.types import Layout

PARTS = Path(__file__).parent.parent / ".parts" / "bench"
RUNTIME = ("@anthropic-ai/sandbox-runtime", "0.0.78")  # 0.0.79 and later want a newer Node
CODEX = ("@openai/codex", "0.169.0")
SRT = "sandbox-runtime, `srt` a command"
SRT_HELD = "sandbox-runtime, kept in one Node"
CODEX_COMMAND = "Codex, `codex sandbox` a command"
CODEX_HELPER = "Codex, its helper alone a command"
INSTALL_S = 600
READY_S = 60
LINE = 16 << 20
HELD = """
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
const [at, tree] = process.argv.slice(2);
const { SandboxManager } = await import(at);
const say = (answer) => console.log(JSON.stringify(answer));
await SandboxManager.initialize({
  network: { allowedDomains: [], deniedDomains: [] },
  filesystem: { denyRead: [], allowWrite: [tree], denyWrite: [] },
});
say({ code: 0, said: '' });
for await (const line of createInterface({ input: process.stdin })) {
  const wrapped = await SandboxManager.wrapWithSandbox(JSON.parse(line));
  const child = spawn(wrapped, { shell: true, cwd: tree, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { said += data; });
  const code = await new Promise((done) => child.on('close', done));
  SandboxManager.cleanupAfterCommand();
  say({ code, said });
}
await SandboxManager.reset();
"""
"""As a program that lives as long as a session uses sandbox-runtime: Node and its proxies start
once, each command is wrapped and spawned."""


def peers(folder: Path) -> tuple[list[Kind], dict[str, str]]:
    """The ways that could be had, and a sentence for each that could not. `folder` takes what has
    to be written for them."""
    kinds: list[Kind] = []
    missing: dict[str, str] = {}
    for names, made in (((SRT, SRT_HELD), runtime), ((CODEX_COMMAND, CODEX_HELPER), codex)):
        try:
            kinds += made(folder)
        except Absent as error:
            missing |= dict.fromkeys(names, str(error))
    return kinds, missing


def installed(package: str, version: str) -> Path:
    """Its node_modules; fetched the first time, which is said. Absent with the reason."""
    home = PARTS / f"{package.split('/')[-1]}-{version}"
    mark = home / ".whole"
    if not mark.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise Absent("needs Node.js 20 or newer with npm")
        home.mkdir(parents=True, exist_ok=True)
        argv = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        argv += ["--prefix", str(home), f"{package}@{version}"]
        print(f"installing {package} {version} into .parts/bench, once", flush=True)
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=INSTALL_S)
        except subprocess.TimeoutExpired:
            raise Absent(f"{package} {version} could not be installed in time") from None
        if done.returncode:
            why = last_line(done.stderr)
            raise Absent(f"{package} {version} could not be installed: {why}")
        mark.touch()
    return home / "node_modules"


def runtime(folder: Path) -> list[Kind]:
    """sandbox-runtime with no network and writes in the tree alone. By its command, and as a
    library that stays."""
    needed = {"node": "Node.js", "bwrap": "bubblewrap", "socat": "socat", "rg": "ripgrep"}
    lacking = [what for program, what in needed.items() if shutil.which(program) is None]
    if lacking:
        raise Absent(f"needs {', '.join(lacking)}: install with the system's package manager")
    package = installed(*RUNTIME) / RUNTIME[0]
    node = str(shutil.which("node"))
    held = folder / "held.mjs"
    held.write_text(HELD)

    def argv(tree: Path) -> list[str]:
        settings = folder / "srt.json"
        filesystem = {"denyRead": [], "allowWrite": [str(tree)], "denyWrite": []}
        network: dict[str, list[str]] = {"allowedDomains": [], "deniedDomains": []}
        settings.write_text(json.dumps({"network": network, "filesystem": filesystem}))
        return [node, str(package / "dist" / "cli.js"), "--settings", str(settings), "-c"]

    start = (node, str(held), str(package / "dist" / "index.js"))
    return [each(SRT, argv), Kind(SRT_HELD, _kept(start))]


def _kept(
    start: Sequence[str],
) -> Callable[[Layout], contextlib.AbstractAsyncContextManager[Shell]]:
    @contextlib.asynccontextmanager
    async def opened(layout: Layout) -> AsyncIterator[Shell]:
        process = await asyncio.create_subprocess_exec(
            *start,
            str(layout.tree),
            env={**ENV, "HOME": str(layout.tree.parent)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answers = process.stdin, process.stdout

        async def answer() -> tuple[int, str]:
            line = await answers.readline()
            if not line:
                raise Absent("sandbox-runtime ended by itself")
            told = json.loads(line)
            return int(told["code"]), str(told["said"])

        async def run(command: str) -> tuple[int, str]:
            asked.write(json.dumps(command).encode() + b"\n")
            return await answer()

        try:
            async with asyncio.timeout(READY_S):
                await answer()
            yield run
        finally:
            asked.close()
            await process.wait()

    return opened


def codex(folder: Path) -> list[Kind]:
    """The sandbox of the Codex CLI, its own `workspace` profile: no network, the machine to be
    read, writes in the tree. By its command, and by the helper program that a session of it starts
    for each command, given what the command gave it."""
    packages = installed(*CODEX)
    pattern = f"@openai/codex-linux-*/vendor/{platform.machine()}-*/bin/codex"
    program = next(iter(packages.glob(pattern)), None)
    if program is None:
        raise Absent(f"Codex {CODEX[1]} has no program for this machine")
    home = PARTS / "codex-home"  # it refuses one below the folder for temporary files
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(
        "check_for_update_on_startup = false\n[analytics]\nenabled = false\n"
    )
    env = {"CODEX_HOME": str(home)}
    helper = folder / "codex-linux-sandbox"
    helper.symlink_to(program)
    command = (str(program), "sandbox", "-P", ":workspace", "--")

    def given(tree: Path) -> list[str]:
        """The helper's arguments, read off a sandbox that the command made."""
        argv = (*command, "cat", "/proc/1/cmdline")
        done = subprocess.run(argv, cwd=tree, env={**ENV, **env}, capture_output=True, timeout=60)
        words = done.stdout.decode().split("\0")
        if "--apply-seccomp-then-exec" not in words:
            raise Absent("its helper's arguments are not known in this version")
        words = words[1 : words.index("--apply-seccomp-then-exec")]
        return [str(helper), *words, "--", "/bin/bash", "-c"]

    return [
        each(CODEX_COMMAND, lambda tree: (*command, "/bin/bash", "-c"), env),
        each(CODEX_HELPER, given, env),
    ]
