"""What was not seen stands first; what people allowed stands by name; what was not compared says
why. In both languages."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from harness.core.types import (
    Criterion,
    Event,
    Evidence,
    ExpectationChange,
    Finding,
    LocalizedText,
    Spend,
    Stage,
    Tally,
)
from harness.guard.lint import lint
from harness.guard.outgoing_text import outgoing
from harness.i18n.catalogue import Catalogue, languages
from harness.report import document, markdown, pr_body, weekly
from harness.report.allowed import allowed_lines
from harness.report.blocks import Grid
from harness.report.document import evidence_rows, of_last_trees
from harness.report.facts import ReportFacts
from tests.report.test_pages import NOW, PLAN, facts, ran, run

HELD = Finding(source="unseen", say=LocalizedText(key="unseen.suite", facts={"why": "no test ran"}))
CHANGES = (ExpectationChange(test="tests/test_a.py::test_x", why="it should be 5"),)
PROOF = {
    "command": "pytest",
    "tests": ("tests/test_a.py::test_y",),
    "files": {},
    "evidence": (),
    "failure": "assert -1 == 5\n```\nmore",
    "before": ({"tests": ("tests/test_a.py::test_old",), "files": {}},),
}


def held(**given: object) -> ReportFacts:
    sides = (("tests/conftest.py", LocalizedText(key="sides.kind.support")),)
    return facts(unseen=(HELD,), test_side=sides, **given)


@pytest.mark.parametrize("language", languages())
def test_what_was_not_seen_stands_first_in_the_pull_request(language: str) -> None:
    words = Catalogue(language)
    body = pr_body.render(held(), words)
    said = words("unseen.suite", why="no test ran")
    assert body.startswith(f"## {words('page.unseen')}\n")
    assert body.index(said) < body.index(f"## {words('page.what')}\n")
    assert "`tests/conftest.py`" in body
    required = [words("page.what"), words("page.evidence")]
    assert not lint("A title", outgoing(body, 5), 5, required, words("page.evidence"))


@pytest.mark.parametrize("language", languages())
def test_the_failure_and_every_frozen_test_are_told(language: str) -> None:
    words = Catalogue(language)
    told = held(run=run(reproduction=PROOF))
    for page in (pr_body.render(told, words), markdown.render(told, words)):
        assert "assert -1 == 5" in page
        assert "test_y" in page
        assert "test_old" in page


def test_nothing_unseen_says_nothing_of_it() -> None:
    words = Catalogue("en")
    assert words("page.unseen") not in pr_body.render(facts(), words)


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("plan", "it should be 5"),
        ("weakening:ab12", "test_x expects less"),
        ("review:ab12", "overruled by ann"),
        ("freeze:ab12", "allowed by ann"),
        ("kind:chore", "(chore) was decided by ann"),
        ("merge:abcdef0123456789", "approved by ann"),
        ("policy:ab12", "by ann"),
        ("text:ab12", "allowed by ann"),
        ("checks:ab12", "by ann"),
        ("call:ab12", "by ann"),
        ("go:3", "by ann"),
        ("something:else", "ann approved"),
    ],
)
def test_an_approval_says_by_whom_and_for_what(subject: str, told: str) -> None:
    plan = PLAN.model_copy(update={"test_changes": CHANGES})
    key = plan.hash if subject == "plan" else subject
    event = Event(
        run="r",
        key="weakened:1",
        at=NOW,
        stage=Stage.VERIFY,
        kind="weakened",
        facts={"subject": "weakening:ab12", "findings": "test_x expects less", "count": 1},
    )
    lines = allowed_lines(
        facts(run=run(approvals={key: "ann"}), plan=plan, events=(event,)), Catalogue("en")
    )
    assert any(told in line for line in lines), lines


@pytest.mark.parametrize("by", ["policy"])
def test_policy_allows_nothing_by_name(by: str) -> None:
    assert allowed_lines(facts(run=run(approvals={PLAN.hash: by})), Catalogue("en")) == ()


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        (None, "not compared: exit code 1"),
        (Tally(outcomes={}, collected=False), "not compared: exit code 1"),
        (
            Tally(outcomes={}, unseen={"": LocalizedText(key="unseen.no_tests")}),
            "not compared: the project has no test command",
        ),
        (Tally(outcomes={"a": "passed"}), "1 passed, 0 failed (exit code 1)"),
        (
            Tally(outcomes={"a": "passed"}, unseen={"t.py": LocalizedText(key="unseen.no_tests")}),
            "1 passed, 0 failed (exit code 1); not compared: files: 1, the first t.py: the project",
        ),
    ],
)
def test_the_evidence_says_what_was_not_compared(tally: Tally | None, told: str) -> None:
    evidence: Evidence = ran("product", 1, "passed", "tests").model_copy(update={"tests": tally})
    (row,) = evidence_rows((evidence,), Catalogue("en"))
    assert told in row[-1]


@pytest.mark.parametrize(
    "command",
    [
        "grep -c 'a|b' x | sort",
        "a\\|b",
        "x" * 159 + "|" + "y" * 9,
        "x" * 158 + "\\|y",
        "echo `a|b` ``",
        "a\r\n|\tb",
        "||||",
        "\\",
    ],
)
def test_no_command_ends_its_row(command: str) -> None:
    """Every row has as many cells as the head, also after what leaves was made harmless."""
    evidence: Evidence = ran("change", 1, "passed", "criterion").model_copy(
        update={"command": command, "tests": None}
    )
    unseen = {"t|.py": LocalizedText(key="unseen.no_tests")}
    odd: Evidence = ran("change", 1, "passed", "tests").model_copy(
        update={"tests": Tally(outcomes={"a": "passed"}, unseen=unseen)}
    )
    body = pr_body.render(facts(evidence=(evidence, odd)), Catalogue("en"))
    for text in (body, outgoing(body, 5)):
        cells = [t for t in MarkdownIt().enable("table").parse(text) if t.type == "td_open"]
        assert len(cells) == 8
        (code,) = re.findall(r"<td><code>(.*?)</code></td>", html_of(text))[:1]
        assert code


def html_of(text: str) -> str:
    return str(MarkdownIt().enable("table").render(text))


def test_runs_of_before_stand_apart_from_those_that_count() -> None:
    """After a rebase, or a second attempt: nothing of both is folded into one row."""
    words = Catalogue("en")
    old = ran("base", 0, "passed", "tests").model_copy(update={"tree": "0" * 40, "id": "old"})
    new = ran("base", 1, "failed", "tests").model_copy(update={"id": "new"})
    again = new.model_copy(update={"id": "again"})
    rows = list(evidence_rows((old, new, again), words))
    assert [row[1] for row in rows] == ["the base", "the base, an earlier version"]
    assert ", 2 times" in rows[0][-1]
    assert "2 times" not in rows[1][-1]
    assert of_last_trees((old, new, again)) == (new, again)


@pytest.mark.parametrize("language", languages())
def test_the_cost_table_adds_up_in_every_column(language: str) -> None:
    """Each figure recomputed from the recorded calls; what gave no reply is told beside."""
    words, told = Catalogue(language), facts()
    (grid,) = [
        block
        for block in document.build(told, words)
        if isinstance(block, Grid) and block.head[-1] == words("view.column.money")
    ]
    rows = [tuple(float(cell.strip("$").replace(",", "")) for cell in row[1:]) for row in grid.rows]
    assert rows[-1] == pytest.approx(tuple(sum(column) for column in zip(*rows[:-1], strict=True)))
    calls = told.calls
    assert rows[-1][:4] == (
        len(calls),
        sum(c.usage.fresh + c.usage.cache_write for c in calls),
        sum(c.usage.cache_read for c in calls),
        sum(c.usage.output for c in calls),
    )
    lost = told.model_copy(update={"spent": Spend(tokens=9000, cost_usd=1.5, calls=5)})
    said = words("view.lost_calls", count=2, tokens=f"{lost.lost.tokens:,}", usd="$0.7400")
    assert said in markdown.render(lost, words).replace("\\", "")
    assert lost.lost.tokens == 9000 - sum(c.usage.total for c in calls)


def test_the_criteria_of_a_plan_that_rests_are_shown() -> None:
    plan = PLAN.model_copy(update={"criteria": (Criterion(text="It ends"), Criterion(text="Soon"))})
    page = markdown.render(facts(plan=plan), Catalogue("en"))
    assert "- It ends\n- Soon\n" in page


@pytest.mark.parametrize("language", languages())
def test_numbers_that_no_server_told_are_marked(language: str) -> None:
    words, told = Catalogue(language), facts()
    sure = markdown.render(told, words)
    assert "~" not in sure
    guessed = [
        call.model_copy(update={"usage": call.usage.model_copy(update={"estimated": True})})
        for call in told.calls[1:]
    ]
    spent = told.spent.model_copy(update={"estimated": True})
    page = markdown.render(
        told.model_copy(update={"calls": (told.calls[0], *guessed), "spent": spent}), words
    )
    assert words("view.estimated") in page
    implement, triage = words("view.stage.implement"), words("view.stage.triage")
    assert f"| {triage} | 1 | 100 | 900 | 50 | $0.0100 |" in page, "this one was told"
    assert f"| {implement} | 2 | ~200 | ~1,800 | ~100 | ~$0.7500 |" in page
    assert f"| {words('view.total')} | 3 | ~300 | ~2,700 | ~150 | ~$0.7600 |" in page
    lost = told.model_copy(
        update={"spent": Spend(tokens=9000, cost_usd=2, calls=5, estimated=True)}
    )
    assert "~5,850" in markdown.render(lost, words)
    week = weekly.render((told.model_copy(update={"spent": spent}), told), NOW, NOW, words)
    assert "~$1.52" in week
    assert "~$0.76 |" in week
    assert "| $0.76 |" in week
    assert words("view.estimated") in week
