"""What of a change may not leave without a person. Pure policy over the changed paths and their
new contents: the publisher asks here before anything is committed or pushed."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from harness.core.base import Value
from harness.core.types import FileChange, Finding
from harness.guard.places import MANIFESTS as MANIFESTS
from harness.guard.places import PROTECTED as PROTECTED
from harness.guard.places import (
    is_covered,
    is_git,
    matches,
    name_findings,
    policy_finding,
    spellings,
)
from harness.guard.secrets import leaks, shapes

MODES = ("100644", "100755", "120000")
NEVER: Final = frozenset(
    f"guard.{name}"
    for name in (
        *("own_secret", "secret_name", "text_own_secret", "unscanned", "scan_unfinished"),
        *("nested_git", "gitlink", "odd_mode", "link_leaves"),
    )
)
"""Findings that no approval lifts: what leaves cannot be taken back, or is no file at all."""


class SecretScanner(Protocol):
    """Rule sets beside our own shapes. ValueError: the project's file cannot be read."""

    def __call__(self, path: str, text: str, until: float) -> Iterable[tuple[str, int]]:
        """(what it looks like, line) of each secret; TimeoutError when `until` is past."""
        ...


class PublishPolicy(Value):
    """Bounds on one change. `manifests`: `hold` asks a person when dependencies, their locks or
    what a build runs change, `allow` does not."""

    protected: tuple[str, ...] = PROTECTED
    manifests: str = "hold"
    max_files: int = 100
    max_lines: int = 5000
    max_bytes: int = 5_000_000
    max_binaries: int = 0
    max_links: int = 10
    max_executables: int = 10
    scan_s: float = 60.0


@dataclass(frozen=True)
class OutgoingChange:
    """What is to leave. `contents`: path -> bytes of what is there afterwards (a link's target for
    mode 120000); one that is missing was not read, and stays. `before`: the same of the base.
    `tree`: every path there is afterwards. `approved`: globs that a plan names which a person
    approved; they lift protected paths and manifests, where they name them (a leading wildcard
    names nothing), and nothing else."""

    files: Sequence[FileChange]
    contents: Mapping[str, bytes]
    before: Mapping[str, bytes] = field(default_factory=dict)
    tree: Sequence[str] = ()
    approved: Sequence[str] = ()


def publishable(
    change: OutgoingChange,
    policy: PublishPolicy,
    secrets: Sequence[str] = (),
    rules: SecretScanner | None = None,
    now: Callable[[], float] = time.monotonic,
) -> tuple[Finding, ...]:
    """Every reason why this change may not leave by itself; empty: it may. `secrets`: our own,
    looked for in the forms that `guard.secrets` names. The time to scan is bounded: what
    is left then may not leave."""
    found = list(_caps(change.files, policy))
    spelled = spellings({*change.tree, *(c.path for c in change.files if c.status != "deleted")})
    until = now() + policy.scan_s
    telling = [one for one in change.files if _tells(one.path, secrets) is not False]
    found += [policy_finding("", "guard.secret_name")] if telling else []
    files = [one for one in change.files if one not in telling]
    for one in files:
        found += name_findings(one, spelled)
        found += _mode(one, change.contents.get(one.path, b""))
        found += _place(one, change, policy)
    for one in files:
        if one.status == "deleted" or one.new_mode == "160000":
            continue
        if now() > until:
            return (*found, policy_finding(one.path, "guard.scan_unfinished", name=one.path))
        found += _content(one.path, change, secrets, rules, until)
    return tuple(found)


def _caps(changes: Sequence[FileChange], policy: PublishPolicy) -> Iterator[Finding]:
    there = [c for c in changes if c.status != "deleted"]
    counted = (
        ("files", len(changes), policy.max_files),
        ("lines", sum(c.added + c.removed for c in changes), policy.max_lines),
        ("bytes", sum(c.size for c in there), policy.max_bytes),
        ("binaries", sum(c.binary for c in there), policy.max_binaries),
        ("links", sum(_has_become(c, "120000") for c in there), policy.max_links),
        ("executables", sum(_has_become(c, "100755") for c in there), policy.max_executables),
    )
    for what, count, most in counted:
        if count > most:
            yield policy_finding("", f"guard.too_many_{what}", count=count, most=most)


def _has_become(change: FileChange, mode: str) -> bool:
    return change.new_mode == mode and change.old_mode != mode


