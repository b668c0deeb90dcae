"""Worlds that differ from ours where no test may care. Pure."""

from __future__ import annotations

import re
from typing import Final

from harness.core.base import Value
from harness.core.types import Layout


class World(Value):
    """What differs. `env` comes over the layout's own; "" of `user`, `host` and `inside` (where the
    tree lies) is as ever. `order`: tests that are run in this order, by their ids."""

    name: str
    env: dict[str, str] = {}
    user: str = ""
    host: str = ""
    inside: str = ""
    order: tuple[str, ...] = ()

    @property
    def needs_wall(self) -> bool:
        """Only a sandbox that hides the machine can make it."""
        return bool(self.user or self.host or self.inside)

    def of(self, layout: Layout) -> Layout:
        """The same in this world."""
        made = _moved(layout, self.inside) if self.inside else layout
        return made.model_copy(
            update={
                "env": {**made.env, **self.env},
                "user": self.user or made.user,
                "host": self.host or made.host,
            }
        )


SAME: Final = World(name="same")
ZONE: Final = World(name="zone", env={"TZ": "Pacific/Chatham"})
LOCALE: Final = World(name="locale", env={"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"})
PERSON: Final = World(
    name="person",
    env={"USERNAME": "somebody", "HOSTNAME": "elsewhere"},
    user="somebody",
    host="elsewhere",
)
FOLDER: Final = World(name="folder", env={"TMPDIR": "/dev/shm"})
HASHES: Final = World(name="order", env={"PYTHONHASHSEED": "4711"})
PATH: Final = World(name="path", inside="/srv/checkout")


def together(*worlds: World) -> World:
    """All that differs in any of them; the last one's where two say it."""
    made = World(name="together")
    for world in worlds:
        given = {k: v for k, v in world.model_dump().items() if v and k != "name"}
        made = made.model_copy(update={**given, "env": {**made.env, **world.env}})
    return made


def _moved(layout: Layout, inside: str) -> Layout:
    """The tree at another place, and whatever names the old one names the new one."""
    old = re.compile(rf"(?<![\w/.-]){re.escape(layout.inside)}(?![\w.-])")

    def rename(text: str) -> str:
        return old.sub(inside, text)

    def move_binds(folders: dict[str, str]) -> dict[str, str]:
        # what is shown at its own place of this machine stays there
        return {host: at if host == at else rename(at) for host, at in folders.items()}

    return layout.model_copy(
        update={
            "inside": inside,
            "env": {name: rename(value) for name, value in layout.env.items()},
            "read_only": move_binds(layout.read_only),
            "writable": move_binds(layout.writable),
            "made": {rename(path): text for path, text in layout.made.items()},
            "first": rename(layout.first),
        }
    )
