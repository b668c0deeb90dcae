"""Files that nobody wrote to be read: no recipe of theirs, no error, no wait."""

from __future__ import annotations

import pytest

from harness.testruns.recipes.yaml_items import NOTHING, read_yaml
from tests.testruns.recipes.reading import CI, job, recipes

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
YAML = {
    "a bomb": BOMB,
    "deep": "a: " + "[" * 60_000,
    "deep blocks": "".join(" " * n + "a:\n" for n in range(300)),
    "itself": "a: &a [*a]",
    "no anchor": "a: *b",
    "huge": "a: " + "x" * 400_000,
    "binary": "\x00\x01\x02",
    "tags": "a: !!python/object/apply:os.system [ls]",
    "an escape beyond": 'a: "\\U99999999"',
    "broken": "a: [1, 2",
    "keys": "? [a, b]\n: c",
    "no mapping": "just text",
}
WRONG = ("jobs: 1", "jobs: [a]", "jobs: {a: 1}", "jobs: {a: {steps: {x: y}}}",
         "jobs: {a: {runs-on: {}, steps: [1, [2], {run: [pytest]}, {uses: {}}]}}",
         "on: {}\njobs: {a: {strategy: {matrix: 3}, steps: [{run: pytest}]}}",
         "jobs: {a: {uses: ./.github/workflows/ci.yml}}")  # fmt: skip
OTHERS = {
    "tox.ini": ("[testenv\n", "[testenv]\ncommands = {[testenv]commands}\n",
                "[tox]\nenvlist = py" + "{a,b}" * 40 + "-{1-999999999}\n[testenv]\ncommands=x"),
    "noxfile.py": ("import nox\n@nox.session\ndef tests(s):\n    s.run(*x)\n", "(" * 9000,
                   "import nox\n@nox.session\ndef tests(s):\n    tests(s)\n    s.run(f'{s}')\n"),
    "Makefile": ("test: test\n\tmake test\n", "a = $(a)$(a)\ntest:\n\t$(a)\n",
                 "test: a\na: test\n\t@$(MAKE) a\n"),
    "justfile": ("test: test\n  just test\n", "test"),
    "hatch.toml": ("envs = 3", "[envs]\ndefault = 1\n[envs.test.scripts]\ntest = 3\n"),
    "package.json": ('{"scripts": {"test": "npm test"}}', '{"scripts": {"test": ["x"]}}', "[]",
                     '{"scripts": {"test": "npm run a", "a": "npm run b", "b": "npm run a"}}'),
    "pyproject.toml": ("[tool.tox]\nenv_list = 3\nenv_run_base = 1\n", "[tool]\ntox = 1"),
}  # fmt: skip


@pytest.mark.parametrize("row", YAML)
def test_yaml_that_is_no_persons_is_nothing(row: str) -> None:
    found = read_yaml(YAML[row])
    assert found is NOTHING or found.size < 100
    assert all(one.origin.path != CI for one in recipes({CI: YAML[row]}))


@pytest.mark.parametrize("text", WRONG)
def test_a_workflow_of_other_types_is_none(text: str) -> None:
    found = recipes({CI: text})
    assert all(one.origin.path != CI or one.test == "pytest" for one in found)


@pytest.mark.parametrize(
    ("path", "text"), [(path, text) for path, texts in OTHERS.items() for text in texts]
)
def test_other_files_raise_nothing_and_end(path: str, text: str) -> None:
    calls = job("tox", "nox", "hatch run test", "make test", "just test", "npm test")
    assert recipes({path: text, CI: calls})


LONG = {
    ".github/workflows/a.yml": "on: push\njobs: {a: {runs-on: x, steps: [{run: '"
    + "${{ " * 25_000
    + "'}]}}",
    "Makefile": "test:" + " a" * 60_000 + "\n\tpytest\n" + "\n" * 100_000 + " a" * 4000 + "\n",
    "README.rst": " a::\n" * 50_000,
    "justfile": "test" + " a" * 100_000,
    ".gitlab-ci.yml": "".join(
        f"{a}: {{extends: [{', '.join([b] * 300)}]}}\n"
        for a, b in zip("abcdef", "bcdefg", strict=True)
    ),
    "Dockerfile": "RUN a\\" + " " * 200_000,
    "tox.ini": "[testenv]\ncommands = " + "{" * 200_000,
    "noxfile.py": "import nox\n@nox.session\ndef tests(s):\n  s.run("
    + "+".join(["'a'"] * 3000)
    + ")\n",
    "pyproject.toml": "[dependency-groups]\n"
    + "".join(f'g{n} = [{{include-group = "g{n + 1}"}}]\n' for n in range(3000))
    + 'test = [{include-group = "g0"}]\n',
}


@pytest.mark.parametrize("path", LONG)
def test_files_that_are_made_to_take_long_do_not(path: str) -> None:
    spaces = job("x" + " " * 15_000 + "y", "tox", "nox", "uv sync --all-groups", "pytest")
    assert recipes({CI: spaces, path: LONG[path], "test_a.py": ""})


def test_a_script_that_calls_itself_ends() -> None:
    files = {"Makefile": "test:\n" + "\tmake test\n" * 300, CI: job(*["make test"] * 100)}
    assert recipes(files)
