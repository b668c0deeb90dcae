"""Which lines of a comment are its author's own words: what a mail program quotes below an answer,
a signature, and what stands inside a folded or struck element are nobody's word. Pure.

A line that only looks like a border costs a word of command, which can be said again; a border
that is missed would let an old command count as a new one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from harness.guard.visible import TAGS

_PLAIN = """
a abbr b br center dfn div em font h1 h2 h3 h4 h5 h6 hr i img input ins kbd label li mark ol p
picture small source span strong sub sup time u ul wbr
"""
FOLDED: Final = (TAGS | {"math", "bdo"}) - frozenset(_PLAIN.split())
"""Elements whose content may be hidden, quoted, struck or no text at all: all but plain ones."""
LONGEST: Final = 400
"""Characters: no border is longer."""
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)\b[^<>]{0,2000}>")
_RULED = re.compile(r"[-=]{3,}[ \t]*[^\W_].*[^\W_].{0,8}?[-=]{3,}")
"""`-----Original Message-----`, in whatever language."""
_UNDERSCORES = re.compile(r"_{10,}")
_SIGNATURE = re.compile(r"--|—")
_SENT_FROM = re.compile(
    r"(?:sent (?:from|via|with)|get outlook for|sent by|envoyé (?:de|depuis)|von meinem .*gesendet"
    r"|gesendet (?:von|mit)|enviado (?:desde|do|de)|inviato da|verzonden (?:vanaf|met)"
    r"|wysłane z|отправлено (?:с|из)|发自我的|從我的|寄自)\b.{0,120}"
    r"|.{0,80}(?:에서 보냄|에서 보낸 메일|から送信)[.。]?",
    re.IGNORECASE,
)
_HEADER = re.compile(r"[*_]{0,2}([^\s:：*_][^:：*_]{0,24}?)[*_ ]{0,3}[:：][*_]{0,2}[ \t]*\S.*")
_FROM = re.compile(
    r"(?:from|von|de|da|van|od|fra|från|lähettäjä|от|kimden|보낸\s?사람|발신|差出人|发件人|寄件者)",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"\b(?:wrote|writes|said|schrieb|geschrieben|écrit|escribió|escreveu|ha scritto|schreef|skrev"
    r"|kirjoitti|napisał\w*|написал\w*|пишет|yazdı)\b|작성|썼습니다|님이|書きました|のメッセージ|写道|寫道",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S@\S")
_NUMBERS = re.compile(r"\d+")
_WHEN = re.compile(r"\b(?:19|20)\d\d\b|\d[:.h]\d\d\b")
_FORWARDED = re.compile(
    r"(?:begin forwarded message|forwarded message|reply to this email directly\b.*"
    r"|you are receiving this because\b.*)[:.]?",
    re.IGNORECASE,
)
_SINGLE = (_RULED, _UNDERSCORES, _SIGNATURE, _SENT_FROM, _FORWARDED)
_HEAD_LINES = 6
_ATTRIBUTION_LINES = 3
"""Lines over which a mail program breaks `On ..., somebody wrote:`."""


def own_lines(lines: Sequence[str]) -> frozenset[int]:
    """Numbers of the lines, from 0, that are the author's own."""
    own: set[int] = set()
    open_elements: list[str] = []
    for number, line in enumerate(lines):
        if not open_elements and _is_border(lines, number):
            break
        before = bool(open_elements)
        _follow(line, open_elements)
        if not before and not open_elements:
            own.add(number)
    return frozenset(own)


def _follow(line: str, opened: list[str]) -> None:
    """Which of the elements that hide their content stand open after this line."""
    for found in _TAG.finditer(line):
        name = found[2].lower()
        if name not in FOLDED or found[0].endswith("/>"):
            continue
        if not found[1]:
            opened.append(name)
        elif name in opened:
            del opened[len(opened) - 1 - opened[::-1].index(name) :]


def _is_border(lines: Sequence[str], number: int) -> bool:
    """Whether somebody else's words, or a signature, begin here."""
    if not lines[number].strip() or len(lines[number]) > LONGEST:
        return False
    below = [line.strip("\u00a0 \t")[:LONGEST] for line in lines[number : number + _HEAD_LINES]]
    single = any(pattern.fullmatch(below[0]) for pattern in _SINGLE)
    return single or _begins_header(below) or _begins_attribution(below)


def _begins_header(below: Sequence[str]) -> bool:
    """`From: ...` with `Sent:`, `To:` or `Subject:` below it; or three such with an address."""
    heads: list[str] = []
    for line in filter(None, below):
        found = _HEADER.fullmatch(line)
        if found is None:
            break
        heads.append(found[1].strip())
    if len(heads) < 2:
        return False
    addressed = any(_ADDRESS.search(line) for line in below)
    return _FROM.fullmatch(heads[0]) is not None or (addressed and len(heads) > 2)


def _begins_attribution(below: Sequence[str]) -> bool:
    """`On 3 May 2026 at 10:11, Ann <ann@example.org> wrote:`, also broken over lines; not a line
    of the author's own above one."""
    for end in range(1, _ATTRIBUTION_LINES + 1):
        part = below[:end]
        if len(part) < end or not part[-1]:
            return False
        if _attributes(part):
            alone = any(_attributes(part[start:]) for start in range(1, end))
            return not alone or _WHEN.search(part[0]) is not None
    return False


def _attributes(part: Sequence[str]) -> bool:
    said = " ".join(part).rstrip("*_ ")
    if not said.endswith((":", "：")):
        return False
    dated = len(_NUMBERS.findall(said)) >= 2
    addressed = _ADDRESS.search(said) is not None
    return (dated and addressed) or (_WROTE.search(said) is not None and (dated or addressed))
