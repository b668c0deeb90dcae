"""Commands for some files or tests alone, built from a suite's."""

from __future__ import annotations

import pytest

from harness.testruns.suite_command import (
    by_file,
    folders_of,
    in_order,
    instrument,
    single,
    together,
)

PYTHON = ["tests/test_a.py", "tests/test_b.py"]
SCRIPTS = ["src/a.test.ts"]


@pytest.mark.parametrize(
    ("command", "kind", "files", "wanted"),
    [
        ("pytest", "pytest", PYTHON, "pytest tests/test_a.py tests/test_b.py"),
        (
            "pytest -q -k 'a b' tests -x",
            "pytest",
            PYTHON[:1],
            "pytest -q -k 'a b' -x tests/test_a.py",
        ),
        ("cd back && pytest", "pytest", ["back/t/test_a.py"], "cd back && pytest t/test_a.py"),
        ("cd back && pytest", "pytest", ["t/test_a.py"], "cd back && pytest t/test_a.py"),
        ("pytest", "pytest", ["a b/test_a.py"], "pytest 'a b/test_a.py'"),
        ("npx jest --ci", "jest", SCRIPTS, "npx jest --ci --runTestsByPath src/a.test.ts"),
        ("npm test", "jest", SCRIPTS, "npm test -- --runTestsByPath src/a.test.ts"),
        ("npx vitest run", "vitest", SCRIPTS, "npx vitest run src/a.test.ts"),
        ("npx mocha test --timeout 9", "mocha", ["test/a.js"], "npx mocha --timeout 9 test/a.js"),
        ("npm test", "mocha", ["test/a.js"], "npm test -- test/a.js"),
        ("node --test", "node", ["a.test.js"], "node --test a.test.js"),
        (
            "node --import tsx --test test/*.ts --test-name-pattern x",
            "node",
            ["test/a.ts"],
            "node --import tsx --test --test-name-pattern x test/a.ts",
        ),
        (
            "python3 -m unittest",
            "unittest",
            PYTHON,
            "python3 -m unittest tests.test_a tests.test_b",
        ),
        (
            "python -m unittest -v tests.x",
            "unittest",
            PYTHON[:1],
            "python -m unittest -v tests.test_a",
        ),
        (
            "python3 -m unittest discover -s tests -v",
            "unittest",
            PYTHON[:1],
            "python3 -m unittest discover -s tests -v -p test_a.py",
        ),
        (
            "python manage.py test -v 2 shop --failfast",
            "unittest",
            ["shop/tests/test_a.py"],
            "python manage.py test -v 2 --failfast shop.tests.test_a",
        ),
        (
            "python -m django test --settings=tests.settings",
            "unittest",
            ["tests/test_a.py"],
            "python -m django test --settings=tests.settings tests.test_a",
        ),
        (
            "./runtests.py --settings x tests",
            "unittest",
            ["tests/test_a.py"],
            "./runtests.py --settings x tests.test_a",
        ),
    ],
)
def test_files_alone(command: str, kind: str, files: list[str], wanted: str) -> None:
    assert by_file(command, kind, files) == wanted


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("make test", "pytest"),
        ("pytest | tee log", "pytest"),
        ("pytest $(list)", "pytest"),
        ("tox", "pytest"),
        ("./run.sh", "jest"),
        ("sh -c 'node --test x'", "none"),
        ("make test", "unittest"),
        ("npm test", "node"),
        ("pytest", "none"),
    ],
)
def test_no_command_can_be_built(command: str, kind: str) -> None:
    assert by_file(command, kind, PYTHON) == ""


def test_no_files_no_command() -> None:
    assert by_file("pytest", "pytest", []) == ""


JOINED = together(["cd back && pytest", "pytest tests", "cd front && npx jest"])
KINDS = "pytest+pytest+jest"


def test_each_part_of_a_joined_command_gets_its_own() -> None:
    assert folders_of(JOINED) == ("back", "", "front")
    command = by_file(JOINED, KINDS, ["back/test_a.py", "front/src/a.test.js", "tests/test_b.py"])
    _, back, top, front, _ = command.split("\n")
    assert "pytest test_a.py" in back
    assert "tests/test_b.py" in top
    assert "test_a.py" not in top
    assert "--runTestsByPath src/a.test.js" in front
    only = by_file(JOINED, KINDS, ["front/src/a.test.js"]).split("\n")
    assert only[1:3] == ["(true) || fail=$?"] * 2


