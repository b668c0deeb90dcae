"""One run under way: the row, and the few verbs every stage uses on it."""

from __future__ import annotations

from typing import TypeVar

from harness.core.base import Json, stored_fact
from harness.core.slot import Slot
from harness.core.types import Event, LocalizedText, Plan, Run, Stage, Task
from harness.i18n.catalogue import Catalogue
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.run_policy import RunPolicy
from harness.ports.words import Words
from harness.prompting.templates import PromptText, prompt_text

T = TypeVar("T")


class Job:
    """A run and the parts to work on it. Holds the newest row; `change` stores a newer one."""

    def __init__(self, deps: PipelineDeps, run: Run) -> None:
        self.deps = deps
        self.run = run

    @property
    def policy(self) -> RunPolicy:
        return self.deps.policy

    @property
    def words(self) -> Words:
        """The catalogue in the language of reports."""
        return self.deps.words

    @property
    def worker(self) -> str:
        """Id of the run's one worker session; another follows when it became too long."""
        generation = self.run.attempts.worker
        return f"{self.run.id}-worker" + (f"-{generation + 1}" if generation else "")

    @property
    def branch(self) -> str:
        """The run's branch: from numbers only, never from text."""
        again = f"-{self.run.number}" if self.run.number > 1 else ""
        return f"{self.policy.branch_prefix}{self.run.issue}{again}"

    async def reload(self) -> Run:
        """Take the stored row: a person's word may have changed it."""
        self.run = await self.deps.store.run(self.run.id)
        return self.run

    async def change(self, **fields: object) -> Run:
        """Store the run with these fields changed."""
        fields["updated_at"] = self.deps.clock.now()
        self.run = Run.model_validate(self.run.model_dump() | _plain(fields))
        await self.deps.store.save_run(self.run)
        return self.run

    async def tell(
        self,
        event: str,
        key: str = "",
        /,
        **facts: Json | LocalizedText | tuple[LocalizedText, ...],
    ) -> Event:
        """Record a fact once, and say it when it is new; `key` tells repeats of an event apart.
        A sentence among the facts is kept as such: whoever reads it hears their own language."""
        fact = Event(
            run=self.run.id,
            key=f"{event}:{key}",
            at=self.deps.clock.now(),
            stage=self.run.stage,
            kind=event,
            facts={name: stored_fact(fact) for name, fact in facts.items()},
        )
        stored = await self.deps.store.record(fact)
        if stored.at == fact.at:  # one recorded before has the time of then, and was said then
            self.deps.on_event(self.run, stored)
        return stored

    async def get(self, slot: Slot[T]) -> T | None:
        """A small fact of the run."""
        return await self.deps.store.get(slot, self.run.id)

    async def put(self, slot: Slot[T], value: T) -> None:
        """Keep a small fact of the run."""
        await self.deps.store.put(slot, self.run.id, value)

    async def drop(self, slot: Slot[T]) -> None:
        """The run has no such fact any more."""
        await self.deps.store.drop(slot, self.run.id)

    def attempt(self, stage: Stage) -> int:
        """Tries at a stage so far."""
        return self.run.attempts.of(stage)

    async def afresh(self) -> None:
        """The next attempt at implement is the first of a new round: nothing failed in it yet."""
        tries = self.run.attempts
        await self.change(attempts=tries.having(implement_from=tries.implement))

    async def plan(self) -> Plan:
        """The newest plan, or the trivial one for an issue that earned none."""
        return await self.deps.store.plan(self.run.id) or self.no_plan()

    def no_plan(self) -> Plan:
        """The trivial one, which names no test and no file."""
        return Plan(
            summary=self.run.snapshot.title,
            kind=self.run.kind or "bug",
            difficulty=self.run.difficulty or "small",
            tasks=(Task(id="1", title=self.run.snapshot.title, files=("**",)),),
        )

    def prompt(self, template: str, /, **variables: str | PromptText) -> str:
        """A text for a model, filled in."""
        return self.deps.prompts.fill(prompt_text(template, **variables))

    def english(self, say: LocalizedText) -> str:
        """A sentence as an agent reads it: always English, whatever people read."""
        return ENGLISH(say.key, **say.facts)


ENGLISH = Catalogue("en")


def stage_name(stage: Stage) -> LocalizedText:
    """A stage as people read it."""
    return LocalizedText(key=f"cli.stage.{stage.value}")


def _plain(fields: dict[str, object]) -> dict[str, object]:
    """Values as model_dump would give them, so that one validation checks the whole row."""
    return {
        key: value.model_dump() if hasattr(value, "model_dump") else value
        for key, value in fields.items()
    }
