"""A recipe: how a project says that it is set up and tested, and where it says so. Pure data."""

from __future__ import annotations

from harness.core.base import Value
from harness.testruns.detect.part import Unsourced


class Origin(Value):
    """The place a recipe was read from; `line` counts from 1, 0 stands for the file as a whole."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class Recipe(Value):
    """One way to set a project up and to run its tests.

    `setup` and `test` are shell, run at the top of the tree; variables that they need are written
    before them ("NAME=value command", or "export NAME=value && ..."). `reporter` says how results
    are read, as the setting does. `services` are names of the setting of that name. `wants` are
    versions that the project asks for, by program ("python": "3.9", "node": "20"): a version or its
    beginning. Without a `test` it is a set-up alone.
    """

    origin: Origin
    setup: tuple[str, ...] = ()
    test: str = ""
    reporter: str = "none"
    services: tuple[str, ...] = ()
    wants: dict[str, str] = {}
    unsourced: tuple[Unsourced, ...] = ()
    """With one of them there is no set-up: the usual index would give a stranger's."""
    system: tuple[str, ...] = ()
    """Packages of the operating system that the project asks for, and set-up cannot have."""
    submodules: bool = False
    """Its files fetch the repository's submodules."""
