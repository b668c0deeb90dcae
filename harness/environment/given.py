"""What the operator gives to set-up alone, and where it sees each file of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness.core.base import Value
from harness.environment.images import ServiceImages

INSIDE = "/env"
"""$HARNESS_ENV."""
HOME = "/tmp/home"
"""What $HOME is while set-up runs."""
JAVA_HOME = "/home/agent"
"""The user's own by /etc/passwd, which is what Java asks."""
JAVA = (".m2", ".gradle")
CARGO = "/.cargo"
"""Where cargo looks, whatever its home is: above every tree."""


class Given(Value):
    """What the operator gives to set-up alone. `files`: path -> its place inside. `logins`: those
    in all of it, which nothing that set-up leaves behind may hold. `images`: what services may be
    started from."""

    env: dict[str, str] = {}
    files: dict[str, str] = {}
    logins: tuple[str, ...] = ()
    images: ServiceImages = ServiceImages()


def places_inside(files: Iterable[Path], home: Path) -> dict[str, str]:
    """Where set-up sees each: below its own home what lies below this one."""
    found = {}
    for file in files:
        below = file.relative_to(home) if file.is_relative_to(home) else None
        top = JAVA_HOME if below is not None and below.parts[:1] in [(j,) for j in JAVA] else HOME
        found[str(file)] = str(file) if below is None else f"{top}/{below}"
        if file.parent.name == ".cargo" and file.name.startswith("config"):
            found[str(file)] = f"{CARGO}/{file.name}"
        elif file.parent.name == ".cargo" and file.name.startswith("credentials"):
            found[str(file)] = f"{INSIDE}/cargo/{file.name}"
    return found
