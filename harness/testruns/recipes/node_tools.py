"""Commands of Node's package managers and test runners. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from harness.testruns.detect.managers import manager_of, read_package
from harness.testruns.detect.node import installing, workspace
from harness.testruns.detect.node_scripts import (
    CHECKS,
    direct,
    runner_of_step,
    scripts_of,
    tests_of,
)
from harness.testruns.recipes.builder import Builder, rest_of
from harness.testruns.recipes.script import Command
from harness.testruns.recipes.tree import join
from harness.testruns.registry import marked_in

KEPT = ("--ignore-scripts", "--legacy-peer-deps", "--force", "--no-optional", "--omit=optional")
TESTS = re.compile(r"(?:test|tests|unit|unittest|spec|ci|check)(?:$|[:_.-])|t$|tst$")
ASIDE = re.compile(
    r"lint|typ(?:e|ing|escript)|tsc|tsd|flow|browser|e2e|cypress|playwright|perf|bench|docs?|format"
    r"|size|watch|publish|release|coverage-report|debug|update|snapshot|mutat|karma|sauce"
)
BUILDS = re.compile(r"(?:build|compile|prepare|generate|codegen|transpile|bundle|dist)\b")
FOLDER = {"npm": "--prefix", "pnpm": "-C", "yarn": "--cwd", "bun": "--cwd"}
EVERYWHERE = frozenset(["-r", "--recursive", "--workspaces", "-ws", "-A", "--all"])
MOST_PACKAGES = 24
INSTALLS = ("ci", "install", "i", "install-ci-test", "it", "cit", "clean-install")
ASKING = frozenset(["unlink", "set", "config", "cache", "version", "audit", "pack", "why", "info"])
FILTERS = ("--filter", "-F", "-w", "--workspace", "--workspace-concurrency")


def manager(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """npm, pnpm, yarn or bun (`words[0]`)."""
    name, rest = words[0], list(words[1:])
    command, rest = _moved(command, name, rest)
    options = []
    while rest and rest[0].startswith("-"):
        options.append(rest.pop(0))
        if options[-1] in FILTERS and "=" not in options[-1]:
            options += rest[:1]
            rest = rest[1:]
    verb = rest.pop(0) if rest else ("install" if name == "yarn" else "")
    if verb in INSTALLS:
        _install(builder, command, verb, [*options, *rest])
        if verb in ("it", "cit", "install-ci-test"):
            _script(builder, command, "test", ())
    elif verb in ("add", "link"):
        builder.doubts += 1
    elif verb in ("workspaces", "workspace"):
        _workspaces(builder, command, (name, verb), rest)
    elif verb in ("exec", "dlx", "x"):
        npx(builder, command, tuple(word for word in rest if word != "--"))
    elif name == "bun" and verb == "test":
        builder.test(command, rest_of(words), "none")
    elif verb and verb not in ASKING:
        _called(builder, command, verb, options, rest)


def _workspaces(
    builder: Builder, command: Command, called: tuple[str, str], rest: Sequence[str]
) -> None:
    """yarn's words for every package, or for one."""
    named = [word for word in rest if word not in ("run", "foreach") and word[:1] != "-"]
    if called[1] == "workspaces":
        _everywhere(builder, command, named[-1] if named else "")
        return
    place = _package_named(builder, rest[0]) if len(rest) > 1 else None
    if place is not None:
        moved = command.model_copy(update={"folder": place})
        manager(builder, moved, (called[0], *rest[1:]))


def _called(
    builder: Builder, command: Command, verb: str, options: Sequence[str], rest: list[str]
) -> None:
    """A script, in the folder, in those of a filter, or in every package."""
    chosen = _chosen(builder, command, [*options, *rest])
    if chosen is None:
        builder.doubts += 1
        return
    script = rest.pop(0) if verb in ("run", "run-script", "rum") and rest else verb
    script = "test" if script in ("t", "tst") else script
    if EVERYWHERE & {*options, *rest}:
        _everywhere(builder, command, script)
        return
    for place in chosen:
        moved = command.model_copy(update={"folder": place})
        _script(builder, moved, script, [word for word in rest if word != "--"])


def _moved(command: Command, name: str, rest: list[str]) -> tuple[Command, list[str]]:
    """A folder that is named by an option."""
    for at, word in enumerate(rest):
        key, sign, value = word.partition("=")
        if key in (FOLDER.get(name), "--cwd", "--dir", "--prefix"):
            folder = join(command.folder, value if sign else "".join(rest[at + 1 : at + 2]))
            left = rest[:at] + rest[at + (1 if sign else 2) :]
            if folder is not None:
                return command.model_copy(update={"folder": folder}), left
    return command, rest


def _chosen(builder: Builder, command: Command, words: Sequence[str]) -> tuple[str, ...] | None:
    """Folders that a filter names, else the command's own; None for a filter not understood."""
    asked: list[str] = []
    for at, word in enumerate(words):
        key, sign, value = word.partition("=")
        if key in ("--filter", "-F", "-w", "--workspace"):
            if key == "-w" and (at + 1 >= len(words) or words[at + 1].startswith("-")):
                continue
            asked.append(value if sign else "".join(words[at + 1 : at + 2]))
    found = [_package_named(builder, name) for name in asked]
    if any(place is None for place in found):
        return None
    return tuple(place for place in found if place is not None) or (command.folder,)


