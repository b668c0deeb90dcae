"""Every small fact that the pipeline keeps beside the tables, and its type. A name is stored in
databases: it stays, and what stood under it once must be read for ever.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, TypeAdapter

from harness.core.base import Json, Value
from harness.core.change_proof import Independent, Proof
from harness.core.slot import Slot
from harness.core.types import Finding, LocalizedText, Reproduction, Waiting
from harness.pipeline.agents.verdicts import Blocked, Kind, Reviewed, Triage
from harness.pipeline.verification.kinds import Settled

# ---------------------------------------------------------------- what the slots hold


class Claimed(Value):
    """What a stage was reached with: a verdict's kind and data, and the tree then."""

    kind: str
    data: dict[str, Json]
    tree: str


class Expectation(Value):
    """What came of the session that tests by the issue alone. `refused`: verdict's call -> why it
    was not taken."""

    proof: Reproduction | None = None
    quote: str = ""
    base: str = ""
    """The base on which it was red."""
    refused: dict[str, str] = {}
    over: bool = False
    why: LocalizedText | str = ""
    """Why there is no such test; a text is the session's own."""


class Probed(Value):
    """A command that a reviewer had run; `base` and `change`: whether it printed there what was
    expected."""

    call: str
    said: str
    base: bool
    change: bool


class RejectedPlan(Value):
    """The plan that a person does not want, and what they said of it, fenced."""

    hash: str
    text: str


class MergedTasks(Value):
    """What came of a delegation: the merged tree, or why there is none."""

    tree: str
    failed: LocalizedText | str = ""


class ChangeRequest(Value):
    """One thing asked for. `key` is r<review>, t<newest comment of the thread> or c<comment>."""

    key: str
    text: str
    by: str
    head: str = ""
    """The head it was about."""
    thread: str = ""
    path: str = ""
    """The file that the thread is about."""
    resolvable: bool = False
    """Whether we may resolve the thread once it is settled."""


class SeenChecks(Value):
    """What was seen and asked on one head. Kept, so that no restart forgets a rerun."""

    since: datetime
    reruns: int = 0
    asked: dict[str, datetime] = {}
    """Check asked to run again, and not seen running since -> when."""
    failed: tuple[str, ...] = ()
    """Checks that failed on this head."""
    flaky: tuple[str, ...] = ()
    """Those of them that passed on it too."""


class Left(Value):
    """When a head was last left to the forge, and how often."""

    since: datetime
    times: int = 1


class NotSeen(Value):
    """What was not seen, and the tree and base (tree@base) that it was not seen of. `product`:
    whether that changes anything but prose and tests."""

    tree: str
    findings: tuple[Finding, ...]
    product: bool


class Allowed(Value):
    """What a person approved, and what it was for in words."""

    subject: str
    by: str
    what: str


class HoldNotice(Value):
    """Why a run was held when it last said so, and the marker of that comment."""

    reason: LocalizedText
    marker: str
    over: bool = False
    """The comment says that nobody is needed any more."""


class Shown(Value):
    """What a person is asked to let through, and the comment that shows it: its id, 0 when it
    could not be shown, and since when it does, by the forge's clock; None: from its beginning."""

    subject: str
    comment: int = 0
    since: datetime | None = None


class PostedAnswer(Value):
    """The answer to a question, by the marker of its comment, and when it was posted."""

    marker: str
    at: datetime


class Unsaid(Value):
    """A comment that waits: on which issue or pull request, its marker, its text."""

    on: int
    marker: str
    body: str


class WaitBefore(Value):
    """What a run waited for in an activation."""

    activation: int
    wait: Waiting


class Place(Value):
    """Where a word was said: the issue or pull request, and the comment."""

    on: int
    comment: int


def issue_key(project: str, issue: int) -> str:
    """The owner of an issue's slots."""
    return f"{project}/{issue}"


TEXT: Final = TypeAdapter(str)
SAID: Final = TypeAdapter[LocalizedText | str](LocalizedText | str)
"""A sentence; a text where it was kept in one language."""
TEXTS: Final = TypeAdapter(tuple[str, ...])
YES: Final = TypeAdapter(bool)
TIME: Final = TypeAdapter(datetime)
FINDINGS: Final = TypeAdapter(tuple[Finding, ...])
NO_TIME: Final = TypeAdapter[datetime | None](
    Annotated[datetime | None, BeforeValidator(lambda text: text or None)]
)

# ---------------------------------------------------------------- the agent's claims

