"""Which of the host's programs a Box needs to see, and where their prefixes lie. Only a program's
own prefix is bound, or its file alone: never a home, nor a folder that holds more than the
program."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, PackagePath, distribution
from pathlib import Path

from harness.core.base import Value
from harness.core.errors import ConfigError
from harness.core.services import ServiceWish
from harness.environment.installed import KINDS, PYTHON, ROOTS, SAID, Installed, ToolKind, installed
from harness.system.files import atomic_write, remove_tree
from harness.system.locks import Lock, lock_of
from harness.system.process import own_python, run
from harness.testruns.recipes.versions import satisfies

SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
NAMED = "/opt/harness/tools"  # single files, by the name that they are called by
# folders that hold more than one program and yet are nothing but programs
WHOLE = ("/nix/store", "/home/linuxbrew/.linuxbrew", "/opt/homebrew")
PROBE_S = 20.0
PYTHON_PROBE = (
    "import sys, venv, ensurepip; print(sys.base_prefix); print(*sys.version_info[:2], sep='.')"
)
PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
RECORD = "whole.json"
PYTEST_OLDEST = (3, 11)  # below, pytest needs packages that we do not have
MAGIC = b"\x7fELF"


class Lacking(Value):
    """A tool that the project asks for in a version that is not here. `found`: what it gets
    instead, "" for nothing."""

    program: str
    wanted: str
    found: str = ""


class Toolchains(Value):
    """What of the host a Box needs: folders to bind read-only at their own paths and single files,
    the search path inside, variables that name them, and the servers that are started there from
    its programs. `chosen`: program -> its file, of those that do not lie with the system's."""

    read_only: dict[str, str] = {}
    path: tuple[str, ...] = SYSTEM
    python: tuple[int, ...] = (0, 0)
    env: dict[str, str] = {}
    chosen: dict[str, str] = {}
    lacking: tuple[Lacking, ...] = ()
    services: tuple[ServiceWish, ...] = ()


async def resolve(
    path: str,
    home: Path,
    *,
    env: Mapping[str, str] | None = None,
    wanted: Mapping[str, str] | None = None,
    folders: Sequence[Path] = (),
) -> Toolchains:
    """What the programs of this search path are, and where version managers keep those that are not
    on it. Shims (pyenv, asdf, volta, rustup) are asked for the program behind them. `wanted`: which
    versions the project asks for, by language: the newest that is so goes before the usual one.
    `folders`: what the operator shows beside. `env` is the daemon's. A Python that cannot make
    virtual environments is passed over for the one that runs harness."""
    search = _Search(path, home, env or {}, wanted or {})
    shown = _Shown(home)
    for folder in folders:
        shown.add_folder(folder)
    python, version = await search.python()
    shown.add("python3", python)
    for kind in KINDS:
        if (file := await search.find(kind)) is not None:
            shown.add(kind.program, file)
            if kind.variable and (said := shown.home_of(kind.program)):
                shown.env[kind.variable] = said
    return Toolchains(
        read_only=shown.binds,
        path=tuple(dict.fromkeys((*shown.bins, *SYSTEM))),
        python=version,
        env=shown.env,
        chosen=shown.chosen,
        lacking=tuple(search.lacking),
    )


async def versions_of(tools: Toolchains, home: Path) -> dict[str, str]:
    """Tool -> version of all that a Box shows, by the names that projects call them; "" for one
    that does not say it."""
    path = ":".join(SYSTEM)
    search = _Search(path, home, {}, {})
    files = {}
    for kind in (PYTHON, *KINDS):
        file = tools.chosen.get(kind.program) or shutil.which(kind.program, path=path)
        if file:
            files[kind] = Path(file)
    said = [search.version(kind.program, file) for kind, file in files.items()]
    return {
        kind.language: one for kind, one in zip(files, await asyncio.gather(*said), strict=True)
    }


