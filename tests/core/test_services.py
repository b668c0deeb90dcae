"""How services are named."""

from __future__ import annotations

import pytest

from harness.core.errors import ConfigError
from harness.core.services import read_service, read_services, service_of_image


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("redis", "redis"),
        ("valkey", "redis"),
        ("postgres", "postgresql"),
        ("mariadb://root:root@127.0.0.1:3306/test", "mysql://root:root@localhost/test"),
        ("postgresql://app:p%40ss@db:5433/app", "postgresql://app:p%40ss@db:5433/app"),
        ("redis://cache", "redis://cache"),
        ("memcached://localhost:11212", "memcached://localhost:11212"),
    ],
)
def test_a_name_or_an_address_is_read_and_written(text: str, again: str) -> None:
    wish = read_service(text)
    assert wish is not None
    assert str(wish) == again
    assert read_service(again) == wish


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mongodb",
        "Redis ",
        "redis; rm -rf ~",
        "postgresql://a'b@localhost/x",
        'postgresql://app@localhost/x"y',
        "postgresql://app@localhost:99999/x",
        "redis://localhost:80",
        "redis://localhost:six",
        "redis://$(id)",
        "redis://local%0ahost",
        "postgresql://app@localhost/app?sslmode=require",
        "mysql://root:a%0ab@localhost/x",
    ],
)
def test_what_cannot_be_started_or_is_no_name_is_refused(text: str) -> None:
    assert read_service(text) is None


@pytest.mark.parametrize(
    ("image", "env", "ports", "host", "text"),
    [
        ("postgres:16-alpine", {"POSTGRES_PASSWORD": "postgres"}, ["5432:5432"], "",
         "postgresql://postgres:postgres@localhost"),
        ("postgis/postgis:15-3.4", {"POSTGRES_USER": "gis", "POSTGRES_DB": "geo"}, ["5433:5432"],
         "", "postgresql://gis@localhost:5433/geo"),
        ("docker.io/library/redis", {}, [], "", "redis"),
        ("ghcr.io/valkey/valkey@sha256:abc", {}, ["6380:6379/tcp"], "", "redis://localhost:6380"),
        ("mysql:8.0", {"MYSQL_ROOT_PASSWORD": "root", "MYSQL_DATABASE": "test"}, [], "",
         "mysql://root:root@localhost/test"),
        ("mariadb:11", {"MARIADB_USER": "a", "MARIADB_PASSWORD": "b", "MARIADB_DATABASE": "c"}, [],
         "", "mysql://a:b@localhost/c"),
        ("memcached:1.6", {}, ["11211"], "cache", "memcached://cache"),
        ("postgres", {}, ["127.0.0.1:5999:5432"], "db", "postgresql://db:5999"),
        ("mongo:7", {}, [], "", ""),
        ("rabbitmq:3-management", {}, [], "", ""),
        ("postgres", {"POSTGRES_USER": "${{ secrets.USER }}"}, [], "", ""),
    ],
)  # fmt: skip
def test_a_workflows_service_becomes_the_setting(
    image: str, env: dict[str, str], ports: list[str], host: str, text: str
) -> None:
    assert service_of_image(image, env, ports, host) == text
    assert not text or read_service(text) is not None


def test_two_at_one_port_are_refused_and_one_said_twice_is_one() -> None:
    assert len(read_services(["redis", "valkey", "redis://localhost:6379", "memcached"])) == 2
    with pytest.raises(ConfigError) as caught:
        read_services(["redis", "redis://:word@localhost"])
    assert caught.value.key == "config.service_port"
