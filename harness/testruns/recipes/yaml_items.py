"""YAML as values with the line that each stands on. What would unfold to more than people write,
nests too deep or is broken is nothing at all: no error, no wait. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

MOST_CHARS = 128 << 10
MOST_ITEMS = 20_000
MOST_DEEP = 40
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, many times faster, where it is


@dataclass(frozen=True)
class Item:
    """A text, a list or a mapping; `line` counts from 1. Plain values are text as they stand."""

    line: int = 0
    text: str = ""
    rows: tuple[Item, ...] = ()
    fields: dict[str, Item] = field(default_factory=dict)
    plain: bool = False
    """A text without quotes, which may stand for a number, a boolean or nothing."""
    block: bool = False
    """A text whose first line is the one below."""
    size: int = 1

    def at(self, *keys: str) -> Item:
        """What is found along these keys; NOTHING where a key is not there."""
        found = self
        for key in keys:
            found = found.fields.get(key, NOTHING)
        return found

    def each(self) -> tuple[Item, ...]:
        """The rows of a list; a text as the only one."""
        return self.rows or ((self,) if self.text else ())

    def texts(self) -> tuple[str, ...]:
        """The texts of a list, or the only one."""
        return tuple(row.text for row in self.each() if row.text)


NOTHING = Item()


class _TooMuch(Exception):
    """It is no file of a person's."""


def read_yaml(text: str) -> Item:
    """The first document of a text; NOTHING when it cannot be read."""
    if len(text) > MOST_CHARS:
        return NOTHING
    try:
        return _Composer(yaml.parse(text, Loader=_LOADER)).document()
    except (yaml.YAMLError, _TooMuch, ValueError, OverflowError, StopIteration):
        return NOTHING


class _Composer:
    """Items from events. An alias is the same item again, and counts as large as it is."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._anchors: dict[str, Item] = {}

    def document(self) -> Item:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                return self._item(next(self._events), 0)
        return NOTHING

    def _item(self, event: yaml.Event, depth: int) -> Item:
        if depth > MOST_DEEP:
            raise _TooMuch
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _TooMuch
            return self._anchors[event.anchor]
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.ScalarEvent):
            found = Item(
                line=line,
                text=event.value,
                plain=event.style is None,
                block=event.style in ("|", ">"),
            )
        elif isinstance(event, yaml.SequenceStartEvent):
            rows = tuple(self._rows(depth))
            found = Item(line=line, rows=rows, size=_sum(rows))
        else:
            fields = self._fields(depth)
            found = Item(line=line, fields=fields, size=_sum(tuple(fields.values())))
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            self._anchors[event.anchor] = found
        return found

    def _rows(self, depth: int) -> Iterator[Item]:
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._item(event, depth + 1)

    def _fields(self, depth: int) -> dict[str, Item]:
        own: dict[str, Item] = {}
        merged: dict[str, Item] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._item(event, depth + 1)
            value = self._item(next(self._events), depth + 1)
            if key.text == "<<" and key.plain:
                for one in value.rows or (value,):
                    merged = {**one.fields, **merged}
            else:
                own[key.text] = value
        return {**merged, **own}


def _sum(items: tuple[Item, ...]) -> int:
    size = 1 + sum(item.size for item in items)
    if size > MOST_ITEMS:
        raise _TooMuch
    return size
