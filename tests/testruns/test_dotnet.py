"""The .trx files of .NET: read, not run."""

from __future__ import annotations

import pytest

from harness.testruns.suite_command import instrument
from tests.testruns.reading import outcomes, read, why


def result(test: str, name: str, outcome: str, inner: str = "") -> str:
    given = f'testId="{test}" testName="{name}" outcome="{outcome}"'
    return f"<UnitTestResult {given}>{inner}</UnitTestResult>"


SAID = (
    "<Output><ErrorInfo><Message>Expected 3</Message><StackTrace>at A.B</StackTrace></ErrorInfo>"
    "</Output>"
)
KINDS = f"""\ufeff<?xml version="1.0" encoding="utf-8"?>
<TestRun id="x" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
{result("1", "Calc.SumTest.Adds", "Passed")}{result("2", "Calc.SumTest.Takes", "Failed", SAID)}
{result("3", "Calc.SumTest.Later", "NotExecuted")}{
    result("4", "Cases(a: 1, b: &quot;x&quot;)", "Passed")
}
{result("5", "Calc.SumTest.Crashed", "Aborted")}{result("6", "nobody's", "")}
</Results><TestDefinitions>
{
    "".join(
        f'<UnitTest id="{n}"><TestMethod className="Calc.SumTest, Calc"/></UnitTest>'
        for n in range(1, 6)
    )
}
</TestDefinitions></TestRun>"""


def test_every_kind() -> None:
    assert outcomes("dotnet-1-t/TestResults/me.trx", KINDS) == {
        "Calc.SumTest::Adds": "passed",
        "Calc.SumTest::Takes": "failed",
        "Calc.SumTest::Later": "skipped",
        'Calc.SumTest::Cases(a: 1, b: "x")': "passed",
        "Calc.SumTest::Crashed": "error",
        "nobody's": "error",
    }
    assert "at A.B" in read("dotnet-1.trx", KINDS).failures["Calc.SumTest::Takes"].text


@pytest.mark.parametrize(
    "text",
    ["", KINDS[:400], "<testsuites/>", "<TestRun>" * 90,
     '<!DOCTYPE a [<!ENTITY b "c">]><TestRun>&b;</TestRun>'],
)  # fmt: skip
def test_a_hostile_report_is_none(text: str) -> None:
    assert why(read("dotnet-1.trx", text)) == "its report is broken or cut off"


def test_commands() -> None:
    assert instrument("dotnet test Calc.sln", "dotnet", "/o")[0] == (
        "dotnet test --logger trx Calc.sln"
    )
