"""The machine's way out, as the client of HTTP takes it."""

from __future__ import annotations

import httpx2

from harness.core.hosts import Target
from harness.system.upstream import Upstream


def proxy_for(at: Target | None, upstream: Upstream | None) -> httpx2.Proxy | None:
    """None: it is reached without one. ValueError when the machine names one that is none."""
    if upstream is None or at is None or upstream.passes_by(at):
        return None
    if upstream.at is None:
        raise ValueError("HTTPS_PROXY names no proxy")
    headers = {"Proxy-Authorization": f"Basic {upstream.login}"} if upstream.login else {}
    return httpx2.Proxy(f"{'https' if upstream.tls else 'http'}://{upstream.at}", headers=headers)
