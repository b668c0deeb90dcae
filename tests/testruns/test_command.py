"""Which commands are nothing but one run of a test runner."""

from __future__ import annotations

import pytest

from harness.testruns.command import likely_runner, runner_of


@pytest.mark.parametrize(
    ("command", "runner"),
    [
        ("pytest", "pytest"),
        ("py.test -q", "pytest"),
        ("python -m pytest tests/test_a.py::test_x", "pytest"),
        ("python3 -m pytest -q -x tests/test_a.py::TestA::test_x[a-1]", "pytest"),
        ("python3.12 -m pytest -k 'a and not b' --tb=short -rA", "pytest"),
        ('pytest -k "a or b" -m slow --maxfail=1 --maxfail 2', "pytest"),
        (".venv/bin/python -m pytest -p no:cacheprovider --no-header", "pytest"),
        (".venv/bin/pytest -n 4 -n2 -nauto --no-cov", "pytest"),
        ("cd backend && python -m pytest -vv", "pytest"),
        ("CI=1 TZ=UTC pytest", "pytest"),
        ("PYTHONPATH=src python3 -m pytest tests", "pytest"),
        ('PYTHONPATH="src:$PYTHONPATH" python3 -m pytest tests', "pytest"),
        ("python -m unittest tests.test_a.TestX.test_y -v", "unittest"),
        ("python3 -m unittest discover -s tests -p 'test_*.py'", "unittest"),
        ("node --test", "node"),
        ("node --import tsx --test test/a.test.ts", "node"),
        ("node --test --test-name-pattern='adds (1)' test/a.test.js", "node"),
        ("npx jest src/a.test.js -t 'adds two'", "jest"),
        ("npx --no-install vitest run src/a.test.ts -t adds", "vitest"),
        ("npx vitest", "vitest"),
        ("npx mocha test/a.js -g adds", "mocha"),
    ],
)
def test_one_run_of_a_runner(command: str, runner: str) -> None:
    assert runner_of(command) == runner


@pytest.mark.parametrize(
    "command", ["npm test", "pnpm test -- -t a", "yarn run test:unit a.test.js"]
)
def test_a_script_runs_what_the_project_says(command: str) -> None:
    assert runner_of(command) == ""
    assert runner_of(command, "jest") == "jest"


@pytest.mark.parametrize(
    "command",
    [
        "",
        "true",
        "grep -q pytest a.py",
        "echo pytest",
        "python -c 'import pytest; pytest.main()'",
        "python run_pytest.py",
        "sh -c 'pytest'",
        "pytest; true",
        "pytest || true",
        "pytest && exit 1",
        "pytest | tee log",
        "pytest & ",
        "pytest > /dev/null",
        "pytest $(echo -x)",
        "pytest `echo -x`",
        "pytest $X",
        'pytest "$X"',
        'pytest "`x`"',
        "pytest\nexit 1",
        "! pytest",
        "(pytest)",
        "{ pytest; }",
        "cd /tmp && pytest",
        "cd ../other && pytest",
        "cd a/../../b && pytest",
        "cd a && cd b && pytest",
        "cd a; pytest",
        "PYTEST_ADDOPTS=-x pytest",
        "PATH=/tmp pytest",
        "LD_PRELOAD=x pytest",
        "PYTHONPATH=/tmp/x pytest",
        "PYTHONPATH=../x pytest",
        "env -i pytest",
        "sudo pytest",
        "timeout 5 pytest",
        "tox -e py",
        "make test",
        "pytest -c other.ini",
        "pytest -o addopts=-x",
        "pytest -p plugin",
        "pytest -pplugin",
        "pytest -p",
        "pytest --rootdir=x",
        "pytest --confcutdir x",
        "pytest --import-mode=importlib",
        "pytest --config-file=x",
        "pytest --setup-only",
        "pytest --collect-only",
        "pytest --co",
        "pytest --deselect a.py::b",
        "pytest --ignore=a",
        "pytest --noconftest",
        "pytest /etc/test_a.py",
        "pytest ../test_a.py",
        "pytest @args",
        "/tmp/pytest",
        "/tmp/../pytest",
        "python -m pytest -k",
        "python -m pytest_forged",
        "python -X dev -m pytest",
        "python -m unittest -t /x",
        "python -m unittest discover -s /etc",
        "python manage.py shell",
        "python ../manage.py test",
        "python /tmp/manage.py test",
        "python manage.py test --testrunner evil.Runner",
        "python manage.py test --pythonpath /tmp",
        "python other.py test",
        "node test.js",
        "node -e 1 --test",
        "node --require ./a.js --test",
        "node --import ./evil.mjs --test",
        "node --import data:text/javascript,1 --test",
        "node --import=./evil.mjs --test",
        "npx jest --config other.js",
        "npx jest -c x",
        "npx jest --setupFiles ./x",
        "npx cowsay jest",
        "npx -p evil jest",
        "npm run build",
        "npm exec jest",
        "npm test --prefix /tmp",
        "npm testing",
        "pytest 'unclosed",
        "pytest {a,b}",
        "pytest ~/a",
        "pytest # a",
    ],
)
def test_everything_else_is_none(command: str) -> None:
    assert runner_of(command, "jest") == ""


@pytest.mark.parametrize(
    ("command", "runner"),
    [
        ("make pytest-all", ""),
        ("sh -c 'pytest -q'", "pytest"),
        ("tox -- pytest", "pytest"),
        ("node --import x --test", "node"),
        ("python manage.py test", "unittest"),
        ("PYTHONWARNINGS=all python -m django test --settings=a.b", "unittest"),
        ("django-admin test", "unittest"),
        ("python3 runtests.py", "unittest"),
        ("./tests/run_tests.py -v", "unittest"),
        ("python -m pytest run_tests.py", "pytest"),
        ("python -m django testserver", ""),
        ("cat runtests.py", ""),
        ("./jest.sh", "jest"),
        ("make test", ""),
    ],
)
def test_the_likely_runner_of_a_command_that_a_person_wrote(command: str, runner: str) -> None:
    assert likely_runner(command) == runner
