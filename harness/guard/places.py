"""Where a change may not reach without a person, and names that mean something else to another
machine. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from harness.core.types import FileChange, Finding, LocalizedText
from harness.guard.hidden import invisible, strip_invisible
from harness.system.normal_form import normal_form

PROTECTED = (
    ".github/**", ".gitlab-ci.yml", ".gitlab/**", ".circleci/**", "azure-pipelines.yml",
    ".travis.yml", "Jenkinsfile", ".buildkite/**", "**/CODEOWNERS", "**/CLAUDE.md",
    "**/AGENTS.md", "**/GEMINI.md", ".claude/**", ".cursor/**", "**/.cursorrules", ".mcp.json",
    ".gemini/**", ".devcontainer/**", ".vscode/**", ".idea/**", ".husky/**", ".githooks/**",
    "**/.gitmodules", "**/.gitattributes", ".pre-commit-config.yaml", "harness.toml",
    ".gitleaks.toml", ".gitleaksignore", ".secrets.baseline",
)  # fmt: skip
"""What runs with rights that a pull request has not (workflows), decides who must look (owners),
instructs agents, runs on opening the folder, or says what the checks of secrets look for."""
MANIFESTS = (
    "**/package.json", "**/package-lock.json", "**/npm-shrinkwrap.json", "**/yarn.lock",
    "**/pnpm-lock.yaml", "**/bun.lock", "**/.npmrc", "**/.yarnrc.yml", "**/pyproject.toml",
    "**/setup.py", "**/setup.cfg", "**/requirements*.txt", "**/requirements/*.txt",
    "**/constraints*.txt", "**/uv.lock", "**/poetry.lock", "**/pdm.lock", "**/Pipfile",
    "**/Pipfile.lock", "**/environment.yml", "**/Cargo.toml", "**/Cargo.lock", "**/go.mod",
    "**/go.sum", "**/Gemfile", "**/Gemfile.lock", "**/composer.json", "**/composer.lock",
    "**/pom.xml", "**/build.gradle*", "**/settings.gradle*", "**/Makefile", "**/Dockerfile",
    "**/Containerfile", "**/docker-compose*.yml", "**/compose.yaml",
)  # fmt: skip
"""What decides which packages are fetched and what a build runs, on people's machines and in CI,
before any test. `conftest.py` is not one: tests change it, and the weakening check reads it."""
LONGEST_NAME = 400
RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.I)
ORDINARY = re.compile(r"[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*")
"""Names that need no more than their case taken off."""
NOT_WINDOWS = re.compile(r'[<>:"|?*]|[. ]$')


def policy_finding(path: str, key: str, line: int = 0, **facts: str | int | float) -> Finding:
    """Something that needs a person, or may not be at all."""
    told = {k: printable(v) if isinstance(v, str) else v for k, v in facts.items()}
    return Finding(
        source="policy", path=printable(path), line=line, say=LocalizedText(key=key, facts=told)
    )


def name_findings(change: FileChange, spelled: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """What is wrong with a name. `spelled`: see `spellings`."""
    path = change.path
    if (
        any(invisible(c) or c in "\t\n\ufffd" for c in path)
        or "\\" in path
        or len(path) > LONGEST_NAME
        or path.startswith("/")
        or ".." in path.split("/")
    ):
        yield policy_finding(path, "guard.odd_name", name=path)
    if any(is_git(part) for part in path.split("/")):
        yield policy_finding(path, "guard.nested_git", name=path)
    if change.status != "added":
        return
    if any(RESERVED.fullmatch(part) or NOT_WINDOWS.search(part) for part in path.split("/")):
        yield policy_finding(path, "guard.reserved_name", name=path)
    for part in _prefixes(path):
        others = [other for other in spelled.get(fold_path(part), ()) if other != part]
        if others:
            yield policy_finding(path, "guard.same_name", name=path, other=others[0])
            return


def spellings(tree: Collection[str]) -> dict[str, set[str]]:
    """Every path and folder of a tree by what a file system without case takes it for."""
    found: dict[str, set[str]] = {}
    for part in {part for path in tree for part in _prefixes(path)}:
        found.setdefault(fold_path(part), set()).add(part)
    return found


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]


def printable(path: str) -> str:
    """A name as a person can be shown it."""
    text = path.encode("utf-8", "replace").decode()
    return "".join("?" if invisible(c) or c == "\n" else c for c in text)[:200]


def is_git(part: str) -> bool:
    """`.git` under any name by which some file system finds it."""
    plain = fold_path(part).split(":", 1)[0].rstrip(". ")
    return plain == ".git" or bool(re.fullmatch(r"\.?git~\d+", plain))


def fold_path(path: str) -> str:
    """A path as a forgiving file system would read it: no case, no invisible characters, no
    trailing dots or blanks."""
    if ORDINARY.fullmatch(path):
        return path.lower()
    plain = normal_form("NFKC", strip_invisible(path.replace("\\", "/"))[0]).casefold()
    return "/".join(p.rstrip(". ") or p for p in plain.split("/") if p not in ("", "."))


def is_covered(path: str, globs: Collection[str]) -> bool:
    """True when one of these globs covers the path; also when a file takes a covered folder's
    place."""
    return any(matches(path, glob) or matches(f"{path}/x", glob) for glob in globs)


def matches(path: str, glob: str) -> bool:
    """True when the glob covers the path: `*` within a name, `**` over folders (or none); case,
    invisible characters and trailing dots make no difference."""
    return bool(_pattern(fold_path(glob)).fullmatch(fold_path(path)))


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
