"""F2: is any test weaker than on the base? Pure: old and new text of files in, findings out.

A finding here holds the change for a person, so it errs to the careful side: what a test demands
of the code must be there afterwards, under whatever name and in whatever form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from harness.core.types import ExpectationChange, Finding
from harness.weakening.bindings import own_functions
from harness.weakening.code_apart import is_read_apart, read_apart
from harness.weakening.code_languages import is_read, read_code_file
from harness.weakening.demands import DemandedTest, Flagged, TestFile, compare_files, finding
from harness.weakening.python import common_tests, read_python
from harness.weakening.runner_config import CI, config_findings, governs
from harness.weakening.script import focused_line, own_names, read_script

Texts = Mapping[str, tuple[str | None, str | None]]
MOST_CHARACTERS = 500_000
MOST_FINDINGS = 200
TEST_DIRS = {"test", "tests", "testing", "__tests__", "__snapshots__", "spec", "specs", "e2e"}
PYTHON = re.compile(r"\.pyi?$")
SCRIPT = re.compile(r"\.(?:[cm]?[jt]sx?)$")
SNAPSHOT = re.compile(r"\.(snap|ambr)$")
NAMED = re.compile(
    r"^tests?[_.-]|[_.-](tests?|spec)\.[\w.]+$|^tests?\.\w+$|(Test|Tests|Spec)\.\w+$"
)
# other languages, line by line: what makes a test, what it demands, what silences it
DEMANDS = re.compile(
    r"\b(assert\w*!?|expect|require|should|t\.(Error|Fatal|Fail)\w*|EXPECT_\w+|ASSERT_\w+|"
    r"func Test\w+|it ['\"]|#\[test\]|@Test\b|def test_\w+)"
)
SILENCES = re.compile(
    r"\bt\.Skip\w*\(|#\[ignore|@Ignore\b|@Disabled\b|\bxit\b|\bskip\b|\bpending\b"
)


def is_test_file(path: str) -> bool:
    """True for a file that `find_weakening` has an opinion on: tests, their snapshots and fixtures'
    code, and what decides which tests run."""
    parts = PurePosixPath(path).parts
    name = parts[-1] if parts else ""
    in_tests = any(p.casefold() in TEST_DIRS for p in parts[:-1])
    code = bool(
        re.search(
            r"\.(py|[cm]?[jt]sx?|go|rs|rb|java|kt|cs|php|swift|c|h|ex|exs|[ch](?:h|pp|xx|c))$", name
        )
    )
    return (
        governs(path)
        or bool(SNAPSHOT.search(name))
        or (code and (in_tests or bool(NAMED.search(name))))
    )


def find_weakening(
    texts: Texts,
    allowed: Sequence[ExpectationChange] = (),
    frozen: Mapping[str, str] | None = None,
    *,
    named: Callable[[str], bool] = lambda path: False,
    moved: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """Every way in which tests got weaker between old and new text (None: no such file).

    `allowed`: what the approved plan names (a path, or path::name); it lifts the findings on
    those tests, never one on a whole file that was emptied, silenced or removed. `frozen`: path ->
    text that may not differ at all; nothing lifts that. `named`: paths that the approved plan
    covers: a file of the continuous integration is then no weaker test. `moved`: test files that
    only follow a module to its new place (`moves.import_moves`). Never raises.
    """
    found = [
        Finding(source="reproduction", path=path, say=finding(path, 0, "guard.weak_frozen").say)
        for path, text in (frozen or {}).items()
        if path in texts and texts[path][1] != text
    ]
    changed = {p: pair for p, pair in texts.items() if pair[0] != pair[1] and p not in moved}
    apart = _read_apart(changed)
    read = {path: _pair(path, old, new, apart) for path, (old, new) in changed.items()}
    elsewhere: dict[str, DemandedTest] = {}
    for path, (old, new) in read.items():
        for key, probe in (new or NOTHING).probes.items():
            if key not in (old or NOTHING).probes:
                elsewhere[f"{path}::{key}"] = probe
    for path in sorted(read):
        for flagged in _flags(path, texts[path], read[path], elsewhere):
            if not _is_lifted(path, flagged, allowed) and not (CI.match(path) and named(path)):
                found.append(flagged.finding)
            if len(found) >= MOST_FINDINGS:
                return tuple(found)
    return tuple(found)


NOTHING = TestFile()
Apart = Mapping[tuple[str, str], TestFile]


def _read_apart(texts: Texts) -> Apart:
    """Those whose parsers are not let near this process."""
    asked = [
        (path, text)
        for path, pair in texts.items()
        for text in pair
        if is_read_apart(path) and text and len(text) <= MOST_CHARACTERS
    ]
    return read_apart(asked) if asked else {}


def _pair(
    path: str, old: str | None, new: str | None, apart: Apart
) -> tuple[TestFile | None, TestFile | None]:
    if is_read_apart(path):
        return apart.get((path, old or "")), apart.get((path, new or ""))
    same: frozenset[str] = frozenset()
    if old and new and max(len(old), len(new)) <= MOST_CHARACTERS and PYTHON.search(path):
        same = common_tests(old, new)
    return _probes(path, old, same=same), _probes(path, new, _own(path, old), same)


def _probes(
    path: str,
    text: str | None,
    own: frozenset[str] = frozenset(),
    same: frozenset[str] = frozenset(),
) -> TestFile | None:
    """The tests in a file; None when there is nothing to read or it cannot be read."""
    if text is None or len(text) > MOST_CHARACTERS:
        return None
    if PYTHON.search(path):
        return read_python(text, own, same)
    if SCRIPT.search(path) and not governs(path):
        return read_script(text, path, own)
    if is_read(path):
        return read_code_file(text, path)
    return None


def _own(path: str, text: str | None) -> frozenset[str]:
    """What the base's version of a file defines itself: imported now, it is still a helper."""
    if text is None or len(text) > MOST_CHARACTERS:
        return frozenset()
    if is_read(path):
        return frozenset()
    return own_names(text, path) if SCRIPT.search(path) else own_functions(text)