class _Search:
    """Finds each tool once."""

    def __init__(
        self, path: str, home: Path, env: Mapping[str, str], wanted: Mapping[str, str]
    ) -> None:
        self._path, self._home, self._env, self._wanted = path, home, env, wanted
        self.lacking: list[Lacking] = []

    async def python(self) -> tuple[Path, tuple[int, ...]]:
        """(its file, version) of the project's Python, or of our own."""
        asked = self._wanted.get("python", "")
        usual = await self._probe(shutil.which("python3", path=self._path), own_python())
        text = ".".join(map(str, usual[1]))
        if not asked or satisfies(text, asked):
            return usual
        for one in await self._those_asked(PYTHON, asked):
            said = await self._probe(str(one.file))
            if said[1] != (0, 0):
                return (one.file, said[1]) if one.file.name != "python3" else said
        self.lacking.append(Lacking(program="python", wanted=asked, found=text))
        return usual

    async def _probe(self, *programs: str | None) -> tuple[Path, tuple[int, ...]]:
        for program in programs:
            if program is None:
                continue
            said = (await self._said(program, "-I", "-c", PYTHON_PROBE)).split()
            if len(said) == 2 and Path(said[0]).is_absolute():
                numbers = tuple(int(n) for n in said[1].split("."))
                return Path(said[0]) / "bin" / "python3", numbers
        return Path(own_python()).parent.parent / "bin" / "python3", (0, 0)

    async def find(self, kind: ToolKind) -> Path | None:
        """The version that is asked for where it is there, else the usual one."""
        usual = await self._usual(kind)
        asked = self._wanted.get(kind.language, "")
        if not asked:
            return usual or await self._newest(kind)
        version = await self.version(kind.program, usual) if usual else ""
        if usual and satisfies(version, asked):
            return usual
        those = await self._those_asked(kind, asked)
        if those:
            return those[0].file
        usual = usual or await self._newest(kind)
        version = version or (await self.version(kind.program, usual) if usual else "")
        self.lacking.append(Lacking(program=kind.language, wanted=asked, found=version))
        return usual

    async def version(self, program: str, file: Path) -> str:
        """What it says of itself; "" when it says nothing."""
        word = {"go": "version", "java": "-version"}.get(program, "--version")
        found = re.search(r"\d+(?:\.\d+)+", await self._said(str(file), word))
        return found.group().removeprefix("1." if program == "java" else "") if found else ""

    async def _newest(self, kind: ToolKind) -> Path | None:
        found = await asyncio.to_thread(installed, kind, self._home, self._env)
        return found[0].file if found else None

    async def _those_asked(self, kind: ToolKind, asked: str) -> list[Installed]:
        found = await asyncio.to_thread(installed, kind, self._home, self._env)
        return [one for one in found if satisfies(one.version, asked)]

    async def _usual(self, kind: ToolKind) -> Path | None:
        """What the operator's own shell would start, its real file."""
        said = [v for v, program in SAID.items() if program == kind.program and v in self._env]
        folders = [f"{self._env[v]}/bin" for v in said if self._env[v].startswith("/")]
        found = shutil.which(kind.program, path=":".join((*folders, self._path)))
        if found is None:
            return None
        behind = await asyncio.to_thread((await self._behind(kind, Path(found))).resolve)
        # a shim that leads nowhere: no toolchain of this person's is behind it
        return None if behind.name == "rustup" else behind

    async def _behind(self, kind: ToolKind, found: Path) -> Path:
        """The program behind a shim."""
        if kind.program == "cargo":
            rustup = found.with_name("rustup")
            root = Path(self._env.get("RUSTUP_HOME") or self._home / ".rustup")
            # asked where it has nothing, it makes a folder of its own in the home
            there = rustup.exists() and (root / "toolchains").is_dir()
            said = await self._said(str(rustup), "which", "cargo") if there else ""
        elif kind.asks:
            said = await self._said(str(found), *kind.asks)
        else:
            return found
        place = Path(said.strip())
        if kind.root:
            place = place / "bin" / kind.program
        return place if said.strip() and place.is_absolute() else found

    async def _said(self, *argv: str) -> str:
        """What a program prints; "" when it fails or hangs."""
        env = {"PATH": self._path, "HOME": str(self._home)}
        env.update({name: self._env[name] for name in ROOTS if name in self._env})
        done = await run(argv, cwd=Path("/"), env=env, timeout_s=PROBE_S)
        if done.exit_code != 0:
            return ""
        return (done.stdout or done.stderr).decode("utf-8", "replace")


