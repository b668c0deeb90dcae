"""The machine's way out is taken, and nothing else of its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import LookupUnavailable
from harness.core.hosts import Target
from harness.core.reference_types import Validators
from harness.knowledge.references.fetching import Fetching
from harness.knowledge.references.proxies import proxy_for
from harness.system.upstream import upstream_of

AWAY = Target(host="docs.example", port=443)
ENV = {"HTTPS_PROXY": "http://ann:word@proxy.example:3128", "NO_PROXY": ".corp.example"}


def test_a_proxy_is_asked_for_what_lies_behind_it() -> None:
    above = upstream_of(ENV)
    found = proxy_for(AWAY, above)
    assert found is not None
    assert str(found.url) == "http://proxy.example:3128"
    assert found.headers["proxy-authorization"] == "Basic YW5uOndvcmQ="
    for host in ("127.0.0.1", "localhost", "wiki.corp.example"):
        assert proxy_for(Target(host=host, port=443), above) is None
    assert proxy_for(AWAY, upstream_of({})) is None


async def test_a_proxy_that_is_none_lets_nothing_through(tmp_path: Path) -> None:
    async def resolve(_: Target) -> tuple[str, ...]:
        return ("93.184.215.14",)

    above = upstream_of({"HTTPS_PROXY": "socks5://proxy.example:1080"})
    fetcher = Fetching(tmp_path, upstream=above, resolve=resolve)
    with pytest.raises(LookupUnavailable, match="HTTPS_PROXY names no proxy") as said:
        await fetcher.fetch("https://docs.example/", Validators())
    assert said.value.key == "refs.unavailable"


async def test_a_name_that_is_of_a_closed_network_here_is_not_asked_of_a_proxy(
    tmp_path: Path,
) -> None:
    async def resolve(_: Target) -> tuple[str, ...]:
        return ("10.0.0.1",)

    fetcher = Fetching(tmp_path, upstream=upstream_of(ENV), resolve=resolve)
    found = await fetcher.fetch("https://docs.example/", Validators())
    assert found.refused is not None
    assert found.refused.key == "refs.refused_inside"
