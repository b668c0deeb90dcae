"""The issues of one project that are open and what is known of them: which may start, which are
held and why. Kept in the store with the cursor of the forge, so a tick asks only for changes.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

from harness.core.errors import Forbidden, ForgeError, NotFound, Unavailable
from harness.core.slot import Slots
from harness.core.trust_types import Admission, Ordering
from harness.core.types import Command, Issue, LocalizedText, Run
from harness.daemon import slots
from harness.daemon.dispatch import Candidate, depends_of
from harness.daemon.entries import KeptIssue, Shelf
from harness.daemon.slots import BacklogEntry, Started
from harness.ports.clock import Clock
from harness.ports.forge import Forge
from harness.ports.store import RunReader

MOST_PAGES = 10_000
FIRST_READ = 50
"""Of how many issues the comments are read when a project is looked at for the first time."""
SETTLED = timedelta(seconds=10)
"""A forge tells times in seconds: what changed just now may change again in the same one."""
FIRST_AGAIN = timedelta(minutes=1)
LAST_AGAIN = timedelta(hours=1)
MOST_AGAIN = 20
"""Issues asked again in one look though nothing changed."""


class ProjectPort(Protocol):
    """One project's pipeline as the daemon sees it."""

    @property
    def name(self) -> str: ...
    @property
    def forge(self) -> Forge: ...
    @property
    def ordering(self) -> Ordering:
        """Which of its issues come first."""
        ...

    async def belongs(self) -> None:
        """Strayed when its repository's name does not lead to the one that was registered."""
        ...

    async def hold_astray(self, run: Run, why: LocalizedText) -> None:
        """A run that rests says so."""
        ...

    async def release_astray(self, run: Run) -> None:
        """It does no more."""
        ...

    async def admit(self, issue: Issue, *, comments: bool = True) -> Admission:
        """Whether it may start; what the forge raises is a no. `comments=False`: those are not
        read."""
        ...

    async def begin(self, issue: Issue) -> Run:
        """Opens the run, or finds it; starts no work."""
        ...

    async def command(self, command: Command) -> LocalizedText:
        """Applies a person's word to the run's row; what was done."""
        ...

    async def listen(self, issue: int, pr: int = 0) -> None:
        """Puts what people said on the issue, or on its pull request, into the inbox, once."""
        ...

    async def reply_to(self, command: Command, answer: LocalizedText) -> None:
        """What came of a word, told where it was said if it was said on the forge."""
        ...

    async def say_held(self, issue: int, held: LocalizedText | None, hidden: int = 0) -> None:
        """Tells on the issue why it does not start; None: that it may now."""
        ...

    async def fingerprint(self, run: Run) -> str:
        """Forge facts; a change is a signal."""
        ...

    async def follow_proposals(self) -> None:
        """Notes what people did with pull requests that are no run's: lessons that are open."""
        ...

    async def activate(self, run: Run) -> str:
        """Starts the run's next activation; its workflow id."""
        ...


class BacklogStore(RunReader, Slots, Protocol):
    """Runs to compare issues with, and where the cursor of the forge is kept."""


