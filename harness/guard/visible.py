"""What of a Markdown text from outside a person really sees. Pure.

What nobody sees on the page (comments, hidden elements, ignorable characters, titles of links,
texts of images) never reaches an agent; how much was left out is told.
"""

from __future__ import annotations

import html
import re

from markdown_it import MarkdownIt

from harness.core.base import Value
from harness.guard.hidden import invisible, strip_invisible
from harness.prompting.excerpts import excerpt

MOST_BYTES = 64 * 1024
MOST_RAW = 16 * MOST_BYTES
"""Characters that are looked at: what is beyond is no more than counted."""
_ELEMENTS = """
a abbr area article aside audio b base blockquote body br button canvas caption center cite code
col colgroup data dd del details dfn dialog div dl dt em embed fieldset figcaption figure font
footer form frame h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend
li link main map mark meta meter nav noscript object ol optgroup option output p param picture
pre progress q rp rt ruby s samp script section select small source span strike strong style sub
summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var
video wbr
"""
TAGS = frozenset(_ELEMENTS.split())
# each pattern takes time in proportion to the text: an issue's author chooses it
OPENING = r"<!--|<\?|<!\[CDATA\[|<!(?=[A-Z])"
COMMENT = re.compile(OPENING)
COMMENT_OR_TICKS = re.compile(f"{OPENING}|(?<!`)`+")
CLOSING = {"<!--": "-->", "<?": "?>", "<![CDATA[": "]]>", "<!": ">"}
TAG = re.compile(r"</?([A-Za-z][\w-]*+)((?:\s[^<>]*)?)/?>")
UNSEEN = re.compile(
    r"<(\w++)(?=[^<>]*(?:\shidden\b|display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0"
    r"|opacity\s*:\s*0))[^<>]*>.*?(?:</\1\s*>|\Z)"
    r"|<(script|style|template|noscript|head|title)\b[^<>]*>.*?(?:</\2\s*>|\Z)",
    re.S | re.I,
)
IMAGE = re.compile(
    r"!\[((?:[^\[\]]|\[[^\[\]]*\]){0,2000})\](?:\([^()\n]{0,2000}\)|\[[^\[\]\n]{0,200}\])?"
)
TITLED = re.compile(
    r"(\]\(\s*+<?+[^\s()<>]{0,2000}+>?+)\s++(\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\))\s*+\)"
)
DEFINITION = re.compile(r"^ {0,3}\[([^\[\]\n]{1,200})\]:[ \t]*(\S+)(.*)$", re.M)
ENTITY = re.compile(r"&(?:#[xX][0-9a-fA-F]{1,8}|#[0-9]{1,8}|[A-Za-z]\w{1,30});")
LONGEST_SPAN = 4000
ROUNDS = 6
MARKS = re.compile(r"[<>&`\[\]]")
"""What everything that is taken out begins with."""
MARKDOWN = MarkdownIt("commonmark", {"maxNesting": 20}).disable("inline")
USED = re.compile(r"\[([^\[\]\n]{1,200})\](?!:)")


class VisibleText(Value):
    """A text as a person sees it, how many hidden characters were left out, and how many that were
    seen, for want of room."""

    text: str
    removed: int = 0
    left_out: int = 0


def visible(text: str, most_bytes: int = MOST_BYTES) -> VisibleText:
    """What a person sees of Markdown from outside, at most `most_bytes` of it: of a longer text
    what decides (a note says how much was cut). Code keeps its text. Idempotent: what was taken
    out leaves nothing behind that would be taken out next time."""
    beyond = max(0, len(text) - MOST_RAW)
    text, removed = strip_invisible(text[:MOST_RAW])
    left_out = 0
    for _ in range(ROUNDS):
        once = _once(text)
        removed += once.removed
        short = excerpt(once.text, most_bytes, beyond=beyond)
        left_out += short.left_out
        if short.text == text:
            return VisibleText(text=text, removed=removed, left_out=left_out)
        text, beyond = short.text, 0
    # made to be taken apart for ever
    bare, more = strip_invisible(MARKS.sub("", text))
    removed += len(text) - len(bare) + more
    return VisibleText(text=bare, removed=removed, left_out=left_out)


def _once(text: str) -> VisibleText:
    out: list[str] = []
    removed = 0
    for is_code, part in _parts(text):
        shown = VisibleText(text=part) if is_code else _prose(part)
        out.append(shown.text)
        removed += shown.removed
    clean, more = strip_invisible("".join(out))
    return VisibleText(text=clean, removed=removed + more)


