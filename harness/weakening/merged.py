"""The tree on which the base judges the change: product files of the change, all else the base's.

Pure. Files that are both at once get the base's test tables and the change's other tables; where
the two cannot be told apart, nothing is compared and that is said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from harness.core.base import LocalizedText, Value
from harness.core.box_types import FileChange
from harness.core.run_types import Finding
from harness.weakening.inline import inline_changed
from harness.weakening.reach_files import RECIPES, same_tests_of_script
from harness.weakening.runner_tables import (
    INI_SECTION,
    JSON_TABLES,
    TEST_COMMAND,
    ini_rest,
    ini_tables,
    json_tables,
    recipes,
    toml_rest,
    toml_tables,
)
from harness.weakening.sides import Side, TestKind, kind_of

TOML_HEADER = re.compile(r"^[ \t]*\[{1,2}\s*([\w.\-\"' ]+?)\s*\]{1,2}[ \t]*(?:#.*)?$", re.M)
TOML_TEST = re.compile(
    r"^(tool\.(pytest|coverage|tox|nox)|tool\.hatch\.envs|project\.entry-points\.pytest11"
    r"|tool\.poetry\.plugins\.pytest11)(\.|$)"
)
INI_HEADER = re.compile(r"^\[([^\]\n]+)\]", re.M)
LONGEST = 500_000


class JudgedFile(Value):
    """What one path holds in the tree that the base's tests judge."""

    kind: Literal["base", "change", "merged", "unseen"]
    text: str = ""
    """Of `merged`: the whole file."""
    say: LocalizedText | None = None
    """Of `unseen`: why it was not compared. The tree holds the change's file."""


class ListedChange(Value):
    """One changed file of the tests' side, for the pull request."""

    path: str
    kind: TestKind
    status: Literal["added", "modified", "deleted"]
    say: LocalizedText


def as_base(path: str, old: str | None, new: str | None) -> str | None:
    """The text of a file that is both sides at once: the base's test tables with the change's other
    tables. None: they cannot be told apart. A file that the change took away counts as empty."""
    name = PurePosixPath(path).name
    before, after = old or "", new or ""
    if max(len(before), len(after)) > LONGEST:
        return None
    if name == "package.json":
        return _json(before or "{}", after or "{}")
    if name == "pyproject.toml":
        return _restore_tables(before, after, TOML)
    if name in ("setup.cfg", "tox.ini"):
        return _restore_tables(before, after, INI)
    if RECIPES.match(name):
        return after if recipes(before) == recipes(after) else None
    return after if same_tests_of_script(name, before, after) else None


class _Form(NamedTuple):
    """How one format is cut, read and checked."""

    header: re.Pattern[str]
    is_test: Callable[[str], bool]
    tables: Callable[[str], dict[str, object] | None]
    rest: Callable[[str], object]


TOML = _Form(
    header=TOML_HEADER,
    is_test=lambda name: bool(TOML_TEST.match(re.sub(r"[\s\"']", "", name))),
    tables=toml_tables,
    rest=toml_rest,
)
INI = _Form(
    header=INI_HEADER,
    is_test=lambda name: bool(INI_SECTION.match(name)),
    tables=ini_tables,
    rest=ini_rest,
)


def _restore_tables(old: str, new: str, form: _Form) -> str | None:
    """Tables cut out of the change's text, the base's set in; None when a reader of the format
    finds anything else in the result."""
    wanted, had = form.tables(old), form.tables(new)
    if wanted is None or had is None:
        return None
    if wanted == had:
        return new
    kept = "".join(t for name, t in _parts(new, form.header) if not form.is_test(name))
    set_in = "".join(t for name, t in _parts(old, form.header) if name and form.is_test(name))
    gap = "" if not kept.strip() or kept.endswith("\n\n") else "\n" * (2 - kept.endswith("\n"))
    text = kept + gap + set_in if set_in else kept
    if form.tables(text) != wanted or form.rest(text) != form.rest(new):
        return None
    return text


