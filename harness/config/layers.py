"""One layer of settings: text or variables -> checked values, each knowing where it was said."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, time
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from harness.config.environ import PREFIX
from harness.config.fields import FieldScope, scope_of
from harness.config.secret_shapes import without_keys
from harness.config.settings import Settings
from harness.config.toml_lines import Keys, key_lines
from harness.core.errors import ConfigError


class Given(NamedTuple):
    """A checked value and where it was said ("harness.toml:3", a variable, a flag)."""

    value: Any
    where: str
    scope: FieldScope


Layer = dict[Keys, Given]
# no setting has a key of more than four parts; tomllib takes quadratic time for thousands
_PART = r"""(?>\.[ \t]*(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*)"""
_ENDLESS = re.compile(_PART + r"{64}")


def read_text(file: Path) -> str:
    """The file's text. ConfigError names the file, and the line of a byte that is not UTF-8."""
    try:
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError("config.missing_file", file=str(file)) from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigError("config.unreadable", file=str(file), why=why) from error
    return decode(data, str(file))


def decode(data: bytes, file: str) -> str:
    """UTF-8 with or without a byte order mark. ConfigError names the line."""
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("config.not_utf8", where=f"{file}:{line}") from error


def parse(text: str, file: str, folder: Path) -> Layer:
    """A settings file as a layer; relative paths in it start at `folder`. ConfigError names file,
    line, key, what is wrong and the fix."""
    if endless := _ENDLESS.search(text):
        raise ConfigError(
            "config.too_deep", where=f"{file}:{text.count(chr(10), 0, endless.start()) + 1}"
        )
    try:
        data = tomllib.loads(text)
    except ValueError as error:  # also a number that is too long
        raise _bad_toml(str(error), text, file) from error
    except RecursionError as error:
        raise ConfigError("config.too_deep", where=file) from error
    lines = key_lines(text)

    def where(key: Keys) -> str:
        line = next((lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in lines), 1)
        return f"{file}:{line}"

    return {
        key: _make_given(value, field, key, where(key), folder)
        for key, value, field in _leaves(data, Settings, (), where)
    }


def variables(env: Mapping[str, str], cwd: Path) -> Layer:
    """HARNESS_SECTION__FIELD as a layer; lists as TOML or separated by commas."""
    layer: Layer = {}
    for name in sorted(env):
        rest = name.removeprefix(PREFIX)
        if rest == name or not ("__" in rest or rest.lower() in Settings.model_fields):
            continue
        parts = rest.split("__")
        lowered = [part.lower() for part in parts]
        # what stands below environment.env is a variable's own name
        key = tuple(lowered[:2] + parts[2:] if lowered[0] == "environment" else lowered)
        layer.update(_single(key, env[name], name, cwd))
    return layer


def options(flags: Mapping[str, object], cwd: Path) -> Layer:
    """Flags as a layer: dotted key -> value."""
    layer: Layer = {}
    for name, value in flags.items():
        layer.update(_single(tuple(name.split(".")), value, f"--{name}", cwd))
    return layer


def _single(key: Keys, value: object, where: str, cwd: Path) -> Layer:
    data: Any = value
    for part in reversed(key):
        data = {part: data}
    return {
        k: _make_given(_from_words(v, field), field, k, where, cwd, strict=False)
        for k, v, field in _leaves(data, Settings, (), lambda _: where)
    }


def _make_given(
    value: Any, field: FieldInfo, key: Keys, where: str, folder: Path, *, strict: bool = True
) -> Given:
    checked = _validate(value, field, key, where, strict=strict)
    if checked and Path in (field.annotation, *get_args(field.annotation)):
        one = isinstance(checked, str)
        paths = [str(folder / Path(path).expanduser()) for path in ([checked] if one else checked)]
        checked = paths[0] if one else paths
    return Given(checked, where, scope_of(field))


def _leaves(
    data: Mapping[str, Any], section: type[BaseModel], above: Keys, where: Any
) -> Iterator[tuple[Keys, Any, FieldInfo]]:
    """Every value under its full key, with its field. An unknown key is an error here."""
    for name, value in data.items():
        key = (*above, name)
        field = section.model_fields.get(name)
        if field is None:
            raise _unknown(key, section, where(key))
        inner = section_in(field)
        if inner is None:
            yield key, value, field
            continue
        if not isinstance(value, dict):
            raise ConfigError("config.want_table", where=where(key), name=_dotted_key(key))
        if get_origin(field.annotation) is dict:
            for label, table in value.items():
                if not isinstance(table, dict):
                    full = _dotted_key((*key, label))
                    raise ConfigError("config.want_table", where=where((*key, label)), name=full)
                yield from _leaves(table, inner, (*key, label), where)
        else:
            yield from _leaves(value, inner, key, where)


def section_in(field: FieldInfo) -> type[BaseModel] | None:
    """The table below a field: a section, or the value type of a table of named sections."""
    kind = field.annotation
    if get_origin(kind) is dict:
        kind = get_args(kind)[1]
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _validate(value: Any, field: FieldInfo, key: Keys, where: str, *, strict: bool) -> Any:
    if isinstance(value, date | time):
        raise ConfigError("config.no_dates", where=where, name=_dotted_key(key))
    adapter: TypeAdapter[Any] = TypeAdapter(_annotated_type(field))
    try:
        # JSON mode takes a list for a tuple and text for a path, and still no text for a number
        checked = adapter.validate_json(json.dumps(value, default=str), strict=strict)
    except ValidationError as error:
        raise _wrong(error, key, where) from error
    return adapter.dump_python(checked, mode="json")


def _annotated_type(field: FieldInfo) -> Any:
    form: Any = Annotated
    return form[(field.annotation, *field.metadata)]


def _from_words(value: Any, field: FieldInfo) -> Any:
    """A variable's text as the field's kind of value."""
    if not isinstance(value, str) or get_origin(field.annotation) not in (tuple, dict, list):
        return value
    try:
        return tomllib.loads(f"v = {value}")["v"]
    except (ValueError, RecursionError):
        return [part.strip() for part in value.split(",") if part.strip()]


def _dotted_key(key: Keys) -> str:
    return without_keys(
        ".".join(part if re.fullmatch(r"[\w-]+", part) else json.dumps(part) for part in key)
    )


def _unknown(key: Keys, section: type[BaseModel], where: str) -> ConfigError:
    name = key[-1]
    near = get_close_matches(name, section.model_fields, n=1)
    dotted = _dotted_key(key)
    if near:
        fix = _dotted_key((*key[:-1], near[0]))
        return ConfigError("config.unknown_key_near", where=where, name=dotted, near=fix)
    homes = [s for s, f in Settings.model_fields.items() if _has(f, name)]
    if homes:
        fix = f"{homes[0]}.{name}"
        return ConfigError("config.unknown_key_near", where=where, name=dotted, near=fix)
    return ConfigError("config.unknown_key", where=where, name=dotted)


def _has(field: FieldInfo, name: str) -> bool:
    inner = section_in(field)
    return inner is not None and get_origin(field.annotation) is None and name in inner.model_fields


def _wrong(error: ValidationError, key: Keys, where: str) -> ConfigError:
    first = error.errors()[0]
    sort, facts = first["type"], first.get("ctx", {})
    got = without_keys(json.dumps(first["input"], ensure_ascii=False, default=str))[:80]
    said: dict[str, str | int | float] = {"where": where, "name": _dotted_key(key), "got": got}
    wants = {
        "int": "config.want_integer",
        "float": "config.want_number",
        "bool": "config.want_bool",
        "string": "config.want_text",
        "path": "config.want_text",
        "tuple": "config.want_list",
        "list": "config.want_list",
        "dict": "config.want_table_of",
    }
    if key == ("environment", "network") and first["input"] == "host":
        return ConfigError("config.network_host", where=where)
    if sort in ("literal_error", "enum"):
        return ConfigError("config.want_one_of", **said, choices=str(facts.get("expected", "")))
    if sort in ("greater_than_equal", "greater_than"):
        limit = facts.get("ge", facts.get("gt"))
        mark = ">=" if "ge" in facts else ">"
        return ConfigError("config.want_range", **said, rule=f"{mark} {limit}")
    if sort in ("less_than_equal", "less_than"):
        limit = facts.get("le", facts.get("lt"))
        mark = "<=" if "le" in facts else "<"
        return ConfigError("config.want_range", **said, rule=f"{mark} {limit}")
    wanted = wants.get(sort.split("_")[0])
    if wanted and sort != "string_pattern_mismatch":
        return ConfigError(wanted, **said)
    return ConfigError("config.wrong_value", **said, why=first["msg"])


def _bad_toml(message: str, text: str, file: str) -> ConfigError:
    place = re.search(r"\s*\(at line (\d+), column \d+\)", message)
    line = int(place.group(1)) if place else text.count("\n") + 1
    what = re.sub(r"\s*\(at .*\)$", "", message)
    return ConfigError("config.bad_toml", where=f"{file}:{line}", what=what)
