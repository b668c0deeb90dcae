"""Where people's version managers keep the tools of each language, and which versions lie there.
Looks at names of folders only: nothing is run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from harness.core.base import Value
from harness.testruns.recipes.versions import parts

MISE, ASDF = "{MISE_DATA_DIR:.local/share/mise}/installs", "{ASDF_DATA_DIR:.asdf}/installs"
_ROOT = re.compile(r"\{(\w+):([^}]+)\}")
_JAVA = re.compile(r'^JAVA_VERSION="([^"]+)"', re.M)
_TARGET = re.compile(r"-(?:x86_64|aarch64|i686|armv7|arm|riscv64gc|powerpc64le|s390x)-.*$")
MOST: Final = 60  # versions of one tool


class Installed(Value):
    """One version of a tool: its program's file. `version` may be a channel ("stable"), or ""."""

    program: str
    version: str
    file: Path


class ToolKind(Value):
    """A program of a language. `places`: patterns with one `*` in the part that names the version;
    `{VARIABLE:folder}` is what that variable says, else the folder in the home. `asks`: arguments
    with which the program prints its own file, or (`root`) the folder it is installed in.
    `variable`: the environment variable that names its folder to other tools."""

    program: str
    places: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    root: bool = False
    variable: str = ""

    @property
    def language(self) -> str:
        return LANGUAGES.get(self.program, self.program)


def _managed(name: str, program: str) -> tuple[str, ...]:
    return f"{MISE}/{name}/*/bin/{program}", f"{ASDF}/{name}/*/bin/{program}"


KINDS: Final = (
    ToolKind(
        program="node",
        places=(
            "{NVM_DIR:.nvm}/versions/node/*/bin/node",
            "{VOLTA_HOME:.volta}/tools/image/node/*/bin/node",
            "{FNM_DIR:.local/share/fnm}/node-versions/*/installation/bin/node",
            "{NODENV_ROOT:.nodenv}/versions/*/bin/node",
            *_managed("node", "node"),
            f"{ASDF}/nodejs/*/bin/node",
            "/usr/local/n/versions/node/*/bin/node",
        ),
        asks=("-p", "process.execPath"),
    ),
    ToolKind(
        program="cargo",
        places=("{RUSTUP_HOME:.rustup}/toolchains/*/bin/cargo", f"{ASDF}/rust/*/bin/cargo"),
    ),
    ToolKind(
        program="go",
        places=(
            "{GOENV_ROOT:.goenv}/versions/*/bin/go",
            "{HOME:sdk}/go*/bin/go",
            "{GVM_ROOT:.gvm}/gos/go*/bin/go",
            *_managed("go", "go"),
            f"{ASDF}/golang/*/go/bin/go",
            "/usr/lib/go-*/bin/go",
        ),
        asks=("env", "GOROOT"),
        root=True,
    ),
    ToolKind(
        program="java",
        places=(
            "{SDKMAN_DIR:.sdkman}/candidates/java/*/bin/java",
            *_managed("java", "java"),
            "{HOME:.jdks}/*/bin/java",
            "/usr/lib/jvm/*/bin/java",
        ),
        variable="JAVA_HOME",
    ),
    ToolKind(
        program="mvn",
        places=("{SDKMAN_DIR:.sdkman}/candidates/maven/*/bin/mvn", *_managed("maven", "mvn")),
    ),
    ToolKind(
        program="gradle",
        places=("{SDKMAN_DIR:.sdkman}/candidates/gradle/*/bin/gradle",),
    ),
    ToolKind(
        program="ruby",
        places=(
            "{RBENV_ROOT:.rbenv}/versions/*/bin/ruby",
            "{rvm_path:.rvm}/rubies/*/bin/ruby",
            *_managed("ruby", "ruby"),
        ),
        asks=("-e", "puts RbConfig.ruby"),
    ),
    ToolKind(
        program="php",
        places=("{PHPENV_ROOT:.phpenv}/versions/*/bin/php", *_managed("php", "php")),
        asks=("-r", "echo PHP_BINARY;"),
    ),
    ToolKind(program="elixir", places=_managed("elixir", "elixir")),
    ToolKind(program="erl", places=_managed("erlang", "erl")),
    ToolKind(program="deno", places=_managed("deno", "deno")),
    ToolKind(program="bun", places=_managed("bun", "bun")),
    ToolKind(program="zig", places=_managed("zig", "zig")),
    *(ToolKind(program=name) for name in ("git", "uv", "poetry", "pdm", "hatch", "tox", "nox")),
    *(ToolKind(program=name) for name in ("pipenv", "just", "cmake", "ninja", "composer")),
    *(ToolKind(program=name) for name in ("dotnet", "pnpm", "yarn", "cargo-nextest", "gotestsum")),
)  # fmt: skip
PYTHON: Final = ToolKind(
    program="python3",
    places=(
        "{PYENV_ROOT:.pyenv}/versions/*/bin/python3",
        *_managed("python", "python3"),
        "{UV_PYTHON_INSTALL_DIR:.local/share/uv/python}/cpython-*/bin/python3",
        "{CONDA_ROOT:.conda}/envs/*/bin/python3",
        "/usr/local/bin/python3.*",
        "/usr/bin/python3.*",
    ),
)
SAID: Final = {"JAVA_HOME": "java", "GOROOT": "go"}
"""Variables in which an operator says where a tool lies."""
LANGUAGES: Final = {"python3": "python", "cargo": "rust", "mvn": "maven", "erl": "erlang"}
"""Program -> what a project calls it, where that is another name."""


