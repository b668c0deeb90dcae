"""Reading what GitHub sent: each part of a payload is what it should be, or is not there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harness.core.errors import ForgeError

Data = Mapping[str, Any]


def odd(what: str) -> ForgeError:
    """The error for a payload that lacks what it must have."""
    return ForgeError("github.unexpected", status=200, message=what)


def whole(data: Data, name: str) -> int:
    """A number that must be there."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise odd(f"no number {name}")
    return value


def text(data: Data, name: str) -> str:
    """A text; "" when there is none."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def part(data: Data, name: str) -> Data:
    """An object; an empty one when there is none."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def parts(data: Data, name: str) -> list[Data]:
    """The objects of a list; none when there is no list."""
    value = data.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def when(value: object) -> datetime | None:
    """A time, aware and in UTC; None for what is not one of ours."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        found = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if is_plausible(found) else None


def is_plausible(moment: datetime) -> bool:
    """Whether anything can have happened then: with the first and the last years that there are no
    time can be reckoned, not even in another zone."""
    return 1970 <= moment.year < 9000


def moment(data: Data, name: str) -> datetime:
    """A time that must be there."""
    found = when(data.get(name))
    if found is None:
        raise odd(f"no time {name}")
    return found
