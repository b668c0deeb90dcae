"""Servers that a project's tests talk to: how a setting and a workflow name one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from harness.core.base import Value
from harness.core.box_types import CommandResult
from harness.core.errors import ConfigError, SandboxError

NOT_HERE: Final = 69  # how shell of ours says that the machine has no such program
PORTS: Final = {"postgresql": 5432, "mysql": 3306, "redis": 6379, "memcached": 11211}
"""The services that can be started, and where each listens unless it is said."""
NAMED: Final = {
    **{name: name for name in PORTS},
    "postgres": "postgresql",
    "mariadb": "mysql",
    "valkey": "redis",
}
"""What a setting may call them."""
IMAGES: Final = {
    **NAMED,
    "postgis": "postgresql",
    "pgvector": "postgresql",
    "timescaledb": "postgresql",
    "percona": "mysql",
}
"""What the last part of an image's name begins with."""
_ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9_.-]{0,61}[a-z0-9])?", re.I)
_PASSWORD = re.compile(r"[ -~]{0,200}")


class ServiceWish(Value):
    """One server: `name` is of `PORTS`. `host`: a name by which tests call it, beside localhost.
    `version`: which one the project asks for, "" for any; the setting `versions` says it."""

    name: str
    port: int
    user: str = ""
    password: str = ""
    database: str = ""
    host: str = ""
    version: str = ""

    def __str__(self) -> str:
        """As a setting writes it: the name alone where nothing else is said."""
        account = quote(self.user, safe="")
        if self.password:
            account += f":{quote(self.password, safe='')}"
        place = self.host or ("localhost" if account or self.database else "")
        port = "" if self.port == PORTS[self.name] else f":{self.port}"
        if not (account or self.database or place or port):
            return self.name
        base = f"/{quote(self.database, safe='')}" if self.database else ""
        return f"{self.name}://{account}{'@' if account else ''}{place or 'localhost'}{port}{base}"


def read_service(text: str) -> ServiceWish | None:
    """A name ("redis") or an address ("postgresql://app:secret@localhost:5433/app"); None for what
    is neither, or is of a service that cannot be started."""
    name, address, _ = text.partition("://")
    if name not in NAMED:
        return None
    service = NAMED[name]
    if not address:
        return ServiceWish(name=service, port=PORTS[service])
    try:
        parts = urlsplit(text)
        port = parts.port or PORTS[service]
    except ValueError:
        return None
    if parts.query or parts.fragment:
        return None
    said = ServiceWish(
        name=service,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.removeprefix("/")),
        host="" if parts.hostname in (None, "localhost", "127.0.0.1") else str(parts.hostname),
    )
    return said if _is_plain(said) else None


def read_services(texts: Sequence[str]) -> tuple[ServiceWish, ...]:
    """Each once. ConfigError when one is none of ours, or two would listen at one port."""
    found: dict[int, ServiceWish] = {}
    for text in texts:
        wish = read_service(text)
        if wish is None:
            raise ConfigError("config.no_service", service=text, known=", ".join(NAMED))
        if found.setdefault(wish.port, wish) != wish:
            raise ConfigError("config.service_port", service=text, port=wish.port)
    return tuple(found.values())


def _is_plain(said: ServiceWish) -> bool:
    accounts = all(not text or _ACCOUNT.fullmatch(text) for text in (said.user, said.database))
    host = not said.host or _HOST.fullmatch(said.host)
    return bool(
        accounts and host and _PASSWORD.fullmatch(said.password) and 1023 < said.port < 65536
    )


def name_of_image(image: str) -> str:
    """The service that an image is of, "" for none of ours."""
    last = image.rpartition("/")[2].partition("@")[0].partition(":")[0].lower()
    return next((known for begin, known in IMAGES.items() if last.startswith(begin)), "")


def version_of_image(image: str) -> str:
    """The server's version that an image's tag names ("16-alpine", "0.7.0-pg16"), "" for none."""
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    found = re.search(r"(?<![a-z0-9])pg(\d{1,3})", tag) or re.match(r"v?(\d[\d.]{0,30})", tag)
    return found[1].strip(".") if found else ""


def service_of_image(
    image: str, env: Mapping[str, str], ports: Sequence[str] = (), host: str = ""
) -> str:
    """What [environment] services says for a workflow's service, "" for one that cannot be
    started. `ports`: as the workflow maps them ("5433:5432"). `host`: the service's own name, where
    the job runs in a container and calls it by that."""
    name = name_of_image(image)
    if not name:
        return ""
    user, password, database = _account(name, env)
    wish = ServiceWish(
        name=name,
        port=_mapped(ports, PORTS[name]),
        user=user,
        password=password,
        database=database,
        host=host,
    )
    return str(wish) if _is_plain(wish) else ""


def _account(name: str, env: Mapping[str, str]) -> tuple[str, str, str]:
    """User, password and database, as the images take them from their environment."""
    if name == "postgresql":
        user = env.get("POSTGRES_USER", "")
        return (
            user or ("postgres" if env.get("POSTGRES_PASSWORD") else ""),
            env.get("POSTGRES_PASSWORD", ""),
            env.get("POSTGRES_DB", ""),
        )
    if name == "mysql":
        said = {key.partition("_")[2]: value for key, value in env.items()}
        user = said.get("USER", "")
        password = said.get("PASSWORD" if user else "ROOT_PASSWORD", "")
        return user or ("root" if password else ""), password, said.get("DATABASE", "")
    if name == "redis":
        return "", env.get("REDIS_PASSWORD", ""), ""
    return "", "", ""


def _mapped(ports: Sequence[str], own: int) -> int:
    """Where the job finds the service's own port."""
    for text in ports:
        outer, colon, inner = str(text).partition("/")[0].rpartition(":")
        if colon and inner == str(own) and outer.rpartition(":")[2].isdigit():
            return int(outer.rpartition(":")[2])
    return own


def service_fault(name: str, programs: Sequence[str], ran: CommandResult) -> SandboxError:
    """Why a service could not be prepared or started, from what its command said."""
    if ran.exit_code == NOT_HERE:
        found = " / ".join(programs)
        return SandboxError("workspace.service_missing", service=name, programs=found)
    why = ran.killed or ran.output[-2000:].strip() or f"exit {ran.exit_code}"
    return SandboxError("workspace.service_failed", service=name, log=why)
