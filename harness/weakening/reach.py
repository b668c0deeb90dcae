"""Changes on the tests' side that could make every test say something else: held unless an approved
plan names the file. Pure.

New and extended tests, data, helpers, snapshots of new tests and fixtures that tests ask for are
not among them: the base's own tests and the frozen reproduction judge those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from harness.core.base import LocalizedText, Value
from harness.core.run_types import Finding
from harness.syntax.python import parse_module
from harness.weakening.reach_files import FileRemark, file_findings, ini_like, shadowed_module
from harness.weakening.reach_python import BUILT_IN_FIXTURES, Reach, fixture_names, reaches
from harness.weakening.reach_script import script_reaches
from harness.weakening.sides import CI, SNAPSHOT, is_test_name, side_of

Texts = Mapping[str, tuple[str | None, str | None]]
PYTHON = re.compile(r"\.pyi?$")
SCRIPT = re.compile(r"\.[cm]?[jt]sx?$")
LONGEST = 1_000_000
MOST_FINDINGS = 100


class BaseKnowledge(Value):
    """What is known of the base beside its list of files; all of it may be left empty."""

    test_globs: tuple[str, ...] = ()
    imported: frozenset[str] = frozenset()
    """Paths that product code imports (`imports.imported_paths`)."""
    fixtures: frozenset[str] = frozenset()
    """Fixtures that the base's tests use (`held_python.taken_fixtures`)."""
    modules: frozenset[str] = frozenset()
    """First names of the modules that product or tests import (`held_files.modules_of`)."""
    scripts: frozenset[str] = frozenset()
    """Paths that the test command runs."""


def held_changes(
    texts: Texts,
    base_files: Sequence[str],
    named: Callable[[str], bool],
    known: BaseKnowledge | None = None,
) -> tuple[Finding, ...]:
    """What is held of the changed files (path -> old and new text, None: no such file). `named`:
    an approved plan names this path. Never raises; what cannot be read is held."""
    known = known or BaseKnowledge()
    base = frozenset(base_files)
    moved = _removed_fixtures(texts)
    taken = (known.fixtures | BUILT_IN_FIXTURES | _conftests(texts)) - moved
    found: dict[tuple[str, str, str], Finding] = {}
    for path in sorted(texts):
        old, new = texts[path]
        if old == new or named(path):
            continue
        for told in _reasons_to_hold(path, old, new, _Place(base, known, taken, texts)):
            finding = Finding(
                source="unseen",
                path=path,
                line=told.line,
                say=LocalizedText(key=told.key, facts={"path": path, **told.facts}),
            )
            found.setdefault((path, told.key, str(told.facts)), finding)
    return tuple(found.values())[:MOST_FINDINGS]


class _Place:
    """What the rules look up."""

    def __init__(
        self, base: frozenset[str], known: BaseKnowledge, taken: frozenset[str], texts: Texts
    ) -> None:
        self.base = base
        self.known = known
        self.taken = taken
        self.files = base | {p for p, (_, new) in texts.items() if new is not None}

    def side(self, path: str) -> str:
        return side_of(path, self.known.test_globs, self.known.imported)

    @property
    def product(self) -> frozenset[str]:
        return frozenset(p for p in self.files if self.side(p) == "product")


def _reasons_to_hold(
    path: str, old: str | None, new: str | None, place: _Place
) -> Iterator[FileRemark]:
    if max(len(old or ""), len(new or "")) > LONGEST and place.side(path) != "product":
        yield FileRemark(key="sides.unreadable")
        return
    yield from file_findings(path, old, new)
    if CI.match(path):
        # removed lines are a weaker test (`weakening`); added ones may switch a step off
        if old is not None and new is not None and _lines(old) <= _lines(new):
            yield FileRemark(key="sides.ci")
        return
    if old is None and (
        name := shadowed_module(path, place.files, place.base, place.known.modules)
    ):
        yield FileRemark(key="sides.shadow", facts={"name": name})
    if path in place.known.scripts and not ini_like(path):
        yield FileRemark(key="sides.runner", facts={"what": PurePosixPath(path).name})
    if place.side(path) != "test" or SNAPSHOT.search(path):
        return
    if PYTHON.search(path):
        yield from _python(path, old, new, place)
    elif SCRIPT.search(path):
        yield from _script(path, old, new, place)


