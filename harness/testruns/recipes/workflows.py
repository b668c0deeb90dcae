"""GitHub's workflows: each job that runs tests on Linux, in one leg of its matrix, as a recipe.
Steps with values that are not known before they run, secrets say, are left out. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from harness.core.base import Json
from harness.testruns.recipes import actions
from harness.testruns.recipes.builder import Builder
from harness.testruns.recipes.dispatch import take
from harness.testruns.recipes.expressions import OPEN, UnknownError, expand, holds
from harness.testruns.recipes.matrix import Leg, chosen, is_elsewhere, legs_of, value_of
from harness.testruns.recipes.ranking import Found
from harness.testruns.recipes.recipe import Origin
from harness.testruns.recipes.services import service_of, version_in
from harness.testruns.recipes.tree import Tree, join
from harness.testruns.recipes.yaml_items import NOTHING, Item, read_yaml

FOLDER = ".github/workflows/"
PLAIN = re.compile(r"(?:unit[-_]?)?tests?|unit|pytest|tox|ci|build")
MOST_FILES = 40
MOST_CHARS = 1 << 20
MOST_JOBS = 60
MOST_LEGS = 24
MOST_DEEP = 3
# jobs whose tests are not the project's own usual ones
ASIDE = re.compile(
    r"lint|format|style|typ(?:e|ing)|mypy|docs?(?:et)?\b|release|publish|deploy|bench|perf|nightly|stale|codeql"
    r"|downstream|windows|macos|wheel|e2e|end.to.end|integration|browser|coverage|fuzz|min(?:imum|imal)?\b"
    r"|lowest|oldest|pypy|musl|alpine|wasm|emscripten|pyodide|dist\b|package|security|audit|latest.dep"
    r"|canary|experimental|upstream|free.?threaded|no[-_ ]|compat|example|published|size",
    re.IGNORECASE,
)
TESTS = re.compile(r"test|unit|pytest|\bci\b|check|build|tox|spec", re.IGNORECASE)


class Context(NamedTuple):
    """What holds for the steps of a job."""

    env: dict[str, str]
    known: dict[str, Json]
    folder: str


def read_workflows(tree: Tree) -> list[Found]:
    """A recipe for each job of each workflow that has tests."""
    found: list[Found] = []
    paths = [p for p in tree.files if p.startswith(FOLDER) and p.endswith((".yml", ".yaml"))]
    read = 0
    for path in sorted(paths, key=_by_name)[:MOST_FILES]:
        read += len(tree.text(path))
        document = read_yaml(tree.text(path)) if read < MOST_CHARS else NOTHING
        triggers = _triggers(document)
        if triggers == {"workflow_call"}:
            continue  # read where it is called
        asked = bool({"pull_request", "push", "merge_group", "pull_request_target"} & triggers)
        found += _jobs(tree, path, document, {}, asked=asked)
    return found


def _by_name(path: str) -> tuple[bool, bool, str]:
    name = path.removeprefix(FOLDER)
    return bool(ASIDE.search(name)), not TESTS.search(name), name


def _triggers(document: Item) -> set[str]:
    on = document.at("on")
    return {*on.fields, *on.texts()}


def _jobs(
    tree: Tree,
    path: str,
    document: Item,
    inputs: dict[str, Json],
    *,
    asked: bool,
    deep: int = 0,
) -> list[Found]:
    found: list[Found] = []
    for name, job in list(document.at("jobs").fields.items())[:MOST_JOBS]:
        called = job.at("uses").text
        if called.startswith("./") and deep < MOST_DEEP:
            inner = called.removeprefix("./")
            below = read_yaml(tree.text(inner))
            given = _inputs(below.at("on", "workflow_call", "inputs"), job.at("with"), inputs)
            found += _jobs(tree, inner, below, given, asked=asked, deep=deep + 1)
            continue
        read = _job(tree, path, document, job, inputs)
        if read is None:
            continue
        builder, line = read
        recipes = builder.recipes(Origin(path=path, line=line))
        told = f"{name} {job.at('name').text if len(job.at('name').text) < 80 else ''}"
        aside = bool(ASIDE.search(told)) or bool(ASIDE.search(posixpath.basename(path)))
        plain = PLAIN.fullmatch(name) is not None
        found += [
            Found(recipe, asked=asked and not aside, doubts=builder.doubts, plain=plain)
            for recipe in recipes
        ]
    return found


def _inputs(declared: Item, given: Item, outer: dict[str, Json]) -> dict[str, Json]:
    """The values of a reusable workflow's or an action's inputs."""
    found: dict[str, Json] = {"": None}
    for name, item in declared.fields.items():
        found[name] = value_of(item.at("default")) if item.at("default").line else None
    for name, item in given.fields.items():
        try:
            found[name] = expand(item.text, {"inputs": outer}) if item.text else value_of(item)
        except UnknownError:
            found.pop(name, None)
    return found


def _job(
    tree: Tree, path: str, document: Item, job: Item, inputs: dict[str, Json]
) -> tuple[Builder, int] | None:
    """None when it runs elsewhere than on Linux, or never."""
    known: dict[str, Json] = {"inputs": inputs}
    runs_on = " ".join([job.at("runs-on").text, *job.at("runs-on").texts()])
    matrix = job.at("strategy", "matrix")
    legs = legs_of(matrix, known)
    best = chosen(legs, runs_on)
    if best is None or _never(job.at("if"), known):
        return None
    builder = Builder(tree, take)
    _add_services(builder, job)
    for leg in _spread(job, legs, best)[:MOST_LEGS]:
        if not is_elsewhere(leg, runs_on):
            _leg(builder, document, job, leg if matrix is not NOTHING else {}, inputs)
    return builder, job.line


def _add_services(builder: Builder, job: Item) -> None:
    named = bool(job.at("container").line)
    for name, item in job.at("services").fields.items():
        env = {key: value.text for key, value in item.at("env").fields.items()}
        image, ports = item.at("image").text or item.text, item.at("ports").texts()
        service = service_of(image, env, ports, name if named else "")
        builder.services += [service] if service else []
        builder.wants |= version_in(image)


def _never(condition: Item, known: Mapping[str, Json]) -> bool:
    try:
        return bool(condition.text) and not holds(condition.text, known)
    except UnknownError:
        return False


def _spread(job: Item, legs: Sequence[Leg], best: Leg) -> list[Leg]:
    """The legs that differ from the best in the folder alone: every package of a repository."""
    places = [job.at("defaults", "run", "working-directory").text]
    for step in job.at("steps").rows:
        places += [step.at("working-directory").text]
        places += re.findall(r"(?m)^\s*cd (.*)$", step.at("run").text)
    axes = {name for place in places for name in re.findall(r"matrix\.([\w-]+)", place)}
    if not axes:
        return [best]

    def others(leg: Leg) -> dict[str, Json]:
        return {name: value for name, value in leg.items() if name not in axes}

    return [leg for leg in legs if others(leg) == others(best)] or [best]


def _leg(builder: Builder, document: Item, job: Item, leg: Leg, inputs: dict[str, Json]) -> None:
    known: dict[str, Json] = {"inputs": inputs, "matrix": {**leg, "": None}, "env": {}}
    env: dict[str, str] = {}
    for item in (document.at("env"), job.at("env")):
        env = expanded(item, env, known)
    folder = ""
    for item in (document, job):
        told = item.at("defaults", "run", "working-directory").text
        folder = (_place(told, known) or "") if told else folder
    context = Context(env, {**known, "env": dict(env)}, folder or "")
    steps(builder, job.at("steps"), context, 0)


def expanded(item: Item, env: Mapping[str, str], known: Mapping[str, Json]) -> dict[str, str]:
    """Variables with those of a mapping beside them; without those that are not known."""
    found = dict(env)
    for name, value in item.fields.items():
        try:
            found[name] = expand(value.text, known).strip()
        except UnknownError:
            found.pop(name, None)
    return found


def _place(text: str, known: Mapping[str, Json]) -> str | None:
    try:
        return join("", expand(text, known).replace("$GITHUB_WORKSPACE", "."))
    except UnknownError:
        return None


def steps(builder: Builder, rows: Item, context: Context, deep: int) -> None:
    """The steps of a job or of an action in the tree, in turn."""
    env = dict(context.env)
    for step in rows.rows:
        known = {**context.known, "env": dict[str, Json](env)}
        try:
            runs = not step.at("if").text or holds(step.at("if").text, known)
        except UnknownError:
            builder.doubts += bool(step.at("run").text)
            continue
        if not runs:
            continue
        own = expanded(step.at("env"), env, known)
        told = step.at("working-directory").text
        folder = _place(told, known) if told else context.folder
        here = Context(own, known, context.folder)
        if step.at("uses").text:
            _uses(builder, step, here, deep)
        elif folder is None:
            builder.doubts += 1
        elif step.at("run").text and _is_shell(step.at("shell").text):
            env.update(_run(builder, step.at("run"), own, known, folder))


def _is_shell(shell: str) -> bool:
    return not shell or shell.split()[0] in ("bash", "sh", "{0}") or "bash" in shell


def _run(
    builder: Builder, run: Item, env: dict[str, str], known: Mapping[str, Json], folder: str
) -> dict[str, str]:
    try:
        text = expand(run.text, known)
    except UnknownError:
        text = _known_lines(run.text, known)
        builder.doubts += 1
    text = re.sub(r"\$\{?GITHUB_WORKSPACE\}?/?", "./", text)
    return builder.run(text, folder, env, run.line + run.block)


def _known_lines(text: str, known: Mapping[str, Json]) -> str:
    """A script of plain lines without those whose values are not known; nothing of any other."""
    lines = text.splitlines()
    if any(line.endswith("\\") or (OPEN.search(line) is None and "${{" in line) for line in lines):
        return ""
    if re.search(r"(?m)^\s*(?:if|for|while|case|function)\b|<<", text):
        return ""
    kept = []
    for line in lines:
        try:
            kept.append(expand(line, known))
        except UnknownError:
            kept.append("")
    return "\n".join(kept)


def _uses(builder: Builder, step: Item, context: Context, deep: int) -> None:
    """An action: of the tree, its steps; another, by what it is known to set up."""
    name = step.at("uses").text
    given = expanded(step.at("with"), {}, context.known)
    if name.startswith("./") and deep < MOST_DEEP:
        folder = join("", name)
        document = NOTHING
        for file in ("action.yml", "action.yaml"):
            if folder is not None and document is NOTHING:
                document = read_yaml(builder.tree.text(posixpath.join(folder, file)))
        inputs = {**_inputs(document.at("inputs"), NOTHING, {}), **given}
        inner = Context(context.env, {**context.known, "inputs": inputs}, "")
        steps(builder, document.at("runs", "steps"), inner, deep + 1)
        return
    script = actions.use(builder, name, given, context.folder)
    if script:
        builder.run(script, given.get("working-directory", context.folder), context.env, step.line)
