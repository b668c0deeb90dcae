"""What went wrong on the way to a model, as a ModelError with its class. Pure.

Sorts that asking again may help: connection, cut, rate, overloaded, server. Never: auth, invalid,
too_long, over_rate, refusal, spend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.core.errors import ModelError
from harness.core.types import Usage
from harness.llm.clean_text import one_line
from harness.llm.complaint import Complaint
from harness.llm.too_long import Size, is_over_rate, is_too_long, size_in
from harness.system.retry_after import after_s as after_s


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
    "exceed_context_size_error": "too_long",
    "context_window_exceeded": "too_long",
    "model_context_window_exceeded": "too_long",
    "tokens_limit_reached": "too_long",
    "1261": "too_long",
    "RESOURCE_EXHAUSTED": "rate",
    "ThrottlingException": "rate",
    "UNAUTHENTICATED": "auth",
    "PERMISSION_DENIED": "auth",
    "UNAVAILABLE": "overloaded",
    "content_filter": "refusal",
    "content_policy_violation": "refusal",
    "invalid_request_error": "invalid",
    "not_found_error": "invalid",
    "model_not_found": "invalid",
    "INVALID_ARGUMENT": "invalid",
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
    r"per[ -]?(minute|second|day|hour|min\b|sec\b)|requests? per|tokens? per|\b[rt]p[md]\b"
    r"|try again in|retry ?delay",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://\S+")
_NO_TOOLS = re.compile(
    r"(not|n't|no endpoints found that) support[^.]{0,30}\b(tools?|tool use|tool[ _-]call\w*"
    r"|function[ _-]?call\w*)\b"
    r"|\b(tools?|tool (use|calling|calls)|function calling)[`'\" ]{1,3}(is|are)( currently)? "
    r"(not (supported|enabled|available)|unsupported)"
    r"|enable-auto-tool-choice|\btools? param requires|unsupported param(eter)?s?:? \W?tools\b"
    r"|\bno tool support",
    re.IGNORECASE,
)
_NO_STREAM = re.compile(
    r"\bstream(ing)?\b[^.]{0,60}(not (yet )?(supported|allowed|available|enabled|implemented)"
    r"|unsupported|disabled|must be false)"
    r"|(not|n't) support[^.]{0,40}\bstream(ing|ed)?\b"
    r"|(unsupported|unknown|unrecogni[sz]ed|unexpected|extra)[^.]{0,40}\bstream\b",
    re.IGNORECASE,
)
_NO_SYSTEM = re.compile(
    r"\bsystem (role|messages?|prompts?|instructions?)\b[^.]{0,40}"
    r"(not (supported|allowed)|unsupported)"
    r"|(not|n't) support[^.]{0,30}\bsystem (role|messages?|prompts?|instructions?)\b"
    r"|only user(,| and) assistant",
    re.IGNORECASE,
)
_UNKNOWN_FIELD = re.compile(
    r"(unknown|unrecogni[sz]ed|unexpected|unsupported|extra|additional|not permitted)"
    r"[^.]{0,40}\b(fields?|param\w*|arguments?|propert\w+|inputs?|keys?)\b"
    r"|\b(fields?|param\w*|arguments?|propert\w+|inputs?|keys?)\b[^.]{0,40}"
    r"(unknown|unrecogni[sz]ed|unexpected|not (supported|permitted|allowed))",
    re.IGNORECASE,
)
_PLAIN: Final = (
    ("auth", r"(invalid|incorrect|missing|wrong|no) (api[ _-]?)?key|unauthori[sz]ed|forbidden"),
    ("rate", r"rate.?limit|too many requests|slow down"),
    ("overloaded", r"overloaded|at capacity|high demand|server busy"),
    (
        "invalid",
        r"not found|does not exist|no such model|unknown|unrecogni[sz]ed|(un|not )supported",
    ),
)
"""What an error that hides in a 200 is told by, where it has no type."""


def sort_of(status: int, kinds: tuple[str, ...], text: str, *, after: bool) -> str:
    """The class of an answer that is not a reply. `kinds` are the body's own type and code, the
    most telling first; `after`: the server said when to come back."""
    by_kind = next((_KINDS[k] for k in kinds if k in _KINDS), "")
    if is_over_rate(text):
        return "over_rate"
    if any("spend_limit" in k for k in kinds) or "spend" in by_kind:
        return "spend"
    # "quota" is also the word for a per-minute limit: that one passes by itself
    minute = status == 429 and _RATE_WORDS.search(text)
    if status in (400, 403, 429) and not after and not minute and _SPEND.search(text):
        return "spend"
    if by_kind in ("", "invalid", "server") and status != 429 and is_too_long(text):
        return "too_long"
    if by_kind and by_kind not in ("invalid", "server"):
        return by_kind
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= 400:
        # whatever a 404 calls itself, asking again finds nothing
        return "server" if status >= 500 else "invalid"
    return by_kind or _plainly(text)


def is_nameless(told: Complaint) -> bool:
    """A refusal that may be one of a field, and does not say of which: "unknown field", or
    nothing at all."""
    return told.status in (400, 422) and (
        not told.words.strip() or bool(_UNKNOWN_FIELD.search(told.words))
    )


def refuses_streams(words: str) -> bool:
    """The server cannot send a reply in pieces."""
    return bool(_NO_STREAM.search(words))


def refuses_system(words: str) -> bool:
    """The model's chat template knows no system role."""
    return bool(_NO_SYSTEM.search(words))


def _plainly(text: str) -> str:
    found = (sort for sort, words in _PLAIN if re.search(words, text, re.IGNORECASE))
    return next(found, "server")


def answer_error(
    model: str,
    status: int,
    kinds: tuple[str, ...],
    text: str,
    after: float | None,
    words: str = "",
    spent: Usage | None = None,
) -> ModelError:
    """The server answered with an error: `text` is its sentence, `words` all that it wrote.
    `spent`: what was paid for all the same."""
    told = _URL.sub("", words or text)
    refuses_tools = bool(_NO_TOOLS.search(told))
    known = sort_of(status, kinds, told, after=after is not None)
    sort = "invalid" if refuses_tools and known in ("invalid", "server") else known
    size = size_in(text, told) if sort in ("too_long", "over_rate") else Size()
    return ModelError(
        "llm.no_tools" if refuses_tools and sort == "invalid" else f"llm.{sort}",
        sort=sort,
        retry=sort in RETRIED,
        after_s=after if sort in RETRIED else None,
        limit_tokens=size.limit,
        asked_tokens=size.asked,
        spent=spent,
        model=model,
        status=status,
        detail=one_line(text or words) or "-",
    )


def connection_error(model: str, detail: str, spent: Usage | None = None) -> ModelError:
    """No answer at all. `spent`: the server had the request, and may well have worked on it."""
    return _retried("connection", model, detail, spent)


def cut_error(model: str, detail: str, spent: Usage | None = None) -> ModelError:
    """The answer began and is not whole."""
    return _retried("cut", model, detail, spent)


def _retried(sort: str, model: str, detail: str, spent: Usage | None) -> ModelError:
    return ModelError(
        f"llm.{sort}", sort=sort, retry=True, spent=spent, model=model, detail=one_line(detail)
    )


def hide_secret(text: str, secret: str) -> str:
    """Some servers quote the key they were sent."""
    return text.replace(secret, "***") if len(secret) >= 8 else text


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what lies under it."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def cause(error: BaseException, otherwise: str) -> str:
    """SDKs say "Connection error."; what lies under it says why."""
    *_, deepest = causes(error)
    return str(deepest) or otherwise
