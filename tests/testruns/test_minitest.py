"""What minitest prints when it names its tests."""

from __future__ import annotations

import pytest

from harness.testruns.command import likely_runner, runner_of
from harness.testruns.suite_command import instrument, single
from tests.testruns.reading import outcomes, read, why

KINDS = """\
Run options: -v --seed 12

# Running:

TestSum#test_adds = 0.00 s = .
TestSum#test_takes = 0.01 s = F
TestSum#test_throws = 0.01 s = E
TestSum#test_later = 0.00 s = S
Sum::with odd#test_0001_it is = 1.00 s fine = 0.00 s = .

Finished in 0.1s, 1 runs/s, 1 assertions/s.

5 runs, 4 assertions, 1 failures, 1 errors, 1 skips
"""


def test_every_kind() -> None:
    assert outcomes("minitest-1.txt", KINDS) == {
        "TestSum#test_adds": "passed",
        "TestSum#test_takes": "failed",
        "TestSum#test_throws": "failed",
        "TestSum#test_later": "skipped",
        "Sum::with odd#test_0001_it is = 1.00 s fine": "passed",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (KINDS.replace("1 failures", "2 failures"), "its report contradicts itself"),
        (KINDS.partition("Finished")[0], "its report contradicts itself"),
        # a line that a test printed itself is one too many
        (f"TestSum#test_new = 0.00 s = .\n{KINDS}", "its report contradicts itself"),
        (
            "5 runs, 4 assertions, 0 failures, 0 errors, 0 skips\n",
            "its report is broken or cut off",
        ),
        ("rake aborted!\n", "its report is broken or cut off"),
        ("x" * (49 << 20), "its report is larger than harness reads"),
    ],
    ids=range(6),
)
def test_what_is_not_whole_says_so(text: str, said: str) -> None:
    assert why(read("minitest-1.txt", text)) == said


def test_commands() -> None:
    changed, env = instrument("bundle exec rake test", "minitest", "/o")
    assert changed.startswith("{ bundle exec rake test\n} >/o/minitest-1.txt;")
    assert env == {"TESTOPTS": "-v"}
    assert instrument("bin/rails test", "minitest", "/o")[0].startswith("{ bin/rails test -v\n}")
    assert single("bin/rails test", "minitest", ["A#b"]) == "bin/rails test -n '/^A#b$/'"
    assert likely_runner("ruby -Itest test/a_test.rb") == "minitest"
    assert runner_of("bin/rails test test/a_test.rb") == "minitest"
