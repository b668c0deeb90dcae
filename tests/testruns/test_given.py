"""`reporter = "junit:PATH"`: XML in every dialect, and which files count."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from harness.config.sections import ProjectTests
from harness.pipeline.verification.left_reports import LeftReports
from harness.testruns.registry import RUNNERS
from tests.testruns.reading import outcomes, read, why

JEST_JUNIT = """<testsuites name="jest tests" tests="2" failures="1" errors="0">
<testsuite name="sum"><testcase classname="sum adds" name="sum adds" file="src/a.test.js"/>
<testcase classname="sum" name="takes" file="src/a.test.js"><failure>x</failure></testcase>
</testsuite>
<testsuite name="b"><testcase classname="Test suite failed to run" name="src/b.test.js">
<error>no</error></testcase></testsuite></testsuites>"""
RSPEC = """<testsuite name="rspec" tests="2"><properties/>
<testcase classname="spec.sum_spec" name="Sum adds" file="./spec/sum_spec.rb"/>
<testcase classname="spec.sum_spec" name="Sum is to come" file="./spec/sum_spec.rb"><skipped/>
</testcase></testsuite>"""
GTEST = """<testsuites tests="3" failures="1" disabled="1"><testsuite name="Sum">
<testcase name="Adds" status="run" result="completed" classname="Sum"/>
<testcase name="Takes/0" value_param="1" status="run" result="completed" classname="All/Sum">
<failure message="Expected" type="">x</failure></testcase>
<testcase name="DISABLED_X" status="notrun" result="suppressed" classname="Sum"/>
</testsuite></testsuites>"""
ELIXIR = """<testsuites><testsuite errors="0" failures="1" name="Elixir.SumTest" tests="2">
<testcase classname="Elixir.SumTest" name="test adds" file="test/sum_test.exs:4"/>
<testcase classname="Elixir.SumTest" name="test takes" file="test/sum_test.exs:9">
<failure message="error: no">x</failure></testcase></testsuite></testsuites>"""
NESTED = """<testsuites><testsuite name="all"><testsuite name="inner"><testcase name="a"/>
<testsuite name=""><testcase name="b"><skipped/></testcase></testsuite></testsuite>
<testcase name="c"><error/></testcase></testsuite></testsuites>"""
BARE = '<testsuite><testcase name="alone"/><testcase name=" "/><testcase/></testsuite>'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (JEST_JUNIT, {"src/a.test.js::sum adds": "passed", "src/a.test.js::takes": "failed",
                      "Test suite failed to run::src/b.test.js": "error"}),
        (RSPEC, {"spec/sum_spec.rb::Sum adds": "passed",
                 "spec/sum_spec.rb::Sum is to come": "skipped"}),
        (GTEST, {"Sum::Adds": "passed", "All/Sum::Takes/0": "failed",
                 "Sum::DISABLED_X": "skipped"}),
        (ELIXIR, {"test/sum_test.exs::test adds": "passed",
                  "test/sum_test.exs::test takes": "failed"}),
        (NESTED, {"inner::a": "passed", "inner::b": "skipped", "all::c": "error"}),
        (BARE, {"alone": "passed"}),
    ],
    ids=["jest-junit", "rspec", "gtest", "elixir", "nested", "bare"],
)  # fmt: skip
def test_dialects(text: str, wanted: dict[str, str]) -> None:
    assert outcomes("given-1-out/r.xml", text) == wanted


def test_the_worse_of_two_stands_over_all_files() -> None:
    one = '<testsuite><testcase name="a" classname="C"/></testsuite>'
    two = one.replace("/></", "><failure/></testcase></")
    text = f"<testsuites>{one}{two}{one}</testsuites>"
    assert outcomes("given-1-r.xml", text) == {"C::a": "failed"}


REPORT = '<testsuite><testcase name="a"/></testsuite>'


def left(root: Path, reporter: str, folders: tuple[str, ...] = ("",)) -> LeftReports:
    return LeftReports(root, reporter, folders)


def test_only_what_the_run_wrote_counts(tmp_path: Path) -> None:
    """A report that is committed, or of the run before, is nobody's result."""
    for path in (
        "out/old.xml",
        "out/again.xml",
        "node_modules/out/x.xml",
        "pom.xml",
        "outer/b.xml",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(REPORT)
    looked = left(tmp_path, "junit:out")
    told = (tmp_path / "out/again.xml").stat()
    (tmp_path / "out/again.xml").write_text(REPORT)
    # the time of the file says what a test wants it to say
    os.utime(tmp_path / "out/again.xml", ns=(told.st_atime_ns, told.st_mtime_ns))
    (tmp_path / "out/deep").mkdir()
    (tmp_path / "out/deep/new.xml").write_text(REPORT)
    (tmp_path / "out/link.xml").symlink_to("old.xml")
    (tmp_path / "out/way").symlink_to("/etc")
    assert looked.written() == {
        "given-1-out/again.xml": REPORT.encode(),
        "given-1-out/deep/new.xml": REPORT.encode(),
        # there, and not followed: the report is broken
        "given-1-out/link.xml": b"",
    }
    assert why(read("given-1-out/link.xml", "")) == "its report is broken or cut off"


def test_each_part_of_a_command_has_its_folder(tmp_path: Path) -> None:
    looked = left(tmp_path, "junit:r.xml+pytest+maven", ("a", "b", "c"))
    for path in ("r.xml", "a/r.xml", "b/r.xml", "c/m/target/surefire-reports/TEST-x.xml",
                 "a/target/surefire-reports/TEST-x.xml"):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(REPORT)
    assert set(looked.written()) == {
        "given-1-a/r.xml",
        "maven-3-c/m/target/surefire-reports/TEST-x.xml",
    }


def test_what_is_too_much_is_not_passed_over(tmp_path: Path) -> None:
    looked = left(tmp_path, "junit:out")
    (tmp_path / "out").mkdir()
    for number in range(2):
        with (tmp_path / f"out/{number}.xml").open("wb") as file:
            file.truncate(33 << 20)
    assert [len(data) for data in looked.written().values()] == [32 << 20, 16 << 20]


@pytest.mark.parametrize(
    "value", ["junit:out", "junit:a/*.xml", "go+junit:./r.xml", "junit:**/t-*.xml"]
)
def test_settings(value: str) -> None:
    assert ProjectTests(reporter=value).reporter == value


@pytest.mark.parametrize(
    "value",
    ["junit:", "junit:/etc", "junit:../r.xml", "junit:a/../../r.xml", "junit:a b", "junt:a"],
)
def test_a_path_outside_of_the_tree_is_none(value: str) -> None:
    with pytest.raises(ValidationError):
        ProjectTests(reporter=value)


def test_every_runner_is_a_setting_and_a_row_of_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "runners.md").read_text("utf-8")
    for runner in RUNNERS:
        assert ProjectTests(reporter=runner.name).reporter == runner.name
        assert f"\n| `{runner.name}` |" in page
