"""A dependency comes from where the project says it does: each recipe of a project, run in the Box
by the real package managers, beside an index that has a stranger of every name."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.core.errors import SandboxError
from harness.core.types import BoxLimits, Layout
from harness.environment.given import Given
from harness.environment.setup import Environments
from harness.environment.toolchains import Toolchains, resolve
from harness.sandbox.bubblewrap import Bubblewrap
from harness.testruns.recipes.candidates import candidates
from tests.real.sources import Source, archive_of
from tests.testruns.test_sources import ASKING, FOO, GROUP, JEST, PROJECT, TESTS, UV
from tests.testruns.test_sources_real import BACKEND, BUILD

pytestmark = pytest.mark.parts
PORT = 8181
"""Of the Box's own loopback."""
URL = f"http://127.0.0.1:{PORT}"
PNPM = Source("node", "pnpm", "10.34.8", "5be9fac9764583af5fa07015b9b0aa930ef634535df9fa6f464020d72b195630")  # fmt: skip # noqa: E501
YARN = Source("node", "yarn", "1.22.22", "c17d3797fb9a9115bf375e31bfd30058cac6bc9c3b8807a3d8cb2094794b51ca")  # fmt: skip # noqa: E501
ENV = {
    "PIP_INDEX_URL": f"{URL}/simple",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_NO_CACHE_DIR": "1",
    "npm_config_registry": URL,
    "NO_PROXY": "*",
}
PACKAGE = {"libs/foo/package.json": '{"name": "foo", "version": "1.0.0", "main": "index.js"}'}
PACKAGE["libs/foo/index.js"] = "module.exports = 'the tree'"
LIB = {"libs/foo/pyproject.toml": f"{FOO}\n{BUILD}", "libs/foo/foo.py": "WHO = 'the tree'\n"}
LIB |= {"libs/foo/backend.py": BACKEND, "backend.py": BACKEND, **TESTS}
CRATE = '[package]\nname = "top"\nversion = "1.0.0"\nedition = "2021"\n[dependencies]\n'
CRATES = {"src/main.rs": 'fn main() { println!("{}", foo::WHO) }\n'}
CRATES["libs/foo/Cargo.toml"] = '[package]\nname = "foo"\nversion = "1.0.0"\nedition = "2021"\n'
CRATES["libs/foo/src/lib.rs"] = 'pub const WHO: &str = "the tree";\n'
TWIN = f"""[source.crates-io]
replace-with = "twin"
[source.twin]
registry = "sparse+{URL}/cargo/"
"""
"""cargo has no variable for another index."""
GIT = "git+https://git.example/foo.git"


def py(text: str) -> dict[str, str]:
    return {"pyproject.toml": f"{text}\n{BUILD}", **LIB}


def js(rule: str, **more: str) -> dict[str, str]:
    return {"package.json": JEST % rule, **PACKAGE, **more}


def rust(rule: str, more: str = "") -> dict[str, str]:
    return {"Cargo.toml": f"{CRATE}{rule}\n{more}", **CRATES}


def ci(files: Mapping[str, str], *steps: str) -> dict[str, str]:
    """The same with a workflow that runs these."""
    head = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n"
    lines = ["uses: actions/checkout@v4", *(f"run: {step}" for step in steps)]
    page = head + "".join(f"      - {line}\n" for line in lines)
    return {**files, ".github/workflows/test.yml": page}


@dataclass(frozen=True)
class Row:
    """`there`: whether the dependency can be had at all in the Box. `asks`: what must not be
    asked of the index, shorter than the whole where a tool reads a name's line by its own design
    and takes nothing of it."""

    files: Mapping[str, str]
    there: bool = True
    asks: str = "/foo"


