"""One check for each kind of claim: code runs it, looks, and answers the agent in plain words."""

from __future__ import annotations

from harness.core.plan_page import tidy
from harness.core.types import (
    Answered,
    Evidence,
    Plan,
    Reproduction,
)
from harness.pipeline.asked import unanswered
from harness.pipeline.depth import outside_plan
from harness.pipeline.evidence import Trial, attempt, detected, green, named, red
from harness.pipeline.job import Job
from harness.pipeline.overlap import ordered, waves
from harness.pipeline.own import by_people
from harness.pipeline.verdicts import (
    AlreadyFixed,
    Blocked,
    Claim,
    Finished,
    NoChange,
    NotReproduced,
    Planned,
    Reproduced,
    Triage,
)
from harness.pipeline.words_in import data

SUMMARY_LINES = 12
LINE = 500


def _wrong(text: str) -> Answered:
    return Answered(text=text, is_error=True)


async def triage(job: Job, claim: Claim, tree: str) -> Answered:
    """Kind, clarity, difficulty, risk: stored on the run."""
    assert isinstance(claim, Triage)
    if not claim.clear and not claim.question:
        return _wrong("An unclear issue needs a `question` for its reporter.")
    if claim.kind == "question" and claim.clear and not claim.answer:
        return _wrong("A question needs an `answer`, or kind chore/feature/bug if work is asked.")
    await job.change(kind=claim.kind, difficulty=claim.difficulty)
    await job.parts.store.keep(job.run.id, "triage", claim.model_dump(mode="json"))
    after = "reproduction" if claim.kind == "bug" else "plan"
    return Answered(text=f"Triage noted: {claim.kind}, {claim.difficulty}. Next: {after}.")


async def reproduction(job: Job, claim: Claim, tree: str) -> Answered:
    """Only the named files on the base, the command twice, each in a fresh sandbox: red?"""
    assert isinstance(claim, Reproduced)
    files = await _files(job, claim, tree)
    if isinstance(files, str):
        return _wrong(files)
    base = await job.parts.workspace.tree_of(job.run.base_sha)
    overlaid = await job.parts.workspace.with_files(base, dict(files))
    seen = await _twice(job, claim, overlaid, "reproduction", "base")
    if not all(red(e, claim.tests) for e in seen):
        return _wrong(f"Not red on the base:\n{_seen(job, seen, claim.tests)}")
    await job.change(
        reproduction=Reproduction(
            command=claim.command,
            tests=claim.tests,
            files=files,
            evidence=tuple(e.id for e in seen),
        )
    )
    await job.tell(
        "reproduced",
        seen[0].id,
        command=claim.command,
        tests=", ".join(claim.tests),
        exit_code=seen[0].exit_code,
    )
    return Answered(
        text="Red on the base, twice, in fresh sandboxes. These files are frozen now: "
        f"{', '.join(files)}.\n{data(job, summary(seen[-1]))}"
    )


async def already_fixed(job: Job, claim: Claim, tree: str) -> Answered:
    """Green on the base and red on an earlier commit: the one named, else by bisection."""
    assert isinstance(claim, AlreadyFixed)
    files = await _files(job, claim, tree)
    if isinstance(files, str):
        return _wrong(files)
    workspace = job.parts.workspace
    base = await workspace.with_files(await workspace.tree_of(job.run.base_sha), dict(files))
    seen = await _twice(job, claim, base, "reproduction", "base")
    if not all(green(e, claim.tests) for e in seen):
        return _wrong(f"Not green on the base:\n{_seen(job, seen, claim.tests)}")
    history = await workspace.log(job.run.base_sha, limit=200)
    for commit in _candidates(claim.commit, history, job.rules.bisect_runs):
        earlier = await workspace.with_files(await workspace.tree_of(commit), dict(files))
        ran = await attempt(job, _trial(claim, earlier, "earlier", "earlier", 1))
        if red(ran, claim.tests):
            await job.tell(
                "already_fixed", commit, commit=commit[:12], tests=", ".join(claim.tests)
            )
            await job.parts.store.keep(job.run.id, "fixed_since", commit)
            return Answered(text=f"Red on {commit[:12]}, green on the base: fixed since.")
    return _wrong(
        "Green on the base, but it failed on no earlier commit that was tried, so nothing shows "
        "that it ever was broken. Name the commit, or give not_reproduced."
    )


def _candidates(wanted: str, history: tuple[str, ...], most: int) -> tuple[str, ...]:
    """The commit named, else at most `most` commits spread over the history, nearest first in
    doubling steps: a check that fails on an old commit is what is looked for."""
    if wanted:
        return tuple(c for c in history if c.startswith(wanted))[:1]
    steps = [2**i - 1 for i in range(1, most)]
    picked = [history[s] for s in steps if s < len(history)]
    if len(history) > 1 and history[-1] not in picked:
        picked.append(history[-1])
    return tuple(picked[:most])


async def not_reproduced(job: Job, claim: Claim, tree: str) -> Answered:
    """An honest answer; a person is asked."""
    assert isinstance(claim, NotReproduced)
    return Answered(text="Noted: not reproduced. The reporter is asked.")


