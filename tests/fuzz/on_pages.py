"""Texts that people and agents write, as they are read and written again."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.config.environ import place
from harness.config.layers import Layer, decode
from harness.config.layers import parse as read_layer
from harness.config.load import MergedSettings, Sources
from harness.core.errors import ConfigError, HarnessError, UsageError
from harness.core.types import Plan
from harness.guard.hidden import invisible
from harness.guard.outgoing_text import outgoing, plain
from harness.guard.visible import MOST_BYTES, VisibleText, visible
from harness.i18n.catalogue import Catalogue, languages
from harness.knowledge.skill_files import read_folder
from harness.knowledge.skills import Skill
from harness.report.plan_page import find_block, parse, render, tidy

ISSUE = 7
HOSTS = ("docs.example.org",)
CUT = "\n#=====\n"
"""Between an operator's and a project's settings in one input."""
WORDS = tuple(Catalogue(language) for language in languages())


def said(error: HarnessError) -> None:
    """An error is a sentence in every language, of bounded length."""
    for words in WORDS:
        sentence = words(error.key, **error.facts)
        assert sentence.strip()
        assert len(sentence) < 20_000, sentence[:200]


# ------------------------------------------------------------ settings


@cache
def _sources() -> Sources:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-config-"))
    env = {"HOME": str(folder), "ANTHROPIC_API_KEY": "x"}
    (folder / ".config" / "harness" / "projects").mkdir(parents=True)
    (folder / ".config" / "harness" / "projects" / "p.toml").touch()
    return Sources(place(env, folder))


def merged(project: str) -> MergedSettings:
    """With what the operator's file says now."""
    return _sources().load_merged("p", project)


def config(data: bytes, merge: Callable[[str], MergedSettings] = merged) -> None:
    """Settings or one ConfigError that names a file; a project only ever narrows."""
    try:
        text = decode(data, "config.toml")
    except ConfigError as error:
        said(error)
        return
    ours, _, theirs = text.partition(CUT)
    _sources().place.user_file.write_text(ours, encoding="utf-8")
    try:
        both = merge(theirs)
        alone = _sources().load_merged("p")
        layer = read_layer(theirs, "harness.toml", _sources().place.cwd)
    except ConfigError as error:
        said(error)
        return
    _narrowed(layer, alone, both)
    whole = both.settings.model_dump_json()
    assert type(both.settings).model_validate_json(whole).model_dump_json() == whole


def _narrowed(layer: Layer, alone: MergedSettings, both: MergedSettings) -> None:
    """No operator's key comes from a project; joining its value once more changes nothing."""
    before = alone.settings.model_dump(mode="json")
    after = both.settings.model_dump(mode="json")
    for key, given in layer.items():
        assert given.scope.sort != "operator", key
        if given.scope.join is None:
            continue
        old, new = before, after
        for part in key:
            old, new = old[part], new[part]
        assert given.scope.join(old, new) == new, (key, old, new)
        if given.scope.rule in ("least", "within"):
            assert not new or given.scope.join(new, old) == new, (key, old, new)


# ------------------------------------------------------------ plans and skills


def plan(data: bytes, read: Callable[[str], Plan] = parse) -> None:
    """A plan that comes back from its own page, or a refusal that names a line of the text."""
    text = data.decode("utf-8", "replace")
    block = find_block(text)
    for page in (text, block) if block is not None else (text,):
        try:
            found = read(page)
        except UsageError as error:
            _names_a_line(error, page)
            continue
        clean = tidy(found)
        assert tidy(clean) == clean
        for words in WORDS:
            assert parse(render(found, "title", words)) == clean


def _names_a_line(error: UsageError, page: str) -> None:
    said(error)
    assert error.key.startswith("report.plan_")
    if error.key != "report.plan_too_long":
        lines = page.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
        assert 1 <= int(str(error.facts["line"])) <= lines


def read_skill(data: bytes) -> Skill:
    """As a project's folder gives it."""
    folder = _skills()
    (folder / "SKILL.md").write_bytes(data)
    name = re.search(rb"(?m)^name:[ \t]*[\"']*([a-z-]+)", data)
    target = folder.parent / (name[1].decode() if name else "x")
    if target == folder or len(target.name) > 100:
        return read_folder(folder, "operator", ()).skill
    folder.rename(target)
    try:
        return read_folder(target, "operator", ()).skill
    finally:
        target.rename(folder)