ROWS = {
    "poetry path": Row(py(f'{GROUP}foo = {{path = "libs/foo"}}\n')),
    "poetry git": Row(py(f'{GROUP}foo = {{git = "https://git.example/foo.git"}}\n'), there=False),
    "uv path": Row(py(f'{UV}foo = {{path = "libs/foo"}}\n')),
    "uv workspace": Row(
        py(f'{UV}foo.workspace = true\n[tool.uv.workspace]\nmembers = ["libs/*"]\n')
    ),
    "uv git": Row(py(f'{UV}foo = {{git = "https://git.example/foo"}}\n'), there=False),
    "pdm path": Row(
        py(f"{PROJECT}[tool.pdm.dev-dependencies]\n"
           'dev = ["-e file:///${PROJECT_ROOT}/libs/foo#egg=foo"]\n')
    ),
    "pipenv path": Row({**LIB, "Pipfile": '[packages]\nfoo = {path = "libs/foo"}\n'}),
    "requirements path": Row({**LIB, "requirements.txt": "./libs/foo\n"}),
    "requirements git": Row({**LIB, "requirements.txt": f"foo @ {GIT}\n"}, there=False),
    "no such member": Row(py(f"{UV}foo.workspace = true\n"), there=False),
    "a direct reference": Row(py(f'{PROJECT}dependencies = ["foo @ {GIT}"]\n'), there=False),
    "an extra by path": Row(
        py(f'{PROJECT}[project.optional-dependencies]\ntest = ["foo"]\n[tool.uv.sources]\n'
           'foo = {path = "libs/foo"}\n')
    ),
    "asked for twice": Row(py(f'{ASKING}[tool.poetry.dependencies]\nfoo.path = "libs/foo"\n')),
    "uv in a workflow": Row(
        ci(py(f'{UV}foo.workspace = true\n[tool.uv.workspace]\nmembers = ["libs/*"]\n'),
           "uv sync --locked", "uv run pytest")
    ),
    "poetry in a workflow": Row(
        ci(py(f'{GROUP}foo = {{path = "libs/foo"}}\n'), "poetry install", "poetry run pytest")
    ),
    "pip in a workflow": Row(
        ci(py(f'{UV}foo = {{path = "libs/foo"}}\n'), "pip install -e . pytest", "pytest")
    ),
    "a name in a workflow": Row(
        ci(py(f'{UV}foo = {{path = "libs/foo"}}\n'), "pip install foo pytest", "pytest")
    ),
    "tox": Row(
        {**py(f'{UV}foo = {{path = "libs/foo"}}\n'),
         "tox.ini": "[testenv]\ndeps =\n  pytest\n  foo\ncommands = pytest\n"}
    ),
    "nox": Row(
        {**py(f'{UV}foo = {{path = "libs/foo"}}\n'),
         "noxfile.py": "import nox\n\n@nox.session\ndef tests(session):\n"
         '    session.install("pytest", ".")\n    session.run("pytest")\n'}
    ),
    "pnpm in a workflow": Row(
        ci(js("workspace:*", **{"pnpm-workspace.yaml": "packages:\n  - libs/*\n"}),
           "pnpm install", "pnpm test")
    ),
    "npm file": Row(js("file:libs/foo")),
    "npm workspace": Row(
        {"package.json": '{"scripts": {"test": "jest"}, "workspaces": ["libs/*"], '
         '"dependencies": {"foo": "^1.0.0"}}', **PACKAGE}
    ),
    "npm git": Row(js(GIT), there=False),
    "pnpm workspace": Row(
        js("workspace:*", **{"pnpm-workspace.yaml": "packages:\n  - libs/*\n"})
    ),
    "pnpm file": Row(js("file:libs/foo", **{"pnpm-workspace.yaml": "packages: []\n"})),
    "cargo path": Row(rust('foo = {path = "libs/foo"}')),
    "cargo path and version": Row(rust('foo = {path = "libs/foo", version = "1"}')),
    "cargo workspace": Row(
        rust("foo.workspace = true", '[workspace]\nmembers = ["libs/*"]\n'
             '[workspace.dependencies]\nfoo = {path = "libs/foo"}\n')
    ),
    "cargo patch": Row(
        rust('foo = "1"', '[patch.crates-io]\nfoo = {path = "libs/foo"}\n'), asks="/crates/foo"
    ),
    "cargo git": Row(rust('foo = {git = "https://git.example/foo.git"}'), there=False),
    "cargo in a workflow": Row(ci(rust('foo = {path = "libs/foo"}'), "cargo test")),
    "yarn link": Row(
        {**js("link:./libs/foo"), "yarn.lock": '"foo@link:./libs/foo":\n  version "0.0.0"\n'}
    ),
}  # fmt: skip

