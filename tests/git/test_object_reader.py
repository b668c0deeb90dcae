"""What was read of git's objects is not asked of git again."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.git.object_reader import ObjectReader
from harness.system.git import Git
from tests.environment.projects import git, write


async def read(reader: ObjectReader, first: str, second: str) -> list[object]:
    """Each kind of question."""
    tree, other = await reader.tree_of(first), await reader.tree_of(second)
    return [
        await reader.files(tree),
        await reader.blob(tree, "below/b.txt"),
        await reader.blob(tree, "below"),
        await reader.file(tree, "a.txt"),
        await reader.texts(other, ["a.txt", "below/b.txt", "absent"]),
        await reader.changes(tree, other),
    ]


async def test_git_is_started_once_for_each_answer(tmp_path: Path) -> None:
    repo, log, shim = tmp_path / "repo", tmp_path / "log", tmp_path / "git"
    repo.mkdir()
    git(repo, "init", "--quiet")
    commits = []
    for text in ("one\n", "two\n"):
        write(repo, {"a.txt": text, "below/b.txt": "b\n"})
        git(repo, "add", "--all")
        git(repo, "commit", "--quiet", "-m", text)
        commits.append(git(repo, "rev-parse", "HEAD"))
    shim.write_text(f"#!/bin/sh\necho x >>'{log}'\nexec '{shutil.which('git')}' \"$@\"\n")
    shim.chmod(0o755)
    reader = ObjectReader(Git(repo / ".git", program=str(shim)))
    answers = await read(reader, *commits)
    started = log.read_text()
    assert started.count("x") <= 9
    assert await read(reader, *commits) == answers
    assert log.read_text() == started
    assert answers[1:4] == [git(repo, "rev-parse", "HEAD:below/b.txt"), None, b"one\n"]
    assert answers[4] == {"a.txt": "two\n", "below/b.txt": "b\n"}
