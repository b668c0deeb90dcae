"""When a server wants to be asked again: the one place that reads `Retry-After`. Pure.

No wait is believed to be longer than an hour or so: whoever was told ten years asks again after
that, and is told once more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_S: Final = 3660.0
_SECONDS: Final = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)
_HEADERS: Final = (("retry-after-ms", 0.001), ("retry-after", 1.0))


def clamp_s(seconds: float) -> float:
    """A wait as long as it is believed: never negative, never longer than LONGEST_S."""
    return min(max(seconds, 0.0), LONGEST_S) if seconds == seconds else 0.0


def after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, from 0 to LONGEST_S; None when nothing readable is said. `retry-after` is
    seconds or a date by the clock that `now` is of; `retry-after-ms` goes before it."""
    for name, unit in _HEADERS:
        # sent twice it arrives as "7, 7"; a date has its comma behind a name
        found = _SECONDS.fullmatch(headers.get(name, "").partition(",")[0].strip())
        if found:
            return clamp_s(float(found[0]) * unit)
    try:
        at = parsedate_to_datetime(headers.get("retry-after", "").strip())
    except (ValueError, TypeError, OverflowError):
        return None
    # "-0000" is UTC of which nobody knows the place
    return clamp_s((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
