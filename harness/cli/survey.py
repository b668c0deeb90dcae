"""What `init` learns from a repository, and the operator's file it makes of it. Reads commits
only: what lies uncommitted in the work tree does not count."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from harness.cli.common import CliError, Context, load
from harness.config.environ import Locations, checkouts, registered_projects
from harness.core.forge_kinds import EMBEDDED

if TYPE_CHECKING:
    from harness.environment.registries.proposal import Access
    from harness.environment.registries.repository import Needs
    from harness.git.own_repository import OwnRepository
    from harness.testruns.detect.detection import Habits
    from harness.testruns.recipes.recipe import Recipe

HEAD = "# Made by `harness init`, yours to edit. `harness config schema` explains every setting.\n"
MOST_READ = 1 << 20
LONGEST_LOCK = 32 << 20
COMMITS_READ = 200
LFS = re.compile(r"(?m)^[^#\n]*\bfilter=lfs\b")


@dataclass(frozen=True)
class Survey:
    """What the repository says about itself. `notes` are catalogue keys."""

    name: str
    branch: str
    notes: tuple[str, ...]
    recipe: Recipe
    """The likeliest one that can be had from where the project says."""
    habits: Habits
    project_file: str
    """harness.toml as committed; "" when there is none."""
    needs: Needs
    """The hosts that its set-up asks for."""
    files: tuple[str, ...]
    """Every path of the commit; `read` gives the text of one."""
    read: Callable[[str], str | None]


def survey(cli: Context, checkout: OwnRepository, name: str, branch: str, told: str = "") -> Survey:
    """CliError when the repository cannot be worked on, with what to do. `told`: the default
    branch by its forge's word, which need not be here under that name."""
    checkout.ignore_filters()
    if not checkout.id("HEAD"):
        raise CliError(1, "cli.no_commits")
    _refuse_unworkable(checkout)
    chosen = branch or told or checkout.branch()
    if not chosen:
        raise CliError(2, "cli.detached")
    commit = checkout.id(f"refs/heads/{chosen}")
    if told and not commit:
        commit = checkout.id(f"refs/remotes/origin/{told}") or checkout.id("HEAD")
    if not commit:
        raise CliError(2, "cli.init.no_branch", branch=chosen)
    entries = checkout.names("ls-tree", "-r", "-z", "--full-tree", commit)
    files = tuple(entry.partition("\t")[2] for entry in entries)
    read = _reader(checkout, commit, frozenset(files))
    recipe = load("harness.testruns.recipes.candidates:likeliest")(files, read)
    return Survey(
        name=_name(cli.place, checkout, name),
        branch=chosen,
        notes=_notes(checkout, entries, read),
        recipe=recipe,
        habits=load("harness.testruns.detect.detection:style")(_commits(checkout, commit)),
        project_file=read("harness.toml") or "",
        files=files,
        read=read,
        needs=load("harness.environment.registries.repository:needed")(
            files, _reader(checkout, commit, frozenset(files), LONGEST_LOCK), recipe.setup
        ),
    )


def _refuse_unworkable(checkout: OwnRepository) -> None:
    """CliError for a form of repository that cannot be brought to a forge, before any write."""
    form = checkout.ask("rev-parse", "--show-object-format")
    if form != "sha1":
        raise CliError(1, "cli.object_format", form=form)
    if checkout.ask("rev-parse", "--is-shallow-repository") == "true":
        raise CliError(1, "cli.shallow")
    if checkout.lacks_objects("HEAD"):
        raise CliError(1, "cli.partial")


def page(
    place: Locations,
    checkout: OwnRepository,
    found: Survey,
    forge: Mapping[str, object] | None = None,
    access: Access | None = None,
) -> str:
    """The operator's file of the project, as TOML with a comment at its top. What the project's
    own harness.toml says is left out: this file would override it. `forge`: the table of one that
    is not embedded. `access`: what its set-up may reach."""
    login = _slug(place.env.get("USER") or place.env.get("LOGNAME") or "") or "me"
    said = load("harness.config.layers:parse")(found.project_file, "harness.toml", place.cwd)
    theirs = {key[0] for key in said}
    tables: dict[str, Mapping[str, object]] = {
        "project": {
            "name": found.name,
            "path": str(checkout.top),
            "default_branch": found.branch,
        },
        "forge": forge or _embedded_table(login, found.name),
        "commit": _commit(checkout, found),
    }
    recipe, notes = found.recipe, dict[str, str]()
    origin = f"# read from {' '.join(str(recipe.origin).split())}"
    if "test" not in theirs and recipe.test:
        tables["test"] = {"command": recipe.test, "reporter": recipe.reporter}
        notes["test"] = origin
    if "environment" not in theirs and recipe.setup:
        tables["environment"] = {"setup": list(recipe.setup)}
        notes["environment"] = origin
    if access is not None:
        tables["environment"] = {**tables.get("environment", {}), **access.table}
        tables["environment.env"] = access.env
    return HEAD + "".join(
        _table(name, values, notes.get(name, "")) for name, values in tables.items() if values
    )


