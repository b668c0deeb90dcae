"""Claims that running proves: a bug that is there, and one that is there no more. Each named test
runs in fresh sandboxes; what counts as ground is `grounds`'s to say."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.types import (
    Answered,
    Evidence,
    Failure,
    LocalizedText,
    Reproduction,
    Stage,
    Tally,
    Trace,
)
from harness.pipeline import slots
from harness.pipeline.agents.claims import quote_runs, runners, summary, wrong
from harness.pipeline.agents.openings import issue_text
from harness.pipeline.agents.verdicts import AlreadyFixed, Claim, Reproduced
from harness.pipeline.job import Job
from harness.pipeline.people.answers import data
from harness.pipeline.verification import freeze
from harness.pipeline.verification.evidence import (
    Trial,
    attempt,
    detect_base,
    is_green,
    is_red,
    match_ids,
    suite,
)
from harness.pipeline.verification.grounds import (
    Base,
    Way,
    idle,
    is_code,
    named_in,
    reads_source,
    shallow,
    spoken_of,
    touches_product,
    way_of,
)
from harness.pipeline.verification.test_text import held_in, own_text
from harness.testruns.detect.detection import single
from harness.weakening.sides import side_of

MOST_BYTES = 1 << 20
MOST_FILES = 3000
FAILURE = 4000


async def base_of(job: Job) -> Base:
    """The base tree as failures are judged by it."""
    workspace = job.deps.workspace
    tree = await workspace.tree_of(job.run.base_sha)
    files, globs = await workspace.files(tree), (await detect_base(job)).test_globs
    code = [f for f in files if is_code(f) and side_of(f, globs) == "product"]
    sources: dict[str, str] = {}
    for path in code[:MOST_FILES]:
        content = await workspace.file(tree, path)
        if content is not None and len(content) <= MOST_BYTES:
            sources[path] = content.decode("utf-8", "replace")
    return Base(sources=sources, files=files, globs=globs)


# ---------------------------------------------------------------- a bug that is there


async def reproduction(job: Job, claim: Claim, tree: str) -> Answered:
    """Only the named files on the base, twice, each in a fresh sandbox: red, in the call of a
    named test, for a reason that the product gives?"""
    assert isinstance(claim, Reproduced)
    known = job.run.reproduction
    anew = known is not None and job.run.stage is Stage.IMPLEMENT
    if known is not None and anew:
        if await _the_same(job, known, claim, tree):
            return Answered(text=job.prompt("reproduction/frozen_as_it_is"))
        if why := freeze.too_soon(known, job.run.plan_version):
            return wrong(job.deps.prompts.fill(why))
    shown = await shown_red(job, claim, tree)
    if isinstance(shown, str):
        return wrong(shown)
    made, ran = shown
    tests = ", ".join(made.tests)
    await job.tell("reproduced", ran.id, command=made.command, tests=tests, exit_code=ran.exit_code)
    by = await job.get(slots.FREEZE_GRANTED)
    other = known is not None and freeze.freeze_hash(known) != freeze.freeze_hash(made)
    if other and not by and await freeze.product_changed(job, tree):
        await job.put(slots.FREEZE_WAITS, made)
        return Answered(text=job.prompt("reproduction/freeze_waits"))
    await freeze.take(job, made, by or "")
    await job.drop(slots.FREEZE_GRANTED)
    frozen, failure = ", ".join((*made.tests, *made.support)), data(job, made.failure)
    return Answered(text=job.prompt("reproduction/frozen_now", frozen=frozen, failure=failure))


async def _the_same(job: Job, known: Reproduction, claim: Reproduced, tree: str) -> bool:
    """True for the reproduction that is frozen already: a resumed session may repeat it."""
    names = {path.strip().removeprefix("./") for path in claim.files}
    blobs = {name: await job.deps.workspace.blob(tree, name) for name in names}
    return known.tests == claim.tests and blobs == known.files


async def shown_red(
    job: Job, claim: Reproduced, tree: str, kind: str = "reproduction"
) -> tuple[Reproduction, Evidence] | str:
    """The named tests as they fail on the base, or why they are no ground. `kind`: what their runs
    are kept as."""
    way = await _way(job, claim, kind)
    files = await _files(job, claim, tree)
    if isinstance(way, str) or isinstance(files, str):
        return way if isinstance(way, str) else str(files)
    workspace, base = job.deps.workspace, await base_of(job)
    overlaid = await workspace.with_files(await workspace.tree_of(job.run.base_sha), dict(files))
    runs = await _twice(job, way, overlaid, base)
    failing = [_failing(run, claim.tests) for run in runs]
    if not all(is_red(run, claim.tests) for run in runs) or failing[0] != failing[1]:
        return job.prompt("reproduction/not_red", seen=quote_runs(job, runs, claim.tests))
    way, runs = await _alone(job, way, runs, claim.tests, overlaid, base)
    failing = [_failing(run, claim.tests) for run in runs]
    why = await _groundless(job, runs[-1], sorted(failing[-1]), files, overlaid, base)
    if why:
        return f"{why}\n{data(job, summary(runs[-1]))}"
    made = Reproduction(
        command=way.command,
        reporter=way.reporter,
        tests=claim.tests,
        files=files,
        evidence=tuple(run.id for run in runs),
        failure=failure_text(runs[-1], claim.tests),
        plan=job.run.plan_version,
    )
    support = await freeze.support_files(job, tree, made)
    return made.model_copy(update={"support": support}), runs[0]


async def _twice(job: Job, way: Way, tree: str, base: Base) -> tuple[Evidence, ...]:
    trace = Trace(files=tuple(base.sources))
    return tuple([await attempt(job, _trial(way, tree, "base", n, trace)) for n in (1, 2)])


async def _alone(
    job: Job,
    way: Way,
    runs: tuple[Evidence, ...],
    tests: tuple[str, ...],
    tree: str,
    base: Base,
) -> tuple[Way, tuple[Evidence, ...]]:
    """The named tests without those beside them, which may fail for other reasons, before and
    after; the same way where they cannot be run alone."""
    tally = runs[-1].tests or Tally(outcomes={})
    alone = way.model_copy(update={"command": single(way.command, way.reporter, tests)})
    if alone == way or not set(tally.outcomes) - match_ids(tally, tests):
        return way, runs
    again = await _twice(job, alone, tree, base)
    same = {_failing(run, tests) for run in (*runs, *again)}
    if len(same) == 1 and all(is_red(run, tests) for run in again):
        return alone, again
    return way, runs


async def _way(job: Job, claim: Reproduced, kind: str = "reproduction") -> Way | str:
    tests, known = await suite(job), await runners(job)
    if not known:
        return job.prompt("reproduction/no_runner")
    whole = Way(command=tests.command, reporter=tests.reporter)
    files = [path.strip().removeprefix("./") for path in claim.files]
    way = way_of(claim.command, claim.tests, files, known, whole)
    if isinstance(way, Way):
        return way.model_copy(update={"kind": kind})
    return job.deps.prompts.fill(way)


def _failing(ran: Evidence, tests: tuple[str, ...]) -> frozenset[str]:
    return match_ids(ran.tests, tests) & ran.tests.having("failed") if ran.tests else frozenset()


async def _groundless(
    job: Job, ran: Evidence, failing: list[str], files: dict[str, str], tree: str, base: Base
) -> str:
    """Why one of the failing tests is no ground; "" when each is."""
    issue = issue_text(job)
    tally = ran.tests or Tally(outcomes={})
    for test in failing:
        text = await _own(job, test, files, tree)
        failure = tally.failures.get(test) or Failure(text=ran.output[-FAILURE:])
        traced = tally.ran.get(test)
        why = reads_source(text, base) or shallow(failure, issue, base)
        why = why or idle(text, traced, failure, issue, base)
        if why:
            return job.prompt("grounds/of_test", test=test, why=why)
        if traced is None and not touches_product(failure, base):
            await job.tell("ran_unmeasured", test, test=test)
    return ""


async def _own(job: Job, test: str, files: dict[str, str], tree: str) -> str:
    """The test's text with what it uses; support files whole."""
    parts: list[str] = []
    for path in files:
        content = await job.deps.workspace.file(tree, path)
        text = (content or b"").decode("utf-8", "replace")
        if held_in(test, path, text):
            parts.append(own_text(text, path, test))
        elif is_code(path):
            parts.append(text)
    return "\n".join(parts)


