"""Whether an issue may start: who asked for it, by what act, and is the text still theirs (A4).

An error of the forge is raised, never taken for a yes: the daemon holds the issue and asks again.
"""

from __future__ import annotations

from harness.core.trust_types import Admission, Trigger, is_ours
from harness.core.types import Actor, Comment, Issue, LocalizedText, Permission
from harness.pipeline import slots
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.scan import scan
from harness.pipeline.slots import issue_key
from harness.ports.clock import Clock
from harness.ports.forge import Forge

FRESH_S = 20.0
MOST_KNOWN = 10_000
MOST_PEOPLE = 100
"""People whose permission is asked for one issue's comments."""


class Permissions:
    """What people may do, as the forge said a moment ago: one tick asks once a person."""

    def __init__(self, forge: Forge, clock: Clock) -> None:
        self._forge = forge
        self._clock = clock
        self._known: dict[int, tuple[float, Permission]] = {}

    async def of(self, actor: Actor) -> Permission:
        """By id. Raises what the forge raises."""
        now = self._clock.monotonic()
        known = self._known.get(actor.id)
        if known is not None and 0 <= now - known[0] < FRESH_S:
            return known[1]
        if len(self._known) >= MOST_KNOWN:
            self.forget()
        found = await self._forge.permission(actor)
        self._known[actor.id] = (now, found)
        return found

    def forget(self) -> None:
        """The next question goes to the forge."""
        self._known.clear()


async def admit(
    deps: PipelineDeps, issue: Issue, permissions: Permissions, *, comments: bool = True
) -> Admission:
    """The newest act of somebody who may; else why there is none. A person's word for just this
    issue is such an act, once. `comments=False`: those are not read."""
    found = await _by_acts(deps, issue, permissions, comments)
    if found.trigger is not None or deps.guard.why_excluded(issue) is not None:
        return found
    if not await deps.store.get(slots.ASKED, issue_key(deps.policy.project, issue.number)):
        return found
    me, now = await deps.forge.me(), deps.clock.now()
    return Admission(trigger=Trigger(kind="word", actor=me, at=now, key="word"))


async def _by_acts(
    deps: PipelineDeps, issue: Issue, permissions: Permissions, comments: bool
) -> Admission:
    guard, forge = deps.guard, deps.forge
    left_out = guard.why_excluded(issue)
    if left_out is not None:
        return Admission(held=left_out)
    me = await forge.me()
    kinds = guard.trigger_kinds(issue, me)
    reads = comments and "comment" in kinds
    found = guard.triggers(
        issue,
        await forge.timeline(issue.number) if kinds & {"label", "assign"} else (),
        await forge.comments(issue.number) if reads else (),
        me,
    )
    if not found:
        label, word = guard.trigger_words()
        return Admission(
            held=LocalizedText(key="guard.held_waiting", facts={"label": label, "word": word})
        )
    held: LocalizedText | None = None
    for trigger in found:
        why = guard.may_trigger(trigger.actor, await permissions.of(trigger.actor))
        if why is None:
            why = await _check_edit(deps, issue, trigger)
        if why is None:
            return Admission(trigger=trigger, attempted=trigger.kind != "author")
        held = held or why
    attempted = any(trigger.kind != "author" for trigger in found)
    hidden = await scan(guard.count_hidden, issue.title, issue.body) if attempted else 0
    return Admission(held=held, attempted=attempted, hidden=hidden)


async def _check_edit(deps: PipelineDeps, issue: Issue, trigger: Trigger) -> LocalizedText | None:
    """A list of issues may not know when a text was edited: the issue itself does."""
    why = deps.guard.why_stale(issue, trigger)
    if why is None:
        return None
    fresh = await deps.forge.issue(issue.number)
    if (fresh.title, fresh.body) != (issue.title, issue.body):
        return why
    return deps.guard.why_stale(fresh, trigger)


async def readable(
    deps: PipelineDeps, issue: Issue, permissions: Permissions
) -> tuple[list[Comment], int, frozenset[int]]:
    """Comments of people whose words count, how many others there are, and who of them maintains
    the project. Of a crowd only some are asked about: the issue's author, whom the forge calls a
    member, and who spoke last; the rest are others."""
    me = await deps.forge.me()
    talk = [one for one in await deps.forge.comments(issue.number) if not is_ours(one, me)]
    members = [one for one in reversed(talk) if one.author.id == issue.author.id or one.member]
    people = {one.author.id: one.author for one in (*members, *reversed(talk))}
    may: dict[int, Permission] = {}
    for author in list(people.values())[:MOST_PEOPLE]:
        permission = await permissions.of(author)
        if deps.guard.may_speak(author, permission):
            may[author.id] = permission
    trusted = [one for one in talk if one.author.id in may]
    first = frozenset(one for one, power in may.items() if power.covers(Permission.WRITE))
    return trusted, len(talk) - len(trusted), first
