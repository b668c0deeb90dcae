"""A real container engine for tests: Podman with a store of its own, and an image that is a
skeleton over this machine's /usr. As root only: whether rootless containers work depends on more
than we can set up here."""

from __future__ import annotations

import atexit
import functools
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from harness.sandbox.container import Container

IMAGE = "localhost/harness-skeleton:1"
FOLDERS = ("etc", "usr", "proc", "sys", "dev", "tmp", "run", "work", "root", "home/agent")
LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
ARGUMENTS = (
    *("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"),
    *("--mount", "type=bind,source=/usr,target=/usr,readonly"),
)


def container() -> Container:
    """The sandbox; the first call of a process makes its store and image (about a second)."""
    return Container(engine(), IMAGE, ARGUMENTS)


@functools.cache
def engine() -> tuple[str, ...]:
    """Podman's command. vfs: the skeleton is tiny, and it works on every file system."""
    for program in ("podman", "runc"):
        assert shutil.which(program), f"{program} is missing: run `make test-parts` as root"
    store = Path(tempfile.gettempdir(), f"harness-podman-{os.getpid()}")
    command: tuple[str, ...] = (
        "podman",
        "--root",
        str(store / "root"),
        "--runroot",
        str(store / "run"),
    )
    command += ("--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--runtime", "runc")
    subprocess.run([*command, "import", "-", IMAGE], input=skeleton(), check=True, timeout=60)
    atexit.register(_clear, command)
    return command


def plain_run(folders: Mapping[str, str]) -> tuple[str, ...]:
    """A container with nothing of ours but these folders and no network, up to its command."""
    words = [
        *engine(),
        "run",
        "--rm",
        "--timeout",
        "60",
        "--network",
        "none",
        "--workdir",
        "/work",
        *ARGUMENTS,
    ]
    for host, inside in folders.items():
        words += ["--volume", f"{host}:{inside}"]
    return (*words, IMAGE, "/bin/bash", "-c")


def skeleton() -> bytes:
    """Folders, and the links by which /bin and the like lie in /usr."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name in FOLDERS:
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(folder)
        for name in LINKS:
            if Path("/", name).is_symlink():
                link = tarfile.TarInfo(name)
                link.type, link.linkname = tarfile.SYMTYPE, str(Path("/", name).readlink())
                archive.addfile(link)
        archive.add("/etc/alternatives", "etc/alternatives")
    return data.getvalue()


def _clear(command: tuple[str, ...]) -> None:
    """Takes the store away again."""
    subprocess.run([*command, "system", "reset", "--force"], check=False, timeout=60)
    shutil.rmtree(Path(command[2]).parent, ignore_errors=True)
