"""What the recorded facts of one run teach. Pure: events, counts and paths in, lessons out.

No word of an issue, of a person or of an agent becomes a lesson: its subject is a word of ours,
its place a path or a check's name that looks like one. What fits nowhere teaches nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from pydantic import ValidationError

from harness.core.base import Json, Value
from harness.core.lesson_types import Learned, LessonKind
from harness.core.types import Event, FileChange, LocalizedText, Run, Stage
from harness.pipeline.lessons.checks import HELD_MERGE, SET_UP, SUBJECTS, check_of, limit_of, said

PATH: Final = re.compile(r"[\w.][\w./+()\[\]-]{0,119}")
CHECK: Final = re.compile(r"[\w.][\w ./:()\[\]+-]{0,59}")
MOST_WORDS: Final = 6
"""A check's name with more of them is a sentence."""
MOST_PLACES: Final = 10
"""Paths of one kind in one run; a change of everything says nothing of one file."""
LONGEST_QUOTE: Final = 2_000
SIZES: Final = ("trivial", "small", "medium", "large")
BOUNDS: Final = ((1, 20), (3, 150), (10, 600))
"""(files, lines) up to which a change is of that size."""
APART: Final = 2
"""So many sizes a judgement must be off to be told."""
WORKED: Final = ("reproduced", "planned", "verified", "published", "merged")


class RunFacts(Value):
    """A run that rests after its pull request was opened. `changed`: its own change; `theirs`:
    paths that people changed on its branch; `rejected`: closed without a merge."""

    run: Run
    events: tuple[Event, ...] = ()
    changed: tuple[FileChange, ...] = ()
    theirs: tuple[str, ...] = ()
    rejected: bool = False


def lessons_of(facts: RunFacts) -> tuple[Learned, ...]:
    """Each once, as the run taught it first."""
    found: dict[str, Learned] = {}
    for rule in RULES:
        for learned in rule(facts):
            found.setdefault(learned.key, learned)
    return tuple(found.values())


def _sent_back(facts: RunFacts) -> Iterator[Learned]:
    """A check sent the change back to the agent; or a person did, for a weaker test."""
    weak = False
    for event in facts.events:
        if event.kind == "verify_failed":
            yield from _checks("sent_back", event, event.facts.get("findings"))
        elif event.kind == "weakened":
            weak = True
        elif event.kind == "rejected" and weak and event.stage is Stage.VERIFY:
            yield Learned(kind="sent_back", subject="weakening", at=event.at)


def _people_changed(facts: RunFacts) -> Iterator[Learned]:
    """People changed these files on the branch after the work was published."""
    adopted = [event for event in facts.events if event.kind in ("adopted", "merged")]
    at = adopted[0].at if adopted else facts.run.updated_at
    for path in _paths(facts.theirs):
        yield Learned(kind="people_changed", place=path, at=at)


def _people_asked(facts: RunFacts) -> Iterator[Learned]:
    """People asked in review threads for something else in these files."""
    for event in facts.events:
        if event.kind == "review_requests":
            for path in _paths(_lines(event, "paths")):
                yield Learned(
                    kind="people_asked", place=path, at=event.at, quote=_quote(event.facts["what"])
                )


def _set_aside(facts: RunFacts) -> Iterator[Learned]:
    """A person let a change through that a check had held, or merged it themselves: that check may
    be wrong here."""
    held: Json = None
    for event in facts.events:
        match event.kind:
            case "held":
                held = event.facts.get("why")
            case "verified":
                # what was held is another change by now
                held = None
            case "approved":
                what = str(event.facts.get("subject", "")).partition(":")[0]
                yield from _let_through(what, event, held)
            case "merged":
                yield from _let_through("merge", event, held)


def _let_through(what: str, event: Event, held: Json) -> Iterator[Learned]:
    """By what an approval was about, with the reason of the hold before it."""
    for key, say in said(held):
        reason = _facts(say)
        if what == "policy" or (what == "merge" and key == HELD_MERGE):
            yield from _checks("set_aside", event, reason.get("what"))
        elif what == "checks":
            for name in _names(str(reason.get("checks", ""))):
                yield Learned(
                    kind="set_aside", subject="named", place=name, at=event.at, quote=_quote(say)
                )
        elif what in SUBJECTS:
            subject = SUBJECTS[what]
            yield Learned(kind="set_aside", subject=subject, at=event.at, quote=_quote(say))


def _ci_mended(facts: RunFacts) -> Iterator[Learned]:
    """A check of the forge failed, and passed once the agent had mended what it showed."""
    red: dict[str, Event] = {}
    for event in facts.events:
        if event.kind == "ci_red":
            for name in _names(str(event.facts.get("checks", ""))):
                red.setdefault(name, event)
        elif event.kind == "ci_green":
            for name, first in red.items():
                yield Learned(kind="ci_mended", place=name, at=first.at)
            red.clear()


