"""Boxes without a wall, by a person's explicit choice: the same runner on the host itself. Limits
hold where the machine lets us set them; nothing is hidden, and the network is open."""

from __future__ import annotations

import tempfile
from pathlib import Path

import harness
from harness.core.types import BoxLimits, Layout
from harness.sandbox.box import PipeBox, runner_command
from harness.system.process import own_python

_ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
}


class BareSandbox:
    """Sandbox of nothing. Paths inside are the real ones: where a layout or its environment
    names a path inside, the real one takes its place."""

    @property
    def name(self) -> str:
        return "bare"

    async def check(self) -> None:
        """Nothing is needed."""

    async def open(self, layout: Layout, limits: BoxLimits) -> PipeBox:
        home = Path(tempfile.mkdtemp(prefix="harness-home-"))
        tree = str(layout.tree.resolve())
        real = {layout.inside: tree}
        for host, inside in {**layout.read_only, **layout.writable}.items():
            real[inside] = host
        given = {key: _map_path(value, real) for key, value in layout.env.items()}
        env = {**_ENV, "HOME": str(home), **given}
        linked = _link(layout, tree)
        bare = layout.model_copy(update={"inside": tree, "env": env})
        command = runner_command(own_python(), str(Path(harness.__file__).parent.parent))
        return await PipeBox.launch(command, bare, limits, contained=False, litter=(home, *linked))


def _map_path(value: str, real: dict[str, str]) -> str:
    """Each part of a search path with its real place; the longest name that fits counts."""
    parts = []
    for part in value.split(":"):
        for inside in sorted(real, key=len, reverse=True):
            if part == inside or part.startswith(f"{inside}/"):
                part = real[inside] + part[len(inside) :]
                break
        parts.append(part)
    return ":".join(parts)


def _link(layout: Layout, tree: str) -> list[Path]:
    """Where bubblewrap would mount a folder into the tree (node_modules): a folder of links. A
    folder, because ignore rules that end in a slash do not cover a link. The folders made."""
    made = []
    for host, inside in layout.read_only.items():
        if inside.startswith(f"{layout.inside}/"):
            target = Path(tree + inside[len(layout.inside) :])
            if not target.exists() and Path(host).is_dir():
                target.mkdir(parents=True)
                made.append(target)
                for entry in Path(host).iterdir():
                    (target / entry.name).symlink_to(entry)
    return made
