# ruff: noqa: E501
"""Some tests alone, with runners that are read and not run here: what each can be told."""

from __future__ import annotations

import pytest

from harness.testruns.suite_command import single

ROWS = [
    ("cargo nextest run", "nextest", ["tests::adds"], "cargo nextest run -E 'test(/(^|::)tests::adds$/)'"),
    ("cargo nextest run --workspace", "nextest", ["a", "b"], "cargo nextest run --workspace -E 'test(/(^|::)a$/) + test(/(^|::)b$/)'"),
    ("cargo nextest run -- --skip slow", "nextest", ["a"], "cargo nextest run -- --skip slow"),
    ("cargo nextest run; true", "nextest", ["a"], "cargo nextest run; true"),
    ("cargo nextest run", "nextest", ["a')$(x)"], "cargo nextest run"),
    ("gotestsum", "gotestsum", ["x.org/a::TestA/case"], "gotestsum -- -run '^TestA$' ./..."),
    ("gotestsum -f dots -- -race ./...", "gotestsum", ["p::TestA", "p::TestB"], "gotestsum -f dots -- -run '^(TestA|TestB)$' -race ./..."),
    ("./gradlew test", "gradle", ["a.B::adds()"], "./gradlew test --tests a.B.adds"),
    ("./gradlew clean :app:test --offline", "gradle", ["a.B::adds", "a.C::is $x[1]"], "./gradlew clean :app:test --tests a.B.adds --tests 'a.C.is $x' --offline"),
    ("gradle check", "gradle", ["a.B::adds"], "gradle check"),
    ("gradle :a:test :b:test", "gradle", ["a.B::adds"], "gradle :a:test :b:test"),
    ("dotnet test", "dotnet", ["Calc.SumTest::Adds"], "dotnet test --filter 'FullyQualifiedName~Calc.SumTest.Adds'"),
    ("dotnet test -c Release", "dotnet", ["C.S::A(a: 1)", "C.S::A(a: 2)", "C.S::B"], "dotnet test -c Release --filter 'FullyQualifiedName~C.S.A|FullyQualifiedName~C.S.B'"),
    ("dotnet test --filter x", "dotnet", ["C.S::A"], "dotnet test --filter x"),
    ("mix test", "mix", ["A::b"], "mix test"),
    ("tape test/*.js", "tape", ["a"], "tape test/*.js"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "runner", "tests", "narrow"), ROWS)
def test_a_command_for_some_tests(command: str, runner: str, tests: list[str], narrow: str) -> None:
    assert single(command, runner, tests) == narrow
