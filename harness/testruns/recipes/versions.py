"""Which versions of tools a project asks for, and whether one is among them. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from harness.core.services import PORTS
from harness.testruns.detect.part import Read

ANY: Final = ("latest", "current", "node", "stable", "lts", "system", "default", "global")
CHANNELS: Final = ("stable", "beta", "nightly")
LTS: Final = {
    "argon": 4, "boron": 6, "carbon": 8, "dubnium": 10, "erbium": 12, "fermium": 14,
    "gallium": 16, "hydrogen": 18, "iron": 20, "jod": 22, "krypton": 24,
}  # fmt: skip
"""Node's long-term releases, as .nvmrc may name them."""
PROGRAMS: Final = {
    "python": "python", "nodejs": "node", "node": "node", "golang": "go", "go": "go",
    "ruby": "ruby", "java": "java", "rust": "rust", "php": "php", "elixir": "elixir",
    "erlang": "erlang", "deno": "deno", "bun": "bun", "maven": "maven", "gradle": "gradle",
    "zig": "zig",
}  # fmt: skip
"""A version manager's name -> ours."""
_STEP = re.compile(r"(>=|<=|==|!=|~=|~>|\^|~|>|<|=)?\s*v?(\d+(?:\.\d+)*)((?:\.[xX*])*)(?![\w.])")
_SPAN = re.compile(r"(\d[\d.]*)\s+-\s+(\d[\d.]*)")
Version = tuple[int, ...]
Reader = Callable[[str], dict[str, str]]


def wanted(files: Sequence[str], read: Read) -> dict[str, str]:
    """Program -> what is asked for of it: a version or its beginning ("3.11"), a range (">=3.9"),
    alternatives joined by "||". A file that names one version goes before one that gives a range.
    Only what stands at the top of the tree counts."""
    there = set(files)
    found: dict[str, str] = {}
    for name, reader in FILES:
        text = (read(name) or "") if name in there else ""
        if text:
            for program, asked in reader(text[:200_000]).items():
                if asked.strip():
                    found.setdefault(program, asked.strip()[:80])
    return found


def languages_in(wants: Mapping[str, str]) -> dict[str, str]:
    """With services, without the package managers, which a set-up brings by itself."""
    known = {*PROGRAMS.values(), *PORTS}
    return {program: asked for program, asked in wants.items() if program in known}


def satisfies(version: str, asked: str) -> bool | None:
    """Whether this version is asked for. A version said in fewer parts stands for all that begin
    so. None: what is asked cannot be read."""
    if asked.split("-")[0] in CHANNELS or version.split("-")[0] in CHANNELS:
        return version == asked if asked.split("-")[0] in CHANNELS else None
    found = parts(version)
    if asked.strip() in ("*", "x", "any"):
        return True
    judged = [_alternative(found, one) for one in asked.split("||")]
    return True if True in judged else None if None in judged else False


def parts(version: str) -> Version:
    """The numbers of a version; () when it has none."""
    match = re.search(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, match.group().split("."))) if match else ()


def _alternative(found: Version, text: str) -> bool | None:
    text = _SPAN.sub(r">=\1 <=\2", text.strip())
    steps = list(_STEP.finditer(text))
    rest = _STEP.sub("", text).strip(" ,")
    if not steps or rest or not found:
        return None
    return all(
        _holds(found, step[1] or "", tuple(map(int, step[2].split("."))), bool(step[3]))
        for step in steps
    )


def _holds(found: Version, sign: str, asked: Version, open_end: bool) -> bool:
    """`open_end`: "1.2.x"."""
    common = min(len(found), len(asked))
    have, want = found[:common], asked[:common]
    if sign in ("", "=", "=="):
        return have == want
    if sign == "!=":
        return have != want
    if sign == ">=":
        return have >= want
    if sign == "<=":
        return have <= want
    if sign == ">":
        return have > want or (have == want and len(found) > len(asked) and not open_end)
    if sign == "<":
        return have < want
    return have >= want and found[: _kept(sign, asked)] == asked[: _kept(sign, asked)]


def _kept(sign: str, asked: Version) -> int:
    """How many leading numbers `^`, `~`, `~=` and `~>` hold fast."""
    if sign == "^":
        return next((n + 1 for n, number in enumerate(asked) if number), len(asked))
    if sign == "~":
        return min(2, len(asked))
    return max(len(asked) - 1, 1)


# ---------------------------------------------------------------- files


def _lines(text: str) -> list[str]:
    return [bare for line in text.splitlines() if (bare := line.partition("#")[0].strip())]


def _only(program: str, strip: str = "") -> Reader:
    """A file of nothing but versions, one a line; `strip`: a pattern of what may stand before."""

    def reader(text: str) -> dict[str, str]:
        said = [re.sub(strip, "", line) if strip else line for line in _lines(text)[:5]]
        return {program: " || ".join(asked for one in said if (asked := _plain(program, one)))}

    return reader


