"""Workspaces of Node and of Python without a CI file: each package is set up and has its tests."""

from __future__ import annotations

import json

import pytest

from harness.testruns.packages import packages_of
from harness.testruns.recipes.candidates import likeliest


def package(**values: object) -> str:
    return json.dumps(values)


def node(top: str) -> dict[str, str]:
    return {
        "package.json": top,
        "packages/a/package.json": package(name="a", scripts={"test": "jest --ci"}),
        "packages/b/package.json": package(name="b", scripts={"test": "vitest run"}),
        "packages/none/package.json": package(name="none", dependencies={"a": "*"}),
    }


def top(test: str = "", workspaces: tuple[str, ...] = ()) -> str:
    told = {"workspaces": workspaces} if workspaces else {}
    return package(name="all", private=True, scripts={"test": test} if test else {}, **told)


PNPM = {
    "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
}
GLOBS = ("packages/*",)
TWO = [("packages/a", "jest"), ("packages/b", "vitest")]


@pytest.mark.parametrize(
    ("files", "installs"),
    [
        ({**node(top("npm test --workspaces", GLOBS)), "package-lock.json": "{}"}, "npm ci"),
        ({**node(top("npm test -ws --if-present", GLOBS)), "package-lock.json": "{}"}, "npm ci"),
        ({**node(top("", GLOBS)), "package-lock.json": "{}"}, "npm ci"),
        ({**node(top("pnpm -r test")), **PNPM}, "pnpm@"),
        ({**node(top("turbo run test")), **PNPM}, "pnpm@"),
        ({**node(top()), **PNPM}, "pnpm@"),
        ({**node(top("lerna run test", GLOBS)), "yarn.lock": "# yarn lockfile v1\n"}, "yarn@1"),
    ],
)
def test_each_package_of_a_node_workspace(files: dict[str, str], installs: str) -> None:
    recipe = likeliest(tuple(files), files.get)
    found = packages_of(recipe.test, recipe.reporter)
    assert [(one.folder, one.reporter) for one in found] == TWO
    assert len(recipe.setup) == 1
    assert installs in recipe.setup[0]


def test_a_top_with_tests_of_its_own_is_run_as_it_says() -> None:
    files = {**node(top("jest", GLOBS)), "package-lock.json": "{}"}
    recipe = likeliest(tuple(files), files.get)
    assert (packages_of(recipe.test, recipe.reporter), recipe.reporter) == ((), "jest")


def test_no_tests_in_any_package_are_none() -> None:
    files = {"package.json": top("", GLOBS), "packages/a/package.json": package(name="a")}
    assert likeliest(tuple(files), files.get).test == ""


@pytest.mark.parametrize("folders", [("packages/a", "packages/b"), ("a", "b", "libs/c")])
def test_each_package_of_a_python_repository(folders: tuple[str, ...]) -> None:
    files = {}
    for folder in folders:
        name = folder.rpartition("/")[2]
        files[f"{folder}/pyproject.toml"] = f'[project]\nname = "{name}"\nversion = "1"\n'
        files[f"{folder}/tests/test_{name}.py"] = ""
    recipe = likeliest(tuple(files), files.get)
    found = packages_of(recipe.test, recipe.reporter)
    assert [(one.folder, one.reporter) for one in found] == [(one, "pytest") for one in folders]
