"""Makes Markdown of one page or document in a process of its own: a line of JSON that says what it
is, then its bytes, from standard input; lines of JSON to standard output, each better than the one
before, so that what ends the process costs the better one only."""

from __future__ import annotations

import io
import json
import re
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from htmldate import find_date
from lxml import html as lxml_html  # type: ignore[import-untyped]  # has no types of its own
from pypdf import PdfReader
from trafilatura import extract

from harness.knowledge.references.charsets import decode_page, load_codecs
from harness.knowledge.references.page_tree import (
    AROUND,
    drop_unseen,
    frames_of,
    plain_markdown,
    settle_links,
)
from harness.knowledge.references.plain_texts import links_in, shown, title_of
from harness.system.confining import confine

SECONDS: Final = 10
MOST_PAGES: Final = 2000
MOST_TEXT: Final = 2_000_000
HTML: Final = ("text/html", "application/xhtml+xml")
PDF: Final = "application/pdf"
ENOUGH: Final = 0.75
LEAST: Final = 0.15
"""A main text that is less than this part of the text that is no link, or less than this part of
all text, was chosen too narrowly (benchmarks/extraction.py)."""
_LEADS: Final = re.compile(r"\]\([^)\s]*\)")
_WORD: Final = re.compile(r"\w+")
SAMPLE: Final = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F1
<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>>>>>>> endobj
4 0 obj <</Length 32>> stream
BT /F1 12 Tf 1 1 Td (word) Tj ET
endstream endobj
trailer <</Root 1 0 R/Size 5>>
startxref
0
%%EOF
"""
"""One page with one word: reading it loads what reading a PDF takes."""
Answer = dict[str, Any]


def read_page(text: str, source: str) -> Iterator[Answer]:
    """A page: all of its text first, then what is its main text."""
    if not text.strip():
        return
    # a declaration of another encoding is not obeyed by a parser of text
    root = lxml_html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1))
    links = settle_links(root, source)
    frames = frames_of(root)
    title = root.findtext(".//title") or " ".join(root.xpath("string((//h1)[1])").split())
    drop_unseen(root)
    plain = plain_markdown(root) or plain_markdown(root, without=())
    listed = "\n".join(f"- {one}" for one in frames)
    plain = f"{plain}\n\n{listed}".strip() if len(plain) < 500 and frames else plain
    answer: Answer = {"title": title, "date": "", "text": plain, "links": links}
    yield answer
    unlinked = _letters(plain_markdown(root, without=(*AROUND, "a")))
    page = lxml_html.tostring(root, encoding="unicode")
    # it is told no address: what it does with one looks for lists in files and in the network
    main = extract(
        page,
        output_format="markdown",
        include_links=True,
        include_formatting=True,
        include_comments=False,
        favor_recall=True,
    )
    if main and _is_enough(_letters(main), _letters(plain), unlinked):
        answer = {**answer, "text": main}
        yield answer
    if date := find_date(page, extensive_search=False, max_date="2100-01-01"):
        yield {**answer, "date": date}


def _is_enough(main: int, whole: int, unlinked: int) -> bool:
    return main >= ENOUGH * unlinked and main >= LEAST * whole


def _letters(markdown: str) -> int:
    """How much is said, each line once, without where links lead."""
    lines = dict.fromkeys(_LEADS.sub("]", markdown).splitlines())
    return sum(len(word) for line in lines for word in _WORD.findall(line))


def read_pdf(body: bytes) -> Iterator[Answer]:
    """A PDF, as many pages as there is time for."""
    end = time.process_time() + SECONDS - 2
    reader = PdfReader(io.BytesIO(body), strict=False)
    meta = reader.metadata
    title = str(meta.title or "") if meta is not None else ""
    made = _date(str(meta.get("/CreationDate", ""))) if meta is not None else ""
    text = ""
    for number, page in enumerate(reader.pages):
        if number == MOST_PAGES or time.process_time() > end or len(text) > MOST_TEXT:
            break
        text += f"{page.extract_text()}\n\n"
    yield {"title": title, "date": made, "text": text, "links": links_in(text, "")}


def _date(said: str) -> str:
    """`D:20240302...` as a day."""
    found = re.match(r"D:(\d{4})(\d{2})(\d{2})", said)
    return "-".join(found.groups()) if found else ""


def _read(media_type: str, charset: str, source: str, body: bytes) -> Iterator[Answer]:
    if media_type == PDF:
        return read_pdf(body)
    text = decode_page(body, charset)
    if media_type in HTML:
        return read_page(text, source)
    return iter(
        [{"title": title_of(text), "date": "", "text": text, "links": links_in(text, source)}]
    )


def _said(answer: Answer) -> str:
    """With no character that nobody sees, no line that never ends."""
    title = shown(str(answer["title"])[:1000], lines=False)[:300]
    whole = {**answer, "text": shown(str(answer["text"])[:MOST_TEXT]), "title": title}
    return json.dumps(whole)


def main() -> int:
    # what is loaded late is loaded before the door closes
    sample = "<html><title>a</title><body><p>A text of some words, with <a href='/b'>a link</a>."
    for _ in (*read_page(sample, "https://example.org/"), *read_pdf(SAMPLE)):
        pass
    load_codecs()
    datetime.strptime("2024", "%Y")
    confine(seconds=SECONDS, looks=True)
    head, _, body = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(head)
    for answer in _read(asked["media_type"], asked["charset"], asked["source"], body):
        sys.stdout.write(_said(answer) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
