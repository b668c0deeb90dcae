"""What the Anthropic adapter is made with: the settings alone, not the environment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.model_server import ModelServer
from harness.core.errors import ConfigError
from harness.llm.anthropic import Anthropic
from harness.testing.model_contract import request, user
from tests.llm.test_anthropic import KEY, model_at


async def test_the_environment_steers_neither_address_nor_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "other")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "other")

    async def scenario(server: ModelServer) -> None:
        claude = model_at(server.address)
        await claude.complete(request(user("go")))
        await claude.close()
        headers = server.requests[0].headers
        assert KEY in headers.get("authorization", "") + headers.get("x-api-key", "")
        assert "other" not in str(headers)

    with ModelServer({"conversations": [{"turns": [{"text": "x"}]}]}) as server:
        await scenario(server)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Anthropic(name="c", model="m", api_key=""),
        lambda: Anthropic(name="c", model="m", api_key="", base_url="https://api.anthropic.com/"),
        lambda: Anthropic(name="c", model="m", api_key=KEY, base_url="http://[bad"),
    ],
)
def test_a_setting_that_cannot_work_is_said_before_any_call(make: Callable[[], Anthropic]) -> None:
    with pytest.raises(ConfigError):
        make()


async def test_a_server_of_ones_own_may_go_without_a_key() -> None:
    async def scenario(server: ModelServer) -> None:
        local = Anthropic(name="c", model="m", api_key="", base_url=server.address)
        assert (await local.complete(request(user("go")))).text == "x"
        await local.close()

    with ModelServer({"conversations": [{"turns": [{"text": "x"}]}]}) as server:
        await scenario(server)
