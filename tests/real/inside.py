"""`python -m tests.real.inside PROJECT CHECKOUT`: what one registered project's set-up and suite
do in the Box, through the parts that the daemon itself is made of. Prints one JSON object.
Environment and checkout say which person's machine it is, as for `harness`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.app import open_app
from harness.app.projects import compose
from harness.cli.user_checkout import own_file
from harness.config.environ import place
from harness.config.load import Sources
from harness.config.sections import ModelSettings, RoleSettings
from harness.config.settings import Settings
from harness.core.errors import HarnessError
from harness.core.run_types import IssueSnapshot
from harness.core.types import Actor
from harness.i18n.catalogue import Catalogue
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.verification.evidence import run_suite, suite_at
from harness.testruns.recipes.candidates import candidates

OUTPUT = 6000
Row = dict[str, Any]


def counts(outcomes: Mapping[str, str]) -> Row:
    """How many passed, failed (in set-up too) and were skipped (expected failures too)."""
    kinds = {
        "passed": ("passed",),
        "failed": ("failed", "error"),
        "skipped": ("skipped", "xfailed"),
    }
    told = list(outcomes.values())
    return {name: sum(told.count(one) for one in ones) for name, ones in kinds.items()}


async def measured(name: str, checkout: Path) -> Row:
    """Set-up and suite of the default branch, or the sentence that says why there is none."""
    here = place(dict(os.environ), checkout)
    sources = Sources(place=here, own_file=own_file)
    settings = sources.settings(name)
    words = Catalogue("en")
    async with open_app(settings, sources=sources, words=words) as app:
        stand_in = {"none": ModelSettings(dialect="scripted")}
        minded = settings.model_copy(update={"models": stand_in, "roles": RoleSettings()})
        deps = compose(minded, app.shared).deps
        await deps.workspace.sync()
        base = await deps.workspace.tip(settings.project.default_branch)
        row = await _recipe(deps, settings, base, checkout)
        began = time.monotonic()
        try:
            await deps.workspace.environment(base)
            row["setup_s"] = round(time.monotonic() - began, 1)
            return row | await _suite(deps, name, base)
        except HarnessError as fault:
            said = words(fault.key, **fault.facts)
            return row | {"said": said, "gave_up_s": round(time.monotonic() - began, 1)}


async def _recipe(deps: PipelineDeps, settings: Settings, base: str, checkout: Path) -> Row:
    """What is run, and where it was read from when it is what the tree itself shows."""
    files = await deps.workspace.files(await deps.workspace.tree_of(base))

    def read(path: str) -> str | None:
        file = checkout / path
        return file.read_text("utf-8", "replace") if file.is_file() else None

    found = candidates(files, read)
    setup = settings.environment.setup or (found[0].setup if found else ())
    suite = await suite_at(deps, base)
    return {
        "setup": list(setup),
        "test": suite.command,
        "reporter": suite.reporter,
        "origin": _origin(settings.environment.setup, suite.command, found),
        "candidates": [
            {"origin": str(one.origin), "setup": list(one.setup), "test": one.test} for one in found
        ],
    }


def _origin(setup: tuple[str, ...], test: str, found: Any) -> str:
    meant = [one for one in found if one.test == test]
    same = [one for one in meant if one.setup == setup]
    return str(next((one.origin for one in (*same, *meant)), ""))


async def _suite(deps: PipelineDeps, name: str, base: str) -> Row:
    suite = await suite_at(deps, base)
    if not suite.command:
        return {"said": "no test command"}
    now = datetime.now(UTC)
    who = Actor(id=1, login="me")
    issue = IssueSnapshot(number=1, title="", body="", author=who, trigger=who, taken_at=now)
    run, _ = await deps.store.open_run(name, issue, now)
    run = run.model_copy(update={"base_sha": base})
    seen = await run_suite(Job(deps, run), suite, "base", await deps.workspace.tree_of(base))
    tally = seen.tests
    outcomes = {} if tally is None else tally.outcomes
    return {
        "suite_s": round(seen.duration_s, 1),
        "exit": seen.exit_code,
        "collected": tally is not None and tally.collected,
        "unseen": [] if tally is None else sorted(tally.unseen)[:20],
        "counts": counts(outcomes),
        "outcomes": outcomes,
        "output": seen.output[-OUTPUT:],
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measured(sys.argv[1], Path(sys.argv[2])))))
