"""Documentation of the packages of a project's own environment, put where it can be searched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.ports.references import PackageDocs, ReferenceStore

_WORD: Final = re.compile(r"@?[A-Za-z][\w./-]{1,60}")
_SOURCE: Final = re.compile(r"(?:python|npm):(@?[^=@#]+)")
MOST_WORDS: Final = 8
MOST_KNOWN: Final = 2_000


class PackageShelf:
    """Reads a package once an environment: what is installed there does not change."""

    def __init__(self, docs: PackageDocs, store: ReferenceStore) -> None:
        self._docs = docs
        self._store = store
        self._known: dict[tuple[str, tuple[Path, ...]], str] = {}

    async def fill(self, words: str, folders: Sequence[Path]) -> tuple[str, ...]:
        """Starts of the sources of those packages that these words name."""
        if not folders:
            return ()
        names = list(dict.fromkeys(_WORD.findall(words)))[:MOST_WORDS]
        found = [await self._start(name, tuple(folders)) for name in names]
        return tuple(dict.fromkeys(start for start in found if start))

    async def belongs(self, source: str, folders: Sequence[Path]) -> bool:
        """Whether it is of a package of this environment, in the version that is there."""
        found = _SOURCE.match(source)
        if found is None or not folders:
            return False
        start = await self._start(found[1], tuple(folders))
        return bool(start) and source.startswith(start)

    async def _start(self, name: str, folders: tuple[Path, ...]) -> str:
        """ "" when no package has that name."""
        key = (name, folders)
        if key not in self._known:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            found = await self._docs.find(name, folders)
            for one in found:
                if await self._store.get(one.source) is None:
                    await self._store.put(one)
            self._known[key] = found[0].source.partition("#")[0] + "#" if found else ""
        return self._known[key]
