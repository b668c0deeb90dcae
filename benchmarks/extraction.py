"""How much of a page's own text is kept, and how much of what is kept is not its own: harness and
two others, on pages whose main text their maker marked. A recipe, no test:

    mkdir -p P/u/NAME; apt-get download NAME; dpkg-deb -x NAME*.deb P/u/NAME   # each of PAGES
    pip download --no-deps --no-binary :all: -d P lxml==4.9.2; tar -xzf P/lxml-*.tar.gz -C P/u
    git clone --bare https://github.com/scrapinghub/article-extraction-benchmark P/articles.git
    pip install readability-lxml html2text pdfminer.six      # into any environment: --others
    python -m benchmarks.extraction P --others .../site-packages

Text is compared by the words that both have; addresses of links are no words.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import io
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from lxml import html as lxml_html  # type: ignore[import-untyped]  # has no types of its own

from harness.core.reference_types import Download, Reference
from harness.knowledge.references.extracting import Extracting

Words = Counter[str]
DOCS: Final = "u/{0}/usr/share/doc/{0}"
PAGES: Final = (
    # name, folder, pages, where the main text is, what of it is not
    ("Debian handbook, Korean", f"{DOCS.format('debian-handbook')}/html/ko-KR", 6, "//body",
     ".//ul[contains(@class,'docnav')]|.//p[@id='title']|.//div[@id='banner']"),
    ("installation guide, Korean", f"{DOCS.format('installation-guide-amd64')}/ko", 8, "//body",
     ".//div[@class='navheader' or @class='navfooter']"),
    ("installation guide", f"{DOCS.format('installation-guide-amd64')}/en", 3, "//body",
     ".//div[@class='navheader' or @class='navfooter']"),
    ("git", "u/git-doc/usr/share/doc/git/html", 5, "//body", ".//div[@id='footer']"),
    ("PostgreSQL", "u/postgresql-doc-15/usr/share/doc/postgresql-doc-15/html", 6, "//body",
     ".//div[@class='navheader' or @class='navfooter']"),
    ("Requests (Sphinx)", f"{DOCS.format('python-requests-doc')}/html", 4,
     "//div[@role='main']", ""),
    ("Jinja2 (Sphinx)", f"{DOCS.format('python-jinja2-doc')}/html", 3, "//div[@role='main']", ""),
    ("SQLAlchemy (Sphinx)", f"{DOCS.format('python-sqlalchemy-doc')}/html", 4,
     "//div[@id='docs-body']|//div[@role='main']", ""),
    ("Valgrind", "u/valgrind/usr/share/doc/valgrind/html", 3, "//body", ".//table[@class='nav']"),
    ("lxml (source archive)", "u/lxml-4.9.2/doc/html", 5, "//div[@class='document']",
     ".//div[contains(@class,'sidemenu') or @class='banner']"),
)  # fmt: skip
ARTICLES: Final = 13
PDF: Final = (
    "u/installation-guide-amd64/usr/share/doc/installation-guide-amd64/ko/install.ko.pdf.gz"
)
_LEADS: Final = re.compile(r"\]\([^)\s]*\)|https?://\S+")
_WORD: Final = re.compile(r"\w+")


@dataclass
class Score:
    """Of one extractor on one kind of page."""

    own: int = 0
    kept: int = 0
    said: int = 0
    worst: float = 1.0
    seconds: float = 0.0

    def add(self, gold: Words, text: str, seconds: float) -> None:
        found = words(text)
        both = (gold & found).total()
        self.own += gold.total()
        self.kept += both
        self.said += found.total()
        self.worst = min(self.worst, both / max(1, gold.total()))
        self.seconds += seconds

    def row(self) -> str:
        kept, noise = self.kept / max(1, self.own), 1 - self.kept / max(1, self.said)
        return f"{100 * kept:.1f} % / {100 * noise:.1f} % / {100 * self.worst:.0f} %"


@dataclass
class Kind:
    """Pages of one maker, and how each extractor did."""

    name: str
    pages: int = 0
    scores: dict[str, Score] = field(default_factory=dict)


def words(text: str) -> Words:
    return Counter(_WORD.findall(_LEADS.sub("]", text).lower().replace("_", " ")))


def main_text(page: bytes, place: str, without: str) -> Words:
    root = lxml_html.document_fromstring(page)
    found: Words = Counter()
    for node in root.xpath(place)[:1]:
        marks = ".//script|.//style|.//a[@class='headerlink']"
        unseen = node.xpath(f"{marks}|{without}" if without else marks)
        for one in unseen:
            one.drop_tree()
        found += words(" ".join(node.itertext()))
    return found


def local_pages(top: Path) -> Iterator[tuple[str, str, bytes, Words]]:
    for name, folder, count, place, without in PAGES:
        files = [
            file
            for file in sorted((top / folder).rglob("*.html*"))
            if 6_000 < file.stat().st_size < 200_000 and "apidoc" not in file.parts
        ]
        assert len(files) >= count, f"{top / folder}: {len(files)} pages"
        step = len(files) // count
        for file in files[: step * count : step]:
            data = file.read_bytes()
            page = gzip.decompress(data) if file.suffix == ".gz" else data
            yield name, "https://docs.example/page.html", page, main_text(page, place, without)


def articles(repository: Path) -> Iterator[tuple[str, str, bytes, Words]]:
    def shown(path: str) -> bytes:
        argv = ["git", f"--git-dir={repository}", "show", f"HEAD:{path}"]
        return subprocess.run(argv, capture_output=True, check=True).stdout

    truth = json.loads(shown("ground-truth.json"))
    for name in sorted(truth)[:: len(truth) // ARTICLES][:ARTICLES]:
        page = gzip.decompress(shown(f"html/{name}.html.gz"))
        yield "news articles", truth[name]["url"], page, words(truth[name]["articleBody"])


def others() -> dict[str, Callable[[str], str]]:
    plain: Any = import_module("html2text")
    readable: Any = import_module("readability")

    def main_only(page: str) -> str:
        summary: str = readable.Document(page).summary()
        return whole(summary)

    def whole(page: str) -> str:
        return str(plain.html2text(page))

    return {"readability + html2text": main_only, "html2text": whole}


async def ours(extracting: Extracting, media_type: str, source: str, body: bytes) -> str:
    download = Download(source=source, media_type=media_type, body=body)
    found = await extracting.extract(download, 0.0)
    return found.text if isinstance(found, Reference) else ""


async def measure(top: Path, repository: Path) -> list[Kind]:
    extracting, kinds = Extracting(), dict[str, Kind]()
    for name, source, page, gold in (*local_pages(top), *articles(repository)):
        for kind in (kinds.setdefault(name, Kind(name)), kinds.setdefault("all", Kind("all"))):
            kind.pages += 1
        text = page.decode("utf-8", "replace")
        began = time.monotonic()
        said = {"harness": await ours(extracting, "text/html", source, page)}
        seconds = {"harness": time.monotonic() - began}
        for other, read in others().items():
            began = time.monotonic()
            said[other] = read(text)
            seconds[other] = time.monotonic() - began
        for kind in (kinds[name], kinds["all"]):
            for who, what in said.items():
                kind.scores.setdefault(who, Score()).add(gold, what, seconds[who])
    kinds["pdf"] = await a_pdf(top, extracting)
    return [*(kind for name, kind in kinds.items() if name != "all"), kinds["all"]]


async def a_pdf(top: Path, extracting: Extracting) -> Kind:
    """Against the same book as pages."""
    body = gzip.decompress((top / PDF).read_bytes())
    folder = (top / PDF).parent
    gold: Words = Counter()
    for file in sorted(folder.glob("*.html*")):
        data = file.read_bytes()
        page = gzip.decompress(data) if file.suffix == ".gz" else data
        gold += main_text(page, "//body", ".//div[@class='navheader' or @class='navfooter']")
    kind = Kind("the Korean guide as a PDF, against its pages", 1)
    read: Any = import_module("pdfminer.high_level").extract_text
    for who, text in (
        ("harness", await ours(extracting, "application/pdf", "https://docs.example/a.pdf", body)),
        ("pdfminer.six", str(read(io.BytesIO(body)))),
    ):
        score = kind.scores.setdefault(who, Score())
        score.add(gold, text, 0)
    return kind


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--others", default="", help="a site-packages folder of the others")
    given = parser.parse_args()
    sys.path.append(given.others)
    kinds = asyncio.run(measure(given.pages, given.articles or given.pages / "articles.git"))
    print("| pages | | kept / noise / worst page kept | | |\n|---|---|---|---|---|")
    for kind in kinds:
        told = [f"{who}: {score.row()}" for who, score in kind.scores.items()]
        print(f"| {kind.name} | {kind.pages} | {' | '.join(told)} |")
    for who, score in kinds[-1].scores.items():
        print(f"{who}: {score.seconds / kinds[-1].pages:.2f} s a page")
    return 0


if __name__ == "__main__":
    sys.exit(main())
