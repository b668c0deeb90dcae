"""Whether the frozen reproduction runs what the change wrote: by a frame in its failure, by a
tracer, by a raise put at the head of what was changed. The first that works decides.

Where no changed line is one that a call can run (a deletion, a table, another language's file), red
without the change and green with it says it all. Where none can be had it was not measured: that
is noted and holds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.core.base import Value
from harness.core.types import Evidence, Finding, LocalizedText, Reproduction, Trace
from harness.pipeline.job import Job
from harness.pipeline.verification.evidence import Trial, attempt, match_ids, passes
from harness.testruns.changed_lines import changed_ranges, each, ranges
from harness.testruns.command import runner_of
from harness.testruns.poison import executable, insert_raises

SCRIPT = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
MOST_CHARS = 2_000_000


class Written(Value):
    """What a change wrote in product files that hold code. `lines`: of Python files those that a
    call can run; `scripts`: JavaScript and TypeScript files with a line written."""

    lines: dict[str, tuple[tuple[int, int], ...]] = {}
    scripts: tuple[str, ...] = ()

    @property
    def trace(self) -> Trace:
        return Trace(files=(*self.lines, *self.scripts), lines=self.lines)


def written_lines(texts: Mapping[str, tuple[str | None, str | None]]) -> Written:
    """From path -> (old text, new text) of changed product files. Pure."""
    lines: dict[str, tuple[tuple[int, int], ...]] = {}
    scripts = []
    for path, (old, new) in texts.items():
        if new is None or len(new) > MOST_CHARS:
            continue
        wrote = changed_ranges(old, new)
        if path.endswith(".py"):
            runs = executable(new, each(wrote))
            if runs:
                lines[path] = ranges(runs)
        elif path.endswith(SCRIPT) and wrote:
            scripts.append(path)
    return Written(lines=lines, scripts=tuple(scripts))


def has_run_change(
    proof: Reproduction, red: Evidence | None, ran: Evidence, wrote: Written
) -> bool | None:
    """What the two runs say by themselves: the red one on the base, and the green one that was
    traced. True: a changed function ran; False: it was measured, and none did; None: not measured.
    Pure."""
    files = (*wrote.lines, *wrote.scripts)
    if red is not None and red.tests is not None:
        for test in match_ids(red.tests, proof.tests):
            failure = red.tests.failures.get(test)
            frames = failure.frames if failure is not None else ()
            if any(_place(frame) in files for frame in frames):
                return True
    if ran.tests is None:
        return None
    wanted = match_ids(ran.tests, proof.tests)
    hits = [ran.tests.hit[test] for test in wanted if test in ran.tests.hit]
    if wrote.lines and hits:
        return any(hits)
    calls = [ran.tests.ran[test] for test in wanted if test in ran.tests.ran]
    if wrote.scripts and calls:
        return any(name.partition("::")[0] in files for names in calls for name in names)
    return None


def _place(frame: str) -> str:
    """The path of "path:line function"."""
    return frame.rsplit(" ", 1)[0].rsplit(":", 1)[0]


async def not_run(
    job: Job, tree: str, proof: Reproduction, ran: Evidence, wrote: Written
) -> Finding | None:
    """None: the reproduction runs what was changed, or that question does not arise. `tree`: where
    it was green; `ran`: that run, traced."""
    if not wrote.lines and not wrote.scripts:
        return None
    known = {e.id: e for e in await job.deps.store.evidence(job.run.id)}
    red = next((known[e] for e in reversed(proof.evidence) if e in known), None)
    said = has_run_change(proof, red, ran, wrote)
    if not said and wrote.lines:
        # a test may do its work in a process of its own, where no tracer looks
        asked = await _by_poison(job, tree, proof, wrote)
        said = asked if asked is not None else said
    if said:
        return None
    if said is None:
        await job.tell("not_measured", tree, test=", ".join(proof.tests)[:300])
        return None
    files = ", ".join((*wrote.lines, *wrote.scripts)[:5])
    say = LocalizedText(
        key="unseen.not_run", facts={"tests": ", ".join(proof.tests)[:300], "files": files}
    )
    return Finding(source="unseen", say=say)


async def _by_poison(job: Job, tree: str, proof: Reproduction, wrote: Written) -> bool | None:
    """Whether a raise in what was changed alters the result; None: it cannot be asked so."""
    workspace = job.deps.workspace
    blobs: dict[str, str | None] = {}
    for path, lines in wrote.lines.items():
        data = await workspace.file(tree, path)
        made = insert_raises((data or b"").decode("utf-8", "replace"), each(lines))
        if made is not None:
            blobs[path] = await workspace.put_blob(made.encode())
    if not blobs:
        return None
    trial = Trial(
        kind="reproduction",
        side="poisoned",
        tree=await workspace.with_files(tree, blobs),
        command=proof.command,
        reporter=proof.reporter or runner_of(proof.command) or "none",
    )
    return not passes(await attempt(job, trial), proof.tests)
