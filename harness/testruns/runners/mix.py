"""Elixir's `mix test`, by the JUnit XML of a formatter that the project has. Read over written
examples, not run."""

from __future__ import annotations

from harness.testruns.formats.suites import read_suites
from harness.testruns.runner import Runner

MIX = Runner(
    name="mix",
    mark=r"(?<![\w.-])mix\s+test",
    read=read_suites,
    left=("**/_build/test/lib/*/*junit*.xml",),
)
