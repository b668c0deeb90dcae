"""What of a change may not leave without a person. Pure policy over the changed paths and their
new contents: the publisher asks here before anything is committed or pushed."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from harness.core.base import Value
from harness.core.types import FileChange, Finding, Say
from harness.guard.hidden import invisible, seen
from harness.guard.secrets import leaks, shapes

PROTECTED = (
    ".github/**", ".gitlab-ci.yml", ".gitlab/**", ".circleci/**", "azure-pipelines.yml",
    ".travis.yml", "Jenkinsfile", ".buildkite/**", "**/CODEOWNERS", "**/CLAUDE.md",
    "**/AGENTS.md", "**/GEMINI.md", ".claude/**", ".cursor/**", "**/.cursorrules", ".mcp.json",
    ".devcontainer/**", ".vscode/**", ".idea/**", ".husky/**", ".githooks/**", "**/.gitmodules",
    "**/.gitattributes", ".pre-commit-config.yaml", "harness.toml",
)  # fmt: skip
MANIFESTS = (
    "**/package.json", "**/package-lock.json", "**/npm-shrinkwrap.json", "**/yarn.lock",
    "**/pnpm-lock.yaml", "**/.npmrc", "**/pyproject.toml", "**/setup.py", "**/setup.cfg",
    "**/requirements*.txt", "**/uv.lock", "**/poetry.lock", "**/Pipfile", "**/Pipfile.lock",
    "**/Cargo.toml", "**/Cargo.lock", "**/go.mod", "**/go.sum", "**/Gemfile", "**/Gemfile.lock",
)  # fmt: skip
MODES = ("100644", "100755", "120000")
LONGEST_NAME = 400


class PublishPolicy(Value):
    """Bounds on one change. `manifests`: `hold` asks a person when dependencies or their locks
    change, `allow` does not."""

    protected: tuple[str, ...] = PROTECTED
    manifests: str = "allow"
    max_files: int = 100
    max_lines: int = 5000
    max_bytes: int = 5_000_000
    max_binaries: int = 0


def publishable(
    changes: Sequence[FileChange],
    contents: Mapping[str, bytes],
    approved: Sequence[str],
    policy: PublishPolicy,
    secrets: Sequence[str] = (),
    before: Mapping[str, bytes] | None = None,
) -> tuple[Finding, ...]:
    """Every reason why this change may not leave by itself; empty: it may.

    `contents`: path -> bytes of what is there afterwards (a link's target for mode 120000).
    `approved`: globs that a plan names which a person approved; they lift protected paths and
    manifests, where they name them (a leading wildcard names nothing), and nothing else.
    `secrets`: our own, looked for in every form. `before`: old contents, whose secret-like texts
    are no news.
    """
    found = list(_caps(changes, policy))
    for change in changes:
        found += _name(change.path)
        found += _mode(change, contents.get(change.path, b""))
        found += _place(change.path, approved, policy)
        if change.status != "deleted":
            old = (before or {}).get(change.path, b"")
            found += _secret(change.path, contents.get(change.path, b""), old, secrets)
    return tuple(found)


def _held(path: str, key: str, line: int = 0, **facts: str | int | float) -> Finding:
    return Finding(source="policy", path=path, line=line, say=Say(key=key, facts=facts))


def _caps(changes: Sequence[FileChange], policy: PublishPolicy) -> Iterator[Finding]:
    counted = (
        ("guard.too_many_files", len(changes), policy.max_files),
        ("guard.too_many_lines", sum(c.added + c.removed for c in changes), policy.max_lines),
        (
            "guard.too_many_bytes",
            sum(c.size for c in changes if c.status != "deleted"),
            policy.max_bytes,
        ),
        (
            "guard.too_many_binaries",
            sum(c.binary for c in changes if c.status != "deleted"),
            policy.max_binaries,
        ),
    )
    for key, count, most in counted:
        if count > most:
            yield _held("", key, count=count, most=most)


def _name(path: str) -> Iterator[Finding]:
    """Names that mean something else to another machine, or nothing to a reader."""
    shown = path.encode("utf-8", "replace").decode()
    clean = "".join("?" if invisible(c) or c == "\n" else c for c in shown)[:200]
    if (
        any(invisible(c) or c in "\t\n\ufffd" for c in path)
        or "\\" in path
        or len(path) > LONGEST_NAME
        or path.startswith("/")
        or ".." in path.split("/")
    ):
        yield _held(clean, "guard.odd_name", name=clean)
    if any(_is_git(part) for part in path.split("/")):
        yield _held(clean, "guard.nested_git", name=clean)


def _is_git(part: str) -> bool:
    """`.git` under any name by which some file system finds it."""
    plain = folded(part).split(":", 1)[0].rstrip(". ")
    return plain == ".git" or bool(re.fullmatch(r"\.?git~\d+", plain))


def folded(path: str) -> str:
    """A path as a forgiving file system would read it: no case, no invisible characters, no
    trailing dots or blanks."""
    plain = unicodedata.normalize("NFKC", seen(path.replace("\\", "/"))[0]).casefold()
    return "/".join(p.rstrip(". ") or p for p in plain.split("/") if p not in ("", "."))


def _mode(change: FileChange, data: bytes) -> Iterator[Finding]:
    if change.status == "deleted":
        return
    path = change.path
    if change.new_mode == "160000":
        yield _held(path, "guard.gitlink", name=path)
    elif change.new_mode not in MODES:
        yield _held(path, "guard.odd_mode", name=path, mode=change.new_mode)
    elif change.new_mode == "120000":
        target = data.decode("utf-8", "replace")
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if not target or target.startswith("/") or inside.split("/")[0] == "..":
            yield _held(path, "guard.link_leaves", name=path, target=target[:200])
        elif any(_is_git(part) for part in inside.split("/")):
            yield _held(path, "guard.nested_git", name=path)
    elif change.new_mode == "100755" and change.old_mode == "100644":
        yield _held(path, "guard.made_executable", name=path)


def _place(path: str, approved: Sequence[str], policy: PublishPolicy) -> Iterator[Finding]:
    named = any(not g.startswith("*") and matches(path, g) for g in approved)
    if named:
        return
    # a file may take a protected folder's place
    if any(matches(path, g) or matches(f"{path}/x", g) for g in policy.protected):
        yield _held(path, "guard.protected", name=path)
    elif policy.manifests == "hold" and any(matches(path, glob) for glob in MANIFESTS):
        yield _held(path, "guard.manifest", name=path)


def matches(path: str, glob: str) -> bool:
    """True when the glob covers the path: `*` within a name, `**` over folders (or none); case,
    invisible characters and trailing dots make no difference."""
    return bool(_pattern(folded(glob)).fullmatch(folded(path)))


@lru_cache(maxsize=512)
def _pattern(glob: str) -> re.Pattern[str]:
    out = ""
    at = 0
    while at < len(glob):
        if glob.startswith("**/", at):
            out, at = out + "(?:.*/)?", at + 3
        elif glob.startswith("**", at):
            out, at = out + ".*", at + 2
        elif glob[at] == "*":
            out, at = out + "[^/]*", at + 1
        elif glob[at] == "?":
            out, at = out + "[^/]", at + 1
        else:
            out, at = out + re.escape(glob[at]), at + 1
    # a folder covers what is in it
    return re.compile(f"{out}(?:/.*)?" if not glob.endswith("*") else out, re.S)


def _secret(path: str, data: bytes, old: bytes, secrets: Sequence[str]) -> Iterator[Finding]:
    text = data.decode("utf-8", "replace")
    wide = data.replace(b"\0", b"").decode("utf-8", "replace")  # UTF-16 has a NUL in each letter
    if any(leaks(t, secrets) for t in {path, text, wide}):
        yield _held(path, "guard.own_secret", name=path)
    known = {name for name, _ in shapes(old.decode("utf-8", "replace"))}
    for name, line in shapes(text):
        if name not in known:
            yield _held(path, "guard.secret_shape", line, name=path, what=name)


def scan_text(text: str, secrets: Sequence[str]) -> tuple[Finding, ...]:
    """The same scan over a title, a comment, a message or a branch name."""
    found = []
    if leaks(text, secrets):
        found.append(_held("", "guard.own_secret", name="text"))
    found += [_held("", "guard.secret_shape", name="text", what=n) for n, _ in shapes(text)]
    return tuple(found)