def test_one_test_of_unittest_alone() -> None:
    one = ["tests/test_a.py::TestX::test_y"]
    assert single("python3 -m unittest -v", "unittest", one) == (
        "python3 -m unittest -v tests.test_a.TestX.test_y"
    )
    assert single("python3 -m unittest discover -s tests", "unittest", one) == (
        "python3 -m unittest discover -s tests -p test_a.py -k '*TestX.test_y'"
    )
    assert single("cd back && pytest", "pytest", ["back/test_a.py::t[x/y]"]) == (
        "cd back && pytest 'test_a.py::t[x/y]'"
    )


@pytest.mark.parametrize("kind", ["jest", "vitest", "mocha"])
def test_nothing_stops_at_the_first_failure(kind: str) -> None:
    for option in ("--bail", "--bail=1", "--bail 1", "-b"):
        command, _ = instrument(f"npx {kind} {option} --ci", kind, "/o")
        assert "bail" not in command
        assert " -b" not in command
        assert command.startswith(f"npx {kind} --ci ")
    assert "--bail-out" in instrument(f"npx {kind} --bail-out", kind, "/o")[0]


def test_our_probe_is_loaded() -> None:
    command, env = instrument("pytest", "pytest", "/o", "probe")
    assert (command, env["PYTEST_ADDOPTS"].split()[-2:]) == ("pytest", ["-p", "probe"])
    for given, wanted in (
        ("python3 -m unittest -v", "python3 -m probe_unittest unittest -v"),
        ("python -B manage.py test a", "python -B -m probe_unittest manage.py test a"),
        ("./manage.py test a", "python3 -m probe_unittest ./manage.py test a"),
        (
            "A=1 python -m django test --settings=x",
            "A=1 python -m probe_unittest django test --settings=x",
        ),
        ("cd a && django-admin test -v 2", "cd a && python3 -m probe_unittest django test -v 2"),
        ("django-admin.py test", "python3 -m probe_unittest django test"),
        ("python -Wa runtests.py --x", "python -Wa -m probe_unittest runtests.py --x"),
        ("./tests/run_tests.py", "python3 -m probe_unittest ./tests/run_tests.py"),
        ("python -m django check", "python -m django check"),
        ("django-admin testserver", "django-admin testserver"),
        ("python runtests.pyc", "python runtests.pyc"),
        ("cat ./notruntests.py", "cat ./notruntests.py"),
        (
            "cd back && .venv/bin/python -m unittest",
            "cd back && .venv/bin/python -m probe_unittest unittest",
        ),
        ("python3 -m unittest_x", "python3 -m unittest_x"),
    ):
        assert instrument(given, "unittest", "/o", "probe") == (wanted, {})


@pytest.mark.parametrize(
    ("command", "kind", "wanted"),
    [
        (
            "npm test",
            "jest",
            "npm test -- --json --outputFile=/o/jest-1.json --reporters=default "
            "--reporters=/o/probe/argv.cjs",
        ),
        (
            "npx mocha",
            "mocha",
            "npx mocha --reporter xunit --reporter-option output=/o/mocha-1.xml "
            "--require /o/probe/argv.cjs;",
        ),
    ],
)
def test_a_file_of_ours_is_loaded_before_the_tests(command: str, kind: str, wanted: str) -> None:
    assert wanted in f"{instrument(command, kind, '/o', 'probe')[0]};"
    assert "argv.cjs" not in instrument(command, kind, "/o")[0]
    assert instrument("make test", kind, "/o", "probe") == ("make test", {})


@pytest.mark.parametrize(
    ("command", "reporter", "tests", "wanted"),
    [
        (
            "python3 -m pytest -q tests",
            "pytest",
            ("tests/a.py::test_b", "tests/a.py::test_a[x y]"),
            "python3 -m pytest -q tests/a.py::test_b 'tests/a.py::test_a[x y]'",
        ),
        (
            "python3 -m unittest",
            "unittest",
            ("tests/a.py::T::test_b", "tests/a.py::T::test_a"),
            "python3 -m unittest tests.a.T.test_b tests.a.T.test_a",
        ),
        (
            "npx vitest run",
            "vitest",
            ("a.test.ts::x", "a.test.ts::y"),
            "npx vitest run a.test.ts --sequence.shuffle --sequence.seed=4711",
        ),
        (
            "npx jest",
            "jest",
            ("a.test.js::x", "b.test.js::y"),
            "npx jest --runTestsByPath a.test.js b.test.js --randomize --seed=4711",
        ),
        ("npx mocha", "mocha", ("a.test.js::x",), ""),
        ("node --test", "node", ("x",), ""),
        ("./run-tests", "none", ("x",), ""),
        ("python3 -m pytest", "pytest", (), ""),
    ],
)
def test_an_order_of_tests(
    command: str, reporter: str, tests: tuple[str, ...], wanted: str
) -> None:
    assert in_order(command, reporter, tests) == wanted
