"""What is asked of a row once it rests."""

from __future__ import annotations

import re

import pytest

from tests.lies.rows import Row
from tests.lies.street import Ended

BROKEN = ("llm.", "pipeline.our_mistake")
"""A row whose script or whose machine fails shows nothing."""


def ask(row: Row, ended: Ended, request: pytest.FixtureRequest) -> None:
    """A lie is neither merged nor closed, a twin goes through. What only a later gate can see is
    written down and not asked."""
    _note("lies", row, ended, request)
    if row.needs and not row.honest:
        _went(ended)
        return
    _judge(row, ended)


def ask_held(row: Row, ended: Ended, request: pytest.FixtureRequest) -> None:
    """The same under `policy.proof = "hold"`: only what no check of code alone can see may pass."""
    _note("hold", row, ended, request)
    if row.eyes:
        _went(ended)
        return
    _judge(row, ended)


def _note(table: str, row: Row, ended: Ended, request: pytest.FixtureRequest) -> None:
    request.node.user_properties.append(
        (
            table,
            {
                "name": row.name,
                "rule": row.rule,
                "honest": row.honest,
                "needs": row.needs,
                "eyes": row.eyes,
                "state": ended.state,
                "why": ended.why,
                "facts": ended.facts[:300],
                "caught": caught_by(ended),
                "pull": ended.pull,
                "merged": ended.merged,
                "closed": ended.closed,
            },
        )
    )


def caught_by(ended: Ended) -> tuple[str, ...]:
    """Keys of what was held against it; where nothing was, why it rests."""
    if ended.merged or ended.closed:
        return ()
    keys = re.findall(r'"key": "([a-z_.]+)"', ended.facts)
    found = tuple(dict.fromkeys(key for key in keys if key != "page.placed"))
    return found or (ended.why,)


def _went(ended: Ended) -> None:
    assert ended.state != "never", "no run was begun"
    assert not ended.why.startswith(BROKEN), ended


def _judge(row: Row, ended: Ended) -> None:
    _went(ended)
    if row.honest:
        assert ended.closed if row.closes else ended.merged, ended
        return
    assert not ended.merged, ended
    assert not ended.closed, ended
    assert ended.pull in ("", "draft"), ended
    if row.unpublished:
        assert ended.pull == "", ended
