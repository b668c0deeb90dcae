"""Images of servers for tests: this machine's own programs with the loader and the libraries that
they need, laid out as the images of that name have them."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path

from tests.patience import PATIENCE_S

WITHOUT = re.compile(r"/man/|bitcode|llvmjit")  # a hundred megabytes that no test needs
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


def redis_image() -> bytes:
    """Where the official image has it."""
    server = Path("/usr/bin/redis-server").resolve()
    return _packed({"usr/local/bin/redis-server": server}, needing=[server])


def postgresql_image() -> bytes:
    program = POSTGRESQL[-1]
    version = program.parent.parent.name
    files = {}
    for top in (f"/usr/lib/postgresql/{version}", f"/usr/share/postgresql/{version}"):
        for file in Path(top).rglob("*"):
            if file.is_file() and not WITHOUT.search(str(file)):
                files[str(file).lstrip("/")] = file
    needing = [*program.parent.iterdir()]
    return _packed(files, needing=needing)


def _packed(files: dict[str, Path], *, needing: list[Path]) -> bytes:
    """With the libraries below lib/x, as `etc/ld.so.conf.d` tells, and links that lead through the
    whole image as those of images do."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as made:
        for name, file in files.items():
            made.add(file.resolve(), name, recursive=False)
        loaders = set()
        for library in sorted({one for file in needing for one in _libraries(file)}):
            place = Path(library)
            if place.name.startswith("ld-"):
                loaders.add(library)
                made.add(place.resolve(), f"opt/loader/{place.name}")
            else:
                made.add(place.resolve(), f"opt/libraries/{place.name}")
        for loader in loaders:
            _link(made, loader.lstrip("/"), f"/opt/loader/{Path(loader).name}")
        _text(made, "etc/ld.so.conf.d/own.conf", "# ours\n/opt/libraries\n/nowhere\n")
        _text(made, "home/someone/.ssh/id", "not needed")
        _link(made, "etc/out", "/etc/passwd")
    return data.getvalue()


def _libraries(file: Path) -> list[str]:
    said = subprocess.run(
        ("ldd", str(file)), check=False, capture_output=True, text=True, timeout=PATIENCE_S
    ).stdout
    return re.findall(r"(/\S+)", said)


def _link(made: tarfile.TarFile, name: str, to: str) -> None:
    link = tarfile.TarInfo(name)
    link.type, link.linkname = tarfile.SYMTYPE, to
    made.addfile(link)


def _text(made: tarfile.TarFile, name: str, text: str) -> None:
    file = tarfile.TarInfo(name)
    file.size = len(text)
    made.addfile(file, io.BytesIO(text.encode()))
