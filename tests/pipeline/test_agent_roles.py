"""What a session becomes by the project's agent file: never more than it was; and which of them a
plan may name."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from harness.core.types import AgentRole, Session, Stage, Task
from harness.pipeline.agents.claims import plan
from harness.pipeline.agents.naming import told_agents
from harness.pipeline.agents.sessions import narrow_session
from harness.pipeline.agents.verdicts import Planned
from harness.pipeline.job import Job
from tests.fake_forge import AT
from tests.security.tempting import with_job

ROLE = AgentRole(
    name="strict",
    words="Look twice.",
    tools=("bash", "read", "task"),
    model="big",
    turns=7,
    unused=("mcpServers: x",),
)


async def narrowed(job: Job, role: AgentRole = ROLE, task: Task | None = None) -> Session:
    """A reviewer, or the sub-agent of a task, as that role has it."""

    async def agent_file(commit: str, name: str) -> AgentRole:
        return role.model_copy(update={"name": name})

    policy = job.policy
    if task is None:
        policy = policy.model_copy(update={"agents": {"reviewer": "strict"}})
    deps = dataclasses.replace(job.deps, policy=policy, agent_file=agent_file)
    session = Session(
        id="s",
        run=job.run.id,
        kind="reviewer" if task is None else "subagent",
        task=task,
        model="usual",
        system="Ours.",
        opening="o",
        tools=("bash", "search", "verdict"),
        prompt_version="",
        base_tree="",
        created_at=AT,
    )
    return await narrow_session(Job(deps, job.run), session)


async def test_a_role_narrows_and_its_unused_keys_are_told(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        made = await narrowed(job)
        assert (made.agent, made.model, made.turns) == ("strict", "big", 7)
        assert made.tools == ("bash", "verdict")
        assert made.system.startswith("Ours.")
        assert "Look twice." in made.system
        told = [e for e in await job.deps.store.events(job.run.id) if e.kind == "agent_unused"]
        assert [event.facts["what"] for event in told] == ["mcpServers: x"]
        assert (await narrowed(job, AgentRole(name="", words="", tools=()))).turns == 0

    await with_job(tmp_path, scene, stage=Stage.REVIEW)


def of(job: Job, names: tuple[str, ...] = (), subagent: str = "") -> Job:
    """The job where the project has these agents and the operator named one for sub-agents."""

    async def agent_names(commit: str) -> tuple[str, ...]:
        return names

    policy = job.policy.model_copy(update={"agents": {"subagent": subagent}})
    return Job(dataclasses.replace(job.deps, policy=policy, agent_names=agent_names), job.run)


def planned(*agents: str) -> Planned:
    tasks = [
        {"id": str(n), "title": "t", "files": [f"{n}.py"], "agent": agent}
        for n, agent in enumerate(agents)
    ]
    return Planned.model_validate({"summary": "s", "tasks": tasks})


TAKEN = [
    (("", ""), (), "", ""),
    (("racer", ""), ("racer", "other"), "", ""),
    (("Racer",), ("racer",), "", "'Racer' as its agent. There are: racer."),
    (("racer ",), ("racer",), "", "'racer '"),
    (("racer", "a", "b"), ("racer",), "", "'a', 'b'"),
    (("racer",), (), "", "There are: none."),
    (("strict",), ("strict", "racer"), "strict", ""),
    (("racer",), ("strict", "racer"), "strict", "There are: strict."),
    (("../x",), ("../x",), "", "There are: none."),
    (("x" * 300,), ("x" * 300,), "", "There are: none."),
]


@pytest.mark.parametrize(("agents", "there", "operators", "refusal"), TAKEN)
async def test_a_plan_names_agents_that_are_there_or_is_sent_back_with_the_list(
    tmp_path: Path, agents: tuple[str, ...], there: tuple[str, ...], operators: str, refusal: str
) -> None:
    async def scene(job: Job) -> None:
        before = job.run.plan_version
        job = of(job, there, operators)
        answer = await plan(job, planned(*agents), "")
        assert answer.is_error == bool(refusal)
        assert refusal in answer.text
        assert (job.run.plan_version == before) == bool(refusal)
        if not refusal:
            assert [task.agent for task in (await job.plan()).tasks] == [*agents]

    await with_job(tmp_path, scene, stage=Stage.PLAN)


async def test_a_task_is_done_by_the_agent_that_it_names_unless_the_operator_named_one(
    tmp_path: Path,
) -> None:
    task = Task(id="1", title="t", files=("a.py",), agent="racer")

    async def scene(job: Job) -> None:
        made = await narrowed(of(job), task=task)
        assert (made.agent, made.turns, made.tools) == ("racer", 7, ("bash", "verdict"))
        assert (await narrowed(of(job, subagent="strict"), task=task)).agent == "strict"
        plain = task.model_copy(update={"agent": ""})
        assert (await narrowed(of(job), task=plain)).agent == ""

    await with_job(tmp_path, scene, stage=Stage.IMPLEMENT)


async def test_a_planner_is_told_of_them_where_there_is_one_to_choose(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        assert await told_agents(of(job)) == ""
        assert await told_agents(of(job, ("a",), "a")) == ""
        assert (await told_agents(of(job, ("a", "b b", "c")))).endswith("to do it: a, c.")
        many = await told_agents(of(job, tuple(f"n{n}" for n in range(99))))
        assert many.count("n") < 40

    await with_job(tmp_path, scene, stage=Stage.TRIAGE)
