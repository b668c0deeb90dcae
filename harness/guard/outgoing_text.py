"""Text that goes out: Markdown is parsed and written again from an allow-list. Pure.

What leaves can show nothing that phones home, ping nobody, close no issue but its own and command
no bot: no images, no HTML, no links to hosts that are not allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from harness.guard.hidden import strip_invisible

MOST = 60_000
"""Characters that are taken in, and that are written: a forge takes no more, and no text of a
model is worth a longer look."""
MOST_BRACKETS = 4_000
"""A parser takes quadratic time for those that close nothing."""
MOST_STYLES = 4_000
DEEPEST = 40
PARSER = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable(["table", "strikethrough"])
UNSTYLED = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable("table").disable("emphasis")
"""For a text whose styles are too many, or lie too deep in each other, to be anything's form."""
SPECIAL = re.compile(r"([\\`*_\[\]<>&~|$])")
LINE_START = re.compile(r"^(\s*)([#/+=:-]|\d{1,9}(?=[.)]))", re.M)
CLOSING = re.compile(r"\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing))\Z", re.I)
# each takes time in proportion to the text: a model chooses it
_ADDRESS = (
    r"(?P<url>(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>`]+|(?:mailto|data|javascript|xmpp):\S+)"
)
_NAME = (
    r"|(?P<mail>(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+)"
    # to the forge only these are letters: in other scripts a mention needs no blank before it
    r"|(?<![A-Za-z0-9_])(?P<mention>@[A-Za-z0-9][\w/@-]*)"
    # whatever follows the number: what is set apart as code ends it
    r"|(?P<issue>(?<![\w&])#\d+|(?<![\w&.-])[\w.-]+/[\w.-]+#\d+|\bGH-\d+)"
)
TOKEN = re.compile(_ADDRESS + _NAME, re.I)
# in a title nothing else is an address, and what is none hides no mention
PLAIN = re.compile(r"(?P<url>https?://[^\s<>`]+)" + _NAME, re.I)
IN_ADDRESS = re.compile(r"(?<![\w/.])@(?=[A-Za-z0-9])")
STYLE = "\0"
"""Where in what was said the style changed."""
ENOUGH = 400
"""Characters of what was said that tell whether a closing word stands before a number."""
STYLES = re.compile("\0+")
GAP = re.compile("(?:[\\s:]\0?){9,}")
DRAWN = frozenset({"mermaid", "geojson", "topojson", "stl", "math"})
"""Code that a forge draws, links and all: it is shown as text."""
SKIPS = re.compile(r"\[\s*((?:skip|no)[ -][\w-]+|[\w-]+[ -]skip)\s*\]|\b(skip-checks)\s*:", re.I)
"""Words by which a commit keeps its checks from running."""
ROUNDS = 3
CUT = "\n\n```text\n[...]\n```\n"


def outgoing(markdown: str, issue: int, hosts: Sequence[str] = ()) -> str:
    """The same text, powerless. `issue`: the only one that closing words may name. `hosts`: exact
    host names that links may lead to, https only; other addresses are shown as code."""
    whole = len(markdown) <= MOST
    text = _rewrite(markdown if whole else markdown[:MOST] + CUT, issue, frozenset(hosts))
    for _ in range(ROUNDS):
        # who reads it must see what was meant: the same text again, or it is written anew
        again = _rewrite(text, issue, frozenset(hosts))
        if again == text:
            return text
        text = again
    lines = [f" {line}" if line.startswith("/") else line for line in text.rstrip("\n").split("\n")]
    return "\n".join(_fence_lines("", lines)) + "\n"


def _rewrite(markdown: str, issue: int, hosts: frozenset[str]) -> str:
    clean, _ = strip_invisible(markdown)
    if clean.count("[") > MOST_BRACKETS:
        clean = clean.replace("[", "(").replace("]", ")")
    tree = SyntaxTreeNode(parse(clean))
    text = "\n".join(_Writer(issue, hosts).blocks(tree)).strip() + "\n"
    if len(text) <= MOST:
        return text
    # cut at a line, and close what a cut may have opened
    return text[: MOST - len(CUT)].rsplit("\n", 1)[0] + CUT


def parse(clean: str) -> list[Token]:
    """The tokens of a text; none lies too deep for whoever walks over them."""
    if sum(map(clean.count, "*_~")) <= MOST_STYLES:
        tokens = PARSER.parse(clean)
        if all(_depth(token.children or ()) <= DEEPEST for token in tokens):
            return tokens
    return UNSTYLED.parse(clean)


