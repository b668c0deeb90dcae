"""What npm runs before and after a project's tests, and what of it is run with them."""

from __future__ import annotations

import pytest

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
