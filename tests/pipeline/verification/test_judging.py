"""Which test files may be taken for helpers, that have no result of their own."""

from __future__ import annotations

from harness.core.types import LocalizedText
from harness.pipeline.verification.judging import silent_scripts

NONE = LocalizedText(key="unseen.nothing_ran")
LATE = LocalizedText(key="unseen.timed_out")


def test_a_script_is_silent_on_both_sides_or_new() -> None:
    assert silent_scripts({"a.js": NONE}, {"a.js": NONE}, ()) == ("a.js",)
    assert silent_scripts({}, {"new.js": NONE}, ("new.js",)) == ("new.js",)


def test_one_that_named_tests_before_is_no_helper() -> None:
    assert silent_scripts({}, {"a.js": NONE}, ()) == ()
    assert silent_scripts({"a.js": LATE}, {"a.js": NONE}, ()) == ()


def test_any_other_reason_stays_and_so_does_the_whole_suite() -> None:
    assert silent_scripts({"a.js": NONE}, {"a.js": LATE, "": NONE}, ("a.js", "")) == ()
