"""Which stage the words of `retry` begin with."""

from __future__ import annotations

import pytest

from harness.core.types import Stage
from harness.pipeline.people.retry import stage_in


@pytest.mark.parametrize(
    ("text", "stage", "rest"),
    [
        ("reproduce", Stage.REPRODUCE, ""),
        ("reproduce: use the issue's input", Stage.REPRODUCE, "use the issue's input"),
        ("Plan it is too wide", Stage.PLAN, "it is too wide"),
        ("from implement: go on\nand on", Stage.IMPLEMENT, "go on\nand on"),
        ("verify", Stage.VERIFY, ""),
        ("재현: 입력을 그대로", Stage.REPRODUCE, "입력을 그대로"),
        ("계획부터 다시", Stage.PLAN, "다시"),
        ("구현 단계부터", Stage.IMPLEMENT, ""),
        ("검증", Stage.VERIFY, ""),
        ("", None, ""),
        ("planning is bad", None, "planning is bad"),
        ("implementation", None, "implementation"),
        ("try the plan again", None, "try the plan again"),
        ("재현이 틀렸음", None, "재현이 틀렸음"),
    ],
)
def test_stage_in(text: str, stage: Stage | None, rest: str) -> None:
    assert stage_in(text) == (stage, rest)
