"""A person's word reaches the one that acts, whoever that is; what cannot be heard is said."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from harness.cli.common import CliError
from harness.cli.ports import App
from harness.cli.work import MOST_TEXT, event_line, render_answer, require_run, take, text_of, word
from harness.core.run_types import Command, Event, LocalizedText, Stage
from tests.cli.conftest import Person
from tests.report.test_snapshot import run


@dataclass
class Office:
    """The inbox, and the one that empties it: us when the lock is free, else another process
    that answers at its `slow`-th look."""

    free: bool = True
    slow: int = 0
    posted: list[Command] = field(default_factory=list)
    looks: int = 0
    applied: bool = False

    @property
    def store(self) -> Office:
        return self

    @property
    def daemon(self) -> Office:
        return self

    def holder(self) -> str | None:
        return None if self.free else "pid 77"

    async def take(self) -> bool:
        return self.free

    async def apply_inbox(self) -> None:
        self.applied = True

    async def post(self, command: Command) -> Command:
        self.posted.append(command.model_copy(update={"id": 5}))
        return self.posted[-1]

    async def inbox_answer(self, command: int) -> str | None:
        assert command == 5
        self.looks += 1
        heard = self.applied if self.free else 0 < self.slow <= self.looks
        return LocalizedText(key="cli.answer_empty").model_dump_json() if heard else None

    async def find_run(self, project: str, issue: int) -> Any:
        return run(issue) if issue == 1 else None


SAID = {"verb": "approve", "issue": 1, "by": "ann", "text": "yes"}


async def say(person: Person, office: Office, wait_s: float = 5.0) -> str | None:
    return await word(person.context(), cast(App, office), "app", SAID, wait_s)


async def test_a_free_lock_means_acting_here(person: Person) -> None:
    office = Office()
    assert await say(person, office) == "The answer is empty."
    posted = office.posted[0]
    assert (posted.verb, posted.project, posted.issue, posted.by) == ("approve", "app", 1, "ann")
    assert office.applied


async def test_a_daemon_at_work_is_followed_until_it_answers(
    person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    office = Office(free=False, slow=3)
    assert await say(person, office) == "The answer is empty."
    assert not office.applied
    assert "pid 77" in capsys.readouterr().err


async def test_a_daemon_that_does_not_answer_is_not_waited_for_for_ever(person: Person) -> None:
    office = Office(free=False)
    assert await say(person, office, wait_s=0.3) is None
    assert office.posted


async def test_a_held_lock_is_refused_with_its_holder(person: Person) -> None:
    with pytest.raises(CliError) as caught:
        await take(cast(App, Office(free=False)))
    assert (caught.value.exit_code, caught.value.facts) == (5, {"holder": "pid 77"})


async def test_an_issue_without_a_run_is_said() -> None:
    assert (await require_run(cast(App, Office()), "app", 1)).issue == 1
    with pytest.raises(CliError) as caught:
        await require_run(cast(App, Office()), "app", 2)
    assert caught.value.key == "cli.no_run"


def test_answers_are_sentences_or_text(person: Person) -> None:
    cli = person.context()
    assert render_answer(cli, "plain words") == "plain words"
    assert render_answer(cli, '{"x": 1}') == '{"x": 1}'
    assert render_answer(cli, '"quoted"') == '"quoted"'
    assert "nowhere.key" in render_answer(cli, '{"key": "nowhere.key", "facts": {}}')


def test_text_comes_from_the_command_or_standard_input(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = person.context()
    assert text_of(cli, " hello ") == "hello"
    monkeypatch.setattr(sys, "stdin", io.StringIO("line one\nline two\n"))
    assert text_of(cli, "-") == "line one\nline two"
    assert text_of(cli, "bad \udcff byte") == "bad \ufffd byte"
    with pytest.raises(CliError) as caught:
        text_of(cli, "x" * (MOST_TEXT + 1))
    assert caught.value.exit_code == 2


def test_an_event_is_one_clean_line(person: Person) -> None:
    now = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    facts = {"title": "two\nlines \x1b[31m", "by": "ann", "hidden": 0}
    event = Event(run="r", key="k", at=now, stage=Stage.TRIAGE, kind="run_opened", facts=facts)
    line = event_line(person.context(), run(), event).plain
    assert "#1 triage" in line
    assert "two lines" in line
    assert "\n" not in line
    assert "\x1b" not in line
    unknown = event.model_copy(update={"kind": "never_heard_of"})
    assert "never_heard_of" in event_line(person.context(), run(), unknown).plain