def _mode(change: FileChange, data: bytes) -> Iterator[Finding]:
    if change.status == "deleted":
        return
    path = change.path
    if change.new_mode == "160000":
        yield policy_finding(path, "guard.gitlink", name=path)
    elif change.new_mode not in MODES:
        yield policy_finding(path, "guard.odd_mode", name=path, mode=change.new_mode)
    elif change.new_mode == "120000":
        target = data.decode("utf-8", "replace")
        inside = _target(path, data)
        if not target or target.startswith("/") or inside.split("/")[0] == "..":
            yield policy_finding(path, "guard.link_leaves", name=path, target=target[:200])
        elif any(is_git(part) for part in inside.split("/")):
            yield policy_finding(path, "guard.nested_git", name=path)
    elif change.new_mode == "100755" and change.old_mode == "100644":
        yield policy_finding(path, "guard.made_executable", name=path)


def _target(path: str, data: bytes) -> str:
    """Where a link leads, from the top of the tree."""
    target = data.decode("utf-8", "replace")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _place(one: FileChange, change: OutgoingChange, policy: PublishPolicy) -> Iterator[Finding]:
    """The path itself, and what a link there would let another path reach."""
    path, reached = one.path, [one.path]
    if one.status != "deleted" and one.new_mode == "120000":
        reached.append(_target(path, change.contents.get(path, b"")))
    if any(not g.startswith("*") and matches(path, g) for g in change.approved):
        return
    if any(is_covered(at, policy.protected) for at in reached):
        yield policy_finding(path, "guard.protected", name=path)
    elif policy.manifests == "hold" and any(is_covered(at, MANIFESTS) for at in reached):
        yield policy_finding(path, "guard.manifest", name=path)


def _content(
    path: str,
    change: OutgoingChange,
    secrets: Sequence[str],
    rules: SecretScanner | None,
    until: float,
) -> Iterator[Finding]:
    data = change.contents.get(path)
    if data is None:
        yield policy_finding(path, "guard.unscanned", name=path)
        return
    text = data.decode("utf-8", "replace")
    wide = data.replace(b"\0", b"").decode("utf-8", "replace")  # UTF-16 has a NUL in each letter
    own = [_tells(t, secrets) for t in {text, wide}]
    if True in own:
        yield policy_finding(path, "guard.own_secret", name=path)
    elif None in own:
        yield policy_finding(path, "guard.scan_unfinished", name=path)
    fresh = _fresh(wide, change.before.get(path, b""))
    yield from shape_findings(path, fresh, rules, until)


def _tells(text: str, secrets: Sequence[str]) -> bool | None:
    """Whether a secret of ours stands there; None: it could not be looked through."""
    try:
        return leaks(text, secrets)
    except TimeoutError:
        return None


def _fresh(text: str, old: bytes) -> str:
    """The added lines, each at its own place; what stood there before is no news."""
    known = set(old.replace(b"\0", b"").decode("utf-8", "replace").split("\n"))
    return "\n".join("" if line in known else line for line in text.split("\n"))


def shape_findings(
    path: str, text: str, rules: SecretScanner | None, until: float
) -> Iterator[Finding]:
    """What has the shape of somebody's secret: one finding a line."""
    found, fault = _shapes(path, text, rules, until)
    for line, name in sorted(found.items()):
        yield policy_finding(path, "guard.secret_shape", line, name=path, what=name)
    if fault is not None:
        yield fault


def _shapes(
    path: str, text: str, rules: SecretScanner | None, until: float
) -> tuple[dict[int, str], Finding | None]:
    """Line -> what it looks like, and why the scan is not whole."""
    found: dict[int, str] = {}
    for name, line in shapes(text):
        found.setdefault(line, name)
    try:
        for name, line in rules(path, text, until) if rules is not None else ():
            found.setdefault(line, name)
    except TimeoutError:
        return found, policy_finding(path, "guard.scan_unfinished", name=path)
    except ValueError as fault:
        return found, policy_finding(path, "guard.rules_unreadable", why=str(fault)[:200])
    return found, None


def scan_text(
    what: str,
    text: str,
    secrets: Sequence[str],
    rules: SecretScanner | None = None,
    seconds: float = 10.0,
) -> tuple[Finding, ...]:
    """The same scan over a title, a comment, a message or a branch name. `what`: how the text is
    called to a person."""
    own = _tells(text, secrets)
    if own is not False:
        key = "guard.text_own_secret" if own else "guard.scan_unfinished"
        return (policy_finding("", key, what=what, name=what),)
    found, fault = _shapes("", text, rules, time.monotonic() + seconds)
    kinds = dict.fromkeys(found.values())
    shaped = [policy_finding("", "guard.text_secret", what=what, looks=kind) for kind in kinds]
    return (*shaped, *([fault] if fault is not None else []))


def lasting(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that no approval lifts."""
    return tuple(finding for finding in findings if finding.say.key in NEVER)
