"""JUnit XML of everybody else: surefire, gradle, jest-junit, gotestsum, cargo-nextest, ctest,
phpunit, rspec_junit_formatter, GoogleTest and their kin. Ids are `file or class::name`. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from harness.core.tally_types import Tally
from harness.testruns.formats.junit import Case, read_cases
from harness.testruns.formats.results import RANK, relative

STATUS = {
    **dict.fromkeys(("run", "passed", "pass", "success", "completed", "ok", ""), "passed"),
    **dict.fromkeys(("fail", "failed", "failure"), "failed"),
    **dict.fromkeys(("disabled", "skipped", "suppressed", "pending", "ignored"), "skipped"),
}
"""What an attribute `status` or `result` says where no element judges; any other word: broken."""
NOT_RUN = frozenset(("notrun", "not run"))
WANTED = re.compile(r"SKIP_RETURN_CODE|SKIP_REGULAR_EXPRESSION|Disabled|Not Run \(Disabled\)")
"""Of a CTest that did not run: what makes it skipped. Every other reason breaks it."""
LOADING = re.compile(
    r"(?:NoClassDefFound|ExceptionInInitializer|NoSuchMethod|NoSuchField|IncompatibleClassChange"
    r"|UnsatisfiedLink|Linkage)Error$|ClassNotFoundException$|^java\.lang\.Error$"
)
"""Java's errors of what is not there or does not load: no test's own."""
UNPROVEN = re.compile(r"(?:^|\\)Risky(?:Test)?\w*$")
"""PHPUnit's error of a test that asserted nothing, or printed something: it ends well all the same,
unless the project wants it otherwise."""
PROVIDER = "PHPUnit\\Framework\\Error"
"""Of cases that could not be made: no test's own."""
PATH = re.compile(r"^[^\s:]+\.\w{1,5}(?::\d+)?$")


def read_suites(xml: str) -> Tally:
    """An <error> broke outside of the test, a <failure> is the test's own."""
    return read_cases(xml, lambda case: (_id(case), _outcome(case, ())), adds_up=True)


def read_thrown(xml: str) -> Tally:
    """Of runners that call a test's own exception an <error> too (surefire, phpunit): one of a
    named test is the test's, unless something could not be loaded."""
    return read_cases(xml, lambda case: (_id(case), _outcome(case, ("error",))), adds_up=True)


def _id(case: Case) -> str:
    """A case without a name stands for its class, which broke as a whole."""
    given = case.attributes
    name, file = given.get("name", "").strip(), relative(given.get("file", ""))
    group = (file if PATH.match(file) else "") or given.get("classname", "").strip()
    group = re.sub(r"(\.\w+):\d+$", r"\1", group) if PATH.match(file) else group
    if not group:
        group = next((suite for suite in reversed(case.suites) if suite.strip()), "")
    if not name or name == group:
        return group
    return f"{group}::{name}" if group else name


def _outcome(case: Case, thrown: Collection[str]) -> str:
    found = _by_status(case)
    named = bool(case.attributes.get("name", "").strip())
    for tag, sort, message in case.verdicts:
        said = "failed"
        if tag == "skipped":
            said = "error" if _did_not_start(case, message) else "skipped"
        elif tag == "warning" or UNPROVEN.search(sort):
            said = "skipped"
        elif not named or _broke_outside(tag, sort, thrown):
            said = "error"
        found = max(found, said, key=RANK.__getitem__)
    return found


def _broke_outside(tag: str, sort: str, thrown: Collection[str]) -> bool:
    return sort == PROVIDER or bool(LOADING.search(sort)) or (tag == "error" and tag not in thrown)


def _by_status(case: Case) -> str:
    """Unknown words break the test: unknown is no."""
    given = case.attributes
    status = given.get("status", given.get("result", "")).strip().lower()
    if status in NOT_RUN:
        return "skipped"  # GoogleTest's disabled ones; CTest says why in an element
    return STATUS.get(status, "error")


def _did_not_start(case: Case, message: str) -> bool:
    status = case.attributes.get("status", "").strip().lower()
    return status in NOT_RUN and message != "" and not WANTED.search(message)
