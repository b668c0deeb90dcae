"""A forge that product code has never heard of is asked everywhere by its descriptor alone."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.core.forge_kinds import EMBEDDED, FORGES, ForgeRegistry
from tests.cli.conftest import Ended, Git, Person

ROOT = Path(__file__).parents[2]
REGISTRY = ROOT / "harness" / "core" / "forge_kinds.py"
CONSTANTS = ("EMBEDDED", "GITHUB")


@pytest.fixture
def town(person: Person, git: Git) -> Person:
    """A checkout registered with the town, whose mirror has the project's own file."""
    git("init", "-q", "-b", "main")
    (person.cwd / "harness.toml").write_text('[test]\ncommand = "true"\n')
    git("add", ".")
    git("commit", "-q", "-m", "first")
    mirror = person.state / "workspaces" / "here" / "mirror.git"
    mirror.parent.mkdir(parents=True)
    git("clone", "-q", "--bare", str(person.cwd), str(mirror))
    file = person.register("here", person.cwd)
    file.write_text(file.read_text() + '[forge]\nkind = "town"\nrepository = "town/first"\n')
    person.env |= {
        "GITHUB_TOKEN": "a-token-of-the-town",
        "HARNESS_SANDBOX__KIND": "none",
        "ANTHROPIC_API_KEY": "k",
        "PYTHONPATH": str(ROOT),
    }
    return person


def harness(person: Person, *args: str) -> Ended:
    """`harness` as it is with the town."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.town", *args],
        cwd=person.cwd,
        env=person.env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def test_settings_know_it_and_fill_in_what_it_says(town: Person) -> None:
    done = harness(town, "init")
    assert done.code == 0, done.err
    assert json.loads(done.out.splitlines()[-1]) == {
        "repository": "town/known",
        "merge": "ask",
        "quiet_s": 7.0,
        "triggers": ["assign"],
        "secret": True,
        "own_file": ['[test]\ncommand = "true"\n', "town/known@main:harness.toml"],
    }
    assert "local | github | town" in harness(town, "config", "schema").out


def test_a_kind_that_is_none_of_them_is_said_with_all_of_them(town: Person) -> None:
    town.env["HARNESS_FORGE__KIND"] = "village"
    for known, done in (
        ("'local', 'github' or 'town'", harness(town, "pull")),
        ("'local' or 'github'", town.harness("pull")),
    ):
        assert (done.code, known in done.err) == (3, True), done.err


def test_doctor_opens_it_asks_it_and_closes_it(town: Person) -> None:
    done = harness(town, "doctor", "--json")
    found = {c["name"]["key"]: c for c in json.loads(done.out)["checks"]}
    assert found["forge.probe_login"]["detail"] == "asked by the town"
    assert found["pipeline.probe_key"]["ok"]
    assert done.err.count("town opened with 19 letters") == 1
    assert done.err.count("town closed") == 1


@pytest.mark.parametrize("args", [("pull",), ("issue", "list"), ("pr", "list")])
def test_commands_of_the_embedded_forge_name_it(town: Person, args: tuple[str, ...]) -> None:
    done = harness(town, *args)
    assert (done.code, "town" in done.err) == (2, True)


def test_a_name_stands_for_one_forge() -> None:
    with pytest.raises(ValueError, match="local"):
        ForgeRegistry(EMBEDDED, EMBEDDED)


def asked_by_name(tree: ast.Module) -> Iterator[int]:
    """Lines that tell one kind of forge from another without its descriptor."""
    for node in ast.walk(tree):
        sides: list[ast.expr | None] = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Dict):
            sides = [*node.keys]
        elif isinstance(node, ast.MatchValue):
            sides = [node.value]
        elif isinstance(node, ast.Subscript):
            sides = [node.slice]
        for side in sides:
            if side is not None and any(map(is_name_of_a_kind, ast.walk(side))):
                yield side.lineno


def is_name_of_a_kind(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in FORGES.names()
    return isinstance(node, ast.Name) and node.id in CONSTANTS


@pytest.mark.parametrize(
    "text",
    [
        "forge.kind == 'local'",
        "'github' != kind",
        "kind in ('x', 'local')",
        "TABLE = {'local': 1}",
        "match kind:\n    case 'github': pass",
        "table['local']",
        "forge.descriptor is GITHUB",
        "kind == EMBEDDED.name",
    ],
)
def test_what_asks_by_name_is_found(text: str) -> None:
    assert list(asked_by_name(ast.parse(text)))


def test_nobody_asks_for_the_kind_by_its_name() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "harness").rglob("*.py"))
        if path != REGISTRY
        for line in asked_by_name(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []
