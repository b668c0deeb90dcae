"""What one test command showed: named results, and which files have none and why; several such
united into one. Pure."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence

from harness.core.base import LocalizedText, Value
from harness.core.box_types import CommandResult
from harness.core.tally_types import Failure, Tally
from harness.testruns.formats.results import BROKEN, RANK
from harness.testruns.probe_lines import ProbeReport, printable
from harness.testruns.registry import runners_of
from harness.testruns.runner import Runner
from harness.testruns.suite_command import folders_of, parts_of
from harness.testruns.test_ids import is_python

MOST_FAILURES = 300
NOT_STARTED = re.compile(
    r"No module named '?(?:pytest|unittest|django)'?\b|npx canceled due to missing packages"
    r"|could not determine executable to run"
)
ERROR = re.compile(r"^(?:E\s+)?(\w*Error: [^\n]{1,400})", re.M)
PYTHON = frozenset(("pytest", "unittest"))
GOING = re.compile(r"^cd \S+ && ")
OUTSIDE = frozenset(["node_modules", "site-packages", ".venv", "venv", ".git", "vendor", "dist"])


ITSELF = re.compile(r"^(?!.*(::| > )).*\.[cm]?[jt]sx?$")
"""A file that its runner reports as a test of itself."""


class Showing(Value):
    """The results of one command."""

    tally: Tally
    missing: dict[str, LocalizedText] = {}
    """Test file without all its results ("": files that nobody knows) -> why."""
    at: str = ""
    """File at which the run was ended."""

    @property
    def whole(self) -> bool:
        return not self.missing


def showing_of(
    seen: ProbeReport | None, reports: Tally | None, ran: CommandResult, files: Sequence[str]
) -> Showing:
    """`seen`: what our probe wrote, `reports`: what the report files say; None where there is
    none. `files`: what the command was told to run; empty: everything."""
    if seen is not None and (seen.begun or reports is None):
        first = _showing_of_probe(seen, ran)
        return first if reports is None else unite(first, _showing_of_reports(reports, ran, files))
    return _showing_of_reports(reports or Tally(outcomes={}, collected=False), ran, files)


def _showing_of_probe(seen: ProbeReport, ran: CommandResult) -> Showing:
    missing = {
        f: LocalizedText(key="unseen.uncollected", facts={"why": w})
        for f, w in _causes(seen).items()
    }
    over = seen.finished < seen.begun
    for file in seen.short:
        missing.setdefault(file, _cut_short(ran))
    if over:
        why = _why_ended(ran)
        if seen.at:
            missing[seen.at] = why
        if not seen.collected:
            missing[""] = why
    elif not seen.begun:
        missing[""] = _before_it_began(ran)
    elif not seen.tally.outcomes:
        missing[""] = LocalizedText(key="unseen.nothing_ran")
    return Showing(tally=seen.tally, missing=missing, at=seen.at if over else "")


def _before_it_began(ran: CommandResult) -> LocalizedText:
    """Why the runner ended before its session: it says so itself, a conftest did not load."""
    why = _nothing(ran)
    errors = ERROR.findall(ran.output[-20_000:])
    if why.key == "unseen.no_report" and errors:
        return LocalizedText(
            key="unseen.uncollected", facts={"why": printable(errors[-1].strip(), 300)}
        )
    return why


def _causes(seen: ProbeReport) -> dict[str, str]:
    return {file: why or "an error without words" for file, why in seen.uncollected.items()}


def _showing_of_reports(reports: Tally, ran: CommandResult, files: Sequence[str]) -> Showing:
    missing = dict(reports.unseen)
    for key, outcome in reports.outcomes.items():
        if outcome == "passed" and ITSELF.search(key):
            # a script that ended well and named no test: what it ran, if anything, is not told
            missing[key] = LocalizedText(key="unseen.nothing_ran")
        if outcome == "error" and "::" not in key and re.search(r"\.\w+$", key):
            why = _last(reports.failures.get(key))
            missing.setdefault(key, LocalizedText(key="unseen.uncollected", facts={"why": why}))
    if ran.timed_out or ran.killed:
        missing[""] = _why_ended(ran)
    elif not reports.collected:
        missing.setdefault("", _nothing(ran))
    elif not reports.outcomes:
        missing.setdefault("", LocalizedText(key="unseen.nothing_ran"))
    at = files[0] if len(files) == 1 and "" in missing else ""
    silent = {key for key in missing if reports.outcomes.get(key) == "passed"}
    if silent:
        named = {key: value for key, value in reports.outcomes.items() if key not in silent}
        reports = reports.model_copy(update={"outcomes": named})
    return Showing(tally=reports, missing=missing, at=at)


def doubt_reports(showing: Showing, ran: CommandResult) -> Showing:
    """Without faith in a report that names no failure although the command ended with one: tests
    may have written it."""
    if ran.exit_code == 0 or "" in showing.missing or showing.tally.having(*BROKEN):
        return showing
    why = LocalizedText(key="unseen.exit_unexplained", facts={"exit_code": ran.exit_code})
    return showing.model_copy(update={"missing": {**showing.missing, "": why}})


def _last(failure: Failure | None) -> str:
    lines = [line.strip() for line in (failure.text if failure else "").splitlines()]
    told = [line for line in lines if line and not line.startswith("at ")]
    errors = [line for line in told if "rror" in line]
    return printable((errors or told or ["an error without words"])[0], 300)


def _why_ended(ran: CommandResult) -> LocalizedText:
    """Why a run was over before its end."""
    if ran.timed_out or ran.killed == "time":
        return LocalizedText(key="unseen.timed_out")
    return LocalizedText(key="unseen.killed", facts={"exit_code": ran.exit_code})


def _cut_short(ran: CommandResult) -> LocalizedText:
    if ran.timed_out or ran.killed == "time":
        return LocalizedText(key="unseen.timed_out")
    return LocalizedText(key="unseen.cut_short", facts={"exit_code": ran.exit_code})


def _nothing(ran: CommandResult) -> LocalizedText:
    """Why there is no report at all."""
    if ran.timed_out or ran.killed == "time":
        return LocalizedText(key="unseen.timed_out")
    if ran.exit_code in (126, 127) or (ran.exit_code and NOT_STARTED.search(ran.output)):
        return LocalizedText(key="unseen.not_started", facts={"exit_code": ran.exit_code})
    if ran.exit_code >= 128 or ran.exit_code < 0:
        return LocalizedText(key="unseen.killed", facts={"exit_code": ran.exit_code})
    return LocalizedText(key="unseen.no_report", facts={"exit_code": ran.exit_code})


def unite(first: Showing, second: Showing) -> Showing:
    """Both; of two results of one test the worse one stands, a file with all its results in one
    of them is seen."""
    missing = {**first.missing, **second.missing}
    done = {key.partition("::")[0] for key in second.tally.outcomes} - set(second.missing)
    return Showing(
        tally=merge_tallies(first.tally, second.tally),
        missing={file: why for file, why in missing.items() if file not in done},
        at=second.at,
    )


def merge_tallies(first: Tally, second: Tally) -> Tally:
    """The results of two runs of one tree as one."""
    outcomes = dict(first.outcomes)
    for key, outcome in second.outcomes.items():
        known = outcomes.get(key)
        if known is None or RANK[outcome] > RANK[known]:
            outcomes[key] = outcome
    failures = {**second.failures, **first.failures}
    return Tally(
        outcomes=outcomes,
        collected=first.collected or second.collected,
        failures={k: failures[k] for k in list(failures)[:MOST_FAILURES]},
        unseen={**first.unseen, **second.unseen},
        ran={**first.ran, **second.ran},
        hit={**first.hit, **second.hit},
    )


def without(tally: Tally, files: Sequence[str]) -> Tally:
    """The tally without what it says of these files: they are to be run again."""
    gone = set(files)
    return tally.model_copy(
        update={
            "outcomes": {k: v for k, v in tally.outcomes.items() if k not in gone},
            "failures": {k: v for k, v in tally.failures.items() if k not in gone},
        }
    )


def suite_files(files: Sequence[str], reporter: str, command: str) -> tuple[str, ...]:
    """Files of the tree that a runner of this kind takes for tests, inside what the command
    names; of a joined one that each part does."""
    parts, folders = parts_of(command), folders_of(command)
    kinds = reporter.split("+") if len(parts) > 1 else [reporter]
    found: dict[str, None] = {}
    for number, (folder, text) in enumerate(zip(folders, parts, strict=True)):
        start = f"{folder}/" if folder else ""
        below = [path.removeprefix(start) for path in files if path.startswith(start)]
        inside = _inside(below, kinds[min(number, len(kinds) - 1)], GOING.sub("", text))
        found.update(dict.fromkeys(start + path for path in inside))
    return tuple(found)


def _inside(files: Sequence[str], reporter: str, command: str) -> list[str]:
    """The same of a command's own folder."""
    kinds = [runner for runner in runners_of(reporter) if runner.patterns]
    found = [path for path in files if any(_is_test(path, kind) for kind in kinds)]
    words = [w.strip("'\"").removeprefix("./").rstrip("/") for w in command.split()]
    scopes = [w for w in words if w and any(f == w or f.startswith(f"{w}/") for f in found)]
    inside = [f for f in found if any(f == s or f.startswith(f"{s}/") for s in scopes)]
    return inside if scopes else found


def _is_test(path: str, runner: Runner) -> bool:
    *folders, name = path.split("/")
    if not OUTSIDE.isdisjoint(folders) or (runner.name in PYTHON) != is_python(path):
        return False
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in runner.patterns):
        return True
    script = re.search(r"\.[cm]?[jt]sx?$", name) is not None
    return script and not set(runner.folders).isdisjoint(folders)


def prefix_ids(tally: Tally, folders: Sequence[str], files: Sequence[str]) -> Tally:
    """Ids whose file is there only below a folder that a part of the command ran in, named from
    the top."""
    there = set(files)

    def place(key: str) -> str:
        file = key.partition("::")[0]
        if file in there:
            return key
        found = [folder for folder in folders if f"{folder}/{file}" in there]
        return f"{found[0]}/{key}" if len(found) == 1 else key

    if not any(folders):
        return tally
    return tally.model_copy(
        update={
            "outcomes": {place(k): v for k, v in tally.outcomes.items()},
            "failures": {place(k): v for k, v in tally.failures.items()},
        }
    )
