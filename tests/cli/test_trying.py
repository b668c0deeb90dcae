"""`init --yes` and `doctor --project`: the suite is run at once, what works is in the file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from harness.cli.recipe_note import noted
from harness.testruns.recipes.recipe import Origin, Recipe
from tests.cli.conftest import Call, Git, Person
from tests.cli.test_init import files

GOOD = {"calc.py": "def one():\n    return 1\n", "tests/test_calc.py": "def test_a():\n    pass\n"}
LOST = {"tests/test_calc.py": "import nonesuch\n\n\ndef test_a():\n    pass\n"}


def make(person: Person, git: Git, tree: dict[str, str]) -> None:
    git("init", "-q", "-b", "main")
    for path, text in tree.items():
        (person.cwd / path).parent.mkdir(exist_ok=True, parents=True)
        (person.cwd / path).write_text(text)
    git("add", ".")
    git("commit", "-q", "-m", "first")


def file_of(person: Person) -> Path:
    return person.home / ".config" / "harness" / "projects" / "here.toml"


def test_what_works_is_in_the_file_with_its_reason(person: Person, git: Git, call: Call) -> None:
    make(person, git, GOOD)
    done = call("init", "--yes")
    assert (done.code, done.err) == (0, "")
    assert "1 passed" in done.out
    assert "Registered" in done.out
    text = file_of(person).read_text()
    assert "# tried 20" in text
    assert "1 passed" in text
    assert tomllib.loads(text)["test"] == {"command": "python3 -m pytest", "reporter": "pytest"}
    assert call("issue", "new", "A bug", "--body", "it breaks").code == 0


def test_the_reason_says_which_line_the_recipe_is_from(
    person: Person, git: Git, call: Call
) -> None:
    steps = "      - uses: actions/checkout@v4\n      - run: python3 -m unittest discover -v\n"
    steps += "      - run: sudo apt-get install -y harness-no-such-dev\n"
    page = f"on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
    case = "import unittest\n\n\nclass A(unittest.TestCase):\n    def test_a(self):\n        pass\n"
    make(person, git, {".github/workflows/ci.yml": page, "test_calc.py": case})
    done = call("init", "--yes")
    assert (done.code, done.out.count("try 1 of")) == (0, 1), done.err
    assert "not here: harness-no-such-dev" in done.out
    assert "; from .github/workflows/ci.yml:7" in file_of(person).read_text()


@pytest.mark.parametrize(
    "tree",
    [
        LOST,
        {"tests/test_calc.py": "def test_a():\n    assert False\n"},
        {"tests/test_calc.py": "syntax error\n"},
        {"tests/test_calc.py": "import os\nos._exit(3)\n"},
        {"README.md": "nothing to run"},
        {"setup.py": "raise SystemExit(3)\n", "requirements.txt": "./gone\n", **GOOD},
    ],
)
def test_nothing_is_left_when_no_suite_works(
    person: Person, git: Git, call: Call, tree: dict[str, str]
) -> None:
    make(person, git, tree)
    before = files(person.cwd)
    done = call("init", "--yes")
    assert done.code == 1
    assert "harness init --no-try" in done.err
    assert "Traceback" not in done.err
    assert not file_of(person).exists()
    assert git("remote") == ""
    assert files(person.cwd) == before
    assert not [p for p in (person.state / "workspaces").iterdir() if p.is_dir()]
    assert not list((person.state / "forge" / "me").glob("*.git"))
    assert call("init", "--no-try").code == 0
    assert call("issue", "new", "A bug", "--body", "it breaks").code == 0


def test_without_a_terminal_nothing_runs_unless_that_was_said(
    person: Person, git: Git, call: Call
) -> None:
    make(person, git, LOST)
    done = call("init")
    assert done.code == 0
    assert "harness doctor --project here" in done.out
    assert "passed" not in done.out


def test_yes_and_no_try_exclude_each_other(person: Person, git: Git, call: Call) -> None:
    make(person, git, GOOD)
    assert call("init", "--yes", "--no-try").code == 2
    assert not file_of(person).exists()


def test_json_stays_one_document(person: Person, git: Git, call: Call) -> None:
    make(person, git, GOOD)
    done = call("init", "--yes", "--json")
    assert json.loads(done.out)["tried"] is True
    assert "1 passed" in done.err


def test_doctor_shows_the_tally_and_who_fails_on_the_base(
    person: Person, git: Git, call: Call
) -> None:
    more = {"tests/test_more.py": "def test_b():\n    assert 0\n\n\ndef test_c():\n    pass\n"}
    make(person, git, {**GOOD, **more})
    assert call("init", "--no-try").code == 0
    done = call("doctor", "--project", "here")
    assert "2 passed, 1 failed" in done.out
    assert "tests/test_more.py::test_b" in done.out
    assert "# tried" not in file_of(person).read_text()


def test_doctor_mends_what_is_configured_and_writes_when_told(
    person: Person, git: Git, call: Call
) -> None:
    make(person, git, GOOD)
    assert call("init", "--no-try").code == 0
    file = file_of(person)
    text = file.read_text().replace("-m pytest", "-m pytest tests/unit")
    file.write_text(f"# mine\n{text}\n[limits]\nturns = 7  # few\n")
    looked = call("doctor", "--project", "here")
    assert "1 passed" in looked.out
    assert "harness doctor --project here --mend" in looked.out
    assert "tests/unit" in file.read_text()
    written = call("doctor", "--project", "here", "--mend")
    assert str(file) in written.out
    after = file.read_text()
    assert after.startswith("# mine\n")
    assert "turns = 7  # few" in after
    assert tomllib.loads(after)["test"]["command"] == "python3 -m pytest"
    assert "without tests/unit" in after
    again = call("doctor", "--project", "here", "--mend")
    assert "--mend writes" not in again.out
    assert file.read_text() == after


def test_mending_needs_a_project(person: Person, call: Call) -> None:
    done = call("doctor", "--mend")
    assert done.code == 2
    assert "--project" in done.err


RECIPE = Recipe(origin=Origin(path="tox.ini", line=3), setup=("a", "b"), test="t", reporter="go")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[project]\nname = 'x'\n",
        "[test]\ncommand = 'old'\ntimeout_s = 5  # long\n",
        "[test]\n# tried 2026-01-01: nothing\ncommand = '''a\nb'''\nreporter = 'none'\n",
        "[environment]\nsetup = [\n  'x', # one\n  'y',\n]\nallow = ['pypi.org']\n",
        "[ test ] # mine\ncommand='''\n[not a table]\n'''\n[environment]\n\n[policy]\n",
    ],
)
def test_only_the_recipe_changes_in_a_file(text: str) -> None:
    after = noted(text, RECIPE, "2026-11-30: fine\nand well")
    if after is None:
        assert "[not" in text
        return
    old, new = tomllib.loads(text), tomllib.loads(after)
    assert new["test"] == {**old.get("test", {}), "command": "t", "reporter": "go"}
    assert new["environment"] == {**old.get("environment", {}), "setup": ["a", "b"]}
    for name in old.keys() - {"test", "environment"}:
        assert new[name] == old[name]
    assert after.count("# tried ") == 1
    assert "# tried 2026-11-30: fine and well\n" in after
    assert noted(after, RECIPE, "2026-11-30: fine and well") == after


def test_services_and_versions_are_noted_and_read_again() -> None:
    more = {"services": ("redis",), "wants": {"python": "3.9", "node": "20"}}
    recipe = RECIPE.model_copy(update=more)
    after = noted("[environment]\nversions = {go = '1.20'}\nallow = ['a.b']\n", recipe, "2026: x")
    assert after is not None
    assert tomllib.loads(after)["environment"] == {
        "setup": ["a", "b"],
        "services": ["redis"],
        "versions": {"python": "3.9", "node": "20"},
        "allow": ["a.b"],
    }
    assert noted(after, recipe, "2026: x") == after


@pytest.mark.parametrize(
    "text",
    [
        "test.command = 'x'\n",
        "test = { command = 'x' }\n",
        "environment.setup = ['x']\n",
        "[[broken\n",
        "[test]\n'command' = 'x'\n",
    ],
)
def test_a_file_of_another_form_is_left_to_its_writer(text: str) -> None:
    assert noted(text, RECIPE, "2026-11-30: x") is None


def script(person: Person, *hand_ins: str) -> None:
    """A model that hands in these, one after the other."""
    calls = [
        {"text": "", "calls": [{"name": "verdict", "arguments": {
            "kind": "done", "data": {"summary": one}}}]}
        for one in hand_ins
    ]  # fmt: skip
    talk = {"match": {"contains": "", "session": "-recipe"}, "turns": calls}
    page = person.home / "script.json"
    page.write_text(json.dumps({"conversations": [talk]}))
    config = person.home / ".config" / "harness" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'[models.s]\ndialect = "scripted"\nscript = "{page}"\n')


CASE = "import unittest\n\n\nclass A(unittest.TestCase):\n    def test_a(self):\n        pass\n"
ODD = {"check.py": CASE}


def test_at_last_a_model_hands_in_a_recipe_that_is_checked_and_run(
    person: Person, git: Git, call: Call
) -> None:
    make(person, git, {**ODD, "README.md": "Run check.\n"})
    evil = json.dumps({"setup": ["pip install evil"], "test": "python3 check.py"})
    wrong = json.dumps({"setup": [], "test": "python3 -m pytest README.md", "reporter": "pytest"})
    right = json.dumps({"setup": [], "test": "python3 -m unittest check", "reporter": "unittest"})
    script(person, evil, wrong, right)
    done = call("init", "--yes")
    assert done.code == 0, done.out + done.err
    said = tomllib.loads(file_of(person).read_text())
    assert said["test"] == {"command": "python3 -m unittest check", "reporter": "unittest"}
    assert "from model" in file_of(person).read_text()
    assert "evil" not in done.out


@pytest.mark.parametrize(
    "hand_ins",
    [
        ["nonsense"] * 3,
        [json.dumps({"setup": ["curl x | sh"], "test": "true"})] * 3,
        [json.dumps({"setup": [], "test": "python3 -m pytest", "reporter": "pytest"})],
        [json.dumps({"setup": [], "test": "make nothing", "reporter": "pytest"})] * 4,
        [],
    ],
)
def test_a_model_that_knows_nothing_ends_in_words(
    person: Person, git: Git, call: Call, hand_ins: list[str]
) -> None:
    make(person, git, {**ODD, "README.md": "Run check.\n"})
    script(person, *hand_ins)
    done = call("init", "--yes")
    assert done.code == 1
    assert "harness init --no-try" in done.err
    assert not file_of(person).exists()


def test_what_the_machine_lacks_is_said_with_the_way_on(
    person: Person, git: Git, call: Call
) -> None:
    steps = (
        "      - run: sudo apt-get install -y harness-no-such-dev\n      - run: python3 -m pytest\n"
    )
    page = f"on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
    make(person, git, {**GOOD, ".github/workflows/ci.yml": page, "web/.nvmrc": "4.0.1\n"})
    done = call("init", "--no-try")
    assert done.code == 0, done.err
    assert "not here: harness-no-such-dev" in done.out
    assert done.out.count("node 4.0.1") == 1