class Backlog:
    """Load before use."""

    def __init__(self, project: ProjectPort, store: BacklogStore, clock: Clock) -> None:
        self.project = project
        self.stirred: frozenset[int] = frozenset()
        """Issues that the last look found changed."""
        self._store = store
        self._clock = clock
        self._shelf = Shelf(store, project.name)
        self._kept = KeptIssue()
        self._started = Started()
        self._made: dict[int, tuple[BacklogEntry, Candidate]] = {}
        self._silent: LocalizedText | None = None
        """The forge does not answer; it is not asked about each issue to find that out."""

    async def load(self) -> None:
        """What an earlier process knew."""
        self._kept = await self._shelf.load()
        self._started = await self._store.get(slots.STARTED, self.project.name) or Started()

    async def poll(self, *, store: bool = True) -> bool:
        """Asks the forge for what changed; whether anything did. `store=False`: only look."""
        entries, stirred = dict(self._kept.entries), set[int]()
        self._silent = None
        cursor, worth_hearing = await self._changes(entries, stirred)
        stirred |= await self._ask_again(entries)
        unheard = self._kept.unheard
        if store:
            # heard before the cursor is kept: after a kill it is all read again
            unheard = await self._hear_all(sorted({*unheard, *worth_hearing}))
        changed = (cursor, unheard) != (self._kept.cursor, self._kept.unheard) or bool(stirred)
        self._kept = KeptIssue(cursor=cursor, entries=entries, unheard=unheard)
        self.stirred = frozenset(stirred)
        if changed and store:
            await self._shelf.put(self._kept, stirred)
        if store:
            await self._tell_held()
        return changed

    async def _changes(
        self, entries: dict[int, BacklogEntry], stirred: set[int]
    ) -> tuple[str, set[int]]:
        """Reads on from the cursor; the new one, and where words may have been said. The very
        first time, comments are read of the issues that changed last only: what was said long ago
        was not said to us."""
        cursor = self._kept.cursor
        first, newest = not cursor, deque[Issue](maxlen=FIRST_READ)
        for _ in range(MOST_PAGES):
            page = await self.project.forge.issues(cursor)
            for issue in page.issues:
                if await self._read(issue, entries, comments=not first):
                    stirred.add(issue.number)
                newest.append(issue)
            moved, cursor = page.cursor != cursor, page.cursor
            if not page.issues or not moved:
                break
        for issue in newest if first else ():
            entries.pop(issue.number, None)
            await self._read(issue, entries, comments=True)
        return cursor, {issue.number for issue in newest} if first else set(stirred)

    async def hear(self, issue: int, pr: int = 0) -> None:
        """What people said there; nothing where we may not read."""
        try:
            await self.project.listen(issue, pr)
        except (NotFound, Forbidden):
            return

    async def _hear_all(self, numbers: Sequence[int]) -> tuple[int, ...]:
        """Those left over when the forge stops answering."""
        for place, number in enumerate(numbers):
            try:
                await self.hear(number)
            except Unavailable as error:
                self._silent = error.say
                return tuple(numbers[place:])
        return ()

    async def look(self, number: int, *, asked: bool = False) -> Issue | None:
        """The issue as it is now, if it is open and may start; `asked` by a person."""
        issue = await self.project.forge.issue(number)
        self._silent = None
        entries = dict(self._kept.entries)
        before = entries.pop(number, None)
        if issue.state == "open":
            entries[number] = await self._entry(issue, before, comments=True)
        if entries.get(number) != before:
            self._kept = self._kept.model_copy(update={"entries": entries})
            await self._shelf.put(self._kept, (number,))
        if issue.state != "open":
            return None
        if asked and not self.is_asked_for(number):
            await self._start(asked=(*self._started.asked, number))
        return issue if entries[number].held is None else None

    async def mark_started(self, number: int) -> None:
        """Its present text, and who asked for it, has had its run."""
        entry = self._kept.entries.get(number)
        if entry is not None:
            await self._start(
                texts={**self._started.texts, number: entry.text},
                times={**self._started.times, number: entry.asked_at or entry.changed_at},
                asked=tuple(n for n in self._started.asked if n != number),
            )

    def was_started(self, number: int) -> bool:
        """True when a run of it was begun from here, whatever its text was."""
        return number in self._started.texts

    def is_asked_for(self, number: int) -> bool:
        """True when a person asked for it and it has not begun since."""
        return number in self._started.asked

    def candidates(self, open_issues: Collection[int]) -> list[Candidate]:
        """Issues that may start now; those with an open run are left out."""
        return [
            self._candidate(entry)
            for entry in self._kept.entries.values()
            if entry.held is None and entry.number not in open_issues and self._fresh(entry)
        ]

    def refused_entries(self) -> list[BacklogEntry]:
        """Issues that may not start; each says why."""
        return [entry for entry in self._kept.entries.values() if entry.held is not None]

    async def unmet(self, numbers: Collection[int]) -> set[int]:
        """Which of these issues are open; one that does not exist holds nobody back. The forge is
        asked only about those that work from here may have closed since the last look."""
        found = {number for number in numbers if number in self._kept.entries}
        for number in sorted(found):
            if self.was_started(number):
                try:
                    issue = await self.project.forge.issue(number)
                except NotFound:
                    found.discard(number)
                    continue
                if issue.state != "open":
                    found.discard(number)
        return found

    # ---- one issue

    async def _read(
        self, issue: Issue, entries: dict[int, BacklogEntry], *, comments: bool
    ) -> bool:
        """Whether that is news."""
        before = entries.get(issue.number)
        if issue.state != "open":
            entries.pop(issue.number, None)
            return before is not None
        if before is not None and before.seen and before.seen == _mark(issue):
            return False
        entries[issue.number] = await self._entry(issue, before, comments=comments)
        return True

    async def _ask_again(self, entries: dict[int, BacklogEntry]) -> set[int]:
        """Issues that a silent forge, or a missing permission, holds back: that may be over."""
        now = self._clock.now()
        due = [e for e in entries.values() if e.again is not None and e.again <= now]
        for entry in due[:MOST_AGAIN]:
            try:
                issue = await self.project.forge.issue(entry.number)
            except (NotFound, Forbidden) as error:
                later = {"again": now + LAST_AGAIN, "held": error.say}
                entries[entry.number] = entry.model_copy(update=later)
                continue
            entries[entry.number] = entry.model_copy(update={"seen": ""})
            await self._read(issue, entries, comments=True)
        return {entry.number for entry in due[:MOST_AGAIN]}

    async def _entry(
        self, issue: Issue, before: BacklogEntry | None, *, comments: bool
    ) -> BacklogEntry:
        reopened = issue.state_reason == "reopened"
        text = "\0".join((issue.title, issue.body, "reopened" if reopened else ""))
        ordering, now = self.project.ordering, self._clock.now()
        depends = set(depends_of(issue.body, issue.number))
        tries, again = 0, None
        try:
            admission = await self._admit(issue, comments)
            if issue.waits and admission.held is None:
                depends |= set(await self.project.forge.blockers(issue.number))
        except ForgeError as error:
            # about this issue alone: the others are not kept waiting for it
            tries = before.tries + 1 if before is not None else 1
            again = now + min(FIRST_AGAIN * 2 ** min(tries - 1, 10), LAST_AGAIN)
            if isinstance(error, Unavailable):
                self._silent = error.say
                again = max(again, error.retry_at) if error.retry_at else again
            admission = Admission(held=error.say)
        if admission.held is not None and admission.attempted:
            again = now + LAST_AGAIN
        trigger = admission.trigger
        settled = now - issue.updated_at > SETTLED and not tries
        return BacklogEntry(
            number=issue.number,
            title=issue.title,
            priority=ordering.priority(issue.labels),
            milestone=ordering.milestone(issue.milestone),
            created_at=issue.created_at,
            changed_at=issue.updated_at,
            depends=tuple(sorted(depends)),
            text=_hash(text),
            held=admission.held,
            asked_at=trigger.at
            if trigger is not None and trigger.kind not in ("author", "word")
            else None,
            attempted=admission.attempted,
            hidden=admission.hidden,
            seen=_mark(issue) if settled else "",
            again=again,
            tries=tries,
        )

    async def _admit(self, issue: Issue, comments: bool) -> Admission:
        if self._silent is not None:
            raise Unavailable(self._silent.key, None, **_facts(self._silent))
        return await self.project.admit(issue, comments=comments)

    def _candidate(self, entry: BacklogEntry) -> Candidate:
        """Made once an entry: thousands are asked for whenever anything happens."""
        made = self._made.get(entry.number)
        if made is None or made[0] is not entry:
            candidate = Candidate(
                project=self.project.name,
                issue=entry.number,
                title=entry.title,
                priority=entry.priority,
                milestone=entry.milestone,
                created_at=entry.created_at,
                depends=entry.depends,
            )
            made = self._made[entry.number] = (entry, candidate)
        return made[1]

    def _fresh(self, entry: BacklogEntry) -> bool:
        """A run that is over is followed by another for a new text of an author who may, or when
        somebody asks again; an act that an earlier run came from is used up."""
        before = self._started.texts.get(entry.number)
        if before is None or self.is_asked_for(entry.number):
            return True
        since = self._started.times.get(entry.number)
        if entry.asked_at is None or since is None:
            return before != entry.text
        return entry.asked_at > since

    # ---- what is told and kept

    async def _tell_held(self) -> None:
        """On each issue that somebody asked for and that does not start, why; once a reason."""
        told = dict(self._started.told)
        for entry in list(self._kept.entries.values()):
            held = entry.held if entry.attempted else None
            mark = _hash(held.model_dump_json()) if held is not None else ""
            if entry.tries or self._silent is not None or mark == told.get(entry.number, ""):
                continue
            run = await self._store.find_run(self.project.name, entry.number)
            if run is not None and not run.state.over:
                continue
            await self.project.say_held(entry.number, held, entry.hidden)
            told[entry.number] = mark
            await self._start(told=told)

    async def _start(self, **changes: object) -> None:
        self._started = self._started.model_copy(update=changes)
        await self._store.put(slots.STARTED, self.project.name, self._started)


def _mark(issue: Issue) -> str:
    return _hash(issue.model_dump_json())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _facts(say: LocalizedText) -> dict[str, str | int]:
    return {key: fact if isinstance(fact, int) else str(fact) for key, fact in say.facts.items()}
