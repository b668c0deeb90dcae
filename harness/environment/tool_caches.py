"""What tools write below node_modules, which nobody may write where tests run: it goes to /tmp."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.system.files import remove_tree

CACHES = (".cache", ".vite", ".vite-temp", ".vitest")
BESIDE = {"vitest": ("dist", "tsconfig.tmp.tsbuildinfo")}
"""Package -> a folder of it, and the file that it writes beside whichever of its modules there it
runs: vitest's check of types, what the compiler remembers."""


def writable_caches(modules: Path) -> None:
    """Links in a folder of packages that set-up installed. Blocks."""
    for name in CACHES:
        place = modules / name
        remove_tree(place)
        place.symlink_to("/tmp")
    for package, (folder, name) in BESIDE.items():
        for place in _folders(modules, package, folder):
            if not ((place / name).exists() or (place / name).is_symlink()):
                (place / name).symlink_to(f"/tmp/{name}")


def _folders(modules: Path, package: str, folder: str) -> Iterator[Path]:
    """The folder in each copy of the package, and those in it. pnpm keeps the packages in a store
    of its own, and links to it."""
    for top in (modules, *modules.glob(f".pnpm/{package}@*/node_modules")):
        place = top / package / folder
        if place.is_dir() and not (top / package).is_symlink():
            yield from (place, *(p for p in place.iterdir() if p.is_dir() and not p.is_symlink()))
