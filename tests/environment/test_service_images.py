"""Services from images: unpacked by a real engine, run inside the Box, chosen as the operator lists
them; what is not there is said in one sentence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.core.errors import SandboxError
from harness.core.services import ServiceWish, name_of_image, read_service, version_of_image
from harness.core.types import BoxLimits, Environment, Layout, Service
from harness.environment.given import Given
from harness.environment.images import ServiceImages
from harness.environment.servers import others, version_in
from harness.environment.setup import Environments
from harness.environment.toolchains import Toolchains
from harness.environment.unpacking import REAL, loader_of, unpack
from harness.sandbox.bubblewrap import Bubblewrap
from harness.sandbox.serving import Serving
from tests.containers import engine
from tests.service_images import POSTGRESQL, postgresql_image, redis_image

SANDBOX = Serving(Bubblewrap())
needs_engine = pytest.mark.skipif(os.getuid() != 0, reason="containers are tested as root")


def images(*allowed: str, engines: tuple[tuple[str, ...], ...]) -> ServiceImages:
    return ServiceImages(allowed=allowed, engines=engines)


def imported(name: str, data: bytes) -> str:
    subprocess.run([*engine(), "import", "-", name], input=data, check=True, timeout=120)
    return name


async def environment(
    tmp_path: Path, found: ServiceImages, *wishes: ServiceWish, **env: str
) -> Environment:
    (tmp_path / "tree").mkdir(exist_ok=True)
    return await Environments(
        tmp_path / "env",
        SANDBOX,
        (),
        tools=Toolchains(services=wishes),
        given=Given(env=env, images=found),
    ).make("k", tmp_path / "tree")


async def said(tmp_path: Path, made: Environment, *commands: str) -> list[str]:
    layout = Layout(
        tree=tmp_path / "tree", read_only=made.read_only, env=made.env, services=made.services
    )
    box = await SANDBOX.open(layout, BoxLimits(command_s=120))
    try:
        return [(await box.exec(command)).output for command in commands]
    finally:
        await box.close()


def wish(text: str, version: str = "") -> ServiceWish:
    found = read_service(text)
    assert found is not None
    return found.model_copy(update={"version": version})


TELL = "exec 3<>/dev/tcp/localhost/6379; printf '{}\\r\\n' >&3; head -n 1 <&3"


@needs_engine
async def test_a_service_is_started_from_the_image_that_is_asked_for(tmp_path: Path) -> None:
    """The machine's own redis is of another version than the image says it is."""
    name = imported("localhost/redis:99.1-alpine", redis_image())
    found = images(name, engines=(("no-such-engine",), engine()))
    made = await environment(tmp_path, found, wish("redis", "99"))
    asked = (
        TELL.format("SET a 1"),
        "cat /proc/*/cmdline | tr '\\0' ' '",
        "ls /opt/harness/images/*/home; cat /opt/harness/images/*/etc/out",
    )
    answers = await said(tmp_path, made, *asked)
    assert answers[0] == "+OK\n"
    assert "/opt/harness/images/" in answers[1]
    assert f"redis-server{REAL}" in answers[1]
    assert "not needed" not in answers[2]
    assert (await said(tmp_path, made, TELL.format("EXISTS a"))) == [":0\n"], "fresh"
    (service,) = made.services
    assert (service.wanted, service.found[:1].isdigit()) == ("99", True)
    left = subprocess.run(
        [*engine(), "ps", "--all", "--format", "{{.Names}}"],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "harness-image" not in left.stdout


@needs_engine
async def test_postgresql_of_an_image_makes_its_data_and_lets_in_the_user(tmp_path: Path) -> None:
    name = imported("localhost/postgres:99", postgresql_image())
    found = images(name, engines=(engine(),))
    asked = wish("postgresql://app:secret@localhost:5433/app_test", "99")
    made = await environment(tmp_path, found, asked)
    query = "psql -h localhost -p 5433 -U app app_test -Atc"
    answers = await said(
        tmp_path,
        made,
        f"{query} 'select current_user, 1 + 1'",
        f"{query} 'create extension plpgsql' 2>&1; {query} 'show data_directory'",
        "ls /proc/*/exe -l 2>/dev/null | grep -c /opt/harness/images",
    )
    assert answers[0] == "app|2\n"
    assert "already exists" in answers[1]
    assert int(answers[2]) > 1
    again = await environment(tmp_path, found, asked)
    assert again == made, "unpacked once"


@needs_engine
@pytest.mark.parametrize(
    ("listed", "engines", "key"),
    [
        ("localhost/redis:none", "real", "workspace.image_missing"),
        ("localhost/redis:99.1-alpine", "none", "workspace.image_no_engine"),
        ("localhost/redis:empty", "real", "workspace.image_unusable"),
        ("localhost/postgres:16", "real", "workspace.service_missing"),
    ],
)
async def test_what_is_not_there_is_said_and_nothing_is_kept(
    tmp_path: Path, listed: str, engines: str, key: str
) -> None:
    if listed.endswith("empty"):
        imported(listed, b"\0" * 10240)
    commands = (engine(),) if engines == "real" else (("no-such-engine",), ("nor-this",))
    found = images(listed, engines=commands)
    with pytest.raises(SandboxError) as caught:
        await environment(tmp_path, found, wish("redis"), PATH="/nowhere")
    assert caught.value.key == key
    kept = [one.name for one in (tmp_path / "env").iterdir() if one.name != "pytest"]
    assert [name for name in kept if not name.endswith(".lock")] == []


@pytest.mark.parametrize(
    ("wanted", "there", "listed", "chosen"),
    [
        ("", "7.0.15", ["redis:7"], ""),
        ("", "", ["redis:7"], "redis:7"),
        ("7", "7.0.15", ["redis:7"], ""),
        ("8", "7.0.15", ["redis:7", "redis:8.2-alpine"], "redis:8.2-alpine"),
        ("8", "7.0.15", ["redis:7"], ""),
        ("8", "", ["redis:7"], "redis:7"),
        ("8", "", ["redis"], "redis"),
        ("8", "7.0.15", ["ghcr.io/a/valkey:8@sha256:ab"], "ghcr.io/a/valkey:8@sha256:ab"),
        ("8", "", ["postgres:8"], ""),
        ("8", "", [], ""),
        ("edge?", "7.0.15", ["redis:8"], ""),
    ],
)  # fmt: skip
def test_the_program_that_is_asked_for_goes_first(
    wanted: str, there: str, listed: list[str], chosen: str
) -> None:
    found = images(*listed, engines=())
    assert found.image_for(wish("redis", wanted), there) == chosen


@pytest.mark.parametrize(
    ("image", "name", "version"),
    [
        ("postgres:16", "postgresql", "16"),
        ("postgres:16.4-alpine3.20", "postgresql", "16.4"),
        ("postgis/postgis:15-3.4", "postgresql", "15"),
        ("pgvector/pgvector:0.7.0-pg16", "postgresql", "16"),
        ("timescale/timescaledb:latest-pg15", "postgresql", "15"),
        ("localhost:5000/mysql:8.0", "mysql", "8.0"),
        ("localhost:5000/mysql", "mysql", ""),
        ("mariadb:v11", "mysql", "11"),
        ("redis:latest", "redis", ""),
        ("redis:7@sha256:abc", "redis", "7"),
        ("redis@sha256:123", "redis", ""),
        ("postgres:${{ matrix.pg }}", "postgresql", ""),
        ("mongo:7", "", "7"),
    ],
)
def test_a_tag_names_the_version(image: str, name: str, version: str) -> None:
    assert (name_of_image(image), version_of_image(image)) == (name, version)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)", "15.13"),
        ("postgres (PostgreSQL) 17beta1", "17"),
        ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", "7.0.15"),
        ("mariadbd  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64", "10.11.6"),
        ("/usr/sbin/mysqld  Ver 8.0.36 for Linux on x86_64", "8.0.36"),
        ("memcached 1.6.18", "1.6.18"),
        ("", ""),
    ],
)
def test_a_server_says_its_version(text: str, version: str) -> None:
    assert version_in(text) == version


