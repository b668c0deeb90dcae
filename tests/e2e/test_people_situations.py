"""Situations of people, each with what stands on the issue after every step. Those that both forges
know are one table, played on the embedded forge and on a GitHub."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from harness.report.plan_page import render
from tests.e2e.scene import FIRST, PLAN, TRIAGE, done, write
from tests.e2e.street import NEEDED, OVER, Forge, Street, play
from tests.e2e.world import (
    turn,
    verdict,
)

ALWAYS = 'plan_approval = "always"'
PLANNED = turn(TRIAGE, PLAN)
WORK = turn(write("first\n"), done())
OTHER = verdict(
    "plan",
    summary="Say it shorter.",
    tasks=[{"id": "1", "title": "docs", "detail": "", "files": ["*.md"]}],
)
UNCLEAR = verdict(
    "triage",
    kind="docs",
    clear=False,
    difficulty="trivial",
    risk="low",
    reason="no text",
    question="Which word?",
)


def heard(words: str, *then: dict[str, Any]) -> dict[str, Any]:
    """A worker that goes on so only when the last message holds these words."""
    deaf = turn(verdict("blocked", reason="nobody told me"))
    return {**deaf, "alternatives": [{"when": {"last_contains": words}, **turn(*then)}]}


# ---------------------------------------------------------------- plans


async def the_line_that_is_shown_approves(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.plan_waits")
    asked, line = await s.asked(), await s.line_to_copy()
    assert NEEDED in asked
    assert "Say what it is." in asked, "the plan stands there"
    assert "Reply with one of these words: `approve`, `reject`, `plan`, `cancel`." in asked
    assert line == f"/harness approve {(await s.subject())[:12]}"
    await s.says(f"Looks right.\n\n{line}")
    assert await s.look() == ("held", "pipeline.merge_ask")
    assert "Waiting: pull request #2 is ready" in await s.status()
    assert "asks a person before merging" in await s.asked()
    await s.says("/harness approve")
    assert await s.look() == ("done", "pipeline.merged")
    assert OVER in await s.asked()
    assert "Outcome: merged as pull request #2" in await s.status()


async def a_hash_of_before_is_asked_about(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.plan_waits")
    old = await s.line_to_copy()
    await s.says("/harness reject Say less.")
    assert await s.look() == ("held", "pipeline.plan_waits")
    new = await s.line_to_copy()
    assert new != old
    assert "Say it shorter." in await s.asked()
    first, *_ = await s.ours("held-")
    assert OVER in first, "the first plan's question is over"
    await s.says(old)
    assert await s.look() == ("held", "pipeline.plan_waits")
    (reply,) = await s.replies()
    assert f"Not approved: you named {old.split()[-1]}" in reply
    assert new in reply
    assert NEEDED in await s.asked()
    await s.says(new.upper().replace("/HARNESS APPROVE", "/harness approve"))
    assert await s.look() == ("held", "pipeline.merge_ask")
    assert len(await s.replies()) == 1


async def a_word_of_before_the_plan_was_shown_is_not_about_it(s: Street) -> None:
    """Two people at once: one approves what they see, the other writes another plan."""
    assert await s.look() == ("held", "pipeline.plan_waits")
    before = await s.subject()
    stored = await s.app.store.plan((await s.run()).id)
    assert stored is not None
    page = render(stored, "t", s.app.words).replace("Say what it is.", "Say it twice.")
    await s.says("/harness approve")
    await s.say("plan", page)
    assert await s.look() == ("held", "pipeline.plan_waits")
    assert await s.subject() != before
    assert (await s.run()).approvals == {}
    (reply,) = await s.replies()
    assert "was not shown yet when you wrote that" in reply
    assert await s.line_to_copy() in reply
    assert "Say it twice." in await s.asked()
    assert (await s.subject()) in await s.status()
    await s.says("/harness approve")
    assert await s.look() == ("held", "pipeline.merge_ask"), "now it was shown"


async def a_plan_is_written_in_a_reply(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.plan_waits")
    stored = await s.app.store.plan((await s.run()).id)
    assert stored is not None
    page = render(stored, "t", s.app.words).replace("Say what it is.", "Say it once.")
    await s.says(f"Rather so:\n\n```plan\n{page}```")
    assert await s.look() == ("held", "pipeline.plan_waits")
    assert len(await s.ours("held-")) == 1, "asked anew in the same comment"
    assert "Say it once." in await s.asked()
    await s.says(await s.line_to_copy())
    assert await s.look() == ("held", "pipeline.merge_ask")
    assert "pull request #2 is ready" in await s.asked()


# ---------------------------------------------------------------- questions and words


async def a_question_is_answered_in_a_comment(s: Street) -> None:
    assert await s.look() == ("waiting", "pipeline.question_asked")
    (question,) = await s.ours("question-")
    assert "Which word?" in question
    assert "Waiting: the issue is unclear" in await s.status()
    await s.says("/harness approve")
    assert await s.look() == ("waiting", "pipeline.question_asked")
    (reply,) = await s.replies()
    assert "Nothing to approve: issue" in reply
    assert "Reply with one of these words: `answer`, `cancel`, `retry`." in reply
    await s.says("The first.")
    assert await s.look() == ("held", "pipeline.merge_ask")
    assert "Waiting: pull request #2 is ready" in await s.status()


async def words_of_retry_are_told_as_theirs(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.blocked")
    assert "Reply with one of these words: `retry`, `go`, `answer`, `cancel`." in await s.asked()
    await s.says("/harness retry The first, of course.")
    assert await s.look() == ("held", "pipeline.merge_ask")
    first, *_ = await s.ours("held-")
    assert OVER in first
    assert "nobody told me" not in await s.status()


async def a_stranger_changes_nothing(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.plan_waits")
    before, asked = await s.status(), await s.asked()
    await s.person("eve").add_comment(1, await s.line_to_copy())
    assert await s.look() == ("held", "pipeline.plan_waits")
    assert (await s.status(), await s.asked()) == (before, asked)
    assert await s.replies() == []
    await s.says("/harness cancel")
    assert await s.look() == ("cancelled", "pipeline.cancelled")
    assert OVER in await s.asked()
    assert f"Outcome: cancelled by {(await s.boss.me()).login}" in await s.status()
    assert "(now)" not in await s.status()


async def it_stops_and_goes_by_comment(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.merge_ask")
    await s.says("/harness stop")
    await s.says("/harness approve")
    await s.look()
    assert (await s.run()).paused
    assert (await s.pull()).state == "open"
    await s.says("/harness go")
    assert await s.look() == ("done", "pipeline.merged")
    assert "Outcome: merged" in await s.status()


# ---------------------------------------------------------------- closing and opening


async def an_issue_is_closed_while_its_plan_waits_and_opened_again(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.plan_waits")
    await s.boss.close(1, "not_planned")
    assert await s.look() == ("waiting", "authority.closed")
    assert OVER in await s.asked()
    assert "Waiting: Issue #1 was closed meanwhile" in (await s.status())
    await s.says("/harness approve")
    assert await s.look() == ("waiting", "authority.closed")
    assert "Nothing to approve" in (await s.replies())[0]
    await s.boss.reopen(1)
    assert await s.look() == ("held", "pipeline.plan_waits")
    assert NEEDED in await s.asked()
    assert len(await s.ours("held-")) == 1, "in the same comment"
    await s.says(await s.line_to_copy())
    assert await s.look() == ("held", "pipeline.merge_ask")


async def an_issue_is_closed_while_its_change_waits_and_opened_again(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.merge_ask")
    await s.boss.close(1, "completed")
    assert await s.look() == ("waiting", "authority.closed")
    assert OVER in await s.asked()
    assert "was closed meanwhile" in await s.status()
    assert (await s.pull()).state == "open"
    await s.boss.reopen(1)
    assert await s.look() == ("held", "pipeline.merge_ask")
    assert NEEDED in await s.asked()
    await s.says("/harness approve")
    assert await s.look() == ("done", "pipeline.merged")
    assert OVER in await s.asked()


async def an_issue_is_closed_while_its_reporter_is_asked(s: Street) -> None:
    assert await s.look() == ("waiting", "pipeline.question_asked")
    await s.boss.close(1, "not_planned")
    assert await s.look() == ("done", "pipeline.closed_meanwhile")
    assert "Outcome: the issue was closed" in await s.status()


# ---------------------------------------------------------------- the pull request


async def a_branch_is_deleted_and_the_offered_word_makes_it_anew(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.merge_ask")
    await s.drop_branch()
    assert await s.look() == ("waiting", "follow.pr_closed")
    assert OVER in await s.asked()
    assert "say retry for a new one with the same work" in await s.status()
    await s.says("/harness retry")
    assert await s.look() == ("held", "pipeline.merge_ask")
    assert [p.state for p in await s.boss.pulls("all")] == ["open", "closed"]
    assert "Pull request: Pull request #3" in (await s.status())
    assert "pull request #3 is ready" in (await s.asked())
    await s.says(await s.line_to_copy())
    assert await s.look() == ("done", "pipeline.merged")
    assert "Outcome: merged as pull request #3" in (await s.status())


async def a_closed_pull_request_comes_again_by_retry(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.merge_ask")
    await s.boss.close_pr((await s.run()).pr)
    assert await s.look() == ("waiting", "follow.pr_closed")
    assert OVER in await s.asked()
    await s.say("retry")
    assert await s.look() == ("held", "pipeline.merge_ask")
    assert [p.state for p in await s.boss.pulls("all")] == ["open", "closed"]
    await s.says("/harness cancel")
    assert await s.look() == ("cancelled", "pipeline.cancelled")
    assert [p.state for p in await s.boss.pulls("all")] == ["closed", "closed"]
    assert OVER in await s.asked()


async def a_person_merges_by_hand(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.merge_ask")
    pull = await s.pull()
    await s.boss.merge(pull.number, pull.head_sha, "squash", "By hand.")
    assert await s.look() == ("done", "pipeline.merged")
    assert OVER in await s.asked()
    assert "Outcome: merged as pull request #2" in (await s.status())


async def the_word_is_said_on_the_pull_request(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.merge_ask")
    line, pr = await s.line_to_copy(), (await s.run()).pr
    await s.says("/harness approve 123456789abc", on=pr)
    assert await s.look() == ("held", "pipeline.merge_ask")
    (reply,) = await s.replies(pr)
    assert line in reply
    await s.says(line, on=pr)
    assert await s.look() == ("done", "pipeline.merged")
    assert "Outcome: merged" in await s.status()


async def nothing_to_change_is_agreed_to(s: Street) -> None:
    assert await s.look() == ("held", "pipeline.no_change_claimed")
    assert "Reply with one of these words: `agree`, `retry`, `answer`, `cancel`." in await s.asked()
    await s.says("/harness agree")
    assert (await s.look())[0] == "done"
    assert OVER in await s.asked()
    assert "Outcome: " in await s.status()
    assert (await s.boss.issue(1)).state == "closed"


BLOCKED = turn(TRIAGE, PLAN, verdict("blocked", reason="which word?"))
TOLD = heard("(who reported the issue) says:", write("first\n"), done())
SHARED: Final[dict[Callable[[Street], Awaitable[None]], tuple[str, tuple[dict[str, Any], ...]]]] = {
    the_line_that_is_shown_approves: (ALWAYS, (PLANNED, WORK)),
    a_hash_of_before_is_asked_about: (ALWAYS, (PLANNED, turn(OTHER), WORK)),
    a_word_of_before_the_plan_was_shown_is_not_about_it: (ALWAYS, (PLANNED, WORK)),
    a_plan_is_written_in_a_reply: (ALWAYS, (PLANNED, WORK)),
    a_question_is_answered_in_a_comment: ("", (turn(UNCLEAR), FIRST)),
    words_of_retry_are_told_as_theirs: ("", (BLOCKED, TOLD)),
    a_stranger_changes_nothing: (ALWAYS, (PLANNED,)),
    it_stops_and_goes_by_comment: ("", (FIRST,)),
    an_issue_is_closed_while_its_plan_waits_and_opened_again: (ALWAYS, (PLANNED, WORK)),
    an_issue_is_closed_while_its_change_waits_and_opened_again: ("", (FIRST,)),
    an_issue_is_closed_while_its_reporter_is_asked: ("", (turn(UNCLEAR),)),
    a_branch_is_deleted_and_the_offered_word_makes_it_anew: ("", (FIRST,)),
    a_closed_pull_request_comes_again_by_retry: ("", (FIRST,)),
    a_person_merges_by_hand: ("", (FIRST,)),
    the_word_is_said_on_the_pull_request: ("", (FIRST,)),
    nothing_to_change_is_agreed_to: ("", (turn(TRIAGE, verdict("no_change", reason="said")),)),
}
"""Scene -> the policy, and what the worker says."""


@pytest.mark.parametrize("forge", get_args(Forge))
@pytest.mark.parametrize("scene", SHARED, ids=lambda scene: str(scene.__name__))
def test_on_both_forges(
    tmp_path: Path, scene: Callable[[Street], Awaitable[None]], forge: Forge
) -> None:
    policy, turns = SHARED[scene]
    play(tmp_path, forge, scene, *turns, policy=policy)
