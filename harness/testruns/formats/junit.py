"""JUnit XML, streamed: only outcomes are kept, so a huge output costs no memory. No entity is
resolved, no document type followed. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from harness.core.base import Value
from harness.core.tally_types import Tally
from harness.testruns.formats.results import (
    MOST_BYTES,
    MOST_TEXT,
    RANK,
    Results,
    disbelieve,
    relative,
)

MOST_DEPTH = 64
VERDICTS = ("failure", "error", "skipped", "warning")
# what node reports when the code around a test broke, not the test
NODE_SETUP = ("hookFailed", "uncaughtException", "unhandledRejection", "cancelledByParent")
SCRIPT = re.compile(r"\.[cm]?[jt]sx?$")
UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    r"|&#(?:0{0,8}(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0{0,8}(?:[0-8bBcCeEfF]|1[\da-fA-F]));"
)
"""What XML may not hold, by itself or by number: runners write the names of tests as they are."""
HOOK = re.compile(r'^(.*: )?"(before|after)( all| each)" hook\b')


class Case(Value):
    """A <testcase> under way."""

    attributes: dict[str, str]
    suites: tuple[str, ...]
    verdicts: tuple[tuple[str, str, str], ...] = ()
    """(tag, type, message) of each child that judges it."""


Judge = Callable[[Case], tuple[str, str]]
"""A case's id and outcome."""


def read_junit(xml: str) -> Tally:
    """JUnit XML of pytest (xunit1 and 2), `node --test`, vitest and mocha. Ids:
    `path::Class::name[param]` for pytest, `file::suite > name` or `suite > name` for the others."""
    return read_cases(xml, lambda case: (_id(case), _outcome(case)))


def read_cases(xml: str, judge: Judge, *, adds_up: bool = False) -> Tally:
    """Every <testcase> as `judge` names and judges it. `adds_up`: a report whose outermost element
    counts failures, and that names none, is not believed."""
    if len(xml) > MOST_BYTES:
        return disbelieve("unseen.report_too_large")
    reader = _Reader(judge)
    try:
        reader.feed(xml)
    except (expat.ExpatError, _Unfit, UnicodeEncodeError, ValueError):
        broken = disbelieve("unseen.report_broken")
        found = reader.results
        return broken.model_copy(update={"outcomes": found.outcomes, "failures": found.failures})
    if adds_up and reader.declared and not reader.results.has_broken():
        reader.results.lack("unseen.report_contradicts")
    return reader.results.tally()


class _Unfit(Exception):
    """The file is no honest report: a document type, a wrong root, absurd nesting."""


class _Reader:
    """Streams one file."""

    def __init__(self, judge: Judge) -> None:
        self.results = Results()
        self.declared = False
        """The outermost element says that something failed."""
        self._judge = judge
        self._text = self._output = ""
        self._inside = ""
        self._suites: list[str] = []
        self._case: Case | None = None
        self._depth = 0

    def feed(self, xml: str) -> None:
        parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.buffer_text = True
        text = UNWRITABLE.sub("\ufffd", re.sub(r"^\s*<\?xml[^>]*\?>", "", xml, count=1))
        parser.Parse(text.encode("utf-8"), True)

    def _doctype(self, *_: object) -> None:
        raise _Unfit  # entities are declared there: a report has no need of it

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise _Unfit
        if self._depth == 1:
            if tag not in ("testsuites", "testsuite"):
                raise _Unfit
            self.declared = any(_count(attributes.get(key)) for key in ("failures", "errors"))
        if tag == "testsuite":
            self._suites.append(attributes.get("name", ""))
        elif tag == "testcase":
            self._case = Case(attributes=attributes, suites=tuple(self._suites))
            self._text = self._output = self._inside = ""
        elif self._case is not None and tag in VERDICTS:
            judged = (tag, attributes.get("type", ""), attributes.get("message", ""))
            self._inside = tag
            self._case = self._case.model_copy(
                update={"verdicts": (*self._case.verdicts[:8], judged)}
            )
        elif self._case is not None and tag == "system-out":
            self._inside = tag

    def _data(self, text: str) -> None:
        if self._inside == "system-out":
            self._output += text[: MOST_TEXT - len(self._output)]
        elif self._inside and len(self._text) < MOST_TEXT:
            self._text += text[:MOST_TEXT]

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if tag == self._inside:
            self._inside = ""
        if tag == "testsuite" and self._suites:
            self._suites.pop()
        elif tag == "testcase" and self._case is not None:
            key, outcome = self._judge(self._case)
            worst = next((v for v in self._case.verdicts if v[0] != "skipped"), ("", "", ""))
            text = self._text if self._text.strip() or worst[2] else self._output
            self.results.add(key, outcome, (worst[1], worst[2]), text)
            self._case = None


def _count(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text[:9].isdigit() else 0


def _outcome(case: Case) -> str:
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


def _broke_outside(case: Case, sort: str, message: str) -> bool:
    """A failure that is no assertion's: a file that does not load, a hook, a set-up."""
    name = case.attributes.get("name", "")
    return (
        sort in NODE_SETUP
        or bool(HOOK.match(name))
        # a file reported as a test of itself did not load
        or (bool(SCRIPT.search(name)) and ("/" in name or name == case.attributes.get("classname")))
        or message.startswith(("failed on setup", "failed on teardown"))
    )


def _id(case: Case) -> str:
    name = case.attributes.get("name", "")
    group = case.attributes.get("classname", "")
    file = relative(case.attributes.get("file", ""))
    if (case.suites and case.suites[-1] == "pytest") or file.endswith(".py"):
        return _pytest_id(name, group, file)
    if SCRIPT.search(group):
        return f"{relative(group)}::{name}" if name != group else relative(group)
    if SCRIPT.search(name) and "/" in name:
        return relative(name)
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
