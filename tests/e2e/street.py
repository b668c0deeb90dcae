"""One run among people, on either forge: what they do between two looks, and what stands on the
issue after each. In this process, so that a step costs a look and no start of a program."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal

from harness.app import open_app
from harness.app.root import Composed
from harness.config.environ import place
from harness.config.load import Sources
from harness.forge.embedded.forge import EmbeddedForge
from harness.i18n.catalogue import Catalogue
from tests.e2e.scene import FILES, Scene
from tests.e2e.world import World, conversation
from tests.forge.world import NAME
from tests.github.hub import Hub
from tests.github.oracle import held
from tests.github.server import github
from tests.patience import PATIENCE_S

Forge = Literal["embedded", "github"]
TOKEN = "tok_bot"
NEEDED = "A person is needed here."
OVER = "Over: no person is needed here any more."
"""How the comment that asks begins, and how it reads when nobody needs to answer."""
SETTINGS = """
[policy]
merge = "ask"
review = false
quiet_s = 0
{policy}
[test]
command = "sh check.sh"
reporter = "none"
"""


class Street(Scene):
    """`boss` may steer, `stranger` may only read. Issue 1 is the boss's."""

    def __init__(self, world: World, app: Composed, hub: Hub | None) -> None:
        self._hub = hub
        super().__init__(world, app)
        self.boss = self.me = self.person("ada" if hub else "me")

    def person(self, login: str) -> EmbeddedForge:
        """Somebody at the pages of this forge."""
        return self._hub.as_(login) if self._hub else super().person(login)

    async def says(self, text: str, *, on: int = 1) -> int:
        """A comment of the boss; its id."""
        return (await self.boss.add_comment(on, text)).id

    async def ours(self, mark: str, on: int = 1) -> list[str]:
        """Comments of harness that begin with this mark, oldest first."""
        begin = f"<!-- harness:{mark}"
        return [c.body for c in await self.boss.comments(on) if c.body.startswith(begin)]

    async def status(self, number: int = 1) -> str:
        """The one status comment of that run."""
        (found,) = await self.ours(f"progress-{number} ")
        return found

    async def asked(self) -> str:
        """The newest comment that asks, or asked, for a person."""
        return (await self.ours("held-"))[-1]

    async def replies(self, on: int = 1) -> list[str]:
        """Answers to words that could not be followed."""
        return await self.ours("word-", on)

    async def line_to_copy(self) -> str:
        """What the comment offers to be copied."""
        (line,) = [t for t in (await self.asked()).splitlines() if t.startswith("To approve ex")]
        return line.partition("`")[2].rstrip("`")

    async def subject(self) -> str:
        wait = (await self.run()).wait
        assert wait is not None
        return wait.subject

    async def drop_branch(self) -> None:
        """A person deletes the run's branch on the forge."""
        run = await self.run()
        await self.boss.delete_branch(run.branch, run.head_sha)


@contextmanager
def embedded(root: Path, settings: str, files: Mapping[str, str]) -> Iterator[World]:
    world = World(root, settings, files)
    yield world


@contextmanager
def on_github(root: Path, settings: str, files: Mapping[str, str]) -> Iterator[tuple[World, Hub]]:
    """The boss is ada there; harness has an account of its own."""
    with github(root / "hub") as hub:
        hub.local.push("main", files, "main")
        world = World(root / "machine", settings, files, name="project")
        projects = world.config / "projects"
        projects.mkdir()
        (projects / "project.toml").write_text(
            f'[project]\nname = "project"\npath = "{world.repo}"\n[forge]\nkind = "github"\n'
            f'repository = "{NAME}"\nbase_url = "{hub.url}/api/v3"\n'
        )
        yield world, hub
        assert held(hub.exchanges)


@asynccontextmanager
async def opened(world: World, hub: Hub | None) -> AsyncIterator[Street]:
    env = {**world.env, "LANG": os.environ.get("LANG", ""), "GITHUB_TOKEN": TOKEN}
    sources = Sources(place(env, world.repo))
    settings = sources.settings(world.name)
    async with open_app(settings, sources=sources, words=Catalogue("en")) as app:
        assert await app.take()
        yield Street(world, app, hub)


def play(
    root: Path,
    forge: Forge,
    scene: Callable[[Street], Awaitable[None]],
    *turns: dict[str, Any],
    policy: str = "",
    settings: str = SETTINGS,
    files: Mapping[str, str] = FILES,
    others: tuple[Any, ...] = (),
    issue: tuple[str, str] = ("Say what it is", "It is not said."),
) -> None:
    """A scene on that forge, the worker saying these turns."""
    settings = settings.replace("{policy}", policy)
    script = (*others, conversation(*turns, session="-worker"))

    async def acts(world: World, hub: Hub | None) -> None:
        boss = hub.as_("ada") if hub else world.forge()
        made = await boss.create_issue(*issue)
        if hub:
            await boss.labels(made.number, add=("harness",))
        async with opened(world, hub) as street, asyncio.timeout(PATIENCE_S):
            await scene(street)

    if forge == "embedded":
        with embedded(root, settings, files) as world:
            world.script(*script)
            world.run("init")
            world.run("issue", "user", "eve", "--permission", "read")
            asyncio.run(acts(world, None))
    else:
        with on_github(root, settings, files) as (world, hub):
            world.script(*script)
            asyncio.run(acts(world, hub))
