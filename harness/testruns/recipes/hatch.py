"""hatch's environments: what they install, and the scripts that run in them. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Any

from harness.testruns.detect.manifest import read_toml, table, texts
from harness.testruns.detect.python import Asked
from harness.testruns.recipes import python_tests
from harness.testruns.recipes.builder import Builder, rest_of
from harness.testruns.recipes.script import Command

MOST_DEEP = 5


def environments(builder: Builder, folder: str) -> dict[str, Any]:
    """By name, from hatch.toml or pyproject.toml."""
    own = read_toml(builder.tree.text(posixpath.join(folder, "hatch.toml")))
    if own:
        return table(own, "envs")
    text = builder.tree.text(posixpath.join(folder, "pyproject.toml"))
    return table(table(table(read_toml(text), "tool"), "hatch"), "envs")


def hatch(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`hatch test`, `hatch run [environment:]script`."""
    rest = list(words)
    name = "default"
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in ("-e", "--env") and rest:
            name = rest.pop(0)
    verb = rest.pop(0) if rest else ""
    if verb == "test":
        _test(builder, command, _paths(rest))
    elif verb == "run" and rest:
        first, sign, script = rest[0].rpartition(":")
        name = first.lstrip("+").partition(".")[0] if sign else name
        _run(builder, command, name, [script or rest[0], *rest[1:]])


VALUED = ("--python", "-py", "--include", "-i", "--exclude", "-x", "--retries", "--retry-delay")


def _paths(rest: Sequence[str]) -> list[str]:
    """Without options and what belongs to them."""
    pairs = zip(("", *rest), rest, strict=False)
    return [word for before, word in pairs if not word.startswith("-") and before not in VALUED]


def _test(builder: Builder, command: Command, paths: Sequence[str]) -> None:
    told = table(environments(builder, command.folder), "hatch-test")
    _fill(builder, command.folder, told)
    more = texts(told.get("extra-dependencies"))
    usual = () if "dependencies" in told else ("pytest", "pytest-mock", "coverage[toml]")
    builder.install(command.folder, Asked(lines=(*usual, *more)))
    script = table(told, "scripts").get("run")
    if isinstance(script, str) and "pytest" in script:
        told_paths = rest_of(paths)
        text = script.replace("{env:HATCH_TEST_ARGS:}", "")
        builder.run(text.replace("{args}", told_paths), command.folder, command.env, command.line)
    else:
        python_tests.pytest(builder, command, paths)


def _fill(builder: Builder, folder: str, told: dict[str, Any]) -> None:
    project = builder.tree.project(folder)
    lines = [*texts(told.get("dependencies")), *texts(told.get("extra-dependencies"))]
    lines += project.lines_of(texts(told.get("dependency-groups")))
    skips = told.get("skip-install") is True or told.get("detached") is True
    builder.install(
        folder,
        Asked(
            lines=tuple(line for line in lines if "{" not in line),
            extras=tuple(texts(told.get("features"))),
            itself=project.installable and not skips,
        ),
    )


def _run(builder: Builder, command: Command, name: str, words: Sequence[str]) -> None:
    known = environments(builder, command.folder)
    told = _inherited(known, name)
    scripts = table(told, "scripts")
    _fill(builder, command.folder, told)
    _script(builder, command, scripts, words, 0)


def _inherited(known: dict[str, Any], name: str) -> dict[str, Any]:
    """An environment with what it takes over from its template."""
    told = table(known, name)
    template = str(told.get("template", "default"))
    if template in (name, "") or told.get("detached") is True:
        return told
    base = table(known, template)
    merged = {**base, **told}
    merged["scripts"] = {**table(base, "scripts"), **table(told, "scripts")}
    return merged


def _script(
    builder: Builder, command: Command, scripts: dict[str, Any], words: Sequence[str], deep: int
) -> None:
    """A script's lines, scripts that they begin with in their place."""
    said = scripts.get(words[0])
    steps = [said] if isinstance(said, str) else texts(said)
    if not steps or deep > MOST_DEEP:
        text = rest_of(words)
        builder.run(text, command.folder, command.env, command.line)
        return
    more = rest_of(words[1:])
    for step in steps:
        told = step.replace("{args}", more)
        if "{args:" in told:
            start, _, rest = told.partition("{args:")
            default, _, end = rest.partition("}")
            told = f"{start}{more or default}{end}"
        told = told.lstrip("- ")
        first = told.split(None, 1)[0] if told.split() else ""
        if first in scripts and first != words[0]:
            _script(builder, command, scripts, told.split(), deep + 1)
        else:
            builder.run(told, command.folder, command.env, command.line)
