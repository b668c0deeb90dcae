"""One run under way: the row, and the few verbs every stage uses on it."""

from __future__ import annotations

from harness.core.base import Json
from harness.core.ports import Words
from harness.core.types import Event, Plan, Run, Say, Stage, Task
from harness.core.words import Catalogue
from harness.pipeline.parts import Parts
from harness.pipeline.rules import Rules


class Job:
    """A run and the parts to work on it. Holds the newest row; `change` stores a newer one."""

    def __init__(self, parts: Parts, run: Run) -> None:
        self.parts = parts
        self.run = run

    @property
    def rules(self) -> Rules:
        return self.parts.rules

    @property
    def words(self) -> Words:
        """The catalogue in the language of reports."""
        return self.parts.words

    @property
    def worker(self) -> str:
        """Id of the run's one worker session; another follows when it became too long."""
        generation = self.run.attempts.get("worker", 0)
        return f"{self.run.id}-worker" + (f"-{generation + 1}" if generation else "")

    @property
    def branch(self) -> str:
        """The run's branch: from numbers only, never from text."""
        again = f"-{self.run.number}" if self.run.number > 1 else ""
        return f"{self.rules.branch_prefix}{self.run.issue}{again}"

    async def reload(self) -> Run:
        """Take the stored row: a person's word may have changed it."""
        self.run = await self.parts.store.run(self.run.id)
        return self.run

    async def change(self, **fields: object) -> Run:
        """Store the run with these fields changed."""
        fields["updated_at"] = self.parts.clock.now()
        self.run = Run.model_validate(self.run.model_dump() | _plain(fields))
        await self.parts.store.save_run(self.run)
        return self.run

    async def tell(self, event: str, key: str = "", /, **facts: Json) -> Event:
        """Record a fact once; `key` tells repeats of an event apart."""
        fact = Event(
            run=self.run.id,
            key=f"{event}:{key}",
            at=self.parts.clock.now(),
            stage=self.run.stage,
            kind=event,
            facts=facts,
        )
        stored = await self.parts.store.record(fact)
        self.parts.on_event(self.run, stored)
        return stored

    def attempt(self, stage: Stage) -> int:
        """Tries at a stage so far."""
        return self.run.attempts.get(stage.value, 0)

    async def afresh(self) -> None:
        """The next attempt at implement is the first of a new round: nothing failed in it yet."""
        since = self.attempt(Stage.IMPLEMENT)
        await self.change(attempts={**self.run.attempts, "implement_from": since})

    async def plan(self) -> Plan:
        """The newest plan, or the trivial one for an issue that earned none."""
        plan = await self.parts.store.plan(self.run.id)
        if plan is not None:
            return plan
        return Plan(
            summary=self.run.snapshot.title,
            kind=self.run.kind or "bug",
            difficulty=self.run.difficulty or "small",
            tasks=(Task(id="1", title=self.run.snapshot.title, files=("**",)),),
        )

    def english(self, say: Say) -> str:
        """A sentence as an agent reads it: always English, whatever people read."""
        return ENGLISH(say.key, **say.facts)


ENGLISH = Catalogue("en")


def _plain(fields: dict[str, object]) -> dict[str, object]:
    """Values as model_dump would give them, so that one validation checks the whole row."""
    return {
        key: value.model_dump() if hasattr(value, "model_dump") else value
        for key, value in fields.items()
    }