def _plain(program: str, text: str) -> str:
    """One version as a manager writes it; "" for whatever is there."""
    word = text.strip().strip("\"'")
    low = word.lower()
    if program == "rust":
        return low
    if program == "node" and low.startswith("lts/"):
        name = low.removeprefix("lts/")
        return str(LTS[name]) if name in LTS else ""
    if low in ANY or low.startswith(("lts", "ref:", "path:", "system")):
        return ""
    if program == "java":
        low = re.sub(r"^\D+(?=\d)", "", low)
        low = re.sub(r"^1\.(\d)", r"\1", low)
    number = re.match(r"v?(\d+(?:\.\d+)*)", low)
    return number[1] if number else ""


def _tool_versions(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _lines(text):
        name, *versions = line.split()
        program = PROGRAMS.get(name, "")
        if program:
            said = [asked for one in versions if (asked := _plain(program, one))]
            found[program] = " || ".join(said)
    return found


def _toml(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _json(text: str) -> Mapping[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _at(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mise(text: str) -> dict[str, str]:
    tools = _at(_toml(text), "tools")
    found = {}
    for name, said in tools.items() if isinstance(tools, dict) else ():
        program = PROGRAMS.get(name, "")
        listed = said if isinstance(said, list) else [said]
        words = [str(_at(one, "version") if isinstance(one, dict) else one) for one in listed]
        if program:
            found[program] = " || ".join(a for one in words if (a := _plain(program, one)))
    return found


def _rust_toolchain(text: str) -> dict[str, str]:
    channel = _word(_at(_toml(text), "toolchain", "channel"))
    lines = _lines(text)
    return {"rust": (channel or (lines[0] if len(lines) == 1 else "")).strip().lower()}


def _go_mod(text: str) -> dict[str, str]:
    said = re.search(r"^go\s+(\d+(?:\.\d+)*)", text, re.M)
    return {"go": f">={said[1]}"} if said else {}


def _package_json(text: str) -> dict[str, str]:
    data = _json(text)
    volta = _plain("node", _word(_at(data, "volta", "node")))
    return {"node": volta or _word(_at(data, "engines", "node"))}


def _pyproject(text: str) -> dict[str, str]:
    data = _toml(text)
    asked = _word(_at(data, "project", "requires-python"))
    poetry = _word(_at(data, "tool", "poetry", "dependencies", "python"))
    return {"python": asked or poetry}


def _setup_cfg(text: str) -> dict[str, str]:
    said = re.search(r"^\s*python_requires\s*=\s*(.+)$", text, re.M)
    return {"python": said[1].partition("#")[0]} if said else {}


def _cargo(text: str) -> dict[str, str]:
    data = _toml(text)
    said = _at(data, "package", "rust-version") or _at(data, "workspace", "package", "rust-version")
    return {"rust": f">={said}"} if isinstance(said, str) else {}


def _pom(text: str) -> dict[str, str]:
    names = r"maven\.compiler\.release|maven\.compiler\.source|java\.version|release|source"
    said = re.search(rf"<({names})>\s*(?:1\.)?(\d+)\s*</\1>", text)
    return {"java": f">={said[2]}"} if said else {}


def _gradle(text: str) -> dict[str, str]:
    exact = re.search(r"JavaLanguageVersion\.of\(\s*[\"']?(\d+)", text) or re.search(
        r"jvmToolchain\(\s*(\d+)", text
    )
    if exact:
        return {"java": exact[1]}
    level = r"sourceCompatibility\s*=?\s*(?:JavaVersion\.VERSION_)?[\"']?(?:1[._])?(\d+)"
    said = re.search(level, text)
    return {"java": f">={said[1]}"} if said else {}


def _gemfile(text: str) -> dict[str, str]:
    said = re.search(r"^\s*ruby\s+[\"']([^\"']+)[\"']", text, re.M)
    return {"ruby": said[1]} if said else {}


def _composer(text: str) -> dict[str, str]:
    return {
        "php": _word(_at(_json(text), "require", "php")).replace("|", "||").replace("||||", "||")
    }


def _sdkman(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in _lines(text))
    return {
        PROGRAMS[name.strip()]: _plain(name.strip(), value)
        for name, _, value in pairs
        if name.strip() in PROGRAMS
    }


FILES: Final[tuple[tuple[str, Reader], ...]] = (
    (".python-version", _only("python", r"^(cpython|python)-?")),
    (".nvmrc", _only("node")),
    (".node-version", _only("node")),
    (".ruby-version", _only("ruby", r"^ruby-")),
    (".java-version", _only("java")),
    (".go-version", _only("go")),
    (".sdkmanrc", _sdkman),
    (".tool-versions", _tool_versions),
    ("mise.toml", _mise),
    (".mise.toml", _mise),
    ("rust-toolchain.toml", _rust_toolchain),
    ("rust-toolchain", _rust_toolchain),
    ("pyproject.toml", _pyproject),
    ("setup.cfg", _setup_cfg),
    ("package.json", _package_json),
    ("go.mod", _go_mod),
    ("Cargo.toml", _cargo),
    ("pom.xml", _pom),
    ("build.gradle.kts", _gradle),
    ("build.gradle", _gradle),
    ("Gemfile", _gemfile),
    ("composer.json", _composer),
)
"""The first that says something of a program counts."""
NAMING: Final = frozenset(name for name, _ in FILES[:12])
"""Of these, version managers' own: they name one version."""
