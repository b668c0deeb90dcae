"""What a model wrote, as plain words for a title, a commit or a pull request. Pure.

Built, not filtered: of a Markdown text its paragraphs and list items are taken, of these the
characters that an allow-list names, and no line begins with what a tool reads as an order. So no
trailer, no directive to a release tool or a CI and no command is left, however it was spelled.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from markdown_it.tree import SyntaxTreeNode

from harness.core.house_types import CommitStyle
from harness.guard.hidden import strip_invisible
from harness.guard.outgoing_text import MOST, parse, plain
from harness.system.normal_form import normal_form

MOST_TITLE = 400
MOST_TEXT = 2_000
MOST_BLOCKS = 16
WIDTH = 72
# letters, marks and digits of every script, and of the rest what sentences and names of code need
PUNCTUATION = frozenset(" .,;?'\"()/_-+=%&<>`{}|~^$\\“”‘’«»–—…·、。「」『』（）《》〈〉¿¡:#*![]@")
TYPE_OF = {"bug": ("fix", "bugfix", "bug"), "feature": ("feat", "feature"), "docs": ("docs", "doc")}
OTHER = ("chore", "refactor", "build", "misc")
NUMBER = re.compile(r"(?:(?<![\w/.-])[\w.-]{1,40}/[\w.-]{1,80})?(?<!&)#(\d{1,9})(?!\w)")
GH = re.compile(r"\bGH-(\d+)", re.I)
KEY = re.compile(
    r"\b(clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|complet(?:e[sd]?|ing)|implement"
    r"(?:s|ed|ing)?)(\W{1,9})(?!(?:UTF|ISO|SHA|RFC|CVE|PEP|MD|AES|IEEE|HTTP|CWE)-)"
    r"([A-Z][A-Z0-9]{1,9})-(\d+)\b",
    re.I,
)
"""A closing word of another tracker, by the key of its issue."""
ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://", re.I)
INDEX = re.compile(r"(?<=\w)\[((?!\w*(?:skip|no_?ci))[\w.]{0,40})\]", re.I)
COLON = re.compile(r"(?<=\d):(?=\d)|(?<=\w)::(?=\w)")
STARS = re.compile(r"\*{3,}")
BANG = re.compile(r"!(?!=)")
HASH = re.compile(r"(?<=[A-Za-z])#(?![\w#])")
FLAG = re.compile(
    r"(?<![\w-])-+(?=(?:skip|no|ci)[-_ ]?(?:ci|skip|checks?|builds?|deploy|actions)\b)", re.I
)
BREAKING = re.compile(r"\bbreaking[\s_-]+change", re.I)
# what stands before a title that is to be folded, kept back or counted by its type
_WIP = r"(?:wip|draft|do not merge|dnm)"
_TYPES = (
    r"(?:feat|feature|fix|bugfix|docs?|chore|refactor|tests?|ci|build|perf|style|revert|release"
    r"|deps|hotfix|security|breaking(?:[ -]change)?)"
)
PREFIX = re.compile(
    rf"(?:fixup|squash|amend)!|[\[(]\s*{_WIP}\s*[\])][\s:-]*|{_WIP}\s*[:-]+|{_TYPES}\s*"
    r"(?:\([^()]{0,60}\))?\s*!?\s*:|[-/!:#*>,;\s]+|\.+(?!\w)",
    re.I,
)
# no line of ours begins with what is no word, or with one that a bot or git's mail takes for more
UNSAFE = re.compile(
    r"[^\w(\"'`“‘«「『]|(?:breaking change|bors|homu|jenkins|retest|recheck|reverify|ok to test"
    r"|test this|this reverts commit)\b|r[+=]|diff -",
    re.I,
)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
SCOPED = re.compile(r"[\w-]+::")
"""A name that git would take for a trailer's."""


def words(text: str, issue: int) -> str:
    """One line of plain words. `issue`: the only one whose number may stand there."""
    folded = normal_form("NFKC", strip_invisible(text)[0])
    line = " ".join("".join(c if _kept(c) else " " for c in folded).split())
    line = ADDRESS.sub("", line)
    line = KEY.sub(r"\1\2\3 \4", line)
    line = GH.sub(lambda m: m[0] if int(m[1]) == issue else f"issue {m[1]}", line)
    line = NUMBER.sub(lambda m: _number(m, issue), line)
    line = plain(line, issue)
    line = _settled(line, issue)
    line = FLAG.sub("", STARS.sub("**", BANG.sub("", line)))
    line = BREAKING.sub("breaking change", line)
    return " ".join(line.split())