def _ci_flaky(facts: RunFacts) -> Iterator[Learned]:
    """A check failed and passed on the same commit."""
    for event in facts.events:
        if event.kind == "ci_flaky":
            for name in _names(str(event.facts.get("checks", ""))):
                yield Learned(kind="ci_flaky", place=name, at=event.at)


def _refused(facts: RunFacts) -> Iterator[Learned]:
    """A reviewer of one view refused what was done to a file."""
    for event in facts.events:
        if event.kind == "review_findings" and event.facts.get("approve") is False:
            for key, _ in said(event.facts.get("view")):
                for path in _paths(_lines(event, "against")):
                    view = key.rpartition(".")[2]
                    yield Learned(kind="refused", subject=view, place=path, at=event.at)


def _difficulty(facts: RunFacts) -> Iterator[Learned]:
    """Judged much easier, or much harder, than it was."""
    judged, run = facts.run.difficulty, facts.run
    if not run.merged_sha or not facts.changed or judged is None:
        return
    real = size_of(facts.changed)
    if abs(SIZES.index(judged) - SIZES.index(real)) >= APART:
        yield Learned(kind="difficulty", subject=f"{judged}_{real}", at=run.updated_at)


def size_of(changes: Sequence[FileChange]) -> str:
    """What a change is, by its files and lines."""
    lines = sum(change.added + change.removed for change in changes)
    for size, (files, most) in zip(SIZES, BOUNDS, strict=False):
        if len(changes) <= files and lines <= most:
            return size
    return SIZES[-1]


def _environment(facts: RunFacts) -> Iterator[Learned]:
    """The set-up failed, a person was asked, and the run went on afterwards."""
    waits: dict[str, tuple[Event, Json]] = {}
    for event in facts.events:
        if event.kind == "held":
            waits |= {
                k: (event, s) for k, s in said(event.facts.get("why")) if k.startswith(SET_UP)
            }
        elif event.kind in WORKED:
            for key, (held, say) in waits.items():
                yield Learned(kind="environment", subject=key, at=held.at, quote=_quote(say))
            waits.clear()


def _limits(facts: RunFacts) -> Iterator[Learned]:
    """A limit stopped the agent, and a person had to have it go on."""
    for event in facts.events:
        if event.kind == "held":
            for key, say in said(event.facts.get("why")):
                limit = limit_of(key)
                if limit is not None:
                    yield Learned(kind="limits", subject=limit, at=event.at, quote=_quote(say))


def _rejected(facts: RunFacts) -> Iterator[Learned]:
    """The pull request was closed without a merge."""
    if facts.rejected and facts.run.kind is not None:
        yield Learned(kind="rejected", subject=facts.run.kind, at=facts.run.updated_at)


def _plan_rejected(facts: RunFacts) -> Iterator[Learned]:
    """A person sent the plan back."""
    for event in facts.events:
        if event.kind == "rejected" and event.stage is Stage.PLAN and facts.run.kind is not None:
            yield Learned(kind="plan_rejected", subject=facts.run.kind, at=event.at)


def _checks(kind: LessonKind, event: Event, fact: Json) -> Iterator[Learned]:
    """One a check among the sentences of a stored fact."""
    for key, say in said(fact):
        check = check_of(key)
        if check is not None:
            yield Learned(kind=kind, subject=check, at=event.at, quote=_quote(say))


def _paths(paths: Iterable[str]) -> list[str]:
    """Those that look like paths and like nothing else; none when they are too many to tell."""
    found = sorted({path for path in paths if PATH.fullmatch(path) and ".." not in path})
    return found if len(found) <= MOST_PLACES else []


def _names(joined: str) -> list[str]:
    """The checks of a list in one text whose names are names."""
    names = [name.strip() for name in joined.split(", ")]
    return [n for n in names if CHECK.fullmatch(n) and len(n.split()) <= MOST_WORDS]


def _lines(event: Event, fact: str) -> list[str]:
    return str(event.facts.get(fact, "")).split("\n")


def _facts(say: Json) -> dict[str, Json]:
    facts = say.get("facts") if isinstance(say, dict) else None
    return facts if isinstance(facts, dict) else {}


def _quote(fact: Json) -> LocalizedText | str:
    """The recorded sentence; "" for one that is too long or of another release."""
    if len(json.dumps(fact)) > LONGEST_QUOTE:
        return ""
    if isinstance(fact, str):
        return fact
    try:
        return LocalizedText.model_validate(fact)
    except ValidationError:
        return ""


RULES: Final[tuple[Callable[[RunFacts], Iterator[Learned]], ...]] = (
    *(_sent_back, _people_changed, _people_asked, _set_aside, _ci_mended, _ci_flaky),
    *(_refused, _difficulty, _environment, _limits, _rejected, _plan_rejected),
)
