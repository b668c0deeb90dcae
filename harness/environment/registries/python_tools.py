"""pip's and uv's own settings on this machine."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from harness.environment.registries.found import Findings, address
from harness.environment.registries.lines import ini, line_of
from harness.environment.registries.machine import Gathering, Machine
from harness.testruns.recipes.recipe import Origin

PYTHON: Final = "python"
LISTS: Final = ("index-url", "extra-index-url", "find-links")
_UV_KEYS: Final = ("index-url", "extra-index-url", "default-index", "index", "find-links")


class Said(NamedTuple):
    """`file`: None when the environment says it."""

    value: str
    origin: Origin
    file: Path | None


def pip(machine: Machine) -> Findings:
    """As `pip install` would see it: [install] before [global], the user's file before the
    machine's, a variable before both. Logins stay in the file they are in."""
    said = _pip_said(machine)
    made = Gathering(machine)
    files = [file for key in LISTS if key in said and (file := _carry(made, key, said[key]))]
    for file in dict.fromkeys(files[:1]):
        made.file(file, login=True, variable="PIP_CONFIG_FILE")
    for file in dict.fromkeys(file for file in files if file != files[0]):
        made.refuse("second_file", Origin(path=str(file)), name="PIP_CONFIG_FILE")
    for key in ("cert", "client-cert"):
        if key in said:
            made.certificate(_variable(key), said[key].value, said[key].origin)
    _carry_switches(made, said)
    if "proxy" in said:
        made.refuse("proxy", said["proxy"].origin)
    return made.found


def _carry(made: Gathering, key: str, said: Said) -> Path | None:
    """One list of addresses, by a variable; the file that it must stay in for its login."""
    addresses = said.value.split()
    stands_in = PYTHON if key == "index-url" else ""
    logins = [made.index(one, said.origin, ecosystem=stands_in) for one in addresses]
    if any(logins) and said.file is not None:
        return said.file
    made.variable(_variable(key), " ".join(addresses), said.origin)
    return None


def _carry_switches(made: Gathering, said: dict[str, Said]) -> None:
    off, trusted = said.get("no-index"), said.get("trusted-host")
    if off is not None and off.value.lower() in ("1", "true", "yes", "on"):
        made.variable("PIP_NO_INDEX", "1", off.origin)
        made.add(replaced=frozenset((PYTHON,)))
    if trusted is not None:
        hosts = {host.name.partition(":")[0] for host in made.found.hosts}
        known = [one for one in trusted.value.split() if one.partition(":")[0] in hosts]
        if known:
            made.variable("PIP_TRUSTED_HOST", " ".join(known), trusted.origin)


def _variable(key: str) -> str:
    return f"PIP_{key.upper().replace('-', '_')}"


def _pip_said(machine: Machine) -> dict[str, Said]:
    """What counts, by its key."""
    sections: dict[str, dict[str, Said]] = {"global": {}, "install": {}}
    for file in _pip_files(machine):
        for line in ini(machine.read(file)):
            if line.section in sections and line.value:
                origin = Origin(path=str(file), line=line.number)
                sections[line.section][line.key] = Said(line.value, origin, file)
    by_variable = {
        name.removeprefix("PIP_").lower().replace("_", "-"): Said(
            value, machine.variable(name), None
        )
        for name, value in machine.env.items()
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE" and value
    }
    return {**sections["global"], **sections["install"], **by_variable}


def _pip_files(machine: Machine) -> Iterator[Path]:
    """The weakest first."""
    given = machine.env.get("PIP_CONFIG_FILE", "")
    if given == "/dev/null":
        return
    for folder in machine.env.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":"):
        if folder.startswith("/"):
            yield machine.root / folder[1:] / "pip" / "pip.conf"
    yield machine.root / "etc" / "pip.conf"
    # an own file takes the user's place
    if not machine.is_there(given):
        yield machine.home / ".pip" / "pip.conf"
        yield machine.config / "pip" / "pip.conf"
    if venv := machine.env.get("VIRTUAL_ENV", ""):
        yield Path(venv) / "pip.conf"
    if machine.is_there(given):
        yield Path(given)


def uv(machine: Machine) -> Findings:
    """Its file as a whole, where it names an index; its variables."""
    made = Gathering(machine)
    files = [machine.config / "uv" / "uv.toml", machine.root / "etc" / "uv" / "uv.toml"]
    for file in files:
        text = machine.read(file)
        named = list(_uv_indexes(text))
        for one, number, stands_in in named:
            origin = Origin(path=str(file), line=number)
            made.index(one, origin, ecosystem=PYTHON if stands_in else "")
        if named or re.search(r"(?m)^\s*(native-tls|system-certs)\s*=\s*true", text):
            login = any((found := address(one)) and found.login for one, _, _ in named)
            made.file(file, login=login)
            break
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"):
        value = machine.env.get(name, "")
        stands_in = name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")
        for one in value.split():
            plain = re.sub(r"^[\w.-]+=(?=https?:)", "", one)
            made.index(plain, machine.variable(name), ecosystem=PYTHON if stands_in else "")
        if value:
            made.variable(name, value, machine.variable(name))
    return made.found


def _uv_indexes(text: str) -> Iterator[tuple[str, int, bool]]:
    """(address, line, whether it stands in for the public one)."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    below = data.get("pip")
    tables: list[dict[str, Any]] = [data, below if isinstance(below, dict) else {}]
    for table in tables:
        for key in _UV_KEYS:
            value = table.get(key)
            for one in value if isinstance(value, list) else [value]:
                named = one.get("url") if isinstance(one, dict) else one
                if isinstance(named, str):
                    default = isinstance(one, dict) and one.get("default") is True
                    at = max(text.find(named), 0)
                    yield named, line_of(text, at), default or key in ("index-url", "default-index")


def netrc(machine: Machine, hosts: frozenset[str]) -> Findings:
    """The file of logins, when it has one for such a host."""
    made = Gathering(machine)
    file = Path(machine.env.get("NETRC") or machine.home / ".netrc")
    names = {name.partition(":")[0] for name in hosts}
    if names & set(re.findall(r"\bmachine\s+(\S+)", machine.read(file))):
        made.file(file, login=True, variable="NETRC")
    return made.found