def _lines(text: str) -> set[str]:
    return {" ".join(x.split()) for x in text.splitlines()}


def _python(path: str, old: str | None, new: str | None, place: _Place) -> Iterator[FileRemark]:
    name = PurePosixPath(path).name
    if name == "conftest.py" and old is None and _above(path, place.base):
        yield FileRemark(key="sides.level")
    shared = old is not None or name == "conftest.py" or not is_test_name(name)
    before = _reaches_of_python(old, place.taken, shared=shared)
    after = _reaches_of_python(new, place.taken, shared=shared)
    if after is None:
        yield FileRemark(key="sides.unreadable")
        return
    own = fixture_names(old or "")
    after = [r for r in after if r.rule != "sides.override" or r.name not in own]
    yield from _new_ones(before or [], after)


def _reaches_of_python(
    text: str | None, taken: frozenset[str], *, shared: bool
) -> list[Reach] | None:
    try:
        return list(reaches(parse_module(text or ""), taken, shared=shared))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _new_ones(before: list[Reach], after: list[Reach]) -> Iterator[FileRemark]:
    """What reaches other tests now and did not, or did and does no more. A mock that
    went is no matter: the tests then meet the product itself."""
    was = {(r.rule, r.name, r.text) for r in before}
    now = {(r.rule, r.name) for r in after}
    lasting = [r for r in before if r.rule not in ("sides.mock", "sides.override")]
    gone = [r for r in lasting if (r.rule, r.name) not in now]
    for reach in [r for r in after if (r.rule, r.name, r.text) not in was]:
        yield _reason_of(reach, reach.line)
    for reach in gone:
        yield _reason_of(reach, 0)


def _reason_of(reach: Reach, line: int) -> FileRemark:
    fact = "what" if reach.rule in ("sides.loads", "sides.mock") else "name"
    return FileRemark(key=reach.rule, line=line, facts={fact: reach.name[:120]})


def _script(path: str, old: str | None, new: str | None, place: _Place) -> Iterator[FileRemark]:
    was, product = old is not None, place.product
    before, after = (
        _reaches_of_script(path, text or "", (place.files, product), old=was) for text in (old, new)
    )
    if after is None:
        yield FileRemark(key="sides.unreadable")
        return
    yield from _new_ones(before or [], after)


def _reaches_of_script(
    path: str, text: str, known: tuple[frozenset[str], frozenset[str]], *, old: bool
) -> list[Reach] | None:
    try:
        return list(script_reaches(path, text, *known, old=old))
    except ValueError:
        return None


def _above(path: str, base: frozenset[str]) -> bool:
    """True for a new conftest over tests of the base that stand in folders below it only."""
    folder = path.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    below = [
        p[len(prefix) :]
        for p in base
        if p.startswith(prefix) and PYTHON.search(p) and is_test_name(PurePosixPath(p).name)
    ]
    return bool(below) and all("/" in p for p in below)


def _removed_fixtures(texts: Texts) -> frozenset[str]:
    """Fixtures that a changed conftest of the base no longer has: they may stand elsewhere."""
    found: set[str] = set()
    for path, (old, new) in texts.items():
        if path.endswith("conftest.py") and old is not None:
            found |= fixture_names(old) - fixture_names(new or "")
    return frozenset(found) - BUILT_IN_FIXTURES


def _conftests(texts: Texts) -> frozenset[str]:
    found: set[str] = set()
    for path, (old, _) in texts.items():
        if path.endswith("conftest.py"):
            found |= fixture_names(old or "")
    return frozenset(found)
