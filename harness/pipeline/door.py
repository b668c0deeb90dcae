"""The one door to the outside: each write to the forge, and each push, of a run (T37).

A write passes when the table below lets this run make it, no agent of the run is at work, and
nothing in its texts may be a secret. Whoever has no run to show can only answer people. A way out
that is not in the table does not exist.
"""

from __future__ import annotations

import dataclasses
import inspect
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, cast

from harness.core.errors import NotFound, WriteRefused
from harness.core.ports import Forge, Workspace
from harness.core.types import Run
from harness.pipeline.at_work import watched
from harness.pipeline.job import Job
from harness.pipeline.leased import READS, leased
from harness.pipeline.leaving import refused_text
from harness.pipeline.parts import Parts
from harness.pipeline.pushing import DoorWorkspace, own_branches
from harness.pipeline.stages.ci import OWN

log = logging.getLogger(__name__)
LEASE = frozenset({"take_lease", "drop_lease"})
PASSING = READS - {"powers"}
"""What is no word to anybody. `powers` tries real writes: only `doctor` asks, and not in here."""
REPORTING = re.compile(r"progress-\d+|held(?:-\d+-\d+)?|word-\d+")
"""Comments that say how a run stands. One with a secret in it is replaced by a fixed sentence: to
hold the run would need such a comment too."""
ANSWERING = re.compile(r"held|word-\d+")
"""What is said where there is no run: why an issue does not start, and answers to people."""
Given = Mapping[str, Any]


class Asked:
    """One write that wants to pass."""

    def __init__(self, parts: Parts, run: Run, name: str, given: Given) -> None:
        self.parts = parts
        self.run = run
        self.name = name
        self.given = given

    @property
    def branches(self) -> tuple[str, ...]:
        return own_branches(self.parts, self.run)

    async def own_pull(self) -> bool:
        """Its own by number, or by its head: a crash may have come before the number was kept."""
        number = self.given.get("pr", self.given.get("number"))
        if number and number == self.run.pr:
            return True
        try:
            return (await self.parts.forge.pr(int(str(number)))).head in self.branches
        except NotFound:
            return False


# ---------------------------------------------------------------- the table: "" or what is foreign

Rule = Callable[[Asked], Awaitable[str]]


async def _never(asked: Asked) -> str:
    raise WriteRefused("guard.write_unknown", write=asked.name)


async def _comment(asked: Asked) -> str:
    number, run = asked.given["number"], asked.run
    return "" if number in (run.issue, run.pr or run.issue) else f"#{number}"


async def _issue(asked: Asked) -> str:
    number = asked.given["number"]
    return "" if number == asked.run.issue else f"#{number}"


async def _opened(asked: Asked) -> str:
    head, base = asked.given["head"], asked.given["base"]
    if head not in asked.branches:
        return str(head)
    return "" if base == asked.parts.rules.default_branch else str(base)


async def _pull(asked: Asked) -> str:
    number = asked.given.get("pr", asked.given.get("number"))
    return "" if await asked.own_pull() else f"#{number}"


async def _thread(asked: Asked) -> str:
    foreign = await _pull(asked)
    if foreign:
        return foreign
    thread = str(asked.given["thread"])
    known = {one.id for one in await asked.parts.forge.threads(asked.given["pr"])}
    return "" if thread in known else thread[:80]


async def _rerun(asked: Asked) -> str:
    check = asked.given["check"]
    own = asked.run.head_sha and await asked.parts.forge.checks(asked.run.head_sha)
    return "" if check in {one.id for one in own or ()} else str(check)


async def _check(asked: Asked) -> str:
    commit, name = asked.given["commit"], asked.given["name"]
    return "" if commit == asked.run.head_sha and name == OWN else f"{name} {commit[:12]}"


async def _merge(asked: Asked) -> str:
    run, head = asked.run, asked.given["head_sha"]
    if asked.given["pr"] != run.pr or head != run.head_sha:
        return f"#{asked.given['pr']} {head[:12]}"
    if asked.parts.rules.merge != "auto" and f"merge:{head}" not in run.approvals:
        raise WriteRefused("guard.write_unapproved", write=asked.name)
    return ""


async def _gone(asked: Asked) -> str:
    run, name = asked.run, asked.given["name"]
    own = name == Job(asked.parts, run).branch and asked.given["expected_sha"] == run.head_sha
    return "" if own and run.merged_sha else str(name)


