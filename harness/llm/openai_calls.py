"""Tool calls as they arrive in the Chat Completions dialect, whatever a server leaves out. Pure."""

from __future__ import annotations

import json

from harness.core.types import Json, ToolCall
from harness.llm.calls import tool_call
from harness.llm.loose import mapping, name_of, place_of


class _Piece:
    """One entry of a delta."""

    def __init__(self, entry: Json) -> None:
        said = mapping(entry)
        function = mapping(said.get("function")) or said
        self.index = place_of(said.get("index"))
        self.id = name_of(said.get("id"))
        self.name = name_of(function.get("name"))
        given = function.get("arguments", function.get("input"))
        self.is_object = isinstance(given, (dict, list))
        if isinstance(given, str):
            self.raw = given
        else:
            self.raw = "" if given is None else json.dumps(given, ensure_ascii=False)

    @property
    def begins(self) -> bool:
        """It looks like the first piece of a call."""
        return bool(self.name) and (self.is_object or self.raw.lstrip()[:1] == "{")


class _Open:
    """A call while it arrives."""

    def __init__(self, piece: _Piece) -> None:
        self.index = piece.index
        self.id = piece.id
        self.name = ""
        self.raw: list[str] = []

    def grow(self, piece: _Piece) -> None:
        self.id = self.id or piece.id
        if self.is_naming(piece):
            self.name += piece.name
        self.name = self.name or piece.name
        if piece.raw:
            self.raw.append(piece.raw)

    def is_naming(self, piece: _Piece) -> bool:
        """The name itself comes in pieces."""
        same = piece.index is not None and piece.index == self.index and not piece.id
        return bool(self.name) and same and not self.raw and not piece.raw

    @property
    def text(self) -> str:
        return "".join(self.raw)

    @property
    def is_whole(self) -> bool:
        """What it has is an object already. Asked only where another call may begin."""
        if self.text.rstrip()[-1:] != "}":
            return False
        try:
            return isinstance(json.loads(self.text), dict)
        except (ValueError, RecursionError):
            return False


class CallAssembly:
    """Deltas in, calls out, in order. A call is told by its index, else by its id, else by a name
    where the last call is whole; an id or an index that stands twice is no reason to glue two
    calls into one."""

    def __init__(self) -> None:
        self.calls: list[_Open] = []

    def take(self, entries: list[Json]) -> list[str]:
        """One delta's entries. Names of the calls that begin with it."""
        pieces = [_Piece(entry) for entry in entries if isinstance(entry, dict)]
        before, begun = list(self.calls), []
        for place, piece in enumerate(pieces):
            open_ = self._continued(piece, place, pieces, before)
            if open_ is None:
                open_ = _Open(piece)
                self.calls.append(open_)
            elif _is_repeat(open_, piece):
                continue
            if piece.name and not open_.name:
                begun.append(piece.name)
            open_.grow(piece)
        return begun

    @property
    def chars(self) -> int:
        """How much was written."""
        return sum(len(piece) for call in self.calls for piece in (call.name, *call.raw))

    @property
    def are_whole(self) -> bool:
        """Nothing is half."""
        return all(call.is_whole or not call.text.strip() for call in self.calls)

    def parts(self, *, cut_short: bool) -> list[ToolCall]:
        """The calls. In a reply that was cut short one without arguments is broken."""
        return [
            tool_call(call.id, call.name, call.text or ("" if cut_short else "{}"))
            for call in self.calls
        ]

    def _continued(
        self, piece: _Piece, place: int, pieces: list[_Piece], before: list[_Open]
    ) -> _Open | None:
        """The call that a piece goes on with; None: it begins one."""
        found = self._same(piece, place, pieces, before)
        if found is None or not piece.name or not found.name:
            return found
        other_id = bool(piece.id and found.id) and piece.id != found.id
        other_name = piece.name != found.name and not found.is_naming(piece)
        again = piece.begins and found.is_whole and not _is_repeat(found, piece)
        return None if other_id or other_name or again else found

    def _same(
        self, piece: _Piece, place: int, pieces: list[_Piece], before: list[_Open]
    ) -> _Open | None:
        if piece.index is not None:
            known = next((c for c in reversed(self.calls) if c.index == piece.index), None)
            last = None if piece.name or not self.calls else self.calls[-1]
            return known or last
        if piece.id:
            known = next((c for c in reversed(self.calls) if c.id == piece.id), None)
            if known is not None or piece.name:
                return known
        if len(pieces) > 1:
            # several without any number: the places of those that were begun together
            earlier = before[-len(pieces) :]
            return earlier[place] if len(earlier) == len(pieces) else None
        return self.calls[-1] if self.calls else None


def _is_repeat(open_: _Open, piece: _Piece) -> bool:
    """Some servers end with every call once more, whole."""
    return bool(piece.id) and piece.id == open_.id and piece.begins and piece.raw == open_.text
