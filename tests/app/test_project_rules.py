"""What a project's settings say of its tests and its pages reaches the pipeline."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from harness.app.projects import tests_of as command_of
from harness.config.sections import DirectoryTests, ProjectTests
from harness.config.settings import Settings
from harness.pipeline.job import Job
from harness.pipeline.page_facts import facts_of
from harness.pipeline.pages import pages_of
from harness.testruns.suite_command import folders_of, instrument
from tests.security.tempting import with_job


def make_settings(**directories: tuple[str, str]) -> Settings:
    parts = {
        path: DirectoryTests(command=command, reporter=reporter)
        for path, (command, reporter) in directories.items()
    }
    return Settings(test=ProjectTests(directories=parts))


@pytest.mark.parametrize(
    ("settings", "reporter"),
    [
        (make_settings(api=("make test", "pytest"), web=("npm test", "jest")), "pytest+jest"),
        (make_settings(api=("pytest -q", ""), web=("npm test", "jest")), "pytest+jest"),
        (make_settings(api=("pytest -q", ""), web=("make check", "")), "pytest+none"),
        (make_settings(api=("pytest", ""), web=("pytest", "")), "pytest"),
        (make_settings(api=("make a", ""), web=("make b", "")), ""),
    ],
)
def test_each_directory_is_run_and_read_as_it_says(settings: Settings, reporter: str) -> None:
    command, named = command_of(settings)
    assert named == reporter
    assert folders_of(command) == ("api", "web")


def test_a_report_is_asked_of_the_runner_of_each_directory() -> None:
    command, reporter = command_of(make_settings(api=("make test", "pytest"), web=("jest", "jest")))
    changed, _ = instrument(command, reporter, "/out")
    api, web = (line for line in changed.split("\n") if line.startswith("("))
    assert "junit-1.xml" in api
    assert "jest-2.json" in web


def test_a_command_for_the_whole_goes_before_its_directories() -> None:
    settings = make_settings(api=("pytest", ""))
    tests = settings.test.model_copy(update={"command": "make all", "reporter": "node"})
    assert command_of(settings.model_copy(update={"test": tests})) == ("make all", "node")


@pytest.mark.parametrize("wanted", [True, False])
async def test_the_page_for_browsers_is_written_when_asked_for(
    tmp_path: Path, wanted: bool
) -> None:
    async def scene(job: Job) -> None:
        rules: Any = job.policy.model_copy(update={"report_html": wanted})
        chosen = Job(dataclasses.replace(job.deps, policy=rules), job.run)
        pages = pages_of(chosen, await facts_of(chosen))
        assert ("REPORT.html" in pages) is wanted
        assert "REPORT.md" in pages

    await with_job(tmp_path, scene, pr=0)
