"""Where each of our own secrets comes from: one order for all of them (docs/design/017)."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.config.environ import Locations
from harness.config.secret_sources import credential, kept_file
from harness.core.base import LocalizedText
from harness.core.errors import ConfigError

AskKeyring = Callable[[str], tuple[str, LocalizedText | None]]
"""A variable's name -> (the secret, "" when the system's keyring has none; why it could not be
asked). Bounded in time, raises nothing."""


@dataclass(frozen=True)
class FoundSecret:
    """A secret, and the sentence that says where it was: never the secret itself."""

    value: str = field(repr=False)
    origin: LocalizedText


@dataclass(frozen=True)
class KeySources:
    """Looks in order: the file that a setting names, a credential of systemd, the variable of the
    environment, the file that `harness config key` keeps, the keyring."""

    place: Locations
    ask: AskKeyring | None = None

    def find(self, name: str, file: Path | None = None) -> FoundSecret | None:
        """`name`: of the variable, "" for none; `file`: what the setting says. None when there is
        none anywhere. ConfigError for a file that is missing, empty or open to others."""
        if file is not None:
            return FoundSecret(key_file(file), _from("file", name, file=str(file)))
        given = credential(self.place, name)
        if given is not None and given.exists():
            # systemd guards it; what looks like rights of a group there is its access list
            return FoundSecret(
                key_file(given, guarded=True), _from("credential", name, file=given.name)
            )
        if value := self.place.env.get(name, "").strip():
            return FoundSecret(value, _from("env", name))
        kept = kept_file(self.place, name)
        if name and kept.exists():
            return FoundSecret(key_file(kept), _from("kept", name, file=str(kept)))
        value = self.ask(name)[0] if name and self.ask is not None else ""
        return FoundSecret(value, _from("keyring", name)) if value else None

    def trouble(self, name: str) -> ConfigError | None:
        """When `find` gave None: that a keyring did not answer, which may be the reason."""
        why = self.ask(name)[1] if name and self.ask is not None else None
        return None if why is None else ConfigError(why.key, variable=name, **why.facts)


def _from(where: str, name: str, **facts: str) -> LocalizedText:
    return LocalizedText(key=f"config.from_{where}", facts={"variable": name, **facts})


def key_file(file: Path, *, guarded: bool = False) -> str:
    """The secret in a file. `guarded`: somebody else answers for who may read it."""
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise ConfigError("config.missing_file", file=str(file)) from error
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        # a decoder's error quotes what it read
        raise ConfigError("config.unreadable", file=str(file), why=why) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO) and not guarded:
        raise ConfigError("config.key_file_open", file=str(file))
    if not text:
        raise ConfigError("config.key_file_empty", file=str(file))
    return text
