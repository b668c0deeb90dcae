"""A run that rests, a repository on paper, and what earlier runs taught."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from harness.core.errors import HarnessError
from harness.core.lesson_types import Learned, Lesson
from harness.core.types import FileChange, RunState, TreeEntry
from harness.pipeline.job import Job
from harness.pipeline.lessons.keeping import with_sighting
from harness.pipeline.lessons.retrospect import look_back
from harness.pipeline.outbound.write_gate import outward
from harness.pipeline.run_policy import RunPolicy
from harness.ports.workspace import Workspace
from tests.pipeline.outbound.doorway import AT, BASE, Doorway, pull, stand

BRANCH = "agent/lesson-7-1"
PROPOSE = RunPolicy(project="p", lessons="propose")
MERGED: dict[str, Any] = {"state": RunState.DONE, "merged_sha": "e" * 40}


class LessonGit:
    """Part of the Workspace port: trees of whole files."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.trees: dict[str, dict[str, bytes]] = {}
        self.blobs: dict[str, bytes] = {}
        self.modes: dict[str, str] = {}
        self.base = self._tree({path: text.encode() for path, text in files.items()})
        self.pushed: list[tuple[str, str]] = []
        self.fails: HarnessError | None = None
        self.house: dict[str, str] = {}
        self.messages: list[str] = []

    def _tree(self, files: dict[str, bytes]) -> str:
        name = hashlib.sha1(repr(sorted(files.items())).encode(), usedforsecurity=False).hexdigest()
        self.trees[name] = files
        return name

    async def sync(self) -> None: ...

    async def tip(self, branch: str) -> str:
        return BASE

    async def tree_of(self, commit: str) -> str:
        return self.base

    async def subjects(self, commit: str, *, limit: int) -> tuple[str, ...]:
        return ()

    async def commits_between(self, old: str, new: str) -> tuple[str, ...]:
        return ()

    async def files(self, tree: str) -> tuple[str, ...]:
        return (*self.trees[tree], *self.house)

    async def texts(self, tree: str, paths: Sequence[str], *, limit: int = 0) -> dict[str, str]:
        return self.house

    async def file(self, tree: str, path: str) -> bytes | None:
        return self.trees[tree].get(path)

    async def entry(self, tree: str, path: str) -> TreeEntry | None:
        data = self.trees[tree].get(path)
        mode = self.modes.get(path, "100644")
        return None if data is None else TreeEntry(mode=mode, size=len(data))

    async def put_blob(self, data: bytes) -> str:
        name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        self.blobs[name] = data
        return name

    async def with_files(self, tree: str, files: Mapping[str, str | None]) -> str:
        fresh = {path: self.blobs[blob] for path, blob in files.items() if blob is not None}
        return self._tree(self.trees[tree] | fresh)

    async def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        before, after = self.trees[old], self.trees[new]
        return tuple(
            FileChange(
                path=p,
                status="modified" if p in before else "added",
                new_mode="100644",
                size=len(after[p]),
                added=1,
            )
            for p in sorted(after)
            if before.get(p) != after[p]
        )

    async def commit(self, tree: str, parents: Sequence[str], message: str, at: datetime) -> str:
        self.messages.append(message)
        text = f"{tree} {parents} {message} {at}".encode()
        return hashlib.sha1(text, usedforsecurity=False).hexdigest()

    async def push(self, commit: str, branch: str, expected: str | None) -> None:
        if self.fails is not None:
            raise self.fails
        self.pushed.append((commit, branch))


class Scene:
    """Issue 7's run that rests, a repository of these files, and what earlier runs taught."""

    def __init__(self, doorway: Doorway, git: LessonGit) -> None:
        self.doorway, self.git, self.store = doorway, git, doorway.store
        self.forge = doorway.forge
        self.skills: dict[str, str] = {}

    async def skill(self, commit: str, name: str) -> str:
        """Part of the deps: the skills that agents are given."""
        assert commit == BASE
        return self.skills.get(name, "")

    async def rest(self, number: int = 1, policy: RunPolicy = PROPOSE, **fields: Any) -> None:
        """The look back at the run, or at another of the issue."""
        run = self.doorway.run.model_copy(update={"id": f"p/7/{number}", "number": number})
        run = run.model_copy(update={**MERGED, **fields})
        if number > 1:
            made, _ = await self.store.open_run("p", run.snapshot, AT)
            assert made.number == number
        await self.store.save_run(run)
        workspace = cast(Workspace, self.git)
        deps = dataclasses.replace(
            self.doorway.deps, workspace=workspace, policy=policy, skill=self.skill
        )
        await look_back(Job(outward(deps, run), run))

    async def taught(self, *issues: int, quote: str = "", place: str = "a.py") -> None:
        await self.learned(Learned(kind="people_changed", place=place, at=AT, quote=quote), *issues)

    async def learned(self, learned: Learned, *issues: int) -> None:
        lesson: Lesson | None = None
        for issue in issues:
            run = self.doorway.run.model_copy(update={"id": f"p/{issue}/1", "issue": issue})
            lesson = with_sighting(lesson, learned, run)
        assert lesson is not None
        await self.store.put_lesson(lesson)

    async def only(self) -> Lesson:
        (lesson,) = await self.store.lessons("p")
        return lesson

    def opened(self) -> list[dict[str, Any]]:
        return [given for name, given in self.forge.written if name == "open_pr"]

    def show(self, state: str) -> None:
        """The forge's list has the proposal, in that state."""
        found = pull(50, BRANCH).model_copy(update={"state": state})
        self.forge.pull_requests = [
            *(p for p in self.forge.pull_requests if p.number != 50),
            found,
        ]


async def play(
    folder: Path,
    scene: Callable[[Scene], Awaitable[None]],
    files: Mapping[str, str] | None = None,
) -> None:
    git = LessonGit({"CLAUDE.md": "# Calc\n"} if files is None else files)

    async def inside(doorway: Doorway) -> None:
        await scene(Scene(doorway, git))

    await stand(folder, inside, PROPOSE)
