"""A dependency comes from where the project says it does: what pip and npm are told."""

from __future__ import annotations

import pytest

from harness.testruns.detect.detection import Detected, detect
from harness.testruns.detect.manifest import name_of

TESTS = {"test_x.py": "", "conftest.py": ""}
POETRY = '[tool.poetry]\nname = "top"\nversion = "1"\n'
PROJECT = '[project]\nname = "top"\nversion = "1"\n'
ASKING = f'{PROJECT}dependencies = ["foo"]\n'
FOO = '[project]\nname = "foo"\nversion = "1"\n'
LIB = {"libs/foo/pyproject.toml": FOO}
UV = f"{ASKING}[tool.uv.sources]\n"
GROUP = f"{POETRY}[tool.poetry.group.dev.dependencies]\n"


def looked(files: dict[str, str]) -> Detected:
    return detect(tuple(files), files.get)


def py(text: str, **more: str) -> dict[str, str]:
    return {"pyproject.toml": text, **LIB, **TESTS, **more}


LOCATED = {
    "poetry group path": (py(f'{GROUP}foo = {{path = "libs/foo"}}\n'), "-e ./libs/foo"),
    "poetry develop": (
        py(f'{GROUP}foo = {{path = "./libs/foo/", develop = true}}\n'),
        "-e ./libs/foo",
    ),
    "poetry group by the old name": (
        py(f'{POETRY}[tool.poetry.dev-dependencies]\n'
           'Foo = {path = "libs/foo", extras = ["x"]}\n'),
        "-e './libs/foo[x]'",
    ),
    "poetry group git": (
        py(f'{GROUP}foo = {{git = "https://git.example/foo.git", rev = "abc"}}\n'),
        "'foo @ git+https://git.example/foo.git@abc'",
    ),
    "poetry group git by ssh": (
        py(f'{GROUP}foo = {{git = "git@git.example:me/foo.git", subdirectory = "p"}}\n'),
        "'foo @ git+ssh://git@git.example/me/foo.git#subdirectory=p'",
    ),
    "poetry group url": (
        py(f'{GROUP}foo = {{url = "https://files.example/foo-1-py3-none-any.whl"}}\n'),
        "'foo @ https://files.example/foo-1-py3-none-any.whl'",
    ),
    "poetry beside a project table": (
        py(f'{ASKING}[tool.poetry.dependencies]\nfoo = {{path = "libs/foo"}}\n'),
        "-e ./libs/foo",
    ),
    "poetry that is no package": (
        py(f'{POETRY}package-mode = false\n[tool.poetry.dependencies]\n'
           'foo = {path = "libs/foo"}\n'),
        "-e ./libs/foo",
    ),
    "uv path": (py(f'{UV}foo = {{path = "libs/foo"}}\n'), "-e. -e ./libs/foo"),
    "uv editable": (py(f'{UV}foo = {{path = "libs/foo", editable = true}}\n'), "-e ./libs/foo"),
    "uv workspace": (
        py(f'{UV}foo = {{workspace = true}}\n[tool.uv.workspace]\nmembers = ["libs/*"]\n'),
        "-e ./libs/foo",
    ),
    "uv git": (
        py(f'{UV}foo = {{git = "https://git.example/foo", tag = "v1"}}\n'),
        "'foo @ git+https://git.example/foo@v1'",
    ),
    "uv in a group": (
        py(f'{PROJECT}[dependency-groups]\ndev = ["foo>=1"]\n[tool.uv.sources]\n'
           'foo = {path = "libs/foo"}\n'),
        "-e ./libs/foo",
    ),
    "uv in an extra": (
        py(f'{PROJECT}[project.optional-dependencies]\ntest = ["foo"]\n[tool.uv.sources]\n'
           'foo = {path = "libs/foo"}\n'),
        "-e ./libs/foo",
    ),
    "uv in a requirement file": (
        py(f'{PROJECT}[tool.uv.sources]\nfoo = {{path = "libs/foo"}}\n',
           **{"requirements.txt": "foo==1\n"}),
        "-e ./libs/foo",
    ),
    "uv by a dynamic list": (
        py(f'{PROJECT}dynamic = ["dependencies"]\n[tool.uv.sources]\n'
           'foo = {path = "libs/foo"}\n'),
        "-e ./libs/foo",
    ),
    "what a path needs from a path": (
        py(f'{UV}foo = {{path = "libs/foo"}}\n',
           **{"libs/foo/pyproject.toml": f'{FOO}dependencies = ["bar"]\n[tool.uv.sources]\n'
              'bar = {path = "../bar"}\n', "libs/bar/setup.py": ""}),
        "-e ./libs/bar",
    ),
    "a wheel of the tree": (
        py(f'{UV}foo = {{path = "libs/foo-1-py3-none-any.whl"}}\n',
           **{"libs/foo-1-py3-none-any.whl": ""}),
        "./libs/foo-1-py3-none-any.whl",
    ),
    "pdm editable": (
        py(f'{PROJECT}[tool.pdm.dev-dependencies]\n'
           'dev = ["-e file:///${PROJECT_ROOT}/libs/foo#egg=foo"]\n'),
        "-e ./libs/foo",
    ),
    "pdm direct": (
        py(f'{PROJECT}[dependency-groups]\ndev = ["foo @ file:///${{PROJECT_ROOT}}/libs/foo"]\n'),
        "-e ./libs/foo",
    ),
    "pdm git": (
        py(f'{PROJECT}[tool.pdm.dev-dependencies]\ndev = ["-e git+https://g.example/foo#egg=foo"]\n'),
        "-e 'git+https://g.example/foo#egg=foo'",
    ),
    "pipenv path": (
        {"Pipfile": '[dev-packages]\nfoo = {path = "libs/foo", editable = true}\n', **LIB, **TESTS},
        "-e ./libs/foo",
    ),
    "pipenv git": (
        {"Pipfile": '[packages]\nfoo = {git = "https://g.example/foo.git", ref = "v2"}\n', **TESTS},
        "'foo @ git+https://g.example/foo.git@v2'",
    ),
    "an index for all": (
        py(f'{ASKING}[[tool.uv.index]]\nname = "own"\nurl = "https://own.example/simple"\n'
           "default = true\n"),
        "--index-url https://own.example/simple",
    ),
    "requirements": (
        {"requirements.txt": "-e ./libs/foo\nbar @ git+https://g.example/bar\n", **LIB, **TESTS},
        "-r requirements.txt",
    ),
}  # fmt: skip
UNSOURCED = {
    "poetry, beyond the tree": py(f'{GROUP}foo = {{path = "../foo"}}\n'),
    "poetry, not there": py(f'{GROUP}foo = {{path = "libs/gone"}}\n'),
    "poetry, an index of its own": py(f'{GROUP}foo = {{version = "1", source = "own"}}\n'),
    "poetry, an index of its own for the package": py(
        f'{POETRY}[tool.poetry.dependencies]\nfoo = {{version = "1", source = "own"}}\n'
    ),
    "poetry, several": py(f'{GROUP}foo = [{{path = "libs/foo"}}, {{git = "https://g.example/f"}}]\n'),
    "uv, an absolute path": py(f'{UV}foo = {{path = "/libs/foo"}}\n'),
    "uv, no member": py(f"{UV}foo = {{workspace = true}}\n"),
    "uv, an index of its own": py(
        f'{UV}foo = {{index = "own"}}\n[[tool.uv.index]]\nname = "own"\n'
        'url = "https://own.example/simple"\nexplicit = true\n'
    ),
    "uv, two revisions": py(f'{UV}foo = {{git = "https://g.example/f", tag = "a", rev = "b"}}\n'),
    "uv, a place that is not known": py(f'{UV}foo = {{registry = "own"}}\n'),
    "uv, needed to build": py(
        f'{UV}foo = {{path = "libs/foo"}}\n[build-system]\nrequires = ["foo"]\n'
    ),
    "uv, two indexes": py(
        f'{ASKING}[[tool.uv.index]]\nname = "own"\nurl = "https://own.example/simple"\n'
    ),
    "pdm, beyond the tree": py(
        f'{PROJECT}[tool.pdm.dev-dependencies]\ndev = ["-e file:///${{PROJECT_ROOT}}/../foo#egg=foo"]\n'
    ),
    "pipenv, an index of its own": {
        "Pipfile": '[packages]\nfoo = {version = "*", index = "own"}\n', **TESTS
    },
    "pipenv, mercurial": {"Pipfile": '[packages]\nfoo = {hg = "https://h.example/f"}\n', **TESTS},
    "npm, a workspace's": {
        "package.json": '{"scripts": {"test": "jest"}, "dependencies": {"foo": "workspace:*"}}'
    },
    "yarn 1, a portal": {
        "package.json": '{"scripts": {"test": "jest"}, "dependencies": {"foo": "portal:../foo"}}',
        "yarn.lock": "",
    },
    "npm, a member's": {
        "package.json": '{"scripts": {"test": "jest"}, "workspaces": ["packages/*"]}',
        "packages/a/package.json": '{"devDependencies": {"foo": "workspace:^"}}',
    },
}  # fmt: skip
JEST = '{"scripts": {"test": "jest"}, "dependencies": {"foo": "%s"}}'
NODE = {
    "npm file": ({"package.json": JEST % "file:libs/foo"}, "npm install "),
    "npm git": ({"package.json": JEST % "git+https://g.example/foo"}, "npm install "),
    "npm lock": ({"package.json": JEST % "file:libs/foo", "package-lock.json": ""}, "npm ci "),
    "pnpm workspace": (
        {"package.json": JEST % "workspace:*", "pnpm-lock.yaml": "", "pnpm-workspace.yaml": ""},
        "pnpm@10 install --frozen-lockfile",
    ),
    "pnpm workspace whose top has no tests": (
        {"package.json": "{}", "pnpm-workspace.yaml": "", "packages/a/package.json": JEST % "^1"},
        "pnpm@10 install --no-frozen-lockfile",
    ),
    "pnpm workspace without a package at its top": (
        {"pnpm-workspace.yaml": "", "pnpm-lock.yaml": "", "packages/a/package.json": JEST % "^1"},
        "pnpm@10 install --frozen-lockfile",
    ),
    "pnpm by its manager": (
        {"package.json": '{"packageManager": "pnpm@9.1.0", ' + (JEST % "workspace:*")[1:]},
        "pnpm@9.1.0 install",
    ),
    "yarn 4": (
        {"package.json": JEST % "workspace:*", "yarn.lock": "", ".yarnrc.yml": ""},
        "@yarnpkg/cli-dist@4 install --immutable",
    ),
    "yarn 1 link": ({"package.json": JEST % "link:libs/foo", "yarn.lock": ""}, "yarn@1"),
    "bun": ({"package.json": JEST % "workspace:*", "bun.lock": ""}, "bun@1 install"),
}  # fmt: skip


