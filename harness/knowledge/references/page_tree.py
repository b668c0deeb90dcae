"""A page's tree: what of it nobody sees, where it leads, and all of its text as plain Markdown.
Nothing here recurses: pages are nested as deep as their writer likes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from harness.core.addresses import joined_address

MOST_LINKS: Final = 2000
_UNSEEN_TAGS: Final = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "head",
        "object",
        "embed",
        "canvas",
        "select",
    )
)
AROUND: Final = frozenset(("nav", "footer", "aside", "form", "button", "dialog", "menu"))
_BLOCKS: Final = frozenset(
    (
        *(
            "address",
            "article",
            "blockquote",
            "body",
            "caption",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
        ),
        *("fieldset", "figcaption", "figure", "header", "hr", "html", "main", "ol", "p", "pre"),
        *("section", "summary", "table", "tbody", "thead", "tr", "ul", "center", "li", "br"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "frameset", "noframes"),
    )
)
_HEADINGS: Final = {f"h{n}": f"{'#' * n} " for n in range(1, 7)}
_STARTS: Final = {**_HEADINGS, "li": "- ", "td": " | ", "th": " | ", "dd": "  "}
_HIDDEN: Final = re.compile(
    r"display:none|visibility:hidden|font-size:0(?:px|pt|em|;|$)|opacity:0(?:;|$)"
)
_LEADS: Final = {"a": "href", "area": "href", "frame": "src", "iframe": "src"}


def drop_unseen(root: Any) -> None:
    """Takes out what a reader of the page does not see."""
    gone = [node for node in root.iter() if not isinstance(node.tag, str) or _is_unseen(node)]
    for node in gone:
        parent = node.getparent()
        if parent is None:
            continue
        if node.tail:
            before = node.getprevious()
            if before is not None:
                before.tail = (before.tail or "") + node.tail
            else:
                parent.text = (parent.text or "") + node.tail
        parent.remove(node)


def _is_unseen(node: Any) -> bool:
    if node.tag in ("body", "html"):
        return False
    if node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return True
    style = node.get("style")
    return bool(style and _HIDDEN.search(re.sub(r"\s", "", style.lower())))


def settle_links(root: Any, source: str) -> tuple[str, ...]:
    """Whole addresses that the page leads to, in their order, of frames too; each link of the tree
    then holds such an address, or none."""
    base = source
    for node in root.iter("base"):
        base = joined_address(source, node.get("href") or "") or source
        break
    found: dict[str, None] = {}
    for node in root.iter(*_LEADS):
        whole = joined_address(base, node.attrib.pop(_LEADS[node.tag], ""))
        if whole is not None and len(found) < MOST_LINKS:
            found[whole] = None
            node.set(_LEADS[node.tag], whole)
    return tuple(found)


def frames_of(root: Any) -> tuple[str, ...]:
    """Addresses of its frames, when its links are settled."""
    return tuple(dict.fromkeys(filter(None, (n.get("src") for n in root.iter("frame", "iframe")))))


def plain_markdown(root: Any, *, without: Collection[str] = AROUND) -> str:
    """Headings, lists, code and paragraphs; `without`: elements whose text does not count."""
    return _tidy("".join(_pieces(root, _UNSEEN_TAGS.union(without))))


def _pieces(root: Any, without: frozenset[str]) -> Iterator[str]:
    pending: list[tuple[Any, bool]] = [(root, False)]
    in_code = 0
    while pending:
        node, ends = pending.pop()
        tag = node.tag if isinstance(node.tag, str) else ""
        if ends:
            in_code -= tag == "pre"
            yield "\n```\n\n" if tag == "pre" else "\n\n" if tag in _BLOCKS else ""
            yield _words(node.tail, in_code)
            continue
        if not tag or tag in without:
            yield _words(node.tail, in_code)
            continue
        yield "\n\n```\n" if tag == "pre" else "\n\n" if tag in _BLOCKS and tag != "br" else ""
        yield "\n" if tag == "br" else _STARTS.get(tag, "")
        in_code += tag == "pre"
        yield _words(node.text, in_code)
        pending.append((node, True))
        pending += [(child, False) for child in reversed(node)]


def _words(text: str | None, in_code: int) -> str:
    return text or "" if in_code else re.sub(r"\s+", " ", text or "")


def _tidy(text: str) -> str:
    lines: list[str] = []
    fenced = False
    for line in text.split("\n"):
        if line.strip() == "```":
            fenced = not fenced
        said = line.rstrip() if fenced else line.strip()
        if said or fenced or (lines and lines[-1]):
            lines.append(said)
    return re.sub(r"(?m)^- \n+(?=\S)", "- ", "\n".join(lines)).strip()