def _depth(inline: Sequence[Token]) -> int:
    """How deep the styles of a paragraph lie in each other: no parser bounds that."""
    return max(accumulate(token.nesting for token in inline), default=0)


def _fence_lines(word: str, lines: list[str]) -> list[str]:
    runs = re.findall("`{3,}", "\n".join(lines))
    fence = "`" * max([3, *(len(run) + 1 for run in runs)])
    return [fence + word, *lines, fence]


def plain(text: str, issue: int) -> str:
    """One-line or many-line text without Markdown (a title, a commit message): mentions and
    closing words made harmless, no line starts with a slash."""
    clean, _ = strip_invisible(text[:MOST])

    def calm(found: re.Match[str]) -> str:
        if found["mention"]:
            return found[0].replace("@", "(at)")
        closes = bool(found["issue"] or found["url"]) and _closes(clean[: found.start()])
        if found["issue"] and closes and found[0] != f"#{issue}":
            return re.sub("#|GH-", "issue ", found[0], flags=re.I)
        if found["url"]:
            address = found[0].replace("://", " ") if closes else found[0]
            return IN_ADDRESS.sub("(at)", address)
        return found[0]

    calmed = SKIPS.sub(lambda m: f"({m[1] or m[2]})", PLAIN.sub(calm, clean))
    return re.sub(r"(?m)^\s*/", " /", calmed)


def _end(said: str) -> str:
    """As much of the end as tells whether a closing word stands there, however far from it."""
    return GAP.sub(" ", STYLES.sub(STYLE, said))[-ENOUGH:]


def _closes(said: str) -> bool:
    """Whether the text ends in a closing word. Takes no time for what stands before it."""
    end = len(said)
    while end and (said[end - 1].isspace() or said[end - 1] in STYLE + ":"):
        end -= 1
    tail = said[max(0, end - 60) : end]
    # a word with one letter in bold is that word; so is one that is bold between letters
    return any(CLOSING.search(tail.replace(STYLE, between)) for between in ("", " "))


