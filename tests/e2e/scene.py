"""One run followed in this process: a chore on a tiny repository, with people and CI played on the
embedded forge between two looks."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from harness.app import open_app
from harness.app.root import Composed
from harness.config.environ import place
from harness.config.load import Sources
from harness.core.types import Check, Command, PullRequest, Run
from harness.forge.embedded.forge import EmbeddedForge
from harness.i18n.catalogue import Catalogue
from tests.e2e.world import World, call, conversation, turn, verdict
from tests.patience import PATIENCE_S

TRIAGE = verdict(
    "triage", kind="docs", clear=True, difficulty="trivial", risk="low", reason="a word"
)
PLAN = verdict(
    "plan",
    summary="Say what it is.",
    tasks=[{"id": "1", "title": "docs", "detail": "", "files": ["*.md"]}],
)
FILES = {"check.sh": "true\n", "README.md": "one\n"}
SETTINGS = """
[policy]
merge = "{merge}"
review = false
{policy}
[test]
command = "sh check.sh"
reporter = "none"
"""


def write(text: str, path: str = "NOTES.md") -> dict[str, Any]:
    return call("write", path=path, content=text)


def done(summary: str = "Said.", **more: Any) -> dict[str, Any]:
    return verdict("done", summary=summary, title="Say what it is", **more)


FIRST = turn(TRIAGE, PLAN, write("first\n"), done())


class Scene:
    """`look` is one tick and all the work that follows."""

    def __init__(self, world: World, app: Composed) -> None:
        self.world = world
        self.app = app
        self.me = self.person("me")
        self.project = app.projects()[0]

    def person(self, login: str) -> EmbeddedForge:
        """The forge as that person uses it."""
        repository = self.app.settings.forge.repository
        return EmbeddedForge(self.world.state / "forge", repository, login)

    async def look(self) -> tuple[str, str]:
        """The run's state and why, afterwards."""
        await self.app.daemon.run_once()
        return await self.stands()

    async def stands(self, issue: int = 1) -> tuple[str, str]:
        run = await self.run(issue)
        why = run.outcome or (run.wait.reason if run.wait is not None else None)
        return run.state.value, why.key if why is not None else ""

    async def run(self, issue: int = 1) -> Run:
        run = await self.app.store.find_run(self.project.name, issue)
        assert run is not None
        return run

    async def pull(self) -> PullRequest:
        return await self.me.pr((await self.run()).pr)

    async def ci(
        self,
        conclusion: Literal["success", "failure"],
        name: str = "build",
        log: str = "",
        commit: str = "",
    ) -> Check:
        """CI reports on the head, or on that commit."""
        head = commit or (await self.run()).head_sha
        return await self.me.set_check(head, name, "completed", conclusion, "", log or None)

    async def say(self, verb: str, text: str = "", issue: int = 1) -> None:
        """A person's word from the command line."""
        at = self.app.clock.now()
        word = Command(verb=verb, project=self.project.name, issue=issue, by="me", text=text, at=at)
        await self.app.store.post(word)

    async def told(self, kind: str) -> list[dict[str, Any]]:
        """The facts of each event of that kind."""
        events = await self.app.store.events((await self.run()).id)
        return [dict(event.facts) for event in events if event.kind == kind]

    def subjects(self, branch: str) -> str:
        """Of the commits on a branch of the forge."""
        self.world.git("fetch", "--quiet", self.me.remote().url, branch)
        return self.world.git("log", "--format=%s", "FETCH_HEAD")

    def push(self, path: str, text: str, branch: str) -> str:
        """Somebody's commit on a branch of the forge."""
        world = self.world
        url = self.me.remote().url
        world.git("fetch", "--quiet", url, branch)
        world.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
        (world.repo / path).write_text(text)
        sha = world.commit(f"a person writes {path}")
        world.git("push", "--quiet", url, f"HEAD:refs/heads/{branch}")
        return sha


@asynccontextmanager
async def opened(world: World) -> AsyncIterator[Scene]:
    sources = Sources(place({**world.env, "LANG": os.environ.get("LANG", "")}, world.repo))
    settings = sources.settings(world.name)
    async with open_app(settings, sources=sources, words=Catalogue("en")) as app:
        assert await app.take()
        yield Scene(world, app)


def play(
    path: Path,
    work: Callable[[Scene], Awaitable[None]],
    *turns: dict[str, Any],
    merge: str = "auto",
    policy: str = "",
    issues: int = 1,
    conversations: tuple[Any, ...] = (),
    world: World | None = None,
) -> None:
    """A scene in a fresh world: issue 1 (and more), the worker saying these turns."""
    world = world or World(path, SETTINGS.format(merge=merge, policy=policy), FILES)
    world.script(*conversations, conversation(FIRST, *turns, session="/1/1-worker"))
    world.run("init")

    forge = world.forge()

    async def scene() -> None:
        for number in range(1, issues + 1):
            await forge.create_issue(f"Say what it is ({number})", "It is not said.")
        async with opened(world) as opened_scene:
            async with asyncio.timeout(PATIENCE_S):
                await work(opened_scene)

    asyncio.run(scene())
