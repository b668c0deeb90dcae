"""How something that others use may be called. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """How something may be called: parameters by place, how many of them must be given, names
    that may be given, whether anything goes."""

    by_place: tuple[str, ...]
    needed: int
    named: frozenset[str]
    needed_named: frozenset[str]
    any_place: bool
    any_name: bool

    def takes(self, other: Shape) -> bool:
        """Whether each call that the other takes is taken here, as far as their heads tell."""
        fewer = len(self.by_place) < len(other.by_place) and not self.any_place
        gone = {*other.by_place, *other.named} - {*self.by_place, *self.named}
        renamed = bool(gone) and not self.any_name
        must = self.needed_named - other.needed_named - {*other.by_place[: other.needed]}
        return not (fewer or renamed or self.needed > other.needed or must)


ANYTHING = Shape((), 0, frozenset(), frozenset(), any_place=True, any_name=True)
