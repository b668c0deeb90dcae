"""What follows from a test that was written from the issue alone: when it counts, goes back, holds;
and what its session may say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from harness.core.outcome import Retry, Return, Wait
from harness.core.types import (
    Assignment,
    Ended,
    Evidence,
    FileChange,
    LocalizedText,
    Plan,
    Reproduction,
    Session,
    Tally,
    Task,
    Verdict,
)
from harness.pipeline import slots
from harness.pipeline.agents.verdicts import Probe
from harness.pipeline.job import Job
from harness.pipeline.proof.independent import _take, _trial, cross_check
from harness.pipeline.slots import Expectation
from harness.pipeline.verification.bench import Trial
from harness.pipeline.verification.evidence import _name
from harness.pipeline.verification.judging import Sides
from harness.pipeline.verification.reviewer_probes import probe
from harness.pipeline.verification.split import Split
from harness.ports.backend import OnVerdict
from harness.tools.checkpoints import verdict_spec
from harness.weakening.reach import BaseKnowledge
from tests.fake_forge import AT
from tests.security.tempting import LAID, PROMPTS, SEEN, with_job

TEST = "tests/test_theirs.py::test_it"
PROOF = Reproduction(
    command="python3 -m pytest -q tests/test_theirs.py",
    reporter="pytest",
    tests=(TEST,),
    files={"tests/test_theirs.py": "b1"},
    evidence=("e",),
)
KEPT = Expectation(proof=PROOF, quote="it should give 5", base="base", over=True)
SECRET = Plan(summary="SECRET", tasks=(Task(id="1", title="SECRET", files=("SECRET",)),))
Wanted = Literal["off", "note", "hold"]


def change(*product: str) -> Split:
    sides = Sides(
        tree="tree",
        base="tree-base",
        product="product",
        changes=tuple(FileChange(path=path, status="modified") for path in product),
        product_paths=product,
        test_files=(),
        other_tests=(),
        texts={},
    )
    return Split(sides=sides, known=BaseKnowledge())


async def saw(job: Job, trial: Trial, outcome: str) -> None:
    """As if it had been run: what it gave is found again."""
    tests = None if outcome == "late" else Tally(outcomes={TEST: outcome})
    row = {"id": _name(job, trial), "kind": trial.kind, "side": trial.side, "tree": trial.tree}
    ended = {"exit_code": int(outcome != "passed"), "timed_out": outcome == "late", "output": ""}
    rest = {"command": trial.command, "started_at": AT, "duration_s": 1.0, "sandbox": "s"}
    evidence = Evidence.model_validate({**row, **ended, **rest, "tests": tests})
    await job.deps.store.put_evidence(job.run.id, evidence)


@pytest.mark.parametrize(
    ("runs", "wanted", "asked", "verdict", "ends"),
    [
        (("passed",), "hold", False, "green", "on"),
        (("failed", "failed"), "note", False, "red", "back"),
        (("failed", "failed"), "hold", False, "red", "back"),
        (("failed", "failed"), "note", True, "red", "on"),
        (("failed", "failed"), "hold", True, "red", "held"),
        (("failed", "passed"), "hold", False, "unclear", "held"),
        (("error", "error"), "hold", False, "unclear", "held"),
        (("error", "failed"), "hold", True, "unclear", "held"),
        (("skipped", "skipped"), "hold", True, "unclear", "held"),
        (("late", "late"), "hold", False, "unclear", "held"),
        (("error", "error"), "note", False, "unclear", "on"),
    ],
)
async def test_what_comes_of_it(
    tmp_path: Path, runs: tuple[str, ...], wanted: Wanted, asked: bool, verdict: str, ends: str
) -> None:
    async def scene(job: Job) -> None:
        await job.put(slots.EXPECTATION, KEPT)
        if asked:
            await job.put(slots.EXPECTATION_ASKED, "before:0")
        for number, outcome in enumerate(runs, 1):
            await saw(job, _trial(PROOF, LAID, "product", number), outcome)
        found = await cross_check(job, change("a.py"))
        seen = await job.get(slots.INDEPENDENT)
        assert seen is not None
        assert (seen.verdict, seen.quote) == (verdict, "it should give 5")
        if ends == "back":
            assert isinstance(found, Return)
            assert "it should give 5" in found.told
            again = await cross_check(job, change("a.py"))
            assert isinstance(again, Return)
            assert again.why == found.why
        else:
            assert isinstance(found, list)
            assert [f.source for f in found] == ["unseen"] * (ends == "held")
        told = await job.get(slots.EXPECTATION_ASKED)
        assert (told is not None) is (asked or ends == "back")

    await with_job(tmp_path, scene, "python3 -m pytest", kind="bug", independent=wanted)


@pytest.mark.parametrize(
    ("wanted", "kind", "paths"),
    [("off", "bug", ("a.py",)), ("hold", "feature", ("a.py",)), ("hold", "bug", ())],
)
async def test_where_no_session_is_begun(
    tmp_path: Path, wanted: Wanted, kind: str, paths: tuple[str, ...]
) -> None:
    async def scene(job: Job) -> None:
        assert await cross_check(job, change(*paths)) == []
        assert await job.deps.store.sessions(job.run.id) == ()

    await with_job(tmp_path, scene, "python3 -m pytest", kind=kind, independent=wanted)


@pytest.mark.parametrize(("again", "verdict"), [("failed", "green"), ("passed", "none")])
async def test_a_base_that_moved_is_asked_too(tmp_path: Path, again: str, verdict: str) -> None:
    async def scene(job: Job) -> None:
        await job.put(slots.EXPECTATION, KEPT.model_copy(update={"base": "before"}))
        for number in (1, 2):
            await saw(job, _trial(PROOF, LAID, "base", number), again)
        await saw(job, _trial(PROOF, LAID, "product", 1), "passed")
        assert await cross_check(job, change("a.py")) == []
        seen = await job.get(slots.INDEPENDENT)
        assert seen is not None
        assert seen.verdict == verdict

    await with_job(tmp_path, scene, "python3 -m pytest", kind="bug", independent="hold")


async def test_a_session_has_two_tries_and_a_repeated_call_is_none(tmp_path: Path) -> None:
    def says(call: str, kind: str = "expectation", **more: object) -> Verdict:
        data = {"files": ["t.py"], "command": "c", "tests": ["t"], "quote": "nobody said this"}
        return Verdict.model_validate({"call": call, "kind": kind, "data": {**data, **more}})

    async def scene(job: Job) -> None:
        for kind in ("review", "done", "reproduction", "nonsense"):
            assert (await _take(job, says("x", kind))).is_error
        assert (await _take(job, says("y", quote=""))).is_error
        first = await _take(job, says("1"))
        assert (first.is_error, first.reached) == (True, False)
        assert await _take(job, says("1")) == first
        second = await _take(job, says("2"))
        assert (second.is_error, second.reached) == (True, True)
        assert (await _take(job, says("3"))).reached
        kept = await job.get(slots.EXPECTATION)
        assert kept is not None
        assert (kept.over, kept.proof, len(kept.refused)) == (True, None, 2)
        assert kept.why == LocalizedText(key="independent.why_quote")

    await with_job(tmp_path, scene)


async def test_a_session_may_say_that_the_issue_asks_for_nothing(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        blocked = Verdict(call="1", kind="blocked", data={"reason": "no expectation"})
        assert (await _take(job, blocked)).reached
        kept = await job.get(slots.EXPECTATION)
        assert kept is not None
        assert (kept.over, kept.why) == (True, "no expectation")

    await with_job(tmp_path, scene)


async def test_a_reviewer_has_three_probes_and_hears_of_a_repeated_one_again(
    tmp_path: Path,
) -> None:
    async def scene(job: Job) -> None:
        answers = []
        for number in (1, 2, 3):
            asked = Probe(command=f"echo {number}", expects="1")
            for side, tree in (("base", "tree-base"), ("change", "tree")):
                trial = Trial(kind="probe", side=side, tree=tree, command=asked.command)
                await saw(job, trial, "passed")
            answers.append(await probe(job, "correctness", asked, f"c{number}"))
        assert all(not a.is_error and not a.reached for a in answers)
        again = Probe(command="echo 1", expects="1")
        assert await probe(job, "correctness", again, "c1") == answers[0]
        assert (await probe(job, "correctness", again, "c4")).is_error

    await with_job(tmp_path, scene)


class Ending:
    """A backend whose sessions end at once, so."""

    def __init__(self, ended: Ended) -> None:
        self.ended = ended
        self.opened: list[Session] = []

    async def open(self, assignment: Assignment) -> Ending:
        self.opened.append(assignment.session)
        return self

    async def send(self, message: str, on_verdict: OnVerdict) -> Ended:
        return self.ended

    async def suspend(self) -> str:
        return "tree"


@pytest.mark.parametrize(
    ("ended", "paused", "comes"),
    [
        (Ended(kind="stopped", why=LocalizedText(key="pipeline.over")), False, list),
        (Ended(kind="stopped"), False, list),
        (Ended(kind="stopped", retry_at=AT), False, Retry),
        (Ended(kind="stopped"), True, Wait),
    ],
)
async def test_a_session_that_ends_without_a_word(
    tmp_path: Path, ended: Ended, paused: bool, comes: type
) -> None:
    async def scene(job: Job) -> None:
        await job.deps.store.put_plan(job.run.id, SECRET, "agent", AT)
        await job.deps.store.put(slots.LESSONS, "p", (SECRET.summary,))
        await job.deps.store.put_evidence(job.run.id, SEEN)
        backend = Ending(ended)
        there = Job(replace(job.deps, backend=backend), job.run)
        assert isinstance(await cross_check(there, change("a.py")), comes)
        seen = await job.get(slots.INDEPENDENT)
        assert (seen is not None and seen.verdict == "none") is (comes is list)
        (session,) = backend.opened
        # it begins at the base, and with nothing of the change
        assert session.base_tree == "tree-base"
        said = f"{session.system}\n{session.opening}"
        assert not [word for word in ("SECRET", "tests/test_mine", "-> exit") if word in said]
        if comes is list:
            await cross_check(there, change("b.py"))
            assert len(backend.opened) == 1

    secret = PROOF.model_copy(update={"tests": ("tests/test_mine.py::test_it",)})
    fields = {"kind": "bug", "paused": paused, "reproduction": secret}
    await with_job(tmp_path, scene, "python3 -m pytest", "note", **fields)


def test_probes_cost_a_reviewer_little_and_nothing_where_they_are_off() -> None:
    on, off = (len(verdict_spec(PROMPTS, kinds).description) for kinds in ("probing", "reviewer"))
    assert 0 < on - off <= 4 * 60
    assert "probe" not in verdict_spec(PROMPTS, "reviewer").description