@pytest.mark.parametrize("row", LOCATED)
def test_a_place_is_told_to_pip(row: str) -> None:
    files, wanted = LOCATED[row]
    seen = looked(files)
    assert seen.unsourced == ()
    command = f" {seen.setup[-1]} "
    assert f" {wanted} " in command
    assert " foo " not in command


@pytest.mark.parametrize("row", UNSOURCED)
def test_what_cannot_be_had_from_its_place_stops_the_set_up(row: str) -> None:
    seen = looked(UNSOURCED[row])
    assert seen.setup == ()
    assert {one.name for one in seen.unsourced} <= {"foo", "*"}
    assert len(seen.unsourced) == 1


@pytest.mark.parametrize("row", NODE)
def test_a_workspace_is_installed_where_it_is_one(row: str) -> None:
    files, wanted = NODE[row]
    seen = looked(files)
    assert seen.unsourced == ()
    assert len(seen.setup) == 1
    assert wanted in f"{seen.setup[0]} "
    assert not seen.setup[0].startswith("cd ")


def test_a_folder_is_told_from_where_pip_stands() -> None:
    top = '[tool.uv.workspace]\nmembers = ["back", "libs/*"]\n'
    top += "[tool.uv.sources]\nfoo.workspace = true\n"
    seen = looked(
        {"pyproject.toml": top, "back/pyproject.toml": ASKING, "back/test_x.py": "", **LIB}
    )
    assert seen.setup[-1].startswith("cd back && ")
    assert "-e ../libs/foo " in seen.setup[-1]


def test_a_members_lock_is_its_workspaces() -> None:
    top = '[tool.uv.workspace]\nmembers = ["back", "libs/*"]\n'
    files = {"pyproject.toml": top, "uv.lock": "", "back/test_x.py": "", **LIB}
    seen = looked({**files, "back/pyproject.toml": ASKING})
    assert " ../uv.lock > " in seen.setup[-1]
    alone = looked({**files, "back/pyproject.toml": ASKING, "back/requirements.txt": "foo"})
    assert "uv.lock" not in alone.setup[-1], "a requirement file says its versions itself"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("foo", "foo"), (" Foo.Bar_baz >= 1", "foo-bar-baz"), ("foo[x]==1", "foo"),
        ("foo @ git+https://g.example/f", "foo"), ("foo;python_version<'3'", "foo"),
        ("./foo", ""), ("foo/bar", ""), ("-e foo", ""), ("https://g.example/f", ""), ("# x", ""),
        ("", ""), ("f" * 9000 + "!", "f" * 9000),
    ],
)  # fmt: skip
def test_names_of_requirements(line: str, name: str) -> None:
    assert name_of(line) == name
