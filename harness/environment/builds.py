"""What a set-up compiles beside the project's own sources (the extension modules of an editable
install, what `make` links): how it is found, and how it is built again in a Box, for a tree whose
sources are others. Such a build has no network; its tools are kept from the set-up."""

from __future__ import annotations

import shlex
import shutil
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.core.errors import RefusedError
from harness.core.types import Environment
from harness.system.files import read_beneath

FOLDER = "built"
BUILT = "/opt/harness/built"
TOOLS = "$HARNESS_ENV/build"
LARGEST = 1 << 30  # of all that is kept together
MODULES = (".so", ".pyd")
NO_BACKEND = "setuptools.build_meta:__legacy__"
_ELF = b"\x7fELF"
# the backend's own way to make an editable install, without anything installed
_REBUILD = """
import importlib, os, sys, tempfile
tools = os.environ["HARNESS_ENV"] + "/build"
sys.path[0:1] = [*{path!r}, tools]
os.environ["PYTHONPATH"] = tools
os.environ["PATH"] = tools + "/bin:" + os.environ["PATH"]
place = importlib.import_module({module!r})
for name in {names!r}:
    place = getattr(place, name)
getattr(place, "build_editable", place.build_wheel)(tempfile.mkdtemp())
"""


def is_compiled(file: Path) -> bool:
    """A program or a library for this kind of machine."""
    with file.open("rb") as data:
        return data.read(len(_ELF)) == _ELF


def keep(work: Path, paths: Iterable[str], into: Path) -> tuple[str, ...]:
    """Copies these files of a tree that set-up ran in to the new folder `into`; those that were
    kept, which is all or none: a part of a build is none."""
    chosen = tuple(paths)
    if not chosen or sum((work / path).lstat().st_size for path in chosen) > LARGEST:
        return ()
    for path in chosen:
        place = into / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(work / path, place, follow_symlinks=False)
        place.chmod(0o755)
    for folder in (into, *(p for p in into.rglob("*") if p.is_dir())):
        folder.chmod(0o755)
    return chosen


def shown(made: Environment, folder: Path) -> Environment:
    """The environment with what was kept in its folder, in a place of its own."""
    if not (folder / FOLDER).is_dir():
        return made
    read_only = {**made.read_only, str(folder / FOLDER): BUILT}
    env = {**made.env, "HARNESS_BUILT": BUILT}
    return made.model_copy(update={"read_only": read_only, "env": env})


def placing(built: Sequence[str]) -> str:
    """Puts what was kept into a tree that lacks it. A copy: whoever changes the sources must be
    able to build over it."""
    lines = [
        f'test -e {name} || cp -p "$HARNESS_BUILT"/{name} {name}'
        for name in map(shlex.quote, built)
    ]
    return "; ".join(lines)


def rebuilding(tree: Path, built: Sequence[str], setup: Sequence[str]) -> str:
    """Builds the same anew where a file of it is missing. What is no module of Python's is made as
    the set-up made it."""
    missing = " && ".join(f"test -e {name}" for name in map(shlex.quote, built))
    if all(path.endswith(MODULES) for path in built) and _is_python(tree):
        make = f"python3 -c {shlex.quote(_backend_call(tree))}"
    else:
        make = " && ".join(f"{{ {command}\n}}" for command in setup)
    return f"{{ {missing}; }} || {{ {make}\n}}"


def tools_of(tree: Path) -> str:
    """The command that installs, in the set-up's Box, what a build needs; "" when it is nothing
    that we know."""
    if not _is_python(tree):
        return ""
    given = _build_system(tree).get("requires")
    wanted = [text for text in given if isinstance(text, str)] if isinstance(given, list) else []
    words = " ".join(map(shlex.quote, wanted or ["setuptools", "wheel"]))
    return (
        f'for p in "$HARNESS_ENV/venv/bin/python3" .venv/bin/python3 python3; do '
        f'"$p" -m pip --version >/dev/null 2>&1 || continue; '
        f'exec "$p" -m pip install --quiet --target "{TOOLS}" {words}; done; '
        f'exec uv pip install --quiet --target "{TOOLS}" {words}'
    )


def _is_python(tree: Path) -> bool:
    return any((tree / name).is_file() for name in ("pyproject.toml", "setup.py"))


def _backend_call(tree: Path) -> str:
    system = _build_system(tree)
    backend = system.get("build-backend")
    module, _, inner = (backend if isinstance(backend, str) else NO_BACKEND).partition(":")
    beside = system.get("backend-path")
    path = [text for text in beside if isinstance(text, str)] if isinstance(beside, list) else []
    return _REBUILD.format(path=path, module=module, names=[n for n in inner.split(".") if n])


def _build_system(tree: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(read_beneath(tree, "pyproject.toml").decode()).get("build-system")
    except (OSError, ValueError, RecursionError, RefusedError):
        return {}
    return found if isinstance(found, dict) else {}
