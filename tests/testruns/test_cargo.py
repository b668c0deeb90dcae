"""`cargo test`'s text, and nextest's XML."""

from __future__ import annotations

import pytest

from harness.testruns.command import likely_runner, runner_of
from harness.testruns.suite_command import instrument, single
from tests.testruns.reading import outcomes, read, why

UNIT = "     Running unittests src/lib.rs (target/debug/deps/calc-8348ca7a80742723)\n\n"
UNITS = (
    UNIT
    + """\
running 5 tests
test tests::adds ... ok
test tests::later ... ignored, needs a disk, a big one
test tests::subtracts ... FAILED
test tests::panics - should panic ... ok
test tests::slow has been running for over 60 seconds
test tests::slow ... ok <61.2s>

failures:

---- tests::subtracts stdout ----
test tests::subtracts ... ok

thread 'tests::subtracts' panicked at src/lib.rs:17:59:
assertion `left == right` failed
  left: 3
 right: 4

failures:
    tests::subtracts

test result: FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.32s

error: test failed, to rerun pass `--lib`
"""
)
MORE = """\
     Running tests/it.rs (target/debug/deps/it-4a9c20718bed82b8)

running 1 test
test one ... some words
of its own
ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

     Running tests/it.rs (target/debug/deps/it-4a9c20718bed82b9)

running 1 test
test one ... FAILED

test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests calc

running 3 tests
test src/lib.rs - add (line 9) - compile ... ok
test src/lib.rs - add (line 3) ... FAILED
test src/lib.rs - Sum::of (line 30) ... ignored

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.80s

error: 2 targets failed:
"""


def test_every_kind() -> None:
    text = f"   Compiling calc v0.1.0 (/work)\n    Finished `test` profile\n{UNITS}{MORE}"
    assert outcomes("cargo-1.txt", text) == {
        "calc/src/lib.rs::tests::adds": "passed",
        "calc/src/lib.rs::tests::later": "skipped",
        "calc/src/lib.rs::tests::subtracts": "failed",
        "calc/src/lib.rs::tests::panics": "passed",
        "calc/src/lib.rs::tests::slow": "passed",
        "tests/it.rs::one": "passed",
        # of another crate of the workspace
        "tests/it.rs (2)::one": "failed",
        # lines move: an example is known by its item, and its place among the item's examples
        "doc/calc::src/lib.rs - add": "failed",
        "doc/calc::src/lib.rs - add (2)": "passed",
        "doc/calc::src/lib.rs - Sum::of": "skipped",
    }
    told = read("cargo-1.txt", text).failures["calc/src/lib.rs::tests::subtracts"]
    assert (told.phase, "left: 3" in told.text) == ("call", True)


ABORTED = """\
     Running tests/crash.rs (target/debug/deps/crash-af7936b3c47a6e5d)

running 2 tests
test fine ... ok
error: test failed, to rerun pass `--test crash`

Caused by:
  process didn't exit successfully: `/work/target/debug/deps/crash-af` (signal: 6, SIGABRT)
"""
LEFT = (
    "     Running tests/leaves.rs (target/debug/deps/leaves-5e80ecbb0c13805f)\n\nrunning 1 test\n"
)
CUT = "its report ends in the middle of "
FORGED = UNITS.replace(
    "running 5 tests\n",
    "running 5 tests\n"
    + "".join(f"test tests::{t} ... ok\n" for t in ("adds", "later", "subtracts", "panics", "slow"))
    + "\ntest result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n",
)


@pytest.mark.parametrize(
    ("text", "broken", "said"),
    [
        (UNITS + ABORTED, "tests/crash.rs", f"{CUT}tests/crash.rs"),
        # a test that exits well takes the rest with it, and cargo does not see it
        (LEFT + "   Doc-tests calc\n\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; "
         "0 ignored; 0 measured; 0 filtered out\n", "tests/leaves.rs", f"{CUT}tests/leaves.rs"),
        # a line that a test printed itself is one too many
        (UNITS.replace("running 5 tests\n", "running 5 tests\ntest tests::new ... ok\n"),
         "calc/src/lib.rs", f"{CUT}calc/src/lib.rs"),
        (FORGED, "", "its report contradicts itself"),
        ("error[E0425]: cannot find value `x`\n --> src/lib.rs:3\nerror: could not compile `c`\n",
         "", "could not be collected: error[E0425]: cannot find value `x`"),
        ("error: no matching package named `serde` found\n", "",
         "could not be collected: error: no matching package named `serde` found"),
        ("", "", "its report is broken or cut off"),
        ("x" * (49 << 20), "", "its report is larger than harness reads"),
    ],
    ids=["abort", "exit", "a line more", "a whole forged", "compiler", "offline", "none", "huge"],
)  # fmt: skip
def test_what_is_not_whole_says_so(text: str, broken: str, said: str) -> None:
    tally = read("cargo-1.txt", text)
    assert why(tally, broken) == said
    assert set(tally.unseen) == {broken}
    if broken:
        assert tally.outcomes[broken] == "error"


NEXTEST = """<testsuites name="nextest-run" tests="3" failures="1" errors="0">
<testsuite name="calc" tests="2"><testcase name="tests::adds" classname="calc"/>
<testcase name="tests::takes" classname="calc"><failure type="test failure">panicked</failure>
</testcase></testsuite><testsuite name="calc::it"><testcase name="one" classname="calc::it">
<flakyFailure type="test failure">once</flakyFailure></testcase></testsuite></testsuites>"""


def test_nextest() -> None:
    assert outcomes("nextest-1-target/nextest/ci/junit.xml", NEXTEST) == {
        "calc::tests::adds": "passed",
        "calc::tests::takes": "failed",
        "calc::it::one": "passed",
    }


def test_commands() -> None:
    changed, env = instrument("cargo test -q --workspace", "cargo", "/o")
    assert changed.startswith("{ cargo test --no-fail-fast --workspace\n} >/o/cargo-1.txt 2>&1;")
    assert env == {"CARGO_TERM_COLOR": "never"}
    assert instrument("make", "cargo", "/o") == ("make", {})
    one = ["calc/src/lib.rs::tests::adds", "tests/it.rs::one"]
    assert single("cargo test", "cargo", one) == "cargo test -- --exact tests::adds one"
    assert single("cargo test", "cargo", ["doc/calc::src/lib.rs - add"]) == "cargo test"
    assert likely_runner("cargo +nightly test --all") == "cargo"
    assert likely_runner("cargo nextest run") == "nextest"
    assert runner_of("cargo test tests::adds -- --exact") == "cargo"
    assert runner_of("cargo test --config build.rustc='x'") == ""
    assert runner_of("cargo run") == ""
