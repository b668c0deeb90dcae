"""What surefire leaves, and Gradle's like of it (read, not run)."""

from __future__ import annotations

import pytest

from harness.testruns.command import likely_runner, runner_of
from harness.testruns.suite_command import instrument, single
from tests.testruns.reading import outcomes, read, why

C = "org.calc.SumTest"


def suite(*cases: str, failures: int = 0, errors: int = 0) -> str:
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="0"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><testsuite name="{C}" {counts}>'
        f"<properties><property name='java.home' value='x'/></properties>"
        f"{''.join(cases)}</testsuite>"
    )


def case(name: str, inner: str = "", group: str = C) -> str:
    return f'<testcase name="{name}" classname="{group}" time="0.01">{inner}</testcase>'


ASSERT = '<failure message="expected: 3" type="org.opentest4j.AssertionFailedError">at x</failure>'
THROWN = '<error message="null" type="java.lang.NullPointerException">at org.calc.Sum</error>'
LOADING = '<error type="java.lang.NoClassDefFoundError">no</error>'
NAME = "TEST-org.calc.SumTest.xml"
KINDS = suite(
    case("adds"),
    case("takes", ASSERT),
    case("throws", THROWN),
    case("cases(int, String)[1]"),
    case("cases(int, String)[2]", ASSERT),
    case("off", '<skipped message="not on this machine"/>'),
    case("flaky", '<flakyFailure message="once" type="x">once</flakyFailure>'),
    case("again", f"{ASSERT}<rerunFailure message='twice' type='x'>twice</rerunFailure>"),
    case("loads", LOADING),
    case("", '<error message="setUp" type="java.lang.RuntimeException">x</error>', f"{C}$Inner"),
    case("odd &lt;&amp;&gt; &#10; name  \u2028"),
    failures=3,
    errors=3,
)


@pytest.mark.parametrize("prefix", ["maven-1-a/target/surefire-reports/", "maven-1-"])
def test_every_kind(prefix: str) -> None:
    assert outcomes(prefix + NAME, KINDS) == {
        f"{C}::adds": "passed",
        f"{C}::takes": "failed",
        # a test's own exception is how it fails
        f"{C}::throws": "failed",
        f"{C}::cases(int, String)[1]": "passed",
        f"{C}::cases(int, String)[2]": "failed",
        f"{C}::off": "skipped",
        f"{C}::flaky": "passed",
        f"{C}::again": "failed",
        f"{C}::loads": "error",
        f"{C}$Inner": "error",
        f"{C}::odd <&>   name": "passed",
    }
    told = read(prefix + NAME, KINDS).failures
    assert told[f"{C}::throws"].phase == "call"
    assert (
        told[f"{C}::throws"].kind == "NullPointerException" or "at org" in told[f"{C}::throws"].text
    )


BOMB = '<!DOCTYPE a [<!ENTITY b "lol">]><testsuite><testcase name="&b;"/></testsuite>'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (suite(case("a"), failures=1), "its report contradicts itself"),
        (KINDS[:900], "its report is broken or cut off"),
        (KINDS + suite(case("takes")), "its report is broken or cut off"),
        (BOMB, "its report is broken or cut off"),
        ("<testsuites>" + "<testsuite>" * 90, "its report is broken or cut off"),
        ("<project/>", "its report is broken or cut off"),
        ("", "its report is broken or cut off"),
        (
            "<testsuite>" + " " * (49 << 20) + "</testsuite>",
            "its report is larger than harness reads",
        ),
    ],
    ids=["counts", "cut", "two roots", "entities", "deep", "another", "empty", "huge"],
)
def test_a_hostile_report_says_why_it_is_none(text: str, said: str) -> None:
    assert why(read("maven-1-x.xml", text)) == said


def test_gradle_is_read() -> None:
    text = suite(case("adds()"), case("takes()", ASSERT), case("off()", "<skipped/>"), failures=1)
    assert outcomes("gradle-1-app/build/test-results/test/TEST-x.xml", text) == {
        f"{C}::adds()": "passed",
        f"{C}::takes()": "failed",
        f"{C}::off()": "skipped",
    }
    assert likely_runner("./gradlew :app:test") == "gradle"
    assert instrument("./gradlew test", "gradle", "/o")[0] == "./gradlew --continue test"


def test_commands() -> None:
    assert instrument("mvn -B -ff test", "maven", "/o")[0] == "mvn -B test --fail-at-end"
    assert instrument("make", "maven", "/o") == ("make", {})
    ids = [f"{C}::cases(int, String)[2]", f"{C}::adds", f"{C}$Inner"]
    assert single("mvn test", "maven", ids) == (
        f"mvn test -Dtest='{C}#cases,{C}#adds,{C}$Inner' "
        "-Dsurefire.failIfNoSpecifiedTests=false -DfailIfNoTests=false"
    )
    assert likely_runner("./mvnw -B verify") == "maven"
    assert likely_runner("mvn -q dependency:tree") == ""
    for command in ("mvn clean", "mvn exec:java", "mvn test exec:java", "/opt/mvn test",
                    "mvn -o -q test -Dtest=SumTest#adds"):  # fmt: skip
        assert runner_of(command) == ""
    assert runner_of("mvn -o -q test -Dtest=SumTest") == "maven"
    assert runner_of("mvn test -DargLine=-javaagent:x") == ""
