"""The address that is listened on is what the settings say."""

from __future__ import annotations

import pytest

from harness.app.webhooks import address
from harness.core.errors import ConfigError


def test_an_address_is_taken_apart() -> None:
    assert address("127.0.0.1:8787") == ("127.0.0.1", 8787)
    assert address("[::1]:0") == ("::1", 0)
    assert address("hooks.example.org:443") == ("hooks.example.org", 443)


@pytest.mark.parametrize("text", ["8787", "127.0.0.1", ":8787", "here:99999", "a b:1", "h:-1"])
def test_what_is_none_is_a_mistake_in_the_settings(text: str) -> None:
    with pytest.raises(ConfigError) as told:
        address(text)
    assert told.value.key == "web.bad_address"
