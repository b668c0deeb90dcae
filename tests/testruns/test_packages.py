"""Packages of one repository: which there are, which need which, whose tests are run first."""

from __future__ import annotations

import pytest

from harness.testruns.packages import (
    Package,
    files_of,
    needs_of,
    packages_of,
    telling,
    touched_first,
)
from harness.testruns.suite_command import together

NAMES = ("packages/a", "packages/b", "packages/b/inner", "packages/core", "web")
PARTS = [f"cd {name} && python -m pytest" for name in NAMES]
ALL = packages_of(together(PARTS), "pytest")
MANIFESTS = {
    "pyproject.toml": '[project]\nname = "whole"\ndependencies = ["our-core"]\n',
    "packages/core/pyproject.toml": '[project]\nname = "Our_Core"\n',
    "packages/a/pyproject.toml": '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\n'
    'our-core = {path = "../core"}\n',
    "packages/b/setup.py": "setup(name='b', install_requires=['a>=1'])\n",
    "packages/b/inner/pyproject.toml": '[project]\nname = "inner"\n',
    "shared/package.json": '{"name": "@our/shared"}',
    "web/package.json": '{"name": "web", "devDependencies": {"@our/shared": "workspace:*"}}',
}


def order(*changed: str) -> list[str]:
    command, _ = touched_first(ALL, changed, needs_of(MANIFESTS))
    return [one.folder for one in packages_of(command, "pytest")]


@pytest.mark.parametrize(
    ("changed", "front"),
    [
        (("web/src/x.ts",), ["web"]),
        # those that need it come next, by others too
        (("packages/core/core.py",), ["packages/core", "packages/a", "packages/b"]),
        (("packages/a/x.py",), ["packages/a", "packages/b"]),
        # the innermost package is touched; the one around it may run its tests too
        (("packages/b/inner/x.py",), ["packages/b/inner", "packages/b"]),
        (("packages/b/x.py",), ["packages/b"]),
        # a package that has no tests of its own is needed by one that has
        (("shared/index.ts",), ["web"]),
        (("web/a.ts", "packages/core/b.py"), ["packages/core", "web", "packages/a"]),
        # of no package: all are touched alike
        (("pyproject.toml",), [*NAMES]),
        (("conftest.py", ".github/workflows/ci.yml"), [*NAMES]),
        (("packages/README.md",), [*NAMES]),
        ((), [*NAMES]),
        (("packages/abc/x.py",), [*NAMES]),
    ],
)
def test_the_touched_ones_are_first(changed: tuple[str, ...], front: list[str]) -> None:
    found = order(*changed)
    assert found[: len(front)] == front
    assert sorted(found) == sorted(NAMES)
    rest = found[len(front) :]
    assert len(front) < 3 or rest == [one for one in NAMES if one not in front]


def test_each_keeps_its_runner() -> None:
    command = together(["cd a && npx jest", "cd b && python -m pytest", "cd c && go test ./..."])
    packages = packages_of(command, "jest+pytest+go")
    assert [one.reporter for one in packages] == ["jest", "pytest", "go"]
    changed, reporter = touched_first(packages, ["c/x.go"], {})
    assert reporter == "go+jest+pytest"
    assert packages_of(changed, reporter) == (packages[2], packages[0], packages[1])
    assert touched_first(packages, [], {}) == (command, "jest+pytest+go")


@pytest.mark.parametrize(
    "command",
    [
        "",
        "python -m pytest",
        "cd a && python -m pytest",
        "make test && cd b && pytest",
        # two runners in one folder are no packages
        together(["npx jest", "python -m pytest"]),
        together(["cd a && npx jest", "cd a && python -m pytest"]),
        # more than was joined
        together(PARTS) + "\necho done",
        "echo first\n" + together(PARTS),
        together(["cd a && echo 1\nfalse", "cd b && pytest"]),
    ],
)
def test_other_commands_are_no_packages(command: str) -> None:
    assert packages_of(command, "pytest") == ()


def test_the_top_is_a_package_beside_others() -> None:
    packages = packages_of(together(["python -m pytest tests", "cd sub && pytest"]), "pytest")
    files = ["tests/test_a.py", "sub/tests/test_b.py", "sub/test_c.py", "tests/sub/test_d.py"]
    assert [one.folder for one in packages] == ["", "sub"]
    assert files_of(packages[0], files) == ("tests/test_a.py", "tests/sub/test_d.py")
    assert files_of(packages[1], files) == ("sub/tests/test_b.py", "sub/test_c.py")


def test_a_folder_of_the_top_is_none_of_a_package() -> None:
    package = Package(folder="a", command="cd a && pytest tests", reporter="pytest")
    assert files_of(package, ["tests/test_top.py", "a/tests/test_a.py"]) == ("a/tests/test_a.py",)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("b/requirements.txt", "-e ../a\n"),
        ("b/requirements/dev.txt", "a==1\n"),
        ("b/Cargo.toml", '[dependencies]\na = { path = "../a" }\n'),
        ("b/go.mod", "module x/b\nrequire example.org/a v0.0.0\nreplace example.org/a => ../a\n"),
        ("b/setup.cfg", "[options]\ninstall_requires =\n    A>=1\n"),
        ("b/Pipfile", '[packages]\na = {path = "./../a"}\n'),
    ],
)
def test_who_needs_whom(path: str, text: str) -> None:
    folder = path.rpartition("/")[0]
    texts = {"a/pyproject.toml": '[project]\nname = "a"\n', path: text}
    assert set(telling([*texts, "b/node_modules/x/package.json", "b/a.py"])) >= {"a/pyproject.toml"}
    assert needs_of(texts)[folder] == {"a"}


@pytest.mark.parametrize("text", ["{", "[" * 5000, "name = ", '{"name": 3}', "\0", "[1]"])
def test_a_broken_manifest_says_nothing(text: str) -> None:
    names = ("pyproject.toml", "package.json", "Cargo.toml", "go.mod", "setup.py", "pom.xml")
    assert set(needs_of({f"a/{name}": text for name in names}).values()) <= {frozenset()}
