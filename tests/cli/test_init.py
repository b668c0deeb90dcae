"""`init` on real repositories: what it makes, what it refuses, and that it touches no file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import Call, Git, Person


@pytest.fixture
def project(person: Person, git: Git) -> Path:
    """A small Python project with two commits."""
    git("init", "-q", "-b", "trunk")
    (person.cwd / "calc.py").write_text("def add(a, b):\n    return a + b\n")
    tests = person.cwd / "tests"
    tests.mkdir()
    text = "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
    (tests / "test_calc.py").write_text(text)
    (person.cwd / "pyproject.toml").write_text('[project]\nname = "calc"\nversion = "1"\n')
    git("add", ".")
    git("commit", "-q", "-m", "feat: add\n\nSigned-off-by: Ann <ann@home.example>")
    git("commit", "-q", "--allow-empty", "-m", "fix: x\n\nSigned-off-by: Ann <ann@home.example>")
    return person.cwd


def settings_of(person: Person, name: str) -> dict[str, dict[str, object]]:
    file = person.home / ".config" / "harness" / "projects" / f"{name}.toml"
    return tomllib.loads(file.read_text())


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and ".git" not in p.relative_to(folder).parts
    }


def test_it_registers_pushes_and_says_what_is_next(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    before = files(project)
    done = call("init")
    assert (done.code, done.err) == (0, "")
    assert "harness issue new" in done.out
    assert "pytest" in done.out
    said = settings_of(person, "here")
    assert said["project"] == {"name": "here", "path": str(project), "default_branch": "trunk"}
    assert said["commit"]["sign_off"] is True
    assert said["commit"]["style"] == "conventional"
    assert "pytest" in str(said["test"]["command"])
    assert git("ls-remote", "harness", "refs/heads/trunk").startswith(git("rev-parse", "HEAD"))
    assert files(project) == before
    assert git("status", "--porcelain") == ""
    assert call("issue", "new", "A bug", "--body", "it breaks").code == 0
    assert "A bug" in call("issue", "list").out


def test_a_second_time_changes_nothing_and_says_so(
    person: Person, project: Path, call: Call
) -> None:
    call("init")
    file = person.home / ".config" / "harness" / "projects" / "here.toml"
    file.write_text(file.read_text() + "\n[limits]\nturns = 7\n")
    before = file.read_text()
    done = call("init", "--language", "ko")
    assert done.code == 0
    assert "이미" in done.out
    assert file.read_text() == before
    assert call("init", "--json").code == 0


def test_json_says_the_same(project: Path, call: Call) -> None:
    found = json.loads(call("init", "--json").out)
    assert found["project"] == "here"
    assert found["branch"] == "trunk"
    assert found["again"] is False


def test_a_new_commit_is_brought_to_the_forge(project: Path, git: Git, call: Call) -> None:
    call("init")
    git("commit", "-q", "--allow-empty", "-m", "more")
    assert "pushed" in call("init").out
    assert git("ls-remote", "harness", "refs/heads/trunk").startswith(git("rev-parse", "HEAD"))


def test_a_forge_that_is_ahead_is_left_alone(project: Path, git: Git, call: Call) -> None:
    call("init")
    ahead = git("rev-parse", "HEAD")
    git("reset", "-q", "--hard", "HEAD~1")
    assert "harness pull" in call("init").out
    assert git("ls-remote", "harness", "refs/heads/trunk").startswith(ahead)


def test_no_hook_of_the_repository_runs(project: Path, git: Git, call: Call) -> None:
    for name in ("pre-push", "reference-transaction", "post-checkout", "fsmonitor-watchman"):
        hook = project / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {project}/ran\nexit 1\n")
        hook.chmod(0o755)
    git("config", "core.fsmonitor", ".git/hooks/fsmonitor-watchman")
    assert call("init").code == 0
    assert not (project / "ran").exists()


def test_a_name_is_made_from_the_folder(person: Person, project: Path, call: Call) -> None:
    odd = project.parent / "My App (새것)"
    project.rename(odd)
    assert call("init", cwd=odd).code == 0
    assert settings_of(person, "my-app")["project"]["path"] == str(odd)


def test_what_is_uncommitted_is_noted_and_kept(project: Path, call: Call) -> None:
    (project / "calc.py").write_text("half written")
    done = call("init")
    assert done.code == 0
    assert "uncommitted" in done.out
    assert (project / "calc.py").read_text() == "half written"


def test_a_submodule_is_noted(project: Path, git: Git, call: Call) -> None:
    head = git("rev-parse", "HEAD")
    git("update-index", "--add", "--cacheinfo", f"160000,{head},vendored")
    git("commit", "-q", "-m", "sub")
    assert "submodules" in call("init").out


def test_what_the_project_says_of_itself_is_not_overridden(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    (project / "harness.toml").write_text('[test]\ncommand = "make check"\n')
    git("add", ".")
    git("commit", "-q", "-m", "settings")
    assert call("init").code == 0
    assert "test" not in settings_of(person, "here")
    assert "make check" in call("config", "show").out


def test_a_mistake_in_the_committed_file_is_named(project: Path, git: Git, call: Call) -> None:
    call("init")
    (project / "harness.toml").write_text('\n[sandbox]\nkind = "none"\n')
    git("add", ".")
    git("commit", "-q", "-m", "settings")
    call("init")
    done = call("run", "--dry-run")
    assert done.code == 3
    assert "@trunk:harness.toml:3" in done.err
    assert "sandbox.kind" in done.err
    assert call("issue", "list").code == 0


REFUSED = [
    ("no repository", [], 1, "not in a git repository"),
    ("no commits", [["init", "-q", "-b", "main"]], 1, "no commit yet"),
    ("bare", [["init", "-q", "--bare"]], 1, "bare repository"),
]


@pytest.mark.parametrize(("name", "steps", "code", "says"), REFUSED)
def test_what_cannot_be_used_is_refused_in_one_sentence(
    person: Person, git: Git, call: Call, name: str, steps: list[list[str]], code: int, says: str
) -> None:
    for step in steps:
        git(*step)
    done = call("init")
    assert done.code == code
    assert says in done.err
    assert done.err.count("\n") == 1
    assert not (person.home / ".config").exists()


def test_a_detached_head_asks_for_a_branch(project: Path, git: Git, call: Call) -> None:
    git("checkout", "-q", "--detach")
    assert "--branch" in call("init").err
    assert call("init", "--branch", "trunk").code == 0
    assert call("init").code == 0, "what is registered says which"


def test_a_branch_that_is_not_there_is_named(project: Path, call: Call) -> None:
    done = call("init", "--branch", "gone")
    assert done.code == 2
    assert "gone" in done.err


def test_a_shallow_clone_says_how_to_get_the_rest(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    thin = project.parent / "thin"
    git("clone", "-q", "--depth", "1", project.as_uri(), str(thin))
    done = call("init", cwd=thin)
    assert done.code == 1
    assert "git fetch --unshallow" in done.err


def test_names_do_not_collide(person: Person, project: Path, git: Git, call: Call) -> None:
    person.register("here", project.parent / "elsewhere")
    done = call("init")
    assert done.code == 2
    assert "--name" in done.err
    assert call("init", "--name", "Bad Name").code == 2
    assert call("init", "--name", "other").code == 0
    assert call("init", "--name", "third").code == 2


def test_a_remote_of_that_name_is_not_overwritten(project: Path, git: Git, call: Call) -> None:
    git("remote", "add", "harness", "https://example.invalid/x.git")
    done = call("init")
    assert done.code == 1
    assert "git remote rename harness other" in done.err
    assert git("remote", "get-url", "harness") == "https://example.invalid/x.git"


def test_a_subfolder_will_do(person: Person, project: Path, call: Call) -> None:
    assert call("init", cwd=project / "tests").code == 0
    assert settings_of(person, "here")["project"]["path"] == str(project)


def test_variables_of_a_surrounding_git_do_not_mislead(
    person: Person, project: Path, call: Call, tmp_path: Path
) -> None:
    person.env["GIT_DIR"] = str(tmp_path / "nowhere")
    try:
        assert call("init").code == 0
    finally:
        del person.env["GIT_DIR"]


def test_what_cannot_be_had_from_its_place_is_said_and_no_set_up_written(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.poetry]\nname = "x"\n[tool.poetry.group.dev.dependencies]\nfoo.path = "../foo"\n'
    )
    git("add", "--all")
    git("commit", "-q", "-m", "second")
    done = call("init")
    assert done.code == 0
    assert "foo comes from a place that set-up cannot have it from (../foo)" in done.out
    file = person.home / ".config" / "harness" / "projects" / "here.toml"
    assert "[environment]" not in file.read_text()


def test_what_ci_runs_is_written_with_the_line_that_it_was_read_from(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    workflow = project / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    steps = "[{run: pip install .}, {run: pytest -q tests}]"
    workflow.write_text(
        f"on: push\njobs:\n  tests:\n    runs-on: ubuntu-24.04\n    steps: {steps}\n"
    )
    git("add", "--all")
    git("commit", "-q", "-m", "second")
    assert call("init").code == 0
    text = (person.home / ".config" / "harness" / "projects" / "here.toml").read_text()
    said = '[test]\n# read from .github/workflows/ci.yml:5\ncommand = "pytest -q tests"\n'
    assert said in text
    assert "[environment]\n# read from .github/workflows/ci.yml:5\nsetup = " in text
    assert "-e." in text
