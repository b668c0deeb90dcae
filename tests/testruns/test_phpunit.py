"""PHPUnit's XML, whose suites lie in one another."""

from __future__ import annotations

from harness.testruns.command import likely_runner, runner_of
from harness.testruns.suite_command import instrument, single
from tests.testruns.reading import outcomes, read

FILE = 'file="/work/tests/SumTest.php" class="SumTest" classname="SumTest"'
KINDS = f"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="" tests="6" failures="1" errors="1" skipped="1">
<testsuite name="SumTest" file="/work/tests/SumTest.php">
<testcase name="testAdds" {FILE} line="9" assertions="1" time="0.1"/>
<testcase name="testTakes" {FILE}><failure type="PHPUnit\\Framework\\ExpectationFailedException">no
/work/tests/SumTest.php:12</failure></testcase>
<testcase name="testThrows" {FILE}><error type="TypeError">Sum::of(): no</error></testcase>
<testcase name="testLater" {FILE}><skipped/></testcase>
<testsuite name="SumTest::testCases">
<testcase name="testCases with data set #0" {FILE}/>
<testcase name="testCases with data set &quot;an &lt;odd&gt; one&quot;" {FILE}/>
</testsuite></testsuite></testsuite></testsuites>"""


def test_every_kind() -> None:
    start = "tests/SumTest.php::"
    assert outcomes("phpunit-1.xml", KINDS.replace("\\F", "\\\\F")) == {
        f"{start}testAdds": "passed",
        f"{start}testTakes": "failed",
        f"{start}testThrows": "failed",
        f"{start}testLater": "skipped",
        f"{start}testCases with data set #0": "passed",
        f'{start}testCases with data set "an <odd> one"': "passed",
    }
    assert read("phpunit-1.xml", KINDS).failures[f"{start}testThrows"].kind == "TypeError"


def test_commands() -> None:
    changed, _ = instrument("vendor/bin/phpunit --stop-on-failure", "phpunit", "/o")
    assert changed == "vendor/bin/phpunit --log-junit /o/phpunit-1.xml"
    ids = ["t/SumTest.php::testA", "t/SumTest.php::testB with data set #1"]
    assert single("vendor/bin/phpunit", "phpunit", ids) == (
        "vendor/bin/phpunit --filter '/::(testA|testB)( with data set .*)?$/'"
    )
    assert likely_runner("php vendor/bin/phpunit tests") == "phpunit"
    assert runner_of("vendor/bin/phpunit --filter testA") == "phpunit"
    assert runner_of("vendor/bin/phpunit --bootstrap ../evil.php") == ""
