"""How a setting is declared: a type, a scope, a sentence under it.

Scopes: `Project` - the project's own harness.toml may set it, the operator overrides it.
`Operator` - in a project's file it is an error. `Least`, `Most`, `Union`, `Within`... - narrowing:
the project may only make it stricter than what the operator's layers say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, core_schema

from harness.core.base import Value
from harness.core.services import NAMED, read_service
from harness.i18n.catalogue import languages

T = TypeVar("T")
Class = Literal["project", "narrowing", "operator"]


@dataclass(frozen=True)
class FieldScope:
    """Who may set a field, and how a project's value joins the operator's when it narrows."""

    sort: Class
    join: Callable[[Any, Any], Any] | None = None
    rule: str = ""


def _least(operator: Any, project: Any) -> Any:
    return min(operator, project)


def _most(operator: Any, project: Any) -> Any:
    return max(operator, project)


def _union(operator: Any, project: Any) -> Any:
    return [*operator, *(x for x in project if x not in operator)]


def _both(operator: Any, project: Any) -> Any:
    # an empty allow-list of labels lets every label in: the other side then decides alone
    if not operator or not project:
        return operator or project
    return [x for x in operator if x in project]


def _within(operator: Any, project: Any) -> Any:
    return [x for x in project if x in operator]


def _either(operator: Any, project: Any) -> Any:
    return operator or project


def strictest(*order: str) -> FieldScope:
    """Of two named values the one later in `order`."""

    def join(operator: Any, project: Any) -> Any:
        return max(operator, project, key=order.index)

    return FieldScope("narrowing", join, " < ".join(order))


@dataclass(frozen=True)
class LanguageName:
    """A text that names a language which has a catalogue, or one of `also`."""

    also: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._check_language, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "enum": [*self.also, *languages()]}

    def _check_language(self, name: str) -> str:
        if name not in (*self.also, *languages()):
            known = ", ".join(f"'{language}'" for language in languages())
            raise PydanticCustomError("literal_error", "not {expected}", {"expected": known})
        return name


@dataclass(frozen=True)
class OneOf:
    """A text that is one of the names a registry holds when the schema is made."""

    names: Callable[[], tuple[str, ...]]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.literal_schema(list(self.names()))


@dataclass(frozen=True)
class ServiceText:
    """A text that names a service which can be started (`core.services`)."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._check_service, handler(source))

    def _check_service(self, text: str) -> str:
        if read_service(text) is None:
            known = ", ".join(f"'{name}'" for name in NAMED)
            known += ", 'NAME://USER:PASSWORD@localhost:PORT/DATABASE'"
            raise PydanticCustomError("literal_error", "not {expected}", {"expected": known})
        return text


PROJECT = FieldScope("project")
OPERATOR = FieldScope("operator")

Project = Annotated[T, PROJECT]
Operator = Annotated[T, OPERATOR]
Least = Annotated[T, FieldScope("narrowing", _least, "least")]
Most = Annotated[T, FieldScope("narrowing", _most, "most")]
Union = Annotated[T, FieldScope("narrowing", _union, "union")]
Both = Annotated[T, FieldScope("narrowing", _both, "intersection")]
Within = Annotated[T, FieldScope("narrowing", _within, "within")]
"""A list of what is let through: an empty one lets nothing through, whoever wrote it."""
Either = Annotated[T, FieldScope("narrowing", _either, "either")]


class Section(Value):
    """A table of settings. The docstring under a field is its help."""

    model_config = ConfigDict(use_attribute_docstrings=True)


def scope_of(field: FieldInfo) -> FieldScope:
    """The declared scope. A field without one is a mistake of ours."""
    for mark in field.metadata:
        if isinstance(mark, FieldScope):
            return mark
    raise TypeError(f"a setting without a scope: {field}")