def _flags(
    path: str,
    pair: tuple[str | None, str | None],
    read: tuple[TestFile | None, TestFile | None],
    elsewhere: Mapping[str, DemandedTest],
) -> Iterator[Flagged]:
    (old, new), (before, after) = pair, read
    if governs(path):
        yield from (Flagged(finding=f) for f in config_findings(path, old, new))
        if not PYTHON.search(path):
            return
    if SNAPSHOT.search(path):
        yield from _snapshots(path, old or "", new or "")
    elif _has_reader(path):
        others = {k: p for k, p in elsewhere.items() if not k.startswith(f"{path}::")}
        if old and before is None:
            yield from _unread(path, old, new or "")
            return
        if old and new and after is None:
            yield Flagged(finding=finding(path, 0, "guard.weak_unreadable"), total=True)
            return
        yield from compare_files(path, before or NOTHING, after or NOTHING, others)
        if (
            new
            and SCRIPT.search(path)
            and (line := focused_line(new, path))
            and not focused_line(old or "", path)
        ):
            yield Flagged(finding=finding(path, line, "guard.weak_only"))
    elif old:
        if new and _is_unseen(path, old, new):
            yield Flagged(finding=finding(path, 0, "guard.weak_language"))
        yield from _by_line(path, old, new or "")


def _has_reader(path: str) -> bool:
    known = PYTHON.search(path) or SCRIPT.search(path)
    return bool(known) or is_read(path) or is_read_apart(path)


def _unread(path: str, old: str, new: str) -> Iterator[Flagged]:
    """The base's text is beyond its reader. One in C says little by its lines: it is held."""
    if is_read_apart(path) and new and _is_unseen(path, old, new):
        yield Flagged(finding=finding(path, 0, "guard.weak_language"))
    yield from _by_line(path, old, new)


def _snapshots(path: str, old: str, new: str) -> Iterator[Flagged]:
    """Stored expectations: each entry that changed or went away."""
    before, after = _entries(old), _entries(new)
    for name, body in before.items():
        if name not in after:
            yield Flagged(finding=finding(path, 0, "guard.weak_deleted", test=name), test=name)
        elif after[name] != body:
            yield Flagged(finding=finding(path, 0, "guard.weak_snapshot", test=name), test=name)


def _entries(text: str) -> dict[str, str]:
    parts = re.split(r"(?m)^(?:exports\[`(.+?)`\] = |# name: (.+)$)", text)
    return {(parts[i] or parts[i + 1]): parts[i + 2].strip() for i in range(1, len(parts) - 2, 3)}


def _is_unseen(path: str, old: str, new: str) -> bool:
    """A test that changed, in a language whose tests are not understood."""
    is_test = bool(DEMANDS.search(old)) or bool(NAMED.search(PurePosixPath(path).name))
    return is_test and old.split() != new.split()


def _by_line(path: str, old: str, new: str) -> Iterator[Flagged]:
    """Without a reader: lines that demanded something must still do so."""
    before = {" ".join(x.split()) for x in old.splitlines() if DEMANDS.search(x)}
    lines = [" ".join(x.split()) for x in new.splitlines()]
    if before and not any(DEMANDS.search(x) for x in lines):
        emptied = finding(path, 0, "guard.weak_emptied", count=len(before))
        yield Flagged(finding=emptied, total=True)
        return
    for gone in sorted(before - set(lines)):
        yield Flagged(finding=finding(path, 0, "guard.weak_removed", test=path, what=gone))
    known = {" ".join(x.split()) for x in old.splitlines()}
    for number, line in enumerate(lines, 1):
        if SILENCES.search(line) and line not in known:
            how = finding(path, number, "guard.weak_silenced", test=path, how=line)
            yield Flagged(finding=how)


def _is_lifted(path: str, flagged: Flagged, allowed: Sequence[ExpectationChange]) -> bool:
    """True when the approved plan names this test, or its file."""
    if flagged.total:
        return False
    for change in allowed:
        place, _, name = change.test.strip().removeprefix("./").partition("::")
        if place != path:
            continue
        if not name:
            return True
        name = name.split("[", 1)[0]
        test = flagged.test
        ends = (f"::{name}", f" > {name}")
        if test == name or test.startswith((f"{name}::", f"{name} > ")) or test.endswith(ends):
            return True
    return False
