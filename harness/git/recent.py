"""What was read last of a repository's objects. An object never changes under its id, so what is
known of one stays true; starting git again for it costs more than all else that is done with it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key (never None), the latest used within `room`. `weigh`: how much of it a value
    takes; what alone is more than all of it is not kept."""

    def __init__(self, room: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self._room = room
        self._taken = 0
        self._weigh = weigh
        self._values: OrderedDict[K, V] = OrderedDict()

    async def get(self, key: K, read: Callable[[], Awaitable[V]]) -> V:
        """The value, read when it is not there; a fault of `read` is raised and not kept."""
        known = self.known(key)
        return self.put(key, await read()) if known is None else known

    def known(self, key: K) -> V | None:
        """The value when it is there."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def put(self, key: K, value: V) -> V:
        """The value, kept."""
        if key in self._values or self._weigh(value) > self._room:
            return value
        self._values[key] = value
        self._taken += self._weigh(value)
        while self._taken > self._room:
            _, gone = self._values.popitem(last=False)
            self._taken -= self._weigh(gone)
        return value
