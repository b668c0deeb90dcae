"""Servers that a CI file starts beside the tests, as the setting `services` says them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from harness.core.services import name_of_image, service_of_image, version_of_image

KNOWN = {
    "postgres": "postgresql", "postgresql": "postgresql", "postgis": "postgresql",
    "pgvector": "postgresql", "timescaledb": "postgresql", "redis": "redis", "valkey": "redis",
    "redis-stack": "redis", "mysql": "mysql", "mariadb": "mysql", "mongo": "mongodb",
    "mongodb": "mongodb", "rabbitmq": "rabbitmq", "memcached": "memcached",
    "elasticsearch": "elasticsearch", "opensearch": "opensearch", "minio": "minio",
    "kafka": "kafka", "nats": "nats",
}  # fmt: skip


def service_of(image: str, env: Mapping[str, str], ports: Sequence[str], host: str) -> str:
    """With the account and the port that tests expect, where it is one that can be started; else by
    its name alone. `host`: what a job that runs in a container calls it."""
    if told := service_of_image(image, env, ports, host):
        return told
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0].strip().lower()
    if name in KNOWN:
        return KNOWN[name]
    return name if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name) else ""


def version_in(image: str) -> dict[str, str]:
    """The version that an image's tag asks for, as a recipe's `wants`; {} when it names none."""
    name, version = name_of_image(image), version_of_image(image)
    return {name: version} if name and version else {}
