"""Layers into Settings: defaults < project file < user file < the operator's file of the project
< environment < flags, except that a project may only narrow what is declared as narrowing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.config.environ import Locations, registered_projects
from harness.config.fields import OPERATOR
from harness.config.keys import AskKeyring, FoundSecret, KeySources
from harness.config.layers import Given, Layer, options, parse, read_text, variables
from harness.config.secret_shapes import is_key, without_keys
from harness.config.settings import Settings
from harness.config.toml_lines import Keys
from harness.core.addresses import plain_address
from harness.core.errors import ConfigError
from harness.core.host_rules import read_hosts
from harness.core.hosts import targets

PROJECT_FILE = "harness.toml"
ANTHROPIC_KEY = "ANTHROPIC_API_KEY"
OPENAI_KEY = "OPENAI_API_KEY"
BRAVE_KEY = "BRAVE_API_KEY"


@dataclass(frozen=True)
class MergedSettings:
    """Settings, and where each value that is not a default was said."""

    settings: Settings
    said: Mapping[Keys, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sources:
    """Every layer but the project's file: this invocation's files, environment and flags."""

    place: Locations
    flags: Mapping[str, object] = field(default_factory=dict)
    ask_keyring: AskKeyring | None = None
    """Asks the system's keyring; None: there is none to be asked."""
    own_file: Callable[[Settings], tuple[str, str] | None] | None = None
    """Fetches a project's own file: its text as it stands on the default branch, and what to call
    it. Given the operator's settings of that project."""

    def projects(self) -> tuple[str, ...]:
        """Names of the registered projects, sorted."""
        return registered_projects(self.place.projects_dir)

    def settings(self, project: str = "", project_text: str | None = None) -> Settings:
        """Settings of a registered project ("" = of none). `project_text` is harness.toml as it
        stands on the default branch; not given, it is fetched by `own_file`. ConfigError names
        file, line, key and the fix."""
        if project_text is not None or not project or self.own_file is None:
            return self.load_merged(project, project_text).settings
        operator = self.load_merged(project).settings
        found = self.own_file(operator)
        return operator if found is None else self.load_merged(project, *found).settings

    def load_merged(
        self,
        project: str = "",
        project_text: str | None = None,
        project_file: str = PROJECT_FILE,
        *,
        models: bool = True,
    ) -> MergedSettings:
        """The same, with where each value was said. `models`: whether, when none is set, the keys
        at hand choose; a keyring asked for them takes longer than a small command."""
        theirs: Layer = {}
        if project_text is not None:
            theirs = parse(project_text, project_file, self.place.cwd)
            self._refuse_operator_keys(theirs, project)
        ours = self._operator(project)
        said = _join(theirs, ours)
        data = _nest({key: given.value for key, given in said.items()})
        data.setdefault("language", self.place.language)
        data.setdefault("state_dir", str(self.place.state_dir))
        if models and not data.get("models"):
            data["models"] = default_models(self.keys)
        try:
            settings = Settings.model_validate_json(json.dumps(data))
        except ValidationError as error:
            raise _incomplete(error, said) from error
        _check(settings, said)
        return MergedSettings(settings, {key: given.where for key, given in said.items()})

    @property
    def keys(self) -> KeySources:
        """Where our own secrets come from."""
        return KeySources(self.place, self.ask_keyring)

    def secret(self, settings: Settings, model: str) -> str:
        """The key of a model; "" for a server that needs none. ConfigError says how to give it."""
        found = self.secret_found(settings, model)
        return found.value if found is not None else ""

    def secret_found(self, settings: Settings, model: str) -> FoundSecret | None:
        """The same, with where it was."""
        chosen = settings.model(model)
        usual = {"anthropic": ANTHROPIC_KEY, "openai": OPENAI_KEY}.get(chosen.dialect, "")
        name = chosen.api_key_env or usual
        found = self.keys.find(name, chosen.api_key_file)
        # a local server asks for no key; a vendor's always does
        if found is None and name and (chosen.api_key_env or not chosen.base_url):
            missing = ConfigError("config.no_key", model=model, variable=name)
            raise self.keys.trouble(name) or missing
        return found

    def forge_token(self, settings: Settings) -> str:
        """The forge's token as it is now, "" when there is none. ConfigError for a file that is
        missing, empty or open to others."""
        found = self.forge_found(settings, app=False)
        return found.value if found is not None else ""

    def forge_key(self, settings: Settings) -> str:
        """The private key of the GitHub App, "" when none is set; ConfigError as above."""
        found = self.forge_found(settings, app=True)
        return found.value if found is not None else ""

    def forge_found(self, settings: Settings, *, app: bool) -> FoundSecret | None:
        """The forge's token, or the App's private key, with where it was."""
        chosen = settings.forge
        name, file = chosen.token_env, chosen.token_file
        if app:
            name, file = chosen.app_key_env, chosen.app_key_file
        found = self.keys.find(name, file)
        if found is None and (trouble := self.keys.trouble(name)) is not None:
            raise trouble
        return found

    def search_key(self, settings: Settings) -> str:
        """The search provider's key; "" for one that needs none. ConfigError says how to give
        it."""
        found = self.search_found(settings)
        return found.value if found is not None else ""

    def search_found(self, settings: Settings) -> FoundSecret | None:
        """The same, with where it was."""
        chosen = settings.references
        name = chosen.api_key_env or (BRAVE_KEY if chosen.provider == "brave" else "")
        found = self.keys.find(name, chosen.api_key_file)
        if found is None and name:
            missing = ConfigError("config.no_search_key", variable=name)
            raise self.keys.trouble(name) or missing
        return found

    def webhook_secret(self, settings: Settings) -> str:
        """What GitHub signs its deliveries with. ConfigError says how to give it."""
        return self.webhook_found(settings).value

    def webhook_found(self, settings: Settings) -> FoundSecret:
        """The same, with where it was."""
        chosen = settings.webhook
        found = self.keys.find(chosen.secret_env, chosen.secret_file)
        if found is None:
            missing = ConfigError("config.no_webhook_secret", variable=chosen.secret_env)
            raise self.keys.trouble(chosen.secret_env) or missing
        return found

    def _operator(self, project: str) -> Layer:
        place = self.place
        layer: Layer = {}
        if place.user_file.exists():
            layer.update(_file(place.user_file))
        if project:
            layer.update(_file(place.project_file(project)))
            name = Given(project, str(place.project_file(project)), OPERATOR)
            layer.setdefault(("project", "name"), name)
        layer.update(variables(place.env, place.cwd))
        layer.update(options(self.flags, place.cwd))
        return layer

    def _refuse_operator_keys(self, theirs: Layer, project: str) -> None:
        home = self.place.project_file(project) if project else self.place.user_file
        for key, given in theirs.items():
            if given.scope.sort == "operator":
                raise ConfigError(
                    "config.operator_key", where=given.where, name=".".join(key), file=str(home)
                )


