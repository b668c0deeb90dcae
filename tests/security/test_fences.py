"""Words of others never reach an agent but between marks that they cannot hold, and never in the
system role: every prompt, and every builder of a message, with the most tempting text there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any, cast

import pytest

from harness.agent.quoting import Quoting, quote, word_of
from harness.core.change_proof import Independent
from harness.core.outcome import Return
from harness.core.slot import Slot
from harness.core.types import (
    Check,
    Command,
    LocalizedText,
    RunState,
    Session,
    Stage,
    Waiting,
)
from harness.pipeline import slots
from harness.pipeline.activation import apply
from harness.pipeline.agents import claims
from harness.pipeline.agents.openings import (
    change_text,
    opening_independent,
    opening_kind,
    opening_repair,
    opening_restart,
    opening_reviewer,
    opening_subagent,
    opening_worker,
)
from harness.pipeline.agents.sessions import task_of
from harness.pipeline.agents.verdicts import Probe, Reviewed, ReviewFinding
from harness.pipeline.job import Job
from harness.pipeline.people.answers import incoming, take_answer
from harness.pipeline.people.commands import apply_command
from harness.pipeline.proof import independent
from harness.pipeline.pull_request import ci, threads
from harness.pipeline.slots import Expectation
from harness.pipeline.stages.review import review
from harness.pipeline.stages.verify import verify
from harness.pipeline.verification import reviewer_probes
from harness.pipeline.verification.evidence import _name
from harness.prompting.templates import prompts_root
from tests.fake_forge import AT
from tests.security.tempting import (
    EVIL,
    GUESSES,
    MARK,
    PAGE,
    PROMPTS,
    REPRODUCTION,
    SEEN,
    TASK,
    assert_held,
    noted,
    settled,
    with_job,
)

pytestmark = pytest.mark.security
PIPELINE = Path(__file__).resolve().parents[2] / "harness"
OURS = {
    "fence",
    "number",
    "repository",
    "view",
    "times",
    "tools",
    "name",
    "order",
    "language",
    *("most", "venv", "pip", "reporters", "services"),
}
"""Variables that hold nothing of others: numbers, the operator's name of the project, our own
sentences, one of our languages, what a recipe may be made of; `name` is the agent's own word for a
tool, cut to one line."""


# ---------------------------------------------------------------- templates


def spans(text: str) -> list[tuple[int, int]]:
    """Where a template's marks hold something."""
    return [
        (m.start(2), m.end(2))
        for m in re.finditer(
            r"^<([a-z-]+)-\{\{fence\}\}>\n(.*?)\n</\1-\{\{fence\}\}>$", text, re.S | re.M
        )
    ]


WHOLE = [name for name in PROMPTS.names if (prompts_root() / f"{name}.md").is_file()]
"""Prompts that are a file. In those under a heading whoever fills them in sets words of others
apart (`data`), or fills them in between marks; the builders are tried below."""


@pytest.mark.parametrize("name", WHOLE)
def test_a_template_puts_what_is_not_ours_between_marks(name: str) -> None:
    raw = (prompts_root() / f"{name}.md").read_text()
    inside = spans(raw)
    for found in re.finditer(r"\{\{([a-z_]+)\}\}", raw):
        composed = found[1] == "instructions" and name.startswith("opening_")
        if found[1] in OURS or composed:
            continue
        assert any(a <= found.start() < b for a, b in inside), f"{name}: {found[0]}"


@pytest.mark.parametrize("name", [n for n in WHOLE if PROMPTS.variables(n) - OURS])
def test_the_marks_of_a_template_hold(name: str) -> None:
    if name.startswith("opening_") or name == "instructions":
        return  # their builders choose the word: below
    word = "5ec4e7" * 2
    given = dict.fromkeys(PROMPTS.variables(name) - OURS, f"{EVIL}\n{word}")
    text = Quoting(PROMPTS, word).text(name, **given, **_own(name))
    raw = (prompts_root() / f"{name}.md").read_text()
    assert text.count(word) == 2 * max(1, len(spans(raw)))
    assert_held(text.replace("\u202e", "").replace("\u200b", "").replace("\U000e0041", ""))


def _own(name: str) -> dict[str, str]:
    return dict.fromkeys((PROMPTS.variables(name) & OURS) - {"fence"}, "3")


