"""Runners of named tasks beside make: poe, taskipy and Task; and installers that build. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from harness.testruns.detect.manifest import table, texts
from harness.testruns.detect.python import Asked
from harness.testruns.recipes.builder import Builder, rest_of
from harness.testruns.recipes.script import Command
from harness.testruns.recipes.yaml_items import read_yaml

TASKFILES = ("Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "Taskfile.dist.yml")
MOST_DEEP = 8


def poe(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`poe NAME`: a task of pyproject.toml."""
    tools = builder.tree.project(command.folder).tools
    _tasks(builder, command, table(table(tools, "poe"), "tasks"), words)


def task(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`task NAME`: of a Taskfile, else of taskipy's table."""
    names = (posixpath.join(command.folder, name) for name in TASKFILES)
    path = next((name for name in names if builder.tree.has(name)), "")
    if path:
        called = [word for word in words if not word.startswith("-")][:1] or ["default"]
        _follow(builder, command, path, called[0], [])
        return
    tools = builder.tree.project(command.folder).tools
    _tasks(builder, command, table(table(tools, "taskipy"), "tasks"), words)


def _tasks(
    builder: Builder, command: Command, tasks: dict[str, object], words: Sequence[str]
) -> None:
    """A task's text, its words or its parts; a part may be another task's name."""
    told = [word for word in words if not word.startswith("-")]
    said = tasks.get(told[0]) if told else None
    if isinstance(said, dict):
        keys = ("cmd", "shell", "sequence", "script")
        said = next((said[key] for key in keys if key in said), None)
    steps = [said] if isinstance(said, str) else texts(said)
    builder.doubts += not steps
    for step in steps:
        text = f"poe {step}" if step in tasks else f"{step} {rest_of(told[1:])}"
        builder.run(text.strip(), command.folder, command.env, command.line)


def _follow(builder: Builder, command: Command, path: str, name: str, seen: list[str]) -> None:
    """A Taskfile's task, what it needs first."""
    told = read_yaml(builder.tree.text(path)).at("tasks", name)
    if name in seen or len(seen) > MOST_DEEP:
        return
    seen.append(name)
    for need in told.at("deps").each():
        _follow(builder, command, path, need.text or need.at("task").text, seen)
    rows = told.at("cmds").each() or told.at("cmd").each() or told.each()
    builder.doubts += not rows
    for row in rows:
        if row.at("task").text:
            _follow(builder, command, path, row.at("task").text, seen)
        elif "{{" in row.text:
            builder.doubts += 1
        else:
            text = row.text or row.at("cmd").text
            builder.run(text, command.folder, command.env, row.line + row.block)


def flit(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`flit install`: with all extras, unless it names some."""
    if words[:1] != ("install",):
        return
    project = builder.tree.project(command.folder)
    pairs = list(zip(("", *words), words, strict=False))
    named = [word for before, word in pairs if before in ("--extras", "--only-extras")]
    known = project.extra_names()
    asked = [name for one in named for name in one.split(",") if name in known]
    builder.install(command.folder, Asked(itself=True, extras=tuple(asked) if named else known))


def maturin(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`maturin develop` builds what an editable install builds."""
    if words[:1] == ("develop",):
        itself = builder.tree.project(command.folder).installable
        builder.install(command.folder, Asked(itself=itself))
