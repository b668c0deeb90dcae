"""Workflows that are defined while the engine runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.core.base import Json
from harness.core.errors import EngineError
from harness.engine.dbos_engine import DbosDurable
from harness.ports.durable import Body, Flow
from harness.testing.durable import Memory, MemoryDurable
from tests.contracts.test_engine_durable import Make, engine, run, until


def maker(kind: str, folder: Path) -> Make:
    memory: Memory = {}
    return lambda: DbosDurable(folder / "flow.db") if kind == "dbos" else MemoryDurable(memory)


async def parent(flow: Flow, argument: Json) -> Json:
    await flow.start("gone", "a/child", None)
    return await flow.join("a/child")


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

    make = maker(kind, tmp_path)

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


@pytest.mark.parametrize("kind", ["dbos", "memory"])
def test_a_retired_workflow_ends_in_order_and_goes_on_when_it_is_defined_again(
    tmp_path: Path, kind: str
) -> None:
    ran: list[str] = []
    gate, going = asyncio.Event(), asyncio.Event()

    def made(mark: str) -> Body:
        async def body(flow: Flow, argument: Json) -> Json:
            async def first() -> Json:
                ran.append(f"{mark} first {flow.id}")
                await gate.wait()
                return mark

            async def second() -> Json:
                ran.append(f"{mark} second {flow.id}")
                await going.wait()
                return mark

            return [await flow.step("first", first), await flow.step("second", second)]

        return body

    make = maker(kind, tmp_path)

    async def work() -> None:
        durable = engine(make, stays=made("stays"), gone=made("old"), parent=parent)
        await durable.retire("nobody", "gone")
        durable.define("gone", made("old"))
        await durable.launch()
        for name in ("stays", "gone"):
            await durable.start(name, name, None)
        await durable.start("parent", "a/parent", None)
        await until(lambda: len(ran) == 3)
        joining = asyncio.create_task(durable.join("gone"))
        retiring = asyncio.create_task(durable.retire("gone", "parent", "nobody", grace_s=30))
        await asyncio.sleep(0)
        with pytest.raises(EngineError):
            await durable.start("gone", "late", None)
        gate.set()
        await retiring
        with pytest.raises(EngineError):
            await joining
        # the step under way was finished, no other began; another workflow goes on
        await until(lambda: "stays second stays" in ran)
        assert sorted(ran)[:2] == ["old first a/child", "old first gone"]
        assert [line for line in ran if line.startswith("old second")] == []
        assert set(await durable.active()) == {"stays", "gone", "a/parent", "a/child"}

        durable.define("parent", parent)
        durable.define("gone", made("new"))
        await until(lambda: {"new second gone", "new second a/child"} <= set(ran))
        going.set()
        assert await durable.join("gone") == ["old", "new"]
        assert await durable.join("a/parent") == ["old", "new"]
        assert await durable.join("stays") == ["stays", "stays"]
        await durable.close()

    run(work())


@pytest.mark.parametrize("kind", ["dbos", "memory"])
def test_a_retired_step_that_does_not_end_is_cut_and_done_again(tmp_path: Path, kind: str) -> None:
    ran: list[str] = []
    never = asyncio.Event()

    async def body(flow: Flow, argument: Json) -> Json:
        async def only() -> Json:
            ran.append(flow.id)
            if len(ran) == 1:
                await never.wait()
            return "through"

        return await flow.step("only", only)

    make = maker(kind, tmp_path)

    async def work() -> None:
        durable = engine(make, gone=body)
        await durable.launch()
        await durable.start("gone", "g", None)
        await until(lambda: ran == ["g"])
        await durable.retire("gone", grace_s=0.1)
        await durable.retire("gone")
        assert await durable.active() == ("g",)
        durable.define("gone", body)
        assert await durable.join("g") == "through"
        await durable.close()

    run(work())
