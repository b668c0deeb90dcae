"""GitHub's workflows read as recipes."""

from __future__ import annotations

import pytest

from harness.testruns.recipes.candidates import is_telling, likeliest
from tests.testruns.recipes.reading import CI, PACKAGE, first, installed, job, recipes

MATRIX = """strategy:
  matrix:
    os: [windows-latest, ubuntu-latest]
    python: ["3.9", "3.10", "3.12", "3.14-dev", pypy3.10]
"""
TESTS = {
    "plain": (("pip install -e .[test]", "pytest"), "'-e.[test]'", "pytest"),
    "a wheel of itself": (("pip install dist/*.whl", "pytest -q"), "-e.", "pytest -q"),
    "by a module": (("python -m pip install .", "python -Im pytest tests"), "-e.",
                    "python -m pytest tests"),
    "measured": (("pip install -e . pytest-cov", "coverage run -m pytest -x --cov=x tests"),
                 "-e. pytest-cov", "python -m pytest tests"),
    "reported": (("pip install .", "pytest --junitxml=a.xml --cov x --cov-report xml -n auto"),
                 "-e.", "pytest -n auto"),
    "several lines": (("pip install \\\n  -r dev.txt \\\n  -e .\npytest \\\n  -k 'a and b'",),
                      "-r dev.txt -e.", "pytest -k 'a and b'"),
    "in a folder": (("cd back\npip install -r dev.txt\npytest",), "-r dev.txt",
                    "cd back && pytest"),
    "with a variable": (("export A=1\npip install .\nB='x y' pytest",), "-e.",
                        "A=1 B='x y' pytest"),
    "kept for later steps": (("echo \"A=b\" >> $GITHUB_ENV", "pip install .", "pytest"), "-e.",
                             "A=b pytest"),
    "piped": (("pip install .", "pytest 2>&1 | tee log.txt"), "-e.", "pytest"),
    "a tool of its own": (("pip install -U pip tox", "pip install .", "pytest"), "-e.", "pytest"),
    "Django's": (("pip install .", "python manage.py test --parallel"), "-e.",
                 "python manage.py test"),
    "unittest": (("pip install .", "python -m unittest discover -s tests -p '*_t.py'"), "-e.",
                 "python -m unittest discover -s tests -p '*_t.py'"),
}  # fmt: skip


@pytest.mark.parametrize("row", TESTS)
def test_the_commands_of_a_job(row: str) -> None:
    steps, wanted, command = TESTS[row]
    files = {CI: job(*steps), "pyproject.toml": PACKAGE, "dev.txt": "pytest", "back/dev.txt": ""}
    found = first(files)
    assert installed(found).splitlines()[0].startswith(wanted)
    assert found.test == command
    assert found.origin.path == CI


def test_one_leg_of_a_matrix_is_taken() -> None:
    found = first(
        {
            CI: job(
                "uses: actions/setup-python@v5\nwith:\n  python-version: ${{ matrix.python }}",
                "pip install 'a==${{ matrix.python }}' .",
                "pytest",
                head=MATRIX + "runs-on: ${{ matrix.os }}",
            ).replace("    runs-on: ubuntu-latest\n", ""),
            "pyproject.toml": PACKAGE,
        }
    )
    assert found.wants == {"python": "3.10"}
    assert "a==3.10" in installed(found)


def test_jobs_of_other_systems_are_none() -> None:
    text = job("pytest -k elsewhere").replace("ubuntu-latest", "windows-latest")
    assert all("elsewhere" not in one.test for one in recipes({CI: text, "test_a.py": ""}))


def test_variables_of_three_levels_meet() -> None:
    text = """\
    on: pull_request
    env: {A: "1", B: "1", FORCE_COLOR: "1"}
    jobs:
      tests:
        runs-on: ubuntu-latest
        env: {B: "2", C: "${{ secrets.KEY }}"}
        defaults: {run: {working-directory: ./src}}
        steps:
          - run: pytest
            env: {D: "${{ env.B }}3"}
    """
    found = first({CI: text, "src/test_a.py": ""})
    assert found.test == "cd src && A=1 B=2 D=23 pytest"
    assert str(found.origin) == f"{CI}:9"


def test_a_step_that_needs_a_secret_is_left_out_and_a_job_without_tests_is_none() -> None:
    text = job("pip install .", "pytest --token ${{ secrets.TOKEN }}")
    assert all(one.origin.path != CI for one in recipes({CI: text, "pyproject.toml": PACKAGE}))
    text = job("login ${{ secrets.TOKEN }}", "pip install .", "pytest")
    found = recipes({CI: text, "pyproject.toml": PACKAGE})
    assert any(one.origin.path == CI and one.test == "pytest" for one in found)


def test_steps_that_do_not_run_are_left_out() -> None:
    cached = "if: steps.cache.outputs.cache-hit != 'true'\nrun: pip install -r dev.txt"
    other = "if: runner.os == 'Windows'\nrun: pip install winonly"
    found = first({CI: job(cached, other, "pytest"), "dev.txt": "pytest"})
    assert installed(found) == "-r dev.txt"


