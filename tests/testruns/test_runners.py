"""Every runner from its command to what the product compares, in a real sandbox. The runners are
stand-ins that write what the real one writes; where the machine has one it is tried as well
(test_ctest.py)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from harness.core.types import BoxLimits, Evidence, Tally
from harness.i18n.catalogue import Catalogue
from harness.pipeline.verification.evidence import (
    Suite,
    compare_evidence,
    is_green,
    is_red,
    run_suite,
)
from harness.testruns.command import likely_runner
from harness.testruns.suite_command import together
from tests.testruns.suites import job

PATHS = "PATH=$PWD/tools:$PATH; export PATH; "


class Way(NamedTuple):
    """One runner: its command, the stand-in, and what it writes for a test that passes or fails.
    In the stand-in `$report` is where an option says, "$1" to "$9" are its arguments."""

    command: str
    tool: str
    writes: str
    passed: str
    failed: str
    test: str
    reporter: str = ""


def xml(name: str, group: str, inner: str) -> str:
    return f"<testsuite><testcase name='{name}' classname='{group}'>{inner}</testcase></testsuite>"


def said(text: str) -> str:
    return f"cat <<'END'\n{text}\nEND"


def after(option: str, text: str) -> str:
    """Writes a text to the file that an option names, joined to it or behind it."""
    return (
        f'while [ $# -gt 0 ]; do case "$1" in {option}=*) report="${{1#*=}}";; '
        f'{option}) report="$2";; esac; shift; done\ncat >"$report" <<\'END\'\n{text}\nEND'
    )


def into(path: str, text: str) -> str:
    return f"mkdir -p {path.rpartition('/')[0]}\ncat >{path} <<'END'\n{text}\nEND"


def event(action: str, test: str = "") -> str:
    named = f', "Test": "{test}"' if test else ""
    return f'{{"Action": "{action}", "Package": "x/calc"{named}}}'


LIBTEST = """\
     Running tests/it.rs (target/debug/deps/it-4a9c20718bed82b8)

running 1 test
test sum ... {0}

test result: {0}. {1}; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"""
JEST = (
    '{"testResults": [{"name": "/work/a.test.js", "assertionResults": '
    '[{"ancestorTitles": ["s"], "title": "sum", "status": "%s"}]}]}'
)
RSPEC = (
    '{"examples": [{"full_description": "s sum", "file_path": "./spec/a_spec.rb", "status": "%s"}],'
    ' "summary": {"failure_count": %d}}'
)
MINITEST = """\
TestS#test_sum = 0.00 s = {}

