"""Test reports read into one Tally, and two of them compared. Pure.

The files were written by code that may be hostile: nothing here raises, resolves an entity or
follows a document type. What cannot be read is `collected=False`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from xml.parsers import expat

from harness.core.base import LocalizedText, Value
from harness.core.run_types import Failure, Tally
from harness.testruns.failures import parse_failure
from harness.testruns.test_ids import function_of

MOST_BYTES = 48 << 20
MOST_DEPTH = 64
MOST_FAILURES = 300
MOST_TEXT = 4000
LONGEST_ID = 1000
# of two reports on one test the worse one counts
RANK = {"passed": 0, "skipped": 1, "xfailed": 2, "failed": 3, "error": 4}
BROKEN = ("failed", "error")
SILENT = ("skipped", "xfailed")
# what node reports when the code around a test broke, not the test
NODE_SETUP = ("hookFailed", "uncaughtException", "unhandledRejection", "cancelledByParent")
SCRIPT = re.compile(r"\.[cm]?[jt]sx?$")
HOOK = re.compile(r'^(.*: )?"(before|after)( all| each)" hook\b')


class Compared(Value):
    """Test ids by what became of them between base and change. `silenced`: ran on the base,
    skipped or expected to fail on the change."""

    newly_failing: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    silenced: frozenset[str] = frozenset()
    unseen: dict[str, LocalizedText] = {}
    """Test file ("" is the whole suite) without all its results on one side or both -> why."""


def compare(base: Tally, change: Tally) -> Compared:
    """What the change did to the base's tests. A new test that fails is newly failing too. A test
    without a result because its file has none is not lost: the file is unseen. A case whose name
    is gone is lost when its function is, or has fewer cases: a row put before it gives it another
    number. Two sides on which nothing ran are not equal: the whole is unseen."""
    had, has = _Cases(base), _Cases(change)
    before, after = frozenset(base.outcomes), frozenset(change.outcomes)
    failed, fails = base.having(*BROKEN), change.having(*BROKEN)
    unseen = {**base.unseen, **change.unseen}
    if not (before and after):
        unseen.setdefault("", LocalizedText(key="unseen.nothing_ran"))
    return Compared(
        newly_failing=fails - failed,
        fixed=failed & change.having("passed"),
        lost=frozenset(
            t for t in before - after if has.fewer(had, t) and not _is_unseen(t, change)
        ),
        new=after - before,
        silenced=frozenset(
            t
            for t in base.having("passed", *BROKEN) & change.having(*SILENT)
            if not has.is_renumbered(had, t)
        ),
        unseen=unseen,
    )


class _Cases:
    """How many cases each test function has, and how many of them are skipped or expected to
    fail."""

    def __init__(self, tally: Tally) -> None:
        self._all = Counter(function_of(key) for key in tally.outcomes)
        self._silent = Counter(function_of(key) for key in tally.having(*SILENT))

    def fewer(self, base: _Cases, test: str) -> bool:
        """Whether the function of this test is gone, or has fewer cases, or fewer that speak."""
        name = function_of(test)
        speak, spoke = (c._all[name] - c._silent[name] for c in (self, base))
        return not self._all[name] or self._all[name] < base._all[name] or speak < spoke

    def is_renumbered(self, base: _Cases, test: str) -> bool:
        """Whether a numbered case is silent only since it has the number of one that was silent
        before: there are more cases, and no more silent ones."""
        name = function_of(test)
        more = self._all[name] > base._all[name] and self._silent[name] <= base._silent[name]
        return more and re.search(r"\d", test[len(name) :]) is not None


def _is_unseen(test: str, tally: Tally) -> bool:
    return "" in tally.unseen or test.partition("::")[0] in tally.unseen


def lost_for_good(base: Tally, again: Tally, change: Tally) -> frozenset[str]:
    """Tests of the base that the change has not, where two runs of the same base may name a test
    differently (a date, a random number, an address in the name): what changes its name by itself
    is counted with its like, and lost when there are fewer of them."""
    lost = compare(base, change).lost
    restless = lost - frozenset(again.outcomes)
    had, has = (
        Counter(_without_numbers(key) for key in tally.outcomes) for tally in (base, change)
    )
    return (lost - restless) | {
        key for key in restless if has[_without_numbers(key)] < had[_without_numbers(key)]
    }


def _without_numbers(key: str) -> str:
    """An id without its parameters and numbers."""
    return re.sub(r"\d+", "#", key.partition("[")[0])


def read_reports(files: Mapping[str, bytes]) -> Tally:
    """All report files of one command, each read by its name (.json, .xml) or its first byte.
    No file, or one that cannot be read: collected=False."""
    outcomes: dict[str, str] = {}
    failures: dict[str, Failure] = {}
    collected = bool(files)
    for name in sorted(files):
        data = files[name]
        if len(data) > MOST_BYTES:
            collected = False
            continue
        text = data.decode("utf-8", "replace")
        is_json = name.endswith(".json") or (
            not name.endswith(".xml") and text.lstrip()[:1] in ("{", "[")
        )
        tally = read_jest(text) if is_json else read_junit(text)
        collected = collected and tally.collected
        for key, outcome in tally.outcomes.items():
            _keep(outcomes, key, outcome)
        failures.update(tally.failures)
    return Tally(outcomes=outcomes, collected=collected, failures=_most(failures))


def _most(failures: Mapping[str, Failure]) -> dict[str, Failure]:
    return {key: failures[key] for key in list(failures)[:MOST_FAILURES]}


def _keep(outcomes: dict[str, str], key: str, outcome: str) -> None:
    """The worse of two outcomes of one test stands."""
    key = _printable_id(key)
    known = outcomes.get(key)
    if known is None or RANK[outcome] > RANK[known]:
        outcomes[key] = outcome


def _printable_id(key: str) -> str:
    return "".join(c if c.isprintable() else " " for c in key[:LONGEST_ID]).strip()


def read_junit(xml: str) -> Tally:
    """JUnit XML of pytest (xunit1 and 2), `node --test`, vitest and mocha. Ids:
    `path::Class::name[param]` for pytest, `file::suite > name` or `suite > name` for the others."""
    if len(xml) > MOST_BYTES:
        return Tally(outcomes={}, collected=False)
    reader = _Junit()
    try:
        reader.feed(xml)
    except (expat.ExpatError, _Unfit, UnicodeEncodeError, ValueError):
        return Tally(outcomes=reader.outcomes, collected=False, failures=reader.failures)
    return Tally(outcomes=reader.outcomes, collected=reader.rooted, failures=reader.failures)


class _Unfit(Exception):
    """The file is no honest report: a document type, a wrong root, absurd nesting."""


class _Case(Value):
    """A <testcase> under way."""

    attributes: dict[str, str]
    suites: tuple[str, ...]
    verdicts: tuple[tuple[str, str, str], ...] = ()
    """(tag, type, message) of each child that judges it."""


class _Junit:
    """Streams one file; keeps only outcomes, so a huge output costs no memory."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}
        self.failures: dict[str, Failure] = {}
        self.rooted = False
        self._text = ""
        self._inside = False
        self._suites: list[str] = []
        self._case: _Case | None = None
        self._depth = 0

    def feed(self, xml: str) -> None:
        parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.buffer_text = True
        parser.Parse(re.sub(r"^\s*<\?xml[^>]*\?>", "", xml, count=1).encode("utf-8"), True)

    def _doctype(self, *_: object) -> None:
        raise _Unfit  # entities are declared there: a report has no need of it

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise _Unfit
        if self._depth == 1:
            if tag not in ("testsuites", "testsuite"):
                raise _Unfit
            self.rooted = True
        if tag == "testsuite":
            self._suites.append(attributes.get("name", ""))
        elif tag == "testcase":
            self._case = _Case(attributes=attributes, suites=tuple(self._suites))
            self._text, self._inside = "", False
        elif self._case is not None and tag in ("failure", "error", "skipped"):
            judged = (tag, attributes.get("type", ""), attributes.get("message", ""))
            self._inside = True
            self._case = self._case.model_copy(
                update={"verdicts": (*self._case.verdicts[:8], judged)}
            )

    def _data(self, text: str) -> None:
        if self._inside and len(self._text) < MOST_TEXT:
            self._text += text[:MOST_TEXT]

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if tag in ("failure", "error", "skipped"):
            self._inside = False
        if tag == "testsuite" and self._suites:
            self._suites.pop()
        elif tag == "testcase" and self._case is not None:
            key, outcome = _printable_id(_id(self._case)), _outcome(self._case)
            _keep(self.outcomes, key, outcome)
            if outcome in BROKEN and len(self.failures) < MOST_FAILURES:
                worst = next((v for v in self._case.verdicts if v[0] != "skipped"), ("", "", ""))
                self.failures[key] = parse_failure(key, outcome, (worst[1], worst[2]), self._text)
            self._case = None


