"""How what a trial did is kept: as Evidence of its run, and the base's across runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from harness.core.base import Value
from harness.core.types import CommandResult, Evidence, Tally
from harness.pipeline.job import Job
from harness.pipeline.verification.bench import Trial
from harness.pipeline.verification.packagewise import Ran
from harness.testruns.packages import Package
from harness.testruns.showing import Showing

SHOWN = 6000


class Sum(Value):
    """What came of a trial, of however many commands it took."""

    ran: CommandResult
    tally: Tally | None
    started: datetime


def evidence_of(job: Job, trial: Trial, name: str, sum_: Sum) -> Evidence:
    """Not kept by that."""
    ran = sum_.ran
    return Evidence.model_validate(
        {
            "id": name,
            "kind": trial.kind,
            "side": trial.side,
            "tree": trial.tree,
            "command": trial.command,
            "exit_code": ran.exit_code,
            "timed_out": ran.timed_out,
            "output": _shorten(ran.output),
            "tests": sum_.tally,
            "started_at": sum_.started,
            "duration_s": ran.duration_s,
            "sandbox": job.deps.sandbox.name,
        }
    )


def _shorten(output: str) -> str:
    if len(output) <= SHOWN:
        return output
    left = len(output) - SHOWN
    return f"{output[: SHOWN // 3]}\n[{left} characters left out]\n{output[-2 * SHOWN // 3 :]}"


@dataclass(frozen=True)
class KeptBase:
    """The results of one base's commands, by (tree, environment, command), for every run that
    begins from it; of a repository of packages each package by itself, whatever is touched."""

    job: Job
    tree: str
    environment: str

    async def result(self, command: str, reporter: str) -> Evidence | None:
        """What is known of a command."""
        return await self.job.deps.store.cached_tests(self._key(command, reporter))

    async def put(self, evidence: Evidence, reporter: str) -> None:
        """To be found again by the command that the evidence has."""
        await self.job.deps.store.cache_tests(self._key(evidence.command, reporter), evidence)

    async def find(self, package: Package) -> Ran | None:
        known = await self.result(package.command, package.reporter)
        if known is None or known.tests is None:
            return None
        result = CommandResult(
            exit_code=known.exit_code,
            output=known.output,
            timed_out=known.timed_out,
            cwd="",
            duration_s=known.duration_s,
        )
        return Ran(result=result, showing=Showing(tally=known.tests, missing=known.tests.unseen))

    async def keep(self, package: Package, ran: Ran) -> None:
        trial = Trial(kind="tests", side="base", tree=self.tree, command=package.command)
        key = self._key(package.command, package.reporter)
        tally = ran.showing.tally.model_copy(update={"unseen": ran.showing.missing})
        now = self.job.deps.clock.now()
        told = Sum(ran=ran.result, tally=tally, started=now)
        await self.put(evidence_of(self.job, trial, f"package-{key[:10]}", told), package.reporter)

    def _key(self, command: str, reporter: str) -> str:
        form = Trial.model_fields["form"].default
        text = "\0".join((f"{form}", self.tree, self.environment, command, reporter))
        return hashlib.sha256(text.encode()).hexdigest()
