"""How a setting is declared: a type, a scope, a sentence under it.

Scopes: `Project` - the project's own harness.toml may set it, the operator overrides it.
`Operator` - in a project's file it is an error. `Least`, `Most`, `Union`, `Within`... - narrowing:
the project may only make it stricter than what the operator's layers say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict
from pydantic.fields import FieldInfo

from harness.core.base import Value

T = TypeVar("T")
Class = Literal["project", "narrowing", "operator"]


@dataclass(frozen=True)
class Scope:
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


def strictest(*order: str) -> Scope:
    """Of two named values the one later in `order`."""

    def join(operator: Any, project: Any) -> Any:
        return max(operator, project, key=order.index)

    return Scope("narrowing", join, " < ".join(order))


PROJECT = Scope("project")
OPERATOR = Scope("operator")

Project = Annotated[T, PROJECT]
Operator = Annotated[T, OPERATOR]
Least = Annotated[T, Scope("narrowing", _least, "least")]
Most = Annotated[T, Scope("narrowing", _most, "most")]
Union = Annotated[T, Scope("narrowing", _union, "union")]
Both = Annotated[T, Scope("narrowing", _both, "intersection")]
Within = Annotated[T, Scope("narrowing", _within, "within")]
"""A list of what is let through: an empty one lets nothing through, whoever wrote it."""
Either = Annotated[T, Scope("narrowing", _either, "either")]


class Section(Value):
    """A table of settings. The docstring under a field is its help."""

    model_config = ConfigDict(use_attribute_docstrings=True)


def scope_of(field: FieldInfo) -> Scope:
    """The declared scope. A field without one is a mistake of ours."""
    for mark in field.metadata:
        if isinstance(mark, Scope):
            return mark
    raise TypeError(f"a setting without a scope: {field}")