def _package_named(builder: Builder, name: str) -> str | None:
    """The folder of the package of that name or path."""
    path = posixpath.normpath(name.removeprefix("./"))
    if builder.tree.has(posixpath.join(path, "package.json")):
        return path
    for file in builder.tree.inside("", "package.json")[:200]:
        folder = posixpath.dirname(file)
        if read_package(folder, builder.tree.read).get("name") == name:
            return folder
    return None


def _install(builder: Builder, command: Command, verb: str, words: Sequence[str]) -> None:
    if {"-g", "--global", "global"} & set(words):
        return
    named = [word for word in words if not word.startswith("-") and "$" not in word]
    if named and verb in ("i", "install"):
        builder.doubts += 1  # beside what the project says of itself
        return
    tree = builder.tree
    loose = verb in ("install", "i") and not any("frozen" in w or "immutable" in w for w in words)
    told = builder.wants.get("pnpm", "")
    install, unsourced = installing(
        command.folder,
        tree.files,
        tree.read,
        f"pnpm@{told}" if told else "",
        loose=loose
        and manager_of(_home(builder, command.folder), tree.files, tree.read).kind == "npm",
    )
    builder.unsourced += unsourced
    flags = [word for word in words if word in KEPT]
    env = {key: value for key, value in command.env.items() if key.isupper() and "SKIP" in key}
    start = "".join(f"{key}={value} " for key, value in env.items() if value.isalnum())
    builder.prepare(" ".join([_behind_cd(start, install), *flags]))


def _behind_cd(start: str, install: str) -> str:
    found = re.match(r"cd \S+ && ", install)
    at = found.end() if found else 0
    return install[:at] + start + install[at:]


def _home(builder: Builder, folder: str) -> str:
    root = workspace(folder, builder.tree.files, builder.tree.read)
    return folder if root is None else root


def _everywhere(builder: Builder, command: Command, script: str) -> None:
    """A script in every package of the workspace that has it."""
    files = builder.tree.inside(command.folder, "package.json")
    places = sorted(posixpath.dirname(path) for path in files if path.endswith("package.json"))
    for place in places[: MOST_PACKAGES * 4]:
        if place != command.folder and script in scripts_of(read_package(place, builder.tree.read)):
            moved = command.model_copy(update={"folder": place})
            _script(builder, moved, script, ())


def _script(builder: Builder, command: Command, name: str, more: Sequence[str]) -> None:
    """A script of package.json, or a program of node_modules by its name."""
    scripts = scripts_of(read_package(command.folder, builder.tree.read))
    if name not in scripts:
        if runner_of_step(name) != "none":
            npx(builder, command, (name, *more))
        return
    text = scripts[name]
    fans = re.match(
        r"(?:npx )?(?:lerna run|turbo(?: run)?|nx run-many.*(?:-t|--target)[ =])\s*([\w:-]+)", text
    )
    if fans and command.folder == "":
        _everywhere(builder, command, fans[1])
        return
    if ASIDE.search(name) and name != "test":
        return
    tests = [one for one in tests_of(scripts, name, _options(more)) if one.reporter != "none"]
    builder.tests(command, [(one.command, one.reporter) for one in tests])
    if not tests and TESTS.match(name):
        _nested(builder, command, name, text, more)
    elif not tests and BUILDS.match(name):
        called = re.search(r"(?<![\w@/-])(?:pnpm|yarn|bun)\b", text)
        if called is None:  # which the tests have not
            call = command.model_copy(update={"text": f"npm run {name}"})
            builder.build(call, again=True, needed=False)


def _nested(builder: Builder, command: Command, name: str, text: str, more: Sequence[str]) -> None:
    """A test script that hands on to another package, or runs what is not known."""
    before = builder.has_tests
    if re.fullmatch(r"(?:pnpm|npm|yarn)\b.*", text.strip()):
        builder.run(text, command.folder, command.env, command.line)
    if not before and not builder.has_tests:
        builder.test(command, " ".join([f"npm run {name}", *more]), marked_in(text) or "none")


def _options(more: Sequence[str]) -> str:
    kept = [
        word for word in more if not re.match(r"--(?:coverage|reporters?|ci$|silent|json)", word)
    ]
    return f" {rest_of(kept)}" if kept else ""


def npx(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """A program of node_modules."""
    rest = list(words)
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in ("-p", "--package", "-c") else rest[1:]
    if not rest or {"--version", "--help", "-v"} & set(rest[1:2]):
        return
    step = rest_of(rest)
    kind = runner_of_step(step)
    if kind != "none":
        builder.test(command, direct(step), kind)
    elif rest[0] in ("nyc", "c8", "cross-env"):
        builder.run(rest_of(rest[1:]), command.folder, command.env, command.line)
    elif rest[0] in ("lerna", "turbo") and len(rest) > 1:
        _everywhere(builder, command, rest[-1] if rest[1] == "run" else rest[1])
    elif CHECKS.search(step) is None and not ASIDE.search(step):
        builder.doubts += 1


def node(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`node --test`, `node test.js`."""
    step = rest_of(["node", *words])
    if runner_of_step(step) != "none":
        builder.test(command, step, runner_of_step(step))
    elif any(re.search(r"(?:^|/)tests?(?:/|\.[cm]?js$|$)", word) for word in words[:1]):
        builder.test(command, step, "none")
    elif words and not words[0].startswith("-"):
        builder.build(command)
