"""`doctor` names the permission that a token lacks, whichever it is (Must show 7)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from harness.app.github_probes import of_powers, of_time
from harness.core.types import Power
from harness.core.view_types import Probe
from harness.forge.github.open import Credential, web_address
from harness.forge.github.powers import ASKED
from harness.i18n.catalogue import Catalogue
from tests.forge.world import git
from tests.github.clock import BEGIN, JumpClock
from tests.github.hub import ALL
from tests.github.server import github

WRITE = {name: "read" if name == "metadata" else "write" for name in ALL}
NAMED = {
    "contents": "Contents: write",
    "issues": "Issues: write",
    "pull_requests": "Pull requests: write",
    "statuses": "Commit statuses: write",
}
OPTIONAL = {"checks": "Checks: write", "actions": "Actions: write"}
"""A personal token may never write checks; then statuses are needed."""
WORDS = Catalogue("en")


def said(probe: Probe) -> str:
    """What `doctor` prints of one check."""
    fix = WORDS(probe.fix.key, **probe.fix.facts) if probe.fix else ""
    return f"{WORDS(probe.name.key, **probe.name.facts)} {probe.detail} {fix}"


def test_a_token_that_lacks_each_permission_in_turn_hears_its_name(tmp_path: Path) -> None:
    with github(tmp_path, JumpClock()) as hub:
        hub.token("tok_all", "harness", WRITE)

        def probes(token: str) -> list[Probe]:
            powers: tuple[Power, ...] = asyncio.run(hub.forge(token).powers())
            return of_powers(powers, "p", WORDS)

        whole = probes("tok_all")
        assert not [p for p in whole if p.needed and not p.ok]
        assert [p.name.facts["power"] for p in whole] == [row.name for row in ASKED]
        assert [p.detail for p in whole] == [WORDS(row.use) for row in ASKED]
        for lacking, name in {**NAMED, **OPTIONAL}.items():
            token = f"tok_no_{lacking}"
            given = {"contents": "read"} if lacking == "contents" else {}
            hub.token(token, "harness", {k: v for k, v in WRITE.items() if k != lacking} | given)
            found = [p for p in probes(token) if not p.ok and name in said(p)]
            assert len(found) == 1, lacking
            assert found[0].needed == (lacking in NAMED), lacking
            assert "GitHub said: -" not in said(found[0])
        hub.token("tok_blind", "harness", {"issues": "write", "pull_requests": "write"})
        blind = [said(p) for p in probes("tok_blind") if p.needed and not p.ok]
        assert any("Contents: write" in line for line in blind)
        refs = git(hub.local.bare, "for-each-ref", "--format=%(refname)")
        assert refs == "refs/heads/main"
        assert asyncio.run(hub.as_("ada").issues()).issues == ()


@pytest.mark.parametrize(
    ("days", "skew", "good"), [(30, 0, True), (3, 5, False), (-1, 0, False), (None, 59, True)]
)
def test_a_token_that_ends_soon_and_a_clock_that_is_off_are_warnings(
    days: float | None, skew: float, *, good: bool
) -> None:
    ends = None if days is None else BEGIN + timedelta(days=days)
    found = of_time(Credential("fine-grained", ends, skew), BEGIN, {"project": "p"})
    assert all(p.ok for p in found) == good
    assert not any(p.needed for p in found)
    off = of_time(Credential("app", None, -90), BEGIN, {"project": "p"})
    assert [p.ok for p in off] == [False]
    assert "-90" in said(off[0])


def test_repositories_are_found_beside_the_api() -> None:
    assert web_address("") == "https://github.com"
    assert web_address("https://api.github.com") == "https://github.com"
    assert web_address("https://git.firm.example/api/v3/") == "https://git.firm.example"
    assert web_address("https://api.firm.ghe.com") == "https://firm.ghe.com"
    assert web_address("http://127.0.0.1:8080/api/v3") == "http://127.0.0.1:8080"
