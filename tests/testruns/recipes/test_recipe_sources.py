"""Whatever a CI file installs, nothing of a name is fetched from an index when the project says
that it is elsewhere."""

from __future__ import annotations

import pytest

from tests.testruns.recipes.reading import CI, PACKAGE, job, recipes

SECRET = "their-lib"
UV = PACKAGE + f'dependencies = ["{SECRET}"]\n[dependency-groups]\ndev = ["{SECRET}"]\n'
POETRY = '[tool.poetry]\nname = "x"\nversion = "1"\n[tool.poetry.group.dev.dependencies]\n'
LIB = f'[project]\nname = "{SECRET}"\nversion = "1"\n'
PROJECTS = {
    "uv path": (UV + f'[tool.uv.sources]\n{SECRET} = {{path = "libs/one"}}\n', "./libs/one"),
    "uv workspace": (UV + '[tool.uv.workspace]\nmembers = ["libs/*"]\n'
                     f"[tool.uv.sources]\n{SECRET} = {{workspace = true}}\n", "./libs/one"),
    "uv git": (UV + f'[tool.uv.sources]\n{SECRET} = {{git = "https://g.example/a"}}\n',
               f"{SECRET} @ git+https://g.example/a"),
    "uv index": (UV + f'[tool.uv.sources]\n{SECRET} = {{index = "own"}}\n'
                 '[[tool.uv.index]]\nname = "own"\nurl = "https://i.example/simple"\n', ""),
    "poetry path": (POETRY + f'{SECRET} = {{path = "libs/one"}}\n', "./libs/one"),
    "poetry git": (POETRY + f'{SECRET} = {{git = "https://g.example/a"}}\n',
                   f"{SECRET} @ git+https://g.example/a"),
    "a path that is not there": (POETRY + f'{SECRET} = {{path = "../away"}}\n', ""),
}  # fmt: skip
CALLS = (
    *("pip install -e .", f"pip install {SECRET} .", "pip install --group dev .", "uv sync"),
    *("uv pip install -e .", "uv run --group dev true", "poetry install", "pdm install", "tox"),
    *("nox -s tests", "hatch run test", "make test", f"pip install {SECRET}"),
)
FILES = {
    "libs/one/pyproject.toml": LIB,
    "tox.ini": f"[testenv]\ndeps = {SECRET}\ncommands = pytest\n",
    "noxfile.py": f"import nox\n@nox.session\ndef tests(s):\n    s.install('.', '{SECRET}')\n"
    "    s.run('pytest')\n",
    "hatch.toml": f'[envs.default]\ndependencies = ["{SECRET}"]\nscripts.test = "pytest"\n',
    "Makefile": f"test:\n\tpip install {SECRET}\n\tpytest\n",
    "test_a.py": "",
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("row", PROJECTS)
def test_no_recipe_asks_an_index_for_what_is_elsewhere(row: str, call: str) -> None:
    text, place = PROJECTS[row]
    found = recipes({**FILES, "pyproject.toml": text, CI: job(call, "pytest")})
    assert found
    for one in found:
        asked = "\n".join(one.setup).replace("'", " ").split("\n")
        words = [word for line in asked if "-m pip" in line for word in line.split()]
        named = [at for at, word in enumerate(words) if word == SECRET]
        assert all(words[at + 1] == "@" for at in named), (str(one.origin), one.setup)
        if not place and one.unsourced:
            assert one.setup == ()
    if place:
        assert any(place in line for one in found for line in one.setup)
    else:
        assert any(one.unsourced for one in found)


@pytest.mark.parametrize("rule", ["workspace:*", "portal:../x", "catalog:"])
@pytest.mark.parametrize("call", ["npm ci", "npm install", "npm i", "yarn"])
def test_a_place_that_a_manager_does_not_know_stops_the_set_up(rule: str, call: str) -> None:
    package = f'{{"scripts": {{"test": "jest"}}, "dependencies": {{"foo": "{rule}"}}}}'
    lock = {"npm": "package-lock.json", "yarn": "yarn.lock"}[call.split()[0]]
    found = recipes({CI: job(call, "npm test"), "package.json": package, lock: ""})
    assert all(one.unsourced and not one.setup for one in found)
