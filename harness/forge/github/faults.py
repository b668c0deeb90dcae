"""What GitHub's refusals mean, as our errors. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from harness.core.errors import Conflict, Forbidden, ForgeError, HarnessError, NotFound
from harness.forge.github.transport import HttpResponse
from harness.system.text import one_line

_SLOWER: Final = (
    "secondary rate limit",
    "abuse detection",
    "rate limit exceeded",
    "submitted too quickly",
)
_PASSING: Final = ("something went wrong", "timeout", "timedout", "couldn't respond", "try again")
_ACCEPTED: Final = ("x-accepted-github-permissions", "x-accepted-oauth-scopes", "x-github-sso")


def parse_body(body: bytes) -> Any:
    """The body as JSON, None when empty. ValueError for what is none."""
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def is_rate_limited(answer: HttpResponse) -> bool:
    """Whether a refusal says "slower" and not "no"."""
    if answer.status == 429:
        return True
    if answer.status != 403:
        return False
    if "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0":
        return True
    return any(word in error_words(answer)[0].lower() for word in _SLOWER)


def error_words(answer: HttpResponse) -> tuple[str, str]:
    """GitHub's words in one line, and its `errors` as JSON for who must tell one from another."""
    try:
        data = parse_body(answer.body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        return f"status {answer.status}", "[]"
    errors = data.get("errors") or []
    errors = errors if isinstance(errors, list) else [errors]
    parts = [str(data.get("message") or f"status {answer.status}")]
    for error in errors[:5]:
        if isinstance(error, dict):
            about = " ".join(str(error[k]) for k in ("resource", "field", "code") if k in error)
            parts.append(str(error.get("message") or about))
        else:
            parts.append(str(error))
    return one_line(": ".join(parts).rstrip("."), 300), json.dumps(errors)[:2000]


def error_of(answer: HttpResponse) -> HarnessError:
    """The error for an answer that is none of: good, limited, to be asked again."""
    status = answer.status
    message, errors = error_words(answer)
    if status in (404, 410, 451):
        return NotFound("github.not_found", status=status, message=message)
    if status == 401:
        return Forbidden("github.token_refused", status=status, message=message)
    if status == 403:
        accepted = "; ".join(answer.headers[n] for n in _ACCEPTED if answer.headers.get(n))
        return Forbidden(
            "github.forbidden",
            status=status,
            message=message,
            accepted=one_line(accepted, 200) or "-",
        )
    if status in (405, 409, 412, 422):
        return Conflict("github.conflict", status=status, message=message, errors=errors)
    if 300 <= status < 400:
        return NotFound("github.moved", status=status, message=message)
    return ForgeError("github.unexpected", status=status, message=message)


def graphql_passing(errors: Sequence[Any]) -> bool:
    """Whether GraphQL's errors are a trouble of the server, not an answer."""
    for error in errors:
        if not isinstance(error, dict) or error.get("type") or _code(error):
            return False
        if not any(word in str(error.get("message", "")).lower() for word in _PASSING):
            return False
    return bool(errors)


def graphql_limited(errors: Sequence[Any]) -> bool:
    """Whether the question was not asked at all, because of a limit."""
    return any(isinstance(e, dict) and _type(e) == "RATE_LIMITED" for e in errors)


def graphql_error(errors: Sequence[Any], data: Any) -> HarnessError | None:
    """The error for a GraphQL answer; None when all that fails is that some of many are gone:
    those are null in the data."""
    known = [error for error in errors if isinstance(error, dict)]
    if known and isinstance(data, dict) and all(_one_of_many(error) for error in known):
        return None
    message = one_line("; ".join(str(e.get("message", "-")) for e in known[:5]).rstrip("."), 300)
    facts: dict[str, str | int] = {"message": message or "-", "errors": json.dumps(known)[:2000]}
    types = {_type(error) for error in known}
    if types & {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
        return Forbidden("github.forbidden", accepted="-", status=403, **facts)
    if types == {"NOT_FOUND"}:
        return NotFound("github.not_found", status=404, **facts)
    if any(_code(error) for error in known) or not known:
        return ForgeError("github.query", **facts)
    return Conflict("github.conflict", status=422, **facts)


def _one_of_many(error: Mapping[str, Any]) -> bool:
    path = error.get("path")
    among = isinstance(path, list) and any(isinstance(step, int) for step in path)
    return _type(error) == "NOT_FOUND" and among


def _type(error: Mapping[str, Any]) -> str:
    return str(error.get("type") or "")


def _code(error: Mapping[str, Any]) -> str:
    more = error.get("extensions")
    return str(more.get("code") or "") if isinstance(more, dict) else ""
