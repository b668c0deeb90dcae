"""Whether the reproduction runs what was changed: what two runs say by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.core.types import Evidence, Failure, Reproduction, Tally
from harness.pipeline.verification.executed import Written, has_run_change, written_lines

TEST = "tests/test_a.py::test_x"
PROOF = Reproduction(command="pytest", tests=(TEST,), files={}, evidence=("e",))
WROTE = Written(lines={"pkg/a.py": ((4, 5),)})
SCRIPTS = Written(scripts=("src/a.js",))


def ran(tally: Tally | None) -> Evidence:
    return Evidence(
        id="e",
        kind="reproduction",
        tree="t",
        side="base",
        command="c",
        exit_code=1,
        output="",
        tests=tally,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        duration_s=0.1,
        sandbox="s",
    )


def failed_run(*frames: str) -> Evidence:
    return ran(Tally(outcomes={TEST: "failed"}, failures={TEST: Failure(frames=frames)}))


def passed_run(**facts: object) -> Evidence:
    return ran(Tally.model_validate({"outcomes": {TEST: "passed"}, **facts}))


@pytest.mark.parametrize(
    ("wrote", "red", "green", "said"),
    [
        (WROTE, failed_run("tests/test_a.py:3 test_x", "pkg/a.py:4 f"), passed_run(), True),
        (WROTE, failed_run("tests/test_a.py:3 test_x", "pkg/b.py:4 f"), passed_run(), None),
        (WROTE, failed_run("tests/test_a.py:3 test_x"), passed_run(hit={TEST: True}), True),
        (WROTE, failed_run(), passed_run(hit={TEST: False}), False),
        (WROTE, failed_run(), passed_run(hit={"tests/test_b.py::test_y": True}), None),
        (WROTE, None, passed_run(), None),
        (WROTE, failed_run(), ran(None), None),
        (SCRIPTS, failed_run(), passed_run(ran={TEST: ("src/a.js::f",)}), True),
        (SCRIPTS, failed_run(), passed_run(ran={TEST: ("src/b.js::f",)}), False),
        (SCRIPTS, failed_run(), passed_run(ran={TEST: ()}), False),
        (SCRIPTS, failed_run(), passed_run(), None),
    ],
)
def test_what_two_runs_say(
    wrote: Written, red: Evidence | None, green: Evidence, said: bool | None
) -> None:
    assert has_run_change(PROOF, red, green, wrote) is said


@pytest.mark.parametrize(
    ("path", "old", "new", "lines", "scripts"),
    [
        ("a.py", "def f():\n    return 1\n", "def f():\n    return 2\n", {"a.py": ((2, 2),)}, ()),
        ("a.py", None, "def f():\n    return 2\n", {"a.py": ((2, 2),)}, ()),
        ("a.py", "X = 1\n", "X = 2\n", {}, ()),  # a table: red without, green with says it
        ("a.py", "def f():\n    return 1\n", "", {}, ()),
        ("a.py", "def f():\n    return 1\n", None, {}, ()),
        ("a.py", "def f():\n    return 1\n", "def f():  # why\n    return 1\n", {}, ()),
        ("a.py", "x", "not ( python", {}, ()),
        ("a.ts", "let a = 1\n", "let a = 2\n", {}, ("a.ts",)),
        ("a.ts", "let a = 1\n", "let a = 1\n", {}, ()),
        ("data.json", "1\n", "2\n", {}, ()),
    ],
)
def test_what_was_written(
    path: str,
    old: str | None,
    new: str | None,
    lines: dict[str, tuple[tuple[int, int], ...]],
    scripts: tuple[str, ...],
) -> None:
    found = written_lines({path: (old, new)})
    assert (found.lines, found.scripts) == (lines, scripts)
