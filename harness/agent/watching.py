"""Looks after each turn: gathers facts for the pure `observe` and `stuck`, and words for both."""

from __future__ import annotations

from collections.abc import Sequence

from harness.agent.agent_workspace import AgentWorkspace
from harness.agent.deps import LoopDeps
from harness.agent.hook_files import find_hook_files
from harness.agent.observe import Actual, differences, expected_files
from harness.agent.quoting import Quoting, word_of
from harness.agent.stuck import Stuck, examine
from harness.core.types import FileChange, LocalizedText, Session, Turn


class Watcher:
    """One session's. What was said once is not said again while it stays the same."""

    def __init__(self, deps: LoopDeps, session: Session, place: AgentWorkspace) -> None:
        self._deps = deps
        self._session = session
        self._place = place
        self._known: tuple[str, tuple[FileChange, ...]] = ("", ())

    async def observations(self, turns: Sequence[Turn]) -> tuple[str, ...]:
        """Texts for the agent about what differs from the plan, its task or the reproduction.
        The tree is the newest snapshot: what the very last turn changed is seen a turn later."""
        tree, base = self._place.tree, self._session.base_tree
        if (
            tree == base and not self._place.nested_repositories
        ) or self._session.kind == "reviewer":
            return ()
        run = await self._deps.store.run(self._session.run)
        plan = await self._deps.store.plan(run.id)
        frozen = run.reproduction.files if run.reproduction is not None else {}
        workspace = self._deps.workspace
        sessions = [session.id for session in await self._deps.store.sessions(run.id)]
        by_hooks = await find_hook_files(self._deps.store, workspace, sessions, tree)
        want = expected_files(self._session, plan, frozen)
        have = Actual(
            changes=tuple(c for c in await self._changes(base, tree) if c.path not in by_hooks),
            blobs={path: await workspace.blob(tree, path) for path in want.frozen},
            nested=self._place.nested_repositories,
        )
        found = differences(want, have, turns, self._quoting())
        return tuple(text for text in found if not any(text in turn.said for turn in turns))

    async def _changes(self, base: str, tree: str) -> tuple[FileChange, ...]:
        """git is asked once a tree: most turns only look."""
        if self._known[0] != tree:
            self._known = (tree, await self._deps.workspace.changes(base, tree))
        return self._known[1]

    def stuck(self, stretch: Sequence[Turn]) -> Stuck | None:
        """The circle that the newest turn closes, if any."""
        return examine(stretch, self._deps.limits.idle_turns)

    def _quoting(self) -> Quoting:
        return Quoting(self._deps.prompts, word_of(self._session))

    def nudge(self, stuck: Stuck | None) -> str:
        """Words for the agent; empty when it goes well."""
        if stuck is None:
            return ""
        prompts = self._quoting()
        match stuck.kind:
            case "no_verdict" | "refused":
                return prompts.text("nudge_verdict")
            case "empty":
                return prompts.text("nudge_empty")
            case "cut":
                return prompts.text("nudge_cut")
            case "ping_pong":
                return prompts.text("nudge_ping_pong", what=stuck.what)
            case "repeats" | "same_error" | "fails" | "idle" | "busy" as kind:
                return prompts.text(f"nudge_{kind}", times=str(stuck.times), what=stuck.what)
            case _:
                return ""

    def why(self, stuck: Stuck) -> LocalizedText:
        """The sentence for people when it is time to stop."""
        match stuck.kind:
            case "repeats" | "ping_pong" | "same_error" | "fails" | "idle" | "busy" as kind:
                facts: dict[str, str | int | float] = {"times": stuck.times, "what": stuck.what}
                return LocalizedText(key=f"agent.{kind}", facts=facts)
            case "refused":
                return LocalizedText(key="agent.refused")
            case _:
                return LocalizedText(key="agent.no_verdict", facts={"times": stuck.times})
