"""Where a Python project says its dependencies come from, as words for pip. What comes from a
path, a workspace, a version control system or an index of its own is never asked for by name
alone: whoever has that name on the usual index would be installed in its place. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from harness.core.base import Value
from harness.testruns.detect.manifest import (
    BUILDS,
    PLAIN,
    Manifest,
    Rules,
    extras_of,
    name_of,
    plain,
    table,
    tables,
    texts,
)
from harness.testruns.detect.part import Unsourced

PUBLIC = ("pypi.org", "pypi.python.org", "files.pythonhosted.org")
PLACES = ("workspace", "path", "file", "git", "url", "index", "source")
REVISIONS = ("rev", "tag", "branch", "ref")
_ROOT = re.compile(r"file:/*(?:\$\{PROJECT_ROOT\}|\{root:uri\})|\{root:uri\}|file:(?=\.{1,2}/)")
_SCP = re.compile(r"(?:([\w.-]+)@)?([\w.-]+):(?!/)(.+)")

Words = tuple[str, ...]


class Located(Value):
    """`words`: what pip is told beside the project itself, each with its option. `unsourced`: what
    cannot be had from where it comes from; with one of them nothing may be installed."""

    words: tuple[Words, ...] = ()
    unsourced: tuple[Unsourced, ...] = ()


def locate(top: Manifest, lines: Sequence[str], others: Iterable[str] = ()) -> Located:
    """What pip is told for these requirement lines, and for what the project and the packages of
    its tree need. `others`: names that are asked for elsewhere, in requirement files."""
    search = _Search(top)
    index = _default_index(top)
    if isinstance(index, Unsourced):
        return Located(unsourced=(index,))
    search.follow(top, [*map(name_of, lines), *others])
    own = [search.line(line) for line in lines]
    built = texts(table(top.toml, "build-system").get("requires"))
    lost = [search.build(name) for name in map(name_of, built)]
    words = [("--index-url", index)] if index else []
    return Located(
        words=tuple(dict.fromkeys([*words, *search.words, *(one for one in own if one)])),
        unsourced=tuple(dict.fromkeys([*search.unsourced, *(one for one in lost if one)])),
    )


class _Search:
    """Everything that is reached from one project."""

    def __init__(self, top: Manifest) -> None:
        self.top = top
        self.words: list[Words] = []
        self.unsourced: list[Unsourced] = []
        self._located: set[str] = set()
        self._seen: set[str] = set()

    def follow(self, at: Manifest, asked: Sequence[str]) -> None:
        """`asked`: names beside those that the project itself needs."""
        if at.folder in self._seen:
            return
        self._seen.add(at.folder)
        rules, needs = at.rules(), at.needs()
        names = set(rules) if needs is None else {*map(name_of, needs), *asked}
        covered = {plain(name) for name in at.told_to_pip}
        for name in sorted(names & set(rules)):
            by, rule = rules[name]
            found = _place(by, name, rule)
            if isinstance(found, Unsourced):
                self.unsourced.append(found)
            elif found is not None and name not in self._located:
                self._located.add(name)
                self._take(at, found, told=name not in covered)

    def _take(self, at: Manifest, found: str | Words, *, told: bool) -> None:
        """A folder or file of the tree, or words; `told`: pip does not know it by itself."""
        if isinstance(found, tuple):
            self.words += [found] if told else []
            return
        folder, _, extras = found.partition("[")
        if told and folder != self.top.folder:
            below = posixpath.relpath(folder or ".", self.top.folder or ".")
            path = below if below.startswith(".") else f"./{below}"
            path += f"[{extras}" if extras else ""
            self.words.append((path,) if folder in self.top.files else ("-e", path))
        if folder not in self.top.files:
            self.follow(at.at(folder), ())

    def line(self, line: str) -> Words | None:
        """A requirement that is asked for by its name, or says itself where it is; None: it is
        among what was located."""
        editable = re.sub(r"^\s*(?:-e|--editable)[\s=]+", "", line)
        address = editable.partition("@")[2].strip() if " @ " in editable else editable.strip()
        local = _ROOT.match(address)
        if local is None and editable == line:
            return None if name_of(line) in self._located else (line,)
        if local is None and re.match(r"\w+\+\w+:", address):
            return ("-e", editable)
        self._local(editable, address[local.end() :] if local is not None else address)
        return None

    def _local(self, line: str, address: str) -> None:
        path, _, egg = address.partition(";")[0].partition("#egg=")
        path = path.strip().lstrip("/")
        found = _folder(self.top, name_of(egg) or name_of(line) or path, path, {})
        if isinstance(found, Unsourced):
            self.unsourced.append(found)
        else:
            self._take(self.top, found, told=True)

    def build(self, name: str) -> Unsourced | None:
        """pip builds in a place of its own, where nothing of the tree can be asked for."""
        by, rule = self.top.rules().get(name, (self.top, None))
        found = _place(by, name, rule) if rule is not None else None
        return (
            found
            if isinstance(found, Unsourced) or found is None
            else Unsourced(name=name, source="build-system.requires")
        )


def _place(by: Manifest, name: str, rule: Any) -> str | Words | Unsourced | None:
    """A path in the tree, words for pip, or None for the usual index."""
    if isinstance(rule, list):
        sourced = [one for one in rule if isinstance(one, dict) and set(one) - PLAIN]
        if not sourced:
            return None
        if len(rule) > 1:
            return Unsourced(name=name, source="[" + ", ".join(map(_shown, sourced)) + "]")
        rule = rule[0]
    if not isinstance(rule, dict):
        return None
    said = {key: value for key, value in rule.items() if key not in PLAIN}
    kinds = [key for key in PLACES if key in said]
    beside = set(said) - {*kinds, *REVISIONS, "subdirectory"}
    if len(kinds) != 1 or beside:
        return Unsourced(name=name, source=_shown(said))
    return _KINDS[kinds[0]](by, name, rule) if said else None


def _workspace(by: Manifest, name: str, rule: Rules) -> str | Unsourced | None:
    if rule["workspace"] is False:
        return None
    folder = by.root.member(name)
    return Unsourced(name=name, source="workspace") if folder is None else folder + extras_of(rule)


def _path(by: Manifest, name: str, rule: Rules) -> str | Words | Unsourced:
    told = rule.get("path", rule.get("file"))
    if isinstance(told, str) and "://" in told and not told.startswith("file:"):
        return (f"{name}{extras_of(rule)} @ {told}",)
    return _folder(by, name, told, rule)


def _folder(by: Manifest, name: str, told: Any, rule: Rules) -> str | Unsourced:
    """A path of the tree with its extras; nothing beyond the tree can be installed."""
    text = _ROOT.sub("", told).lstrip("/") if isinstance(told, str) and _ROOT.match(told) else told
    lost = Unsourced(name=name, source=str(told))
    if not isinstance(text, str) or not text or text.startswith(("/", "~", "file:", "-")):
        return lost
    path = posixpath.normpath(posixpath.join(by.folder, text.partition("[")[0]))
    path = "" if path == "." else path
    below = posixpath.join(path, str(rule["subdirectory"])) if "subdirectory" in rule else path
    there = below in by.files or any(posixpath.join(below, n) in by.files for n in BUILDS)
    return below + extras_of(rule) if there and not below.startswith("../") else lost


def _git(_by: Manifest, name: str, rule: Rules) -> Words | Unsourced:
    url = rule["git"]
    revisions = [rule[key] for key in REVISIONS if key in rule]
    if not isinstance(url, str) or len(revisions) > 1 or not all(map(_word, (url, *revisions))):
        return Unsourced(name=name, source=_shown(rule))
    scp = _SCP.fullmatch(url)
    if scp is not None and "://" not in url:
        url = f"ssh://{scp[1] or 'git'}@{scp[2]}/{scp[3]}"
    url = url if url.startswith("git+") else f"git+{url}"
    at = f"@{revisions[0]}" if revisions else ""
    below = f"#subdirectory={rule['subdirectory']}" if "subdirectory" in rule else ""
    return (f"{name}{extras_of(rule)} @ {url}{at}{below}",)


def _url(_by: Manifest, name: str, rule: Rules) -> Words | Unsourced:
    url = rule["url"]
    if not isinstance(url, str) or "://" not in url or not _word(url):
        return Unsourced(name=name, source=_shown(rule))
    below = f"#subdirectory={rule['subdirectory']}" if "subdirectory" in rule else ""
    return (f"{name}{extras_of(rule)} @ {url}{below}",)


def _index(by: Manifest, name: str, rule: Rules) -> Unsourced | None:
    """pip cannot be told an index for one package: it takes the highest version of all."""
    told = str(rule.get("index", rule.get("source")))
    urls = {
        str(one.get("name")): str(one.get("url", ""))
        for table in (by.root.uv.get("index"), by.uv.get("index"), by.poetry.get("source"))
        for one in tables(table)
    } | {str(one.get("name")): str(one.get("url", "")) for one in tables(by.pipfile.get("source"))}
    url = urls.get(told) or (told if "://" in told else "")
    public = _is_public(url) if url else told.lower() == "pypi"
    return None if public else Unsourced(name=name, source=url or told)


_KINDS = {
    "workspace": _workspace,
    "path": _path,
    "file": _path,
    "git": _git,
    "url": _url,
    "index": _index,
    "source": _index,
}


def _default_index(at: Manifest) -> str | Unsourced:
    """The index that stands in the place of the usual one; "" for that one. Several beside each
    other cannot be told to pip: it takes the highest version of all."""
    found = [*_indexes_of_uv(at.root.uv), *_indexes_of_uv(at.uv)]
    for one in tables(at.poetry.get("source")):
        if str(one.get("priority", "primary")).lower() in ("primary", "default"):
            found.append(str(one.get("url", "")))
    found += [str(one.get("url", "")) for one in tables(at.pdm.get("source"))]
    found += [str(one.get("url", "")) for one in tables(at.pipfile.get("source"))[:1]]
    own = sorted({url for url in found if url and not _is_public(url)})
    if len(own) == 1 and _word(own[0]) and not _beside(at):
        return own[0]
    return Unsourced(name="*", source=", ".join(own)) if own else ""


def _indexes_of_uv(uv: Rules) -> Iterator[str]:
    for one in tables(uv.get("index")):
        if not one.get("explicit"):
            yield str(one.get("url", ""))
    yield str(uv.get("index-url", ""))
    yield from texts(uv.get("extra-index-url"))


def _beside(at: Manifest) -> bool:
    """Whether the usual index counts too."""
    uv = [one for table in (at.root.uv, at.uv) for one in tables(table.get("index"))]
    more = any(texts(table.get("extra-index-url")) for table in (at.root.uv, at.uv))
    pdm = [one for one in tables(at.pdm.get("source")) if one.get("name") != "pypi"]
    return more or bool(pdm) or any(not (o.get("default") or o.get("explicit")) for o in uv)


def _is_public(url: str) -> bool:
    return (urlsplit(url).hostname or "") in PUBLIC


def _word(text: Any) -> bool:
    return isinstance(text, str) and re.fullmatch(r"[!-~]+", text) is not None


def _shown(rule: Rules) -> str:
    return ", ".join(f"{key} = {value}" for key, value in rule.items())[:200]
