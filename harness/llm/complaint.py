"""What a server says instead of a reply, in whatever form it says it. Pure."""

from __future__ import annotations

import html
import json
import re
from typing import Final

from harness.core.types import Json, Value
from harness.llm.loose import items, mapping, name_of

_LONGEST: Final = 8_000
_DEEPEST: Final = 6
_SENTENCES: Final = (
    "message",
    "error",
    "errors",
    "detail",
    "details",
    "msg",
    "error_message",
    "error_description",
    "description",
    "reason",
    "title",
    "Message",
)
_KINDS: Final = ("error_code", "code", "type", "status", "__type", "error")
_REPLIES: Final = ("choices", "content", "delta", "content_block", "index", "usage")
"""Fields of replies and of their pieces: what has one is no complaint by its `message` alone."""
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^<>]*>", re.DOTALL | re.IGNORECASE)


class Complaint(Value):
    """`text` is the server's own sentence, "" when it gave none; `words` all that it wrote, to
    tell the class from; `kinds` its own types and codes, the most telling first."""

    status: int
    text: str = ""
    words: str = ""
    kinds: tuple[str, ...] = ()


class Answered(Exception):
    """The server answered with a complaint."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.text)
        self.complaint = complaint


def read_complaint(status: int, body: bytes | str) -> Complaint:
    """From the body of an answer that is none: JSON of any shape, a page, or plain text."""
    text = body if isinstance(body, str) else body[: 64 * _LONGEST].decode("utf-8", "replace")
    found = _parsed(text)
    return complaint_of(status, text if found is None else found)


def complaint_of(status: int, value: Json) -> Complaint:
    """The same from JSON."""
    if not value or value == "null":
        return Complaint(status=status)
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    plain = re.sub(r'\\+(["nrt/])', r"\1", _without_tags(words[: 4 * _LONGEST]))
    return Complaint(
        status=status,
        text=_sentence(value, 0)[:_LONGEST].strip(),
        words=plain[:_LONGEST],
        kinds=tuple(dict.fromkeys(_kinds(value, 0))),
    )


def complaint_in(value: Json) -> Complaint | None:
    """The complaint that hides where a reply, or a piece of one, should be."""
    if isinstance(value, list):
        return next((found for item in value if (found := complaint_in(item))), None)
    if isinstance(value, str):
        return complaint_of(200, value) if value.strip() else None
    said = mapping(value)
    marked = bool(said.get("error")) or "error" in (said.get("type"), said.get("object"))
    bare = not any(said.get(field) for field in _REPLIES)
    told = bare and any(isinstance(said.get(f), (str, list)) and said[f] for f in _SENTENCES)
    return complaint_of(_status_in(said), value) if marked or told else None


def _status_in(said: dict[str, Json]) -> int:
    """A status that the body names: an answer of 200 may say 400 inside."""
    for found in (said, mapping(said.get("error"))):
        for field in ("code", "status", "status_code"):
            text = name_of(found.get(field))
            if re.fullmatch(r"[45]\d\d", text):
                return int(text)
    return 200


def _parsed(text: str) -> Json:
    """JSON that is an object or a list; None for anything else."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def _sentence(value: Json, depth: int) -> str:
    if depth > _DEEPEST:
        return ""
    if isinstance(value, str):
        inner = _parsed(value) if depth else None
        return _without_tags(value) if inner is None else _sentence(inner, depth + 1)
    if isinstance(value, list):
        told = (_sentence(item, depth + 1) for item in value[:5])
        return "; ".join(text for text in told if text)
    if not isinstance(value, dict):
        return ""
    found = next((t for key in _SENTENCES if (t := _sentence(value.get(key), depth + 1))), "")
    # FastAPI says which field, a go-between what the server behind it said
    where = ".".join(name_of(step) for step in items(value.get("loc")))
    behind = _sentence(mapping(value.get("metadata")).get("raw"), depth + 1)
    return ": ".join(text for text in (where, found, behind) if text)


def _kinds(value: Json, depth: int) -> list[str]:
    if isinstance(value, list):
        return [kind for item in value[:3] for kind in _kinds(item, depth + 1)]
    said = mapping(value)
    inner = [mapping(said.get(key)) for key in ("error", "details")]
    deeper = [kind for one in inner if one and depth < 3 for kind in _kinds(one, depth + 1)]
    own = [name_of(said.get(key)) for key in _KINDS]
    return [*deeper, *(kind for kind in own if re.fullmatch(r"[\w.:-]{2,80}", kind))]


def _without_tags(text: str) -> str:
    """A page as the text that a person would see of it."""
    if "<" not in text or not re.search(r"<(!doctype|html|head|body|h1|p|center)\b", text, re.I):
        return text
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())
