"""This machine's own settings of package managers: where they lie and what reads them. Read-only;
a file that is not there, is no plain file or is huge says nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from harness.core.base import LocalizedText
from harness.environment.registries.found import (
    Carried,
    Findings,
    Host,
    address,
    file_at,
    without_login,
)
from harness.testruns.recipes.recipe import Origin

LARGEST = 1 << 20


class Machine:
    """`env` is the person's environment, `root` the folder that /etc and the like lie in."""

    def __init__(self, env: Mapping[str, str], home: Path, root: Path = Path("/")) -> None:
        self.env = env
        self.home = home
        self.root = root

    @property
    def config(self) -> Path:
        given = Path(self.env.get("XDG_CONFIG_HOME", ""))
        return given if given.is_absolute() else self.home / ".config"

    def read(self, file: Path) -> str:
        """Its text; "" when there is none."""
        try:
            with file.open("rb") as opened:
                if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                    return ""
                return opened.read(LARGEST).decode("utf-8", "replace")
        except OSError:
            return ""

    def variable(self, name: str) -> Origin:
        """Where a variable's value was said."""
        return Origin(path=f"${name}")

    def is_there(self, path: str) -> bool:
        try:
            return bool(path) and Path(path).exists()
        except (OSError, ValueError):
            return False


class Gathering:
    """Puts together what one tool's settings come to."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.found = Findings()

    def add(self, **parts: object) -> None:
        self.found += Findings.model_validate(parts)

    def index(self, text: str, origin: Origin, *, ecosystem: str = "") -> bool:
        """A host, or a folder of this machine. True when the address holds a login. `ecosystem`:
        whose public registry it stands in for."""
        found = address(text)
        if found is None:
            return False
        if found.plain:
            self.refuse("plain", origin, host=found.host)
            return found.login
        if found.folder:
            if self._machine.is_there(found.folder):
                self.add(files=(Carried(name=found.folder, origin=origin),))
        else:
            self.add(hosts=(Host(name=found.host, origin=origin, by="machine"),))
        if ecosystem:
            self.add(replaced=frozenset((ecosystem,)))
        return found.login

    def variable(self, name: str, value: str, origin: Origin) -> None:
        """Never one with a login."""
        if without_login(value) == value:
            self.add(env=(Carried(name=name, value=value, origin=origin),))
        else:
            self.refuse("login", origin, name=name)

    def certificate(self, name: str, text: str, origin: Origin) -> None:
        """A file, under the variable that its tool reads."""
        path = file_at(text, self._machine.home)
        if self._machine.is_there(path):
            self.add(env=(Carried(name=name, value=path, origin=origin),))
        else:
            self.refuse("no_file", origin, name=name)

    def file(self, path: Path, *, login: bool = False, variable: str = "") -> None:
        """A settings file as a whole: under a variable, or at its own place in the home."""
        origin = Origin(path=str(path))
        if variable:
            made = Carried(name=variable, value=str(path), origin=origin, login=login)
            self.add(env=(made,))
        else:
            self.add(files=(Carried(name=str(path), origin=origin, login=login),))

    def refuse(self, why: str, origin: Origin, **facts: str) -> None:
        """What is not carried."""
        told = LocalizedText(key=f"cli.registries.{why}", facts={"origin": str(origin), **facts})
        self.add(untold=(told,))
