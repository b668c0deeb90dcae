"""Commands that harness itself runs on a tree, in a sandbox no agent has entered.

What comes of one is Evidence: command, exit code, output, per-test outcomes, tree id. The same
(kind, side, tree, command, round) is run once and found again after a crash.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from harness.core.base import Value
from harness.core.detect import Detected, detect, instrumented, single
from harness.core.egress_types import told
from harness.core.tally import Compared, compare, read_reports
from harness.core.types import Evidence, Layout, Ran, Tally
from harness.pipeline.job import Job
from harness.pipeline.parts import Parts

REPORT_BYTES = 32 << 20
SHOWN = 6000


class Suite(Value):
    """How a project's tests are run. Empty command: it has none."""

    command: str
    reporter: str


class Trial(Value):
    """One command to run on one tree."""

    kind: str
    side: str
    tree: str
    command: str
    reporter: str = "none"
    round: int = 1


async def suite(job: Job) -> Suite:
    """The configured test command, else the one the base tree shows."""
    return await suite_at(job.parts, job.run.base_sha)


async def suite_at(parts: Parts, commit: str) -> Suite:
    """The same for any commit."""
    rules = parts.rules
    if rules.test_command:
        return Suite(command=rules.test_command, reporter=rules.reporter or "none")
    found = await detected_at(parts, commit)
    return Suite(command=found.test_command, reporter=found.reporter)


async def detected(job: Job) -> Detected:
    """What the base tree says of itself."""
    return await detected_at(job.parts, job.run.base_sha)


async def detected_at(parts: Parts, commit: str) -> Detected:
    """What a commit's tree says of itself."""
    workspace = parts.workspace
    tree = await workspace.tree_of(commit)
    files = await workspace.files(tree)
    texts: dict[str, str | None] = {}
    for path in files:
        if path.count("/") <= 2 and Path(path).name in TELLING:
            data = await workspace.file(tree, path)
            texts[path] = data.decode("utf-8", "replace") if data is not None else None
    return detect(files, texts.get)


TELLING = frozenset(
    [
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "tox.ini",
        "pytest.ini",
        "noxfile.py",
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-test.txt",
        "dev-requirements.txt",
        "test-requirements.txt",
        "conftest.py",
        "package.json",
        "package-lock.json",
        "Makefile",
    ]
)


async def attempt(job: Job, trial: Trial) -> Evidence:
    """Run it, or give back what running it gave before."""
    name = _name(job, trial)
    for known in await job.parts.store.evidence(job.run.id):
        if known.id == name:
            return known
    evidence = await _run(job, trial, name)
    await job.parts.store.put_evidence(job.run.id, evidence)
    return evidence


def _name(job: Job, trial: Trial) -> str:
    text = "\0".join((job.run.id, job.run.base_sha, trial.model_dump_json()))
    return f"{trial.kind}-{trial.side}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


async def _run(job: Job, trial: Trial, name: str) -> Evidence:
    parts = job.parts
    started = parts.clock.now()
    environment = await parts.workspace.environment(job.run.base_sha)
    for kind, key, facts in told(environment.refused, f"setup-{environment.id}"):
        await job.tell(kind, key, **facts)
    copy = await parts.workspace.copy(f"{job.run.id}-{name}", trial.tree, job.run.base_sha)
    out = copy.path.parent / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    try:
        layout = await parts.workspace.layout(copy, environment)
        # no path of this machine inside, so none in an output that is published
        inside = str(out) if parts.sandbox.name == "bare" else "/out"
        ran = await _in_box(job, _with_report(layout, out, inside, trial), trial, inside)
        tally = _tally(out, trial.reporter)
    finally:
        await copy.remove()
        shutil.rmtree(out, ignore_errors=True)
    log = parts.folder(job.run) / "evidence" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(f"$ {trial.command}\n{ran.output}\n[exit {ran.exit_code}]\n")
    return Evidence.model_validate(
        {
            "id": name,
            "kind": trial.kind,
            "side": trial.side,
            "tree": trial.tree,
            "command": trial.command,
            "exit_code": ran.exit_code,
            "timed_out": ran.timed_out,
            "output": _shown(ran.output),
            "tests": tally,
            "started_at": started,
            "duration_s": ran.duration_s,
            "sandbox": parts.sandbox.name,
        }
    )


def _with_report(layout: Layout, out: Path, inside: str, trial: Trial) -> Layout:
    _, extra = instrumented(trial.command, trial.reporter, inside)
    if "PYTEST_ADDOPTS" in extra and "PYTEST_ADDOPTS" in layout.env:
        extra["PYTEST_ADDOPTS"] = f"{layout.env['PYTEST_ADDOPTS']} {extra['PYTEST_ADDOPTS']}"
    return layout.model_copy(
        update={
            "writable": {**layout.writable, str(out): inside},
            "env": {**layout.env, **extra},
        }
    )


async def _in_box(job: Job, layout: Layout, trial: Trial, inside: str) -> Ran:
    command, _ = instrumented(trial.command, trial.reporter, inside)
    box = await job.parts.sandbox.open(layout, job.rules.box)
    try:
        return await box.exec(command, timeout_s=job.rules.box.command_s)
    finally:
        await box.close()


def _tally(out: Path, reporter: str) -> Tally | None:
    """The report files, read without following links: the tests could have written anything."""
    if reporter == "none":
        return None
    files: dict[str, bytes] = {}
    for entry in sorted(out.iterdir())[:20]:
        if not stat.S_ISREG(entry.lstat().st_mode):
            continue
        handle = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            files[entry.name] = file.read(REPORT_BYTES)
    return read_reports(files)