def default_models(keys: KeySources) -> dict[str, Any]:
    """The table of models when none is set: what the keys at hand allow; {} when there is none."""
    if keys.find(ANTHROPIC_KEY):
        return {"claude": {"dialect": "anthropic", "model": "claude-sonnet-4-5"}}
    if keys.find(OPENAI_KEY):
        return {"gpt": {"dialect": "openai", "model": "gpt-5"}}
    return {}


def _file(file: Path) -> Layer:
    return parse(read_text(file), str(file), file.parent)


def _join(theirs: Layer, ours: Layer) -> Layer:
    joined = dict(theirs)
    for key, given in theirs.items():
        if given.scope.join is not None:
            base = ours[key].value if key in ours else _default(key)
            value = given.scope.join(base, given.value)
            if base and not value and given.scope.rule == "intersection":
                # an empty list would let everything in, which neither side asked for
                ours_said = ", ".join(map(str, base))
                raise ConfigError(
                    "config.no_common", where=given.where, name=".".join(key), ours=ours_said
                )
            joined[key] = given._replace(value=value)
    for key, given in ours.items():
        if key not in joined or given.scope.join is None:
            joined[key] = given
    return joined


def _default(key: Keys) -> Any:
    data: Any = Settings().model_dump(mode="json")
    for part in key:
        data = data[part]
    return data


