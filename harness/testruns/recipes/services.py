"""Servers that a CI file starts beside the tests, by the names of the setting `services`. Pure."""

from __future__ import annotations

import re

KNOWN = {
    "postgres": "postgresql", "postgresql": "postgresql", "postgis": "postgresql",
    "pgvector": "postgresql", "timescaledb": "postgresql", "redis": "redis", "valkey": "redis",
    "redis-stack": "redis", "mysql": "mysql", "mariadb": "mysql", "mongo": "mongodb",
    "mongodb": "mongodb", "rabbitmq": "rabbitmq", "memcached": "memcached",
    "elasticsearch": "elasticsearch", "opensearch": "opensearch", "minio": "minio",
    "kafka": "kafka", "nats": "nats",
}  # fmt: skip


def service_of(image: str) -> str:
    """From an image's name; what is not known, by its own."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0].strip().lower()
    if name in KNOWN:
        return KNOWN[name]
    return name if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name) else ""
