# ruff: noqa: E501
"""Test reports as they are written by real runners, and as a hostile one would write them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.core.types import Tally
from harness.testruns.reports import (
    Compared,
    compare,
    lost_for_good,
    read_jest,
    read_junit,
    read_reports,
)

SUITE = """\
import pytest

class TestX:
    @pytest.mark.parametrize("v", ["a.b::c", "x"])
    def test_y(self, v):
        assert v == "x"

def test_ok():
    pass

@pytest.mark.xfail
def test_xf():
    assert 0

@pytest.mark.skip
def test_sk():
    pass

@pytest.fixture
def bad():
    raise ValueError

def test_setup(bad):
    pass

@pytest.fixture
def late():
    yield
    raise ValueError

def test_teardown(late):
    pass
"""


def run_pytest(place: Path, family: str) -> bytes:
    report = place / f"{family}.xml"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o",
         f"junit_family={family}", f"--junitxml={report}", "--continue-on-collection-errors",
         "tests"],
        cwd=place,
        capture_output=True,
        check=False,
        timeout=100,
    )  # fmt: skip
    return report.read_bytes()


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_what_pytest_writes(tmp_path: Path, family: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "tests" / "test_a.py").write_text(SUITE)
    (tmp_path / "tests" / "test_b.py").write_text("import nope\n")
    tally = read_reports({"report.xml": run_pytest(tmp_path, family)})
    assert tally.collected
    assert tally.outcomes == {
        "tests/test_a.py::TestX::test_y[a.b::c]": "failed",
        "tests/test_a.py::TestX::test_y[x]": "passed",
        "tests/test_a.py::test_ok": "passed",
        "tests/test_a.py::test_xf": "xfailed",
        "tests/test_a.py::test_sk": "skipped",
        "tests/test_a.py::test_setup": "error",
        "tests/test_a.py::test_teardown": "error",
        "tests/test_b.py": "error",
    }


NODE = """<?xml version="1.0" encoding="utf-8"?>
<testsuites>
  <testsuite name="S" tests="3">
    <testcase name="one" classname="test"/>
    <testcase name="two" classname="test" failure="1 == 2">
      <failure type="testCodeFailure" message="1 == 2">AssertionError</failure></testcase>
    <testcase name="three" classname="test"><skipped type="todo" message="true"/></testcase>
    <testcase name="hooked" classname="test"><failure type="hookFailed" message="x"/></testcase>
  </testsuite>
  <testcase name="top" classname="test" file="/work/test/a.test.js"/>
  <testcase name="/work/b.test.js" classname="test">
    <failure type="testCodeFailure" message="test failed"/></testcase>
