"""`go test -json`, and gotestsum's XML."""

from __future__ import annotations

import json

import pytest

from harness.testruns.command import likely_runner, runner_of
from harness.testruns.suite_command import instrument, single
from tests.testruns.reading import outcomes, read, why

P = "example.org/calc"


def line(action: str, test: str = "", package: str = P, **more: str) -> str:
    event = {"Action": action, "Package": package, **({"Test": test} if test else {}), **more}
    return json.dumps(event)


def report(*lines: str) -> str:
    return "\n".join([*lines, ""])


KINDS = report(
    line("start"),
    line("run", "TestAdd"),
    line("output", "TestAdd", Output="=== RUN   TestAdd\n"),
    line("pass", "TestAdd"),
    line("run", "TestSub"),
    line("run", "TestSub/odd_name_#01"),
    line("output", "TestSub/odd_name_#01", Output="    calc_test.go:9: got 1, want 2\n"),
    line("fail", "TestSub/odd_name_#01"),
    line("fail", "TestSub"),
    line("run", "TestLater"),
    line("skip", "TestLater"),
    line("pass", "ExampleAdd"),
    line("fail"),
    line("skip", package="example.org/calc/empty"),
)


def test_every_kind() -> None:
    assert outcomes("go-1.json", KINDS) == {
        f"{P}::TestAdd": "passed",
        f"{P}::TestSub": "failed",
        f"{P}::TestSub/odd_name_#01": "failed",
        f"{P}::TestLater": "skipped",
        f"{P}::ExampleAdd": "passed",
    }
    told = read("go-1.json", KINDS).failures[f"{P}::TestSub/odd_name_#01"]
    assert (told.phase, "got 1, want 2" in told.text) == ("call", True)


BUILD = report(
    json.dumps({"ImportPath": f"{P} [{P}.test]", "Action": "build-output", "Output": "x.go:1:1"}),
    json.dumps({"ImportPath": f"{P} [{P}.test]", "Action": "build-fail"}),
    line("start"),
    line("output", Output=f"FAIL\t{P} [build failed]\n"),
    line("fail", FailedBuild=f"{P} [{P}.test]"),
)
PANIC = report(line("start"), line("run", "TestA"), line("output", "TestA", Output="panic: x\n"),
               line("fail"))  # fmt: skip
LEFT = report(line("start"), line("run", "TestA"), line("pass"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (BUILD, {P: "error"}),
        # a compiler before 1.24 says it outside of the events
        (f"# {P}\nx.go:1:1: no\nFAIL\t{P} [build failed]\n" + report(line("fail")), {P: "error"}),
        (PANIC, {f"{P}::TestA": "error"}),
        (LEFT, {f"{P}::TestA": "error"}),
        (report(line("start"), line("fail")), {P: "error"}),
    ],
    ids=["build", "old build", "panic", "left", "main"],
)
def test_what_broke(text: str, wanted: dict[str, str]) -> None:
    assert outcomes("go-1.json", text) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (report(line("start"), line("pass", "TestA")), f"its report ends in the middle of {P}"),
        ("", "its report is broken or cut off"),
        ("go: no such tool\n", "its report is broken or cut off"),
        ("[" * 100_000, "its report is broken or cut off"),
        ('{"Action": 3, "Test": {}}\n{"a":\n{}\n', "its report is broken or cut off"),
    ],
)
def test_what_is_not_whole_says_so(text: str, said: str) -> None:
    assert why(read("go-1.json", text), P if P in said else "") == said


def test_a_forged_second_result_does_not_help() -> None:
    text = KINDS + report(line("pass", "TestSub"), line("pass", "TestSub/odd_name_#01"))
    assert outcomes("go-1.json", text)[f"{P}::TestSub"] == "failed"


def test_names_are_one_line() -> None:
    text = report(line("pass", "Test\u202eA\n\x1b[2Jb"), line("pass"))
    assert outcomes("go-1.json", text) == {f"{P}::Test A  [2Jb": "passed"}


SUM = f"""<testsuites tests="3" failures="1" errors="0">
<testsuite name="{P}" tests="3" failures="1">
<testcase classname="{P}" name="TestA"/><testcase classname="{P}" name="TestB/x">
<failure message="Failed" type="">b_test.go:3: no</failure></testcase>
<testcase classname="{P}" name="TestC"><skipped message="short"/></testcase>
</testsuite></testsuites>"""


def test_gotestsum() -> None:
    wanted = {f"{P}::TestA": "passed", f"{P}::TestB/x": "failed", f"{P}::TestC": "skipped"}
    assert outcomes("gotestsum-1.xml", SUM) == wanted
    assert instrument("gotestsum -- ./...", "gotestsum", "/o")[0] == (
        "gotestsum --junitfile /o/gotestsum-1.xml -- ./..."
    )


def test_commands() -> None:
    changed, _ = instrument("go test -failfast ./...", "go", "/o")
    assert changed.startswith("{ go test -json ./...\n} >/o/go-1.json; code=$?;")
    assert instrument("make check", "go", "/o") == ("make check", {})
    assert single("go test -run Old ./...", "go", [f"{P}::TestA/x", f"{P}::TestB"]) == (
        "go test -run '^(TestA|TestB)$' ./..."
    )
    assert likely_runner("cd srv && go test -race ./...") == "go"
    assert likely_runner("gotestsum ./...") == "gotestsum"
    assert runner_of("go test -run TestA -count=1 ./...") == "go"
    assert runner_of("go test ./... | tee log") == ""
    assert runner_of("go test -exec ./evil ./...") == ""
    assert runner_of("go test -run=TestA ../other") == ""
