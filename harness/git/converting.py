"""A tree whose attributes change line ends or encodings, in a folder and back, as git does it. The
rules are those of the tree, not of the folder, which a stranger writes; where a file would not come
back as it was committed it keeps its bytes."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from harness.system.attribute_rules import untouched
from harness.system.files import private_dir
from harness.system.git import Git

_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\teol = lf\n\tsafecrlf = false\n"
_ALWAYS = re.compile(r"i/(?:crlf|mixed)\s+w/\S*\s+attr/(?!text=auto)(?:text|-text|.*eol)[^\t]*\t")


async def converting(git: Git, rules: bytes, tree: str, folder: Path, index: Path) -> Git:
    """git over a gitdir of its own, with the objects of `git`'s and these rules. `folder` becomes
    that gitdir; `index` is a file of ours that knows `tree` afterwards."""
    await asyncio.to_thread(_make, folder, rules)
    objects = {"GIT_OBJECT_DIRECTORY": str(git.gitdir / "objects")}
    made = Git(folder, program=git.program).with_env({**git.extra, **objects})
    listing = Git(folder, index=index, program=git.program).with_env(made.extra)
    await listing.run("read-tree", tree)
    lines = await listing.names("ls-files", "-z", "--eol", "--cached")
    as_they_are = [line.split("\t", 1)[1] for line in lines if _ALWAYS.match(line)]
    if as_they_are:
        more = rules + untouched(as_they_are)
        await asyncio.to_thread((folder / "info" / "attributes").write_bytes, more)
    return made


def _make(folder: Path, rules: bytes) -> None:
    for name in ("refs", "info"):
        private_dir(folder / name)
    (folder / "HEAD").write_text("ref: refs/heads/none\n", "utf-8")
    (folder / "config").write_text(_CONFIG, "utf-8")
    (folder / "info" / "attributes").write_bytes(rules)