def failure_text(ran: Evidence, tests: tuple[str, ...]) -> str:
    """How the named tests failed, for people and agents."""
    told = ran.tests.failures if ran.tests else {}
    texts = [f"{test}\n{told[test].text}" for test in sorted(_failing(ran, tests)) if test in told]
    return ("\n\n".join(texts) or summary(ran))[:FAILURE]


async def _files(job: Job, claim: Reproduced, tree: str) -> dict[str, str] | str:
    """Blob ids of the named files, or what is wrong with them. A reproduction adds files for tests
    or extends tests: a file of the product laid over the base would prove nothing."""
    workspace = job.deps.workspace
    found: dict[str, str] = {}
    base = await workspace.tree_of(job.run.base_sha)
    globs = (await detect_base(job)).test_globs
    for path in claim.files:
        name = path.strip().removeprefix("./")
        blob = await workspace.blob(tree, name)
        if blob is None:
            return job.prompt("reproduction/not_in_tree", file=name)
        side = side_of(name, globs)
        known = await workspace.blob(base, name)
        content = (await workspace.file(tree, name) or b"").decode("utf-8", "replace")
        tests = any(held_in(test, name, content) for test in claim.tests)
        own = known is None and (tests or (side != "both" and not is_code(name)))
        if side != "test" and not own:
            return job.prompt("reproduction/no_test_file", file=name)
        found[name] = blob
    return found


