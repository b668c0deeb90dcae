"""One tree in a copy of its own, on which commands of ours run, each in a fresh sandbox: what they
printed, and what their tests did. No agent has entered it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
import stat
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.core.base import LocalizedText, Value
from harness.core.egress_types import refusal_facts
from harness.core.types import BoxLimits, CommandResult, Environment, Layout, Tally, Trace
from harness.pipeline.job import Job
from harness.pipeline.verification.left_reports import LeftReports
from harness.ports.sandbox import Sandbox
from harness.ports.workspace import Copy, Workspace
from harness.system.files import remove_tree
from harness.testruns import quiet, v8
from harness.testruns.detect.detection import instrument
from harness.testruns.probe_lines import ProbeReport, read_probe
from harness.testruns.registry import runners_of
from harness.testruns.reports import read_reports
from harness.testruns.runner import Runner
from harness.testruns.showing import Showing, doubt_reports, prefix_ids, showing_of
from harness.testruns.suite_command import QUIET, folders_of, lacking_parts

REPORT_BYTES = 32 << 20
MOST_REPORTS = 20
MOST_COVERED = 200
PRINTED = 60_000
WATCH = "execution_watch.py"
"""Beside the probes, which load it."""
STEADY = {"PYTHONHASHSEED": "0"}
"""Tests that are made from a set are named by its order: the same in every run. What hangs on it
shows in a proof's other order."""
EARLY_S = 30.0
"""A runner that cannot load a file of ours says so within this time."""


class Trial(Value):
    """One command to run on one tree."""

    kind: str
    side: str
    tree: str
    command: str
    reporter: str = "none"
    round: int = 1
    trace: Trace | None = None
    files: tuple[str, ...] = ()
    """The only test files that it runs; empty: what the command says."""
    form: int = 4
    """Of what is kept of it: an Evidence of another form is not found again."""


@dataclass(frozen=True)
class Parts:
    """What a bench is made of. `box`: the bounds of each command."""

    workspace: Workspace
    sandbox: Sandbox
    box: BoxLimits


