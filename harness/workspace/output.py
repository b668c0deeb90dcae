"""What a command printed, made safe to store, to show and to send: text without escape
sequences, control characters or NUL."""

from __future__ import annotations

import re

# ECMA-48: strings (OSC, DCS, SOS, PM, APC) up to their end or the end of the line, then CSI,
# then the two- and three-character escapes. Both the 7-bit and the 8-bit introducers.
_ESCAPES = re.compile(
    r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def cleaned(data: bytes) -> str:
    """UTF-8 with replacement; a lone carriage return ends a line, for it could hide one."""
    text = data.decode("utf-8", "replace")
    text = _ESCAPES.sub("", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text)


def joined(head: bytes, tail: bytes, cut: int, cut_lines: int) -> str:
    """Beginning and end of an output with a line between them that counts what is left out.
    `cut_lines` counts the line ends left out."""
    if not cut:
        return cleaned(head + tail)
    first = head.count(b"\n") + 1
    note = f"[... lines {first} to {first + cut_lines} left out in part or whole: {cut} bytes ...]"
    return f"{cleaned(head)}\n{note}\n{cleaned(tail)}"
