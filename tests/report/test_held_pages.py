"""What was not seen stands first; what people allowed stands by name; what was not compared says
why. In both languages."""

from __future__ import annotations

import pytest

from harness.core.types import (
    Event,
    Evidence,
    ExpectationChange,
    Finding,
    LocalizedText,
    Stage,
    Tally,
)
from harness.guard.lint import lint
from harness.guard.outgoing_text import outgoing
from harness.i18n.catalogue import Catalogue, languages
from harness.report import markdown, pr_body
from harness.report.allowed import allowed_lines
from harness.report.document import evidence_rows
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
