"""What an agent may claim, typed. `parse` turns a Verdict into one of these or into a text
that tells the agent how to say it rightly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticKnownError

from harness.core.types import (
    Criterion,
    Difficulty,
    ExpectationChange,
    IssueKind,
    Stage,
    Task,
    Verdict,
)
from harness.prompting.templates import PromptText, prompt_text


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return value


Number = Annotated[int, BeforeValidator(_no_flag), Field(ge=0, lt=1 << 31)]
"""The number of an issue or a line, as a model writes it; 0: none."""


class _Claim(BaseModel):
    """Frozen; keys we do not know are left out and named in the answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Triage(_Claim):
    """What the issue is."""

    kind: IssueKind
    clear: bool = True
    difficulty: Difficulty = "small"
    risk: Literal["low", "medium", "high"] = "low"
    reason: str
    question: str = ""
    duplicate_of: Number = 0
    answer: str = ""


class Reproduced(_Claim):
    """Files that hold a failing check, and how to run it."""

    files: tuple[str, ...] = Field(min_length=1)
    command: str = Field(min_length=1)
    tests: tuple[str, ...] = Field(min_length=1)


class Expected(Reproduced):
    """A test written from the issue alone, and the issue's own words that it goes by."""

    quote: str = Field(min_length=1)


class NotReproduced(_Claim):
    """The agent could not make it fail."""

    reason: str = Field(min_length=1)
    tried: str = ""


class AlreadyFixed(Reproduced):
    """The check passes on the base and failed on an earlier commit."""

    commit: str = ""
    reason: str = ""


class Planned(_Claim):
    """The plan."""

    summary: str = Field(min_length=1)
    tasks: tuple[Task, ...] = Field(min_length=1, max_length=50)
    criteria: tuple[Criterion, ...] = ()
    risks: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    test_changes: tuple[ExpectationChange, ...] = ()


class RequestAnswer(_Claim):
    """What came of one thing that people asked for; the text is the agent's own."""

    request: str = Field(min_length=1)
    fixed: bool = True
    text: str = ""


class Finished(_Claim):
    """The agent says the change is complete."""

    summary: str = Field(min_length=1)
    title: str = ""
    commit: str = ""
    """What the commit and the pull request say of the change; "" the summary."""
    lessons: tuple[str, ...] = ()
    answers: tuple[RequestAnswer, ...] = ()


class NoChange(_Claim):
    """Nothing needs changing."""

    reason: str = Field(min_length=1)


class Blocked(_Claim):
    """The agent cannot go on."""

    reason: str = Field(min_length=1)
    question: str = ""


class ReviewFinding(_Claim):
    """One thing a reviewer holds against the change."""

    path: str = ""
    line: Number = 0
    severity: Literal["blocking", "advice"] = "blocking"
    text: str = Field(min_length=1)


class Reviewed(_Claim):
    """A reviewer's opinion."""

    approve: bool
    findings: tuple[ReviewFinding, ...] = ()


class Probe(_Claim):
    """A command that a reviewer wants run on base and change, and what it should print."""

    command: str = Field(min_length=1, max_length=4000)
    expects: str = Field(min_length=1, max_length=1000)


class Kind(_Claim):
    """A reviewer's first line: what kind of issue it is, by the issue alone."""

    kind: IssueKind


Claim: TypeAlias = (
    Triage
    | Reproduced
    | NotReproduced
    | AlreadyFixed
    | Planned
    | Finished
    | NoChange
    | Blocked
    | Reviewed
    | Kind
    | Probe
    | Expected
)
KINDS: dict[str, type[_Claim]] = {
    "triage": Triage,
    "reproduction": Reproduced,
    "not_reproduced": NotReproduced,
    "already_fixed": AlreadyFixed,
    "plan": Planned,
    "done": Finished,
    "no_change": NoChange,
    "blocked": Blocked,
    "review": Reviewed,
    "kind": Kind,
    "probe": Probe,
    "expectation": Expected,
}
REVIEWERS: Final = ("review", "blocked")
PROBING: Final = ("probe", *REVIEWERS)
EXPECTING: Final = ("expectation", "blocked")
NOT_WORKERS: Final = ("review", "kind", "probe", "expectation")
WORKERS: Final = tuple(kind for kind in KINDS if kind not in NOT_WORKERS)
ENDINGS: Final = ("done", "no_change", "blocked")
"""What a reviewer, one with probes, who writes a test from the issue alone, a worker, a sub-agent
may give."""
WANTED: Final = {
    Stage.TRIAGE: prompt_text("verdicts/next_triage"),
    Stage.REPRODUCE: prompt_text("verdicts/next_reproduce"),
    Stage.PLAN: prompt_text("verdicts/next_plan"),
    Stage.IMPLEMENT: prompt_text("verdicts/next_implement"),
}
"""What each stage waits for, as agents are told it; in the order of the work."""


def parse(verdict: Verdict, own: Sequence[str] = tuple(KINDS)) -> Claim | PromptText:
    """The typed claim, or what is wrong with it in words for the agent. `own`: the kinds that this
    agent may give, for those words."""
    kind = KINDS.get(verdict.kind)
    if kind is None:
        return prompt_text("verdicts/unknown_kind", kind=repr(verdict.kind), kinds=", ".join(own))
    try:
        claim = kind.model_validate(verdict.data)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(p) for p in e['loc']) or 'data'}: {e['msg']}" for e in error.errors()
        )
        fields = ", ".join(kind.model_fields)
        return prompt_text("verdicts/not_accepted", kind=verdict.kind, wrong=wrong, fields=fields)
    return claim  # type: ignore[return-value]  # every value of KINDS is one of Claim


def mistake(claim: Claim | PromptText, wanted: str) -> PromptText:
    """Why this verdict is not taken: it is wrongly said, or another is wanted."""
    return claim if isinstance(claim, PromptText) else prompt_text(wanted)
