"""What is written for editors and people: a development container, a Dockerfile, the code blocks
of a guide. Pure."""

from __future__ import annotations

import json
import re

from harness.testruns.recipes.builder import Builder
from harness.testruns.recipes.dispatch import take
from harness.testruns.recipes.gitlab import IMAGES
from harness.testruns.recipes.ranking import Found
from harness.testruns.recipes.recipe import Origin
from harness.testruns.recipes.tree import Tree

GUIDES = (
    *("CONTRIBUTING.md", "CONTRIBUTING.rst", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md"),
    *("docs/contributing.md", "HACKING.md", "DEVELOPMENT.md", "README.md", "README.rst"),
)
CONTAINERS = (".devcontainer/devcontainer.json", ".devcontainer.json")
DOCKERFILES = ("Dockerfile.test", "Dockerfile.dev", "Dockerfile", ".devcontainer/Dockerfile")
MOST_BLOCKS = 40
MOST_LINES = 1000
FENCE = re.compile(r"^\s*(?:```|~~~)\s*(\w*)")
SHELLS = ("", "sh", "bash", "shell", "console", "zsh", "text")


def read_told(tree: Tree, test: str) -> list[Found]:
    """A recipe for each such file. `test`: the command that the manifests show, for a file that
    sets up alone."""
    found = [_guide(tree, path) for path in GUIDES if tree.has(path)]
    found += [_container(tree, path, test) for path in CONTAINERS if tree.has(path)]
    found += [_dockerfile(tree, path, test) for path in DOCKERFILES if tree.has(path)]
    return [one for rows in found for one in rows]


def _guide(tree: Tree, path: str) -> list[Found]:
    """What its blocks install before the first that runs tests, and that one."""
    builder = Builder(tree, take)
    for line, text in _blocks(tree.text(path))[:MOST_BLOCKS]:
        if builder.has_tests:
            break
        builder.run(text, "", {}, line)
    return [Found(one, doubts=builder.doubts) for one in builder.recipes(Origin(path=path))]


def _blocks(text: str) -> list[tuple[int, str]]:
    """Blocks of code with the line of their first, prompts taken off."""
    found: list[tuple[int, str]] = []
    held: list[str] | None = None
    known, start = False, 0
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if fence is not None and held is None:
            held, known, start = [], fence[1].lower() in SHELLS, number + 1
        elif fence is not None and held is not None:
            found += [(start, "\n".join(held))] if known else []
            held = None
        elif held is not None:
            held.append(re.sub(r"^\s*(?:\$|>|%|#\s*\$)\s+", "", line).strip())
    return found or _indented(text)


def _indented(text: str) -> list[tuple[int, str]]:
    """reStructuredText: what is indented behind `::` or a directive for code."""
    found: list[tuple[int, str]] = []
    lines = text.splitlines()[:MOST_LINES]
    for number, line in enumerate(lines):
        opens = line.rstrip().endswith("::") or ".. code" in line
        at = number + 1
        while opens and at < len(lines) and (not lines[at].strip() or lines[at][:1] in " \t"):
            told = re.sub(r"^(?:\$|>)\s+", "", lines[at].strip())
            if told and not told.startswith(":"):
                found.append((at + 1, told))
            at += 1
    return found


def _container(tree: Tree, path: str, test: str) -> list[Found]:
    text = re.sub(r"(?m)^\s*//.*$", "", tree.text(path))
    try:
        told = json.loads(re.sub(r",(\s*[}\]])", r"\1", text))
    except (ValueError, RecursionError):
        return []
    builder = Builder(tree, take)
    for key in ("onCreateCommand", "updateContentCommand", "postCreateCommand"):
        said = told.get(key) if isinstance(told, dict) else None
        for one in said.values() if isinstance(said, dict) else [said]:
            words = one if isinstance(one, list) else []
            command = one if isinstance(one, str) else " ".join(map(str, words))
            builder.run(command, "", {}, _line(tree.text(path), key))
    return _with_test(builder, test, Origin(path=path, line=_line(tree.text(path), "postCreate")))


def _line(text: str, word: str) -> int:
    rows = (number for number, line in enumerate(text.splitlines(), 1) if word in line)
    return next(rows, 0)


def _dockerfile(tree: Tree, path: str, test: str) -> list[Found]:
    """Its RUN lines, as run at the top of the tree."""
    builder, first = Builder(tree, take), 0
    text = re.sub(r"\\\s*\n\s*(?:#.*\n\s*)*", " ", tree.text(path))
    for line in text.splitlines():
        run = re.match(r"\s*RUN\s+(?:--\S+\s+)*([^\[<].*)", line)
        base = re.match(r"\s*FROM\s+(?:--\S+\s+)?(?:\S*/)?([\w-]+):(\d+(?:\.\d+)*)", line)
        if base is not None and base[1] in IMAGES:
            builder.wants[IMAGES[base[1]]] = base[2]
        if run is not None:
            first = first or _line(tree.text(path), run[1][:20])
            builder.run(run[1])
    return _with_test(builder, test, Origin(path=path, line=first))


def _with_test(builder: Builder, test: str, origin: Origin) -> list[Found]:
    """What it sets up, with the tests that the manifests show where it has none."""
    if not builder.size:
        return []
    if not builder.has_tests and test:
        builder.run(test)
        builder.line = origin.line
    return [Found(one, doubts=builder.doubts) for one in builder.recipes(origin)]
