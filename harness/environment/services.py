"""How each service is started inside a Box, from the machine's own programs or an image's: data
made when the environment is set up, copied fresh for each Box, listening there alone."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Final

from harness.core.base import Value
from harness.core.services import NOT_HERE, ServiceWish
from harness.core.types import Service

TEMPLATES: Final = "services"  # below $HARNESS_ENV
WAITED: Final = 600  # looks, a tenth of a second each
TOLD: Final = 20  # lines of its own log that a failure shows
IN_IMAGES: Final = ("/usr/local/bin", "/usr/bin", "/usr/sbin", "/bin", "/sbin", "/opt/*/*/bin")
"""Where an image has its programs, beside the places of each service."""


class ServiceKind(Value):
    """`programs`: what must be on PATH or in `folders` (patterns of the shell), any of them; the
    one found is `$program` to the other texts, its folder `$bin`, `$base` an option that names
    where an image's own files lie. `make` fills the new folder
    `$data`; `serve` is the command that runs with it, `ready` is asked until it answers 0."""

    programs: tuple[str, ...]
    folders: tuple[str, ...] = ()
    make: Callable[[ServiceWish], str]
    serve: Callable[[ServiceWish], str]
    ready: Callable[[ServiceWish], str]
    variables: Callable[[ServiceWish], dict[str, str]]


def _nothing(_: ServiceWish) -> str:
    return ":"


def _answers(wish: ServiceWish) -> str:
    return f"(exec 3<>/dev/tcp/127.0.0.1/{wish.port}) 2>/dev/null"


def _no_variables(_: ServiceWish) -> dict[str, str]:
    return {}


def _text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _lines(statements: Sequence[str]) -> str:
    return f"printf '%s\\n' {' '.join(map(shlex.quote, statements))}"


def _make_postgresql(wish: ServiceWish) -> str:
    """With a role of that name beside `postgres`; its database is called as it is, as the
    image does."""
    user, said = wish.user or "postgres", []
    if user != "postgres":
        said.append(f'CREATE ROLE "{user}" SUPERUSER LOGIN PASSWORD {_text(wish.password)};')
    if (database := wish.database or user) != "postgres":
        said.append(f'CREATE DATABASE "{database}" OWNER "{user}";')
    return f"""
locale=C.UTF-8
locale -a 2>/dev/null | grep -qix 'en_US.utf-\\?8' && locale=en_US.UTF-8
"$bin/initdb" -D "$data" -U postgres --auth=trust --encoding=UTF8 --locale=$locale --no-sync
{_lines(said)} | "$program" --single -D "$data" postgres
"""


def _serve_postgresql(wish: ServiceWish) -> str:
    quick = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB"
    place = f'-p {wish.port} -c listen_addresses=localhost -c unix_socket_directories="$home"'
    return f'rm -f "$data/postmaster.pid"; run "$program" -D "$data" {place} {quick}'


def _postgresql_variables(wish: ServiceWish) -> dict[str, str]:
    found = {"PGHOST": "127.0.0.1", "PGPORT": str(wish.port), "PGUSER": wish.user or "postgres"}
    return {**found, "PGPASSWORD": wish.password} if wish.password else found


def _make_mysql(_: ServiceWish) -> str:
    """MariaDB's and MySQL's own ways to begin."""
    return """
if [ -x "$bin/../bin/mariadb-install-db" ] || command -v mariadb-install-db >/dev/null; then
    PATH="$bin/../bin:$PATH" mariadb-install-db --no-defaults $base --force --skip-test-db \\
        --auth-root-authentication-method=normal $as_root --datadir="$data"
else
    "$program" --no-defaults $base $as_root --initialize-insecure --datadir="$data"
