"""Probes: commands that a reviewer has run on base and change, to see rather than to say."""

from __future__ import annotations

from typing import Final

from harness.core.types import Answered, Evidence, LocalizedText
from harness.pipeline import slots
from harness.pipeline.agents.claims import summary
from harness.pipeline.agents.verdicts import Probe
from harness.pipeline.job import Job
from harness.pipeline.people.answers import data
from harness.pipeline.slots import Probed
from harness.pipeline.verification.evidence import Trial, attempt
from harness.prompting.templates import PromptText, prompt_text

MOST: Final = 3
SECONDS: Final = 60.0
"""For one command."""


async def probe(job: Job, view: str, asked: Probe, call: str) -> Answered:
    """Runs it in fresh sandboxes and says where it printed what was expected. A resumed session
    that repeats a call hears the same again."""
    slot = slots.PROBED.at(f"{view}:{job.run.tree}")
    had = await job.get(slot) or ()
    known = next((one.said for one in had if one.call == call), "")
    if known:
        return Answered(text=known)
    if len(had) >= MOST:
        return Answered(text=job.prompt("probes/no_more"), is_error=True)
    base = await job.deps.workspace.tree_of(job.run.base_sha)
    before = await attempt(job, _trial("base", base, asked), SECONDS)
    after = await attempt(job, _trial("change", job.run.tree, asked), SECONDS)
    printed = _printed(before, asked), _printed(after, asked)
    said = job.prompt(
        "probes/ran",
        base=_words(printed[0]),
        change=_words(printed[1]),
        output=data(job, f"{summary(before)}\n{summary(after)}"),
    )
    await job.put(slot, (*had, Probed(call=call, said=said, base=printed[0], change=printed[1])))
    await job.tell(
        "probed",
        f"{view}:{job.run.tree}:{call}",
        command=asked.command,
        expects=asked.expects,
        base=_say(printed[0]),
        change=_say(printed[1]),
    )
    return Answered(text=said)


def _trial(side: str, tree: str, asked: Probe) -> Trial:
    return Trial(kind="probe", side=side, tree=tree, command=asked.command)


def _printed(ran: Evidence, asked: Probe) -> bool:
    return asked.expects.strip() in ran.output and not ran.timed_out


def _words(printed: bool) -> PromptText:
    return prompt_text("probes/printed" if printed else "probes/other")


def _say(printed: bool) -> LocalizedText:
    return LocalizedText(key="view.printed" if printed else "view.not_printed")