def _outcome(case: _Case) -> str:
    worst = "passed"
    for tag, sort, message in case.verdicts:
        if tag == "skipped":
            found = "xfailed" if sort == "pytest.xfail" else "skipped"
        elif tag == "error" or _broke_outside(case, sort, message):
            found = "error"
        else:
            found = "failed"
        worst = max(worst, found, key=RANK.__getitem__)
    return worst


def _broke_outside(case: _Case, sort: str, message: str) -> bool:
    """A failure that is no assertion's: a file that does not load, a hook, a set-up."""
    name = case.attributes.get("name", "")
    return (
        sort in NODE_SETUP
        or bool(HOOK.match(name))
        # a file reported as a test of itself did not load
        or (bool(SCRIPT.search(name)) and ("/" in name or name == case.attributes.get("classname")))
        or message.startswith(("failed on setup", "failed on teardown"))
    )


def _id(case: _Case) -> str:
    name = case.attributes.get("name", "")
    group = case.attributes.get("classname", "")
    file = _path(case.attributes.get("file", ""))
    if (case.suites and case.suites[-1] == "pytest") or file.endswith(".py"):
        return _pytest_id(name, group, file)
    if SCRIPT.search(group):
        return f"{_path(group)}::{name}" if name != group else _path(group)
    if SCRIPT.search(name) and "/" in name:
        return _path(name)
    groups = [group] if group and group != "test" else [s for s in case.suites if s]
    title = " > ".join([*(g for g in groups if not g.startswith("Mocha Tests")), name])
    return f"{file}::{title}" if file else title


