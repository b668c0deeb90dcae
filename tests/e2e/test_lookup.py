"""An issue that names a page: the worker searches and reads it, the pull request and the report say
so with its date; a second run reads it while the site is down."""

from __future__ import annotations

from pathlib import Path

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
        second = (world.folder(2) / "REPORT.md").read_text()
        assert f"`{guide}` (The guide), as of 20" in second
        assert "stale" in second


def _worker(guide: str, more: str) -> object:
    """Refuses to go on when it was not told what stands on the pages."""
    return conversation(
        turn(TRIAGE, PLAN, call("reference", query="sign of addition")),
        {**turn(call("reference", source=guide)), "when": {"last_contains": guide}},
        {**turn(call("reference", source=more)), "when": {"last_contains": FOUND}},
        {
            **turn(WRITE_TEST, REPRODUCTION, FIX, DONE),
            "when": {"last_contains": "add gives the sum"},
        },
        session="1-worker",
    )


def _second(guide: str) -> object:
    return conversation(
        turn(call("reference", source=guide)),
        session="2/1-worker",
    )
