"""One bounded session that hands in a recipe as data, when the rules know nothing more. Nothing of
it runs but what was checked, in the Box, like any other recipe."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.agent.backends.native import Native
from harness.app import adapters
from harness.app.one_off import open_run
from harness.app.projects import Shared, loop_parts
from harness.config.settings import Settings
from harness.core.errors import ConfigError, MissingError
from harness.core.services import PORTS
from harness.core.types import Answered, Assignment, Session, Verdict
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from harness.engine.store import SqlStore
from harness.ports.workspace import Workspace
from harness.prompting.excerpts import excerpt
from harness.prompting.templates import Prompts, fence_text, new_fence, prompts_root
from harness.testruns.detect.part import Read
from harness.testruns.detect.python import MAKE_VENV, PIP
from harness.testruns.recipes.handed_in import MOST_COMMANDS, Unfit, read_handed_in
from harness.testruns.recipes.recipe import Recipe
from harness.testruns.recipes.tried import Tried
from harness.testruns.registry import RUNNERS

TURNS = 25
HAND_INS = 3
MOST_FILES = 400
LOG_BYTES = 12_000
TOOLS = ("read", "search", "verdict")
TryOut = Callable[[Recipe], Awaitable[Tried | None]]
"""None: nothing is tried any more."""


@dataclass(frozen=True)
class Asking:
    """What a session is asked about: a tree, and what was tried on it."""

    settings: Settings
    shared: Shared
    workspace: Workspace
    base: str
    files: Sequence[str]
    read: Read
    tries: Sequence[Tried]

    def model(self) -> str:
        """The model's name; "" when none is set, or its key is missing."""
        try:
            name = self.settings.model_for("worker")
            self.shared.sources.secret(self.settings, name)
        except (ConfigError, MissingError):
            return ""
        return name

    async def ask(self, try_out: TryOut) -> None:
        """What it hands in is tried at once. HarnessError for what is wrong with the model."""
        with tempfile.TemporaryDirectory(
            prefix="harness-recipe-", dir=self.settings.state_dir
        ) as folder:
            database = Database(Path(folder) / "state.db")
            await database.open()
            try:
                await self._session(database, try_out)
            finally:
                await database.close()

    async def _session(self, database: Database, try_out: TryOut) -> None:
        mine = replace(self.shared, store=SqlStore(database), journal=SqlJournal(database))
        prompts = Prompts(prompts_root())
        run = await open_run(mine, self.base, "How is this project tested?")
        limits = self.settings.limits.model_copy(
            update={"turns": min(TURNS, self.settings.limits.turns)}
        )
        bounded = self.settings.model_copy(update={"limits": limits})
        box = adapters.sandbox(self.settings, mine.sources.place.env)
        loop = loop_parts(bounded, mine, self.workspace, box, prompts)
        session = Session(
            id=f"{run.id}-recipe",
            run=run.id,
            kind="worker",
            verdicts="ending",
            model=self.model(),
            system=prompts.text("recipe"),
            opening=self._opening(prompts),
            tools=TOOLS,
            prompt_version=prompts.version,
            base_tree=await self.workspace.tree_of(self.base),
            created_at=mine.clock.now(),
        )
        talk = await Native(replace(loop, early=True)).open(
            Assignment(session=session, run=run, stage="implement")
        )
        try:
            await talk.send("", Desk(self, prompts, try_out))
        finally:
            await talk.suspend()

    def _opening(self, prompts: Prompts) -> str:
        tried = "\n\n".join(map(told, self.tries[-3:]))
        shown = sorted(self.files, key=lambda path: (path.count("/"), path))[:MOST_FILES]
        files = "\n".join(shown)
        return prompts.text(
            "recipe_opening",
            most=str(MOST_COMMANDS),
            venv=MAKE_VENV,
            pip=PIP,
            reporters=", ".join(one.name for one in RUNNERS),
            services=", ".join(PORTS),
            tried=tried or "(nothing: no recipe was found)",
            files=files,
            fence=new_fence(tried, files),
        )


class Desk:
    """Takes what the session hands in, tries it, and answers with what it printed."""

    def __init__(self, asking: Asking, prompts: Prompts, try_out: TryOut) -> None:
        self._asking = asking
        self._prompts = prompts
        self._try_out = try_out
        self._handed_in = 0

    async def __call__(self, verdict: Verdict) -> Answered:
        if verdict.kind != "done":
            return Answered(text=self._prompts.text("verdicts/noted"), reached=True)
        self._handed_in += 1
        last = self._handed_in >= HAND_INS
        names = [one.name for one in RUNNERS]
        try:
            recipe = read_handed_in(
                str(verdict.data.get("summary", "")), self._asking.files, self._asking.read, names
            )
        except Unfit as fault:
            return Answered(text=str(fault), is_error=True, reached=last)
        tried = await self._try_out(recipe)
        if tried is None or tried.judges or last:
            return Answered(text=self._prompts.text("verdicts/noted"), reached=True)
        return Answered(text=fence_text(told(tried), "tried"), is_error=True)


def told(tried: Tried) -> str:
    """A recipe and what it printed, as a model reads it."""
    commands = "\n".join(f"$ {command}" for command in (*tried.recipe.setup, tried.recipe.test))
    printed = excerpt(tried.printed, LOG_BYTES).text
    return f"{commands}\n[{tried.stage} ended with {tried.exit_code}]\n{printed}"
