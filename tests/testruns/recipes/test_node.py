"""Node's package managers and scripts, as CI calls them."""

from __future__ import annotations

import json

import pytest

from tests.testruns.recipes.reading import CI, first, job, recipes


def package(test: str = "jest", **more: object) -> str:
    return json.dumps({"scripts": {"test": test}, "devDependencies": {"jest": "1"}, **more})


BERRY = "__metadata:\n  version: 8\n"
MANAGERS = {
    "npm": ("npm ci", {"package-lock.json": ""}, "", "npm ci --no-audit --no-fund"),
    "npm, as it fits": ("npm install", {"package-lock.json": ""}, "", "npm install --no-audit"),
    "npm, exact": ("npm ci", {"package-lock.json": ""}, "npm@10.2.3", "npx --yes npm@10.2.3 ci"),
    "npm without scripts": ("npm i --ignore-scripts", {}, "", "--ignore-scripts"),
    "pnpm, exact": ("pnpm i", {"pnpm-lock.yaml": ""}, "pnpm@9.1.2+sha512.ab",
                    "npx --yes pnpm@9.1.2 install --frozen-lockfile"),
    "pnpm by its lock file": ("pnpm i", {"pnpm-lock.yaml": "lockfileVersion: '6.0'\n"}, "",
                              "npx --yes pnpm@8 install --frozen-lockfile"),
    "yarn 1": ("yarn", {"yarn.lock": "# yarn lockfile v1\n"}, "", "yarn@1 install"),
    "yarn 1, exact": ("yarn install", {"yarn.lock": ""}, "yarn@1.22.19", "yarn@1.22.19 install"),
    "yarn 4 by its lock file": ("yarn", {"yarn.lock": BERRY}, "", "@yarnpkg/cli-dist@4 install"),
    "yarn 4, exact": ("yarn", {"yarn.lock": BERRY}, "yarn@4.4.1", "cli-dist@4.4.1 install --imm"),
    "yarn in the tree": ("yarn", {"yarn.lock": BERRY, ".yarn/releases/yarn-4.1.0.cjs": "",
                         ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.1.0.cjs\n"}, "yarn@4.1.0",
                         "node .yarn/releases/yarn-4.1.0.cjs install --immutable"),
    "yarn 1 in the tree": ("yarn", {"yarn.lock": "", ".yarn/releases/yarn-1.22.4.cjs": "",
                           ".yarnrc": 'yarn-path ".yarn/releases/yarn-1.22.4.cjs"\n'}, "",
                           "node .yarn/releases/yarn-1.22.4.cjs install --frozen-lockfile"),
    "bun": ("bun install", {"bun.lock": ""}, "bun@1.1.4", "npx --yes bun@1.1.4 install --frozen"),
}  # fmt: skip
SCRIPTS = {
    "plain": ("jest", "npm test", "npm test", "jest"),
    "in many time zones": (
        "cross-env TZ=A npm run tz && jest --coverage --coverageThreshold='{\"a\": 1}'",
        "npm test", "npx --no-install jest --coverage=false", "jest"),
    "with a build of its own": ("vitest run && yarn two && yarn flow check", "yarn test",
                                "npx --no-install vitest run", "vitest"),
    "by another script": ("yarn unit", "yarn test", "npx --no-install mocha -R dot", "mocha"),
    "by its own name": ("jest", "yarn jest --ci src", "npx --no-install jest --ci src", "jest"),
    "measured": ("nyc --reporter=lcov npm run unit", "npm test",
                 "npx --no-install mocha -R dot", "mocha"),
    "measured by c8": ("c8 npm run unit", "npm test", "npx --no-install mocha -R dot", "mocha"),
    "measured itself": ("nyc mocha -R dot", "npm test", "npm test", "mocha"),
    "by npm itself": ("npm run unit", "npm test", "npx --no-install mocha -R dot", "mocha"),
    "watching": ("mocha -R dot --watch", "npm test", "npx --no-install mocha -R dot", "mocha"),
    "watching all": ("jest --watchAll src", "npm test", "npx --no-install jest src", "jest"),
    "watching none": ("jest --watchAll=false", "npm test", "npm test", "jest"),
    "watching by itself": ("react-scripts test", "npm test",
                           "npx --no-install react-scripts test --watchAll=false", "jest"),
    "a runner": ("jest", "npx vitest run", "npx --no-install vitest run", "vitest"),
}  # fmt: skip


@pytest.mark.parametrize("row", MANAGERS)
def test_a_manager_is_called_in_the_version_that_the_project_names(row: str) -> None:
    step, files, named, wanted = MANAGERS[row]
    told = package(packageManager=named) if named else package()
    found = first({CI: job(step, "npm test"), "package.json": told, **files})
    assert wanted in found.setup[0]
    assert (found.test, found.reporter) == ("npm test", "jest")


@pytest.mark.parametrize("row", SCRIPTS)
def test_the_step_of_a_script_that_runs_tests_is_told_apart(row: str) -> None:
    text, step, command, reporter = SCRIPTS[row]
    scripts = {"tz": "date && jest test/tz.js", "unit": "mocha -R dot", "test": text}
    scripts["two"] = "tsup && vitest run --config vitest.two.ts"
    found = first({CI: job("npm ci", step), "package.json": json.dumps({"scripts": scripts})})
    assert (found.test, found.reporter) == (command, reporter)


def test_a_version_that_the_workflow_sets_up_counts_where_the_project_names_none() -> None:
    steps = ("uses: pnpm/action-setup@v4\nwith: {version: 7}", "pnpm install", "pnpm test")
    files = {"package.json": package(), "pnpm-lock.yaml": ""}
    assert "pnpm@7 install" in first({CI: job(*steps), **files}).setup[0]
    files["package.json"] = package(packageManager="pnpm@9.0.1")
    assert "pnpm@9.0.1 install" in first({CI: job(*steps), **files}).setup[0]


@pytest.mark.parametrize(
    "call", ["pnpm -r test", "npm test --workspaces", "yarn workspaces run test", "lerna run test"]
)
def test_every_package_of_a_workspace_is_tested(call: str) -> None:
    files = {
        "package.json": json.dumps({"workspaces": ["p/*"]}),
        "p/a/package.json": package("vitest run"),
        "p/b/package.json": package("jest"),
        "p/c/package.json": "{}",
    }
    found = first({CI: job("npm install", f"npx {call}" if "lerna" in call else call), **files})
    assert found.test.count(" && npm test) || fail=$?") == 2
    assert found.reporter == "vitest+jest"


def test_a_build_before_the_tests_is_a_second_recipe() -> None:
    scripts = {"build": "tsc", "test": "jest"}
    files = {"package.json": json.dumps({"scripts": scripts})}
    found = recipes({CI: job("npm ci", "npm run build", "npm test"), **files})
    assert [one.test for one in found[:2]] == ["npm test", "npm run build && npm test"]


def test_each_command_of_a_script_that_runs_some_of_the_tests_counts() -> None:
    files = {CI: job("npm ci", "npm test"), "package.json": package("jest -c a.js && jest -c b.js")}
    found = first({**files, "package-lock.json": ""})
    assert [part in found.test for part in ("jest -c a.js) ||", "jest -c b.js) ||")] == [True, True]
    assert found.reporter == "jest"