def installed(kind: ToolKind, home: Path, env: Mapping[str, str]) -> tuple[Installed, ...]:
    """Every version that lies where its managers put them, the newest first. Blocks."""
    found: dict[Path, Installed] = {}
    for place in kind.places:
        root, pattern = _rooted(place, home, env)
        if not root.is_dir():
            continue
        for file in sorted(root.glob(pattern))[:MOST]:
            version = _version(file, root, pattern)
            if file.is_file() and version is not None:
                one = Installed(program=kind.program, version=version, file=file)
                found.setdefault(file.resolve(), one)
    return tuple(sorted(found.values(), key=lambda one: parts(one.version), reverse=True))


def _rooted(place: str, home: Path, env: Mapping[str, str]) -> tuple[Path, str]:
    """(folder without a pattern, the rest)."""
    match = _ROOT.match(place)
    if match is None:
        text = place
    else:
        said = env.get(match[1], "") if match[1] != "HOME" else ""
        start = Path(said) if said.startswith("/") else home / match[2]
        text = f"{start}{place[match.end() :]}"
    fixed, star, rest = text.partition("*")
    folder, _, begin = fixed.rpartition("/")
    return Path(folder or "/"), begin + star + rest


def _version(file: Path, root: Path, pattern: str) -> str | None:
    """From the part of the path that names it; None for what is no installation of a version."""
    name = file.relative_to(root).parts[
        next(n for n, p in enumerate(pattern.split("/")) if "*" in p)
    ]
    release = file.parent.parent / "release"
    if file.name == "java" and release.is_file():
        said = _JAVA.search(release.read_text("utf-8", "replace")[:4096])
        return said[1].removeprefix("1.") if said else None
    if file.name == "cargo":
        return _TARGET.sub("", name)
    if file.name.startswith("python3.") and not re.fullmatch(r"python3\.\d+", file.name):
        return None  # python3.11-config
    number = re.search(r"\d+(?:\.\d+)*", name)
    return number.group() if number else None


ROOTS: Final = tuple(
    sorted(
        {
            match[1]
            for kind in (PYTHON, *KINDS)
            for place in kind.places
            if (match := _ROOT.match(place)) and match[1] != "HOME"
        }
    )
)
"""Variables that move a manager's folder away from the home."""
