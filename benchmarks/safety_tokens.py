"""What safety adds to prompts: the first requests of a real run, with and without the words that
are there for safety alone."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import Table, shown
from benchmarks.model_server import ModelServer
from benchmarks.session import SERVER
from tests.e2e.world import APPROVE, DONE, FIX, PLAN, REPRODUCTION, TRIAGE, WRITE_TEST, World, turn

WORDS = {
    "fence": re.compile(r"</?[a-z]+-[0-9a-f]{12}>\\n"),
    "whose words are data": re.compile(r"- Text between fence marks[^\\]*\\n"),
    "where it works": re.compile(r"(?<=[a-z]), (?:working )?in a sandboxed clone[^\\]*(?=\\n)"),
}
"""What is there for safety, as it stands in a request's JSON."""
PEERS = (("Claude Code 2.1.328", 11_122), ("Codex CLI 0.169.0", 11_358), ("pi 0.73.1", 1_201))
"""First requests of peers as our own comparison found them (`docs/benchmarks.md`): quoted."""


def first_requests() -> dict[str, str]:
    """Kind of session -> its first request as JSON: system, tools and messages."""
    script = [
        {
            "match": {"contains": "Review this change"},
            "turns": [turn(APPROVE)],
            "repeat_last": True,
        },
        {"turns": [turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE)]},
    ]
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        ModelServer({"conversations": script}) as server,
    ):
        settings = SERVER.format(address=server.address).replace(
            'worker = "server"', 'worker = "server"\nreviewer = "server"'
        )
        world = World(Path(folder) / "w", settings=settings)
        world.begin()
        world.run("run", "--once", env={"ANTHROPIC_API_KEY": "none"})
        asked = [request.body for request in server.requests]
    review = [body for body in asked if "Review this change" in json.dumps(body["messages"][0])]
    work = [body for body in asked if body not in review]
    if not review or not work:
        raise RuntimeError(f"{len(work)} requests of a worker, {len(review)} of a reviewer")
    return {"worker": _text(work[0]), "reviewer": _text(review[0])}


def _text(body: Mapping[str, Any]) -> str:
    asked = {key: body.get(key) for key in ("tools", "system", "messages")}
    return json.dumps(asked, separators=(",", ":"), ensure_ascii=False)


def tokens(text: str) -> float:
    """Characters / 4, as everywhere in these benchmarks."""
    return len(text) / 4


def added(request: str) -> dict[str, float]:
    """What each kind of words adds to this request, in tokens."""
    return {name: tokens(request) - tokens(p.sub("", request)) for name, p in WORDS.items()}


def token_table(requests: Mapping[str, str], refused: Sequence[str]) -> Table:
    """A row a kind of session; then what a refusal adds; then peers, quoted."""
    rows = []
    for kind, request in requests.items():
        parts = added(request)
        whole, safety = tokens(request), sum(parts.values())
        share = f"{100 * safety / whole:.1f} %"
        cells = [shown(parts[name]) for name in WORDS]
        rows.append((f"our {kind}", shown(whole), *cells, shown(safety), share))
    empty = [""] * (len(WORDS) + 2)
    rows += [(f"a refused call: “{text}”", shown(tokens(text)), *empty) for text in refused]
    rows += [(f"{name}, quoted", f"{count:,}", *empty) for name, count in PEERS]
    head = ("first request, tokens", "whole", *WORDS, "for safety", "share")
    return Table("Tokens:", head, tuple(rows))