def _embedded_table(login: str, name: str) -> dict[str, object]:
    return {"kind": EMBEDDED.name, "repository": f"{login}/{name}", "user": login}


def _commit(checkout: OwnRepository, found: Survey) -> dict[str, object]:
    """Whoever commits here by the repository's own configuration, in the style of its log."""
    values: dict[str, object] = {}
    for key in ("name", "email"):
        given = checkout.setting(f"user.{key}")
        if given:
            values[key] = given
    values["sign_off"] = found.habits.sign_off
    if found.habits.style != "plain":  # else what the last commits show then
        values["style"] = found.habits.style
    return values


def _table(name: str, values: Mapping[str, object], note: str = "") -> str:
    lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
    return "\n".join(["", f"[{name}]", *([note] if note else []), *lines, ""])


def _toml(value: object) -> str:
    # JSON's text, numbers, booleans and lists are TOML's too, but for one control byte
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _name(place: Locations, checkout: OwnRepository, given: str) -> str:
    """The given name, else the one this checkout has, else one made from its folder."""
    if any(0xD800 <= ord(c) < 0xE000 for c in str(checkout.top)):
        raise CliError(1, "cli.init.odd_path")
    if given and _slug(given) != given:
        raise CliError(2, "cli.init.bad_name", name=given, near=_slug(given) or "project")
    homes = {n: p.resolve() for n, p in checkouts(place.projects_dir).items()}
    mine = _names_of(homes, checkout)
    if mine and given in ("", *mine):
        return given or mine[0]
    if mine:
        raise CliError(2, "cli.init.named_already", project=mine[0])
    name = given or _slug(checkout.top.name) or "project"
    if name in registered_projects(place.projects_dir):
        raise CliError(2, "cli.init.name_taken", project=name, path=str(homes.get(name, "-")))
    return name


def registered_as(place: Locations, checkout: OwnRepository) -> str:
    """The project of that checkout; "" when it has none."""
    homes = {n: p.resolve() for n, p in checkouts(place.projects_dir).items()}
    return next(iter(_names_of(homes, checkout)), "")


def _names_of(homes: Mapping[str, Path], checkout: OwnRepository) -> list[str]:
    return [name for name, path in homes.items() if path == checkout.top.resolve()]


def refuse_others(place: Locations, checkout: OwnRepository, name: str) -> None:
    """CliError when that name is another checkout's by now."""
    home = checkouts(place.projects_dir).get(name)
    if home is None or home.resolve() != checkout.top.resolve():
        raise CliError(2, "cli.init.name_taken", project=name, path=str(home or "-"))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")


def _notes(
    checkout: OwnRepository, entries: tuple[str, ...], read: Callable[[str], str | None]
) -> tuple[str, ...]:
    notes = []
    if any(entry.startswith("160000 ") for entry in entries):
        notes.append("cli.init.submodules")
    rules = (entry.partition("\t")[2] for entry in entries if entry.endswith(".gitattributes"))
    if any(LFS.search(read(path) or "") for path in rules):
        notes.append("cli.init.lfs")
    if checkout.is_dirty():
        notes.append("cli.init.dirty")
    return tuple(notes)


def _reader(
    checkout: OwnRepository, commit: str, files: frozenset[str], most: int = MOST_READ
) -> Callable[[str], str | None]:
    def read(path: str) -> str | None:
        if str(PurePosixPath(path)) not in files:
            return None
        return checkout.read(commit, path, most)

    return read


def _commits(checkout: OwnRepository, commit: str) -> list[tuple[str, str, str]]:
    """(author, address, message) of the last commits."""
    return [one for one in checkout.commits(commit, COMMITS_READ) if one[1]]
