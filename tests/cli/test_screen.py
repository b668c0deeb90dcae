"""No title, no fact, no model's word acts on the terminal of who reads it (T38)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from rich.text import Text

from harness.cli.common import draw, emit
from harness.cli.work import event_line
from harness.core.run_types import Event, Run, RunState, Stage
from tests.cli.conftest import Call, Person
from tests.cli.test_snapshot_reader import HELD, RUN, put
from tests.engine.values import snapshot
from tests.system.test_text import ESCAPES

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOSTILE = " ".join(f"a{escape.decode()}b" for escape in ESCAPES.values())
POWER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@pytest.mark.parametrize("words", [("status",), ("why", "4"), ("why", "9"), ("status", "--json")])
def test_a_hostile_title_does_nothing(person: Person, call: Call, words: tuple[str, ...]) -> None:
    why = {"key": "cli.locked", "facts": {"holder": HOSTILE}}
    put(
        person,
        runs=[{**RUN, "title": HOSTILE, "branch": HOSTILE, "why": why}],
        held=[{**HELD, "title": HOSTILE, "why": why}],
    )
    ended = call(*words)
    assert ended.code == 0
    assert ended.out.strip()
    assert not POWER.search(ended.out), ended.out
    assert not POWER.search(ended.err)


def test_nor_does_a_line_of_the_log_or_a_models_last_word(
    person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    cli = person.context()
    cli.out.print(Text(HOSTILE), soft_wrap=True)
    cli.out.print(HOSTILE, soft_wrap=True, markup=False)
    cli.err.print(HOSTILE, markup=False)
    run = Run(
        id="r",
        project="app",
        issue=4,
        number=1,
        state=RunState.ACTIVE,
        stage=Stage.TRIAGE,
        snapshot=snapshot(),
        created_at=NOW,
        updated_at=NOW,
    )
    for kind in ("run_started", "egress_not_allowed", "nobody knows"):
        facts = {"target": HOSTILE, "times": 1, "title": HOSTILE}
        event = Event(run="r", key="k", at=NOW, stage=Stage.TRIAGE, kind=kind, facts=facts)
        cli.out.print(event_line(cli, run, event), soft_wrap=True)
    cli.out.print(draw(cli, ["cli.status.project"], [[HOSTILE]]))
    said = capsys.readouterr()
    assert said.out.count("ab") > 2 * len(ESCAPES)
    assert not POWER.search(said.out + said.err)


def test_json_keeps_what_was_said_and_shows_no_control(capsys: pytest.CaptureFixture[str]) -> None:
    emit({"title": HOSTILE})
    out = capsys.readouterr().out
    assert json.loads(out) == {"title": HOSTILE}
    assert not POWER.search(out)
