"""What npm runs before and after a project's tests, and what of it is run with them."""

from __future__ import annotations

import json

import pytest

from harness.testruns.detect.detection import detect
from harness.testruns.detect.node_scripts import tests_of as read_tests

AUDIT = {"posttest": "npx npm@'>=10.2' audit --production"}
ROWS = {
    "an audit": ({"test": "tape 'test/**/*.js'", **AUDIT}, "npx --no-install tape 'test/**/*.js'"),
    "of a script that it calls": (
        {"test": "npm run only", "only": "mocha", **AUDIT},
        "npx --no-install mocha",
    ),
    "checks before": (
        {"pretest": "eslint . && prettier -c .", "test": "ava", **AUDIT},
        "npx --no-install ava",
    ),
    "a build before": (
        {"pretest": "tsc -p .", "test": "mocha dist", **AUDIT},
        "npm run pretest && npx --no-install mocha dist",
    ),
    "a step before": (
        {"test": "node build.js && mocha", "posttest": "linkinator ."},
        "node build.js && npx --no-install mocha",
    ),
    "nothing after": ({"test": "mocha", "pretest": "tsc -p ."}, "npm test"),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_comes_after_the_tests_is_left_out(name: str) -> None:
    scripts, wanted = ROWS[name]
    (found,) = read_tests(scripts, "test", "")
    assert found.command == wanted


BUILT = {
    "build": "tsc && npm run build --workspaces --if-present && gzip-size a.js",
    "format": "remark . -qfo && prettier . -w && xo --fix",
    "api": "node --conditions development test/index.js",
}
CHAINS = {
    "a build, formatters, and coverage of a script": (
        {**BUILT, "cover": "c8 --100 --reporter lcov npm run api",
         "test": "npm run build && npm run format && npm run cover"},
        "npx --no-install tsc && npm run build --workspaces --if-present && "
        "node --conditions development test/index.js",
    ),
    "coverage around node": (
        {"test": "c8 --check-coverage -x test node --import tsx test/index.ts"},
        "node --import tsx test/index.ts",
    ),
    "nyc may load what tests need": (
        {"test": "nyc --reporter=lcov node test"},
        "npx --no-install nyc --reporter=lcov node test",
    ),
    "a wrapper within a wrapper": (
        {"test": "npm run lint && cross-env A=1 npx c8 npm run only", "lint": "eslint .",
         "only": "node --test test/"},
        "A=1 node --test test/",
    ),
    "tsx": ({"test": "tsx --test test/*.ts"}, "npx --no-install tsx --test test/*.ts"),
    "a build whose option is a format": (
        {"test": "esbuild a.ts --format=cjs && c8 node ./tests/run.mjs"},
        "npx --no-install esbuild a.ts --format=cjs && node ./tests/run.mjs",
    ),
    "options of its own": (
        {"test": "NODE_OPTIONS=--conditions=development node lib/index.test.js"},
        "NODE_OPTIONS=--conditions=development node lib/index.test.js",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAINS)
def test_the_step_that_runs_node_tests_is_found(name: str) -> None:
    scripts, wanted = CHAINS[name]
    assert read_tests(scripts, "test", "") == ((wanted, "node"),)


@pytest.mark.parametrize(
    "script",
    ["npm run test --workspaces", "node scripts/release.js", "c8 report", "node latest/index.js"],
)
def test_no_other_script_is_taken_for_node_tests(script: str) -> None:
    assert read_tests({"test": script}, "test", "") == (("npm test", "none"),)


BESIDE = {
    "files": ("node test/a.js && node test/b.js", ["node test/a.js", "node test/b.js"], "node"),
    "folders": ("mocha test/unit && mocha test/slow", ["test/unit", "test/slow"], "mocha"),
    "settings": ("jest --config a.json; jest --config b.json", ["a.json", "b.json"], "jest"),
    "scripts": ("npm run one && npm run two", ["test/one.js", "test/two.js"], "tape"),
    "kinds": ("vitest run && mocha", ["vitest run", "mocha"], "vitest+mocha"),
}


@pytest.mark.parametrize("case", BESIDE)
def test_each_command_that_runs_some_of_the_tests_counts(case: str) -> None:
    script, commands, reporter = BESIDE[case]
    scripts = {"test": script, "one": "tape test/one.js", "two": "tape test/two.js"}
    files = {"package.json": json.dumps({"name": "a", "scripts": scripts})}
    found = detect(tuple(files), files.get)
    at = [found.test_command.index(command) for command in commands]
    assert at == sorted(at)
    assert found.test_command.count("||") == len(commands)
    assert found.reporter == reporter


def test_what_runs_all_of_a_kind_stands_for_what_runs_some() -> None:
    files = {"package.json": json.dumps({"scripts": {"test": "jest && jest --config slow.json"}})}
    found = detect(tuple(files), files.get)
    assert found.test_command == "npx --no-install jest"
