"""GitLab's CI file, other languages' commands, and what is written for people and editors."""

from __future__ import annotations

import pytest

from tests.testruns.recipes.reading import CI, PACKAGE, first, installed, job, recipes

GITLAB = """\
    default:
      image: python:3.11-slim
    variables: {A: "1"}
    .base:
      services: ["postgres:15"]
      before_script:
        - pip install -r dev.txt
    lint:
      extends: .base
      script: ruff check
    tests:
      extends: .base
      variables: {B: "2"}
      script:
        - pip install .
        - pytest $WHERE
        - !reference [.base, script]
    """
COMPILED = {
    "go": ({"go.mod": ""}, "go test -race -cover ./...", "go mod download", "go test ./...", "go"),
    "go, vendored": ({"go.mod": "", "vendor/modules.txt": ""}, "go test ./...", "", "go test ./...",
                     "go"),
    "cargo": ({"Cargo.lock": ""}, "cargo test --all", "cargo fetch --locked", "cargo test --all",
              "cargo"),
    "maven": ({}, "mvn -B verify -Pci --no-transfer-progress", "-Dmaven.test.failure.ignore=true",
              "-o test", "maven"),
    "gradle": ({}, "./gradlew clean build", "./gradlew test", "--offline test", "gradle"),
    "bundle": ({"Gemfile": ""}, "bundle exec rspec", "bundle install", "exec rspec", "rspec"),
    "phpunit": ({}, "vendor/bin/phpunit --coverage-text", "composer install", "vendor/bin/phpunit",
                "phpunit"),
    "phpunit, the machine's": ({}, "phpunit --coverage-text tests", "", "phpunit tests", "phpunit"),
    "rspec": ({}, "rspec spec", "", "rspec spec", "rspec"),
    "rspec, bundled": ({"Gemfile": ""}, "rspec", "bundle install", "bundle exec rspec", "rspec"),
    "bundle without a Gemfile": ({}, "bundle exec rspec spec", "", "rspec spec", "rspec"),
    "rake": ({}, "rake test", "", "rake test", "minitest"),
    "rake's default": ({"Rakefile": "task default: :test"}, "rake", "", "rake test", "minitest"),
    "ctest": ({}, "cmake -B b\ncmake --build b\nctest --test-dir b", "",
              "cmake -B b && cmake --build b && ctest --test-dir b", "ctest"),
    "mix": ({}, "mix test --cover", "mix deps.get", "mix test", "mix"),
    "dotnet": ({}, "dotnet test --no-build", "dotnet restore", "dotnet test", "dotnet"),
}  # fmt: skip


def test_a_job_of_gitlab_with_what_it_extends() -> None:
    files = {".gitlab-ci.yml": GITLAB.replace("!reference [.base, script]", "ls")}
    found = first({**files, "dev.txt": "pytest", "pyproject.toml": PACKAGE})
    assert installed(found) == "-r dev.txt\n-e."
    assert found.test == "A=1 B=2 pytest $WHERE"
    assert str(found.origin).startswith(".gitlab-ci.yml:1")
    assert (found.services, found.wants) == (
        ("postgresql",),
        {"python": "3.11", "postgresql": "15"},
    )


@pytest.mark.parametrize("row", COMPILED)
def test_what_other_languages_fetch_is_kept_for_the_tests(row: str) -> None:
    files, step, setup, test, reporter = COMPILED[row]
    found = first({CI: job(step), **files})
    assert setup in "".join(found.setup)
    assert bool(found.setup) == bool(setup)
    assert found.test.endswith(test)
    assert found.reporter == reporter
    if reporter not in ("ctest", "phpunit") and setup:
        place = found.setup[0].partition('"$HARNESS_ENV/')[2].partition('"')[0]
        assert place in found.test


def test_what_is_written_for_people_goes_last() -> None:
    guide = (
        "# Hello\n\n```python\nimport x\n```\n\n```sh\n$ pip install -e .[dev]\n$ pytest -v\n```\n"
    )
    docker = "FROM python:3.12-slim\nRUN apt-get install -y gcc && \\\n    pip install -r dev.txt\n"
    found = recipes(
        {
            "CONTRIBUTING.md": guide,
            "Dockerfile": docker,
            ".devcontainer/devcontainer.json": '{"postCreateCommand": "pip install -e .",}',
            "pyproject.toml": PACKAGE,
            "dev.txt": "pytest",
            "test_a.py": "",
        }
    )
    told = {str(one.origin): one for one in found}
    assert str(found[0].origin) == "pyproject.toml"
    assert told["CONTRIBUTING.md:9"].test == "pytest -v"
    assert installed(told["CONTRIBUTING.md:9"]).startswith("'-e.[dev]'")
    assert installed(told["Dockerfile:2"]).startswith("-r dev.txt")
    assert told["Dockerfile:2"].system == ("gcc",)
    assert told["Dockerfile:2"].wants == {"python": "3.12"}
    assert told[".devcontainer/devcontainer.json:1"].test == "python -m pytest"


@pytest.mark.parametrize(
    ("flags", "kept"),
    [
        ("-Dwarnings", ""),
        ("-D warnings", ""),
        ("--deny=warnings", ""),
        ("--deny warnings -D unused", ""),
        ("--cfg slow -Dwarnings", "RUSTFLAGS='--cfg slow'"),
        ("-C debuginfo=0 --cfg x-D", "RUSTFLAGS='-C debuginfo=0 --cfg x-D'"),
    ],
)
def test_what_a_newer_compiler_warns_of_is_no_failed_test(flags: str, kept: str) -> None:
    files = {
        ".gitlab-ci.yml": f'tests:\n  variables: {{RUSTFLAGS: "{flags}"}}\n  script: cargo test\n'
    }
    test = first({**files, "Cargo.toml": ""}).test
    assert kept in test
    assert ("RUSTFLAGS" in test) == bool(kept)