1 runs, 1 assertions, {} failures, 0 errors, 0 skips"""
MOCHA = "<testsuite><testcase name='sum' classname='s' file='t/a.js'>{}</testcase></testsuite>"
FAIL = "<failure message='no'/>"
TRX = (
    '<TestRun><Results><UnitTestResult testId="1" testName="S.Sum" outcome="{}"/></Results>'
    '<TestDefinitions><UnitTest id="1"><TestMethod className="S, a"/></UnitTest></TestDefinitions>'
    "</TestRun>"
)
MX = "a/target/surefire-reports/TEST-S.xml"
WAYS = {
    "go": Way("go test ./...", "go", said("{}"), f"{event('pass', 'TestSum')}\n{event('pass')}",
              f"{event('fail', 'TestSum')}\n{event('fail')}", "x/calc::TestSum"),
    "cargo": Way("cargo test", "cargo", said("{}"), LIBTEST.format("ok", "1 passed; 0 failed"),
                 LIBTEST.format("FAILED", "0 passed; 1 failed"), "tests/it.rs::sum"),
    "ctest": Way("ctest --test-dir b", "ctest", after("--output-junit", "{}"),
                 xml("sum", "sum", ""), xml("sum", "sum", FAIL), "sum"),
    "maven": Way("mvn -o test", "mvn", into(MX, "{}"), xml("sum", "S", ""), xml("sum", "S", FAIL),
                 "S::sum"),
    "gradle": Way("gradle test", "gradle", into("build/test-results/test/TEST-S.xml", "{}"),
                  xml("sum", "S", ""), xml("sum", "S", FAIL), "S::sum"),
    "jest": Way("npx jest", "npx", after("--outputFile", "{}"), JEST % "passed", JEST % "failed",
                "a.test.js::s > sum"),
    "vitest": Way("npx vitest run", "npx", after("--outputFile.junit", "{}"),
                  xml("s > sum", "a.test.js", ""), xml("s > sum", "a.test.js", FAIL),
                  "a.test.js::s > sum"),
    "mocha": Way("npx mocha", "npx", 'for a; do case "$a" in output=*) report="${a#*=}";; esac; '
                 'done\ncat >"$report" <<\'END\'\n{}\nEND', MOCHA.format(""), MOCHA.format(FAIL),
                 "t/a.js::s > sum"),
    "tape": Way("npx tape t", "npx", said("{}"), "TAP version 13\n# sum\nok 1 same\n1..1",
                "TAP version 13\n# sum\nnot ok 1 same\n1..1", "sum"),
    "ava": Way("npx ava", "npx", said("{}"), "1..1\nok 1 - sum", "1..1\nnot ok 1 - sum", "sum"),
    "gotestsum": Way("gotestsum", "gotestsum", after("--junitfile", "{}"), xml("TestSum", "x", ""),
                     xml("TestSum", "x", FAIL), "x::TestSum"),
    "nextest": Way("cargo nextest run", "cargo", into("target/nextest/ci/junit.xml", "{}"),
                   xml("sum", "x", ""), xml("sum", "x", FAIL), "x::sum"),
    "rspec": Way("bundle exec rspec", "bundle", "set -- $SPEC_OPTS\n" + after("--out", "{}"),
                 RSPEC % ("passed", 0), RSPEC % ("failed", 1), "spec/a_spec.rb::s sum"),
    "minitest": Way("rake test", "rake", '[ "$TESTOPTS" = -v ] && ' + said("{}"),
                    MINITEST.format(".", 0), MINITEST.format("F", 1), "TestS#test_sum"),
    "phpunit": Way("vendor/bin/phpunit", "phpunit", after("--log-junit", "{}"),
                   xml("testSum", "S", ""), xml("testSum", "S", FAIL), "S::testSum"),
    "dotnet": Way("dotnet test", "dotnet", into("t/TestResults/me.trx", "{}"),
                  TRX.format("Passed"), TRX.format("Failed"), "S::Sum"),
    "mix": Way("mix test", "mix", into("_build/test/lib/a/test-junit-report.xml", "{}"),
               xml("test sum", "S", ""), xml("test sum", "S", FAIL), "S::test sum"),
    "junit:": Way("./check", "check", into("out/all/r.xml", "{}"), xml("sum", "S", ""),
                  xml("sum", "S", FAIL), "S::sum", "junit:out"),
    "tap": Way("./check", "check", said("{}"), "1..1\nok 1 - sum", "1..1\nnot ok 1 - sum", "sum",
               "tap"),
}  # fmt: skip


def tree(way: Way, text: str, code: int) -> dict[str, str]:
    """A project whose runner is a stand-in that writes this and ends so."""
    script = f"#!/bin/sh\n{way.writes.replace('{}', text)}\nexit {code}\n"
    return {f"tools/{way.tool}.sh": script}


def suite_of(name: str, way: Way) -> Suite:
    command = way.command.replace("vendor/bin/", "").replace("./check", "check")
    reporter = way.reporter or likely_runner(way.command)
    assert reporter.startswith(name)
    tool = f'{way.tool}() {{ sh tools/{way.tool}.sh "$@"; }}; '
    return Suite(command=tool + command, reporter=reporter)


def of(evidence: Evidence) -> Tally:
    assert evidence.tests is not None
    return evidence.tests


def why(evidence: Evidence) -> str:
    found = of(evidence).unseen.get("")
    return "" if found is None else Catalogue("en")(found.key, **found.facts)


@pytest.mark.parametrize("name", WAYS)
async def test_a_regression_shows_by_name(tmp_path: Path, name: str) -> None:
    way = WAYS[name]
    tests = suite_of(name, way)
    good = tree(way, way.passed, 0)
    async with job(tmp_path, good, has_pytest=False) as (work, trees):
        base = await run_suite(work, tests, "base", trees.of(good))
        bad = await run_suite(work, tests, "product", trees.of(tree(way, way.failed, 1)))
        forged = await run_suite(work, tests, "product", trees.of(tree(way, way.passed, 3)))
        silent = await run_suite(
            work, tests, "product", trees.of({f"tools/{way.tool}.sh": "exit 0"})
        )
    assert (of(base).outcomes, why(base)) == ({way.test: "passed"}, "")
    assert of(bad).outcomes == {way.test: "failed"}
    assert is_green(base, (way.test,))
    assert is_red(bad, (way.test,))
    assert not is_green(forged, (way.test,))
    seen = compare_evidence(base, bad)
    assert seen is not None
    assert (set(seen.newly_failing), seen.unseen) == ({way.test}, {})
    if name not in ("jest", "vitest", "mocha"):
        # these end with an error for other reasons too: their exit codes are compared
        assert "names no failure" in why(forged)
    assert why(silent)
    again = compare_evidence(base, silent)
    assert again is not None
    assert "" in again.unseen


async def test_a_report_that_was_committed_is_nobodys(tmp_path: Path) -> None:
    way = WAYS["maven"]
    files = {f"tools/{way.tool}.sh": "echo BUILD SUCCESS", MX: way.passed}
    async with job(tmp_path, files, has_pytest=False) as (work, trees):
        ran = await run_suite(work, suite_of("maven", way), "base", trees.of(files))
    assert (of(ran).outcomes, why(ran)) == ({}, "wrote no report (exit 0)")


async def test_a_test_cannot_add_to_what_its_runner_tells(tmp_path: Path) -> None:
    """It writes a second report that says better, and one under a name of its own."""
    way = WAYS["maven"]
    better = into(MX.replace("TEST-S", "TEST-T"), way.passed)
    script = f"{into(MX, way.failed)}\n{better}\n{into('x/TEST-S.xml', way.passed)}\nexit 0\n"
    files = {f"tools/{way.tool}.sh": script}
    async with job(tmp_path, files, has_pytest=False) as (work, trees):
        ran = await run_suite(work, suite_of("maven", way), "base", trees.of(files))
    assert of(ran).outcomes == {way.test: "failed"}


async def test_a_part_without_a_report_is_seen(tmp_path: Path) -> None:
    """One that is silent on both sides would be equal to itself."""
    go, tap = WAYS["go"], WAYS["tap"]
    files = {**tree(go, go.passed, 0), "b/check.sh": f"echo '{tap.passed}'"}
    parts = ['go() { sh tools/go.sh "$@"; }; go test ./...', "cd b && sh check.sh"]
    tests = Suite(command=together(parts), reporter="go+tap")
    silent = {**files, "tools/go.sh": "exit 0"}
    async with job(tmp_path, files, has_pytest=False) as (work, trees):
        whole = await run_suite(work, tests, "base", trees.of(files))
        broken = await run_suite(work, tests, "product", trees.of(silent))
    assert (of(whole).outcomes, why(whole)) == ({go.test: "passed", "sum": "passed"}, "")
    assert set(of(broken).outcomes) == {"sum"}
    assert why(broken)


async def test_what_a_run_printed_that_was_ended_is_shown(tmp_path: Path) -> None:
    """Its output goes into its report; the one that hangs is to be seen."""
    files = {"check.sh": "echo '1..2'; echo 'ok 1 - sum'; echo 'waits for ever'; sleep 600"}
    tests = Suite(command="sh check.sh", reporter="tap")
    limits = BoxLimits(command_s=6)
    async with job(tmp_path, files, limits, has_pytest=False) as (work, trees):
        ran = await run_suite(work, tests, "base", trees.of(files))
    assert ran.timed_out
    assert "waits for ever" in ran.output
    assert why(ran) == "ran out of time"
