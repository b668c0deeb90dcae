"""Servers inside a Box: fresh each time, reached there alone, gone with it."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from harness.core.errors import SandboxError
from harness.core.services import ServiceWish, read_service
from harness.core.types import BoxLimits, CommandResult, Environment, Layout
from harness.environment.given import Given
from harness.environment.setup import Environments
from harness.environment.toolchains import Toolchains
from harness.ports.sandbox import Box, Sandbox
from harness.sandbox.bare import BareSandbox
from harness.sandbox.bubblewrap import Bubblewrap
from harness.sandbox.serving import Serving
from tests.containers import container

SANDBOX = Serving(Bubblewrap())


def maker(tmp_path: Path, sandbox: Sandbox, *wishes: ServiceWish, **env: str) -> Environments:
    tools = Toolchains(services=wishes)
    return Environments(tmp_path / "env", sandbox, (), tools=tools, given=Given(env=env))


async def environment(tmp_path: Path, *texts: str) -> Environment:
    tree = tmp_path / "tree"
    tree.mkdir(exist_ok=True)
    wishes = [wish for text in texts if (wish := read_service(text))]
    assert len(wishes) == len(texts)
    return await maker(tmp_path, SANDBOX, *wishes).make("k", tree)


async def opened(tmp_path: Path, made: Environment, **more: int) -> Box:
    layout = Layout(
        tree=tmp_path / "tree",
        read_only=made.read_only,
        env=made.env,
        services=made.services,
    )
    return await SANDBOX.open(layout, BoxLimits(command_s=120, **more))


async def said(tmp_path: Path, made: Environment, *commands: str) -> list[CommandResult]:
    box = await opened(tmp_path, made)
    try:
        return [await box.exec(command) for command in commands]
    finally:
        await box.close()


def redis(word: str, port: int = 6379) -> str:
    """In plain bash: the machine may have no client."""
    return f"exec 3<>/dev/tcp/localhost/{port}; printf '{word}\\r\\n' >&3; head -n 1 <&3"


async def test_redis_answers_and_is_fresh_in_each_box(tmp_path: Path) -> None:
    made = await environment(tmp_path, "redis")
    first = await said(tmp_path, made, redis("PING"), redis("SET a 1"), redis("EXISTS a"))
    assert [ran.output for ran in first] == ["+PONG\n", "+OK\n", ":1\n"]
    (again,) = await said(tmp_path, made, redis("EXISTS a"))
    assert again.output == ":0\n"


async def test_postgresql_lets_in_the_user_that_the_project_names(tmp_path: Path) -> None:
    made = await environment(tmp_path, "postgresql://app:secret@localhost:5433/app_test")
    ran = await said(
        tmp_path,
        made,
        "psql -h localhost -p 5433 -U app app_test -Atc 'select current_user, 1 + 1'",
        "createdb more && psql -d more -Atc 'create table t (a int); select count(*) from t'",
    )
    assert [one.output for one in ran] == ["app|2\n", "CREATE TABLE\n0\n"]
    (again,) = await said(tmp_path, made, "psql -l -At | grep -c ^more")
    assert again.output == "0\n"


async def test_mysql_has_the_database_and_the_user(tmp_path: Path) -> None:
    made = await environment(tmp_path, "mariadb://app:it%27s@localhost:3307/shop")
    sql = "select current_user(), database()"
    asked = f"mysql -h 127.0.0.1 -P 3307 -u app -p\"it's\" shop -Ne '{sql}'"
    by_socket = "mysql -u root -p\"it's\" -Ne 'select 1'"
    ran = await said(tmp_path, made, asked, by_socket)
    assert [one.output for one in ran] == ["app@127.0.0.1\tshop\n", "1\n"]


async def test_memcached_keeps_what_it_is_told(tmp_path: Path) -> None:
    made = await environment(tmp_path, "memcached")
    (ran,) = await said(tmp_path, made, redis("version", 11211))
    assert ran.output.startswith("VERSION ")


async def test_several_at_once_and_one_by_the_name_that_tests_call_it(tmp_path: Path) -> None:
    made = await environment(tmp_path, "redis://cache", "redis://:word@localhost:6380", "memcached")
    ran = await said(
        tmp_path,
        made,
        redis("PING").replace("localhost", "cache"),
        redis("PING", 6380),
        redis("AUTH word", 6380),
    )
    assert ran[0].output == "+PONG\n"
    assert ran[1].output.startswith("-NOAUTH")
    assert ran[2].output == "+OK\n"


async def test_nothing_of_it_is_seen_on_the_machine(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        made = await environment(tmp_path, f"redis://localhost:{port}")
        box = await opened(tmp_path, made)
        try:
            assert (await box.exec(redis("PING", port))).output == "+PONG\n"
            taken.settimeout(0)
            with pytest.raises(BlockingIOError):
                taken.accept()
        finally:
            await box.close()
        other = await SANDBOX.open(Layout(tree=tmp_path / "tree"), BoxLimits(command_s=60))
        try:
            assert (await other.exec(redis("PING", port))).exit_code != 0
        finally:
            await other.close()


async def test_two_boxes_at_once_do_not_meet(tmp_path: Path) -> None:
    made = await environment(tmp_path, "redis")
    boxes = await asyncio.gather(*(opened(tmp_path, made) for _ in range(2)))
    try:
        await boxes[0].exec(redis("SET a 1"))
        assert (await boxes[1].exec(redis("EXISTS a"))).output == ":0\n"
    finally:
        await asyncio.gather(*(box.close() for box in boxes))


async def test_a_limit_that_ends_a_command_leaves_the_next_its_services(tmp_path: Path) -> None:
    made = await environment(tmp_path, "redis", "postgresql")
    box = await opened(tmp_path, made, disk_bytes=64 << 20)
    try:
        await box.exec("createdb kept")
        await box.exec("mkdir -p below && cd below")
        over = await box.exec("for n in 1 2 3; do head -c 30M /dev/zero > /work/$n; done; sleep 60")
        assert over.killed == "disk"
        for name in "123":
            (tmp_path / "tree" / name).unlink()
        after = await box.exec(redis("PING"))
        assert after.output == "+PONG\n"
        assert after.cwd.endswith("/below")
        assert (await box.exec("psql -d kept -Atc 'select 1'")).output == "1\n"
    finally:
        await box.close()


async def test_a_command_that_ran_out_of_time_leaves_them(tmp_path: Path) -> None:
    made = await environment(tmp_path, "redis")
    box = await opened(tmp_path, made)
    try:
        await box.exec(redis("SET a 1"))
        assert (await box.exec("sleep 600", timeout_s=0.2)).killed == "time"
        assert (await box.exec(redis("EXISTS a"))).output == ":1\n"
    finally:
        await box.close()


@pytest.mark.skipif(os.getuid() != 0, reason="containers are tested as root")
@pytest.mark.parametrize(
    ("text", "command", "answer"),
    [
        ("redis", redis("PING"), "+PONG\n"),
        ("memcached", redis("get a", 11211), "END\n"),
        ("mariadb://app:x@localhost/shop", "mysql -h 127.0.0.1 -u app -px -Ne 'select 1'", "1\n"),
    ],
)
async def test_in_a_container_the_images_own_programs_serve(
    tmp_path: Path, text: str, command: str, answer: str
) -> None:
    sandbox = Serving(container())
    wish = read_service(text)
    assert wish is not None
    (tmp_path / "tree").mkdir()
    made = await maker(tmp_path, sandbox, wish).make("k", tmp_path / "tree")
    layout = Layout(
        tree=tmp_path / "tree", read_only=made.read_only, env=made.env, services=made.services
    )
    box = await sandbox.open(layout, BoxLimits(command_s=120))
    try:
        assert (await box.exec(command)).output == answer
    finally:
        await box.close()


async def test_what_the_machine_lacks_is_said_by_name(tmp_path: Path) -> None:
    wish = read_service("redis")
    assert wish is not None
    tree = tmp_path / "tree"
    tree.mkdir()
    with pytest.raises(SandboxError) as caught:
        await maker(tmp_path, SANDBOX, wish, PATH="/nowhere").make("k", tree)
    assert caught.value.key == "workspace.service_missing"
    assert caught.value.facts["programs"] == "redis-server / valkey-server"


async def test_without_a_wall_there_is_no_network_of_its_own(tmp_path: Path) -> None:
    wish = read_service("redis")
    assert wish is not None
    (tmp_path / "tree").mkdir()
    with pytest.raises(SandboxError) as caught:
        await maker(tmp_path, BareSandbox(), wish).make("k", tmp_path / "tree")
    assert caught.value.key == "workspace.service_bare"


async def test_one_that_does_not_start_says_why(tmp_path: Path) -> None:
    made = await environment(tmp_path, "postgresql")
    (place,) = (Path(host) for host, inside in made.read_only.items() if inside == "/env")
    (place / "services" / "postgresql-5432" / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(SandboxError) as caught:
        await opened(tmp_path, made)
    assert caught.value.key == "workspace.service_failed"
    assert "nonsense" in str(caught.value.facts["log"])


async def test_data_of_another_version_are_made_anew(tmp_path: Path) -> None:
    made = await environment(tmp_path, "postgresql://app@localhost/own")
    (place,) = (Path(host) for host, inside in made.read_only.items() if inside == "/env")
    (place / "services" / "postgresql-5432.version").write_text("postgres 1.0\n")
    (ran,) = await said(tmp_path, made, "psql -d own -Atc 'select current_user'")
    assert ran.output == "app\n"