WRITES: dict[str, Rule] = {
    "create_issue": _never,
    "edit_issue": _never,
    "labels": _never,
    "close": _issue,
    "put_comment": _comment,
    "open_pr": _opened,
    "edit_pr": _pull,
    "ready": _pull,
    "close_pr": _pull,
    "reply": _thread,
    "resolve": _thread,
    "request_review": _pull,
    "rerun": _rerun,
    "put_check": _check,
    "merge": _merge,
    "enqueue": _merge,
    "delete_branch": _gone,
}
"""Every write of the Forge port, and what must hold for a run to make it."""


# ---------------------------------------------------------------- the door itself


def behind_door(parts: Parts) -> Parts:
    """A project's parts: reads pass, sessions are known while they are open, and the only writes
    are answers to people. `outward` opens more, for one run."""
    return watched(_with(parts, Door(parts, ""), DoorWorkspace(parts, "")))


def outward(parts: Parts, run: Run) -> Parts:
    """The parts for one run: its writes pass by the table, with its lease looked at before each."""
    forge = parts.forge.inner if isinstance(parts.forge, Door) else parts.forge
    workspace = parts.workspace
    if isinstance(workspace, DoorWorkspace):
        workspace = workspace.inner
    held = leased(dataclasses.replace(parts, forge=forge, workspace=workspace), run.issue)
    return _with(parts, Door(held, run.id), DoorWorkspace(held, run.id))


def _with(parts: Parts, forge: Door, workspace: DoorWorkspace) -> Parts:
    return dataclasses.replace(
        parts, forge=cast(Forge, forge), workspace=cast(Workspace, workspace)
    )


class Door:
    """The Forge port. `run` "": no run."""

    def __init__(self, parts: Parts, run: str) -> None:
        self._parts = parts
        self._run = run

    @property
    def inner(self) -> Forge:
        """What is behind the door."""
        return self._parts.forge

    def __getattr__(self, name: str) -> Any:
        if name in PASSING or name in LEASE:
            return getattr(self._parts.forge, name)
        if name not in WRITES:
            if hasattr(Forge, name):
                raise WriteRefused("guard.write_unknown", write=name)
            raise AttributeError(name)

        async def passed(*args: Any, **named: Any) -> Any:
            bound = inspect.signature(getattr(Forge, name)).bind(None, *args, **named)
            given = {k: v for k, v in bound.arguments.items() if k != "self"}
            write = getattr(self._parts.forge, name)
            return await write(**await self._checked(name, given))

        return passed

    async def _checked(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """What may be written: the arguments, or a fixed sentence in their place."""
        run = await self._parts.store.run(self._run) if self._run else None
        await quiet(self._parts, name, given, run)
        # first: why a write is refused may show what it says
        given = await self._clean(name, given, run)
        if run is None:
            answering = name == "put_comment" and ANSWERING.fullmatch(str(given["marker"]))
            if not answering:
                raise WriteRefused("guard.write_unknown", write=name)
        else:
            await _allowed(Asked(self._parts, run, name, given))
        return given

    async def _clean(self, name: str, given: dict[str, Any], run: Run | None) -> dict[str, Any]:
        for argument, text in _texts(given):
            refused = await refused_text(self._parts, run, f"{name}: {argument}", text)
            if refused is None:
                continue
            reporting = name == "put_comment" and REPORTING.fullmatch(str(given["marker"]))
            if not (reporting and argument == "body"):
                raise WriteRefused(refused.key, **refused.facts)
            log.warning("a comment was withheld: %s", refused.key)
            if run is not None:
                told = Job(self._parts, run)
                await told.tell("withheld", f"{given['marker']}:{run.activation}")
            return {**given, "body": self._parts.words("guard.withheld")}
        return given


async def quiet(parts: Parts, name: str, given: Given, run: Run | None) -> None:
    """Raises while an agent of the run, or of a run on what is written to, is at work; its own
    progress comment may be written."""
    busy = set(parts.at_work.values())
    if run is not None:
        own = (run.issue, f"progress-{run.number}")
        progress = name == "put_comment" and (given["number"], given["marker"]) == own
        if run.id in busy and not progress:
            raise WriteRefused("guard.write_at_work", write=name)
        return
    for other in [await parts.store.run(one) for one in sorted(busy)]:
        if given.get("number") in (other.issue, other.pr or other.issue):
            raise WriteRefused("guard.write_at_work", write=name)


async def _allowed(asked: Asked) -> None:
    foreign = await WRITES[asked.name](asked)
    if foreign:
        raise WriteRefused("guard.write_foreign", write=asked.name, what=foreign)


def _texts(given: Given) -> Iterator[tuple[str, str]]:
    """Every text among the arguments, in lists too."""
    for name, value in given.items():
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list | tuple):
            yield name, "\n".join(map(str, value))
