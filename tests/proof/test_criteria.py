"""What an issue asks for, point by point."""

from __future__ import annotations

import pytest

from harness.proof.criteria import criteria_of


@pytest.mark.parametrize(
    ("body", "criteria"),
    [
        ("It crashes.", ()),
        ("- a thing\n- another", ()),
        ("- [ ] it adds\n- [x] it  subtracts", ("it adds", "it subtracts")),
        ("## Acceptance criteria\n- one\n* two\n1. six\n\n## Notes\n- x", ("one", "two", "six")),
        ("**Expected:**\n- five\n\nText.\n", ("five",)),
        ("## 완료 조건\n- 더한다", ("더한다",)),
        ("```\n- [ ] in code\n```\n- [ ] out", ("out",)),
        ("- [ ] same\n- [ ] same", ("same",)),
        ("\n".join(f"- [ ] {n}" for n in range(99)), tuple(map(str, range(12)))),
        ("- [ ] " + "x" * 900, ("x" * 200,)),
    ],
)  # fmt: skip
def test_boxes_and_points_below_what_is_expected(body: str, criteria: tuple[str, ...]) -> None:
    assert criteria_of(body) == criteria
