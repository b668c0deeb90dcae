"""Images that services may be started from where the machine has no such program: exported by a
container engine, unpacked once, run inside the Box like every other program. No container is ever
started, nothing is fetched, and nothing of an image runs outside a Box."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import shutil
from pathlib import Path

from harness.core.base import Value
from harness.core.errors import SandboxError
from harness.core.services import ServiceWish, name_of_image, version_of_image
from harness.core.types import BoxLimits, Layout
from harness.environment import unpacking
from harness.ports.sandbox import Sandbox
from harness.system.files import atomic_write, remove_tree
from harness.system.locks import Lock, lock_of
from harness.system.process import SYSTEM_PATH, ProcessResult, engine_environment, run
from harness.testruns.recipes.versions import satisfies

INSIDE = "/opt/harness/images"
RECORD = "environment.json"  # what is kept and taken away with environments has one of this name
ASK_S, EXPORT_S = 60.0, 900.0
SCRIPT, TAR = "/opt/harness/unpacking.py", "/opt/harness/image.tar"


class ServiceImages(Value):
    """`allowed`: the operator's list. `engines`: commands with their global options, the first that
    is on this machine is asked."""

    allowed: tuple[str, ...] = ()
    engines: tuple[tuple[str, ...], ...] = ()

    def image_for(self, wish: ServiceWish, found: str) -> str:
        """The image that this service is started from, "" for the machine's own program. `found`:
        that one's version, "" where there is none. A program of the version that is asked for goes
        first, then an image of it, then what there is."""
        mine = [image for image in self.allowed if name_of_image(image) == wish.name]
        if found and (not wish.version or satisfies(found, wish.version)):
            return ""
        asked = [one for one in mine if satisfies(version_of_image(one) or "?", wish.version)]
        if wish.version and asked:
            return asked[0]
        return "" if found else next(iter(mine), "")

    async def folder_of(self, image: str, root: Path, sandbox: Sandbox) -> tuple[Path, str]:
        """The folder of the image's files below `root`, for every project, and where in a Box it
        must be shown. SandboxError with what to do when there is no engine, no such image, or
        nothing in it that runs here."""
        engine = self._engine(image)
        said = await self._ask(engine, "image", "inspect", "--format", "{{.Id}}", image)
        if said.exit_code != 0:
            reason = _line(said.stderr)
            raise SandboxError(
                "workspace.image_missing", image=image, engine=engine[0], reason=reason
            )
        digest = hashlib.sha256(said.stdout.strip()).hexdigest()[:24]
        folder = root / f"image-{digest}"
        async with Lock(lock_of(folder)):
            if not await asyncio.to_thread(_used, folder):
                await self._unpack(engine, image, folder, sandbox)
        return folder / "root", f"{INSIDE}/{digest}"

    async def _unpack(
        self, engine: tuple[str, ...], image: str, folder: Path, sandbox: Sandbox
    ) -> None:
        place = f"{INSIDE}/{folder.name.removeprefix('image-')}"
        await asyncio.to_thread(remove_tree, folder)
        for name in ("root", "work"):
            (folder / name).mkdir(parents=True)
        try:
            await self._export(engine, image, folder / "image.tar")
            layout = Layout(
                tree=folder / "work",
                read_only={
                    str(folder / "image.tar"): TAR,
                    str(Path(str(unpacking.__file__))): SCRIPT,
                },
                writable={str(folder / "root"): place},
            )
            box = await sandbox.open(layout, BoxLimits(command_s=EXPORT_S))
            try:
                ran = await box.exec(f"python3 -I {SCRIPT} {TAR} {place}")
            finally:
                await box.close()
            if ran.exit_code != 0:
                reason = (ran.killed or ran.output.strip())[-300:]
                raise SandboxError("workspace.image_unusable", image=image, reason=reason)
            (folder / "image.tar").unlink()
            (folder / "work").rmdir()
            # from here on it is there
            await asyncio.to_thread(atomic_write, folder / RECORD, "{}")
        except BaseException:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(remove_tree, folder)
            raise

    async def _export(self, engine: tuple[str, ...], image: str, tar: Path) -> None:
        """By a container that is made and never started, which is what both engines export."""
        name = f"harness-image-{os.getpid()}-{secrets.token_hex(6)}"
        made = ("create", "--pull", "never", "--network", "none", "--name", name, image, "true")
        try:
            for words in (made, ("export", "--output", str(tar), name)):
                said = await self._ask(engine, *words, timeout_s=EXPORT_S)
                if said.exit_code != 0:
                    reason = _line(said.stderr) or f"{words[0]}: {int(EXPORT_S)} s"
                    raise SandboxError("workspace.image_unusable", image=image, reason=reason)
        finally:
            await self._ask(engine, "rm", "--force", name)

    def _engine(self, image: str) -> tuple[str, ...]:
        there = (one for one in self.engines if shutil.which(one[0], path=SYSTEM_PATH))
        found = next(there, None)
        if found is None:
            names = " / ".join(one[0] for one in self.engines)
            raise SandboxError("workspace.image_no_engine", image=image, engines=names)
        return found

    async def _ask(
        self, engine: tuple[str, ...], *words: str, timeout_s: float = ASK_S
    ) -> ProcessResult:
        program = shutil.which(engine[0], path=SYSTEM_PATH) or engine[0]
        argv = (program, *engine[1:], *words)
        return await run(argv, cwd=Path("/"), env=engine_environment(), timeout_s=timeout_s)


def _used(folder: Path) -> bool:
    """Whether it is whole; it is used now. Blocks."""
    try:
        os.utime(folder / RECORD)
    except OSError:
        return False
    return (folder / "root").is_dir()


def _line(text: bytes) -> str:
    return text.decode("utf-8", "replace").strip()[-300:]
