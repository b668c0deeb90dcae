"""What harness writes on an issue: the one progress comment, questions, holds, last words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from harness.core.types import Event, Evidence, Stage, Waiting
from harness.ports.words import Words
from harness.report.document import ran_heading
from harness.report.facts import ReportFacts
from harness.report.markdown import fence_text

SHOWN = (
    Stage.TRIAGE,
    Stage.REPRODUCE,
    Stage.PLAN,
    Stage.IMPLEMENT,
    Stage.VERIFY,
    Stage.REVIEW,
    Stage.PUBLISH,
    Stage.MERGE,
)
TAIL = 30
MOST_DIFF = 20_000
SPOKEN: Final[Mapping[str, str]] = {
    "approve": "approve",
    "reject": "reject",
    "plan": "plan",
    "answer": "answer",
    "agree": "agree",
    "retry": "retry",
    "resume": "go",
    "cancel": "cancel",
}
"""What a run can wait for -> the word of a comment that says it."""

WORDS = ("approved", "rejected", "retried", "began_again", "resumed", "answer_given", "plan_edited")
"""Events that are a person's word."""


def progress(facts: ReportFacts, words: Words) -> str:
    """A line a stage, where the run stands, and why it rests if it does."""
    run = facts.run
    head = "page.progress_over" if run.state.over else "page.progress_head"
    lines = [words(head), ""]
    order = list(Stage)
    before, spoken = _last_word(facts)
    for stage in SHOWN:
        over = run.state.value == "done"
        behind = over or order.index(stage) < order.index(run.stage)
        here = stage is run.stage and not over
        mark = "x" if behind and _took_part(stage, facts) else " "
        if behind and not _took_part(stage, facts):
            continue
        said = _newest_fact(stage, before, words)
        now = f" ({words('page.now')})" if here and not run.state.over else ""
        lines.append(f"- [{mark}] {words(f'page.stage.{stage.value}')}{said}{now}")
    if run.outcome is not None:
        what = words(run.outcome.key, **run.outcome.facts)
        lines += ["", words("view.outcome", what=what)]
    elif run.wait is not None and run.state.value in ("waiting", "held"):
        lines += [
            "",
            words("page.rests", why=words(run.wait.reason.key, **run.wait.reason.facts)),
        ]
    elif spoken:
        what = one_line(words(f"event.{spoken[0].kind}", **spoken[0].facts))
        lines += ["", words("page.goes_on", what=what)]
    return "\n".join(lines)


def _last_word(facts: ReportFacts) -> tuple[Sequence[Event], Sequence[Event]]:
    """The events, and apart from them the person's word by which work goes on, if that was last."""
    events = facts.events
    if facts.run.state.value == "active" and events and events[-1].kind in WORDS:
        return events[:-1], events[-1:]
    return events, ()


def one_line(text: str) -> str:
    """A sentence's beginning, for a list."""
    return text.replace("\n", " ")[:300]


def _took_part(stage: Stage, facts: ReportFacts) -> bool:
    return any(e.stage is stage for e in facts.events)


def _newest_fact(stage: Stage, events: Sequence[Event], words: Words) -> str:
    """The stage's newest fact as a sentence."""
    for event in reversed(events):
        if event.stage is stage and event.kind not in ("held", "waiting", "closed", "fault"):
            return ": " + one_line(words(f"event.{event.kind}", **event.facts))
    return ""


def question(text: str, words: Words) -> str:
    """What the reporter is asked, and how to answer."""
    return f"{words('page.question_head')}\n\n> {_quote(text)}\n\n{words('page.question_how')}"


def not_reproduced(text: str, tried: str, facts: ReportFacts, words: Words) -> str:
    """An honest "could not reproduce", with what was run."""
    lines = [words("page.not_reproduced_head"), "", f"> {_quote(text)}"]
    if tried:
        lines += ["", words("page.tried"), "", f"> {_quote(tried)}"]
    runs = [e for e in facts.evidence if e.kind == "reproduction"]
    if runs:
        lines += ["", *_log(runs[-1], words)]
    return "\n".join([*lines, "", words("page.question_how")])


def describe_held(why: str, wait: Waiting, words: Words, approve: str = "") -> str:
    """What a held run needs, and the words that help: those alone that a comment can say.
    `approve`: the line that approves just this."""
    named = ", ".join(f"`{word}`" for word in spoken_words(wait))
    lines = [words("page.held_head"), "", why]
    if named:
        lines += ["", words("page.held_how", words=named)]
    if approve:
        lines += ["", words("page.approve_how", how=approve)]
    return "\n".join(lines)


def spoken_words(wait: Waiting) -> tuple[str, ...]:
    """The words of a comment that help now, each once."""
    return tuple(dict.fromkeys(SPOKEN[signal] for signal in wait.signals if signal in SPOKEN))


def describe_released(why: str, words: Words) -> str:
    """In the place of a hold that is over, so that nobody is asked for nothing."""
    return words("page.held_over", why=why)


def shown_plan(page: str, words: Words) -> str:
    """The plan that is to be approved, in a form that can be quoted back changed."""
    return f"{words('page.plan_to_approve')}\n\n{fence_text(page.strip(), 'plan')}"


def shown_diff(diff: str, issue: int, words: Words, *, head: str = "page.change_held") -> str:
    """The change that is held, its head when it is long, and where the rest is."""
    shown = diff[:MOST_DIFF]
    lines = [words(head, issue=issue), "", fence_text(shown.strip("\n"), "diff")]
    if len(diff) > len(shown):
        lines += ["", words("page.change_cut", left=len(diff) - len(shown), issue=issue)]
    return "\n".join(lines)


def conclusion(kind: str, text: str, facts: ReportFacts, words: Words) -> str:
    """The last word on an issue that needs no pull request."""
    head = words(f"page.{kind}_head", text=text[:12] if kind == "already_fixed" else text)
    if kind == "answered":
        return f"{head}\n\n{text}"
    if kind != "already_fixed":
        return head
    lines = [head]
    for side in ("earlier", "base"):
        runs = [e for e in facts.evidence if e.side == side]
        if runs:
            lines += ["", *_log(runs[-1], words)]
    return "\n".join(lines)


def _log(evidence: Evidence, words: Words) -> list[str]:
    tail = evidence.output.strip().splitlines()[-TAIL:]
    head = ran_heading(evidence, words)
    return [head, "", "```text", *(line.replace("```", "'''") for line in tail), "```"]


def _quote(text: str) -> str:
    return text.strip().replace("\n", "\n> ")
