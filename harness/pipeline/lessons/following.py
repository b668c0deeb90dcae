"""What became of the proposals that are open: merged, or closed by a person."""

from __future__ import annotations

import logging
from datetime import timedelta

from harness.core.errors import ForgeError
from harness.core.lesson_types import Lesson, LessonProposal, LessonState
from harness.core.types import PullRequest
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.lessons.keeping import ENDED

log = logging.getLogger(__name__)
STALE = timedelta(days=1)
"""After so long without a pull request, what a run began is given up."""


async def follow_proposals(deps: PipelineDeps) -> None:
    """One read of the forge for each that is open: their number is capped, and no other lesson is
    looked at. What cannot be read now is read at the next look; what somebody began and never
    opened is given up after a day."""
    for lesson in await deps.store.lessons(deps.policy.project, state="proposed"):
        if lesson.proposal is None:
            continue
        try:
            pull = await _find_pull(deps, lesson.proposal)
        except ForgeError as fault:
            log.info("lesson %s: %s", lesson.id, fault)
            continue
        if pull is not None:
            await note_pull(deps, lesson, lesson.proposal, pull)
        elif deps.clock.now() - lesson.proposal.at > STALE:
            await _replace(deps, lesson.proposal, lesson, "seen", None)


async def _find_pull(deps: PipelineDeps, made: LessonProposal) -> PullRequest | None:
    """Its pull request as it is now. ForgeError."""
    forge = deps.forge
    return await (forge.pr(made.pr) if made.pr else forge.find_pr(made.branch))


async def note_pull(
    deps: PipelineDeps, lesson: Lesson, made: LessonProposal, pull: PullRequest
) -> None:
    """Keeps what is new: runs may have taught more, or a look may have ended it, meanwhile."""
    known = made.model_copy(update={"pr": pull.number})
    state = ENDED.get(pull.state, "proposed")
    if (state, known) == (lesson.state, made):
        return
    await _replace(deps, made, lesson, state, known)


async def _replace(
    deps: PipelineDeps,
    made: LessonProposal,
    lesson: Lesson,
    state: LessonState,
    proposal: LessonProposal | None,
) -> None:
    now = await deps.store.find_lesson(lesson.project, lesson.key)
    if now is not None and now.proposal is not None and now.proposal.branch == made.branch:
        await deps.store.put_lesson(now.model_copy(update={"state": state, "proposal": proposal}))
