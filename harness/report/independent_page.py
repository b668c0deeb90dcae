"""What a test that was written from the issue alone did, as lines for the report and the PR."""

from __future__ import annotations

from harness.core.change_proof import Independent
from harness.ports.words import Words

MOST = 600


def independent_lines(seen: Independent, words: Words) -> tuple[str, ...]:
    """What it did on the change, the issue's words it goes by, both sides' words where it fails,
    and what its session took."""
    lines = [words(f"independent.{seen.verdict}")]
    if seen.tests:
        lines.append(words("independent.tests", tests=", ".join(seen.tests)[:MOST]))
        lines.append(words("independent.quote", quote=seen.quote))
    why = seen.why if isinstance(seen.why, str) else words(seen.why.key, **seen.why.facts)
    if why:
        lines.append(words("independent.why", why=one_line(why)))
    if seen.failure:
        lines.append(words("independent.failure", failure=one_line(seen.failure)))
        answer = seen.answer or words("independent.no_answer")
        lines.append(words("independent.answer", answer=one_line(answer)))
    size = f"{seen.input_bytes:,}"
    lines.append(words("independent.cost", requests=seen.requests, bytes=size))
    return tuple(lines)


def one_line(text: str) -> str:
    """A text of programs or agents in a list."""
    return " ".join(text.split())[:MOST]