ALWAYS = (
    *("uv workspace", "poetry git", "npm workspace", "npm git", "pnpm workspace", "yarn link"),
    "cargo path",
)
"""A part of them, which takes seconds; HARNESS_SOURCES=all is the whole."""


@pytest.fixture(scope="module")
def tools() -> Toolchains:
    return asyncio.run(resolve(os.environ["PATH"], Path.home()))


@pytest.mark.parametrize("row", ROWS if os.environ.get("HARNESS_SOURCES") == "all" else ALWAYS)
async def test_nothing_of_the_name_comes_from_an_index(
    tmp_path: Path, tools: Toolchains, row: str
) -> None:
    told = await outcomes(tmp_path, tools, ROWS[row].files)
    for one in told:  # for the table in docs/real-projects.md: `pytest -rP`
        sys.stdout.write(f"told: {row} | {one.who.strip()[-40:]!r} | {one.asked}\n")
    assert told or not ROWS[row].there
    assert not any(ROWS[row].asks in one.asked for one in told), told
    assert not any("a stranger" in one.who for one in told), told
    assert any("the tree" in one.who for one in told) == ROWS[row].there, told


@pytest.mark.parametrize(
    "files", [py(ASKING), js("^99.0.0"), rust('foo = "99"')], ids=["pip", "npm", "cargo"]
)
async def test_a_name_without_a_source_is_the_indexes(
    tmp_path: Path, tools: Toolchains, files: Mapping[str, str]
) -> None:
    told = await outcomes(tmp_path, tools, files)
    assert any("a stranger" in one.who and "/foo" in one.asked for one in told), told


@dataclass(frozen=True)
class Outcome:
    """Who `foo` says it is after a set-up, and what the index was asked for, each path after a
    slash."""

    who: str
    asked: str


async def outcomes(
    folder: Path, tools: Toolchains, files: Mapping[str, str]
) -> tuple[Outcome, ...]:
    """One for each recipe of these files."""
    found = [one for one in candidates(tuple(files), files.get) if one.setup]
    told = []
    for number, recipe in enumerate(found):
        tree = folder / f"{number}" / "tree"
        for name, data in {**{n: t.encode() for n, t in files.items()}, **beside()}.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes(data)
        lines = tuple(f"python3 .twin.py {PORT} .twin {shlex.quote(line)}" for line in recipe.setup)
        told.append(await _outcome(folder / f"{number}", tree, lines, tools))
    return tuple(told)


def beside() -> dict[str, bytes]:
    """The index, and the package managers that are no strangers."""
    kept = {f".twin/{one.name}.tgz": archive_of(one).read_bytes() for one in (PNPM, YARN)}
    kept[".cargo/config.toml"] = TWIN.encode()
    return {".twin.py": Path(__file__).with_name("twin.py").read_bytes(), **kept}


async def _outcome(folder: Path, tree: Path, lines: tuple[str, ...], tools: Toolchains) -> Outcome:
    box, limits = Bubblewrap(), BoxLimits(command_s=600)
    environments = Environments(
        folder / "env", box, lines, given=Given(env=ENV), limits=limits, tools=tools
    )
    try:
        made = await environments.make("k", tree)
    except SandboxError as error:
        return Outcome("nobody", _asked(str(error.facts.get("log"))))
    layout = Layout(tree=tree, read_only=made.read_only, env=made.env, made=made.made)
    opened = await box.open(layout, limits)
    try:
        python = '"$HARNESS_ENV"/venv/bin/python -c "import foo; print(foo.WHO)"'
        rust = "test ! -f Cargo.toml || cargo run --offline --quiet"
        ran = await opened.exec(f"{python}; node -p 'require(\"foo\")'; {rust}; true")
    finally:
        await opened.close()
    return Outcome(ran.output, _asked(made.log))


def _asked(log: str) -> str:
    said = re.findall("^asked: (.*)$", log, re.M)
    return " ".join(f"/{path}" for line in said for path in line.split())
