"""Runs a hook where it belongs: the operator's on the machine, without any key of ours; a
project's in the agent's Box. Each is told paths that are there where it runs."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shlex
from pathlib import Path

from harness.agent.gate import OpenBox
from harness.app.transcript_pages import Transcripts
from harness.core.base import Json
from harness.core.types import Session
from harness.guard.claude_format import Hook
from harness.guard.hooks import HookRun
from harness.ports.sandbox import Box
from harness.ports.store import RunReader
from harness.ports.workspace import Workspace
from harness.system.process import SYSTEM_PATH, run

ROOT = "/work"
"""The project's folder in what is said of a call."""
MOST_OUT = 1 << 20
MOST_TRANSCRIPT = 64 << 10
PATHS = ("file_path", "path", "notebook_path", "filePath")


class HookPlaces:
    """What hooks find on this machine. Here only `home`, where the operator's run."""

    def __init__(self, home: Path) -> None:
        self.home = home

    async def project(self, session: Session) -> Path:
        """A folder with the project as it was when the run began, out of every agent's reach."""
        return self.home

    async def transcript(self, session: Session) -> Path | None:
        """The session's conversation so far; None: nobody keeps one."""
        return None


class RunPlaces(HookPlaces):
    """A clone of the run's base, made at the first hook that needs it and gone with the run."""

    def __init__(
        self, home: Path, store: RunReader, workspace: Workspace, transcripts: Transcripts
    ) -> None:
        super().__init__(home)
        self._store = store
        self._workspace = workspace
        self._transcripts = transcripts
        self._making = asyncio.Lock()
        self._made: dict[str, Path] = {}

    async def project(self, session: Session) -> Path:
        async with self._making:
            known = self._made.get(session.run)
            if known is None or not await asyncio.to_thread(known.is_dir):
                run_ = await self._store.run(session.run)
                base = run_.began_sha or run_.base_sha
                tree = await self._workspace.tree_of(base)
                copy = await self._workspace.copy(f"{session.run}-hooks", tree, base)
                self._made[session.run] = known = copy.path
            return known

    async def transcript(self, session: Session) -> Path | None:
        return await self._transcripts.begin(session)


class HookRunner:
    """One session's, for one moment."""

    def __init__(self, box: OpenBox, session: Session, places: HookPlaces) -> None:
        self._box = box
        self._session = session
        self._places = places

    async def __call__(self, hook: Hook, given: str) -> HookRun:
        transcript = await self._places.transcript(self._session)
        if hook.where == "outside":
            project = await self._places.project(self._session)
            told = _placed(given, str(project), str(transcript or ""))
            return await _outside(self._places.home, str(project), hook, told)
        tail = await asyncio.to_thread(_tail, transcript)
        return await _inside(await self._box(), hook, given, tail)


async def _outside(home: Path, project: str, hook: Hook, told: str) -> HookRun:
    """In the operator's home: in the project's folder, what lies there would run by its name."""
    env = {"PATH": SYSTEM_PATH, "HOME": str(home), "LANG": "C.UTF-8"}
    done = await run(
        ["bash", "-c", hook.command],
        cwd=home,
        env={**env, **dict(hook.env), "CLAUDE_PROJECT_DIR": project},
        input=told.encode("utf-8", "replace"),
        timeout_s=hook.timeout_s,
        output_limit=MOST_OUT,
    )
    # the agent knows its own paths only
    return HookRun(
        code=None if done.timed_out else done.exit_code,
        out=done.stdout.decode("utf-8", "replace").replace(project, ROOT),
        err=done.stderr.decode("utf-8", "replace").replace(project, ROOT),
    )


async def _inside(box: Box, hook: Hook, given: str, transcript: bytes) -> HookRun:
    """Files carry what a pipe would: a Box gives both streams as one."""
    where, root = await find_folders(box)
    folder = f"/tmp/.hook-{hashlib.sha256((hook.command + given).encode()).hexdigest()[:12]}"
    told = _placed(given, root, f"{folder}/transcript.jsonl")
    await box.exec(f"mkdir -p {folder}", cwd=root)
    await box.write(f"{folder}/in", told.encode("utf-8", "replace"))
    await box.write(f"{folder}/run", hook.command.encode("utf-8", "replace"))
    await box.write(f"{folder}/transcript.jsonl", transcript)
    named = " ".join(f"{name}={shlex.quote(value)}" for name, value in hook.env)
    ran = await box.exec(
        f"env {named} CLAUDE_PROJECT_DIR={shlex.quote(root)} bash {folder}/run"
        f" <{folder}/in >{folder}/out 2>{folder}/err",
        cwd=root,
        timeout_s=hook.timeout_s,
    )
    out = await box.read(f"{folder}/out", limit=MOST_OUT)
    err = await box.read(f"{folder}/err", limit=MOST_OUT)
    await box.exec(f"rm -rf {folder}", cwd=where)
    return HookRun(
        code=None if ran.timed_out else ran.exit_code,
        out=out.decode("utf-8", "replace").replace(root, ROOT),
        err=err.decode("utf-8", "replace").replace(root, ROOT),
    )


async def find_folders(box: Box) -> tuple[str, str]:
    """Where the last command ended, which stays so, and the tree's own folder."""
    where = (await box.exec("pwd")).cwd
    root = (await box.exec("pwd", cwd=".")).cwd
    if root != where:
        await box.exec(":", cwd=where)
    return where, root


def _placed(given: str, project: str, transcript: str) -> str:
    """What a hook is told, with the paths of the place it runs in."""
    told: dict[str, Json] = json.loads(given)
    told |= {"cwd": project, "transcript_path": transcript}
    for key in ("tool_input", "tool_response"):
        part = told.get(key)
        if isinstance(part, dict):
            moved = {name: _moved(part[name], project) for name in PATHS if name in part}
            told[key] = {**part, **moved}
    return json.dumps(told)


def _moved(path: Json, project: str) -> Json:
    if isinstance(path, str) and (path + "/").startswith(f"{ROOT}/"):
        return project + path.removeprefix(ROOT)
    return path


def _tail(transcript: Path | None) -> bytes:
    """The last whole lines. Blocks."""
    if transcript is None:
        return b""
    with transcript.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - MOST_TRANSCRIPT))
        data = file.read()
    return data if size <= MOST_TRANSCRIPT else data.partition(b"\n")[2]
