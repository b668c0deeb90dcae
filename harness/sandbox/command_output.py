"""What a command printed, as one text that says what of it was left out."""

from __future__ import annotations

from harness.system.text import clean_text


def join_output(head: bytes, tail: bytes, cut: int, cut_lines: int) -> str:
    """Beginning and end of an output with a line between them that counts what is left out.
    `cut_lines` counts the line ends left out. Without escape sequences, control characters, NUL."""
    if not cut:
        return clean_text(head + tail)
    first = head.count(b"\n") + 1
    note = f"[... lines {first} to {first + cut_lines} left out in part or whole: {cut} bytes ...]"
    return f"{clean_text(head)}\n{note}\n{clean_text(tail)}"