def _kept(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" or char in PUNCTUATION


def _number(found: re.Match[str], issue: int) -> str:
    """`#7` of our own issue; any other is told in words, with its repository."""
    own, elsewhere = int(found[1]) == issue, found[0].partition("#")[0]
    return found[0] if own and not elsewhere else f"{elsewhere} issue {found[1]} "


def _settled(line: str, issue: int) -> str:
    """Colons, brackets, signs of a mention or a tag: as they are only where they are part of a
    name, a number or a time."""
    kept = re.compile(f"{COLON.pattern}|{HASH.pattern}|(?<![\\w/&#])#{issue}(?!\\w)")
    line = INDEX.sub("\1\\1\2", line)
    out: list[str] = []
    at = 0
    for found in kept.finditer(line):
        out += [_plainer(line[at : found.start()]), found[0]]
        at = found.end()
    out.append(_plainer(line[at:]))
    return "".join(out).replace("\1", "[").replace("\2", "]")


def _plainer(text: str) -> str:
    text = re.sub(r"\s*:+(?=\s+\S)", " -", text)
    return text.translate(
        {ord(":"): " ", ord("["): "(", ord("]"): ")", ord("@"): "(at)", ord("#"): " "}
    )


# ------------------------------------------------------------ a subject


def subject(text: str, issue: int, style: CommitStyle, kind: str, paths: Sequence[str]) -> str:
    """One line in the repository's habit; "" when nothing of the text may stay. `kind`: of the
    issue; `paths`: what the change touches, which decides its scope."""
    head = normal_form("NFKC", strip_invisible(text[:MOST_TITLE])[0])
    before = ""
    while head != before:
        before, head = head, PREFIX.sub("", head, count=1) if PREFIX.match(head) else head
    line = words(head, issue).lstrip(" -/,;?)+=%&>|~^*").rstrip(" ,;-")
    if not any(char.isalnum() for char in line):
        return ""
    prefix = _prefix(style, kind, paths) if style.conventional else ""
    line = _cased(line, style)
    if not prefix and line[0].isalpha() and UNSAFE.match(line):
        line = f'"{line}"'  # a merge commit has it in its body
    whole = KEY.sub(r"\1\2\3 \4", prefix + line)
    if len(whole) <= style.longest:
        return whole
    return whole[: style.longest - 1].rstrip() + "…"


def _cased(line: str, style: CommitStyle) -> str:
    first = line.split()[0].rstrip(",.;")
    if style.case == "sentence" and first.islower() and first.isalpha():
        return line[0].upper() + line[1:]
    if style.case == "lower" and first.istitle() and first.isalpha():
        return line[0].lower() + line[1:]
    return line


def _prefix(style: CommitStyle, kind: str, paths: Sequence[str]) -> str:
    wanted = TYPE_OF.get(kind, OTHER)
    known = style.types or (wanted[0],)
    name = next((one for one in (*wanted, *OTHER) if one in known), "")
    scopes = {one for one in style.scopes if paths and all(_within(one, path) for path in paths)}
    scope = f"({scopes.pop()})" if len(scopes) == 1 else ""
    return f"{name}{scope}: " if name else ""


def _within(scope: str, path: str) -> bool:
    *folders, name = path.split("/")
    return scope in (*folders, name, name.rpartition(".")[0])


# ------------------------------------------------------------ paragraphs


def paragraphs(markdown: str, issue: int) -> str:
    """The paragraphs and list items of a text as lines of plain words, wrapped; what is drawn,
    fenced or a table stays out."""
    clean, _ = strip_invisible(markdown[:MOST])
    out: list[str] = []
    listed = False
    room = MOST_TEXT
    for item, text in _blocks(SyntaxTreeNode(parse(clean))):
        line = words(text[: 4 * MOST_TEXT], issue)
        if not any(char.isalnum() for char in line):
            continue
        if len(out) >= MOST_BLOCKS or room <= 0:
            break
        line = line if len(line) <= room else line[:room].rstrip() + "…"
        room -= len(line)
        apart = [""] if out and not (item and listed) else []
        out.append("\n".join([*apart, *_wrapped(line, "- " if item else "")]))
        listed = item
    return "\n".join(out)


def _blocks(node: SyntaxTreeNode, item: bool = False) -> Iterator[tuple[bool, str]]:
    """(in a list, text) of each paragraph, heading and item, in order."""
    for child in node.children:
        if child.type in ("paragraph", "heading"):
            yield item, "".join(_said(one) for inline in child.children for one in inline.children)
        elif child.type == "html_block":
            yield item, COMMENT.sub(" ", child.content)
        elif child.type in ("bullet_list", "ordered_list", "list_item", "blockquote"):
            yield from _blocks(child, item or child.type == "list_item")


def _said(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text" | "text_special":
            return node.content
        case "code_inline":
            return f"`{' '.join(node.content.replace('`', ' ').split())}`"
        case "softbreak" | "hardbreak":
            return " "
        case "html_inline":
            return COMMENT.sub("", node.content)
        case "image":
            return node.content
        case "link":
            inner, address = "".join(map(_said, node.children)), str(node.attrs.get("href", ""))
            return inner if inner == address else f"{inner} ({address})"
    return "".join(map(_said, node.children))


def _wrapped(line: str, mark: str) -> list[str]:
    """No line but an item's begins with what a tool may take for more than a word."""
    if not mark and _unsafe(line):
        mark = "- "
    parts = line.split()
    out = [mark + parts[0]]
    for at, part in enumerate(parts[1:], 1):
        is_full = len(out[-1]) + 1 + len(part) > WIDTH
        if is_full and not _unsafe(" ".join(parts[at : at + 4])):
            out.append(" " * len(mark) + part)
        else:
            out[-1] += f" {part}"
    return out


def _unsafe(line: str) -> bool:
    return bool(UNSAFE.match(line) or SCOPED.match(line))
