"""What every Durable does: recorded steps answer, children survive, mistakes are refused."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from harness.core.base import Json
from harness.core.errors import CapReached, EngineError, ModelError, Unavailable
from harness.engine.dbos_engine import DbosDurable
from harness.ports.durable import Body, Durable, Flow
from harness.testing.durable import Memory, MemoryDurable
from tests.patience import PATIENCE_S

Make = Callable[[], Durable]


@pytest.fixture(params=["dbos", "memory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """A Durable each time, on one and the same memory."""
    if request.param == "dbos":
        return lambda: DbosDurable(tmp_path / "flow.db")
    memory: Memory = {}
    return lambda: MemoryDurable(memory)


def run(work: Coroutine[object, object, None]) -> None:
    """On a loop of its own; nothing may be left behind."""
    before = set(threading.enumerate())
    asyncio.run(asyncio.wait_for(work, PATIENCE_S))
    left = [t for t in threading.enumerate() if t not in before and t.is_alive()]
    assert left == []


async def until(ready: Callable[[], bool]) -> None:
    for _ in range(1000):
        if ready():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("never came true")


def engine(make: Make, **bodies: Body) -> Durable:
    durable = make()
    for name, body in bodies.items():
        durable.define(name, body)
    return durable


async def answer(value: Json) -> Json:
    return value


def test_a_workflow_answers_and_the_same_id_is_the_same_workflow(make: Make) -> None:
    ran: list[str] = []

    async def body(flow: Flow, argument: Json) -> Json:
        ran.append(flow.id)
        first = await flow.step("one", lambda: answer([1, 2]))
        second = await flow.step("two", lambda: answer(None))
        return {"argument": argument, "steps": [first, second]}

    async def work() -> None:
        durable = engine(make, body=body)
        await durable.launch()
        await durable.start("body", "p/1/1/1", {"a": 1})
        await durable.start("body", "p/1/1/1", {"a": 2})
        expected = {"argument": {"a": 1}, "steps": [[1, 2], None]}
        assert await durable.join("p/1/1/1") == expected
        await durable.start("body", "p/1/1/1", {"a": 3})
        assert await durable.join("p/1/1/1") == expected
        assert await durable.active() == ()
        assert ran == ["p/1/1/1"]
        await durable.close()

    run(work())


def test_a_recorded_step_answers_without_running_after_a_restart(make: Make) -> None:
    ran: list[str] = []
    gate = asyncio.Event()

    async def body(flow: Flow, argument: Json) -> Json:
        async def first() -> Json:
            ran.append("first")
            return len(ran)

        async def second() -> Json:
            ran.append("second")
            await gate.wait()
            return "through"

        one = await flow.step("first", first)
        return [one, await flow.step("second", second)]

    async def work() -> None:
        durable = engine(make, body=body)
        await durable.launch()
        await durable.start("body", "w", None)
        await until(lambda: ran == ["first", "second"])
        await durable.close(grace_s=0.1)
        gate.set()

        again = engine(make, body=body)
        await again.launch()
        assert await again.join("w") == [1, "through"]
        assert ran == ["first", "second", "second"]
        await again.close()

    run(work())


def test_recovered_bodies_and_steps_run_on_the_loop_and_thread_that_launched(make: Make) -> None:
    seen: list[tuple[int, int]] = []
    gate = asyncio.Event()

    def place() -> tuple[int, int]:
        return id(asyncio.get_running_loop()), threading.get_ident()

    async def body(flow: Flow, argument: Json) -> Json:
        async def step() -> Json:
            seen.append(place())
            await gate.wait()
            return None

        seen.append(place())
        return await flow.step("step", step)

    async def work() -> None:
        durable = engine(make, body=body)
        await durable.launch()
        await durable.start("body", "w", None)
        await until(lambda: len(seen) == 2)
        await durable.close(grace_s=0.1)
        again = engine(make, body=body)
        await again.launch()
        assert await again.active() == ("w",)
        gate.set()
        await again.join("w")
        assert len(seen) == 4
        assert set(seen) == {place()}
        await again.close()

    run(work())


def test_children_survive_a_restart_and_finish_once(make: Make) -> None:
    ran: list[str] = []
    gate = asyncio.Event()

    async def child(flow: Flow, argument: Json) -> Json:
        async def once() -> Json:
            ran.append(f"{flow.id} once")
            return argument

        value = await flow.step("once", once)
        await flow.step("wait", wait)
        return value

    async def wait() -> Json:
        await gate.wait()
        return None

    async def parent(flow: Flow, argument: Json) -> Json:
        for n in range(3):
            await flow.start("child", f"{flow.id}/c{n}", n)
        return [await flow.join(f"{flow.id}/c{n}") for n in range(3)]

    async def work() -> None:
        durable = engine(make, child=child, parent=parent)
        await durable.launch()
        await durable.start("parent", "w", None)
        await until(lambda: len(ran) == 3)
        await durable.close(grace_s=0.1)
        gate.set()
        again = engine(make, child=child, parent=parent)
        await again.launch()
        assert await again.join("w") == [0, 1, 2]
        assert sorted(ran) == ["w/c0 once", "w/c1 once", "w/c2 once"]
        await again.close()

    run(work())


def test_a_second_step_while_one_is_under_way_is_refused(make: Make) -> None:
    async def body(flow: Flow, argument: Json) -> Json:
        async def slow() -> Json:
            await asyncio.sleep(0.05)
            return None

        await asyncio.gather(flow.step("a", slow), flow.step("b", slow))
        return None

    refused(make, body, "engine.step_in_flight")


def test_a_child_started_inside_a_step_is_refused(make: Make) -> None:
    async def body(flow: Flow, argument: Json) -> Json:
        async def step() -> Json:
            await flow.start("body", "child", None)
            return None

        return await flow.step("step", step)

    refused(make, body, "engine.child_in_step")


def test_an_answer_that_is_not_json_is_refused(make: Make) -> None:
    async def body(flow: Flow, argument: Json) -> Json:
        return await flow.step("step", lambda: answer({"a": float("nan")}))

    refused(make, body, "engine.not_json")


def refused(make: Make, body: Body, key: str) -> None:
    async def work() -> None:
        durable = engine(make, body=body)
        await durable.launch()
        await durable.start("body", "w", None)
        with pytest.raises(EngineError) as raised:
            await durable.join("w")
        assert raised.value.key == key
        await durable.close()

    run(work())


def test_starting_from_inside_a_workflow_goes_through_the_flow_only(make: Make) -> None:
    async def work() -> None:
        durable = make()

        async def body(flow: Flow, argument: Json) -> Json:
            await durable.start("body", "other", None)
            return None

        durable.define("body", body)
        await durable.launch()
        await durable.start("body", "w", None)
        with pytest.raises(EngineError, match=r"engine\.child_in_step"):
            await durable.join("w")
        await durable.close()

    run(work())


def test_a_step_found_under_another_name_is_an_error(make: Make) -> None:
    gate = asyncio.Event()
    names = ["old", "new"]

    async def body(flow: Flow, argument: Json) -> Json:
        await flow.step(names[0], lambda: answer(1))
        gate.set()
        await flow.step("wait", forever)
        return None

    async def forever() -> Json:
        await asyncio.Event().wait()
        return None

    async def work() -> None:
        durable = engine(make, body=body)
        await durable.launch()
        await durable.start("body", "w", None)
        await gate.wait()
        await durable.close(grace_s=0)
        names.pop(0)
        again = engine(make, body=body)
        await again.launch()
        with pytest.raises(EngineError, match=r"engine\.step_renamed"):
            await again.join("w")
        await again.close()

    run(work())


def test_an_error_of_a_step_is_recorded_with_its_facts(make: Make) -> None:
    tries: list[int] = []
    gate = asyncio.Event()

    async def body(flow: Flow, argument: Json) -> Json:
        async def step() -> Json:
            tries.append(1)
            raise ModelError("llm.x", sort="rate", retry=True, after_s=2.5, name="m")

        try:
            await flow.step("call", step)
        except ModelError as error:
            gate.set()
            await flow.step("wait", passing)
            return [error.key, error.sort, error.retry, error.after_s, str(error.facts["name"])]
        return None

    done = asyncio.Event()

    async def passing() -> Json:
        await done.wait()
        return None

    async def work() -> None:
        durable = engine(make, body=body)
        await durable.launch()
        await durable.start("body", "w", None)
        await gate.wait()
        await durable.close(grace_s=0)
        done.set()
        again = engine(make, body=body)
        await again.launch()
        assert await again.join("w") == ["llm.x", "rate", True, 2.5, "m"]
        assert tries == [1]
        await again.close()

    run(work())


def test_what_a_body_raises_reaches_the_one_who_joins(make: Make) -> None:
    async def body(flow: Flow, argument: Json) -> Json:
        raise CapReached("engine.cap_run_tokens", scope="run", cap=1, spent=1, needed=1)

    async def work() -> None:
        durable = engine(make, body=body)
        await durable.launch()
        await durable.start("body", "w", None)
        with pytest.raises(CapReached) as raised:
            await durable.join("w")
        assert raised.value.facts["cap"] == 1
        with pytest.raises(EngineError, match=r"engine\.no_workflow"):
            await durable.join("never")
        with pytest.raises(EngineError, match=r"engine\.other_workflow"):
            await durable.start("nothing", "n", None)
        await durable.close()

    run(work())


def test_closing_lets_the_step_under_way_end_and_starts_no_other(make: Make) -> None:
    ran: list[str] = []

    async def body(flow: Flow, argument: Json) -> Json:
        for name in ("a", "b", "c"):

            async def step(name: str = name) -> Json:
                ran.append(name)
                await asyncio.sleep(0.2)
                return name

            await flow.step(name, step)
        return "end"

    async def work() -> None:
        durable = engine(make, body=body)
        await durable.launch()
        await durable.start("body", "w", None)
        await until(lambda: bool(ran))
        await durable.close(grace_s=5)
        assert ran == ["a"]
        with pytest.raises(EngineError, match=r"engine\.closed"):
            await durable.start("body", "later", None)
        again = engine(make, body=body)
        await again.launch()
        assert await again.join("w") == "end"
        assert ran == ["a", "b", "c"]
        await again.close()

    run(work())


def test_a_time_to_try_again_survives_in_a_recorded_error(make: Make) -> None:
    async def body(flow: Flow, argument: Json) -> Json:
        raise Unavailable("forge.x")

    async def work() -> None:
        durable = engine(make, body=body)
        await durable.launch()
        await durable.start("body", "w", None)
        with pytest.raises(Unavailable) as raised:
            await durable.join("w")
        assert raised.value.retry_at is None
        await durable.close()

    run(work())