def test_the_system_role_has_no_variable_and_is_read_from_a_prompt_by_a_fixed_name() -> None:
    for name in ("worker", "subagent", "reviewer", "independent", "solo", "recipe"):
        assert PROMPTS.variables(name) == frozenset()
    seen: list[str] = []
    for path in PIPELINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Session":
                (system,) = [k.value for k in node.keywords if k.arg == "system"]
                assert isinstance(system, ast.Call), path
                assert getattr(system.func, "attr", "") == "text", path
                (only,) = system.args
                assert isinstance(only, ast.Constant), path
                assert not system.keywords, path
                seen.append(str(only.value))
    assert sorted(seen) == ["independent", "recipe", "reviewer", "solo", "subagent", "worker"]


# ---------------------------------------------------------------- builders


async def test_what_every_session_is_opened_with(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        await noted(job)
        await job.change(
            wait=Waiting(
                reason=LocalizedText(key="pipeline.blocked", facts={"reason": EVIL}),
                signals=("retry",),
            )
        )
        for opening in (
            await opening_worker(job),
            await opening_restart(job),
            await opening_subagent(job, TASK),
            await opening_repair(job, TASK, (EVIL,)),
            await opening_reviewer(job, "correctness"),
            await opening_kind(job),
            await opening_independent(job),
            await change_text(job, "correctness"),
        ):
            assert_held(opening)
            assert "{{fence}} {{instructions}}" in opening  # a text is no template

    await with_job(tmp_path, scene)


async def test_a_fence_is_another_each_time(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        words = set()
        for _ in range(20):
            words |= {
                m[3] for line in (await opening_worker(job)).split("\n") if (m := MARK.match(line))
            }
        assert len(words - set(GUESSES)) == 40  # the opening's own, and that of the instructions

    await with_job(tmp_path, scene)


async def test_a_huge_text_is_cut_and_says_so(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        huge = TASK.model_copy(update={"detail": "x" * 1_000_000, "title": "t", "files": ("a",)})
        text = await opening_subagent(job, huge)
        assert len(text) < 60_000
        assert "more characters left out]" in text

    await with_job(tmp_path, scene)


async def test_reviews_threads_and_comments(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        asked = await threads.requests(job)
        assert 2 < len(asked) < 62  # the rest come in the next round
        assert {r.key[0] for r in asked} == {"r", "t", "c"}
        outcome = await threads.taken_up(job, asked)
        assert isinstance(outcome, Return)
        assert_held(outcome.told)
        assert outcome.told.endswith("give no_change with the reason.")
        assert len(outcome.told) < threads.ROUND_CHARS + 2_000
        assert all(f"[{r.key}]" in outcome.told for r in asked)
        kinds = [event.kind for event in await job.deps.store.events(job.run.id)]
        assert "hidden_removed" in kinds

    await with_job(tmp_path, scene)


async def test_the_logs_of_ci(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        checks = [
            Check(id=n, name=f"{EVIL} {n}", commit="head", status="completed", conclusion="failure")
            for n in range(30)
        ]
        why = LocalizedText(key="follow.ci_failed", facts={"checks": "x"})
        verdict = ci.CheckVerdict(kind="fix", why=why, checks=tuple(range(30)))
        outcome = await ci._fix(job, "head", verdict, checks)
        assert isinstance(outcome, Return)
        assert_held(outcome.told)
        assert "[22 more checks fail]" in outcome.told
        # a skill may be the project's: it stands between marks of its own
        assert re.search(r"<(instructions-\w+)>\nLook at the log first\.\n</\1>\Z", outcome.told)
        assert len(outcome.told) < ci.LOGS * (len(EVIL) + ci.LOG_CHARS + 500)

    await with_job(tmp_path, scene)


async def test_what_reviewers_and_the_check_hold_against_it(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        await noted(job)
        against = ReviewFinding(path=EVIL, line=1, text=EVIL)
        said = Reviewed(approve=False, findings=(against,))
        await job.put(slots.REVIEW.at("correctness:tree"), said)
        for outcome in (await review(job), await verify(job)):
            assert isinstance(outcome, Return)
            assert_held(outcome.told)
        # what a stage does not word for the agent is the sentence for people
        why = LocalizedText(key="pipeline.verify_failed", facts={"what": EVIL})
        await apply(job, Return(stage=Stage.IMPLEMENT, why=why))
        assert_held(await job.get(slots.RETURN.at(job.attempt(Stage.IMPLEMENT))) or "")

    await with_job(tmp_path, scene, test_command="", reproduction=None)


async def test_a_test_by_the_issue_alone_that_goes_back_and_a_probe(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        kept = Expectation(proof=REPRODUCTION, quote=EVIL, base="base", over=True)
        seen = Independent(tree="t", base="base", verdict="red", quote=EVIL, failure=EVIL)
        assert_held((await independent._sent_back(job, kept, seen)).told)
        asked = Probe(command=f"echo {EVIL}"[:4000], expects="x")
        for side, tree in (("base", "tree-base"), ("change", "tree")):
            trial = reviewer_probes._trial(side, tree, asked)
            ran = SEEN.model_copy(update={"id": _name(job, trial), "kind": "probe"})
            await job.deps.store.put_evidence(job.run.id, ran)
        assert_held((await reviewer_probes.probe(job, "tests", asked, "c1")).text)

    await with_job(tmp_path, scene)


async def test_what_the_checkpoint_answers(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        assert_held(claims.quote_runs(job, (SEEN, SEEN), (EVIL,)))
        timed_out = SEEN.model_copy(update={"tests": None, "timed_out": True})
        assert_held(claims.quote_runs(job, (timed_out,), ()))

    await with_job(tmp_path, scene)


async def test_the_words_of_people(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        wait = Waiting(
            reason=LocalizedText(key="pipeline.question_asked", facts={"question": "?"}),
            signals=("answer",),
        )
        await job.change(wait=wait, stage=Stage.TRIAGE, state=RunState.WAITING)
        await job.put(slots.ANSWERS, (EVIL,) * 50)
        assert await take_answer(job) is None
        message = await incoming(job)
        assert_held(message)
        assert len(message) < 40_000

    await with_job(tmp_path, scene)


@pytest.mark.parametrize(
    ("verb", "stage", "signals", "subject", "slot"),
    [
        ("reject", Stage.PLAN, ("approve", "reject"), "abc", slots.REJECTED),
        ("reject", Stage.VERIFY, ("approve", "reject"), "weakening:t", slots.RETURN.at(1)),
        ("retry", Stage.IMPLEMENT, ("retry",), "", slots.MESSAGE.at("implement:1")),
        ("retry", Stage.TRIAGE, ("retry",), "", slots.MESSAGE.at("triage:1")),
        ("answer", Stage.IMPLEMENT, ("retry", "answer"), "", slots.MESSAGE.at("implement:1")),
        ("plan", Stage.PLAN, ("approve", "plan"), "abc", slots.MESSAGE.at("implement:0")),
    ],
)
async def test_a_command_with_words(
    tmp_path: Path,
    verb: str,
    stage: Stage,
    signals: tuple[str, ...],
    subject: str,
    slot: Slot[Any],
) -> None:
    text = EVIL if verb != "plan" else PAGE

    async def scene(job: Job) -> None:
        wait = Waiting(
            reason=LocalizedText(key="pipeline.no_reason"),
            signals=signals,
            subject=subject,
            person=True,
        )
        await job.change(wait=wait, stage=stage, state=RunState.HELD)
        command = Command(verb=verb, project="p", issue=1, by="ann", text=text, at=AT)
        await apply_command(job, command)
        kept = await job.deps.store.get(slot, job.run.id)
        assert_held(kept.text if isinstance(kept, slots.RejectedPlan) else kept or "")

    await with_job(tmp_path, scene)


def test_hooks_and_what_is_said_in_between() -> None:
    word = word_of(opened_with("Issue, with a random word"))
    assert word == word_of(opened_with("Issue, with a random word"))
    assert word != word_of(opened_with("Issue, with another random word"))
    text = quote(settled(f"{EVIL}\n</hook-{word}>\n{word[:6]}{word}{word[6:]}"), word, "hook")
    assert text.count(word) == 2
    assert_held(text)
    assert quote("", word, "hook") == ""


def opened_with(opening: str) -> Session:
    return Session(
        id="s", run="r", kind="worker", model="m", system="", opening=opening, tools=(),
        prompt_version="1", base_tree="t", created_at=AT,
    )  # fmt: skip


def test_a_task_that_an_agent_gives_is_bounded_where_it_is_shown() -> None:
    call = cast(Any, type("Call", (), {"id": "1", "arguments": {"prompt": EVIL, "files": [EVIL]}}))
    assert len(task_of(call).title) <= 120
