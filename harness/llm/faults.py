"""What went wrong on the way to a model, as a ModelError with its class. Pure.

Sorts that asking again may help: connection, cut, rate, overloaded, server. Never: auth, invalid,
too_long, refusal, spend.
"""

from __future__ import annotations

import email.utils
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from harness.core.errors import ModelError
from harness.llm.clean_text import one_line


class Malformed(Exception):
    """An event that does not fit those before it."""


RETRIED: Final = frozenset({"connection", "cut", "rate", "overloaded", "server"})

_KINDS: Final = {
    "authentication_error": "auth",
    "permission_error": "auth",
    "invalid_api_key": "auth",
    "billing_error": "spend",
    "insufficient_quota": "spend",
    "billing_hard_limit_reached": "spend",
    "rate_limit_error": "rate",
    "rate_limit_exceeded": "rate",
    "overloaded_error": "overloaded",
    "engine_overloaded": "overloaded",
    "api_error": "server",
    "server_error": "server",
    "internal_server_error": "server",
    "timeout_error": "server",
    "context_length_exceeded": "too_long",
    "request_too_large": "too_long",
    "content_filter": "refusal",
    "content_policy_violation": "refusal",
    "invalid_request_error": "invalid",
    "not_found_error": "invalid",
}
_STATUSES: Final = {
    401: "auth",
    402: "spend",
    403: "auth",
    408: "server",
    409: "server",
    413: "too_long",
    425: "server",
    429: "rate",
    503: "overloaded",
    529: "overloaded",
}
_SPEND = re.compile(
    r"credit|quota|billing|spend(ing)?[ _-]?(limit|cap)|insufficient (funds|balance)"
    r"|payment required|usage limits?\b.*(regain|until)",
    re.IGNORECASE,
)
_RATE_WORDS = re.compile(
    r"per[ -](minute|second|min\b|sec\b)|requests? per|tokens? per|\b[rt]pm\b", re.IGNORECASE
)
_TOO_LONG = re.compile(
    r"prompt is too long|context[ _](length|window|size)|maximum context|too many tokens"
    r"|exceeds? the (available |model'?s? )?(maximum )?context|input is too long"
    r"|request (entity )?too large",
    re.IGNORECASE,
)


def sort_of(status: int, kinds: tuple[str, ...], text: str, *, after: bool) -> str:
    """The class of an answer that is not a reply. `kinds` are the body's own type and code, the
    most telling first; `after`: the server said when to come back."""
    by_kind = next((_KINDS[k] for k in kinds if k in _KINDS), "")
    if any("spend_limit" in k for k in kinds) or "spend" in by_kind:
        return "spend"
    # "quota" is also the word for a per-minute limit: that one passes by itself
    minute = status == 429 and _RATE_WORDS.search(text)
    if status in (400, 403, 429) and not after and not minute and _SPEND.search(text):
        return "spend"
    if by_kind in ("", "invalid", "server") and 400 <= status < 600 and _TOO_LONG.search(text):
        return "too_long"
    if by_kind and by_kind not in ("invalid", "server"):
        return by_kind
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= 500:
        return "server"
    return by_kind or ("invalid" if status >= 400 else "server")


def after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait as the server says: `retry-after-ms`, `retry-after` (seconds or a date)."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        raw = headers.get(name, "").strip()
        try:
            seconds = float(raw) * unit
        except ValueError:
            continue
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    raw = headers.get("retry-after", "").strip()
    if not raw:
        return None
    try:
        at = email.utils.parsedate_to_datetime(raw)
    except ValueError:
        return None
    return None if at.tzinfo is None else max(0.0, (at - now).total_seconds())


def answer_error(
    model: str,
    status: int,
    kinds: tuple[str, ...],
    text: str,
    after: float | None,
) -> ModelError:
    """The server answered with an error."""
    sort = sort_of(status, kinds, text, after=after is not None)
    detail = one_line(text) or "-"
    return ModelError(
        f"llm.{sort}",
        sort=sort,
        retry=sort in RETRIED,
        after_s=after if sort in RETRIED else None,
        model=model,
        status=status,
        detail=detail,
    )


def connection_error(model: str, detail: str) -> ModelError:
    """No answer at all."""
    return ModelError(
        "llm.connection", sort="connection", retry=True, model=model, detail=one_line(detail)
    )


def cut_error(model: str, detail: str) -> ModelError:
    """The answer began and is not whole."""
    return ModelError("llm.cut", sort="cut", retry=True, model=model, detail=one_line(detail))


def hide_secret(text: str, secret: str) -> str:
    """Some servers quote the key they were sent."""
    return text.replace(secret, "***") if len(secret) >= 8 else text


def cause(error: BaseException, otherwise: str) -> str:
    """SDKs say "Connection error."; what lies under it says why."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or otherwise