</testsuites>"""

VITEST = """<testsuites name="vitest tests"><testsuite name="src/a.test.ts">
<testcase classname="src/a.test.ts" name="adds &gt; two"/>
<testcase classname="src/a.test.ts" name="adds &gt; three"><failure message="x" type="AssertionError"/>
</testcase><testcase classname="src/a.test.ts" name="later"><skipped/></testcase></testsuite>
<testsuite name="src/b.test.ts"><testcase classname="src/b.test.ts" name="src/b.test.ts">
<failure message="SyntaxError"/></testcase></testsuite></testsuites>"""

MOCHA = """<testsuite name="Mocha Tests" tests="2" failures="1">
<testcase classname="Sum" name="adds" file="/work/test/sum.js" time="0"/>
<testcase classname="Sum" name="subtracts" time="0"><failure>AssertionError</failure></testcase>
<testcase classname="Sum" name="&quot;before each&quot; hook for &quot;x&quot;"><failure>no</failure>
</testcase></testsuite>"""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            NODE,
            {
                "S > one": "passed",
                "S > two": "failed",
                "S > three": "skipped",
                "S > hooked": "error",
                "test/a.test.js::top": "passed",
                "b.test.js": "error",
            },
        ),
        (
            VITEST,
            {
                "src/a.test.ts::adds > two": "passed",
                "src/a.test.ts::adds > three": "failed",
                "src/a.test.ts::later": "skipped",
                "src/b.test.ts": "error",
            },
        ),
        (
            MOCHA,
            {
                "test/sum.js::Sum > adds": "passed",
                "Sum > subtracts": "failed",
                'Sum > "before each" hook for "x"': "error",
            },
        ),
    ],
    ids=["node", "vitest", "mocha"],
)
def test_what_javascript_runners_write(text: str, wanted: dict[str, str]) -> None:
    tally = read_junit(text)
    assert (tally.outcomes, tally.collected) == (wanted, True)
    assert set(tally.failures) == {k for k, v in wanted.items() if v in ("failed", "error")}


def test_what_jest_writes() -> None:
    report = {
        "testResults": [
            {
                "name": "/work/src/a.test.js",
                "status": "failed",
                "assertionResults": [
                    {"ancestorTitles": ["A", "b"], "title": "one", "status": "passed"},
                    {"ancestorTitles": [], "title": "two", "status": "failed"},
                    {"ancestorTitles": [], "title": "three", "status": "pending"},
                    {"ancestorTitles": [], "title": "four", "status": "never heard of"},
                ],
            },
            {"name": "/work/src/b.test.js", "status": "failed", "assertionResults": []},
        ]
    }
    assert read_reports({"jest.json": json.dumps(report).encode()}).outcomes == {
        "src/a.test.js::A > b > one": "passed",
        "src/a.test.js::two": "failed",
        "src/a.test.js::three": "skipped",
        "src/a.test.js::four": "error",
        "src/b.test.js": "error",
    }


def test_the_worse_of_two_reports_on_one_test_counts() -> None:
    case = '<testsuite name="pytest"><testcase classname="a" name="t" file="a.py">{}</testcase></testsuite>'
    fine, failed = case.format("").encode(), case.format("<failure/>").encode()
    for order in ({"1.xml": fine, "2.xml": failed}, {"1.xml": failed, "2.xml": fine}):
        assert read_reports(order).outcomes == {"a.py::t": "failed"}


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]><testsuites><testsuite>&j;</testsuite></testsuites>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><testsuites>&y;</testsuites>'


@pytest.mark.parametrize(
    "data",
    [
        BOMB.encode(),
        OUTSIDE.encode(),
        NODE[: len(NODE) // 2].encode(),
        b"",
        b"\xff\xfe\x00",
        b"<html></html>",
        b"<testsuites>" * 5000,
        b"[" * 100_000,
        b'{"testResults": [3]}',
        b'{"testResults": {}}',
        b"null",
        b"<testsuites>" + b" " * (49 << 20) + b"</testsuites>",
    ],
    ids=range(12),
)
@pytest.mark.parametrize("name", ["r.xml", "r.json", "r"])
def test_a_hostile_report_is_no_report(data: bytes, name: str) -> None:
    began = time.process_time()
    assert not read_reports({name: data}).collected
    assert not read_reports({name: data, "good.xml": NODE.encode()}).collected
    assert time.process_time() - began < 60


def test_no_report_at_all() -> None:
    assert read_reports({}) == Tally(outcomes={}, collected=False)
    assert read_jest("{}").collected is False


def test_base_and_change_compared() -> None:
    base = Tally(
        outcomes={
            "same": "passed",
            "broken": "passed",
            "mended": "failed",
            "gone": "passed",
            "bad": "error",
            "hushed": "passed",
        }
    )
    change = Tally(
        outcomes={
            "same": "passed",
            "broken": "failed",
            "mended": "passed",
            "bad": "failed",
            "fresh": "passed",
            "fresh and wrong": "error",
            "hushed": "skipped",
        }
    )
    assert compare(base, change) == Compared(
        newly_failing=frozenset({"broken", "fresh and wrong"}),
        fixed=frozenset({"mended"}),
        lost=frozenset({"gone"}),
        new=frozenset({"fresh", "fresh and wrong"}),
        silenced=frozenset({"hushed"}),
    )


def test_a_test_that_changes_its_name_by_itself_is_not_lost() -> None:
    def tally(*keys: str) -> Tally:
        return Tally(outcomes=dict.fromkeys(keys, "passed"))

    base = tally("t.py::now[10:00:01]", "t.py::now[0]", "t.py::same[1]", "a.js::at 17")
    again = tally("t.py::now[10:00:02]", "t.py::now[0]", "t.py::same[1]", "a.js::at 18")
    change = tally("t.py::now[10:00:03]", "t.py::now[0]", "t.py::same[1]", "a.js::at 19")
    assert lost_for_good(base, again, change) == frozenset()
    fewer = tally("t.py::now[0]", "a.js::at 19")
    assert lost_for_good(base, again, fewer) == {"t.py::now[10:00:01]", "t.py::same[1]"}
    renamed = tally("t.py::now[10:00:03]", "t.py::now[0]", "t.py::same[1]", "a.js::by 19")
    assert lost_for_good(base, again, renamed) == {"a.js::at 17"}


RENUMBERED = [
    ("a row before", {"f[a0-x]": "passed"}, {"f[a0-y]": "passed", "f[a1-x]": "passed"}, ""),
    ("a row between", {"f[1]": "passed"}, {"f[0]": "passed", "f[2]": "passed"}, ""),
    ("made parametrised", {"f": "passed"}, {"f[a]": "passed", "f[b]": "passed"}, ""),
    ("values changed", {"f[a-1]": "passed"}, {"f[a-2]": "passed"}, ""),
    ("in a class", {"T::f[a0]": "passed"}, {"T::f[b]": "passed"}, ""),
    ("brackets inside", {"f[[1]-x]": "passed"}, {"f[[2]-x]": "passed"}, ""),
    ("fewer", {"f[a]": "passed", "f[b]": "passed"}, {"f[c]": "passed"}, "f[a] f[b]"),
    ("gone", {"f[a]": "passed"}, {"g[a]": "passed"}, "f[a]"),
    ("another class", {"T::f[a]": "passed"}, {"U::f[a]": "passed"}, "T::f[a]"),
    ("as a skip", {"f[a0]": "passed"}, {"f[a1]": "skipped"}, "f[a0]"),
    ("one of them", {"f[a]": "passed", "f[b]": "failed"}, {"f[b]": "xfailed", "f[c]": "passed"},
     "f[a]"),
    ("a skip for a skip", {"f[a0]": "skipped"}, {"f[a1]": "skipped"}, ""),
    ("a skipped function", {"f": "skipped"}, {"g": "passed"}, "f"),
    ("a script's brackets", {"f[a]": "passed"}, {"f[b]": "passed"}, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "change", "lost"), [r[1:] for r in RENUMBERED], ids=[r[0] for r in RENUMBERED]
)
def test_a_case_under_another_name_is_counted_with_its_function(
    base: dict[str, str], change: dict[str, str], lost: str | None
) -> None:
    file = "t.js" if lost is None else "t.py"
    before, after = (
        Tally(outcomes={f"{file}::{key}": said for key, said in side.items()})
        for side in (base, change)
    )
    wanted = {f"{file}::{key}" for key in ("f[a]" if lost is None else lost).split()}
    assert compare(before, after).lost == wanted


def test_a_renumbered_case_that_fails_is_newly_failing() -> None:
    base = Tally(outcomes={"t.py::f[a0]": "failed", "t.py::f[a1]": "passed"})
    change = Tally(
        outcomes={"t.py::f[a0]": "passed", "t.py::f[a1]": "failed", "t.py::f[a2]": "failed"}
    )
    assert compare(base, change).newly_failing == {"t.py::f[a1]", "t.py::f[a2]"}


@pytest.mark.parametrize(
    ("base", "change", "silenced"),
    [
        ({"f[a0]": "skipped", "f[a1]": "passed"},
         {"f[a0]": "passed", "f[a1]": "skipped", "f[a2]": "passed"}, ""),
        ({"f[a0]": "xfailed", "f[a1]": "failed"},
         {"f[a0]": "passed", "f[a1]": "xfailed", "f[a2]": "failed"}, ""),
        ({"f[a0]": "passed"}, {"f[a0]": "skipped", "f[a1]": "passed"}, "f[a0]"),
        ({"f[a0]": "skipped", "f[a1]": "passed"},
         {"f[a0]": "passed", "f[a1]": "skipped"}, "f[a1]"),
        ({"f[x]": "skipped", "f[y]": "passed"},
         {"f[x]": "passed", "f[y]": "skipped", "f[z]": "passed"}, "f[y]"),
        ({"f": "passed"}, {"f": "skipped", "g": "passed"}, "f"),
    ],
)  # fmt: skip
def test_a_case_that_took_a_silent_ones_number_is_not_silenced(
    base: dict[str, str], change: dict[str, str], silenced: str
) -> None:
    before, after = (
        Tally(outcomes={f"t.py::{key}": said for key, said in side.items()})
        for side in (base, change)
    )
    assert compare(before, after).silenced == {f"t.py::{key}" for key in silenced.split()}