fi
"""


def _serve_mysql(wish: ServiceWish) -> str:
    user, password, said = wish.user or "root", _text(wish.password), []
    for name in dict.fromkeys(("root", user)):
        for host in ("localhost", "127.0.0.1", "%"):
            said += [
                f"CREATE USER IF NOT EXISTS '{name}'@'{host}';",
                f"ALTER USER '{name}'@'{host}' IDENTIFIED BY {password};",
                f"GRANT ALL ON *.* TO '{name}'@'{host}' WITH GRANT OPTION;",
            ]
    if wish.database:
        said.append(f"CREATE DATABASE IF NOT EXISTS `{wish.database}`;")
    place = f'--port={wish.port} --bind-address=127.0.0.1 --socket="$home/mysql.sock"'
    quick = "--innodb-flush-log-at-trx-commit=0 --skip-log-bin --skip-name-resolve"
    files = '--datadir="$data" --pid-file="$home/pid" --init-file="$home/init.sql"'
    return (
        f'{_lines(said)} > "$home/init.sql"\n'
        f'run "$program" --no-defaults $base $as_root {files} {place} {quick}'
    )


def _mysql_variables(wish: ServiceWish) -> dict[str, str]:
    """`localhost` is a socket to its clients, which is no longer where they were built to look."""
    socket = f"{_home(wish)}/mysql.sock"
    return {
        "MYSQL_HOST": "127.0.0.1",
        "MYSQL_TCP_PORT": str(wish.port),
        "MYSQL_UNIX_PORT": socket,
    }


def _serve_redis(wish: ServiceWish) -> str:
    word = f" --requirepass {shlex.quote(wish.password)}" if wish.password else ""
    return (
        f'run "$program" --port {wish.port} --bind 127.0.0.1 --save "" --appendonly no'
        f' --daemonize no --dir "$home"{word}'
    )


def _serve_memcached(wish: ServiceWish) -> str:
    return f'run "$program" $as_root -l 127.0.0.1 -p {wish.port} -U 0 -m 64'


KINDS: Final = {
    "postgresql": ServiceKind(
        programs=("postgres",),
        folders=("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*"),
        make=_make_postgresql,
        serve=_serve_postgresql,
        ready=lambda wish: f'"$bin/pg_isready" -q -h 127.0.0.1 -p {wish.port} -d postgres',
        variables=_postgresql_variables,
    ),
    "mysql": ServiceKind(
        programs=("mariadbd", "mysqld"),
        folders=("/usr/sbin", "/usr/libexec"),
        make=_make_mysql,
        serve=_serve_mysql,
        ready=_answers,
        variables=_mysql_variables,
    ),
    "redis": ServiceKind(
        programs=("redis-server", "valkey-server"),
        make=_nothing,
        serve=_serve_redis,
        ready=_answers,
        variables=_no_variables,
    ),
    "memcached": ServiceKind(
        programs=("memcached",),
        make=_nothing,
        serve=_serve_memcached,
        ready=_answers,
        variables=_no_variables,
    ),
}


def probe(wish: ServiceWish) -> str:
    """Says the version of the program that is here. Ends with `NOT_HERE` when there is none."""
    return f"""set -eu
{_find(KINDS[wish.name], "")}
"$program" --version 2>&1
"""


def prepare(wish: ServiceWish, image: str = "") -> str:
    """Makes its first data, below $HARNESS_ENV, and says the version. `image`: where in the Box the
    files of one lie that it is started from. Ends with `NOT_HERE` when there is no such program."""
    kind = KINDS[wish.name]
    return f"""set -eu
{_find(kind, image)}
data="$HARNESS_ENV/{TEMPLATES}/{_slug(wish)}"
rm -rf "$data"
mkdir -p "$data"
chmod 700 "$data"
( {kind.make(wish)} ) >"$data.log" 2>&1 || {{ tail -n {TOLD} "$data.log"; exit 1; }}
"$program" --version >"$data.version" 2>&1 || :
cat "$data.version"
"""


def service(wish: ServiceWish, image: str = "", found: str = "") -> Service:
    """What a Box starts. Data of a start before it, which an ended command took with it, are gone
    on with; of another version than the program they are made anew."""
    kind = KINDS[wish.name]
    start = f"""set -eu
{_find(kind, image)}
home={_home(wish)} data={_home(wish)}/data
made="$HARNESS_ENV/{TEMPLATES}/{_slug(wish)}"
run() {{ setsid "$@" >"$home/log" 2>&1 </dev/null & }}
if [ ! -d "$data" ]; then
    mkdir -p "$home"
    chmod 700 "$home"
    if [ "$("$program" --version 2>&1)" = "$(cat "$made.version" 2>/dev/null)" ]; then
        cp -R "$made" "$data"
        chmod 700 "$data"
    else
        mkdir -m 700 "$data"
        ( {kind.make(wish)} ) >"$home/log" 2>&1 || {{ tail -n {TOLD} "$home/log"; exit 1; }}
    fi
fi
{kind.serve(wish)}
server=$! looks=0
until {kind.ready(wish)}; do
    looks=$((looks + 1))
    if [ $looks -gt {WAITED} ] || ! kill -0 $server 2>/dev/null; then
        tail -n {TOLD} "$home/log"
        exit 1
    fi
    sleep 0.1
done
"""
    return Service(
        name=wish.name,
        start=start,
        programs=kind.programs,
        host=wish.host,
        wanted=wish.version,
        found=found,
    )


def variables(wishes: Sequence[ServiceWish]) -> dict[str, str]:
    """By which clients find them when they are told nothing else."""
    return {
        name: text for wish in wishes for name, text in KINDS[wish.name].variables(wish).items()
    }


def _slug(wish: ServiceWish) -> str:
    return f"{wish.name}-{wish.port}"


def _home(wish: ServiceWish) -> str:
    return f"/tmp/.harness-{_slug(wish)}"


def _find(kind: ServiceKind, image: str) -> str:
    """Sets `program`, `bin` and `base`; the newest where a folder holds several. `image`: then in
    there alone."""
    on_path = () if image else kind.programs
    named = " ".join(f'"$(command -v {name} || :)"' for name in on_path)
    folders = [f"{image}{folder}" for folder in (*kind.folders, *(IN_IMAGES if image else ()))]
    patterns = " ".join(f"{folder}/{name}" for folder in folders for name in kind.programs)
    listed = f"$(ls -d {patterns} 2>/dev/null | sort -rV)" if patterns else ""
    return f"""program= base={f"--basedir={image}/usr" if image else ""}
for place in {named} {listed}; do
    if [ -x "$place" ]; then program=$place; break; fi
done
[ -n "$program" ] || exit {NOT_HERE}
as_root=
[ "$(id -u)" != 0 ] || as_root=--user=root
bin=$(dirname "$(readlink -f "$program")")"""