CLAIM: Final = Slot("claim", "run", TypeAdapter(Claimed), unreadable="absent")
"""At "stage:attempt": what the stage was reached with. Nothing: the agent is asked again."""
CALL: Final = Slot("call", "run", YES)
"""At a verdict's call: it was taken."""
SKILL: Final = Slot("skill", "run", YES, unreadable="absent")
"""At a skill: it was shown."""
TRIAGE: Final = Slot("triage", "run", TypeAdapter(Triage))
"""What triage found."""
KIND: Final = Slot("kind", "run", TypeAdapter(Settled), unreadable="absent")
"""The issue's kind, and who gave it. Nothing: the worker alone did, and a reviewer is asked."""
KIND_SAID: Final = Slot("kind_said", "run", TypeAdapter(Kind), unreadable="absent")
"""A reviewer's word on the issue's kind."""
FIXED_SINCE: Final = Slot("fixed_since", "run", TEXT)
"""The commit on which the test of a bug that is there no more still failed."""
FIXED_UNPROVEN: Final = Slot("fixed_unproven", "run", SAID)
"""Why a person must say whether it is fixed; "" when running showed it."""
FREEZE_WAITS: Final = Slot("freeze_waits", "run", TypeAdapter(Reproduction))
"""A new reproduction that waits for a person."""
FREEZE_GRANTED: Final = Slot("freeze_granted", "run", TEXT, unreadable="absent")
"""Who asked for the reproduction to begin again: their word allows the next one."""
DELEGATED: Final = Slot("delegated", "run", TypeAdapter(MergedTasks))
"""At a delegation's call: what came of it."""

# ---------------------------------------------------------------- what is told to the agent

MESSAGE: Final = Slot("message", "run", TEXT)
"""At "stage:attempt": what people have to say to that attempt."""
RETURN: Final = Slot("return", "run", TEXT)
"""At an attempt: why it was sent back, as the agent reads it."""
RETURN_SAID: Final = Slot("return_said", "run", SAID, unreadable="absent")
"""At an attempt: the same as people read it."""
REJECTED: Final = Slot("rejected", "run", TypeAdapter(RejectedPlan))
"""The plan that a person sent back last."""
REFUSED: Final = Slot("refused", "run", TEXT)
"""At a Wait's subject: why a person refused it."""
ANSWERS: Final = Slot("answers", "run", TEXTS)
"""Answers given by command, oldest first."""
ANSWERS_USED: Final = Slot("answers_used", "run", TEXTS)
"""The answers, and the ids of comments, that an agent was told."""
ASKED_AT: Final = Slot("asked_at", "run", TIME)
"""When the newest question was asked: what is said later answers it."""
QUESTION_ASKED: Final = Slot("asked", "run", TIME)
"""At a question's marker: when it was asked first."""
ANSWERED: Final = Slot("answered_at", "run", TypeAdapter(PostedAnswer))
"""The answer that the run posted to a question."""

# ---------------------------------------------------------------- what was seen of the change

FINDINGS_SEEN: Final = Slot("findings", "run", FINDINGS, unreadable="absent")
"""What verify held against the newest tree, for the pages."""
NOT_SEEN: Final = Slot("unseen", "run", TypeAdapter(NotSeen), unreadable="absent")
"""What was not seen of the change. Nothing: nobody looked, and it is held."""
PROOF: Final = Slot("proof", "run", TypeAdapter(Proof), unreadable="absent")
"""What running the newest tree without its parts showed. Nothing: it is shown again."""
PROOF_ASKED: Final = Slot("proof_asked", "run", YES)
"""What is unproven went back to the agent, which it does once."""
EXPECTATION: Final = Slot("expectation", "run", TypeAdapter(Expectation))
"""The test that was written from the issue alone, or that there is none."""
EXPECTATION_ASKED: Final = Slot("expectation_asked", "run", TEXT)
"""The "tree:attempt" that failed that test and went back to the agent, which one of them does."""
INDEPENDENT: Final = Slot("independent", "run", TypeAdapter(Independent), unreadable="absent")
"""What that test did on the newest change, for the pages."""
PROBED: Final = Slot("probed", "run", TypeAdapter(tuple[Probed, ...]), unreadable="absent")
"""At "view:tree": what that reviewer had run."""
REVIEW: Final = Slot(
    "review", "run", TypeAdapter[Reviewed | Blocked](Reviewed | Blocked), unreadable="absent"
)
"""At "view:tree": that reviewer's verdict. Nothing: the reviewer is asked."""
BLIND: Final = Slot("blind", "run", YES)
"""At "view:tree": that reviewer's session opened with the issue alone."""
REVIEWED: Final = Slot("reviewed", "run", FINDINGS, unreadable="absent")
"""At a view: what that reviewer said last, for the pages."""
APPROVED: Final = Slot("approved_for", "run", TypeAdapter(tuple[Allowed, ...]))
"""What people approved and what it was for, oldest first."""

