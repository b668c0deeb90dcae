"""Sources that Debian hands out as packages (libraries of Go and Rust come as source, with their
tests), and small projects of our own where no public one can be had with its tests: Java and C.

A package is taken in the version that the machine's distribution has, by apt, which checks its
signature; the text that a bug is planted in is looked for."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FETCH_S = 150.0
MAVEN = Path("/usr/share/maven-repo/org/apache/maven/plugins")


@dataclass(frozen=True)
class Package:
    """`inside`: where the project's files lie in it; `without`: tables of its manifest that name
    optional packages, which no offline lock file could hold."""

    name: str
    package: str
    inside: str
    version: str = ""
    without: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def unpack(self, into: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            _run(folder, "apt-get", "download", "--quiet", self.package)
            (archive,) = Path(folder).glob("*.deb")
            _run(folder, "dpkg-deb", "-x", archive.name, "there")
            (top,) = Path(folder, "there").glob(self.inside)
            shutil.copytree(top, into, dirs_exist_ok=True, symlinks=True)
        for path, text in self.files.items():
            if not (into / path).exists():
                (into / path).write_text(text)
        manifest = into / "Cargo.toml"
        if self.without and manifest.is_file():
            manifest.write_text(re.sub(self.without, "", manifest.read_text()))


@dataclass(frozen=True)
class Ours:
    """A project that we wrote."""

    name: str
    files: Mapping[str, str]
    version: str = "1"
    fetches: bool = False
    """Its set-up asks the indexes."""

    def unpack(self, into: Path) -> None:
        for path, text in self.files.items():
            target = into / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(filled(text))


def filled(text: str) -> str:
    """With the versions of Maven's plugins that this machine has."""
    for plugin in re.findall(r"\{(maven-\w+-plugin)\}", text):
        text = text.replace(f"{{{plugin}}}", _plugin(plugin))
    return text


def _plugin(name: str) -> str:
    """A version under which Debian's repository has a plugin."""
    found = sorted(path.name for path in (MAVEN / name).glob("*") if path.is_dir())
    assert found, f"{name} is missing: run scripts/sandbox_parts.sh"
    return found[0]


def _run(folder: str, *command: str) -> None:
    done = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, timeout=FETCH_S
    )
    assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
