"""The settings described: for `config schema`, for the documentation, for an editor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from harness.config.fields import Class, OneOf, Section, scope_of
from harness.config.layers import section_in
from harness.config.load import MergedSettings
from harness.config.settings import Settings
from harness.core.base import Json


class Row(Section):
    """One setting as people read it."""

    key: str
    type: str
    sort: Class
    """Who may set it: project, narrowing (the project may only make it stricter), operator."""
    default: str
    help: str


def rows() -> tuple[Row, ...]:
    """Every setting, in the order of declaration; `<name>` stands for a name of your own."""
    return tuple(_rows(Settings, ""))


def json_schema() -> dict[str, Json]:
    """JSON Schema of the whole, for editors."""
    return Settings.model_json_schema()


def flatten(merged: MergedSettings) -> tuple[tuple[str, str, str], ...]:
    """(key, value as TOML would show it, where it was said; "" = default). Environment variables
    of the set-up are named, their values are not shown."""
    said = {".".join(key): where for key, where in merged.said.items()}
    return tuple(
        (key, json.dumps(value, ensure_ascii=False), said.get(key, ""))
        for key, value in _flat(public_settings(merged.settings), "")
    )


def public_settings(settings: Settings) -> dict[str, Json]:
    """The settings as data, without the values that set-up variables have: they may be secret."""
    data: dict[str, Any] = settings.model_dump(mode="json")
    data["environment"]["env"] = dict.fromkeys(data["environment"]["env"], "...")
    return data


def _flat(data: dict[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        key = f"{above}{name}"
        if isinstance(value, dict) and key != "environment.env":
            yield from _flat(value, f"{key}.")
        else:
            yield key, value


def _rows(section: type[BaseModel], above: str, made: Any = None) -> Iterator[Row]:
    """`made` is the section as it is when nothing is set; None: each field's own default."""
    for name, field in section.model_fields.items():
        usual = field.default if made is None else getattr(made, name)
        key = f"{above}{name}"
        inner = section_in(field)
        if inner is not None:
            named = get_origin(field.annotation) is dict
            if named:
                yield from _rows(inner, f"{key}.<name>.")
            else:
                yield from _rows(inner, f"{key}.", usual)
            continue
        scope = scope_of(field)
        yield Row(
            key=key,
            type=_choices(field) or _type(field.annotation),
            sort=scope.sort,
            default=_default(field, usual),
            help=" ".join((field.description or "").split()),
        )


def _default(field: FieldInfo, value: Any) -> str:
    if value is PydanticUndefined:
        return "" if field.is_required() else "{}"
    return json.dumps(value, ensure_ascii=False, default=str)


def _choices(field: FieldInfo) -> str:
    return next((" | ".join(m.names()) for m in field.metadata if isinstance(m, OneOf)), "")


def _type(kind: Any) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " | ".join(str(x) for x in inner if x != "")
    if origin in (tuple, list):
        return f"list of {_type(inner[0])}"
    if origin is dict:
        return f"table of {_type(inner[1])}"
    if inner and NoneType in inner:
        return _type(next(x for x in inner if x is not NoneType))
    if hasattr(kind, "__members__"):
        return " | ".join(kind)
    names = {str: "text", int: "whole number", float: "number", bool: "true | false", Path: "path"}
    return names.get(kind, "text")
