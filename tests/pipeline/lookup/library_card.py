"""A run whose agents look things up: the real use case and store of runs, servers that a test
holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

from harness.core.host_rules import read_hosts
from harness.core.hosts import targets
from harness.core.reference_types import ReferenceHit
from harness.core.types import Plan, Run, Task
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.guard.hidden import strip_invisible
from harness.pipeline.deps import Guard
from harness.pipeline.lookup.library import Library
from harness.pipeline.lookup.lookup import Lookup, LookupDeps
from harness.pipeline.lookup.packages import PackageShelf
from harness.pipeline.lookup.rules import LookupRules, may_follow
from harness.prompting.templates import Prompts, prompts_root
from harness.testing.references import (
    MemoryReferences,
    PlainPages,
    ScriptedProvider,
    ScriptedSites,
    Shelves,
)
from harness.tools.declare import ToolRefused
from harness.tools.reference import LookupArguments
from tests.engine.values import AT, session, snapshot

PROMPTS = Prompts(prompts_root())
SECRET = "sk-live-abcdef0123456789"
DOCS = "https://docs.test/guide"


class Clock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.time = AT

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def pass_s(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Warden:
    """What a look asks of the guard."""

    def legible(self, text: str) -> str:
        return strip_invisible(text)[0]

    def leaving(self, what: str, text: str, project_rules: str) -> tuple[str, ...]:
        return ("secret",) if SECRET in text else ()


class Card:
    """One run with as many sessions as are named. `look` is a tool call: its answer, or why it was
    refused."""

    def __init__(
        self,
        database: Database,
        *,
        hosts: Sequence[str] = (),
        private: Sequence[str] = (),
        hits: Sequence[ReferenceHit] | None = None,
        **rules: Any,
    ) -> None:
        named, wrong = read_hosts(hosts)
        assert not wrong
        self.rules = LookupRules(hosts=named, private=targets(private)[0], **rules)
        self.store = SqlStore(database)
        self.clock = Clock()
        self.kept = MemoryReferences()
        self.sites = ScriptedSites({}, partial(may_follow, rules=self.rules))
        self.provider = None if hits is None else ScriptedProvider(hits)
        self.docs = Shelves({"requests": ("2.1", "requests\nSession retries https://up.test/r")})
        self.library = Library(self.kept, PlainPages(), cast(Any, self.clock))
        self.lookup = self.again()
        self.calls = 0
        self.run: Run | None = None

    def again(self) -> Lookup:
        """As another process would make it."""

        async def folders(run: Run) -> Sequence[Path]:
            return (Path("/env/site-packages"),)

        self.lookup = Lookup(
            LookupDeps(
                store=self.store,
                guard=cast(Guard, Warden()),
                prompts=PROMPTS,
                rules=self.rules,
                library=self.library,
                fetcher=self.sites,
                provider=self.provider,
                shelf=PackageShelf(self.docs, self.kept),
                folders=folders,
                on_event=lambda run, event: None,
            )
        )
        return self.lookup

    async def begin(self, body: str = "", labels: Sequence[str] = (), number: int = 1) -> Run:
        shot = snapshot(number, body).model_copy(update={"labels": tuple(labels)})
        self.run, _ = await self.store.open_run("p", shot, AT)
        await self.store.open_session(session(self.run, f"s{number}"))
        return self.run

    async def plan(self, *files: str) -> None:
        assert self.run is not None
        task = Task(id="1", title="t", files=files)
        plan = Plan(summary="s", kind="bug", difficulty="small", tasks=(task,))
        await self.store.put_plan(self.run.id, plan, "me", AT)

    async def look(self, session: str = "s1", *, call: str = "", **asked: Any) -> str:
        self.calls += 1
        try:
            return await self.lookup(
                session, call or f"c{self.calls}", LookupArguments.model_validate(asked)
            )
        except ToolRefused as refused:
            return PROMPTS.fill(refused.said)

    async def facts(self, kind: str, fact: str) -> list[object]:
        """That fact of all recorded events of a kind, run by run."""
        runs = await self.store.runs("p")
        found = [event for run in runs for event in await self.store.events(run.id)]
        return [event.facts[fact] for event in found if event.kind == kind]
