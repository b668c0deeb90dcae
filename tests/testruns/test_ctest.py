"""CTest's JUnit XML: over a written one, and as the machine's own ctest writes it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from harness.pipeline.verification.evidence import Suite, compare_evidence, rerun, run_suite
from harness.testruns.command import likely_runner, runner_of
from harness.testruns.suite_command import instrument, single
from tests.testruns.reading import outcomes, read, why
from tests.testruns.suites import job


def case(name: str, status: str, inner: str = "") -> str:
    return (
        f'<testcase name="{name}" classname="{name}" time="0" status="{status}">{inner}'
        f"<system-out>said {name}</system-out></testcase>\n"
    )


WRITTEN = f"""<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)"
\ttests="9" failures="1" disabled="1" skipped="4" hostname="" time="1">
{case("good", "run")}{case("bad", "fail", '<failure message=""/>')}
{case("skip", "notrun", '<skipped message="SKIP_RETURN_CODE=77"/>')}
{case("words", "notrun", '<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>')}
{case("off", "disabled")}
{case("missing", "notrun", '<skipped message="Unable to find executable"/>')}
{case("dep", "notrun", '<skipped message="Fixture dependency failed"/>')}
{case("new", "never heard of")}{case("odd &lt;name&gt; &amp;&#10;[1]", "run")}
</testsuite>"""


def test_every_kind() -> None:
    assert outcomes("ctest-1.xml", WRITTEN) == {
        "good": "passed",
        "bad": "failed",
        "skip": "skipped",
        "words": "skipped",
        "off": "skipped",
        # it could not be started: no result of its own, and no wish of anybody's
        "missing": "error",
        "dep": "error",
        "new": "error",
        "odd <name> & [1]": "passed",
    }
    assert "said bad" in read("ctest-1.xml", WRITTEN).failures["bad"].text


def test_counted_and_not_named() -> None:
    text = '<testsuite tests="2" failures="1"><testcase name="a" status="run"/></testsuite>'
    assert why(read("ctest-1.xml", text)) == "its report contradicts itself"


LISTS = """\
cmake_minimum_required(VERSION 3.10)
project(x NONE)
enable_testing()
add_test(NAME good COMMAND true)
add_test(NAME bad.x COMMAND sh -c "echo no; exit 1")
add_test(NAME skip COMMAND sh -c "exit 77")
set_tests_properties(skip PROPERTIES SKIP_RETURN_CODE 77)
add_test(NAME off COMMAND true)
set_tests_properties(off PROPERTIES DISABLED TRUE)
add_test(NAME missing COMMAND /no/such)
add_test(NAME crash COMMAND sh -c "kill -SEGV $$$$")
"""


@pytest.mark.skipif(shutil.which("ctest") is None, reason="the written report covers the reader")
def test_what_a_real_ctest_writes(tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").write_text(LISTS)
    suite = "cmake -S . -B b && ctest --test-dir b"
    (tmp_path / "o").mkdir()

    def run(command: str) -> tuple[int, dict[str, str]]:
        changed, _ = instrument(command, "ctest", str(tmp_path / "o"))
        done = subprocess.run(changed, shell=True, cwd=tmp_path, capture_output=True, check=False)
        text = (tmp_path / "o" / "ctest-1.xml").read_text()
        return done.returncode, outcomes("ctest-1.xml", text)

    wanted = {"good": "passed", "bad.x": "failed", "skip": "skipped", "off": "skipped",
              "missing": "error", "crash": "failed"}  # fmt: skip
    assert run(suite) == (8, wanted)
    assert run(single(suite, "ctest", ["bad.x", "good"])) == (
        8,
        {"bad.x": "failed", "good": "passed"},
    )


@pytest.mark.skipif(shutil.which("ctest") is None, reason="the written report covers the reader")
async def test_a_real_ctest_in_the_sandbox(tmp_path: Path) -> None:
    tests = Suite(command="cmake -S . -B b && ctest --test-dir b", reporter="ctest")
    files = {"CMakeLists.txt": LISTS, "data": "1\n"}
    async with job(tmp_path, files, has_pytest=False) as (work, trees):
        base = await run_suite(work, tests, "base", trees.of(files))
        worse = LISTS.replace("good COMMAND true", "good COMMAND false")
        changed = trees.of({**files, "CMakeLists.txt": worse})
        change = await run_suite(work, tests, "product", changed)
        newly = await rerun(work, tests, "product", changed, change, ["good"])
    seen = compare_evidence(base, change)
    assert seen is not None
    assert (set(seen.newly_failing), seen.lost, seen.unseen) == ({"good"}, frozenset(), {})
    assert (newly.failing, newly.flaky) == (("good",), ())


def test_commands() -> None:
    changed, _ = instrument("cmake --build b && ctest --stop-on-failure", "ctest", "/o")
    assert changed == ("cmake --build b && ctest --output-on-failure --output-junit /o/ctest-1.xml")
    assert instrument("make test", "ctest", "/o") == ("make test", {})
    assert single("ctest", "ctest", ["a.b", "c"]) == r"ctest -R '^(a\.b|c)$'"
    assert likely_runner("cmake -B b && ctest --test-dir b") == "ctest"
    assert runner_of("ctest --test-dir b -R adds") == "ctest"
    assert runner_of("ctest --test-dir /elsewhere") == ""
    assert runner_of("ctest -S script.cmake") == ""