@dataclass(frozen=True)
class Bench:
    """A tree's copy, and the folder where what runs on it leaves its reports."""

    parts: Parts
    tree: str
    copy: Copy
    layout: Layout
    out: Path
    inside: str

    @property
    def root(self) -> str:
        """The tree's place as a command sees it."""
        bare = self.parts.sandbox.name == "bare"
        return str(self.copy.path.resolve()) if bare else self.layout.inside

    async def run(
        self, trial: Trial, command: str, files: Sequence[str] = (), timeout_s: float = 0.0
    ) -> tuple[CommandResult, Showing | None]:
        """The command once, and once more without our probe where that could not be loaded.
        No Showing: it reports no tests."""
        probe = f"harness_probe_{secrets.token_hex(6)}"
        limit = timeout_s or self.parts.box.command_s
        folders = folders_of(command)
        left = await asyncio.to_thread(LeftReports, self.copy.path, trial.reporter, folders)
        ran = await self._once(trial, command, probe, limit)
        seen = self._read_probe()
        if (probe in ran.output and seen is None) or self._may_lack_probe(trial, command, ran):
            ran = await self._once(trial, command, "", limit)
        if ran.timed_out or ran.killed:
            ran = ran.model_copy(update={"output": ran.output + self._printed(trial.reporter)})
        if trial.reporter == "none":
            return ran, None
        known = await self.parts.workspace.files(self.tree)
        written = await asyncio.to_thread(left.written)
        reports = self._reports(trial.reporter, seen, command, written)
        if reports is not None:
            reports = prefix_ids(reports, folders, known)
        showing = showing_of(seen, reports, ran, files)
        if any(runner.exact for runner in runners_of(trial.reporter)):
            showing = doubt_reports(showing, ran)
        return ran, await self._add_coverage(trial, showing)

    async def _once(self, trial: Trial, command: str, probe: str, limit: float) -> CommandResult:
        runners = runners_of(trial.reporter)
        probe = probe if any(one.probe or one.quieted for one in runners) else ""
        _empty(self.out)
        changed, extra = instrument(command, trial.reporter, self.inside, probe)
        env = {**STEADY, **self.layout.env, **extra}
        if "PYTEST_ADDOPTS" in extra and "PYTEST_ADDOPTS" in self.layout.env:
            both = (self.layout.env["PYTEST_ADDOPTS"], extra["PYTEST_ADDOPTS"])
            env["PYTEST_ADDOPTS"] = " ".join(both)
        if probe:
            self._write_probe(runners, probe, trial.trace)
        if probe and any(one.probe for one in runners):
            paths = [f"{self.inside}/probe", self.layout.env.get("PYTHONPATH", "")]
            env["PYTHONPATH"] = ":".join(path for path in paths if path)
        if trial.trace is not None and any(one.script for one in runners):
            env["NODE_V8_COVERAGE"] = f"{self.inside}/v8"
        writable = {**self.layout.writable, str(self.out): self.inside}
        layout = self.layout.model_copy(update={"writable": writable, "env": env})
        box = await self.parts.sandbox.open(layout, self.parts.box)
        try:
            return await box.exec(changed, timeout_s=limit)
        finally:
            await box.close()

    def _write_probe(self, runners: Sequence[Runner], probe: str, trace: Trace | None) -> None:
        """Our plugin and what it is to do. A name nobody knows before: the tree cannot hold it."""
        folder = self.out / "probe"
        folder.mkdir()
        if any(runner.quieted for runner in runners):
            (self.out / QUIET).write_text(quiet.SOURCE, "utf-8")
        for runner in runners:
            if runner.probe:
                text = Path(v8.__file__).with_name(runner.probe).read_text("utf-8")
                name = probe if runner.name == "pytest" else f"{probe}_{runner.name}"
                (folder / f"{name}.py").write_text(text, "utf-8")
        watch = Path(v8.__file__).with_name(WATCH)
        (folder / WATCH).write_text(watch.read_text("utf-8"), "utf-8")
        given: dict[str, object] = {"out": f"{self.inside}/probe.jsonl", "root": self.root}
        if trace is not None:
            given |= {"files": trace.files, "lines": trace.lines, "by_test": trace.by_test}
        (folder / "settings.json").write_text(json.dumps(given), "utf-8")

    def _may_lack_probe(self, trial: Trial, command: str, ran: CommandResult) -> bool:
        """Whether a runner of scripts ended without a report so early that the file of ours may
        be why."""
        if ran.timed_out or ran.exit_code == 0 or ran.duration_s > EARLY_S:
            return False
        changed, _ = instrument(command, trial.reporter, self.inside, "probe")
        wanted = re.findall(r"\b(?:jest-\d+\.json|mocha-\d+\.xml)", changed)
        return QUIET in changed and not all((self.out / name).is_file() for name in wanted)

    def _read_probe(self) -> ProbeReport | None:
        data = _read(self.out / "probe.jsonl")
        return None if data is None else read_probe(data, self.root)

    def _printed(self, reporter: str) -> str:
        """What a run that was ended had printed into its reports by then."""
        names = [one.name for one in runners_of(reporter) if one.captured]
        found = sorted(path for name in names for path in self.out.glob(f"{name}-[0-9]*"))
        pages = [_read(path) or b"" for path in found[:MOST_REPORTS]]
        return "".join(page[-PRINTED:].decode("utf-8", "replace") for page in pages)

    def _reports(
        self, reporter: str, seen: ProbeReport | None, command: str, left: Mapping[str, bytes]
    ) -> Tally | None:
        """The report files that count: those of pytest only where our probe wrote nothing."""
        probed = seen is not None and seen.begun > 0
        apart = any(not runner.probe for runner in runners_of(reporter))
        files: dict[str, bytes] = {}
        for entry in sorted(self.out.iterdir())[:MOST_REPORTS]:
            data = None if entry.name == "probe.jsonl" else _read(entry)
            if data is not None and not (probed and entry.name.startswith("junit-")):
                files[entry.name] = data
        files |= left
        # runners of scripts name files by where the tree lies
        files = {n: d.replace(f"{self.root}/".encode(), b"/work/") for n, d in files.items()}
        if not (files or apart or seen is None):
            return None
        tally = read_reports(files)
        if files and (lacking := lacking_parts(command, reporter, files)):
            why = LocalizedText(key="unseen.part_without_report", facts={"command": lacking})
            tally = tally.model_copy(update={"unseen": {"": why, **tally.unseen}})
        return tally

    async def _add_coverage(self, trial: Trial, showing: Showing) -> Showing:
        """With what V8 counted, which is of the whole run: for runs of chosen files alone."""
        trace = trial.trace
        scripts = any(runner.script for runner in runners_of(trial.reporter))
        if trace is None or not scripts:
            return showing
        workspace = self.parts.workspace
        texts: dict[str, str] = {}
        for path in trace.files[:MOST_COVERED]:
            data = await workspace.file(self.tree, path)
            texts[path] = (data or b"").decode("utf-8", "replace")
        folder = self.out / "v8"
        there = [] if folder.is_symlink() else sorted(folder.glob("*.json"))[:MOST_COVERED]
        pages = [_read(page) for page in there]
        whole = [page for page in pages if page]
        if trace.by_test:
            source = v8.Source(trial.files, texts)
            lines, shared = v8.lines_by_file(whole, self.root, trace, source)
            # what one page too many says is not known
            update = {"lines": lines, "shared": shared} if len(there) < MOST_COVERED else {}
            return showing.model_copy(update={"tally": showing.tally.model_copy(update=update)})
        found = v8.read_coverage(whole, self.root, trace, texts)
        return showing.model_copy(update={"tally": v8.given_to(showing.tally, found)})


@asynccontextmanager
async def bench(job: Job, tree: str, name: str) -> AsyncIterator[Bench]:
    """A copy of the tree while inside; nothing of it stays."""
    deps, base = job.deps, job.run.base_sha
    environment = await deps.workspace.environment(base)
    for kind, key, facts in refusal_facts(environment.refused, f"setup-{environment.id}"):
        await job.tell(kind, key, **facts)
    parts = Parts(deps.workspace, deps.sandbox, job.policy.box)
    async with bench_in(parts, environment, f"{job.run.id}-{name}", tree, base) as place:
        yield place


@asynccontextmanager
async def bench_in(
    parts: Parts, environment: Environment, name: str, tree: str, base: str
) -> AsyncIterator[Bench]:
    """The same in an environment that was made, for no run."""
    copy = await parts.workspace.copy(name, tree, base)
    out = copy.path.parent / "out"
    try:
        layout = await parts.workspace.layout(copy, environment)
        # no path of this machine inside, so none in an output that is published
        inside = str(out) if parts.sandbox.name == "bare" else "/out"
        yield Bench(parts, tree, copy, layout, out, inside)
    finally:
        await copy.remove()
        # whatever the tests put there
        with contextlib.suppress(OSError):
            await asyncio.to_thread(remove_tree, out)


def _empty(folder: Path) -> None:
    remove_tree(folder)
    folder.mkdir(parents=True)


def _read(path: Path) -> bytes | None:
    """A plain file, without following links: the tests could have put anything there."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        return file.read(REPORT_BYTES)
