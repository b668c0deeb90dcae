"""From what set-ups print, and suites that leave no results, to the recipe that is tried next."""

from __future__ import annotations

import pytest

from harness.testruns.recipes.recipe import Origin, Recipe
from tests.testruns.test_mending import (
    INSTALL,
    key,
    mended,
)


def in_setup(command: str) -> Recipe:
    return Recipe(origin=Origin(path="package.json"), setup=(command,), test="npm test")


NODE = {"package.json": '{"name": "p"}', "pnpm-lock.yaml": "lockfileVersion: '6.0'\n"}
FROZEN = "npx --yes pnpm@10 install --frozen-lockfile"
SETUPS = [
    ("manager", FROZEN, "ERR_PNPM_UNSUPPORTED_ENGINE\nExpected version: >=9\nGot: 10.1", "pnpm@9"),
    ("manager", FROZEN, "This project is configured to use v8.6.1 of pnpm", "pnpm@8"),
    ("manager", FROZEN, "ERR_PNPM_LOCKFILE_BREAKING_CHANGE  Lockfile not compatible", "pnpm@8"),
    ("manager", FROZEN, "WARN  Ignoring not compatible lockfile at /work", "pnpm@8"),
    ("manager", FROZEN, "pnpm-lock.yaml is not compatible with current pnpm", "pnpm@8"),
    ("unlocked", FROZEN, "ERR_PNPM_OUTDATED_LOCKFILE  Cannot install", "--no-frozen-lockfile"),
    ("unlocked", "npm ci", "npm ERR! `npm ci` can only install packages when", "npm install"),
    ("unlocked", "npm ci --no-audit --no-fund", "Missing: a@1 from lock file", "npm install"),
    ("unlocked", "npx --yes yarn@1 install --frozen-lockfile",
     "error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.",
     "yarn@1 install"),
    ("unlocked", "npx --yes @yarnpkg/cli-dist@4 install --immutable",
     "YN0028: The lockfile would have been modified", "cli-dist@4 install"),
    ("peers", "npm ci", "npm ERR! code ERESOLVE", "npm ci --legacy-peer-deps"),
    ("peers", "npm install", "unable to resolve dependency tree", "--legacy-peer-deps"),
    ("engine", "npm ci", "npm ERR! code EBADENGINE", "npm_config_engine_strict=false"),
    ("engine", "npx --yes yarn@1 install", 'error a@1: The engine "node" is incompatible',
     "--ignore-engines"),
    ("download", "npm ci", "puppeteer postinstall: download failed", "PUPPETEER_SKIP_DOWNLOAD=1"),
    ("download", "npm ci", "Cypress: install failed, getaddrinfo ENOTFOUND", "BINARY=0"),
    ("scripts", "npm ci", "sh: 1: husky: not found", "npm ci --ignore-scripts"),
    ("scripts", "npx --yes yarn@1 install", "fatal: not a git repository", "--ignore-scripts"),
    ("not_editable", INSTALL, "ERROR: Project has a build backend that is missing the "
     "'build_editable' hook", "'.'"),
    ("no_root", "poetry install", "Error: The current project could not be installed",
     "poetry install --no-root"),
    ("python", INSTALL, "Package 'x' requires a different Python: 3.11.2 not in '>=3.12'", ""),
]  # fmt: skip


@pytest.mark.parametrize(("why", "command", "printed", "told"), SETUPS)
def test_a_set_up_is_mended_by_what_it_printed(
    why: str, command: str, printed: str, told: str
) -> None:
    made = mended(printed, NODE, in_setup(command), stage="setup")
    assert key(made) == why
    assert made is not None
    assert told in "\n".join(made.recipe.setup)
    assert made.recipe != in_setup(command)


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Test Suites: 3 passed, 3 total\nTests:       5 passed, 5 total\n", "jest"),
        (" Test Files  2 passed (2)\n      Tests  9 passed (9)\n", "vitest"),
        ("\n  12 passing (34ms)\n", "mocha"),
        ("===== 5 passed, 1 skipped in 0.12s =====", "pytest"),
        ("Ran 5 tests in 0.001s\n\nOK\n", "unittest"),
        ("ok  \texample.org/a\t0.003s\n", "go"),
        ("test result: ok. 5 passed; 0 failed; 0 ignored\n", "cargo"),
        ("100% tests passed, 0 tests failed out of 4\n", "ctest"),
        ("OK (5 tests, 7 assertions)\n", "phpunit"),
        ("5 examples, 0 failures\n", "rspec"),
    ],
)
def test_results_that_nobody_read_are_read_by_the_runner_that_shows(
    printed: str, name: str
) -> None:
    made = mended(printed, recipe=in_setup("true"))
    assert made is not None
    assert made.recipe.reporter == name
    assert mended(printed, recipe=made.recipe) is None
