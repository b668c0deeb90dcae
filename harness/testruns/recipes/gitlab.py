"""GitLab's CI file: each job that runs tests, with what it extends, as a recipe. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.testruns.recipes.builder import Builder
from harness.testruns.recipes.dispatch import take
from harness.testruns.recipes.matrix import ODD, version_key
from harness.testruns.recipes.ranking import Found
from harness.testruns.recipes.recipe import Origin
from harness.testruns.recipes.services import service_of, version_in
from harness.testruns.recipes.tree import Tree
from harness.testruns.recipes.workflows import ASIDE
from harness.testruns.recipes.yaml_items import NOTHING, Item, read_yaml

PATH = ".gitlab-ci.yml"
MOST_JOBS = 60
MOST_BASES = 40
# keys at the top that are no jobs
OTHERS = frozenset(
    [
        *("stages", "variables", "default", "include", "workflow", "image", "services", "cache"),
        *("before_script", "after_script", "pages", "spec"),
    ]
)
IMAGES = {
    **{name: name for name in ("python", "node", "rust", "ruby", "php", "elixir")},
    **dict.fromkeys(("maven", "gradle", "openjdk", "eclipse-temurin"), "java"),
    "golang": "go",
}
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def read_gitlab(tree: Tree) -> list[Found]:
    """A recipe for each job of the file that has tests."""
    document = read_yaml(tree.text(PATH))
    found: list[Found] = []
    for name, own in list(document.fields.items())[:MOST_JOBS]:
        if name in OTHERS or name.startswith(".") or not own.fields:
            continue
        job = _whole(document, own, {name})
        builder = Builder(tree, take)
        _read(builder, document, job)
        aside = bool(ASIDE.search(name)) or job["when"].text == "manual"
        for recipe in builder.recipes(Origin(path=PATH, line=own.line)):
            found.append(Found(recipe, asked=not aside, doubts=builder.doubts))
    return found


class _Job(dict[str, Item]):
    """What a job says, by key; nothing of what it does not say."""

    def __missing__(self, key: str) -> Item:
        return NOTHING


def _whole(document: Item, job: Item, seen: set[str]) -> _Job:
    """With what it extends, each once, its own words over those."""
    merged = _Job()
    for base in job.at("extends").texts():
        if base not in seen and len(seen) < MOST_BASES:
            seen.add(base)
            merged.update(_whole(document, document.at(base), seen))
    variables = {**merged["variables"].fields, **job.at("variables").fields}
    merged.update(job.fields)
    merged["variables"] = Item(fields=variables)
    return merged


def _read(builder: Builder, document: Item, job: _Job) -> None:
    variables = {**document.at("variables").fields, **job["variables"].fields}
    env = {
        name: item.text or item.at("value").text
        for name, item in variables.items()
        if "$" not in item.text
    }
    env = {**env, **_leg(job)}
    default = document.at("default")
    image = _said(document, default, job, "image")
    _note_image(builder, _filled(image.at("name").text or image.text, env))
    for row in _said(document, default, job, "services").each():
        named = _filled(row.at("name").text or row.text, env)
        service = service_of(named, env, (), row.at("alias").text)
        builder.services += [service] if service else []
        builder.wants |= version_in(named)
    if env.get("GIT_SUBMODULE_STRATEGY") in ("normal", "recursive"):
        builder.submodules = True
    plain = {k: v for k, v in env.items() if not k.startswith(("GIT_", "CI_", "DOCKER_"))}
    for key in ("before_script", "script"):
        for row in _rows(_said(document, default, job, key)):
            plain.update(builder.run(_filled(row.text, env), "", plain, row.line + row.block))


def _said(document: Item, default: Item, job: _Job, key: str) -> Item:
    return next((one for one in (job[key], default.at(key), document.at(key)) if one.line), NOTHING)


def _rows(item: Item) -> list[Item]:
    """Lines of a script, lists in it opened."""
    return [inner for row in item.each() for inner in (row.rows or (row,))]


def _leg(job: _Job) -> dict[str, str]:
    """Of a parallel matrix the middle version, of everything else the first value."""
    rows = job["parallel"].at("matrix").rows
    chosen: dict[str, str] = {}
    for name, item in rows[0].fields.items() if rows else ():
        values = [value for value in item.texts() if not ODD.search(value.lower())]
        numbered = sorted((v for v in values if version_key(v)), key=version_key)
        several = len(numbered) == len(values) and numbered
        chosen[name] = numbered[len(numbered) // 2] if several else "".join(values[:1])
    return chosen


def _filled(text: str, env: Mapping[str, str]) -> str:
    """With the values of variables that the file sets."""
    return _VARIABLE.sub(lambda used: env.get(used[1] or used[2], used[0]), text)


def _note_image(builder: Builder, image: str) -> None:
    name, _, tag = image.rpartition("/")[2].partition(":")
    version = re.match(r"\d+(?:\.\d+)*", tag)
    if name in IMAGES and version is not None:
        builder.wants[IMAGES[name]] = version[0]