async def plan(job: Job, claim: Claim, tree: str) -> Answered:
    """Tasks that hang together, stored as the next version."""
    assert isinstance(claim, Planned)
    if len({t.id for t in claim.tasks}) != len(claim.tasks):
        return _wrong("Two tasks have the same id.")
    if not all(t.files for t in claim.tasks):
        return _wrong("Every task names the files it may touch.")
    try:
        waves(ordered(claim.tasks))
    except ValueError as error:
        return _wrong(f"Plan not accepted: {error}.")
    made = tidy(
        Plan(
            summary=claim.summary,
            kind=job.run.kind or "bug",
            difficulty=job.run.difficulty or "small",
            tasks=claim.tasks,
            criteria=claim.criteria,
            risks=claim.risks,
            alternatives=claim.alternatives,
            test_changes=claim.test_changes,
        )
    )
    now = job.parts.clock.now()
    stored = await job.parts.store.put_plan(job.run.id, made, by="agent", at=now)
    await job.change(plan_version=stored.version)
    await job.tell(
        "planned",
        stored.hash,
        version=stored.version,
        tasks=len(stored.tasks),
        summary=stored.summary,
        hash=stored.hash,
    )
    return Answered(text=f"Plan version {stored.version} kept.")


async def finished(job: Job, claim: Claim, tree: str) -> Answered:
    """A change there is, inside the plan, with the reproduction untouched. Tests come later,
    from outside."""
    assert isinstance(claim, Finished)
    workspace = job.parts.workspace
    base = await workspace.tree_of(job.run.base_sha)
    changes = await workspace.changes(base, tree)
    frozen = job.run.reproduction.files if job.run.reproduction else {}
    real = [c for c in changes if c.path not in frozen]
    if not real:
        return _wrong("Nothing has changed but the reproduction. Use no_change if that is right.")
    for path, blob in frozen.items():
        if await workspace.blob(tree, path) != blob:
            return _wrong(f"{path} is the frozen reproduction: put it back as it was.")
    stray = outside_plan(real, await job.plan(), (*frozen, *await by_people(job)))
    if stray:
        return _wrong(
            f"Changed outside the plan: {', '.join(stray[:20])}. Take it back, or give a plan "
            "verdict that names it."
        )
    silent = await unanswered(job, claim, tree)
    if silent:
        return _wrong(silent)
    await job.change(tree=tree)
    return Answered(text=f"{len(real)} file(s) changed. harness now checks the tree itself.")


async def no_change(job: Job, claim: Claim, tree: str) -> Answered:
    """Nothing to change can be the right answer."""
    assert isinstance(claim, NoChange)
    return Answered(text="Noted: nothing to change.")


async def blocked(job: Job, claim: Claim, tree: str) -> Answered:
    """The agent cannot go on; a person hears why."""
    assert isinstance(claim, Blocked)
    return Answered(text="Noted: blocked. A person is asked.")


async def _files(job: Job, claim: Reproduced, tree: str) -> dict[str, str] | str:
    """Blob ids of the named files, or what is wrong with them. Only test-like or new files may be
    a reproduction: a file of the product laid over the base would prove nothing."""
    workspace = job.parts.workspace
    found: dict[str, str] = {}
    base = await workspace.tree_of(job.run.base_sha)
    tests = (await detected(job)).test_globs
    for path in claim.files:
        name = path.strip().removeprefix("./")
        blob = await workspace.blob(tree, name)
        if blob is None:
            return f"{name} is not in the work tree."
        known = await workspace.blob(base, name)
        if known is not None and not _test_like(name, tests):
            return f"{name} is no test file: a reproduction may only add files or extend tests."
        found[name] = blob
    return found


def _test_like(path: str, globs: tuple[str, ...]) -> bool:
    from_name = path.rsplit("/", 1)[-1].lower()
    folder = f"/{path.lower()}"
    return (
        "test" in from_name
        or "spec" in from_name
        or "/test" in folder
        or "/__tests__/" in folder
        or any(path == g for g in globs)
    )


def _trial(claim: Reproduced, tree: str, kind: str, side: str, round_: int) -> Trial:
    return Trial(
        kind=kind,
        side=side,
        tree=tree,
        command=claim.command,
        reporter=reporter_of(claim.command),
        round=round_,
    )


def reporter_of(command: str) -> str:
    """Which machine-readable report a command can write, told from its words."""
    for word, reporter in (
        ("pytest", "pytest"),
        ("py.test", "pytest"),
        ("vitest", "vitest"),
        ("jest", "jest"),
        ("mocha", "mocha"),
        ("node --test", "node"),
    ):
        if word in command:
            return reporter
    return "none"


async def _twice(
    job: Job, claim: Reproduced, tree: str, kind: str, side: str
) -> tuple[Evidence, ...]:
    return (
        await attempt(job, _trial(claim, tree, kind, side, 1)),
        await attempt(job, _trial(claim, tree, kind, side, 2)),
    )


def explain(seen: tuple[Evidence, ...], tests: tuple[str, ...]) -> str:
    """Why a pair of runs was not what was claimed, in one line."""
    last = seen[-1]
    if last.timed_out:
        return "the command ran out of time."
    if last.tests is None:
        return f"exit codes {', '.join(str(e.exit_code) for e in seen)}."
    if not last.tests.collected:
        return f"no test report was written (exit {last.exit_code})."
    wanted = named(last.tests, tests)
    if not wanted:
        ran = ", ".join(sorted(last.tests.outcomes)[:10]) or "none"
        return f"the named tests did not run; these did: {ran}."
    per_run = (
        ", ".join(f"{t}={(e.tests.outcomes.get(t, 'absent') if e.tests else '?')}" for t in wanted)
        for e in seen
    )
    return "; then ".join(per_run) + "."


def _seen(job: Job, seen: tuple[Evidence, ...], tests: tuple[str, ...]) -> str:
    """What two runs showed: words of programs that may be hostile."""
    return data(job, f"{explain(seen, tests)}\n{summary(seen[-1])}")


def summary(evidence: Evidence) -> str:
    """The end of a command's output, where test runners say what matters."""
    lines = [line[:LINE] for line in evidence.output.strip().splitlines()[-SUMMARY_LINES:]]
    return f"$ {evidence.command} -> exit {evidence.exit_code}\n" + "\n".join(lines)
