"""A project's history, read and never written: which commits are bug fixes, what each changed."""

from __future__ import annotations

import ast
import difflib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef)
MOST_FILES = 12
MOST_LINES = 600
SOURCE = (".py", ".js", ".mjs", ".cjs", ".ts", ".tsx")
TEST = re.compile(
    r"(?:^|/)(?:tests?|testing|spec|__tests__)/|(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$"
    r"|(?:^|[/.-])(?:test|spec)\.[cm]?[jt]sx?$"
)


@dataclass(frozen=True)
class Project:
    """`words`: what the subject of a bug fix holds. `source`: the product's own folder. `setup`:
    commands after those that harness finds, where its newest tools no longer take old tests."""

    name: str
    source: str
    wanted: int
    since: str = "2023-01-01"
    words: str = r"\b(fix(es|ed)?|bug(fix)?|regression|crash(es|ed)?)\b"
    setup: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        return self.name.rpartition("/")[2]


@dataclass(frozen=True)
class File:
    """One path that the commit touched; None on the side where it is not."""

    path: str
    old: bytes | None
    new: bytes | None
    executable: bool = False

    @property
    def is_test(self) -> bool:
        return bool(TEST.search(self.path))


@dataclass(frozen=True)
class Change:
    """One commit as it stands in the history."""

    commit: str
    parent: str
    date: str
    subject: str
    body: str
    files: tuple[File, ...]

    @property
    def tests(self) -> tuple[File, ...]:
        return tuple(f for f in self.files if f.is_test)

    @property
    def product(self) -> tuple[File, ...]:
        return tuple(f for f in self.files if not f.is_test)


class History:
    """A git directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *words: str, env: Mapping[str, str] | None = None) -> bytes:
        argv = ("git", "--git-dir", str(self.folder), *words)
        return subprocess.run(
            argv, check=True, capture_output=True, env={**os.environ, **(env or {})}
        ).stdout

    def fixes(self, project: Project) -> Iterator[str]:
        """Commits of one parent whose subject says that they fix something, newest first."""
        listed = self.git("log", "--no-merges", f"--since={project.since}", "--format=%H %s")
        for line in listed.decode("utf-8", "replace").splitlines():
            commit, _, subject = line.partition(" ")
            if re.search(project.words, subject, re.IGNORECASE):
                yield commit

    def change(self, commit: str) -> Change:
        shown = self.git("show", "--no-patch", "--format=%H%x00%P%x00%cs%x00%s%x00%b", commit)
        whole, parents, date, subject, body = shown.decode("utf-8", "replace").split("\0")
        parent = parents.split(" ")[0]
        raw = self.git("diff-tree", "-r", "--no-renames", "-z", parent, whole).split(b"\0")
        files = []
        for facts, path in zip(raw[::2], raw[1::2], strict=False):
            _, mode, old, new, _ = facts.decode().lstrip(":").split(" ")
            name = path.decode()
            files.append(File(name, self._blob(old), self._blob(new), mode == "100755"))
        return Change(whole, parent, date, subject, body.strip(), tuple(files))

    def _blob(self, name: str) -> bytes | None:
        return None if set(name) == {"0"} else self.git("cat-file", "blob", name)

    def unpack(self, commit: str, into: Path) -> None:
        """The commit's whole tree as files; nothing is left out as an archive may leave out."""
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self.git("read-tree", commit, env=env)
            self.git("--work-tree", str(into), "checkout-index", "--all", "--force", env=env)


def unfit(project: Project, change: Change) -> str:
    """Why the commit is no small bug fix with a test, "" when it is one."""
    if len(change.files) > MOST_FILES:
        return f"{len(change.files)} files"
    if any(b"\0" in (f.old or b"") + (f.new or b"") for f in change.files):
        return "binary files"
    if sum(map(_lines, change.files)) > MOST_LINES:
        return f"more than {MOST_LINES} lines"
    if not any(f.new is not None for f in change.tests):
        return "no test"
    product = [f.path for f in change.product if f.path.endswith(SOURCE)]
    if not any(path.startswith(project.source) for path in product):
        return "no product file"
    return ""


def _lines(file: File) -> int:
    old, new = (side.decode("utf-8", "replace").splitlines() for side in _sides(file))
    return sum(line[:1] in "+-" for line in difflib.unified_diff(old, new, n=0))


def _sides(file: File) -> tuple[bytes, bytes]:
    return file.old or b"", file.new or b""


def expectations(change: Change) -> tuple[str, ...]:
    """Ids of tests that were there before and of which a line was taken away."""
    found: list[str] = []
    for file in change.tests:
        old, new = (side.decode("utf-8", "replace") for side in _sides(file))
        if file.path.endswith(".py"):
            before, after = functions(old), functions(new)
        else:
            before, after = blocks(old), blocks(new)
        for name, text in before.items():
            if _taken(text, after.get(name, "")):
                found.append(f"{file.path}::{name}")
    return tuple(found)


def _taken(old: str, new: str) -> bool:
    lines = difflib.ndiff(_plain(old), _plain(new))
    return any(line.startswith("- ") for line in lines)


def _plain(text: str) -> list[str]:
    return [line for each in text.splitlines() if (line := each.strip().rstrip(","))]


def functions(text: str) -> dict[str, str]:
    """Test functions of a Python file by their names, decorators included."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return {}
    lines, found = text.splitlines(), {}

    def visit(body: list[ast.stmt], start: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                visit(node.body, f"{start}{node.name}::")
            elif isinstance(node, DEFINED) and node.name.startswith("test"):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                found[start + node.name] = "\n".join(lines[first - 1 : node.end_lineno])

    visit(tree.body, "")
    return found


def blocks(text: str) -> dict[str, str]:
    """`test('title', ...)` blocks of a script, by title, those of one title together; each ends
    where the next begins."""
    heads = list(
        re.finditer(r"""^\s*(?:test|it)(?:\.each\([^)]*\))?\((['"`])(.+?)\1,""", text, re.M)
    )
    ends = [head.start() for head in heads[1:]] + [len(text)] * bool(heads)
    found: dict[str, str] = {}
    for head, end in zip(heads, ends, strict=True):
        found[head.group(2)] = found.get(head.group(2), "") + text[head.start() : end]
    return found
