"""A fact may be a sentence itself, or several: each reader hears the whole in one language."""

from __future__ import annotations

import json

import pytest

from harness.core.base import Json, stored_fact
from harness.core.types import LocalizedText, Waiting
from harness.i18n.catalogue import Catalogue

ENGLISH, KOREAN = Catalogue("en"), Catalogue("ko")
PATHS = LocalizedText(key="pipeline.approve_protected", facts={"paths": "ci.yml"})
BUG = LocalizedText(key="view.kind.bug")
TWICE = LocalizedText(key="pipeline.plan_waits", facts={"hash": "ab12", "reason": PATHS})


@pytest.mark.parametrize(
    ("key", "facts", "english", "korean"),
    [
        ("event.held", {"why": PATHS}, "person: it names", "보류함: 보호된 경로를 건드림: ci.yml"),
        ("event.held", {"why": TWICE}, "approval: it names", "계획 ab12가 승인을 기다림: 보호된"),
        (
            "event.weakened",
            {"count": 2, "findings": (PATHS, BUG)},
            "2 tests got weaker: it names protected paths: ci.yml; bug",
            "테스트 2건이 약해짐: 보호된 경로를 건드림: ci.yml; 버그",
        ),
        ("event.weakened", {"count": 1, "findings": ()}, "1 test got weaker: ", "1건이 약해짐: "),
        ("event.plan_approved", {"hash": "ab12", "by": LocalizedText(key="page.by_policy")},
         "approved by the project's rules", "프로젝트 규칙에 따라 계획 ab12가 승인됨"),
        # what was kept in one language before stays so
        ("event.held", {"why": "a sentence of then"}, "a sentence of then", "a sentence of then"),
        ("event.held", {"why": '{"key": "x"}'}, '{"key": "x"}', '{"key": "x"}'),
    ],
)  # fmt: skip
def test_what_stands_inside_is_said_in_the_readers_language(
    key: str,
    facts: dict[str, str | int | LocalizedText | tuple[LocalizedText, ...]],
    english: str,
    korean: str,
) -> None:
    rows: dict[str, Json] = {name: stored_fact(fact) for name, fact in facts.items()}
    stored = json.loads(json.dumps(rows))
    for given in (facts, rows, stored):
        assert english in ENGLISH(key, **given)
        assert korean in KOREAN(key, **given)


def test_a_row_keeps_what_stands_inside() -> None:
    wait = Waiting(reason=TWICE, signals=("approve",))
    again = Waiting.model_validate_json(wait.model_dump_json())
    assert again == wait
    assert again.reason.facts["reason"] == PATHS
    old = Waiting.model_validate(
        {
            "reason": {"key": "pipeline.plan_waits", "facts": {"hash": "a", "reason": "then"}},
            "signals": [],
        }
    )
    assert KOREAN(old.reason.key, **old.reason.facts) == "계획 a가 승인을 기다림: then"
