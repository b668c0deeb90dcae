"""What a stage answers. Never a boolean, never an exception for something expected."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from harness.core.base import Value
from harness.core.run_types import Say, Stage, Task
from harness.core.run_types import Wait as Resting


class Advance(Value):
    """On to the next stage, or to `to`, for this reason."""

    kind: Literal["advance"] = "advance"
    to: Stage | None = None
    why: Say | None = None


class Return(Value):
    """Back to an earlier stage with what must be mended; counts as an attempt there."""

    kind: Literal["return"] = "return"
    stage: Stage
    why: Say
    told: str = ""
    """What the agent is told, in English; empty: the sentence of `why`."""


class Wait(Value):
    """Store this and end the activation."""

    kind: Literal["wait"] = "wait"
    wait: Resting


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
    why: Say
    after: datetime


class GiveUp(Value):
    """The run is over without success; a person is told why."""

    kind: Literal["give_up"] = "give_up"
    why: Say


class Done(Value):
    """The run is over as it should be: merged, answered, or nothing to change."""

    kind: Literal["done"] = "done"
    why: Say


Outcome = Annotated[
    Advance | Return | Wait | Delegate | Retry | GiveUp | Done, Field(discriminator="kind")
]
OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)
