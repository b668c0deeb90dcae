"""What a session becomes by the project's agent file: never more than it was."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from harness.core.types import AgentRole, Session, Stage
from harness.pipeline.agents.sessions import narrow_session
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


async def narrowed(job: Job, role: AgentRole = ROLE) -> Session:
    """A reviewer as that role has it."""

    async def agent_file(commit: str, name: str) -> AgentRole:
        return role.model_copy(update={"name": name})

    policy = job.policy.model_copy(update={"agents": {"reviewer": "strict"}})
    deps = dataclasses.replace(job.deps, policy=policy, agent_file=agent_file)
    session = Session(
        id="s",
        run=job.run.id,
        kind="reviewer",
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
