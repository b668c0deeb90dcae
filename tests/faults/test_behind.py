"""A server that stumbles over a push, and a forge that is behind its own writes: looked at again
and taken up without a person, and nothing is made twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from harness.core.types import Run, RunState, Stage
from tests.e2e.test_github import GithubTown
from tests.e2e.world import BUG
from tests.faults.invariants import CANARY
from tests.faults.rig import HandClock, Life, Trouble, life
from tests.github.http import Answer, Do, Fault
from tests.github.server import github
from tests.patience import PATIENCE_S

MISSING = Answer(404, {"message": "Not Found"})
NONE: Answer = Answer(200, [])
PULL, LIST = r".*/pulls/\d+", r".*/pulls"
NO_HEAD = Answer(
    422,
    {
        "message": "Validation Failed",
        "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}],
    },
)
NO_COMMIT = Answer(422, {"message": "No commit found for SHA: 1"})


@contextmanager
def town(tmp_path: Path) -> Iterator[GithubTown]:
    with github(tmp_path / "hub") as hub:
        hub.token(CANARY, "harness")
        yield GithubTown(tmp_path, hub)


def hides(path: str, answer: Answer = MISSING, method: str = "GET") -> Fault:
    """For as long as the rule stands."""
    return Fault("answer", method, path, times=10_000, answer=answer)


def lost() -> Fault:
    """The pull request is made, and its answer is lost."""
    return Fault("drop_after", "POST", LIST)


class Mending(HandClock):
    """Moved by hand; what is wrong with the forge ends when `seconds` have passed."""

    def __init__(self, town: GithubTown, seconds: float) -> None:
        super().__init__()
        self._town = town
        self._ends = self.at + timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """The pauses between two writes pass at once."""
        if seconds <= 1:
            self.at += timedelta(seconds=seconds)
        await asyncio.sleep(seconds if seconds > 1 else 0)

    def move(self, to: datetime) -> None:
        self.at = max(self.at, to)
        if self.at >= self._ends:
            self._town.hub.faults.rules.clear()
            self._town.hub.git_faults.rules.clear()


async def followed(opened: Life, clock: Mending, *, most: int = 14) -> Run:
    """Rounds, each when the one before said, until the pull request waits for people or is held."""
    for _ in range(most):
        await opened.app.daemon.run_once()
        run = await opened.run()
        assert run is not None
        assert run.wait is not None
        if run.wait.until is None or run.wait.reason.key.startswith("follow."):
            return run
        clock.move(run.wait.until)
    raise AssertionError(run)


def ended(town: GithubTown, seconds: float, faults: list[Fault], git: list[Fault]) -> Run:
    """A run of one issue with these faults for so long: where it comes to rest."""
    issue = town.hub.issue("ada", *BUG).number
    town.hub.label("ada", issue, "harness")
    for fault in faults:
        town.hub.faults.add(fault)
    for fault in git:
        town.hub.git_faults.add(fault)

    async def whole() -> Run:
        clock = Mending(town, seconds)
        async with asyncio.timeout(PATIENCE_S), life(town.world, Trouble(), clock) as opened:
            return await followed(opened, clock)

    return asyncio.run(whole())


def one_pull(town: GithubTown, run: Run) -> None:
    """Made once, followed, with the head that was pushed; nobody was asked for anything."""
    (pull,) = town.pulls()
    assert run.state is RunState.WAITING, run.wait
    assert (run.pr, run.head_sha, run.stage) == (pull.number, pull.head_sha, Stage.FOLLOW_UP)
    opened = [e for e in town.hub.exchanges if (e.method, e.status) == ("POST", 201)]
    assert sum(e.path.endswith("/pulls") for e in opened) == 1


@pytest.mark.parametrize(("status", "stored"), [(500, False), (500, True), (503, False)])
def test_a_push_that_is_answered_with_an_error_is_taken_up(
    tmp_path: Path, status: int, stored: bool
) -> None:
    does: Do = "answer_after" if stored else "answer"
    with town(tmp_path) as t:
        fault = Fault(does, "POST", "/git-receive-pack.*", times=99, answer=Answer(status))
        one_pull(t, ended(t, 100, [], [fault]))
        assert fault.struck >= 1


def test_a_push_that_is_stored_while_nothing_can_be_looked_at_is_taken_up(tmp_path: Path) -> None:
    with town(tmp_path) as t:
        pushes = Fault("answer_after", "POST", "/git-receive-pack.*", times=99, answer=Answer(500))
        looks = Fault("answer", "GET", "/info/refs.*", nth=3, times=99, answer=Answer(500))
        one_pull(t, ended(t, 100, [], [pushes, looks]))
        assert pushes.struck >= 1


@pytest.mark.parametrize(
    "faults",
    [
        lambda: [hides(PULL), hides(LIST, NONE)],
        lambda: [hides(PULL), hides(LIST, NONE), lost()],
        lambda: [hides(r".*/issues/[2-9]/comments")],
        lambda: [hides(r".*/git/ref/heads/agent.*"), hides(LIST, NO_HEAD, "POST")],
        lambda: [hides(r".*/statuses/.*", NO_COMMIT, "POST")],
    ],
    ids=["both", "lost", "comments", "branch", "commit"],
)
def test_what_stays_invisible_is_waited_for(
    tmp_path: Path, faults: Callable[[], list[Fault]]
) -> None:
    with town(tmp_path) as t:
        one_pull(t, ended(t, 100, faults(), []))


def test_what_never_shows_is_for_a_person(tmp_path: Path) -> None:
    with town(tmp_path) as t:
        run = ended(t, 86_400, [hides(PULL), hides(LIST, NONE)], [])
        assert run.state is RunState.HELD
        assert run.wait is not None
        assert run.wait.signals == ("retry", "cancel")
        (pull,) = t.pulls()
        assert run.pr == pull.number