def _shown(output: str) -> str:
    if len(output) <= SHOWN:
        return output
    left = len(output) - SHOWN
    return f"{output[: SHOWN // 3]}\n[{left} characters left out]\n{output[-2 * SHOWN // 3 :]}"


def green(evidence: Evidence, tests: Sequence[str] = ()) -> bool:
    """Exit 0, and where tests are named: each reported as passed and none as failed."""
    if evidence.exit_code != 0 or evidence.timed_out:
        return False
    if not tests or evidence.tests is None:
        return True
    wanted, passed = named(evidence.tests, tests), evidence.tests.having("passed", "xfailed")
    return bool(wanted) and wanted <= passed and not evidence.tests.having("failed", "error")


def red(evidence: Evidence, tests: Sequence[str]) -> bool:
    """At least one named test failed in its call phase, none in collection or set-up. Without a
    report of single tests: the command failed, and not because it could not be found or ran
    out of time."""
    if evidence.timed_out:
        return False
    if evidence.tests is None:
        return evidence.exit_code not in (0, 126, 127) and evidence.exit_code < 128
    failed = evidence.tests.having("failed")
    return (
        evidence.exit_code != 0
        and evidence.tests.collected
        and bool(named(evidence.tests, tests) & failed)
        and not evidence.tests.having("error")
    )


def named(tally: Tally, tests: Sequence[str]) -> frozenset[str]:
    """Ids of the tally that the agent's names mean: equal, a parametrised case, or the ending."""
    found = set()
    for test in tests:
        wanted = test.strip().removeprefix("./")
        for key in tally.outcomes:
            bare = key.split("[", 1)[0]
            if key == wanted or bare == wanted or key.endswith(wanted) or bare.endswith(wanted):
                found.add(key)
    return frozenset(found)


async def base_tests(job: Job, tests: Suite) -> Evidence:
    """The base's result, cached by (tree, environment, command) across runs."""
    parts = job.parts
    tree = await parts.workspace.tree_of(job.run.base_sha)
    environment = await parts.workspace.environment(job.run.base_sha)
    key = hashlib.sha256(
        "\0".join((tree, environment.id, tests.command, tests.reporter)).encode()
    ).hexdigest()
    cached = await parts.store.cached_tests(key)
    if cached is not None:
        await parts.store.put_evidence(job.run.id, cached)
        return cached
    trial = Trial(
        kind="tests", side="base", tree=tree, command=tests.command, reporter=tests.reporter
    )
    evidence = await attempt(job, trial)
    await parts.store.cache_tests(key, evidence)
    return evidence


def never_began(evidence: Evidence) -> bool:
    """The command itself could not be started: it says nothing about any tree."""
    return evidence.exit_code in (126, 127) and not (evidence.tests and evidence.tests.outcomes)


class Newly(Value):
    """Tests that fail on the change and not on the base, after each was run again alone."""

    failing: tuple[str, ...]
    flaky: tuple[str, ...]


async def rerun_alone(job: Job, tests: Suite, tree: str, suspects: Sequence[str]) -> Newly:
    """Each newly failing test alone, twice on both sides. Failing for good: fails twice on the
    change, passes twice on the base (or is not there)."""
    base_tree = await job.parts.workspace.tree_of(job.run.base_sha)
    failing: list[str] = []
    flaky: list[str] = []
    for test in suspects[:20]:
        command = single(tests.command, tests.reporter, (test,))
        fails = {"change": 0, "base": 0}
        for side, its_tree in (("change", tree), ("base", base_tree)):
            for round_ in (1, 2):
                trial = Trial(
                    kind="tests",
                    side=side,
                    tree=its_tree,
                    command=command,
                    reporter=tests.reporter,
                    round=round_,
                )
                fails[side] += _fails(await attempt(job, trial), test)
        (failing if fails["change"] == 2 and fails["base"] == 0 else flaky).append(test)
    failing += suspects[20:]
    return Newly(failing=tuple(failing), flaky=tuple(flaky))


def _fails(evidence: Evidence, test: str) -> int:
    if evidence.tests is None:
        return int(evidence.exit_code != 0)
    return int(bool(named(evidence.tests, (test,)) & evidence.tests.having("failed", "error")))


def compared(base: Evidence, change: Evidence) -> Compared | None:
    """Base against change, when both reported single tests."""
    if base.tests is None or change.tests is None:
        return None
    return compare(base.tests, change.tests)


async def probe_tests(parts: Parts) -> tuple[str, Ran | None]:
    """The project's test command once on the default branch, for `doctor`: (command, what it
    did); None when the project has none."""
    await parts.workspace.sync()
    base = await parts.workspace.resolve(parts.rules.default_branch)
    tests = await suite_at(parts, base)
    if not tests.command:
        return "", None
    environment = await parts.workspace.environment(base)
    copy = await parts.workspace.copy("doctor", await parts.workspace.tree_of(base), base)
    try:
        layout = await parts.workspace.layout(copy, environment)
        box = await parts.sandbox.open(layout, parts.rules.box)
        try:
            ran = await box.exec(tests.command, timeout_s=parts.rules.box.command_s)
        finally:
            await box.close()
    finally:
        await copy.remove()
    return tests.command, ran
