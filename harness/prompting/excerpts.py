"""What of a text that is too long a model is shown: not its beginning alone, but what decides. The
expectation, the ends of tracebacks, head and tail stay; where something was left out, it is said.
Pure, the same for the same text, and in time that grows with the text alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from harness.core.base import Value

CHUNK = 1_000
"""Characters: a longer line is more than one part."""
FENCE = re.compile(r" {0,3}(`{3,20}|~{3,20})(.*)")
SHARES = {"expected": 0.2, "ends": 0.25, "told": 0.1, "tail": 0.2}
"""Of the room, at most; what is not used is the head's."""
MOST_SECTIONS, SECTION_LINES = 8, 40
MOST_ENDS, END_BEFORE, END_AFTER = 12, 10, 8
HEADING_CHARS = 160

_EXPECTED = r"""
expected|expectations?|expecting|(?:did|do|would) you expect|you expect|should happen|desired
|기대|예상|원하는 (?:결과|동작)|정상 동작|期待|想定|予期|あるべき|正しい動作|期望|预期|預期|应该
|應該|erwart\w*|soll-?verhalten|attendue?s?|attendiez|espera\w*|attes[oi]|previst[oi]|desejad[oa]
|ожида\w*|очікуван\w*|oczekiwan\w*|beklenen|verwacht\w*|förvänta\w*|forvent\w*|odotet\w*
|očekáv\w*|mong đợi|kỳ vọng|diharapkan|المتوقع|अपेक्षित|צפוי
"""
_TOLD = r"""
actual\w*|observed|current behaviou?r|happens?|happened|reproduc\w*|repro|steps|versions?
|environment|실제|현재|재현|버전|환경|実際|再現|手順|環境|实际|實際|重现|復現|复现|步骤|环境
|tatsächlich\w*|reproduzier\w*|schritte|obtenue?s?|reproduire|étapes|obtenid[oa]|reproducir
|pasos|obtid[oa]|reproduzir|passos|riprodurre|фактическ\w*|воспроиз\w*|шаги|gerçekleşen|adımlar
|rzeczywist\w*|kroki|stappen
"""
_HEAD = r"[\s#>*_\[(\-|\d.)【「\"']{0,12}(?::\w{1,40}: )?(?:[^\s:]{1,24} ){0,4}?[^\s:]{0,12}?"
_TITLE = re.compile(
    rf"{_HEAD}(?:(?P<expected>{_EXPECTED})|(?:{_TOLD}))".replace("\n", ""), re.IGNORECASE
)
"""A line that begins as the heading of such a section does, in the languages of issue forms."""
_MARKED = re.compile(r"\s{0,3}(?:#{1,6}\s|\*\*|__|<h\d|【|\[)")
_RULE = re.compile(r"-{3,}|={3,}")
_COLON = re.compile(r"[:：?？]")
_NEXT = re.compile(r"\s{0,3}(?:#{1,6}\s+\S|\*\*[^*]{1,80}\*\*[:：]?\s*$|__[^_]{1,80}__[:：]?\s*$)")
_END = re.compile(
    r"\s*(?:Caused by: |Exception in thread |panic: |fatal error: |Unhandled |Uncaught "
    r"|thread '.{0,80}' .{0,20}panicked |PHP Fatal error|terminate called|Segmentation fault"
    r"|SUMMARY: \w+Sanitizer|==\d+==ERROR|\*\* \(\w|E {3,12}\S|FAILED |error(?:\[E\d+\])?: "
    r"|\[Previous line repeated |The above exception|During handling|-{3}> \w"
    r"|[\w.$:]{0,120}(?:Error|Exception|Failure|Interrupt|Fault|Panic)\b[^\w\s]?(?::|\s*$|\s\())"
    r"|[^(]{0,200}\((?:[\w:]{0,80}Error|[\w:]{0,80}Exception)\)\s*$"
)
"""A line that says what a program died of: Python, Java, .NET, Node, Go, Rust, Ruby, PHP, C,
Elixir, test runners, compilers."""
_FRAME = re.compile(
    r"\s+at \S|\s*File \"|\s*#\d+\s|\s+\d+: \S|\s+\S{1,200}:\d+(?:\s|:|$)|\s*from \S+:\d+|\t\S"
)
_DIGITS = re.compile(r"\d+")


class Excerpt(Value):
    """What is shown of a text, and how many of its characters are not."""

    text: str
    left_out: int = 0


