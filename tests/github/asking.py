"""One plain request to our GitHub, as curl would send it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.github.hub import Hub
from tests.patience import PATIENCE_S

HERE = "/repos/owner/project"


@dataclass(frozen=True)
class Said:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any


def ask(hub: Hub, method: str, path: str, body: object = None, *, token: str = "tok_ada",
        headers: dict[str, str] | None = None) -> Said:  # fmt: skip
    """A path below `HERE` when it starts with a dot; else as it is."""
    target = hub.url + (HERE + path[1:] if path.startswith(".") else path)
    data = None if body is None else json.dumps(body).encode()
    given = {"Authorization": f"Bearer {token}", **(headers or {})}
    request = urllib.request.Request(target, data=data, method=method, headers=given)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return _said(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return _said(error.code, error.headers, error.read())


def _said(status: int, headers: Any, data: bytes) -> Said:
    low = {name.lower(): value for name, value in headers.items()}
    return Said(status, low, json.loads(data) if data else None)
