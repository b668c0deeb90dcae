"""Workflows that are defined while the engine runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.core.base import Json
from harness.core.errors import EngineError
from harness.engine.dbos_engine import DbosDurable
from harness.ports.durable import Flow
from harness.testing.durable import Memory, MemoryDurable
from tests.contracts.test_engine_durable import Make, engine, run, until


@pytest.mark.parametrize("kind", ["dbos", "memory"])
def test_a_workflow_that_is_defined_while_the_engine_runs_is_like_any_other(
    tmp_path: Path, kind: str
) -> None:
    ran: list[str] = []
    gate = asyncio.Event()

    async def body(flow: Flow, argument: Json) -> Json:
        async def only() -> Json:
            ran.append(flow.id)
            await gate.wait()
            return "through"

        return await flow.step("only", only)

    memory: Memory = {}
    path = tmp_path / "flow.db"
    make: Make = (lambda: DbosDurable(path)) if kind == "dbos" else lambda: MemoryDurable(memory)

    async def work() -> None:
        durable = engine(make, first=body)
        await durable.launch()
        with pytest.raises(EngineError):
            await durable.start("second", "b/1/1/1", None)
        durable.define("second", body)
        await durable.start("second", "b/1/1/2", None)
        await until(lambda: ran == ["b/1/1/2"])
        await durable.close(grace_s=0.1)

        # what it left under way is taken up when it is defined, however late
        again = engine(make, first=body)
        await again.launch()
        assert ran == ["b/1/1/2"]
        gate.set()
        again.define("second", body)
        assert await again.join("b/1/1/2") == "through"
        assert ran == ["b/1/1/2"] * 2
        await again.close()

    run(work())
