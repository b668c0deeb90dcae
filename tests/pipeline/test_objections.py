"""What of a reviewer's opinion stands against a change."""

from __future__ import annotations

import pytest

from harness.i18n.catalogue import Catalogue
from harness.pipeline.agents.verdicts import Reviewed
from harness.pipeline.stages.review import objections

ADVICE = {"path": "a.py", "line": 3, "severity": "advice", "text": "shorter"}
BLOCKING = {"path": "a.py", "line": 4, "severity": "blocking", "text": "wrong for 0"}


@pytest.mark.parametrize(
    ("approve", "findings", "against"),
    [
        (True, [], []),
        (True, [ADVICE], []),
        (True, [ADVICE, BLOCKING], ["a.py:4 wrong for 0"]),
        (False, [], ["not approved, no reason given"]),
        (False, [ADVICE], ["a.py:3 shorter"]),
        (False, [ADVICE, BLOCKING], ["a.py:3 shorter", "a.py:4 wrong for 0"]),
    ],
)
def test_a_refusal_blocks_whatever_its_findings_weigh(
    approve: bool, findings: list[dict[str, object]], against: list[str]
) -> None:
    said = Reviewed.model_validate({"approve": approve, "findings": findings})
    assert [Catalogue("en")(one.key, **one.facts) for one in objections(said)] == against
