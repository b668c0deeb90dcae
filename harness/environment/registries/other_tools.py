"""The other package managers' own settings on this machine: files that are carried whole where they
name an index, and a few variables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from harness.environment.registries.found import Findings, Host, address, file_at
from harness.environment.registries.lines import line_of, pairs
from harness.environment.registries.machine import Gathering, Machine
from harness.testruns.recipes.recipe import Origin

_URL: Final = r"""(?:sparse\+|registry\+|git\+)?(https?://[^\s"'<>,]+)"""


class Kept(NamedTuple):
    """A settings file below the home. `stands_in`: what in it says that the public registry is
    not asked; `login`: what says that it holds a login; `proxy`: that it names a proxy."""

    ecosystem: str
    paths: tuple[str, ...]
    address: str
    stands_in: str
    login: str = r"(?i)token|password|_?auth\b"
    proxy: str = r"(?!)"


FILES: Final = (
    Kept("rust", (".cargo/config.toml", ".cargo/config"),
         rf"""(?:registry|index)\s*=\s*["']{_URL}""", r"replace-with\s*=", r"token\s*=",
         r"(?m)^\s*proxy\s*="),
    Kept("java", (".m2/settings.xml",), rf"<url>\s*{_URL}",
         r"<mirrorOf>[^<]*(?:\*|central)[^<]*</mirrorOf>", r"<password>|<privateKey>", r"<proxy>"),
    Kept("gradle", (".gradle/init.gradle", ".gradle/init.gradle.kts"), rf"""["']{_URL}""",
         r"(?!)", r"(?i)password|credentials"),
    Kept("ruby", (".bundle/config", ".gemrc"), rf"""["'\s]{_URL}""",
         r"(?i)BUNDLE_MIRROR__(?:ALL|HTTPS://RUBYGEMS__ORG)",
         r"(?m)^BUNDLE_\w+__\w+: \"?[^\s/]+:|//[^/@\s]*@"),
    Kept("php", (".config/composer/config.json", ".composer/config.json"),
         rf"""["']url["']\s*:\s*["']{_URL}""", r"packagist(?:\.org)?\"\s*:\s*(?:false|\{)",
         r"http-basic|bearer"),
    Kept("dotnet", (".nuget/NuGet/NuGet.Config",), rf"""value=["']{_URL}""", r"<clear\s*/>",
         r"(?i)password"),
)  # fmt: skip
BESIDE: Final = {
    ".config/composer/config.json": ".config/composer/auth.json",
    ".composer/config.json": ".composer/auth.json",
    ".cargo/config.toml": ".cargo/credentials.toml",
    ".cargo/config": ".cargo/credentials",
}
"""Where the logins of a file's registries lie."""
_GO: Final = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE")


def kept(machine: Machine, ecosystem: str) -> Findings:
    """The first of the ecosystem's files that names an address."""
    made = Gathering(machine)
    for one in (one for one in FILES if one.ecosystem == ecosystem):
        for path in one.paths:
            file = _place(machine, path)
            text = machine.read(file)
            found = list(re.finditer(one.address, text))
            for match in found:
                made.index(match[1], Origin(path=str(file), line=line_of(text, match.start(1))))
            if not found:
                continue
            made.file(file, login=bool(re.search(one.login, text)))
            _beside(made, machine, path)
            if re.search(one.stands_in, text):
                made.add(replaced=frozenset((ecosystem,)))
            if proxy := re.search(one.proxy, text):
                line = line_of(text, proxy.end())
                made.refuse("proxy", Origin(path=str(file), line=line))
            break
    return made.found


def _place(machine: Machine, path: str) -> Path:
    config = path.removeprefix(".config/")
    if config != path:
        return machine.config / config
    home = machine.env.get("CARGO_HOME", "") if path.startswith(".cargo/") else ""
    return Path(home) / path.removeprefix(".cargo/") if home else machine.home / path


def _beside(made: Gathering, machine: Machine, path: str) -> None:
    beside = BESIDE.get(path, "")
    if beside and machine.read(_place(machine, beside)):
        made.file(_place(machine, beside), login=True)


def cargo(machine: Machine) -> Findings:
    """Its file, and its certificates."""
    made = Gathering(machine)
    made.found += kept(machine, "rust")
    file = _place(machine, ".cargo/config.toml")
    text = machine.read(file)
    if match := re.search(r"""(?m)^\s*cainfo\s*=\s*["']([^"']+)""", text):
        origin = Origin(path=str(file), line=line_of(text, match.start(1)))
        made.certificate("CARGO_HTTP_CAINFO", match[1], origin)
    for name in sorted(machine.env):
        if re.fullmatch(r"CARGO_REGISTRIES_\w+_INDEX", name):
            made.index(machine.env[name], machine.variable(name))
            made.variable(name, machine.env[name], machine.variable(name))
    return made.found


def go(machine: Machine) -> Findings:
    """The variables, and those that `go env -w` wrote."""
    made = Gathering(machine)
    file = Path(machine.env.get("GOENV") or machine.config / "go" / "env")
    said = {
        line.key: (line.value, Origin(path=str(file), line=line.number))
        for line in pairs(machine.read(file))
    }
    said |= {
        name: (machine.env[name], machine.variable(name)) for name in _GO if name in machine.env
    }
    for name in _GO:
        value, origin = said.get(name, ("", Origin(path=".")))
        if not value:
            continue
        if name == "GOPROXY":
            _go_proxies(made, value, origin)
        if name == "GOSUMDB" and value != "off":
            made.index(value.split()[-1], origin)
        made.variable(name, value, origin)
    sums = ("GOSUMDB", "GONOSUMDB", "GOPRIVATE")
    if "go" in made.found.replaced and not any(said.get(name, ("",))[0] for name in sums):
        made.add(hosts=(Host(name="sum.golang.org", origin=said["GOPROXY"][1], by="public"),))
    return made.found


def _go_proxies(made: Gathering, value: str, origin: Origin) -> None:
    named = [one for one in re.split(r"[,|]", value) if one not in ("direct", "off", "")]
    for one in named:
        made.index(one, origin)
    if not any((found := address(one)) and found.host == "proxy.golang.org" for one in named):
        made.add(replaced=frozenset(("go",)))


CERTIFICATES: Final = (
    *("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
    *("GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO", "YARN_HTTPS_CA_FILE_PATH", "BUNDLE_SSL_CA_CERT"),
)


def certificates(machine: Machine, said: Sequence[str]) -> Findings:
    """Those that variables name, but for the variables `said` already. One that was found for one
    tool is the private registries' for all of them, whoever asks."""
    made = Gathering(machine)
    for name in CERTIFICATES:
        value = machine.env.get(name, "")
        if value and name not in said and machine.is_there(file_at(value, machine.home)):
            made.certificate(name, value, machine.variable(name))
    return made.found
