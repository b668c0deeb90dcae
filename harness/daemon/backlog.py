"""The issues of one project that are open and what is known of them: which may start, which are
held and why. Kept in the store with the cursor of the forge, so a tick asks only for changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from harness.core.base import Value
from harness.core.errors import Forbidden, NotFound
from harness.core.ports import Forge, Store
from harness.core.types import Command, Issue, Run, Say
from harness.daemon.dispatch import Candidate, Priority, depends_of, priority_of

MOST_PAGES = 10_000


class Project(Protocol):
    """One project's pipeline as the daemon sees it."""

    @property
    def name(self) -> str: ...
    @property
    def forge(self) -> Forge: ...
    async def admit(self, issue: Issue) -> Say | None:
        """None: it may start; else why it is held or ignored."""
        ...

    async def begin(self, issue: Issue) -> Run:
        """Opens the run, or finds it; starts no work."""
        ...

    async def command(self, command: Command) -> Say:
        """Applies a person's word to the run's row; what was done."""
        ...

    async def fingerprint(self, run: Run) -> str:
        """Forge facts; a change is a signal."""
        ...

    async def activate(self, run: Run) -> str:
        """Starts the run's next activation; its workflow id."""
        ...


class Entry(Value):
    """One open issue. `text` is a hash of what starts a run: when it changes, a run that is over
    may be followed by another."""

    number: int
    title: str
    priority: Priority
    created_at: datetime
    depends: tuple[int, ...]
    text: str
    held: Say | None = None


class Kept(Value):
    """What is stored of the forge."""

    cursor: str = ""
    entries: dict[int, Entry] = {}


class Started(Value):
    """What is stored of our own doing: the text each issue's last run began with, and the issues
    a person asked for by name since."""

    texts: dict[int, str] = {}
    asked: tuple[int, ...] = ()


class Backlog:
    """Load before use."""

    def __init__(self, project: Project, store: Store) -> None:
        self.project = project
        self._store = store
        self._kept = Kept()
        self._started = Started()
        self._made: dict[int, tuple[Entry, Candidate]] = {}

    async def load(self) -> None:
        """What an earlier process knew."""
        value = await self._store.kept("backlog", self.project.name)
        if value is not None:
            self._kept = Kept.model_validate(value)
        value = await self._store.kept("started", self.project.name)
        if value is not None:
            self._started = Started.model_validate(value)

    async def poll(self, *, store: bool = True) -> bool:
        """Asks the forge for what changed; whether anything did. `store=False`: only look."""
        cursor, entries = self._kept.cursor, dict(self._kept.entries)
        for _ in range(MOST_PAGES):
            page = await self.project.forge.issues(cursor)
            for issue in page.issues:
                if issue.state == "open":
                    entries[issue.number] = await self._entry(issue)
                else:
                    entries.pop(issue.number, None)
            moved = page.cursor != cursor
            cursor = page.cursor
            if not page.issues or not moved:
                break
        found = self._kept.model_copy(update={"cursor": cursor, "entries": entries})
        changed = found != self._kept
        self._kept = found
        if changed and store:
            await self._save(found)
        return changed

    async def look(self, number: int, *, asked: bool = False) -> Issue | None:
        """The issue as it is now, if it is open and may start; `asked` by a person."""
        issue = await self.project.forge.issue(number)
        entries = dict(self._kept.entries)
        entries.pop(number, None)
        if issue.state != "open":
            await self._change(entries)
            return None
        entries[number] = await self._entry(issue)
        await self._change(entries)
        if asked and not self.asked(number):
            await self._start(self._started.texts, (*self._started.asked, number))
        return issue if entries[number].held is None else None

    async def mark_started(self, number: int) -> None:
        """Its present text has had its run."""
        entry = self._kept.entries.get(number)
        if entry is not None:
            others = tuple(n for n in self._started.asked if n != number)
            await self._start({**self._started.texts, number: entry.text}, others)

    def was_started(self, number: int) -> bool:
        """True when a run of it was begun from here, whatever its text was."""
        return number in self._started.texts

    def asked(self, number: int) -> bool:
        """True when a person asked for it and it has not begun since."""
        return number in self._started.asked

    def candidates(self, open_issues: Collection[int]) -> list[Candidate]:
        """Issues that may start now; those with an open run are left out."""
        return [
            self._candidate(entry)
            for entry in self._kept.entries.values()
            if entry.held is None and entry.number not in open_issues and self._fresh(entry)
        ]

    def refused(self) -> list[Entry]:
        """Issues that may not start; each says why."""
        return [entry for entry in self._kept.entries.values() if entry.held is not None]

    async def unmet(self, numbers: Collection[int]) -> set[int]:
        """Which of these issues are open; one that does not exist holds nobody back."""
        found = set()
        for number in sorted(numbers):
            try:
                issue = await self.project.forge.issue(number)
            except NotFound:
                continue
            if issue.state == "open":
                found.add(number)
        return found

    def _candidate(self, entry: Entry) -> Candidate:
        """Made once an entry: thousands are asked for whenever anything happens."""
        made = self._made.get(entry.number)
        if made is None or made[0] is not entry:
            candidate = Candidate(
                project=self.project.name,
                issue=entry.number,
                title=entry.title,
                priority=entry.priority,
                created_at=entry.created_at,
                depends=entry.depends,
            )
            made = self._made[entry.number] = (entry, candidate)
        return made[1]

    def _fresh(self, entry: Entry) -> bool:
        return self.asked(entry.number) or self._started.texts.get(entry.number) != entry.text

    async def _entry(self, issue: Issue) -> Entry:
        reopened = issue.state_reason == "reopened"
        text = "\0".join((issue.title, issue.body, "reopened" if reopened else ""))
        return Entry(
            number=issue.number,
            title=issue.title,
            priority=priority_of(issue.labels),
            created_at=issue.created_at,
            depends=depends_of(issue.body, issue.number),
            text=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16],
            held=await self._admitted(issue),
        )

    async def _admitted(self, issue: Issue) -> Say | None:
        try:
            return await self.project.admit(issue)
        except (NotFound, Forbidden) as error:
            # about this issue alone: the others are not kept waiting for it
            return error.say

    async def _start(self, texts: dict[int, str], asked: tuple[int, ...]) -> None:
        self._started = Started(texts=texts, asked=asked)
        value = self._started.model_dump(mode="json")
        await self._store.keep("started", self.project.name, value)

    async def _change(self, entries: dict[int, Entry]) -> None:
        if entries != self._kept.entries:
            self._kept = self._kept.model_copy(update={"entries": entries})
            await self._save(self._kept)

    async def _save(self, kept: Kept) -> None:
        await self._store.keep("backlog", self.project.name, kept.model_dump(mode="json"))