def _trial(way: Way, tree: str, side: str, round_: int, trace: Trace | None = None) -> Trial:
    return Trial(
        kind="earlier" if side == "earlier" else way.kind,
        side=side,
        tree=tree,
        command=way.command,
        reporter=way.reporter,
        round=round_,
        trace=trace,
    )


# ---------------------------------------------------------------- a bug that is there no more


async def already_fixed(job: Job, claim: Claim, tree: str) -> Answered:
    """Green on the base, twice, and red on an earlier commit. It is proven when the commit that
    turned it green changed what the test runs; else a person is asked."""
    assert isinstance(claim, AlreadyFixed)
    way = await _way(job, claim)
    files = await _files(job, claim, tree)
    if isinstance(way, str) or isinstance(files, str):
        return wrong(way if isinstance(way, str) else str(files))
    workspace, base = job.deps.workspace, await base_of(job)
    here = await workspace.with_files(await workspace.tree_of(job.run.base_sha), dict(files))
    runs = await _twice(job, way, here, base)
    if not all(is_green(run, claim.tests) for run in runs):
        return wrong(job.prompt("reproduction/not_green", seen=quote_runs(job, runs, claim.tests)))
    for test in claim.tests:
        if looks := reads_source(await _own(job, test, files, here), base):
            return wrong(job.prompt("grounds/of_test", test=test, why=looks))
    history = await workspace.log(job.run.base_sha, limit=200)
    search = _Search(job, claim, way, files, history)
    broken = await search.find_broken()
    if broken is None:
        return wrong(job.prompt("reproduction/never_broken"))
    fixed = await search.find_turn(broken)
    why = await missing_proof(job, claim.tests, runs[-1], base, fixed)
    red_at = fixed[0] if fixed else history[broken]
    await job.put(slots.FIXED_SINCE, red_at)
    await job.put(slots.FIXED_UNPROVEN, why or "")
    if why is not None:
        missing = job.english(why)
        said = job.prompt("reproduction/fixed_unproven", commit=red_at[:12], why=missing)
        return Answered(text=said)
    tests = ", ".join(claim.tests)
    await job.tell("already_fixed", red_at, commit=red_at[:12], tests=tests)
    return Answered(text=job.prompt("reproduction/fixed_since", commit=red_at[:12]))


