"""A Box that is a folder and real processes, without any walls: for tests only."""

from __future__ import annotations

import asyncio
import fnmatch
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from harness.core.egress_types import Refusal
from harness.core.errors import SandboxError
from harness.core.types import BoxLimits, CommandResult, Layout, SearchHit


class FolderBox:
    """The Box port over `root`. `die()` makes it gone, as a killed sandbox is.
    `refused`: what it says it was not let out to."""

    def __init__(self, root: Path, limits: BoxLimits, private: Path) -> None:
        self._root = root
        self._limits = limits
        self._private = private
        self._cwd = root
        self._gone = False
        self.refused: tuple[Refusal, ...] = ()

    def die(self) -> None:
        """From now on everything raises SandboxError."""
        self._gone = True

    def _path(self, path: str) -> Path:
        if self._gone:
            raise SandboxError("workspace.box_closed")
        if path.startswith("/tmp/"):
            return self._private / path.removeprefix("/tmp/")
        if path.startswith("/work"):
            path = path.removeprefix("/work").lstrip("/")
        return self._root / path

    async def exec(
        self, command: str, *, cwd: str = "", timeout_s: float | None = None
    ) -> CommandResult:
        where = self._path(cwd) if cwd else self._cwd
        self._path("")
        started = asyncio.get_running_loop().time()
        mark = self._private / "cwd"
        with (self._private / "output").open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                "/bin/bash",
                "-c",
                f"trap 'pwd > {mark}' EXIT\n{command}",
                cwd=where,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                env={"PATH": os.defpath, "HOME": str(self._private), "LC_ALL": "C.UTF-8"},
            )
        late = False
        try:
            async with asyncio.timeout(timeout_s or self._limits.command_s):
                await process.wait()
        except TimeoutError:
            late = True
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if mark.exists():
            self._cwd = Path(mark.read_text(encoding="utf-8").strip())
        code = process.returncode
        text = (self._private / "output").read_bytes().decode("utf-8", "replace")
        limit = self._limits.output_bytes
        cut = max(0, len(text) - limit)
        if cut:
            text = text[: limit // 2] + text[-limit // 2 :]
        return CommandResult(
            exit_code=137 if late or code is None else code,
            output=text,
            cut=cut,
            timed_out=late,
            killed="time" if late else "",
            cwd=f"/work/{self._cwd.relative_to(self._root)}".removesuffix("/."),
            duration_s=asyncio.get_running_loop().time() - started,
        )

    async def read(self, path: str, *, limit: int = 4 << 20) -> bytes:
        return self._path(path).read_bytes()[:limit]

    async def write(self, path: str, data: bytes) -> None:
        target = self._path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    async def search(
        self, pattern: str, *, glob: str = "", limit: int = 200
    ) -> tuple[SearchHit, ...]:
        self._path("")
        wanted = re.compile(pattern)
        hits: list[SearchHit] = []
        for path in sorted(self._root.rglob("*")):
            name = path.relative_to(self._root).as_posix()
            if not path.is_file() or (glob and not _matches_glob(name, glob)):
                continue
            if not pattern:
                hits.append(SearchHit(path=name, line=0, text=""))
                continue
            for number, row in enumerate(path.read_text("utf-8", "replace").split("\n"), 1):
                if wanted.search(row):
                    hits.append(SearchHit(path=name, line=number, text=row))
        return tuple(hits[:limit])

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[None]:
        self._path("")
        yield

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self.refused

    async def close(self) -> None:
        self._gone = True


def _matches_glob(name: str, glob: str) -> bool:
    return fnmatch.fnmatch(name, glob) or fnmatch.fnmatch(name.rsplit("/", 1)[-1], glob)


class FolderSandbox:
    """The Sandbox port over FolderBox. `opened` holds every Box it gave out."""

    name = "folder"

    def __init__(self, private: Path) -> None:
        self._private = private
        self.opened: list[FolderBox] = []

    async def check(self) -> None:
        """Always there."""

    async def open(self, layout: Layout, limits: BoxLimits) -> FolderBox:
        private = self._private / f"box-{len(self.opened)}"
        private.mkdir(parents=True)
        box = FolderBox(layout.tree, limits, private)
        self.opened.append(box)
        return box
