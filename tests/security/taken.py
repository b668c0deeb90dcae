"""A run of issue 1, its change ready, on a forge where people take back what let it begin."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, cast

from harness.app.guarding import Guarding
from harness.config.environ import place
from harness.config.forge_settings import ForgeSettings
from harness.config.load import Sources
from harness.config.sections import TrustSettings
from harness.config.settings import Settings
from harness.core.forge_types import (
    Actor,
    Comment,
    Issue,
    Permission,
    Repository,
    TimelineEvent,
)
from harness.core.trust_types import Trigger
from harness.core.types import Run
from harness.forge.embedded.admin import EmbeddedAdmin
from harness.forge.embedded.forge import EmbeddedForge
from harness.pipeline.activation import run_guarded
from harness.pipeline.job import Job
from harness.pipeline.live_state import LiveState
from harness.pipeline.outbound.leases import Holder, Leases, Spans
from harness.pipeline.outbound.write_gate import behind_gate, outward
from harness.pipeline.run_policy import RunPolicy
from harness.system.clock import SystemClock
from tests.fake_forge import LEASE, Leasing
from tests.pipeline.outbound.doorway import AT, BASE, HEAD, OWN, Doorway, furnish

NAME = "o/r"
LIVE = ("me", "permission", "issue", "timeline", "comments", *LEASE)
"""What the embedded forge says."""
ALLOWED = {f"merge:{HEAD}": "policy"}
"""The merge is due: it is no person's word."""
MOMENTS = ("publish", "open", "ready", "merge", "enqueue", "close")


class Peopled(Leasing):
    """The embedded forge for what people do and for leases, paper for what would leave."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bot = EmbeddedForge(root, NAME, "bot")
        super().__init__(self.bot)
        furnish(self, 1, {OWN: "agent/issue-1"})
        self.here = Repository(id=7, name=NAME, default_branch="main")

    def as_(self, login: str) -> EmbeddedForge:
        return EmbeddedForge(self.root, NAME, login)

    def may(self, login: str, permission: Permission) -> Awaitable[object]:
        return EmbeddedAdmin(self.root).add_user(NAME, login, permission)

    # ---- the port

    async def me(self) -> Actor:
        self._ask("me")
        return await self.bot.me()

    async def permission(self, actor: Actor) -> Permission:
        self._ask("permission")
        return await self.bot.permission(actor)

    async def issue(self, number: int) -> Issue:
        self._ask("issue")
        return await self.bot.issue(number)

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        self._ask("timeline")
        return await self.bot.timeline(number)

    async def comments(self, number: int) -> tuple[Comment, ...]:
        self._ask("comments")
        return await self.bot.comments(number)


class Place:
    """A run of issue 1, its change ready at whatever moment a test wants."""

    def __init__(self, door: Doorway, town: Peopled, folder: Path) -> None:
        self.door = door
        self.town = town
        self.folder = folder
        self.comment = 0
        self.spans: Spans | None = None
        """With leases from the next restart on."""
        kinds: Any = ("label", "assign", "comment", "author")
        settings = Settings(
            state_dir=folder,
            forge=ForgeSettings(kind="github", repository=NAME),
            trust=TrustSettings(trigger=kinds),
        )
        sources = Sources(place({"HOME": str(folder)}, folder))
        self.guard = Guarding(settings, sources, SystemClock())
        self.restart()

    def restart(self) -> None:
        """Another process over the same state."""
        inner = cast(Any, self.door.deps.forge).inner
        raw = getattr(inner, "_forge", inner)
        assert raw is not None
        workspace = cast(Any, self.door.deps.workspace).inner
        parts = dataclasses.replace(
            self.door.deps,
            forge=self.town,
            workspace=workspace,
            guard=self.guard,
            live=LiveState(),
            leases=self.leases(),
            policy=RunPolicy(project="p", merge="auto", repository=NAME),
        )
        self.door.deps = behind_gate(parts)

    def leases(self) -> Leases | None:
        if self.spans is None:
            return None
        return Leases(self.town, Holder(self.door.store), SystemClock(), self.spans)

    async def begin(self, kind: str) -> Run:
        town, ada = self.town, self.town.as_("ada")
        issue = await ada.create_issue("t", "b")
        if kind == "label":
            await ada.labels(issue.number, add=("harness",))
        if kind == "assign":
            await ada.assign(issue.number, ["bot"])
        if kind == "comment":
            self.comment = (await ada.add_comment(issue.number, "/harness go")).id
        now = SystemClock().now()
        who = await (town.bot.me() if kind == "word" else ada.me())
        trigger = Trigger(kind=cast(Any, kind), actor=who, at=now, key="k")
        shot = self.guard.snapshot(await ada.issue(issue.number), (), trigger)
        run, _ = await self.door.store.open_run("p", shot, AT)
        facts: dict[str, Any] = {
            "base_sha": BASE,
            "head_sha": HEAD,
            "branch": "agent/issue-1",
            "pr": OWN,
        }
        facts |= {"tree": "c" * 40, "approvals": ALLOWED}
        self.run = Run.model_validate(run.model_dump() | facts)
        await self.door.store.save_run(self.run)
        return self.run

    async def attempt(self, moment: str) -> Any:
        """The write of that moment, as a stage makes it."""
        parts = outward(self.door.deps, self.run)
        if moment == "publish":
            return await parts.workspace.push(HEAD, "agent/issue-1", None)
        forge: Any = parts.forge
        given: dict[str, dict[str, Any]] = {
            "ready": {"number": OWN},
            "merge": {"pr": OWN, "head_sha": HEAD, "method": "squash", "message": "m"},
            "enqueue": {"pr": OWN, "head_sha": HEAD, "method": "squash"},
            "close": {"number": 1},
        }
        if moment == "open":
            await forge.open_pr("agent/issue-1", "main", "t", "b", draft=True)
            return None
        await getattr(forge, moment)(**given[moment])
        return None

    async def outcome(self, moment: str) -> Any:
        """Of a stage that makes this write: None when it left."""

        async def body(job: Job) -> Any:
            await self.attempt(moment)

        self.run = await self.door.store.run(self.run.id)
        return await run_guarded(Job(outward(self.door.deps, self.run), self.run), body)

    @property
    def left(self) -> list[str]:
        return [*(name for name, _ in self.town.written), *(p[1] for p in self.door.git.pushed)]

    def forget(self) -> None:
        self.town.written.clear()
        self.door.git.pushed.clear()
