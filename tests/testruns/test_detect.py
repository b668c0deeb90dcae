"""What a tree's files say about set-up, tests and habits; and the commands made of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.testruns.detect.detection import (
    Detected,
    Habits,
    detect,
    instrument,
    manifest_files,
    single,
    style,
)
from harness.testruns.reports import read_reports
from harness.testruns.suite_command import together

PYPROJECT = '[project]\nname = "x"\nversion = "1"\n'


def looked(files: dict[str, str]) -> Detected:
    return detect(tuple(files), files.get)


def test_a_plain_python_folder_needs_no_set_up() -> None:
    seen = looked({"calc.py": "", "test_calc.py": ""})
    assert (seen.setup, seen.test_command, seen.reporter) == ((), "python3 -m pytest", "pytest")
    seen = looked({"pyproject.toml": PYPROJECT, "src/x/__init__.py": "", "tests/test_x.py": ""})
    assert seen.setup == ()
    assert seen.test_command == 'PYTHONPATH="src:$PYTHONPATH" python3 -m pytest'


def test_nothing_is_found_in_nothing() -> None:
    assert looked({}) == Detected()
    assert looked({"README.md": ""}).test_command == ""
    seen = looked({"pyproject.toml": "not [ toml", "package.json": "{", "setup.cfg": "x"})
    assert (seen.test_command, seen.setup) == ("", ())


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"requirements.txt": "", "requirements-dev.txt": ""}, "-r requirements-dev.txt"),
        ({"requirements.txt": "", "tests/requirements.txt": ""}, "-r tests/requirements.txt"),
        ({"pyproject.toml": PYPROJECT + 'dependencies = ["attrs"]\n'}, "-e. pytest"),
        (
            {"pyproject.toml": PYPROJECT + '[project.optional-dependencies]\ntest = ["a"]\n'},
            "'-e.[test]'",
        ),
        (
            {
                "pyproject.toml": '[dependency-groups]\ntest = ["a>=1", {include-group = "b"}]\n'
                'b = ["c"]\n'
            },
            "'a>=1' c pytest",
        ),
        (
            {
                "pyproject.toml": '[tool.poetry]\nname = "x"\n[tool.poetry.group.test.dependencies]'
                '\npytest = "^8.1"\nother = {version = "1.2"}\n'
            },
            "-e. 'pytest>=8.1' other==1.2",
        ),
        ({"setup.py": "setup(install_requires=['a'], extras_require={'tests': ['b']})"}, "[tests]"),
        ({"tox.ini": "[testenv]\ndeps =\n  mock>=1\n  {env:X}\n"}, "'mock>=1' pytest"),
        ({"setup.cfg": "[tool:pytest]\naddopts = --cov=x -n auto\n"}, "pytest-cov pytest-xdist"),
        (
            {"pyproject.toml": PYPROJECT + 'dynamic = ["version"]\n# setuptools_scm\n'},
            "SETUPTOOLS_SCM_PRETEND_VERSION=",
        ),
    ],
)
def test_python_dependencies(files: dict[str, str], wanted: str) -> None:
    seen = looked({**files, "conftest.py": "", "test_x.py": ""})
    assert seen.setup[0].endswith('python3 -m venv "$HARNESS_ENV/venv"')
    assert wanted in seen.setup[1]


def test_django_without_pytest_is_tested_its_own_way() -> None:
    seen = looked({"manage.py": "", "app/tests.py": ""})
    assert (seen.test_command, seen.reporter) == ("python3 manage.py test", "unittest")


@pytest.mark.parametrize(
    ("script", "command", "reporter"),
    [
        ("jest", "npm test", "jest"),
        ("eslint . && jest --coverage", "npx --no-install jest --coverage", "jest"),
        ("npm run lint && npm run unit", "npx --no-install vitest run", "vitest"),
        ("tsc -p . && mocha dist", "npm test", "mocha"),
        ("eslint && c8 node --test && tsd", "node --test", "node"),
        ("NODE_ENV=x mocha && eslint .", "NODE_ENV=x npx --no-install mocha", "mocha"),
        ("node --test test/", "node --test test/", "node"),
        ("node test/index.js", "node test/index.js", "node"),
        ("c8 --100 npm run bare", "node --conditions development ./test.mjs", "node"),
        ("tsc && node lib/a.test.js", "npm test", "node"),
        ("mocha && node test/smoke.js", "npx --no-install mocha", "mocha"),
        ("node scripts/build.js", "npm test", "none"),
        ("node contest.js", "npm test", "none"),
        ("ava", "npm test", "ava"),
        ("uvu tests", "npm test", "none"),
        ('echo "Error: no test specified" && exit 1', "", "none"),
        ("npm test", "npm test", "none"),
    ],
)
def test_node_scripts(script: str, command: str, reporter: str) -> None:
    text = f'{{"scripts": {{"test": {script!r}, "unit": "vitest run", "lint": "eslint .", '
    text += '"bare": "node --conditions development ./test.mjs"}}'
    if '"' in script:
        text = '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'
    seen = looked({"package.json": text.replace("'", '"')})
    assert (seen.test_command, seen.reporter) == (command, reporter)


@pytest.mark.parametrize(
    ("lock", "command"),
    [
        ("package-lock.json", "npm ci"),
        ("pnpm-lock.yaml", "pnpm"),
        ("yarn.lock", "yarn@1"),
        ("other", "npm install"),
    ],
)
def test_node_packages_by_their_lock(lock: str, command: str) -> None:
    package = '{"scripts": {"test": "jest"}, "devDependencies": {"jest": "1"}}'
    seen = looked({"package.json": package, lock: ""})
    assert len(seen.setup) == 1
    assert command in seen.setup[0]
    bare = looked({"package.json": '{"name": "x"}', "test/a.test.js": "", lock: ""})
    assert (bare.setup, bare.test_command, bare.reporter) == ((), "node --test", "node")


def test_a_monorepo_has_a_part_for_each_directory() -> None:
    seen = looked(
        {
            "back/pyproject.toml": PYPROJECT,
            "back/tests/test_x.py": "",
            "front/package.json": '{"scripts": {"test": "vitest"}, "dependencies": {"a": "1"}}',
            "front/yarn.lock": "",
            "docs/package.json": '{"scripts": {"test": "jest"}}',
            "front/node_modules/z/package.json": '{"scripts": {"test": "jest"}}',
        }
    )
    assert [(p.folder, p.language) for p in seen.parts] == [("back", "python"), ("front", "node")]
    assert seen.reporter == "pytest+vitest"
    assert "(cd back && python3 -m pytest) || fail=$?" in seen.test_command
    assert seen.setup == ("cd front && npx --yes yarn@1 install --frozen-lockfile",)
    assert "front/**/*.spec.*" in seen.test_globs
    command, env = instrument(seen.test_command, seen.reporter, "/o")
    assert env == {}
    assert "export PYTEST_ADDOPTS='--junitxml=/o/junit-1.xml" in command
    assert "npm test -- --run --reporter=default --reporter=junit" in command
    alone = single(seen.test_command, seen.reporter, ["tests/test_x.py::test_a[1 2]"])
    assert "python3 -m pytest 'tests/test_x.py::test_a[1 2]'" in alone


def test_a_joined_command_fails_when_any_part_does(tmp_path: Path) -> None:
    for name, codes in (("ok", (0, 0)), ("bad", (3, 0)), ("worse", (0, 4))):
        command = together([f"echo {name}; exit {code}" for code in codes])
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
        assert done.returncode == max(codes)
        assert done.stdout.decode().split() == [name, name]


def test_manifests_decide_what_an_environment_holds() -> None:
    files = (
        *("a.py", "pyproject.toml", "x/requirements-dev.txt", "requirements/ci.txt", "uv.lock"),
        *("web/package.json", "web/package-lock.json", "node_modules/a/package.json"),
        *("vendor/b/setup.py", "notes.txt", ".npmrc"),
    )
    assert set(manifest_files(files)) == {
        *("pyproject.toml", "x/requirements-dev.txt", "requirements/ci.txt", "uv.lock"),
        *("web/package.json", "web/package-lock.json", ".npmrc"),
    }


def run_tests(command: str, reporter: str, tree: Path, out: Path) -> dict[str, str]:
    """The outcomes that the reports of a real run hold."""
    out.mkdir()
    changed, extra = instrument(command, reporter, str(out))
    path = f"{Path(sys.executable).parent}:{os.defpath}"
    subprocess.run(
        ["/bin/bash", "-c", changed],
        cwd=tree,
        env={"PATH": path, "HOME": str(tree), **extra},
        capture_output=True,
        timeout=60,
        check=False,
    )
    reports = {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()}
    assert reports, changed
    return dict(read_reports(reports).outcomes)


def test_a_real_pytest_reports_all_and_then_one_alone(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "sub" / "test_a.py").write_text(
        "import pytest\n\n@pytest.mark.parametrize('x', ['a b', '$y'])\n"
        "def test_p(x): assert x == 'a b'\n\ndef test_q(): pass\n"
    )
    command = "python3 -m pytest -q sub"
    whole = run_tests(command, "pytest", tree, tmp_path / "all out")
    assert whole == {
        "sub/test_a.py::test_p[a b]": "passed",
        "sub/test_a.py::test_p[$y]": "failed",
        "sub/test_a.py::test_q": "passed",
    }
    (tree / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider --strict-config\n")
    odd = "sub/test_a.py::test_p[$y]"
    one = single(command, "pytest", [odd])
    assert run_tests(one, "pytest", tree, tmp_path / "one") == {odd: "failed"}
    assert not (tree / ".pytest_cache").exists()


@pytest.mark.skipif(shutil.which("node", path=os.defpath) is None, reason="no node here")
@pytest.mark.parametrize(
    "command",
    [
        "node --conditions development test/index.js",
        "NODE_OPTIONS=--no-warnings node test/index.js",
        "export NODE_OPTIONS='--no-warnings --conditions=x' && node test/index.js",
    ],
)
def test_a_script_that_node_starts_reports_what_it_imports(tmp_path: Path, command: str) -> None:
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "index.js").write_text("require('./io.js')")
    (tmp_path / "test" / "io.js").write_text(
        "require('node:test')('io', (t) => t.test('reads', () => {}))"
    )
    told = run_tests(command, "node", tmp_path, tmp_path / "out")
    assert set(told.values()) == {"passed"}
    assert any("reads" in name for name in told)


@pytest.mark.skipif(shutil.which("node", path=os.defpath) is None, reason="no node here")
def test_a_real_node_reports_all_and_then_one_alone(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.test.js").write_text(
        "const { test } = require('node:test');\n"
        "test('adds (1+1)', () => {});\ntest('fails', () => { throw new Error('x'); });\n"
    )
    whole = run_tests("node --test", "node", tree, tmp_path / "all out")
    assert sorted(whole.values()) == ["failed", "passed"]
    named = next(key for key in whole if "adds" in key)
    one = run_tests(single("node --test", "node", [named]), "node", tree, tmp_path / "one")
    assert one[named] == "passed"
    assert "failed" not in one.values()


@pytest.mark.parametrize(
    ("command", "kind", "wanted"),
    [
        ("npm test", "jest", "npm test -- --json --outputFile=/o/jest-1.json"),
        ("yarn test", "jest", "yarn test --json --outputFile=/o/jest-1.json"),
        ("make x && npx jest", "jest", "npx jest --json --outputFile=/o/jest-1.json"),
        ("npx vitest run", "vitest", "--outputFile.junit=/o/vitest-1.xml"),
        ("npx mocha", "mocha", "--reporter xunit --reporter-option output=/o/mocha-1.xml"),
    ],
)
def test_options_go_to_the_runner(command: str, kind: str, wanted: str) -> None:
    assert wanted in instrument(command, kind, "/o")[0]


@pytest.mark.parametrize("command", ["make test", "npm test | tee log", "(npm test)", "./t.sh"])
def test_a_command_not_understood_stays_as_it_is(command: str) -> None:
    for kind in ("jest", "vitest", "mocha", "none", "unittest"):
        assert instrument(command, kind, "/o") == (command, {})
        assert single(command, kind, ["a::b"]) == command
    assert single("pytest $(list)", "pytest", ["a.py::b"]) == "pytest $(list)"
    assert single("make test", "pytest", ["a.py::b"]) == "make test"


def test_one_test_alone() -> None:
    one = ["t/a.test.js::math > adds (1+1)"]
    assert single("npm test", "jest", one) == (
        "npm test -- --runTestsByPath t/a.test.js -t '^math adds \\(1\\+1\\)$'"
    )
    assert single("npx mocha", "mocha", one) == "npx mocha -g '^math adds \\(1\\+1\\)$'"
    assert single("pytest -q -k 'a b' tests", "pytest", ["x.py::y"]) == (
        "pytest -q -k 'a b' x.py::y"
    )
    assert single("pytest", "pytest", []) == "pytest"


def test_habits_of_a_repository() -> None:
    signed = "fix: a\n\nSigned-off-by: A <a@x>"
    commits = [("A", "a@x", signed)] * 3 + [("B", "b@x", "feat(x)!: b\n\nSigned-off-by: B")] * 2
    noise = [("dependabot[bot]", "d@x", "Bump")] * 20 + [("A", "a@x", "Merge branch x")] * 9
    habits = style([*commits, *noise])
    assert habits == Habits(sign_off=True, style="conventional", author="A <a@x>")
    assert style([("A", "a@x", "Fix the thing")]) == Habits(author="A <a@x>")
    assert style([]) == Habits()


@pytest.mark.parametrize(
    ("files", "command", "reporter"),
    [
        ({"go.mod": "module x"}, "go test ./...", "go"),
        ({"Cargo.toml": "[package]"}, "cargo test", "cargo"),
        ({"Cargo.toml": "[workspace]\n"}, "cargo test --workspace", "cargo"),
        ({"pom.xml": ""}, "mvn -B test", "maven"),
        ({"pom.xml": "", "mvnw": ""}, "./mvnw -B test", "maven"),
        ({"build.gradle": ""}, "gradle test", "gradle"),
        ({"build.gradle.kts": "", "gradlew": ""}, "./gradlew test", "gradle"),
        ({"phpunit.xml.dist": "", "composer.json": ""}, "vendor/bin/phpunit", "phpunit"),
        # nothing to install: the machine's own
        ({"phpunit.xml.dist": ""}, "phpunit", "phpunit"),
        ({"spec/spec_helper.rb": "", "Gemfile": ""}, "bundle exec rspec", "rspec"),
        ({".rspec": ""}, "rspec", "rspec"),
        ({"Rakefile": "Rake::TestTask.new", "Gemfile": ""}, "bundle exec rake test", "minitest"),
        ({"Rakefile": "Rake::TestTask.new(:test)"}, "rake test", "minitest"),
        ({"Rakefile": "task :default"}, "", "none"),
        ({"CMakeLists.txt": "project(x)\n"}, "", "none"),
        ({"CMakeLists.txt": "# enable_testing()\n"}, "", "none"),
        (
            {"CMakeLists.txt": "project(x)\nInclude( CTest )\n"},
            "cmake -S . -B build && cmake --build build && ctest --test-dir build",
            "ctest",
        ),
        ({"sub/go.mod": ""}, "", "none"),
        # tests of the languages that harness knows best are not joined by a toolchain's
        (
            {"Cargo.toml": "", "pyproject.toml": "[project]\nname='x'\n", "tests/test_a.py": ""},
            "python3 -m pytest",
            "pytest",
        ),
        ({"package.json": '{"scripts": {"test": "tape test/*.js"}}'}, "npm test", "tape"),
        ({"package.json": '{"scripts": {"test": "xo && ava"}}'}, "npx --no-install ava", "ava"),
    ],
)
def test_other_languages(files: dict[str, str], command: str, reporter: str) -> None:
    found = detect(tuple(files), files.get)
    assert (found.test_command, found.reporter) == (command, reporter)


@pytest.mark.parametrize(
    ("log", "version"),
    [
        ({"CHANGELOG.rst": "Changelog\n=========\n\npluggy 1.6.0 (2025-05-15)\n=====\n"}, "1.6.0"),
        ({"CHANGES.md": "# Changes\n\n## [Unreleased]\n\n- 9.9 is gone\n\n## v2.1\n"}, "2.1"),
        ({"docs/history.rst": "1.7.0 (unreleased)\n------------------\n"}, "1.7.0"),
        ({"HISTORY.txt": "2024.11.02\n----------\n\n3.2\n---\n"}, "3.2"),
        ({"NEWS": "we had 1.2.3 once\nand more\n"}, "9999.0"),
        ({"NEWS.md": "# For Python 3.11-only, 1.2.3-rc.1\n"}, "9999.0"),
        ({}, "9999.0"),
    ],
)
def test_a_version_that_git_would_tell_is_the_last_that_the_log_names(
    log: dict[str, str], version: str
) -> None:
    toml = '[project]\nname = "a"\ndynamic = ["version"]\n[build-system]\nrequires = ["hatch-vcs"]'
    files = {"pyproject.toml": toml, "tests/test_a.py": "", **log}
    setup = " ".join(detect(list(files), files.get).setup)
    assert f"SETUPTOOLS_SCM_PRETEND_VERSION={version} " in setup
