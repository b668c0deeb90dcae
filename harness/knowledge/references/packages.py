"""Documentation of packages as they are installed in a project's own environment: exact in version,
without a network. Read as files that strangers wrote: nothing is imported, no link is followed."""

from __future__ import annotations

import asyncio
import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath
from typing import Final

from harness.core.base import Json
from harness.core.errors import RefusedError
from harness.core.reference_types import Reference
from harness.knowledge.references.npm_docs import declared_docs
from harness.knowledge.references.page_files import digest
from harness.knowledge.references.plain_texts import links_in, shown, title_of
from harness.knowledge.references.python_docs import module_docs
from harness.system.files import read_beneath, walk

MOST_FILES: Final = 800
MOST_FILE: Final = 1 << 20
MOST_TEXT: Final = 8 << 20
MOST_LISTED: Final = 4 << 20
_DIST: Final = re.compile(r"(.+)-([^-]+)\.(?:dist-info|egg-info)")
_NAME: Final = re.compile(r"(?:@[a-z0-9][\w.~-]*/)?[A-Za-z0-9][\w.~-]*", re.ASCII)
_VERSION: Final = re.compile(r"[\w.!+~-]{1,100}", re.ASCII)
_TESTS: Final = frozenset(("tests", "test", "testing", "_vendor", "vendor", "__pycache__"))
_PROSE: Final = (".md", ".rst", ".txt", ".markdown")
_LISTS: Final = ("top_level.txt", "entry_points.txt", "requirements.txt", "sources.txt")


class InstalledDocs:
    """By the name of the distribution, of a module that it brings, or of a package of npm."""

    async def find(self, name: str, folders: Sequence[Path]) -> tuple[Reference, ...]:
        return await asyncio.to_thread(_find, name, folders)


def _find(name: str, folders: Sequence[Path]) -> tuple[Reference, ...]:
    if not _NAME.fullmatch(name) or len(name) > 100:
        return ()
    for folder in folders:
        read = _npm if folder.name == "node_modules" else _python
        if found := tuple(_bounded(read(name, folder))):
            return found
    return ()


def _bounded(found: Iterable[Reference]) -> Iterator[Reference]:
    left = MOST_TEXT
    for one in found:
        left -= len(one.text)
        if left < 0:
            return
        yield one


# ------------------------------------------------------------ Python


def _python(name: str, folder: Path) -> Iterator[Reference]:
    info = _dist_info(name, folder)
    if info is None:
        return
    meta = HeaderParser().parsestr(_text(folder, f"{info}/METADATA") or "")
    own, version = str(meta["Name"] or ""), str(meta["Version"] or "")
    if not _NAME.fullmatch(own) or not _VERSION.fullmatch(version):
        return
    start, at = f"python:{own}=={version}#", _time(folder / info)
    about = str(meta.get_payload() or meta["Description"] or "")
    summary = " ".join(str(meta["Summary"] or "").split())[:200]
    title = f"{own} {version}: {summary}" if summary else f"{own} {version}"
    yield from _made(f"{start}README", title, f"{summary}\n\n{about}", at)
    for path in _recorded(folder, info):
        pure = PurePosixPath(path)
        if pure.suffix in (".py", ".pyi"):
            module = ".".join(pure.with_suffix("").parts).removesuffix(".__init__")
            text = module_docs(_text(folder, path) or "", module)
            yield from _made(f"{start}{module}", f"{module} ({own} {version})", text, at)
        else:
            text = _text(folder, path) or ""
            yield from _made(f"{start}{path}", title_of(text) or pure.name, text, at)


def _dist_info(name: str, folder: Path) -> str | None:
    """Its folder's name, by the name of the distribution, else of a module of it."""
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return None
    dists = {_usual(found[1]): one for one in names if (found := _DIST.fullmatch(one))}
    if _usual(name) in dists:
        return dists[_usual(name)]
    if name in names or f"{name}.py" in names:
        for one in dists.values():
            record = _text(folder, f"{one}/RECORD", MOST_LISTED) or ""
            if re.search(rf"(?m)^{re.escape(name)}(?:/|\.py,)", record):
                return one
    return None


def _recorded(folder: Path, info: str) -> Iterator[str]:
    """Files of it that may hold documentation; a module once, its source before its stub."""
    rows = csv.reader((_text(folder, f"{info}/RECORD", MOST_LISTED) or "").splitlines())
    paths = sorted(row[0] for row in rows if row)
    sources = {path for path in paths if path.endswith(".py")}
    chosen = (
        path
        for path in paths
        if not _TESTS.intersection(parts := PurePosixPath(path).parts)
        and not parts[0].endswith((".dist-info", ".data"))
        and parts[-1].lower() not in _LISTS
        and (
            path.endswith((".py", *_PROSE))
            or (path.endswith(".pyi") and path.removesuffix("i") not in sources)
        )
    )
    for path, _ in zip(chosen, range(MOST_FILES), strict=False):
        yield path


def _usual(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# ------------------------------------------------------------ npm


def _npm(name: str, folder: Path) -> Iterator[Reference]:
    top = _package_folder(name, folder)
    said = _json(_text(top, "package.json")) if top is not None else None
    if top is None or not isinstance(said, dict):
        return
    own, version = str(said.get("name", "")), str(said.get("version", ""))
    if own != name or not _VERSION.fullmatch(version):
        return
    start, at = f"npm:{own}@{version}#", _time(top)
    for path in _npm_files(top):
        text = _text(top, path) or ""
        if path.endswith(_PROSE):
            title = f"{title_of(text) or path} ({own} {version})"
            yield from _made(f"{start}{path}", title, text, at)
        else:
            made = declared_docs(text, path)
            yield from _made(f"{start}{path}", f"{path} ({own} {version})", made, at)


def _package_folder(name: str, folder: Path) -> Path | None:
    """A link is followed where it stays inside: package managers link into a store of theirs."""
    try:
        root, found = folder.resolve(strict=True), (folder / name).resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return found if found.is_relative_to(root) and found.is_dir() else None


def _npm_files(top: Path) -> Iterator[str]:
    """The shallow ones first."""
    found: list[str] = []
    for here, folders, names in walk(top):
        folders[:] = [n for n in folders if n not in ("node_modules", *_TESTS) and n[0] != "."]
        found += [
            (here / name).relative_to(top).as_posix()
            for name in names
            if name.endswith((".d.ts", ".d.mts", ".d.cts", *_PROSE))
            and "license" not in name.lower()
        ]
        if len(found) > 10 * MOST_FILES:
            break
    yield from sorted(found, key=lambda path: (path.count("/"), path))[:MOST_FILES]


# ------------------------------------------------------------ both


def _made(source: str, title: str, text: str, at: float) -> Iterator[Reference]:
    said = shown(text)
    if said:
        yield Reference(
            source=source,
            kind="package",
            title=shown(title, lines=False)[:300],
            text=said,
            sha256=digest(said),
            fetched_at=at,
            checked_at=at,
            links=links_in(said, ""),
        )


def _text(root: Path, path: str, most: int = MOST_FILE) -> str | None:
    """None for what is not there, is no regular file, or is too large."""
    try:
        data = read_beneath(root, path, limit=most + 1)
    except (OSError, RefusedError):
        return None
    return data.decode("utf-8", "replace") if len(data) <= most else None


def _json(text: str | None) -> Json:
    try:
        said: Json = json.loads(text or "null")
    except (ValueError, RecursionError):
        return None
    return said


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
