"""What the mock server answers: one worker that goes about a bug as a model would, turn by turn,
and one reviewer. The same fixtures serve both dialects."""

from __future__ import annotations

import re
from typing import Any

from tests.e2e.world import call, verdict
from tests.real.projects import Bug

# words of the two system prompts: which session asks
WORKER = "You settle one issue of a software project"
REVIEWER = "You review one change to a software project"
USAGE = {
    "input_tokens": 4000,
    "output_tokens": 300,
    "prompt_tokens": 4000,
    "completion_tokens": 300,
}


def fixtures(bug: Bug) -> list[dict[str, Any]]:
    """Five turns of the worker, two of the reviewer."""
    worker = [
        (
            f"{bug.title}: I look at the code first.",
            call("search", pattern=re.escape(bug.line), glob=bug.path),
            call("bash", command="git log --oneline | head -3; ls"),
        ),
        (
            "This line is the cause.",
            verdict(
                "triage",
                kind="bug",
                clear=True,
                difficulty="small",
                risk="low",
                reason="The code does not do what the issue says it should.",
            ),
            call("write", path=bug.test_path, content=bug.test_text),
            verdict("reproduction", files=[bug.test_path], command=bug.command, tests=[*bug.tests]),
        ),
        (
            "",
            verdict(
                "plan",
                summary=bug.summary,
                tasks=[{"id": "1", "title": bug.summary, "detail": "", "files": [bug.path]}],
            ),
            call("edit", path=bug.path, edits=[{"old": bug.wrong, "new": bug.right}]),
            call("bash", command=bug.command),
        ),
        ("It passes; harness runs the rest.", call("bash", command="git diff --stat")),
        ("", verdict("done", summary=bug.summary, title=bug.summary)),
    ]
    reviewer = [
        ("", call("bash", command=bug.command)),
        ("", verdict("review", approve=True, findings=[])),
    ]
    return [*_turns(WORKER, worker), *_turns(REVIEWER, reviewer)]


def _turns(system: str, turns: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [
        {
            "match": {"systemMessage": system, "turnIndex": number},
            "response": {"content": text, "toolCalls": calls, "usage": USAGE},
        }
        for number, (text, *calls) in enumerate(turns)
    ]
