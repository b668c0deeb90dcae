"""What a stage answers. Never a boolean, never an exception for something expected."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from harness.core.base import Value
from harness.core.run_types import LocalizedText, Stage, Task, Waiting


class Advance(Value):
    """On to the next stage, or to `to`, for this reason."""

    kind: Literal["advance"] = "advance"
    to: Stage | None = None
    why: LocalizedText | None = None


class Return(Value):
    """Back to an earlier stage with what must be mended; counts as an attempt there."""

    kind: Literal["return"] = "return"
    stage: Stage
    why: LocalizedText
    told: str = ""
    """What the agent is told, in English; empty: the sentence of `why`."""


class Wait(Value):
    """Store this and end the activation."""

    kind: Literal["wait"] = "wait"
    wait: Waiting


class Delegate(Value):
    """Start one child workflow a task, in waves by dependency, and come back to this stage.

    `call` is the id that makes the children's ids; `base_tree` is where they start.
    """

    kind: Literal["delegate"] = "delegate"
    session: str
    call: str
    base_tree: str
    tasks: tuple[Task, ...]


class Retry(Value):
    """The same stage again at `after`; for faults outside (a server down, a limit reached)."""

    kind: Literal["retry"] = "retry"
    why: LocalizedText
    after: datetime


class GiveUp(Value):
    """The run is over without success; a person is told why."""

    kind: Literal["give_up"] = "give_up"
    why: LocalizedText


class Done(Value):
    """The run is over as it should be: merged, answered, or nothing to change."""

    kind: Literal["done"] = "done"
    why: LocalizedText


Outcome = Annotated[
    Advance | Return | Wait | Delegate | Retry | GiveUp | Done, Field(discriminator="kind")
]
OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)