def _parts(text: str, header: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """(name, text) of each table with the comments above its header; "" for what comes first."""
    cuts = [(m[1], _comments(text, m.start())) for m in header.finditer(text)]
    cuts = [("", 0), *cuts]
    for (name, begin), (_, end) in zip(cuts, [*cuts[1:], ("", len(text))], strict=True):
        yield name, text[begin:end]


def _comments(text: str, at: int) -> int:
    """Where the comments right above a line begin."""
    while at and text[text.rfind("\n", 0, at - 1) + 1 : at].lstrip().startswith("#"):
        at = text.rfind("\n", 0, at - 1) + 1
    return at


def _json(old: str, new: str) -> str | None:
    wanted, had = json_tables(old), json_tables(new)
    if wanted is None or had is None:
        return None
    if wanted == had:
        return new
    before, after = json.loads(old), json.loads(new)
    result = {k: v for k, v in after.items() if k not in JSON_TABLES}
    result |= {k: v for k, v in before.items() if k in JSON_TABLES}
    scripts = [d.get("scripts") for d in (before, after)]
    if any(s is not None and not isinstance(s, dict) for s in scripts):
        return None
    was, now = (s or {} for s in scripts)
    merged = {k: v for k, v in now.items() if not TEST_COMMAND.search(k)}
    merged |= {k: v for k, v in was.items() if TEST_COMMAND.search(k)}
    if merged or "scripts" in after:
        result["scripts"] = merged
    indent = re.search(r"\n([ \t]+)\"", new)
    return json.dumps(result, indent=indent[1] if indent else None, ensure_ascii=False) + "\n"


def judging_paths(
    changes: Sequence[FileChange],
    texts: Mapping[str, tuple[str | None, str | None]],
    side: Callable[[str], Side],
    named: Callable[[str], bool],
    moved: frozenset[str] = frozenset(),
) -> dict[str, JudgedFile]:
    """What each changed path holds in "the product files alone, judged by the base's tests".

    `texts` must hold old and new text of the files that are both sides at once, and of product
    files that may carry tests; one that is missing or cannot be told apart is `unseen`. `named`:
    an approved plan names the whole file: the change's is used. `moved`: test files whose only
    difference is an import of a module that moved (`moves.import_moves`)."""
    found: dict[str, JudgedFile] = {}
    for change in changes:
        path = change.path
        where = side(path)
        if where == "test":
            keeps = named(path) or path in moved
            found[path] = JudgedFile(kind="change" if keeps else "base")
        elif where == "both" and not named(path):
            found[path] = _both(path, texts.get(path))
        elif where == "product" and path in texts and inline_changed(path, *texts[path]):
            found[path] = JudgedFile(
                kind="unseen", say=LocalizedText(key="sides.inline", facts={"path": path})
            )
        else:
            found[path] = JudgedFile(kind="change")
    return found


def _both(path: str, pair: tuple[str | None, str | None] | None) -> JudgedFile:
    text = as_base(path, *pair) if pair else None
    if text is None or pair is None:
        return JudgedFile(
            kind="unseen", say=LocalizedText(key="sides.merged", facts={"path": path})
        )
    if text == pair[1] or (pair[1] is None and not text.strip("{}\n ")):
        return JudgedFile(kind="change")
    return JudgedFile(kind="base") if text == pair[0] else JudgedFile(kind="merged", text=text)


def unseen_paths(judged: Mapping[str, JudgedFile]) -> tuple[Finding, ...]:
    """The findings for what could not be compared."""
    return tuple(
        Finding(source="unseen", path=path, say=what.say)
        for path, what in sorted(judged.items())
        if what.say is not None
    )


def test_side_list(
    changes: Sequence[FileChange], side: Callable[[str], Side]
) -> tuple[ListedChange, ...]:
    """Every changed file of the tests' side (and those that are both), with what it is to them."""
    return tuple(
        ListedChange(
            path=c.path,
            kind=kind_of(c.path),
            status=c.status,
            say=LocalizedText(key=f"sides.kind.{kind_of(c.path)}"),
        )
        for c in sorted(changes, key=lambda c: c.path)
        if side(c.path) in ("test", "both")
    )
