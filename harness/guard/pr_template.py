"""A repository's template of a pull request, read into headings and boxes. Pure.

What it tells people to do is left out; what a box claims is known only when every word of it is:
an unknown word makes it a person's to tick.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from harness.core.house_types import (
    Meaning,
    Proof,
    PullRequestTemplate,
    TemplateBox,
    TemplateSection,
)
from harness.guard.house_rules import clean_line, template_files
from harness.guard.outgoing_text import parse
from harness.guard.visible import visible

MOST_TEXT = 16 * 1024
MOST_READ = 16 * MOST_TEXT
"""Characters, hidden ones too, that are looked through for it."""
MOST_SECTIONS = 30
MOST_BOXES = 60
MOST_LINE = 300
BOX = re.compile(r"\[[ xX]\]\s+(\S.*)")
POWER = re.compile(r"[\\`*_\[\]<>&~|$@#]|://|www\.|^[^\w]*[/+=:-]|^\d+[.)]")
"""A heading with such signs is written anew when it leaves: nothing is looked for below it."""
_MEANINGS: tuple[tuple[Meaning, str], ...] = (
    (
        "",
        r"\btypes?\b|\bbreaking\b|\bcheck ?list\b|\bscreenshots?\b|\brisks?\b|\brelease\b|체크",
    ),
    ("evidence", r"\btest(?:s|ed|ing)?\b|\bverif\w+|\bevidence\b|\bQA\b|테스트|검증"),
    ("issue", r"\bissues?\b|\btickets?\b|\brelated\b|\bfix(?:es)?\b|\bcloses?\b|이슈"),
    (
        "why",
        r"\bwhy\b|\bmotivation\b|\bcontext\b|\bbackground\b|\breasons?\b|\bproblem\b|배경|이유|목적",
    ),
    ("how", r"\bhow\b|\bimplement\w*|\bapproach\b|\bsolution\b|\bdesign\b|구현|방법"),
    (
        "what",
        r"\bwhat\b|\bdescri\w+|\bsummary\b|\bchanges?\b|\boverview\b|\bproposed\b|설명|요약|내용|변경",
    ),
)
MEANINGS = tuple((name, re.compile(pattern, re.I)) for name, pattern in _MEANINGS)
_CLAIMS: tuple[tuple[Proof, str], ...] = (
    (
        "tests_added",
        r"\b(?:add(?:ed|s)?|wrote|written|includ\w+|new|cover\w*)\b.*\btests?\b"
        r"|\btests?\b.*\b(?:added|included|written|cover\w*)\b",
    ),
    ("tests_pass", r"\btests?\b.*\b(?:pass(?:es|ed|ing)?|green)\b"),
    (
        "issue_linked",
        r"\b(?:link\w*|referenc\w+|clos\w+|fixes|mention\w*)\b.*\bissue\b"
        r"|\bissue\b.*\b(?:linked|referenced|mentioned)\b",
    ),
    (
        "disclosed",
        r"\b(?:ai|llm)\b.*\b(?:generated|assisted|used|written|created|made|tools?)\b"
        r"|\b(?:used|generated|written|created|made)\b.*\b(?:ai|llm)\b",
    ),
)
CLAIMS = tuple((name, re.compile(pattern)) for name, pattern in _CLAIMS)
_WORDS = """
a added adds add ai all an and are assisted been bug by change changes close closes code contains
cover covered covering covers created effective existing feature fix fixes for generated green has
have help i i've in included includes is issue it link linked links llm locally made mention
mentioned mentions my new of on or parts pass passed passes passing pr prove proves pull reference
referenced references regression related relevant request show shows some successfully suite test
tests that the there this to tool tools unit use used uses using was were with work works written
wrote
"""
KNOWN = frozenset(_WORDS.split())
"""Everything that a claim which code can prove is made of; a `not` is not among it."""


def read_template(files: Mapping[str, str], kind: str) -> PullRequestTemplate:
    """The one that holds for this change, of path -> text. Of several in a folder the one that is
    named for the kind of issue; none when that is not clear."""
    paths = template_files(tuple(files))
    single = [path for path in paths if "/" not in _tail(path)]
    several = [path for path in paths if path not in single]
    if not single and len(several) > 1:
        words = {"bug": ("bug", "fix"), "feature": ("feat",), "docs": ("doc",)}.get(kind, ())
        several = [path for path in several if any(w in _tail(path).lower() for w in words)][:1]
    chosen = (single or several)[:1]
    if not chosen:
        return PullRequestTemplate()
    text = visible(files[chosen[0]][:MOST_READ], MOST_TEXT).text
    return PullRequestTemplate(path=chosen[0], sections=_once(tuple(_sections(text))))


def _tail(path: str) -> str:
    """The name, with the folder of several where it is in one."""
    parts = path.split("/")
    return "/".join(parts[-2:]) if parts[-2:-1] and "template" in parts[-2].lower() else parts[-1]


def _sections(text: str) -> Iterator[TemplateSection]:
    heading, level = "", 2
    boxes: list[TemplateBox] = []
    tokens = parse(text)
    count = 0
    for place, token in enumerate(tokens):
        if token.type != "inline":
            continue
        before = tokens[place - 1]
        title = _title(before.type, token.content)
        if title:
            if heading or boxes:
                yield _section(heading, level, boxes)
            heading, boxes = title, []
            level = int(before.tag[1]) if before.type == "heading_open" else 3
        for line in token.content.split("\n"):
            found = BOX.match(line.strip())
            if found and count < MOST_BOXES:
                count += 1
                boxes.append(_box(found[1]))
    if heading or boxes:
        yield _section(heading, level, boxes)


def _title(kind: str, content: str) -> str:
    """A heading, or a paragraph that is bold and nothing else."""
    bold = re.fullmatch(r"\*\*([^*\n]{1,80}?):?\*\*:?", content.strip())
    if kind == "heading_open":
        return clean_line(content)[:MOST_LINE]
    return clean_line(bold[1]) if bold and kind == "paragraph_open" else ""


def _section(heading: str, level: int, boxes: list[TemplateBox]) -> TemplateSection:
    means: Meaning = ""
    if heading and not POWER.search(heading):
        means = next((name for name, found in MEANINGS if found.search(heading)), "")
    return TemplateSection(heading=heading, level=level, means=means, boxes=tuple(boxes))


def _once(sections: tuple[TemplateSection, ...]) -> tuple[TemplateSection, ...]:
    """Each meaning, and each heading with one, stands once."""
    seen: set[str] = set()
    out = []
    for one in sections[:MOST_SECTIONS]:
        again = one.means in seen or one.heading in seen
        out.append(one.model_copy(update={"means": ""}) if again else one)
        seen |= {one.heading, *([one.means] if one.means else [])}
    return tuple(out)


def _box(said: str) -> TemplateBox:
    text = clean_line(said)[:MOST_LINE]
    plain = re.sub(r"\bAI[- ]", "ai ", text).replace("-", " ").lower()
    words = [word.strip(".,;:!?()\"'`*_") for word in plain.split()]
    if not words or any(word and word not in KNOWN for word in words):
        return TemplateBox(text=text)
    line = " ".join(words)
    return TemplateBox(text=text, claims=tuple(name for name, pat in CLAIMS if pat.search(line)))