class _Shown:
    """What of the host is bound, and where it is found inside."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.binds: dict[str, str] = {}
        self.bins: list[str] = []
        self.env: dict[str, str] = {}
        self.chosen: dict[str, str] = {}

    def add_folder(self, folder: Path) -> None:
        self.binds[str(folder)] = str(folder)
        programs = folder / "bin"
        self.bins.append(str(programs if programs.is_dir() else folder))

    def add(self, program: str, file: Path) -> None:
        """Its own prefix where it has one; a single file where it stands among other things."""
        prefix = _prefix(file, self._home)
        if prefix is not None:
            self.binds[str(prefix)] = str(prefix)
            self.bins.append(str(file.parent))
            self._add_base(prefix)
        elif _of_system(file) and _is_usual(program, file):
            return
        elif _of_system(file) and file.name == program:
            self.bins.append(str(file.parent))
        elif _is_program(file):
            self.binds[str(file)] = f"{NAMED}/{program}"
            self.bins.append(NAMED)
        else:
            return
        self.chosen[program] = str(file)

    def home_of(self, program: str) -> str:
        """The folder that its `bin` lies in, "" for one that is not shown so."""
        file = Path(self.chosen.get(program, "/"))
        return str(file.parent.parent) if str(file.parent) in self.bins else ""

    def _add_base(self, prefix: Path) -> None:
        """The Python behind a program that lies in an environment of its own."""
        base = prefix / "bin" / "python"
        if (prefix / "pyvenv.cfg").is_file() and base.exists():
            under = _prefix(base.resolve(), self._home)
            if under is not None:
                self.binds[str(under)] = str(under)


KEYS = (
    *(".ssh", ".gnupg", ".aws", ".kube", ".docker", ".config", ".netrc", ".git-credentials"),
    *("credentials.toml", "credentials", ".npmrc", ".pypirc"),
)


def shown_folder(folder: Path, home: Path, state: Sequence[Path]) -> Path:
    """A folder that the operator's setting shows, as it really lies. ConfigError for one that is
    not there, or that holds people's or harness's own files. `state`: where those lie. Blocks."""
    try:
        real = folder.expanduser().resolve(strict=True)
    except OSError:
        raise ConfigError("config.tools_missing", folder=str(folder)) from None
    closed = [home.resolve(), *(place.resolve() for place in state)]
    above = any(place == real or place.is_relative_to(real) for place in closed)
    within = any(real.is_relative_to(place) for place in closed[1:])
    keys = any((real / name).exists() or name in real.parts for name in KEYS)
    if not real.is_dir() or above or within or keys or len(real.parts) < 3:
        raise ConfigError("config.tools_closed", folder=str(folder))
    return real


def _is_usual(program: str, file: Path) -> bool:
    """Whether the system's own folders have it by that name, as a link of another name too
    (ruby -> ruby3.1)."""
    usual = shutil.which(program, path=":".join(SYSTEM))
    return usual is not None and Path(usual).resolve() == file.resolve()


def _of_system(file: Path) -> bool:
    return file.is_relative_to("/usr") or file.parent == Path("/bin")


def _is_program(file: Path) -> bool:
    """A program in one file. No script: it may hold anything, and needs what stands beside it."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _prefix(program: Path, home: Path) -> Path | None:
    """The folder to bind for a program, None when it needs none or none is safe to show."""
    for whole in WHOLE:
        if program.is_relative_to(whole):
            return Path(whole)
    if _of_system(program):
        return None
    prefix = program.parent.parent
    shared = {home, home / ".local", home / ".config", home / "go"}
    shared |= {Path("/"), Path("/opt"), Path("/home")}
    holds_home = home == prefix or home.is_relative_to(prefix)
    # ~/.cargo, ~/.bun: what a manager keeps there is more than its program, credentials too
    kept = prefix.parent == home and prefix.name.startswith(".")
    if prefix in shared or holds_home or kept or program.parent.name != "bin":
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