def _parts(text: str) -> list[tuple[bool, str]]:
    """(is code, text) pieces in order: fenced and indented blocks, then code spans."""
    lines = text.split("\n")
    code: set[int] = set()
    for token in MARKDOWN.parse(text):
        if token.type in ("fence", "code_block") and token.map:
            code.update(range(*token.map))
    parts: list[tuple[bool, str]] = []
    start = 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or (number in code) != (start in code):
            last = number == len(lines)
            block = "\n".join(lines[start:number]) + ("" if last else "\n")
            parts += [(True, block)] if start in code else _spans(block)
            start = number
    return parts


def _spans(text: str) -> list[tuple[bool, str]]:
    """A backtick in a comment opens no code."""
    parts: list[tuple[bool, str]] = []
    at = look = 0
    unclosed: set[str] = set()
    while found := COMMENT_OR_TICKS.search(text, look):
        if found[0][0] == "<":
            look = _comment_end(text, found, unclosed)
            continue
        closing = re.compile(f"(?<!`){found[0]}(?!`)")
        look = found.end()
        border = min(len(text), look + LONGEST_SPAN)
        end = closing.search(text, look, border)
        # at the border it may be the begin of a longer run
        if (
            end
            and (end.end() < border or border == len(text))
            and "\n\n" not in text[look : end.start()]
        ):
            look = end.end()
            parts += [(False, text[at : found.start()]), (True, text[found.start() : look])]
            at = look
    return [*parts, (False, text[at:])]


def _comment_end(text: str, found: re.Match[str], unclosed: set[str]) -> int:
    """Where this comment ends; behind its mark when it does not, which is then known."""
    mark = found[0]
    end = -1 if mark in unclosed else text.find(CLOSING[mark], found.end())
    if end >= 0:
        return end + len(CLOSING[mark])
    unclosed.add(mark)
    return len(text) if mark == "<!--" else found.end()


def _prose(text: str) -> VisibleText:
    """Outside code: comments, hidden elements, tags, titles, image texts and definitions go."""
    return _Prose().clean(text)


class _Prose:
    """One piece of prose; counts what it leaves out."""

    def __init__(self) -> None:
        self._removed = 0
        self._used: set[str] = set()

    def clean(self, text: str) -> VisibleText:
        text = self._strip_comments(text)
        text = UNSEEN.sub(self._drop, text)
        text = IMAGE.sub(self._image, text)
        # an address that only an image uses is as unseen as the image's text
        self._used = {m.casefold() for m in USED.findall(text)}
        text = DEFINITION.sub(self._definition, text)
        text = TITLED.sub(self._title, text)
        text = TAG.sub(self._tag, text)
        text = ENTITY.sub(self._entity, text)
        return VisibleText(text=text, removed=self._removed)

    def _strip_comments(self, text: str) -> str:
        kept, at, look = [], 0, 0
        unclosed: set[str] = set()
        while found := COMMENT.search(text, look):
            look = _comment_end(text, found, unclosed)
            if look > found.end() or found[0] == "<!--":
                kept.append(text[at : found.start()])
                self._removed += look - found.start()
                at = look
        return "".join([*kept, text[at:]])

    def _drop(self, found: re.Match[str]) -> str:
        self._removed += len(found[0])
        return ""

    def _definition(self, found: re.Match[str]) -> str:
        """`[//]: # (a comment)` is never shown; the address of a link that is used is."""
        used = found[1].casefold() in self._used
        keep = found[0][: found.end(2) - found.start()] if used else ""
        self._removed += len(found[0]) - len(keep)
        return keep

    def _image(self, found: re.Match[str]) -> str:
        self._removed += len(found[1])
        return "[image]"

    def _title(self, found: re.Match[str]) -> str:
        self._removed += len(found[2])
        return f"{found[1]})"

    def _tag(self, found: re.Match[str]) -> str:
        if found[1].casefold() not in TAGS:
            return found[0]  # no element: `List<String>` is text
        self._removed += len(found[2].strip())
        return "[image]" if found[1].casefold() == "img" else ""

    def _entity(self, found: re.Match[str]) -> str:
        meant = html.unescape(found[0])
        if meant and all(map(invisible, meant)):
            self._removed += 1
            return ""
        # a letter written as a number hides a word from whoever reads the source
        return meant if found[0][1] == "#" and meant.isalnum() else found[0]
