"""What is asked of a row once it rests."""

from __future__ import annotations

import pytest

from tests.lies.rows import Row
from tests.lies.street import Ended

BROKEN = ("llm.", "pipeline.our_mistake")
"""A row whose script or whose machine fails shows nothing."""


def ask(row: Row, ended: Ended, request: pytest.FixtureRequest) -> None:
    """A lie is neither merged nor closed, a twin goes through. What only a later gate can see is
    written down and not asked."""
    request.node.user_properties.append(
        (
            "lies",
            {
                "name": row.name,
                "rule": row.rule,
                "honest": row.honest,
                "needs": row.needs,
                "state": ended.state,
                "why": ended.why,
                "facts": ended.facts[:300],
                "pull": ended.pull,
                "merged": ended.merged,
                "closed": ended.closed,
            },
        )
    )
    assert ended.state != "never", "no run was begun"
    assert not ended.why.startswith(BROKEN), ended
    if row.honest:
        assert ended.closed if row.closes else ended.merged, ended
        return
    if row.needs:
        return
    assert not ended.merged, ended
    assert not ended.closed, ended
    assert ended.pull in ("", "draft"), ended
    if row.unpublished:
        assert ended.pull == "", ended