class _Writer:
    """Markdown from a syntax tree; blocks are lists of lines."""

    def __init__(self, issue: int, hosts: frozenset[str]) -> None:
        self._issue = issue
        self._hosts = hosts
        self._said = ""
        """The plain text of the paragraph so far: a closing word may stand in another style."""

    def blocks(self, node: SyntaxTreeNode) -> list[str]:
        out: list[str] = []
        for child in node.children:
            lines = self._block(child)
            if lines:
                out += ["", *lines] if out else lines
        return out

    def _block(self, node: SyntaxTreeNode) -> list[str]:
        match node.type:
            case "heading":
                text = " ".join(self._inline(node).split("\n"))
                return [f"{'#' * int(node.tag[1])} {text}"]
            case "paragraph":
                return self._inline(node).split("\n")
            case "blockquote":
                return [f"> {x}" if x else ">" for x in self.blocks(node)]
            case "bullet_list" | "ordered_list":
                return self._list(node)
            case "fence" | "code_block":
                return self._code(node)
            case "table":
                return self._table(node)
            case "hr":
                return ["---"]
            case "html_block":
                shown = re.sub(r"<!--.*?(?:-->|\Z)", "", node.content, flags=re.S).strip()
                self._said = ""
                text = LINE_START.sub(_escaped_start, self._text(shown))
                return text.split("\n") if shown else []
        return []

    def _list(self, node: SyntaxTreeNode) -> list[str]:
        out: list[str] = []
        loose = any(
            c.type == "paragraph" and not c.hidden for i in node.children for c in i.children
        )
        number = int(node.attrs.get("start", 1) or 0) if node.type == "ordered_list" else 0
        for item in node.children:
            mark = "- " if node.type == "bullet_list" else f"{number}. "
            number += 1
            lines = self.blocks(item) if loose else self._tight(item)
            indent = " " * len(mark)
            body = [f"{indent}{x}" if x else "" for x in lines] or [indent]
            body[0] = mark + body[0][len(mark) :]
            out += ["", *body] if out and loose else body
        return out

    def _tight(self, item: SyntaxTreeNode) -> list[str]:
        return [line for child in item.children for line in self._block(child)]

    def _code(self, node: SyntaxTreeNode) -> list[str]:
        lines = node.content.rstrip("\n").split("\n")
        # a bot that reads the source takes a slash at a line's start for a command
        lines = [f" {x}" if x.startswith("/") else x for x in lines]
        info = node.info.split()[:1] if node.type == "fence" else []
        plain = info and re.fullmatch(r"[\w+#.-]{1,20}", info[0])
        word = info[0] if plain and info[0].lower() not in DRAWN else ""
        return _fence_lines(word, lines)

    def _table(self, node: SyntaxTreeNode) -> list[str]:
        rows: list[list[str]] = []
        for part in node.children:
            for row in part.children:
                rows.append([" ".join(self._inline(c).split("\n")) for c in row.children])
        if not rows:
            return []
        out = ["| " + " | ".join(row) + " |" for row in rows]
        return [out[0], "|" + " --- |" * len(rows[0]), *out[1:]]

    def _inline(self, node: SyntaxTreeNode) -> str:
        self._said = ""
        text = _beside(self._span(c) for i in node.children for c in i.children)
        first = node.parent is not None and node.parent.type == "list_item"
        task = re.match(r"\\\[([ xX])\\\] ", text) if first else None
        if task:
            return f"[{task[1]}] " + LINE_START.sub(_escaped_start, text[task.end() :])
        return LINE_START.sub(_escaped_start, text)

    def _span(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "text" | "text_special" | "html_inline":
                shown = node.content
                if node.type == "html_inline" and shown.startswith("<!--"):
                    return ""
                return self._text(shown)
            case "softbreak":
                self._say(" ")
                return "\n"
            case "hardbreak":
                self._say(" ")
                return "\\\n"
            case "code_inline":
                return code(node.content)
            case "em" | "strong" | "s":
                mark = {"em": "*", "strong": "**", "s": "~~"}[node.type]
                inner = self._style(node)
                return f"{mark}{inner}{mark}" if inner.strip() else inner
            case "link":
                return self._link(node)
            case "image":
                return self._text(node.content)
        return ""

    def _style(self, node: SyntaxTreeNode) -> str:
        self._say(STYLE)
        inner = _beside(self._span(c) for c in node.children)
        self._say(STYLE)
        return inner

    def _say(self, text: str) -> None:
        """Only the end is kept: all of a long paragraph would be copied for each word in it."""
        self._said += text
        if len(self._said) > 10 * ENOUGH:
            self._said = _end(self._said)

    def _link(self, node: SyntaxTreeNode) -> str:
        inner = self._style(node)
        address = str(node.attrs.get("href", ""))
        if self._may_lead(address):
            return f"[{inner}]({re.sub('[()<> ]', '', address)})"
        shown = code(address)
        return inner if not address or inner == shown else f"{inner} ({shown})"

    def _may_lead(self, address: str) -> bool:
        """https to an allowed host, or a plain path inside the repository."""
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            return False
        if parts.scheme == "https":
            bare = "@" not in parts.netloc and "\\" not in address
            return bare and port in (None, 443) and (host or "") in self._hosts
        return (
            not parts.scheme
            and not parts.netloc
            and bool(re.fullmatch(r"[\w.#-][\w./#-]*", address))
        )

    def _text(self, text: str) -> str:
        text, _ = strip_invisible(text)  # an entity was a character that nobody sees
        out: list[str] = []
        # what follows a code span stands at the start of a text: it is looked at anew
        while found := TOKEN.search(text):
            before = text[: found.start()]
            out += [_escape(before), self._word(found, self._said + before)]
            self._say(before + found[0])
            text = text[found.end() :]
        out.append(_escape(text))
        self._say(text)
        return _beside(out)

    def _word(self, found: re.Match[str], said: str) -> str:
        """An address, a mention or an issue: as it is only where it can do no harm."""
        word = found[0]
        if found["issue"]:
            own, elsewhere = word == f"#{self._issue}", "/" in word
            return word if own or not (elsewhere or _closes(said)) else code(word)
        if found["url"] and word.startswith("https://") and self._may_lead(word.rstrip(".,;:!?)")):
            return word
        return code(word)


def _beside(parts: Iterable[str]) -> str:
    """One text. Two code spans in a row are kept apart: their backticks would become one fence,
    which opens both."""
    out: list[str] = []
    for part in filter(None, parts):
        apart = out and out[-1].endswith("`") and part.startswith("`")
        out += [" ", part] if apart else [part]
    return "".join(out)


def _escape(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)


def _escaped_start(found: re.Match[str]) -> str:
    """A line's first character without its power; before a number's dot the backslash goes."""
    if found[2].isdigit():
        return f"{found[1]}{found[2]}\\"
    return f"{found[1]}\\{found[2]}"


def code(text: str) -> str:
    """A code span that any text fits into."""
    text = " ".join(text.split())
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""
