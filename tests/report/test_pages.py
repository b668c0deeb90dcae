"""Pages from recorded facts: they say what happened, escape what they show, need nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from harness.core.base import Json
from harness.core.types import (
    Actor,
    CallRecord,
    Event,
    Evidence,
    FileChange,
    Finding,
    IssueSnapshot,
    LocalizedText,
    Plan,
    Run,
    RunState,
    Spend,
    Stage,
    Tally,
    Task,
    Usage,
    Waiting,
)
from harness.guard.lint import lint
from harness.guard.outgoing_text import outgoing
from harness.i18n.catalogue import Catalogue, languages
from harness.report import comment, html, markdown, pr_body, progress, weekly
from harness.report.facts import ReportFacts
from tests.i18n.catalogues import english

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EVIL = '<script src="https://evil.test/x"></script>![x](https://evil.test)"&|`'
ANN = Actor(id=7, login="ann")


def run(**facts: object) -> Run:
    snapshot = IssueSnapshot(
        number=5, title=f"Empty input {EVIL}", body=f"Steps: {EVIL}", author=ANN,
        taken_at=NOW, trigger=ANN, hidden_removed=3, left_chars=12_345, left_comments=6, echoes=7,
    )  # fmt: skip
    given: dict[str, object] = {
        "id": "p-5-1", "project": "p", "issue": 5, "number": 1, "state": "done",
        "stage": "report", "snapshot": snapshot.model_dump(), "merged_sha": "a" * 40, "pr": 6,
        "kind": "bug", "difficulty": "small",
        "outcome": {"key": "guard.held_closed", "facts": {"issue": 5}},
        "created_at": NOW, "updated_at": NOW + timedelta(minutes=9),
    }  # fmt: skip
    return Run.model_validate(given | facts)


def ran(side: str, exit_code: int, outcome: str, kind: str = "reproduction") -> Evidence:
    return Evidence.model_validate(
        {
            "id": f"{kind}-{side}", "kind": kind, "tree": "b" * 40, "side": side,
            "command": "pytest -q tests/test_empty.py", "exit_code": exit_code,
            "output": f"1 {outcome}\n{EVIL}", "tests": Tally(outcomes={"t": outcome}).model_dump(),
            "started_at": NOW, "duration_s": 1.5, "sandbox": "bubblewrap",
        }
    )  # fmt: skip


PLAN = Plan(
    summary=f"Stop at the end {EVIL}",
    tasks=(Task(id="1", title="Parser", files=("src/*.py",)),),
    risks=("Callers may rely on None",),
    alternatives=("Raise ValueError",),
)


def call(stage: str, cost: float) -> CallRecord:
    return CallRecord(
        session="s", turn=1, run="p-5-1", stage=stage, model="some-model",
        usage=Usage(fresh=100, cache_read=900, output=50), cost_usd=cost, input_bytes=4000,
        latency_s=1.0, at=NOW,
    )  # fmt: skip


def facts(**given: object) -> ReportFacts:
    events = (
        Event(id=1, run="p-5-1", key="a", at=NOW, stage=Stage.PLAN, kind="plan_approved",
              facts={"hash": "abc", "by": "ann"}),
        Event(id=2, run="p-5-1", key="b", at=NOW, stage=Stage.IMPLEMENT, kind="implemented",
              facts={"summary": f"The loop ends now. {EVIL}", "attempt": 1}),
    )  # fmt: skip
    known: dict[str, object] = {
        "run": run(), "plan": PLAN, "events": events,
        "evidence": (ran("base", 1, "failed"), ran("change", 0, "passed")),
        "calls": (call("triage", 0.01), call("implement", 0.25), call("implement", 0.5)),
        "spent": Spend(tokens=3150, cost_usd=0.76, calls=3),
        "changes": (FileChange(path="src/parser.py", status="modified", added=3, removed=1),),
        "lessons": ("Test the empty case first",),
        "advice": (Finding(source="review", severity="advice",
                           say=LocalizedText(key="guard.weak_emptied", facts={"count": 2})),),
        "test_command": "pytest -q",
    }  # fmt: skip
    return ReportFacts.model_validate(known | given)


def test_what_was_not_let_out_stands_there_once_a_target() -> None:
    def refused(number: int, kind: str, times: int) -> Event:
        given: dict[str, Json] = {"target": "h.test:443", "times": times}
        return Event(id=number, run="p-5-1", key=f"{kind}:{number}", at=NOW, facts=given,
                     stage=Stage.IMPLEMENT, kind=f"egress_{kind}")  # fmt: skip

    events = (refused(1, "not_allowed", 2), refused(2, "budget", 1), refused(3, "not_allowed", 5))
    page = markdown.render(facts(events=events), Catalogue("en"))
    assert "Not let out" in page
    assert "h.test:443, which is not on the list of allowed hosts (7 time" in page
    assert page.count("used up what it may move or connect (1 time") == 2, "and in the course"
    assert page.count("(7 time") == 1
    assert "Not let out" not in markdown.render(facts(), Catalogue("en"))


class Page(HTMLParser):
    """Which tags are open, and every attribute that was seen."""

    VOID = ("meta", "link", "br", "hr", "img", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(k, v or "") for k, v in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", languages())
def test_the_html_page_stands_alone(language: str) -> None:
    page = Page()
    text = html.render(facts(), Catalogue(language))
    page.feed(text)
    page.close()
    assert page.open == []
    assert not page.tags & {"script", "img", "link", "iframe", "object", "a", "form"}
    assert not [a for a in page.attributes if a[0] in ("src", "href") or a[0].startswith("on")]
    assert not [a for a in page.attributes if "//" in a[1]]
    assert "url(" not in text
    assert "@import" not in text
    assert ("lang", language) in page.attributes
    for word in ("Empty input", "Callers may rely on None", "Raise ValueError", "src/parser.py",
                 "pytest -q tests/test_empty.py", "$0.7500", "Test the empty case first",
                 "The loop ends now.", "some-model", "ann"):  # fmt: skip
        assert word in page.text, word
    assert EVIL.split("`")[0] in page.text


@pytest.mark.parametrize("language", languages())
def test_the_markdown_page_tells_the_same(language: str) -> None:
    text = markdown.render(facts(), Catalogue(language))
    for word in ("Callers may rely on None", "Raise ValueError", "src/parser.py", "$0.7500",
                 "Test the empty case first", "some-model"):  # fmt: skip
        assert word in text, word
    before = text.index("1 failed")
    assert before < text.index("1 passed"), "the base's run comes first"
    outside = "".join(text.split("```")[::2])
    assert "<script" not in outside.replace("\\<", "")


def test_a_run_that_rests_says_why() -> None:
    wait = Waiting(
        reason=LocalizedText(key="guard.protected", facts={"name": "ci.yml"}),
        signals=("approve",),
        person=True,
    )
    held = run(state="held", stage="plan", wait=wait.model_dump(), outcome=None, merged_sha="")
    for words in (Catalogue("en"), Catalogue("ko")):
        text = markdown.render(facts(run=held), words)
        assert "ci.yml" in text
        said = comment.progress(facts(run=held), words)
        assert "ci.yml" in said
        assert "approve" in comment.describe_held("why", wait, words)


def test_no_test_command_and_no_sandbox_are_said_aloud() -> None:
    words = Catalogue("en")
    text = markdown.render(facts(test_command="", sandbox_warning=True), words)
    assert words("page.no_test_command")[:30] in text
    assert words("page.sandbox_warning")[:30] in text
    body = pr_body.render(facts(test_command="", sandbox_warning=True), words)
    assert words("page.sandbox_warning") in body


@pytest.mark.parametrize("language", languages())
def test_the_pull_request_has_the_form_that_is_asked_for(language: str) -> None:
    words = Catalogue(language)
    body = outgoing(pr_body.render(facts(), words), 5)
    required = (words("page.what"), words("page.how"), words("page.evidence"))
    assert lint("Mend it", body, 5, required, words("page.evidence")) == ()
    types = {c.type for t in MarkdownIt("commonmark").parse(body) for c in (t.children or [])}
    assert not types & {"image", "html_inline", "link_open"}


def test_progress_is_one_line_an_event_by_id() -> None:
    words = Catalogue("en")
    shuffled = facts(events=tuple(reversed(facts().events)))
    lines = progress.render(shuffled, words).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["- 1", "- 2"]
    assert "ann" in lines[2]


def test_costs_are_added_up_by_stage() -> None:
    costs = facts().costs
    assert [(c.stage, c.calls, c.cost_usd) for c in costs] == [
        ("triage", 1, 0.01),
        ("implement", 2, 0.75),
    ]
    assert costs[1].usage.cache_read == 1800


def test_many_runs_on_one_page_those_that_need_a_person_first() -> None:
    wait = Waiting(
        reason=LocalizedText(key="guard.held_closed", facts={"issue": 9}), signals=(), person=True
    )
    held = run(issue=9, state=RunState.HELD, wait=wait.model_dump(), outcome=None, merged_sha="")
    runs = (facts(), facts(run=held))
    text = weekly.render(runs, NOW - timedelta(days=7), NOW, Catalogue("en"))
    assert text.index("p #9") < text.index("p #5")
    assert "2025-12-26 - 2026-01-02" in text
    assert "1.52" in text
    page = Page()
    page.feed(html.render_weekly(runs, NOW - timedelta(days=7), NOW, Catalogue("ko")))
    assert page.open == []


def test_questions_and_last_words() -> None:
    for words in (Catalogue("en"), Catalogue("ko")):
        assert "> Which file?\n> And when?" in comment.question("Which file?\nAnd when?", words)
        said = comment.not_reproduced("It passes", "two versions", facts(), words)
        assert "> It passes" in said
        assert "1 passed" in said
        assert "It is a flag." in comment.conclusion("answered", "It is a flag.", facts(), words)
        earlier = facts(evidence=(ran("earlier", 1, "failed", "earlier"), ran("base", 0, "passed")))
        fixed = comment.conclusion("already_fixed", "c" * 40, earlier, words)
        assert fixed.index("1 failed") < fixed.index("1 passed")


def test_every_kind_of_event_that_is_needed_has_a_sentence() -> None:
    needed = (
        "run_opened triaged question_asked reproduced already_fixed not_reproduced planned "
        "plan_approved plan_edited delegated task_done task_failed tasks_merged conflict "
        "implemented verified verify_failed weakened published pr_ready merged closed held waiting"
    )
    assert [kind for kind in needed.split() if f"event.{kind}" not in english()] == []