# ---------------------------------------------------------------- the pull request

CHECKS: Final = Slot("ci", "run", TypeAdapter(SeenChecks))
"""At a head: what was seen of its checks."""
CI_FIXED: Final = Slot("ci_fixed", "run", TEXTS)
"""The rounds that mended checks."""
REQUESTS: Final = Slot("requests", "run", TypeAdapter(tuple[ChangeRequest, ...]))
"""The requests of people that the round under way answers."""
REQUESTS_DONE: Final = Slot("answered_requests", "run", TEXTS)
"""Keys of the requests that were answered."""
REQUEST_ROUNDS: Final = Slot("request_rounds", "run", TEXTS)
"""The rounds that people asked for."""
LEFT: Final = Slot("left", "run", TypeAdapter(Left))
"""At "head:attempt": that head was left to the forge's own queue."""
NOT_SHOWN: Final = Slot("not_shown", "run", TypeAdapter(int), unreadable="absent")
"""At a head: how often the forge did not show what was written, and was to be looked at again."""
READIED: Final = Slot("readied", "run", YES)
"""The pull request was made ready once."""
BASE_ASKED: Final = Slot("base_asked", "run", TypeAdapter(int))
"""The activation that last looked whether the bug is gone on the default branch."""
CLOSING: Final = Slot("closing", "run", YES)
"""The run closes its issue itself."""
REOPEN: Final = Slot("reopen", "run", YES)
"""A person asked for another pull request in the place of the closed one."""
CLOSED_AT: Final = Slot("closed_at", "run", NO_TIME)
"""Since when a person has the pull request closed."""
ADOPT: Final = Slot("adopt", "run", TEXT, unreadable="absent")
"""The head that a person handed back."""
THEIRS: Final = Slot("adopted_paths", "run", TEXTS, unreadable="absent")
"""Paths that people changed on our branch. Nothing: the plan must name them."""
REVIEWER: Final = Slot("reviewer", "run", TEXT)
"""Whose review is asked for; "" nobody's. There: the run has its place."""
REVIEWER_TURNS: Final = Slot("reviewer_turns", "project", TypeAdapter(dict[str, int]))
"""How often each reviewer was chosen."""
INVITED: Final = Slot("invited", "run", YES)
"""At an occasion: people's reviews were asked for."""

# ---------------------------------------------------------------- what is said on the forge

HELD_TOLD: Final = Slot("held_told", "run", TypeAdapter(HoldNotice), unreadable="absent")
"""What the run last said of being held."""
SHOWN: Final = Slot("shown", "run", TypeAdapter(Shown), unreadable="absent")
"""What the run asks a person for, and where that is shown. Nothing: of before this was
kept."""
UNSAID: Final = Slot("unsaid", "run", TypeAdapter(tuple[Unsaid, ...]))
"""What is to be said later."""
WAIT_BEFORE: Final = Slot("wait_before", "run", TypeAdapter(WaitBefore))
"""What the run waited for before its repository was found to be another."""
HEARD: Final = Slot("heard", "project", TypeAdapter(tuple[int, ...]))
"""At an issue or pull request: ids of comments that were heard there."""
WORD: Final = Slot("word", "project", TypeAdapter(Place), unreadable="absent")
"""At a command of the inbox: where it was said."""

# ---------------------------------------------------------------- the project and the state folder

REPOSITORY: Final = Slot("repository", "project", TypeAdapter(int))
"""The repository's id as it was seen first."""
LESSONS: Final = Slot("lessons", "project", TEXTS, unreadable="absent")
"""What agents noted for later runs, oldest first."""
NOTES: Final = Slot("notes", "run", TEXTS, unreadable="absent")
"""What the run's agents noted for people."""
ASKED: Final = Slot("asked", "issue", YES, under="daemon", unreadable="absent")
"""By "project/issue": a person asked for this issue by name, and no run has begun since."""
HOLDER: Final = Slot("holder", "state", TEXT, under="daemon")
"""The name of this state folder towards other machines."""