def test_another_workflow_and_an_action_of_the_tree_are_read() -> None:
    called = job("pip install .", "pytest -m ${{ inputs.kind }}").replace(
        "on: [push, pull_request]",
        "on:\n  workflow_call:\n    inputs:\n      kind: {default: slow}",
    )
    files = {
        CI: "on: pull_request\njobs:\n  a:\n    uses: ./.github/workflows/inner.yml\n"
        "    with: {kind: fast}\n",
        ".github/workflows/inner.yml": called,
        "pyproject.toml": PACKAGE,
    }
    assert first(files).test == "pytest -m fast"
    action = "runs:\n  using: composite\n  steps:\n    - run: pip install -r dev.txt\n"
    files = {
        CI: job("uses: ./.github/actions/up", "pytest"),
        ".github/actions/up/action.yml": action,
        "dev.txt": "pytest",
    }
    assert installed(first(files)) == "-r dev.txt"


def test_every_package_of_a_repository_is_one_recipe() -> None:
    text = job(
        "uses: actions/checkout@v4",
        "cd ${{ matrix.part.path }}\npip install -r dev.txt\npytest",
        head='strategy:\n  matrix:\n    python: ["3.11"]\n    part:\n'
        "      - {name: a, path: ./libs/a}\n      - {name: b, path: ./libs/b}",
    )
    found = first({CI: text, "libs/a/dev.txt": "pytest", "libs/b/dev.txt": "pytest"})
    assert "(cd libs/a && pytest)" in found.test
    assert "(cd libs/b && pytest)" in found.test
    assert len(found.setup) == 3


def test_services_versions_submodules_and_packages_of_the_system() -> None:
    found = first(
        {
            CI: job(
                "uses: actions/checkout@v4\nwith: {submodules: recursive}",
                "uses: actions/setup-node@v4\nwith: {node-version: 20.x}",
                "sudo apt-get install -y libpq-dev",
                "pip install .",
                "pytest",
                head="services:\n  db: {image: 'postgres:16'}\n  c: {image: docker.io/redis}",
            ),
            "pyproject.toml": PACKAGE,
        }
    )
    assert found.services == ("postgresql", "redis")
    assert found.wants == {"node": "20", "postgresql": "16"}
    assert found.submodules
    assert found.system == ("libpq-dev",)
    assert not any("apt" in line for line in found.setup)


SERVICES = """services:
  db:
    image: postgres:16
    env: {POSTGRES_USER: app, POSTGRES_PASSWORD: secret, POSTGRES_DB: app_test}
    ports: ["5433:5432"]
  queue: {image: "rabbitmq:3"}
  odd: {image: postgres, env: {POSTGRES_USER: "${{ secrets.USER }}"}, ports: ["5432:5432"]}
"""


def test_a_service_has_the_account_and_the_port_that_tests_expect() -> None:
    found = first({CI: job("pip install .", "pytest", head=SERVICES), "pyproject.toml": PACKAGE})
    address = "postgresql://app:secret@localhost:5433/app_test"
    assert found.services == (address, "rabbitmq", "postgresql")


def test_in_a_container_a_service_is_called_by_its_name() -> None:
    head = f"container: python:3.12\n{SERVICES}"
    found = first({CI: job("pip install .", "pytest", head=head), "pyproject.toml": PACKAGE})
    assert found.services[0] == "postgresql://app:secret@db:5433/app_test"


def test_what_runs_on_pull_requests_goes_first_and_equals_are_merged() -> None:
    nightly = job("pip install .", "pytest -m slow").replace("[push, pull_request]", "schedule")
    files = {
        ".github/workflows/a.yml": nightly,
        CI: job("pip install .", "pytest"),
        ".github/workflows/z.yml": job("pip install .", "pytest"),
        "tox.ini": "[testenv]\ncommands = pytest --tox\n",
        "pyproject.toml": PACKAGE,
        "test_a.py": "",
    }
    found = recipes(files)
    assert [one.test for one in found] == [
        "pytest",
        "pytest --tox",
        "pytest -m slow",
        "python3 -m pytest",
    ]
    assert str(found[0].origin) == f"{CI}:9"


def test_the_pipeline_reads_the_files_that_tell() -> None:
    telling = (CI, ".github/actions/up/action.yml", "libs/a/tox.ini", "Makefile", "README.md",
               "requirements/test-requirements.txt", ".gitlab-ci.yml", "package.json")  # fmt: skip
    others = ("src/x.py", "libs/README.md", ".github/ISSUE_TEMPLATE.md", "package-lock.json",
              "a/b/c/d/e/tox.ini", "uv.lock")  # fmt: skip
    assert [path for path in (*telling, *others) if is_telling(path)] == list(telling)


def test_the_likeliest_is_one_that_can_be_had() -> None:
    text = PACKAGE + 'dependencies = ["a"]\n[tool.uv.sources]\na = {path = "../gone"}\n'
    files = {
        CI: job("pip install .", "pytest"),
        "pyproject.toml": text,
        "go.mod": "",
        "Makefile": "test:\n\tgo test ./...\n",
    }
    found = likeliest(tuple(files), files.get)
    assert (found.reporter, found.unsourced) == ("go", ())
    assert all(one.unsourced for one in recipes(files) if one.reporter == "pytest")
