"""What a model is told does not contradict itself: one order of verdicts, and to each kind of
session its own."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from harness.core.types import Session, SessionKind, Verdict, VerdictKinds
from harness.pipeline.agents.verdicts import ENDINGS, KINDS, REVIEWERS, WANTED, WORKERS, parse
from harness.prompting.templates import Prompts, PromptText, prompts_root
from harness.tools.checkpoints import verdict_spec

PROMPTS = Prompts(prompts_root())


def raw(name: str) -> str:
    """The template as it stands."""
    return (prompts_root() / f"{name}.md").read_text(encoding="utf-8")


OWN: dict[VerdictKinds, set[str]] = {
    "worker": set(WORKERS),
    "reviewer": {*REVIEWERS, "kind"},
    "ending": set(ENDINGS),
}


@pytest.mark.parametrize("kinds", OWN)
def test_a_session_is_told_the_verdicts_that_it_may_give(kinds: VerdictKinds) -> None:
    told = verdict_spec(PROMPTS, kinds).description
    assert set(re.findall(r"^(\w+) \{", told, re.MULTILINE)) == OWN[kinds]


@pytest.mark.parametrize(
    ("kind", "chosen", "may"),
    [
        ("worker", None, "worker"),
        ("reviewer", None, "reviewer"),
        ("subagent", None, "ending"),
        ("worker", "ending", "ending"),
    ],
)
def test_what_it_may_give_follows_its_kind(
    kind: SessionKind, chosen: VerdictKinds | None, may: VerdictKinds
) -> None:
    session = Session(
        id="s", run="r", kind=kind, model="m", system="", opening="", tools=(), verdicts=chosen,
        prompt_version="", base_tree="", created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert session.may_give == may


@pytest.mark.parametrize("own", [WORKERS, REVIEWERS, ENDINGS, ("kind",)])
def test_a_wrong_kind_is_answered_with_the_sessions_own(own: tuple[str, ...]) -> None:
    said = parse(Verdict(call="", kind="finished", data={}, tree=""), own)
    assert isinstance(said, PromptText)
    assert PROMPTS.fill(said).endswith(f"Kinds: {', '.join(own)}.")


def test_one_order_is_told_and_it_is_that_of_the_stages() -> None:
    firsts = [PROMPTS.fill(one).partition(" (")[0] for one in WANTED.values()]
    assert firsts == ["triage", "reproduction", "plan", "done"]
    opening = raw("opening_worker")
    assert "{{order}}" in opening
    assert "or before it" not in opening
    for one in (PROMPTS.fill(want) for want in WANTED.values()):
        assert set(re.findall(r"\w+_\w+|\w+", one)) - {"or"} <= set(KINDS)


def test_no_word_to_every_session_names_a_verdict_that_some_may_not_give() -> None:
    for name in (n for n in PROMPTS.names if n.startswith("nudge_")):
        text = raw(name)
        assert not re.search(r"\b(?:done|no_change|triage|plan|reproduction|review)\b", text), name


def test_what_freezes_is_said_before() -> None:
    assert "freeze" in verdict_spec(PROMPTS).description
    assert "freeze anew" in raw("opening_worker")


def test_a_plan_that_a_person_must_approve_says_so() -> None:
    told = PROMPTS.text(
        "verdicts/plan_kept",
        version="2",
        approval=PROMPTS.text("verdicts/plan_needs_person", why="It changes tests."),
    )
    assert told == (
        "Plan version 2 kept. A person has to approve it before any change by it goes on: "
        "It changes tests."
    )
