"""Every recipe that a tree offers, the likeliest first (`ranking`)."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from harness.testruns.detect.detection import detect
from harness.testruns.detect.node import workspace
from harness.testruns.detect.part import Read
from harness.testruns.detect.released import is_log
from harness.testruns.recipes.builder import Builder
from harness.testruns.recipes.dispatch import take
from harness.testruns.recipes.gitlab import read_gitlab
from harness.testruns.recipes.make import JUSTFILES, MAKEFILES, command_for, standing_targets
from harness.testruns.recipes.nox import read_sessions
from harness.testruns.recipes.ranking import Basis, Found, rank
from harness.testruns.recipes.recipe import Origin, Recipe
from harness.testruns.recipes.script import Command
from harness.testruns.recipes.told import read_told
from harness.testruns.recipes.tox import find_tox
from harness.testruns.recipes.tree import Tree
from harness.testruns.recipes.workflows import read_workflows

MOST = 24
DEPTH = 4
NAMING = ("package.json", "pyproject.toml", "setup.py", "setup.cfg")
TELLING = (
    *("pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "tox.toml", "noxfile.py", "hatch.toml"),
    *("pytest.ini", "Pipfile", "*requirements*.txt", "*requirements*.in"),
    *("package.json", "lerna.json", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml"),
    *("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", ".justfile"),
    *("CMakeLists.txt", "Cargo.toml", "go.mod", "pom.xml", "build.gradle*", "Gemfile"),
    *(".gitlab-ci.yml", "Dockerfile", "devcontainer.json"),
    *("action.yml", "action.yaml"),
)


def candidates(files: Sequence[str], read: Read) -> tuple[Recipe, ...]:
    """From the paths of a tree and what reads one (None: not there). Nothing of it is run."""
    tree = Tree(files, read)
    found = [(one.basis, one) for one in read_workflows(tree)]
    found += [(one.basis, one) for one in read_gitlab(tree)]
    found += [(Basis.TOOL, one) for one in _tools(tree)]
    manifests = _manifests(tree)
    found += [(Basis.MANIFEST, one) for one in manifests]
    found += [(Basis.TOLD, one) for one in read_told(tree, manifests[-1].recipe.test)]
    return rank(found)[:MOST]


def likeliest(files: Sequence[str], read: Read) -> Recipe:
    """The first of them that can be had from where the project says; else the first."""
    found = candidates(files, read)
    return next((one for one in found if not one.unsourced), found[0])


def is_telling(path: str) -> bool:
    """Whether a file may say how a project is set up or tested."""
    folder, _, name = path.rpartition("/")
    if not folder and name.startswith(("README", "CONTRIBUTING")):
        return True
    if folder.startswith(".github"):
        return name.endswith((".yml", ".yaml"))
    if is_log(path):
        return True
    return folder.count("/") < DEPTH and any(fnmatchcase(name, glob) for glob in TELLING)


def _tools(tree: Tree) -> list[Found]:
    """What the project's own tools run when they are called without more."""
    commands: list[tuple[str, Command]] = []
    if (tox := find_tox(tree, "")) is not None:
        commands.append((tox.path, Command(text="tox", words=("tox",))))
    if read_sessions(tree.text("noxfile.py")).sessions:
        commands.append(("noxfile.py", Command(text="nox", words=("nox",))))
    if tree.has("hatch.toml") or "[tool.hatch.env" in tree.text("pyproject.toml"):
        path = "hatch.toml" if tree.has("hatch.toml") else "pyproject.toml"
        for words in (("hatch", "run", "test"), ("hatch", "run", "test:test"), ("hatch", "test")):
            commands.append((path, Command(text=" ".join(words), words=words)))
    for names, just_file in ((MAKEFILES, False), (JUSTFILES, True)):
        path = next((name for name in names if tree.has(name)), "")
        for target, line in standing_targets(tree.text(path), just_file=just_file) if path else ():
            commands.append((path, command_for(target, path, line)))
    found = []
    for path, command in commands:
        builder = Builder(tree, take)
        builder.take(command)
        recipes = builder.recipes(Origin(path=path, line=command.line))
        found += [Found(recipe, doubts=builder.doubts) for recipe in recipes]
    return found


def _manifests(tree: Tree) -> list[Found]:
    """What detection sees, and the same with what its test command fetches first."""
    seen = detect(tree.files, tree.read)
    told = seen.parts[0].manifests if seen.parts else ()
    path = next((p for p in told if p.rpartition("/")[2] in NAMING), next(iter(told), "."))
    plain = Recipe(
        origin=Origin(path=path),
        setup=seen.setup,
        test=seen.test_command,
        reporter=seen.reporter,
        unsourced=seen.unsourced,
    )
    found = [Found(plain)]
    compiled = {part.language for part in seen.parts if part.test} - {"python", "node"}
    if compiled and not seen.setup and not seen.unsourced:
        builder = Builder(tree, take)
        builder.run(seen.test_command)
        found = [*(Found(one) for one in builder.recipes(Origin(path=path))), *found]
    return [*_of_workspace(tree), *found]


def _of_workspace(tree: Tree) -> list[Found]:
    """The tests of each package of a Node workspace: as the top's own script runs them, else each
    package's script."""
    if workspace("", tree.files, tree.read) is None or not tree.has("package.json"):
        return []
    for call in ("npm test", "npm test --workspaces"):
        builder = Builder(tree, take)
        builder.run(f"npm ci\n{call}")
        recipes = builder.recipes(Origin(path="package.json"))
        known = [one for one in recipes if one.reporter != "none"]
        if known:
            return [Found(one, doubts=builder.doubts) for one in known]
    return []
