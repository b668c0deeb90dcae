"""Where a model is asked: checked before the first call. Pure."""

from __future__ import annotations

import ssl
from typing import Final
from urllib.parse import urlsplit

from harness.core.errors import ConfigError

NO_KEY: Final = "none"
"""What a local server without keys is sent: the SDKs insist on one."""


def is_at(address: str, vendor: str) -> bool:
    """Whether an address is the vendor's own host."""
    return urlsplit(address).hostname == urlsplit(vendor).hostname


def check_address(base_url: str) -> str:
    """The same address; ConfigError when no request could ever be sent there."""
    detail = ""
    try:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https"):
            detail = "no http:// or https://"
        elif not parts.hostname:
            detail = "no host"
        elif parts.port == 0:
            detail = "no port 0"
    except ValueError as error:
        detail = str(error)
    if detail:
        raise ConfigError("llm.bad_address", base_url=base_url, detail=detail)
    return base_url


def plain_tls(address: str) -> ssl.SSLContext | None:
    """For an address without TLS: a context that trusts nobody, so that the certificates of the
    whole world are not loaded for nothing (50 to 100 ms), and a redirect to TLS fails. None: the
    SDK's own."""
    if urlsplit(address).scheme == "https":
        return None
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
