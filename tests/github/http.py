"""What goes over the wire of our GitHub: a request, an answer, a fault, a record of both."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Answer:
    """A response. `body` is JSON, bytes or None."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def data(self) -> bytes:
        """The body as it is sent."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


class Refusal(Exception):
    """An error answer: GitHub's message and status, its `errors` where it has some."""

    def __init__(
        self, status: int, message: str, errors: list[dict[str, str]] | None = None, **headers: str
    ) -> None:
        super().__init__(status, message)
        body: dict[str, Any] = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        if errors is not None:
            body["errors"] = errors
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = Answer(status, body, named)


Do = Literal["answer", "answer_after", "drop_before", "drop_after", "delay", "truncate"]


@dataclass
class Fault:
    """A rule for the requests that match: the `nth` of them (from 1), and the `times - 1` after.

    answer: say `answer` instead of acting. answer_after: act, then say it. drop_before: close
    without acting. drop_after: act, then close. delay: wait `seconds` of real time, then act.
    truncate: act, send half the body."""

    do: Do
    method: str = ".*"
    path: str = ".*"
    body: str = "(?s:.*)"
    nth: int = 1
    times: int = 1
    answer: Answer = Answer(502, b"<html>Bad Gateway</html>")
    seconds: float = 0.0
    seen: int = 0
    struck: int = 0

    def wants(self, method: str, path: str, data: bytes) -> bool:
        """Whether its patterns fit."""
        given = (self.method, method), (self.path, path), (self.body, data.decode(errors="replace"))
        return all(re.fullmatch(pattern, text) for pattern, text in given)


class Faults:
    """The rules of a server, asked by many threads."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """The rule itself, whose `struck` says how often it did."""
        with self._lock:
            self.rules.append(fault)
        return fault

    def strike(self, method: str, path: str, data: bytes) -> Fault | None:
        """The first rule that wants this request."""
        with self._lock:
            for rule in self.rules:
                if rule.wants(method, path, data):
                    rule.seen += 1
                    if rule.nth <= rule.seen < rule.nth + rule.times:
                        rule.struck += 1
                        return rule
        return None


@dataclass(frozen=True)
class Exchange:
    """One request and what was answered. Holds no token."""

    method: str
    path: str
    """Without the prefix of a GitHub Enterprise server."""
    query: dict[str, str]
    request: Any
    status: int
    headers: dict[str, str]
    """The answer's, names in lower case."""
    body: Any
    """Parsed JSON, or text, or None."""
    login: str = ""
    """Whose token it was."""
    conditional: bool = False
    struck: str = ""
    """The fault that shaped it: nothing that GitHub would be held to."""

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


@dataclass(frozen=True)
class Url:
    """A request's target, taken apart."""

    path: str
    query: dict[str, str]


def parsed(data: bytes, kind: str) -> Any:
    """A body as the oracle wants it."""
    if not data:
        return None
    if "json" in kind:
        try:
            return json.loads(data)
        except ValueError:
            return data.decode(errors="replace")
    return data.decode(errors="replace")


def links(url: str, page: int, last: int) -> Iterator[str]:
    """The parts of a Link header."""
    mark = "&" if "?" in url else "?"
    wanted = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    for rel, number in wanted.items():
        ahead = rel in ("next", "last") and page < last
        behind = rel in ("prev", "first") and page > 1
        if ahead or behind:
            yield f'<{url}{mark}page={number}>; rel="{rel}"'
