"""Each benchmark runs on tiny sizes; the one-file bug costs at most four calls."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES, found, main, measured
from benchmarks.figures import Figure
from benchmarks.issue_cost import terse

QUICK = tuple(name for name in NAMES if name not in ("session", "subagents", "idle"))


@pytest.mark.parametrize("name", QUICK)
def test_it_runs_on_tiny_sizes(name: str) -> None:
    result = measured(name, tiny=True)
    assert result.figures
    assert all(math.isfinite(figure.value) for figure in result.figures)
    assert any(figure.at_most is not None for figure in result.figures)


def test_a_session_is_told_by_the_servers_clock() -> None:
    figures = {f.name: f.value for f in measured("session", tiny=True).figures}
    assert figures["echo2: start → 1st request"] > 0
    assert 0 < figures["fix: 1st request"] < 1_200
    assert figures["fix: peak PSS"] > 1


def test_sub_agents_and_a_waiting_daemon_run_on_tiny_sizes() -> None:
    assert measured("subagents", tiny=True).figures[0].value > 0
    assert measured("idle", tiny=True).figures[0].at_most == 1


def test_a_terse_model_merges_the_one_file_bug_in_at_most_four_calls(tmp_path: Path) -> None:
    title, how, calls = terse(tmp_path / "w")[1]
    assert (title, how) == ("add subtracts", "merged")
    assert {call.stage for call in calls} >= {"triage", "review"}
    assert len(calls) <= 4


def test_a_missed_aim_is_said_and_fails_nothing(tmp_path: Path) -> None:
    assert Figure("x", 2, "ms", 1).verdict == "missed"
    assert main(["engine", "--tiny", "--set", "turns=3", "--out", str(tmp_path)]) == 0
    kept = json.loads((tmp_path / "engine.json").read_text())
    assert kept["results"]["engine"]["figures"]
    assert "≤ 5 ms" in (tmp_path / "engine.md").read_text()


def test_every_benchmark_says_what_it_is() -> None:
    assert all(found(name).about and found(name).tiny for name in NAMES)
