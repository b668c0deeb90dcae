"""RSpec's JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.testruns.command import likely_runner, runner_of
from harness.testruns.suite_command import instrument, single
from tests.testruns.reading import outcomes, read, why


def example(name: str, status: str, **more: Any) -> dict[str, Any]:
    return {"full_description": name, "file_path": "./spec/sum_spec.rb", "status": status, **more}


def report(*examples: dict[str, Any], failed: int = 0, outside: int = 0) -> str:
    counts = {"failure_count": failed, "errors_outside_of_examples_count": outside}
    return json.dumps({"version": "3.13.0", "examples": examples, "summary": counts})


THROWN = {
    "class": "RSpec::Expectations::ExpectationNotMetError",
    "message": "expected: 3\n     got: 2",
    "backtrace": ["./spec/sum_spec.rb:9:in `block'"],
}
KINDS = report(
    example("Sum adds", "passed"),
    example("Sum takes", "failed", exception=THROWN),
    example("Sum is to come", "pending", pending_message="no"),
    example("Sum with [1, 2] is\n\x1b[31m \u202eodd", "passed"),
    example("Sum is new", "never heard of"),
    {"description": "", "file_path": "./spec/sum_spec.rb", "status": "passed"},
    failed=1,
)
F = "spec/sum_spec.rb"


def test_every_kind() -> None:
    assert outcomes("rspec-1.json", KINDS) == {
        f"{F}::Sum adds": "passed",
        f"{F}::Sum takes": "failed",
        f"{F}::Sum is to come": "skipped",
        f"{F}::Sum with [1, 2] is  [31m  odd": "passed",
        f"{F}::Sum is new": "error",
    }
    told = read("rspec-1.json", KINDS).failures[f"{F}::Sum takes"]
    assert (told.phase, "expected: 3" in told.text) == ("call", True)


BROKEN = "its report is broken or cut off"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (report(outside=2), "could not be collected: an error outside of its examples"),
        (report(example("a", "passed"), failed=1), "its report contradicts itself"),
        (KINDS[:200], BROKEN),
        ("[" * 100_000, BROKEN),
        ("null", BROKEN),
        ('{"examples": [3]}', BROKEN),
        ('{"examples": {}}', BROKEN),
        ("{" + " " * (49 << 20) + "}", "its report is larger than harness reads"),
    ],
    ids=range(8),
)
def test_what_is_not_whole_says_so(text: str, said: str) -> None:
    assert why(read("rspec-1.json", text)) == said


def test_commands() -> None:
    assert instrument("bundle exec rspec", "rspec", "/o") == (
        "bundle exec rspec",
        {"SPEC_OPTS": "--no-fail-fast --format progress --format json --out /o/rspec-1.json"},
    )
    assert single("bundle exec rspec", "rspec", [f"{F}::Sum it's"]) == (
        "bundle exec rspec -e 'Sum it'\"'\"'s'"
    )
    assert likely_runner("bundle exec rake spec") == "rspec"
    assert runner_of("bundle exec rspec spec/sum_spec.rb") == "rspec"
    assert runner_of("rspec ../other") == ""
