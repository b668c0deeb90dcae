"""Boxes by a container engine of this machine: Docker or Podman, by its command line. The same
runner, carried by the engine's standard input and output; the image brings the tools."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.core.errors import MissingError, SandboxError
from harness.core.types import BoxLimits, Layout
from harness.sandbox import seccomp
from harness.sandbox.box import Carrier, PipeBox, runner_command
from harness.sandbox.egress import Egress
from harness.sandbox.layout import HOME, INSIDE, binds, synthetic, with_defaults
from harness.sandbox.limits import Cgroup, group_of
from harness.sandbox.proxy_session import Proxy, ProxySession, open_proxy
from harness.system.process import SYSTEM_PATH, ProcessResult, engine_environment, run

ASK_S = 30.0
NAMED = "harness-"


class Container:
    """Sandbox by an engine. `engine` is the command with its global options; `arguments` go to
    each `run`. The image needs python3 (3.9 or later), a shell and `env`; it is never fetched."""

    def __init__(
        self,
        engine: Sequence[str] = ("docker",),
        image: str = "",
        arguments: Sequence[str] = (),
        proxy: Proxy = Egress,
    ) -> None:
        self._engine = tuple(engine)
        self._image = image
        self._arguments = tuple(arguments)
        self._proxy = proxy
        self._podman: bool | None = None

    @property
    def name(self) -> str:
        return "container"

    async def check(self) -> None:
        """Opens a Box and runs a command in it."""
        if not self._image:
            raise MissingError("workspace.container_no_image")
        found = await self._ask("image", "inspect", "--format", "{{.Id}}", self._image)
        if found.exit_code != 0:
            raise MissingError(
                "workspace.container_image",
                image=self._image,
                engine=self._engine[0],
                reason=_line(found.stderr),
            )
        with tempfile.TemporaryDirectory(prefix="harness-check-") as folder:
            try:
                box = await self.open(Layout(tree=Path(folder)), BoxLimits(command_s=20))
                try:
                    ran = await box.exec("echo ready > /work/x && cat /work/x")
                finally:
                    await box.close()
            except SandboxError as error:
                reason = str(error.facts.get("reason", error.key))
                raise self._refusal(reason) from error
        if ran.output != "ready\n":
            raise self._refusal(ran.output[:200])

    async def open(self, layout: Layout, limits: BoxLimits) -> PipeBox:
        """`layout.env` is completed as in every Box. MissingError, SandboxError."""
        async with open_proxy(with_defaults(layout), self._proxy) as (full, way):
            return await self._launch(full, limits, way)

    async def _launch(self, full: Layout, limits: BoxLimits, way: ProxySession | None) -> PipeBox:
        name = f"{NAMED}{os.getpid()}-{secrets.token_hex(6)}"
        program = self._program()
        podman = await self._is_podman()
        # beside the engine's own profile: Podman's lets a container make user namespaces
        calls = await asyncio.to_thread(seccomp.program)
        shown = Path(tempfile.mkdtemp(prefix="harness-shown-"))

        async def find() -> tuple[int, Cgroup | None]:
            return await self._find(name)

        try:
            argv = (
                *(program, *self._engine[1:], "run", "--name", name),
                *_profile(full, limits, podman=podman),
                *_mounts(full, _write_files(full, shown)),
                *(*self._arguments, "--entrypoint", "env", self._image),
                *("-i", f"PATH={full.env['PATH']}", *runner_command("python3", INSIDE)),
            )
            return await PipeBox.launch(
                argv,
                full,
                limits,
                contained=True,
                litter=(shown,),
                carrier=Carrier(engine_environment(), calls, find, shown),
                way=way,
            )
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, shown, ignore_errors=True)
            raise

    async def _find(self, name: str) -> tuple[int, Cgroup | None]:
        """The Box's first process as we see it. An engine on another machine has none for us, and
        what we cannot see we cannot stop: SandboxError."""
        said = await self._ask("inspect", "--format", "{{.State.Pid}}", name)
        pid = int(said.stdout) if said.stdout.strip().isdigit() else 0
        if pid <= 1 or not await asyncio.to_thread(_holds, pid):
            await self._ask("kill", name)
            raise SandboxError("workspace.container_far", reason=_line(said.stderr) or str(pid))
        return pid, await asyncio.to_thread(group_of, pid)

    async def _is_podman(self) -> bool:
        """Whatever the program is called: some systems give Podman the other's name."""
        if self._podman is None:
            said = await self._ask("--version")
            self._podman = b"podman" in said.stdout.lower()
        return self._podman

    async def _ask(self, *words: str) -> ProcessResult:
        argv = (self._program(), *self._engine[1:], *words)
        done = await run(argv, cwd=Path("/"), env=engine_environment(), timeout_s=ASK_S)
        if done.timed_out:
            raise self._refusal(f"{words[0]}: {int(ASK_S)} s")
        return done

    def _program(self) -> str:
        wanted = self._engine[0] if self._engine else ""
        found = shutil.which(wanted, path=SYSTEM_PATH)
        if found is None:
            raise MissingError("workspace.container_missing", program=wanted)
        return found

    def _refusal(self, reason: str) -> MissingError:
        return MissingError(
            "workspace.container_refused", engine=self._engine[0], image=self._image, reason=reason
        )


