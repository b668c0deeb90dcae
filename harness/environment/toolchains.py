"""Which of the host's programs a Box needs to see, and where their prefixes lie. Only a program's
own prefix is bound: never a home, nor a folder that holds more than the program."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, PackagePath, distribution
from pathlib import Path

from harness.core.base import Value
from harness.core.services import ServiceWish
from harness.system.files import atomic_write, remove_tree
from harness.system.locks import Lock, lock_of
from harness.system.process import own_python, run

SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
PROGRAMS = ("node", "git")  # npm stands beside its node
# folders that hold more than one program and yet are nothing but programs
WHOLE = ("/nix/store", "/home/linuxbrew/.linuxbrew", "/opt/homebrew")
PROBE_S = 20.0
PYTHON_PROBE = (
    "import sys, venv, ensurepip; print(sys.base_prefix); print(*sys.version_info[:2], sep='.')"
)
PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
RECORD = "whole.json"
PYTEST_OLDEST = (3, 11)  # below, pytest needs packages that we do not have


class Toolchains(Value):
    """What of the host a Box needs: folders to bind read-only at their own paths, the search path
    inside, and the servers that are started there from its programs."""

    read_only: dict[str, str] = {}
    path: tuple[str, ...] = SYSTEM
    python: tuple[int, ...] = (0, 0)
    services: tuple[ServiceWish, ...] = ()


async def resolve(path: str, home: Path) -> Toolchains:
    """What `python3`, `node` and `git` of this search path are. Shims (pyenv, asdf, volta)
    are asked for the program behind them. A Python that cannot make virtual environments is
    passed over for the one that runs harness."""
    bins: list[str] = []
    binds: dict[str, str] = {}
    prefix, version = await _python(path, home)
    found = [prefix / "bin" / "python3"]
    for program in PROGRAMS:
        if real := await _real(program, path, home):
            found.append(real)
    for program_file in found:
        folder = _prefix(program_file, home)
        if folder is not None:
            binds[str(folder)] = str(folder)
            bins.append(str(program_file.parent))
    return Toolchains(
        read_only=binds, path=tuple(dict.fromkeys((*bins, *SYSTEM))), python=tuple(version)
    )


async def _python(path: str, home: Path) -> tuple[Path, tuple[int, ...]]:
    """(base prefix, version) of the project's Python, or of our own."""
    for program in (shutil.which("python3", path=path), own_python()):
        if program is None:
            continue
        said = (await _output_of((program, "-I", "-c", PYTHON_PROBE), path, home)).split()
        if len(said) == 2 and Path(said[0]).is_absolute():
            return Path(said[0]), tuple(int(n) for n in said[1].split("."))
    return Path(own_python()).parent.parent, (0, 0)


async def _real(program: str, path: str, home: Path) -> Path | None:
    found = shutil.which(program, path=path)
    if found is None:
        return None
    if program == "node":
        said = (await _output_of((found, "-p", "process.execPath"), path, home)).strip()
        if Path(said).is_absolute():
            found = said
    return await asyncio.to_thread(Path(found).resolve)


async def _output_of(argv: Sequence[str], path: str, home: Path) -> str:
    """What a program prints; "" when it fails or hangs."""
    env = {"PATH": path, "HOME": str(home)}
    done = await run(argv, cwd=Path("/"), env=env, timeout_s=PROBE_S)
    return done.stdout.decode("utf-8", "replace") if done.exit_code == 0 else ""


def _prefix(program: Path, home: Path) -> Path | None:
    """The folder to bind for a program, None when it needs none or none is safe to show."""
    for whole in WHOLE:
        if program.is_relative_to(whole):
            return Path(whole)
    if program.is_relative_to("/usr") or program.parent == Path("/bin"):
        return None
    prefix = program.parent.parent
    shared = {home, home / ".local", home / ".config", Path("/"), Path("/opt"), Path("/home")}
    holds_home = home == prefix or home.is_relative_to(prefix)
    if prefix in shared or holds_home or program.parent.name != "bin":
        return None
    return prefix


async def share_pytest(folder: Path) -> bool:
    """`copy_pytest`, by one process at a time."""
    async with Lock(lock_of(folder)):
        return await asyncio.to_thread(copy_pytest, folder)


def copy_pytest(folder: Path) -> bool:
    """Puts the pytest that harness itself depends on into `folder`, for projects that need
    nothing else. What is there already and not whole is replaced. Blocks. False when it is not
    whole here."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if _whole(folder):
        return True
    files = _own_pytest()
    if not files:
        return False
    part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        _fill(part, files)
        # a Box that looks at what was there goes on with what it has of it
        if os.path.lexists(folder):
            folder.rename(part.with_name(f"{part.name}.old"))
        part.rename(folder)
    finally:
        remove_tree(part)
        remove_tree(part.with_name(f"{part.name}.old"))
    return True


def _own_pytest() -> dict[PackagePath, Path]:
    """The files of our own pytest and where they are; {} when one is missing."""
    try:
        listed = [file for name in PYTEST for file in distribution(name).files or ()]
    except PackageNotFoundError:
        return {}
    found = {file: Path(str(file.locate())) for file in listed if ".." not in file.parts}
    there = {file: place for file, place in found.items() if place.is_file()}
    # bytecode may be listed and not made
    return there if all(file.suffix == ".pyc" for file in found.keys() - there) else {}


def _fill(part: Path, files: Mapping[PackagePath, Path]) -> None:
    for file, place in files.items():
        (part / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(place, part / file)  # bytecode goes by the time
    (part / "bin").mkdir(parents=True, exist_ok=True)
    (part / "bin" / "pytest").write_text(
        '#!/bin/sh\nexec python3 -m pytest "$@"\n', encoding="utf-8"
    )
    (part / "bin" / "pytest").chmod(0o755)
    part.chmod(0o755)
    sizes = {
        file.relative_to(part).as_posix(): file.stat().st_size
        for file in part.rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    atomic_write(part / RECORD, json.dumps(sizes))


def _whole(folder: Path) -> bool:
    """Whether everything that its record names is there in its size."""
    try:
        sizes = json.loads((folder / RECORD).read_bytes())
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False