@pytest.mark.parametrize(
    ("wanted", "found", "told"),
    [
        ("16", "15.13", True),
        ("16", "16.4", False),
        ("16.4", "16", False),
        ("8.0", "10.11.6", True),
        (">=15", "15.13", False),
        ("", "15.13", False),
        ("16", "", False),
        ("edge?", "15.13", False),
    ],
)
def test_another_version_than_is_asked_for_is_told(wanted: str, found: str, told: bool) -> None:
    one = Service(name="postgresql", start=":", wanted=wanted, found=found)
    assert others([one]) == ((one,) if told else ())


def test_nothing_of_an_image_lands_beside_its_folder(tmp_path: Path) -> None:
    """Outside a Box, where nothing else would hold it."""
    archive, root = tmp_path / "image.tar", tmp_path / "below" / "root"
    archive.write_bytes(redis_image())
    root.mkdir(parents=True)
    assert unpack(archive, root) == 1
    assert not (root / "home").exists()
    assert (root / "etc/out").readlink() == Path("passwd")
    starter = (root / "usr/local/bin/redis-server").read_text()
    assert str(root / "opt/libraries") in starter
    assert loader_of(root / "usr/local/bin" / f"redis-server{REAL}")
    assert loader_of(archive) == ""
    assert [path.name for path in (tmp_path / "below").iterdir()] == ["root"]


def test_the_machine_has_what_these_images_are_made_of() -> None:
    assert POSTGRESQL, "PostgreSQL is missing: run `make test-parts` as root"
