"""What packages below the top ask for of the tools, and which of them contradict each other."""

from __future__ import annotations

import pytest

from harness.testruns.recipes.package_versions import wanted_by_all

ENGINES = {"package.json": '{"engines": {"node": ">=18"}}'}


@pytest.mark.parametrize(
    ("files", "asked", "clashing"),
    [
        ({"packages/a/.nvmrc": "18"}, {"node": "18"}, []),
        ({"py/.python-version": "3.11.4\n"}, {"python": "3.11.4"}, []),
        ({"a/.tool-versions": "nodejs 20.1.0\npython 3.12"},
         {"node": "20.1.0", "python": "3.12"}, []),
        # they agree: the one that says more
        ({"a/.nvmrc": "18", "b/.node-version": "v18.2.0"}, {"node": "18.2.0"}, []),
        ({"a/.nvmrc": "18.2", "b/.nvmrc": "18"}, {"node": "18.2"}, []),
        # a range at the top leaves the choice to a package
        ({**ENGINES, "a/.nvmrc": "20"}, {"node": "20"}, []),
        ({**ENGINES, "a/.nvmrc": "16"}, {"node": ">=18"}, ["a/.nvmrc"]),
        # they contradict each other, or the top
        ({"a/.nvmrc": "18", "b/.nvmrc": "20"}, {"node": "18"}, ["b/.nvmrc"]),
        ({".python-version": "3.12", "a/.python-version": "3.11"}, {"python": "3.12"},
         ["a/.python-version"]),
        ({"a/.nvmrc": "18", "b/.nvmrc": "20", "c/mise.toml": "[tools]\nnode = '18'"},
         {"node": "18"}, ["b/.nvmrc"]),
        # of no package
        ({"examples/x/.python-version": "3.7", "node_modules/y/.nvmrc": "8"}, {}, []),
        ({"a/b/c/d/.nvmrc": "8", "docs/.nvmrc": "10"}, {}, []),
        # ranges of packages decide nothing
        ({"a/package.json": '{"engines": {"node": ">=30"}}', "a/pyproject.toml":
          "[project]\nrequires-python = '>=3.30'"}, {}, []),
        ({"a/.nvmrc": "lts/*", "b/.tool-versions": "\0", "c/mise.toml": "["}, {}, []),
    ],
)  # fmt: skip
def test_versions_of_packages(
    files: dict[str, str], asked: dict[str, str], clashing: list[str]
) -> None:
    found, clashes = wanted_by_all(tuple(files), files.get)
    assert found == asked
    assert [clash.asking.file for clash in clashes] == clashing


def test_what_the_operator_says_goes_before_all() -> None:
    files = {"a/.nvmrc": "18", "b/.nvmrc": "20.3"}
    found, clashes = wanted_by_all(tuple(files), files.get, {"node": "20"})
    assert found == {"node": "20"}
    assert [(clash.asking.file, clash.used) for clash in clashes] == [("a/.nvmrc", "20")]
