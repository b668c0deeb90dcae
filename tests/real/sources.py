"""Public projects as their registries hand them out: fetched by the ordinary clients, checked by
hash, unpacked. A project that cannot be had fails the test."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from tests.parts import PARTS

FETCH_S = 150.0


@dataclass(frozen=True)
class Source:
    """One released version, as source. `sha256` is its archive's."""

    kind: Literal["python", "node"]
    name: str
    version: str
    sha256: str


def unpacked(source: Source, into: Path) -> None:
    """The release's files in the folder `into`."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive_of(source)) as archive:
        archive.extractall(folder, filter="data")
        (top,) = Path(folder).iterdir()
        shutil.copytree(top, into, dirs_exist_ok=True, symlinks=True)


def archive_of(source: Source) -> Path:
    """Kept below .parts, so that the registry is asked once on a machine."""
    suffix = "tar.gz" if source.kind == "python" else "tgz"
    kept = PARTS / "sources" / f"{source.name}-{source.version}.{suffix}"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            _fetch(source, Path(folder))
            found = Path(folder) / kept.name
            assert found.is_file(), f"{found.name} is not what came"
            found.replace(kept)
    digest = hashlib.sha256(kept.read_bytes()).hexdigest()
    assert digest == source.sha256, f"{kept} is not the release it says it is: {digest}"
    return kept


def _fetch(source: Source, folder: Path) -> None:
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:")
    npm = (npm_program(), "pack", "--silent", "--pack-destination", str(folder))
    command = (
        (*pip, "--dest", str(folder), f"{source.name}=={source.version}")
        if source.kind == "python"
        else (*npm, f"{source.name}@{source.version}")
    )
    done = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, timeout=FETCH_S
    )
    assert done.returncode == 0, f"{source.name} cannot be had: {done.stderr[-2000:]}"


def npm_program() -> str:
    found = shutil.which("npm")
    assert found is not None, "npm is missing: install Node.js 20 with npm"
    return found


def registries() -> dict[str, str]:
    """What this machine's own pip and npm use to reach their registries, for a set-up that sees
    none of their files: addresses and certificates, by environment variable."""
    found = {name: os.environ[name] for name in sorted(os.environ) if _is_certificate(name)}
    for variable, command in {
        "PIP_INDEX_URL": (sys.executable, "-m", "pip", "config", "get", "global.index-url"),
        "npm_config_registry": (npm_program(), "config", "get", "registry"),
    }.items():
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        address = os.environ.get(variable) or done.stdout.strip()
        if address.startswith(("https:", "http:")):
            found[variable] = address
    return found


def reached() -> list[str]:
    """The hosts of those registries: all that a set-up is let out to. Wherever they lie: a
    machine may have mirrors of its own."""
    indexes = [a for name, a in registries().items() if not _is_certificate(name)]
    named = [urlsplit(address).netloc.rpartition("@")[2] for address in indexes]
    return [*dict.fromkeys([*named, "pypi.org", "files.pythonhosted.org"])]


def _is_certificate(name: str) -> bool:
    return name in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
