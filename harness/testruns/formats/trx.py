"""The .trx files of `dotnet test`: read over written examples, never run here. Pure."""

from __future__ import annotations

import re
from xml.parsers import expat

from harness.core.tally_types import Tally
from harness.testruns.formats.results import MOST_BYTES, MOST_TEXT, Results, disbelieve

OUTCOMES = {
    "passed": "passed",
    "failed": "failed",
    "timeout": "failed",
    "notexecuted": "skipped",
    "inconclusive": "skipped",
    "pending": "skipped",
}
"""Any other word (Aborted, Error, Disconnected) broke the test."""
MOST_DEPTH = 64


def read_trx(xml: str) -> Tally:
    """Ids: `Namespace.Class::Method(parameters)`, where the definitions name the class."""
    if len(xml) > MOST_BYTES:
        return disbelieve("unseen.report_too_large")
    reader = _Reader()
    try:
        reader.feed(xml)
    except (expat.ExpatError, _Unfit, UnicodeEncodeError, ValueError):
        return disbelieve("unseen.report_broken")
    return reader.tally()


class _Unfit(Exception):
    """A document type, another root, absurd nesting."""


class _Reader:
    def __init__(self) -> None:
        self._found: list[tuple[str, str, str, str, str]] = []
        """(test's id, name, outcome, message, stack) as they come: the definitions come later."""
        self._classes: dict[str, str] = {}
        self._definition = self._tag = ""
        self._texts = {"Message": "", "StackTrace": ""}
        self._result: dict[str, str] | None = None
        self._depth = 0

    def feed(self, xml: str) -> None:
        """The whole file."""
        parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        plain = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", xml, count=1)
        parser.Parse(plain.encode("utf-8"), True)

    def _doctype(self, *_: object) -> None:
        raise _Unfit

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH or (self._depth == 1 and tag != "TestRun"):
            raise _Unfit
        if tag == "UnitTestResult":
            self._result, self._texts = attributes, {"Message": "", "StackTrace": ""}
        elif tag == "UnitTest":
            self._definition = attributes.get("id", "")
        elif tag == "TestMethod" and len(self._classes) < 200_000:
            name = attributes.get("className", "").partition(",")[0]
            self._classes[self._definition] = name
        self._tag = tag if tag in self._texts else ""

    def _data(self, text: str) -> None:
        if self._tag and self._result is not None and len(self._texts[self._tag]) < MOST_TEXT:
            self._texts[self._tag] += text[:MOST_TEXT]

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self._tag = ""
        if tag == "UnitTestResult" and self._result is not None:
            given = self._result
            outcome = OUTCOMES.get(given.get("outcome", "").lower(), "error")
            told = (self._texts["Message"], self._texts["StackTrace"])
            name = given.get("testName", "")
            self._found.append((given.get("testId", ""), name, outcome, *told))
            self._result = None

    def tally(self) -> Tally:
        """What was read."""
        results = Results()
        for test, name, outcome, message, stack in self._found:
            group = self._classes.get(test, "")
            short = name.removeprefix(f"{group}.")
            results.add(f"{group}::{short}" if group else name, outcome, ("", message), stack)
        return results.tally()
