"""What a recipe needs that a set-up does not bring: a sentence each, with the way on."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app.recipe_needs import needs_of
from harness.config.environ import Locations, place
from harness.config.sandbox_settings import EnvironmentSettings, SandboxSettings
from harness.config.settings import Settings
from harness.environment.host_tools import not_installed
from harness.testruns.recipes.recipe import Origin, Recipe

MODULES = """\
[submodule "a"]
    path = a
    url = https://github.com/x/a.git
[submodule "b"]
    url = https://git.example.org/b
[submodule "c"]
    path = c
    url = ../c.git
"""


def dpkg(root: Path) -> Path:
    for name in ("libpq-dev.list", "zlib1g:amd64.list", "libpq-dev-doc.list"):
        (root / name).touch()
    return root


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ((), ()),
        (("libpq-dev", "zlib1g"), ()),
        (("libxml2-dev", "libpq-dev", "libxml2-dev"), ("libxml2-dev",)),
        (("libpq",), ("libpq",)),
        (("libpq-dev:arm64",), ()),
        (("../libpq-dev", "zlib1g*", "*"), ("../libpq-dev", "zlib1g*", "*")),
    ],
)
def test_packages_that_are_not_installed(
    tmp_path: Path, names: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    assert not_installed(names, dpkg(tmp_path)) == missing
    assert not_installed(names, tmp_path / "gone") == tuple(dict.fromkeys(names))
    assert not_installed(names, None) == tuple(dict.fromkeys(names))


def there(root: Path) -> Locations:
    return place({"HOME": str(root), "PATH": "/usr/bin:/bin"}, root)


async def keys(root: Path, settings: Settings, recipe: Recipe, files: dict[str, str]) -> list[str]:
    found = await needs_of(settings, there(root), recipe, tuple(files), files.get)
    return [one.key for one in found]


async def test_each_need_is_one_sentence(tmp_path: Path) -> None:
    recipe = Recipe(
        origin=Origin(path="ci.yml"),
        submodules=True,
        system=("harness-no-such-dev",),
        wants={"python": "3.99"},
    )
    files = {".gitmodules": MODULES, "a/.python-version": "2.5", "b/.python-version": "2.6"}
    found = await needs_of(Settings(), there(tmp_path), recipe, tuple(files), files.get)
    assert [one.key for one in found] == [
        "trying.submodules",
        "trying.system",
        "pipeline.probe_tool_other",
        "pipeline.probe_tool_package",
    ]
    assert found[0].facts["hosts"] == '"github.com", "git.example.org"'
    assert found[1].facts["first"] == "harness-no-such-dev"
    assert found[2].facts["wanted"] == "2.5"


async def test_what_is_there_is_not_told(tmp_path: Path) -> None:
    recipe = Recipe(origin=Origin(path="ci.yml"), submodules=True)
    allowed = Settings(
        environment=EnvironmentSettings(submodules=("github.com", "git.example.org"))
    )
    assert await keys(tmp_path, allowed, recipe, {".gitmodules": MODULES}) == []
    assert await keys(tmp_path, Settings(), recipe, {}) == []
    plain = Recipe(origin=Origin(path="ci.yml"))
    assert await keys(tmp_path, Settings(), plain, {".gitmodules": MODULES}) == []
    wants = Recipe(origin=Origin(path="ci.yml"), wants={"python": ">=3"})
    assert await keys(tmp_path, Settings(), wants, {}) == []


async def test_an_image_is_not_this_machine(tmp_path: Path) -> None:
    recipe = Recipe(origin=Origin(path="ci.yml"), system=("dpkg",))
    image = Settings(sandbox=SandboxSettings(kind="container", image="x"))
    assert await keys(tmp_path, image, recipe, {}) == ["trying.system"]
