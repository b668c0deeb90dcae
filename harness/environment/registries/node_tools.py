"""npm's, yarn's and bun's own settings on this machine. A settings file is carried whole: the order
in which it and the project's own count stays as it is, and its logins stay in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.environment.registries.found import Findings
from harness.environment.registries.lines import Line, colons, pairs, spaced
from harness.environment.registries.machine import Gathering, Machine
from harness.testruns.recipes.recipe import Origin

NODE: Final = "node"
YARN: Final = "yarn"
BERRY: Final = "berry"
_LOGIN: Final = re.compile(r"(?:^|:)_(?:authToken|auth|password)$|^(?:_auth|_password|username)$")
_PREFIX: Final = "npm_config_"
_PROXY: Final = ("proxy", "https-proxy", "http-proxy")


def npm(machine: Machine) -> Findings:
    """npm's, which pnpm reads too. What is said first counts."""
    made = Gathering(machine)
    _by_variable(made, machine)
    user = Path(_setting(machine, "userconfig") or machine.home / ".npmrc")
    text = machine.read(user)
    if _npmrc(made, machine, user):
        made.file(user, login=_has_login(text), variable="NPM_CONFIG_USERCONFIG")
        if any(line.key == "cache" for line in pairs(text)):
            # where nobody may write inside
            origin = Origin(path=str(user))
            made.variable("npm_config_cache", "/tmp/npm", origin)
    for file in _global_files(machine):
        if _npmrc(made, machine, file):
            login = _has_login(machine.read(file))
            made.file(file, login=login, variable="NPM_CONFIG_GLOBALCONFIG")
            break
    return made.found


def _npmrc(made: Gathering, machine: Machine, file: Path) -> bool:
    """True when it says something of a registry."""
    counts = False
    for line in pairs(machine.read(file)):
        origin = Origin(path=str(file), line=line.number)
        if line.key == "registry" or line.key.endswith(":registry"):
            made.index(line.value, origin, ecosystem=NODE if line.key == "registry" else "")
            counts = True
        elif line.key == "cafile":
            made.certificate("npm_config_cafile", line.value, origin)
        elif line.key.removesuffix("[]") == "ca" or _LOGIN.search(line.key):
            counts = True
            _needs_variable(made, machine, line, origin)
        elif line.key in _PROXY and line.value not in ("", "null", "false"):
            made.refuse("proxy", origin)
    return counts


def _needs_variable(made: Gathering, machine: Machine, line: Line, origin: Origin) -> None:
    """A login that the file takes from the environment, where set-up has none."""
    for name in re.findall(r"\$\{(\w+)\??\}", line.value):
        made.refuse("by_variable", origin, name=name)


def _has_login(text: str) -> bool:
    return any(_LOGIN.search(line.key) for line in pairs(text))


def _setting(machine: Machine, name: str) -> str:
    """What a variable says; npm takes them in any case."""
    wanted = f"{_PREFIX}{name}"
    return next((v for k, v in machine.env.items() if k.lower() == wanted and v), "")


def _global_files(machine: Machine) -> Iterator[Path]:
    if given := _setting(machine, "globalconfig"):
        yield Path(given)
    if prefix := _setting(machine, "prefix"):
        yield Path(prefix) / "etc" / "npmrc"
    for folder in machine.env.get("PATH", "").split(":"):
        program = Path(folder) / "npm"
        if folder.startswith("/") and machine.is_there(str(program)):
            yield Path(folder).parent / "etc" / "npmrc"
            break
    yield machine.root / "etc" / "npmrc"


def _by_variable(made: Gathering, machine: Machine) -> None:
    if registry := _setting(machine, "registry"):
        origin = machine.variable("npm_config_registry")
        made.index(registry, origin, ecosystem=NODE)
        made.variable("npm_config_registry", registry, origin)
    if cafile := _setting(machine, "cafile"):
        made.certificate("npm_config_cafile", cafile, machine.variable("npm_config_cafile"))


def yarn(machine: Machine) -> Findings:
    """yarn 1: its own file, and npm's, which it looks for in the home alone."""
    made = Gathering(machine)
    own = machine.home / ".yarnrc"
    counts = False
    for line in spaced(machine.read(own)):
        origin = Origin(path=str(own), line=line.number)
        if line.key == "registry" or line.key.endswith(":registry"):
            made.index(line.value, origin, ecosystem=YARN if line.key == "registry" else "")
            counts = True
        elif line.key == "cafile":
            made.certificate("npm_config_cafile", line.value, origin)
    if counts:
        made.file(own)
    npmrc = machine.home / ".npmrc"
    if any(line.key == "registry" for line in pairs(machine.read(npmrc))):
        made.file(npmrc, login=_has_login(machine.read(npmrc)))
        made.add(replaced=frozenset((YARN,)))
    return made.found


def berry(machine: Machine) -> Findings:
    """yarn 2 and later."""
    made = Gathering(machine)
    file = machine.home / ".yarnrc.yml"
    text = machine.read(file)
    counts = False
    for line in colons(text):
        origin = Origin(path=str(file), line=line.number)
        if line.key == "npmRegistryServer":
            made.index(line.value, origin, ecosystem="" if line.section else BERRY)
            counts = True
        elif line.key in ("httpsCaFilePath", "caFilePath") and not line.section:
            made.certificate("YARN_HTTPS_CA_FILE_PATH", line.value, origin)
        elif line.key in ("httpProxy", "httpsProxy"):
            made.refuse("proxy", origin)
    if counts:
        made.file(file, login="npmAuth" in text)
    if server := machine.env.get("YARN_NPM_REGISTRY_SERVER", ""):
        origin = machine.variable("YARN_NPM_REGISTRY_SERVER")
        made.index(server, origin, ecosystem=BERRY)
        made.variable("YARN_NPM_REGISTRY_SERVER", server, origin)
    return made.found