def _nest(flat: Mapping[Keys, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in flat.items():
        table = data
        for part in key[:-1]:
            table = table.setdefault(part, {})
        table[key[-1]] = value
    return data


def _incomplete(error: ValidationError, said: Layer) -> ConfigError:
    """A field that must be given is not: the place is where its table begins."""
    first = error.errors()[0]
    key = tuple(str(part) for part in first["loc"])
    where = next((g.where for k, g in said.items() if k[: len(key) - 1] == key[:-1]), "-")
    if first["type"] == "missing":
        return ConfigError("config.missing_key", where=where, name=".".join(key))
    return ConfigError(
        "config.wrong_value",
        where=where,
        name=".".join(key),
        got=str(first["input"])[:80],
        why=first["msg"],
    )


def _check(settings: Settings, said: Layer) -> None:
    """What no single field can know."""

    def where(*key: str) -> str:
        return said[key].where if key in said else "-"

    for role in ("worker", "subagent", "reviewer"):
        name = getattr(settings.roles, role)
        if name and name not in settings.models:
            known = ", ".join(sorted(settings.models)) or "-"
            raise ConfigError(
                "config.role_unknown",
                where=where("roles", role),
                name=f"roles.{role}",
                model=name,
                known=known,
            )
    for name, model in settings.models.items():
        needed = "script" if model.dialect == "scripted" else "model"
        if not getattr(model, needed):
            raise ConfigError(
                "config.missing_key",
                where=where("models", name, "dialect"),
                name=f"models.{name}.{needed}",
            )
    _check_schedule(settings, where)
    _check_hosts(settings, where)
    _check_references(settings, where)
    _check_names(settings, where)


def _check_hosts(settings: Settings, where: Callable[..., str]) -> None:
    for section in ("environment", "egress"):
        for key in ("allow", "private"):
            _, wrong = targets(getattr(getattr(settings, section), key))
            if wrong:
                raise ConfigError(
                    "config.bad_host",
                    where=where(section, key),
                    name=f"{section}.{key}",
                    got=without_keys(wrong[0])[:80],
                )


def _check_references(settings: Settings, where: Callable[..., str]) -> None:
    chosen = settings.references
    wrong = {
        "hosts": read_hosts(chosen.hosts)[1],
        "private": targets(chosen.private)[1],
        "addresses": tuple(a for a in chosen.addresses if plain_address(a) is None),
        "search_url": tuple(a for a in [chosen.search_url] if a and plain_address(a) is None),
    }
    for key, lines in wrong.items():
        if lines:
            kind = "config.bad_host" if key in ("hosts", "private") else "config.bad_address"
            raise ConfigError(
                kind,
                where=where("references", key),
                name=f"references.{key}",
                got=without_keys(lines[0])[:80],
            )
    if chosen.provider == "searxng" and not chosen.search_url:
        missing = where("references", "provider")
        raise ConfigError("config.missing_key", where=missing, name="references.search_url")


def _check_names(settings: Settings, where: Callable[..., str]) -> None:
    """A secret where the name of its variable belongs is not printed, only where it stands."""
    named: dict[tuple[str, ...], str] = {
        ("models", name, "api_key_env"): model.api_key_env
        for name, model in settings.models.items()
    }
    named[("forge", "token_env")] = settings.forge.token_env
    named[("forge", "app_key_env")] = settings.forge.app_key_env
    named[("references", "api_key_env")] = settings.references.api_key_env
    named[("webhook", "secret_env")] = settings.webhook.secret_env
    for key, text in named.items():
        if text and is_key(text):
            raise ConfigError("config.key_for_name", where=where(*key), name=".".join(key))
    for name in settings.environment.env:
        if not name or re.search(r"://|[=\s\0]", name):
            raise ConfigError(
                "config.bad_variable",
                where=where("environment", "env"),
                got=without_keys(name)[:80],
            )


def _check_schedule(settings: Settings, where: Callable[..., str]) -> None:
    schedule = settings.schedule
    for key in ("every", "idle"):
        text = getattr(schedule, key)
        if not re.fullmatch(r"[1-9][0-9]*[smhd]", text):
            raise ConfigError(
                "config.bad_every",
                where=where("schedule", key),
                name=f"schedule.{key}",
                got=text,
            )
    if schedule.cron and len(schedule.cron.split()) != 5:
        raise ConfigError("config.bad_cron", where=where("schedule", "cron"), got=schedule.cron)
