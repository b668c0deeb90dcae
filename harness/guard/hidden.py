"""Characters that people do not see. One table, used for what comes in and for what goes out."""

from __future__ import annotations

import re
import unicodedata

from harness.system.normal_form import normal_form

# Unicode's Default_Ignorable_Code_Point, and the blanks that look like nothing at all
RANGES = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800),
    (0x3164, 0x3164), (0xD800, 0xDFFF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
_IN_RANGES = "".join(f"{chr(a)}-{chr(b)}" for a, b in RANGES)
SUSPECT = re.compile(f"[^\t\n -~\u00a0-\u00ac\u00ae-\u02ff]|[{_IN_RANGES}]")
IGNORABLE = re.compile(f"[{_IN_RANGES}]")
# format characters by their class, but drawn: Prepended_Concatenation_Mark
_DRAWN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
SHOWN = frozenset(f"\t\n{_DRAWN}")


def invisible(char: str) -> bool:
    """True for a character that shows nothing: ignorable, format or control (tab, newline and the
    signs that Arabic and others write around a number are seen). Joiners too, where they are
    honest: an emoji of several falls apart."""
    if char in SHOWN:
        return False
    return bool(IGNORABLE.match(char)) or unicodedata.category(char) in ("Cc", "Cf", "Cs")


def reveal(text: str) -> str:
    """The text with each of them written as its number, `<U+202E>`: what a file really holds."""

    def number(found: re.Match[str]) -> str:
        return f"<U+{ord(found[0]):04X}>" if invisible(found[0]) else found[0]

    return SUSPECT.sub(number, text)


def strip_invisible(text: str) -> tuple[str, int]:
    """The text without what nobody sees, in NFC, and how many characters were left out.
    Idempotent."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    removed = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal removed
        if invisible(found[0]):
            removed += 1
            return ""
        return found[0]

    return normal_form("NFC", SUSPECT.sub(keep, text)), removed
