"""REPORT.html: the same blocks as one self-contained page, for a browser or a printer."""

from __future__ import annotations

from datetime import datetime
from html import escape

from harness.ports.words import Words
from harness.report.blocks import Block, Bullets, Code, Grid, Heading, Paragraph
from harness.report.document import build
from harness.report.facts import ReportFacts
from harness.report.weekly import build as build_weekly

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #d9dce1;
  --page: #ffffff; --code: #f4f5f7; --warn: #b54708; --good: #067647; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --soft: #9ba1a9; --line: #363a42;
  --page: #16181c; --code: #1f2228; --warn: #f79009; --good: #47cd89; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.6 system-ui, "Noto Sans", "Noto Sans KR", sans-serif; }
main { max-width: 58rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
.quiet { color: var(--soft); font-size: .92rem; }
.warning, .good { padding: .6rem .9rem; border-left: .3rem solid; font-weight: 600; }
.warning { border-color: var(--warn); } .good { border-color: var(--good); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem;
  border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 600; }
code, pre { font-family: ui-monospace, "SFMono-Regular", Menlo, monospace; font-size: .87em; }
code { background: var(--code); padding: .1em .3em; border-radius: .2em; }
details { margin: .5rem 0; border: 1px solid var(--line); border-radius: .4rem; }
summary { cursor: pointer; padding: .5rem .8rem; overflow-wrap: anywhere; }
pre { margin: 0; padding: .8rem; overflow-x: auto; background: var(--code);
  white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { main { max-width: none; padding: 0; } details { border: 0; }
  pre { white-space: pre-wrap; } }
"""


def render(facts: ReportFacts, words: Words) -> str:
    """The whole page of one run."""
    title = f"#{facts.run.issue} {facts.run.snapshot.title}"
    return page(build(facts, words), title, words)


def render_weekly(
    runs: tuple[ReportFacts, ...], since: datetime, now: datetime, words: Words
) -> str:
    """The page over many runs."""
    return page(build_weekly(runs, since, now, words), words("view.weekly"), words)


def page(blocks: tuple[Block, ...], title: str, words: Words) -> str:
    """A document that needs nothing from elsewhere and runs no script."""
    body = "\n".join(_block(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="{words("view.language")}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{_inline(block.text)}</h{block.level}>"
        case Paragraph():
            return f'<p class="{block.tone}">{_inline(block.text)}</p>'
        case Bullets():
            items = "".join(f"<li>{_inline(item)}</li>" for item in block.items)
            return f"<ul>{items}</ul>"
        case Grid():
            return _grid(block)
        case Code():
            head = f"<summary>{_inline(block.title)}</summary>"
            shown = " open" if block.shown else ""
            return f"<details{shown}>{head}<pre>{escape(block.text)}</pre></details>"


def _grid(block: Grid) -> str:
    head = "".join(f"<th>{_inline(cell)}</th>" for cell in block.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>"
        for row in block.rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def _inline(text: str) -> str:
    """Escaped; `code` between backticks is set as code when they come in pairs."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(
        f"<code>{escape(piece)}</code>" if index % 2 else escape(piece)
        for index, piece in enumerate(pieces)
    )