class _Search:
    """Looks for the commit that turned a test green: newest first, at most the budget's runs to
    find one where it fails, and as many to come down to two neighbours."""

    def __init__(
        self,
        job: Job,
        claim: AlreadyFixed,
        way: Way,
        files: dict[str, str],
        history: tuple[str, ...],
    ) -> None:
        self._job = job
        self._claim = claim
        self._way = way
        self._files = files
        self._history = history

    async def find_broken(self) -> int | None:
        """Place of a commit where it fails in its call."""
        for place in self._candidates():
            if await self._at(place) == "red":
                return place
        return None

    def _candidates(self) -> list[int]:
        """The commit named, else places in doubling steps, and the oldest."""
        history, most = self._history, self._job.policy.bisect_runs
        if self._claim.commit:
            wanted = self._claim.commit
            return [p for p, c in enumerate(history) if c.startswith(wanted)][:1]
        picked = [2**i - 1 for i in range(1, most) if 2**i - 1 < len(history)]
        if len(history) > 1 and len(history) - 1 not in picked:
            picked.append(len(history) - 1)
        return picked[:most]

    async def find_turn(self, broken: int) -> tuple[str, str] | None:
        """(where it still failed, where it passed first), two neighbours; None when they were not
        found within the budget or a commit between says neither."""
        good, bad = 0, broken
        for _ in range(self._job.policy.bisect_runs):
            if bad - good == 1:
                break
            middle = (good + bad) // 2
            found = await self._at(middle)
            if not found:
                return None
            good, bad = (middle, bad) if found == "green" else (good, middle)
        return (self._history[bad], self._history[good]) if bad - good == 1 else None

    async def _at(self, place: int) -> str:
        workspace = self._job.deps.workspace
        tree = await workspace.tree_of(self._history[place])
        tree = await workspace.with_files(tree, dict(self._files))
        ran = await attempt(self._job, _trial(self._way, tree, "earlier", 1))
        if is_red(ran, self._claim.tests):
            return "" if self._only_missing(ran) else "red"
        return "green" if is_green(ran, self._claim.tests) else ""

    def _only_missing(self, ran: Evidence) -> bool:
        """Whether a commit fails only since what the test calls was not there yet."""
        told, issue = (ran.tests.failures if ran.tests else {}), issue_text(self._job)
        failures = [
            told.get(test) or Failure(text=ran.output[-FAILURE:])
            for test in _failing(ran, self._claim.tests)
        ]
        return any(shallow(failure, issue, Base()) for failure in failures)


async def missing_proof(
    job: Job,
    tests: Sequence[str],
    ran: Evidence,
    base: Base,
    fixed: tuple[str, str] | None,
) -> LocalizedText | None:
    """What is not shown of a fix that `ran` passed with, traced; None when all is. `fixed`: where
    the tests still failed, where they passed."""
    tally = ran.tests or Tally(outcomes={})
    functions = [f for t in match_ids(tally, tests) for f in tally.ran.get(t, ())]
    if not functions:
        return LocalizedText(key="claim.unseen_product")
    if fixed is None:
        return LocalizedText(key="claim.unfound_fix")
    names = {f.rpartition("::")[2].rpartition(".")[2] for f in functions}
    issue = issue_text(job)
    asked = named_in(issue, base)
    if asked and not asked & names:
        named = ", ".join(sorted(asked)[:5])
        return LocalizedText(key="claim.runs_none_named", facts={"names": named})
    workspace = job.deps.workspace
    old, new = [await workspace.tree_of(commit) for commit in fixed]
    changed = {c.path for c in await workspace.changes(old, new)}
    touched = [f for f in functions if f.partition("::")[0] in changed]
    if not touched:
        return LocalizedText(key="claim.fix_elsewhere", facts={"commit": fixed[1][:12]})
    if spoken_of(touched, issue):
        return None
    facts = {"commit": fixed[1][:12], "function": touched[0]}
    return LocalizedText(key="claim.fix_unrelated", facts=facts)