def _pytest_id(name: str, group: str, file: str) -> str:
    module = file.removesuffix(".py").replace("/", ".")
    if not file or (group and group != module and not group.startswith(f"{module}.")):
        # xunit2 has no file, and the file of an inherited test is where it is written: the first
        # segment that starts like a class ends the module
        parts = group.split(".") if group else []
        cut = next((i for i, p in enumerate(parts) if p[:1].isupper()), len(parts))
        if not parts:
            return name.replace(".", "/") + ".py"
        return "::".join(["/".join(parts[:cut]) + ".py", *parts[cut:], name])
    if not group:
        return file  # a module that could not be collected
    inner = group.removeprefix(module).lstrip(".")
    return "::".join([file, *inner.split("."), name] if inner else [file, name])


def _path(path: str) -> str:
    """Relative to the tree where it can be told."""
    return path.replace("\\", "/").removeprefix("file://").removeprefix("/work/").removeprefix("./")


JEST = {
    "passed": "passed",
    "failed": "failed",
    "pending": "skipped",
    "skipped": "skipped",
    "todo": "skipped",
    "disabled": "skipped",
    "focused": "passed",
}


def read_jest(text: str) -> Tally:
    """The JSON of `jest --json` and of vitest's json reporter. Ids: `path::suite > name`; a file
    that could not be run is an `error` under its path."""
    unread = Tally(outcomes={}, collected=False)
    if len(text) > MOST_BYTES:
        return unread
    try:
        report = json.loads(text)
    except (ValueError, RecursionError):
        return unread
    suites = report.get("testResults") if isinstance(report, dict) else None
    if not isinstance(suites, list):
        return unread
    outcomes: dict[str, str] = {}
    failures: dict[str, Failure] = {}
    for suite in suites:
        if not isinstance(suite, dict):
            return Tally(outcomes=outcomes, collected=False)
        _jest_suite(suite, outcomes, failures)
    return Tally(outcomes=outcomes, failures=_most(failures))


def _jest_suite(
    suite: dict[str, object], outcomes: dict[str, str], failures: dict[str, Failure]
) -> None:
    path = _path(str(suite.get("name", "")))
    tests = suite.get("assertionResults")
    cases = [t for t in tests if isinstance(t, dict)] if isinstance(tests, list) else []
    if not cases and suite.get("status") == "failed":
        _keep(outcomes, path, "error")
        failures[_printable_id(path)] = parse_failure(
            _printable_id(path), "error", ("", ""), str(suite.get("message", ""))
        )
    for case in cases:
        above = case.get("ancestorTitles")
        titles = [str(a) for a in above if a] if isinstance(above, list) else []
        outcome = JEST.get(str(case.get("status")), "error")
        key = _printable_id(f"{path}::{' > '.join([*titles, str(case.get('title', ''))])}")
        _keep(outcomes, key, outcome)
        said = case.get("failureMessages")
        if outcome in BROKEN and isinstance(said, list):
            failures[key] = parse_failure(key, outcome, ("", ""), str(said[0]) if said else "")
