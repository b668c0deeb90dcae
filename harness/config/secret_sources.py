"""Our own secrets as they lie on this machine, found without loading the settings: for what must
be kept off the screen and out of the programs we start, also when the settings are broken.
Standard library alone; nothing here raises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from harness.config.environ import PREFIX, Locations, registered_projects, table_of

NAMES: Final = (
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "GITHUB_TOKEN",
    "BRAVE_API_KEY",
    "HARNESS_WEBHOOK_SECRET",
)
"""Variables that hold a secret when no setting names another."""
CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
"""Where systemd puts a service's credentials, a file each."""
SHORTEST: Final = 6
_NAMING: Final = ("api_key_env", "token_env", "app_key_env", "secret_env")
_FILING: Final = ("api_key_file", "token_file", "app_key_file", "secret_file")
_LINE: Final = 16


def file_name(variable: str) -> str:
    """What a secret is called where it is a file: in systemd's folder and in ours."""
    return variable.lower()


def credential(place: Locations, variable: str) -> Path | None:
    """Where systemd would have put it; None outside of such a service, and for no name."""
    folder = place.env.get(CREDENTIALS, "")
    return Path(folder, file_name(variable)) if variable and Path(folder).is_absolute() else None


def kept_file(place: Locations, variable: str) -> Path:
    """Where `harness config key` keeps it."""
    return place.keys_dir / file_name(variable)


def names(place: Locations) -> frozenset[str]:
    """Variables that hold a secret of ours: the usual ones and those that settings name."""
    said = {text for key, text, _ in _all_texts(place) if key in _NAMING}
    return frozenset(name for name in (*NAMES, *said) if name)


def values(place: Locations) -> tuple[str, ...]:
    """The secrets themselves, of variables and files; those of a keyring are not asked for."""
    known = names(place)
    found = [place.env.get(name, "").strip() for name in known]
    files = [
        folder / Path(text).expanduser()
        for key, text, folder in _all_texts(place)
        if key in _FILING
    ]
    files += [path for name in known if (path := credential(place, name)) is not None]
    files += [kept_file(place, name) for name in known]
    found += [_text(file) for file in files]
    return tuple(dict.fromkeys(word for text in found for word in parts(text)))


def parts(secret: str) -> Iterator[str]:
    """A secret, and the lines of a long one: a key of PEM is copied line by line too."""
    if len(secret) >= SHORTEST:
        yield secret
    lines = secret.splitlines()
    if len(lines) > 1:
        yield from (x for x in lines if len(x) >= _LINE and not x.startswith("-----"))


def without(place: Locations, secrets: Iterable[str] = ()) -> dict[str, str]:
    """The environment for a program that a person's command starts: theirs, without a variable
    that holds a secret of ours or leads to one. `secrets` are values known beside."""
    hidden = names(place) | {CREDENTIALS}
    known = (*values(place), *(word for text in secrets for word in parts(text)))
    return {
        name: text
        for name, text in place.env.items()
        if name not in hidden and not any(word in text for word in known)
    }


def _all_texts(place: Locations) -> Iterator[tuple[str, str, Path]]:
    """(last part of the key, its text, the folder that a path is relative to), of every layer."""
    for name, text in place.env.items():
        if name.startswith(PREFIX):
            yield name.rpartition("__")[2].lower(), text, place.cwd
    known = {*registered_projects(place.projects_dir), place.registering} - {""}
    files = [place.user_file, *map(place.project_file, sorted(known))]
    for file in files:
        for key, text in _leaves(table_of(file)):
            yield key, text, file.parent


def _leaves(table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value)
        elif isinstance(value, str):
            yield key, value


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
