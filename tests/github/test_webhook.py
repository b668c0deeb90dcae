"""The daemon itself with GitHub and a webhook: woken long before its schedule; no secret stays."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import signal
import socket
import subprocess
from pathlib import Path

from tests.e2e.world import HARNESS, World
from tests.forge.world import NAME
from tests.github.hub import Hub
from tests.github.server import github
from tests.patience import PATIENCE_S

TOKEN = "github_pat_canary_0123456789"
SECRET = "webhook-canary-0123456789abcdef"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def deliver(port: int, repository: int, guid: str) -> int:
    body = json.dumps({"repository": {"id": repository}}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    headers = {
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    try:
        line.request("POST", "/github", body, headers)
        return line.getresponse().status
    finally:
        line.close()


def looks(hub: Hub) -> int:
    """How often the list of issues was asked for."""
    return sum("/issues?" in str(e) or str(e).split()[1].endswith("/issues") for e in hub.exchanges)


def test_a_delivery_wakes_the_daemon_and_nothing_secret_stays(tmp_path: Path) -> None:
    with github(tmp_path) as hub:
        hub.token(TOKEN, "harness")
        port = free_port()
        settings = f'[schedule]\nevery = "1h"\n[webhook]\nlisten = "127.0.0.1:{port}"\n'
        world = World(tmp_path / "person", settings)
        world.run("init", "--github", NAME)
        file = world.config / "projects" / "calc.toml"
        place = f'[forge]\nbase_url = "{hub.url}/api/v3"'
        file.write_text(file.read_text().replace("[forge]", place))
        repository = asyncio.run(hub.as_("ada").repository())
        secrets = {"GITHUB_TOKEN": TOKEN, "HARNESS_WEBHOOK_SECRET": SECRET}
        daemon = subprocess.Popen(
            [*HARNESS, "run"],
            cwd=world.repo,
            env={**world.env, **secrets},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert world.until(lambda: looks(hub) > 0, 60), daemon.poll()
            before = looks(hub)
            assert deliver(port, repository.id + 1, "guid-foreign") == 403
            assert deliver(port, repository.id, "guid-0001") == 202
            assert deliver(port, repository.id, "guid-0001") == 409
            assert world.until(lambda: looks(hub) > before, 30)
        finally:
            daemon.send_signal(signal.SIGTERM)
            said = daemon.communicate(timeout=PATIENCE_S)[1]
        assert daemon.returncode == 0, said
        assert f"127.0.0.1:{port}/github" in said
        kept = [p for p in world.home.rglob("*") if p.is_file()]
        assert len(kept) > 5
        for path in kept:
            data = path.read_bytes()
            assert TOKEN.encode() not in data, path
            assert SECRET.encode() not in data, path