@cache
def _skills() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-skill-")) / "skill"
    folder.mkdir()
    return folder


def skill(data: bytes, read: Callable[[bytes], Skill] = read_skill) -> None:
    """A skill that comes back from its own text, or one ConfigError."""
    try:
        found = read(data)
    except ConfigError as error:
        said(error)
        return
    assert 0 < len(found.name) <= 64
    assert 0 < len(found.description) <= 1024
    assert "\n" not in found.name + found.description
    description = json.dumps(found.description, ensure_ascii=False)
    page = f"---\nname: {found.name}\ndescription: {description}\n---\n{found.body}\n"
    assert read(page.encode()) == found


# ------------------------------------------------------------ what goes out, what comes in

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_WORDS = ("close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved")
_ISSUE = r"(?:(?:[\w.-]+/[\w.-]+)?#|GH-|https?://\S+/issues/)(\d+)\b"
CLOSES = re.compile(rf"\b(?:{'|'.join(_WORDS)})(?:\s*+:\s*+|\s++){_ISSUE}", re.I)
# the style may change (a NUL) in a word and before a reference, but not in a reference
_STYLED = "|".join(r"\0*".join(word) for word in _WORDS)
STYLED = re.compile(rf"\b(?:{_STYLED})(?:[\s\0]*+:[\s\0]*+|\0*\s[\s\0]*+){_ISSUE}", re.I)
OWN = re.compile(r"https://docs\.example\.org(?::443)?(?![\w@:-]|\.\w)(?:[/?#][^\s\0<]*)?", re.I)
MENTION = re.compile(r"(?<![\w`/.@-])@[A-Za-z0-9]")
ADDRESS = re.compile(
    r"(?i)\b(?:https?|ftp)://[\w\[]|\bwww\.\w|\b(?:mailto|javascript|data):[^\s\0<`]"
)


def pr_text(data: bytes, write: Callable[[str, int], str] | None = None) -> None:
    """What is written shows no image, no HTML and no foreign link, pings nobody, closes nothing
    of others and commands no bot; also when it is written twice."""
    text = data.decode("utf-8", "replace")
    make = write or (lambda given, issue: outgoing(given, issue, HOSTS))
    once = make(text, ISSUE)
    assert len(once) <= 70_000
    powerless(once)
    if len(text) < 8_000:
        powerless(make(once, ISSUE))
    line = plain(text, ISSUE)
    assert not [m for m in CLOSES.findall(line) if m != str(ISSUE)], line
    assert not re.search(r"(?<![\w/.])@[A-Za-z0-9]", line), line
    assert not re.search(r"(?m)^/", line), line


def powerless(text: str) -> None:
    """By a CommonMark parser and not by the writer's own."""
    blocks = GITHUB.parse(text)
    for token in [*blocks, *(c for b in blocks for c in (b.children or []))]:
        assert token.type not in ("image", "html_inline", "html_block"), text
        if token.type == "link_open":
            href = str(token.attrs["href"])
            own = not re.match(r"^[A-Za-z][A-Za-z0-9+.-]*:|^[/\\]{2}", href)
            assert own or OWN.match(href), text
    for block in blocks:
        # an address and a mention stand in one run of text; a closing word may change its style
        apart = _shown(block.children or [])
        assert not MENTION.search(apart), (apart, text)
        assert not ADDRESS.search(OWN.sub("", apart)), (apart, text)
        assert not [m for m in STYLED.findall(apart) if m != str(ISSUE)], (apart, text)
    assert not re.search(r"(?m)^/", text), text
    assert not [c for c in text if c != "\n" and invisible(c)], text


def _shown(children: list[Token]) -> str:
    """The words of one paragraph: a NUL where the style changes, a mark for code."""
    out = []
    for token in children:
        if token.type in ("text", "text_special"):
            out.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            out.append("\n")
        elif token.type == "code_inline":
            out.append("`code`")
        else:
            out.append("\0")
    return "".join(out)


def issue_text(data: bytes, read: Callable[[str], VisibleText] = visible) -> None:
    """Nothing is left that nobody sees, it stays within its size, and reading what was read
    changes nothing."""
    text = data.decode("utf-8", "replace")
    found = read(text)
    assert not [hex(ord(c)) for c in found.text if invisible(c)]
    assert len(found.text.encode()) <= MOST_BYTES
    assert found.removed >= 0
    again = read(found.text)
    assert again.text == found.text, (text, found.text, again.text)