def _line(text: bytes) -> str:
    return text.decode("utf-8", "replace").strip()[-300:]


def _holds(pid: int) -> bool:
    """This process is the first of a namespace below ours, not just any with that number."""
    try:
        text = Path("/proc", str(pid), "status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(line.split()[-1] == "1" for line in text.splitlines() if line.startswith("NSpid:"))


def _profile(layout: Layout, limits: BoxLimits, *, podman: bool) -> list[str]:
    """Everything but the mounts, the operator's own arguments and the command."""
    small = max(limits.memory_bytes // 8, 1 << 20)
    argv = ["--rm", "--interactive", "--pull", "never", "--log-driver", "none", "--read-only"]
    argv += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--ipc", "private"]
    argv += ["--network", "none"]
    argv += ["--hostname", layout.host, "--workdir", layout.inside]
    argv += ["--user", f"{os.getuid()}:{os.getgid()}", "--no-healthcheck", "--ulimit", "core=0"]
    argv += ["--memory", str(limits.memory_bytes), "--memory-swap", str(limits.memory_bytes)]
    if limits.processes:
        argv += ["--pids-limit", str(limits.processes)]
    argv += ["--shm-size", str(small), "--tmpfs", f"{HOME}:rw,exec,nosuid,nodev,size={small}"]
    half = max(limits.memory_bytes // 2, 1 << 20)
    if "/tmp" not in layout.writable.values():  # an engine takes one mount a place
        argv += ["--tmpfs", f"/tmp:rw,exec,nosuid,nodev,mode=1777,size={half}"]
    if podman:
        argv += ["--read-only-tmpfs=false", "--cgroupns", "private", "--http-proxy=false"]
        if os.getuid() != 0:
            argv += ["--userns", "keep-id"]
    return argv


def _write_files(layout: Layout, folder: Path) -> Mapping[str, str]:
    """Path on the host -> path inside of the files that name people and hosts."""
    folder.chmod(0o755)
    texts = synthetic(layout, os.getuid(), os.getgid())
    texts["/etc/resolv.conf"] = ""
    found = {}
    for inside, text in texts.items():
        file = folder / Path(inside).name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)
        found[str(file)] = inside
    return found


def _mounts(layout: Layout, shown: Mapping[str, str]) -> list[str]:
    argv = []
    for inside, (host, writable) in binds(layout).items():
        argv += ["--mount", _mount(host, inside, writable)]
    for host, inside in shown.items():
        argv += ["--mount", _mount(host, inside, False)]
    return argv


def _mount(host: str, inside: str, writable: bool) -> str:
    """One mount as the engines read it: comma-separated values."""
    words = ["type=bind", f"source={host}", f"target={inside}", "bind-propagation=rprivate"]
    if not writable:
        words.append("readonly")
    return ",".join('"' + w.replace('"', '""') + '"' if set('",\n') & set(w) else w for w in words)