def excerpt(text: str, most_bytes: int, *, beyond: int = 0) -> Excerpt:
    """The text when it fits; else what decides of it, in its order, in at most that many bytes
    (some hundred at least). `beyond`: characters after it that nobody looked at."""
    if not beyond and len(text.encode("utf-8", "replace")) <= most_bytes:
        return Excerpt(text=text)
    parts = list(_split(text))
    note = "[the rest was left out, {:,} characters: this text is too long]"
    room = most_bytes - len(note) - min(4_000, most_bytes // 4)
    kept = _choose(parts, max(room, 0))
    left = sum(len(part) for part, keep in zip(parts, kept, strict=True) if not keep) + beyond
    return Excerpt(text=f"{_join(parts, kept)}\n{note.format(left)}", left_out=left)


def _split(text: str) -> Iterator[str]:
    """Lines with their ends, long ones in chunks."""
    for line in text.splitlines(keepends=True):
        for at in range(0, len(line), CHUNK):
            yield line[at : at + CHUNK]


def _choose(parts: Sequence[str], room: int) -> list[bool]:
    """Which parts stay: first what decides, each kind within its share, the head with the rest."""
    kept = [False] * len(parts)
    sizes = [len(part.encode("utf-8", "replace")) for part in parts]

    def take(order: Iterable[int], most: float) -> int:
        used = 0
        for at in order:
            if not kept[at]:
                if used + sizes[at] > most:
                    break
                kept[at] = True
                used += sizes[at]
        return used

    wanted, told = _sections(parts)
    left = room
    for name, spans in (("expected", wanted), ("ends", _ends(parts)), ("told", told)):
        share = room * SHARES[name]
        for span in spans:
            used = take(span, share)
            share -= used
            left -= used
    left -= take(range(len(parts) - 1, -1, -1), room * SHARES["tail"])
    take(range(len(parts)), left)
    return kept


def _sections(parts: Sequence[str]) -> tuple[list[range], list[range]]:
    """Sections that say what was expected, and those that say what happened; marked headings
    first."""
    found: dict[tuple[bool, bool], list[range]] = {}
    for at, part in enumerate(parts):
        title = _TITLE.match(part[:HEADING_CHARS]) if len(part) <= HEADING_CHARS else None
        ruled = at + 1 < len(parts) and _RULE.fullmatch(parts[at + 1].strip()) is not None
        marked = ruled or _MARKED.match(part) is not None
        if title is None or not (marked or _COLON.search(part)):
            continue
        sort = found.setdefault((title["expected"] is not None, marked), [])
        if len(sort) < MOST_SECTIONS:
            sort.append(range(at, _section_end(parts, at)))
    expected, told = (
        [*found.get((sort, True), []), *found.get((sort, False), [])] for sort in (True, False)
    )
    return expected[:MOST_SECTIONS], told[:MOST_SECTIONS]


def _section_end(parts: Sequence[str], at: int) -> int:
    last = min(at + SECTION_LINES, len(parts))
    return next((n for n in range(at + 1, last) if _NEXT.match(parts[n])), last)


def _ends(parts: Sequence[str]) -> list[range]:
    """Around what a program died of: the frames before and after it. Of many the last, each told
    once whatever its numbers, and the first."""
    told: dict[str, int] = {}
    for at, part in enumerate(parts):
        if _END.match(part) or _is_last_frame(parts, at):
            key = _DIGITS.sub("0", part.strip())[:200]
            told.pop(key, None)
            told[key] = at
    places = [*reversed(told.values())]
    chosen = [*places[: MOST_ENDS - 1], *places[MOST_ENDS - 1 :][-1:]]
    return [range(max(0, at - END_BEFORE), min(len(parts), at + END_AFTER + 1)) for at in chosen]


def _is_last_frame(parts: Sequence[str], at: int) -> bool:
    """The last of three frames or more."""
    around = parts[max(0, at - 2) : at + 1]
    behind = parts[at + 1] if at + 1 < len(parts) else ""
    return len(around) == 3 and all(map(_FRAME.match, around)) and not _FRAME.match(behind)


def _join(parts: Sequence[str], kept: Sequence[bool]) -> str:
    """The parts that stay, with a line where some do not; code stays code on both sides of it."""
    out: list[str] = []
    fences = list(_fences(parts))
    stays = [-1, *(at for at, keep in enumerate(kept) if keep), len(parts)]
    for before, after in pairwise(stays):
        if after > before + 1:
            gone = sum(len(part) for part in parts[before + 1 : after])
            out.append(_gap(out, gone, fences[before + 1], fences[after], last=after == len(parts)))
        if after < len(parts):
            out.append(parts[after])
    return "".join(out).rstrip("\n")


def _gap(out: Sequence[str], gone: int, opened: str, opens: str, *, last: bool) -> str:
    lines = [f"[{gone:,} characters left out here]\n"]
    if opened != opens or last:
        lines = [f"{opened}\n"] * bool(opened) + lines + [f"{opens}\n"] * bool(opens and not last)
    newline = "" if not out or out[-1].endswith("\n") else "\n"
    return newline + "".join(lines)


def _fences(parts: Sequence[str]) -> Iterator[str]:
    """Before each part, and after the last: the marks of the code it stands in; "" in prose."""
    opened = ""
    for part in parts:
        yield opened
        found = FENCE.match(part)
        if found and not opened:
            opened = found[1]
        elif found and found[1].startswith(opened) and not found[2].strip():
            opened = ""
    yield opened
