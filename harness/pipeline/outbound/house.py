"""The house a contribution comes to: what its default branch asks for, read as the work's base has
it, and what of that only a person can give."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from harness.core.house_types import HouseRules, PullRequestTemplate
from harness.core.outcome import Wait
from harness.core.types import LocalizedText
from harness.pipeline.agents.sessions import ask_person
from harness.pipeline.job import Job
from harness.pipeline.people.approvals import by_person
from harness.pipeline.scan import scan

MOST_READ = 1 << 20
"""Bytes of all these files together."""


async def rules_of(job: Job) -> HouseRules:
    """What the repository's texts ask for."""
    return await scan(job.deps.guard.house_rules, await _texts(job))


async def template_of(job: Job) -> PullRequestTemplate:
    """The repository's form of a pull request's text."""
    return await scan(job.deps.guard.template, await _texts(job), job.run.kind or "bug")


async def _texts(job: Job) -> Mapping[str, str]:
    workspace = job.deps.workspace
    if not job.run.base_sha:
        return {}
    tree = await workspace.tree_of(job.run.base_sha)
    paths = await scan(job.deps.guard.house_files, await workspace.files(tree))
    return await workspace.texts(tree, paths, limit=MOST_READ) if paths else {}


async def ask_the_house(job: Job) -> Wait | None:
    """A hold for what the repository asks of people alone: to take what a machine made at all, and
    to sign for it. None: nothing, or a person said yes to this very demand."""
    rules = await rules_of(job)
    if rules.refused_in:
        facts: dict[str, str | int | float] = {"file": rules.refused_in, "said": rules.refusal}
        refused = _unless_approved(job, LocalizedText(key="pipeline.house_refuses", facts=facts))
        if refused is not None:
            return refused
    if rules.signed_in and not job.policy.sign_off:
        signs = LocalizedText(key="pipeline.house_signs", facts={"file": rules.signed_in})
        return _unless_approved(job, signs)
    return None


def _unless_approved(job: Job, why: LocalizedText) -> Wait | None:
    said = f"{why.key}\0{why.facts.get('file', '')}\0{why.facts.get('said', '')}"
    subject = f"house:{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"
    if by_person(job.run, subject):
        return None
    return ask_person(why, ("approve", "cancel"), subject=subject)


def for_people(rules: HouseRules, signed: bool) -> tuple[LocalizedText, ...]:
    """What a person must still do before the change is whole by the house's rules."""
    if not rules.signed_in or signed:
        return ()
    return (LocalizedText(key="page.to_sign", facts={"file": rules.signed_in}),)
