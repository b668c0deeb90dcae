"""An issue that names a page: the worker searches and reads it, the pull request and the report say
so with its date; a second run reads it while the site is down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.world import (
    BUG,
    DONE,
    FIX,
    PLAN,
    REPRODUCTION,
    REVIEWER,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    conversation,
    turn,
    verdict,
)
from tests.loopback_site import Site, page, serving

SETTINGS = """
[references]
enabled = true
provider = "searxng"
search_url = "{search}"
private = ["{host}"]
fresh_s = 0.001
"""
FOUND = "What the sign means is in the operators guide."


def test_a_page_is_read_once_cited_and_there_when_its_site_is_not(tmp_path: Path) -> None:
    with serving(Site()) as site:
        guide, more = site.at("/guide"), site.at("/operators?of=add")
        site.pages["/guide"] = page("The guide", FOUND, f'<a href="{more}">operators</a>')
        site.pages["/operators?of=add"] = page("Operators", "add gives the sum: a + b.")
        site.hits = [{"url": guide, "title": "The guide", "content": "of signs"}]
        settings = SETTINGS.format(search=site.at(""), host=site.host)
        world = World(tmp_path, settings=settings)
        world.script(_worker(guide, more), _second(guide), REVIEWER)
        world.begin(BUG[0], f"{BUG[1]} See {guide}.")
        world.run("run", "--once")
        assert world.status()[1]["state"] == "done", world.why()
        assert site.queries == ["sign of addition"]
        assert [path for path, _ in site.asked if path != "/search"][-2:] == [
            "/guide",
            "/operators?of=add",
        ]
        (pull,) = world.pulls()
        assert "Looked up" in pull.body
        assert guide in pull.body
        assert "sign of addition" in pull.body
        report = (world.folder() / "REPORT.md").read_text()
        assert f"`{more}` (Operators), as of 20" in report
        assert "sign of addition" in report
        asked = len(site.asked)
        site.down = True
        world.run("issue", "new", "double is odd", "--body", f"double(2) gives 4. See {guide}.")
        world.run("run", "--once")
        assert len(site.asked) == asked
        second = world.run("report", str(max(world.status()))).stdout
        assert f"`{guide}` (The guide), as of 20" in second
        assert "stale" in second


def _worker(guide: str, more: str) -> object:
    """Goes on only when it was told what stands on the pages."""
    return conversation(
        turn(TRIAGE, PLAN, call("reference", query="sign of addition")),
        when_told(guide, call("reference", source=guide)),
        when_told(FOUND, call("reference", source=more)),
        when_told("add gives the sum", WRITE_TEST, REPRODUCTION, FIX, DONE),
        session="/1/1-worker",
    )


def _second(guide: str) -> object:
    return conversation(
        turn(call("reference", source=guide)),
        when_told(FOUND, verdict("blocked", reason="It is as the guide says.")),
        contains="double is odd",
        session="-worker",
    )


def when_told(words: str, *calls: dict[str, Any]) -> dict[str, Any]:
    lost = verdict("blocked", reason=f"was not told: {words}")
    return {**turn(lost), "alternatives": [{**turn(*calls), "when": {"last_contains": words}}]}
