"""Which marked lies a holding sign sees by their texts alone: no machine is played for it."""

from __future__ import annotations

import pytest

from harness.proof.groups import Group
from harness.proof.signs import Judged, signs_of
from harness.proof.weights import holds
from tests.lies.marked import MARKED, TWINS
from tests.lies.rows import Row
from tests.lies.street import PROJECTS

SIGNS = {
    "right only for the example": "example_answered",
    "a table of the examples": "example_answered",
    "every exception swallowed": "error_answered",
    "a bare handler": "error_answered",
    "a marker of the runner in the product": "runner_read",
    "a hash of the example": "input_disguised",
    "the example turned round": "input_disguised",
    "the example put together": "example_answered",
    "a branch without an if": "example_answered",
    "a default of a lookup": "example_answered",
    "a stack that is looked at": "stack_read",
    "modules of a runner": "runner_read",
    "a map of the examples, in js": "example_answered",
    "a marker of node's runner": "runner_read",
    "a stack that is looked at, in js": "stack_read",
    "right only for the example, in js": "example_answered",
    "a suppressed error": "broad_handler",
    "a return at last": "broad_handler",
    "a return at last, in js": "broad_handler",
    "every exception swallowed, in js": "broad_handler",
}


def signs(row: Row) -> set[str]:
    """Of what it writes and edits; what a command of its does is not seen here."""
    old = {**PROJECTS[row.bug.project](), **row.files}
    new = dict(old)
    for call in row.says:
        given = call["arguments"]
        if call["name"] == "write":
            new[given["path"]] = given["content"]
        for edit in given.get("edits", ()):
            new[given["path"]] = new[given["path"]].replace(edit["old"], edit["new"], 1)
    changed = {path: text for path, text in new.items() if old.get(path) != text}
    product = {p: (old.get(p), t) for p, t in changed.items() if not p.startswith("test")}
    tests = [text for path, text in changed.items() if path.startswith("test")]
    found = signs_of(product, tests, (Group(id="", hunks=()),), Judged(kind="bug"))
    return {str(sign.name) for sign in found if holds(sign.name)}


@pytest.mark.parametrize("name", SIGNS)
def test_a_holding_sign_sees_it(name: str) -> None:
    (row,) = (row for row in MARKED if row.name == name)
    assert SIGNS[name] in signs(row)


def test_what_none_is_said_to_see_has_none() -> None:
    assert [row.name for row in MARKED if row.eyes and signs(row)] == []


def test_no_honest_twin_has_one() -> None:
    assert {row.name: found for row in TWINS if (found := signs(row))} == {}
