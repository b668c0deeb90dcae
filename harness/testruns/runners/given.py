"""Any runner that leaves JUnit XML where the settings say: `reporter = "junit:PATH"`."""

from __future__ import annotations

from harness.testruns.formats.suites import read_suites
from harness.testruns.runner import Runner

NAME = "given"
"""Of its reports; no reporter is called so."""


def given(path: str) -> Runner:
    """`path`: a file or a glob, from the folder where the command runs; a folder means every XML
    file below it."""
    clean = path.removeprefix("./").rstrip("/")
    globs = (clean,) if clean.endswith(".xml") else (f"{clean}/**/*.xml",)
    return Runner(name=NAME, mark=r"(?!)", read=read_suites, left=globs)
