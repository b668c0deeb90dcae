"""`python -m benchmarks.references`: a page that 25 agents of three runs ask for; what looking
things up costs in a scripted task; what gets out by the ways of tests/security/lookup_ways.py."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from benchmarks.figures import Table, machine, shown
from benchmarks.model_server import ModelServer
from benchmarks.session import SERVER
from harness.core.hosts import targets
from harness.core.types import Run
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.knowledge.references.extracting import Extracting
from harness.knowledge.references.fetching import Fetching
from harness.knowledge.references.packages import InstalledDocs
from harness.knowledge.references.store import KeptReferences
from harness.pipeline.deps import Guard
from harness.pipeline.lookup.library import Library
from harness.pipeline.lookup.lookup import Lookup, LookupDeps
from harness.pipeline.lookup.packages import PackageShelf
from harness.pipeline.lookup.rules import LookupRules, may_follow
from harness.system.clock import SystemClock
from harness.tools.reference import LookupArguments
from tests.e2e.world import DONE, FIX, PLAN, REPRODUCTION, TRIAGE, WRITE_TEST, World, call, turn
from tests.engine.values import AT, session, snapshot
from tests.loopback_site import Site, page, serving
from tests.pipeline.lookup.library_card import PROMPTS, Warden
from tests.security.lookup_ways import WAYS
from tests.security.test_lookup_out import played

AGENTS, RUNS = 25, 3
FRESH_S = 8.0
SETTINGS = """
[policy]
review = false
[references]
enabled = {enabled}
provider = "searxng"
search_url = "{search}"
private = ["{host}"]
"""
LINES = [f"def helper_{n}(value):\n    return value + {n}\n\n\n" for n in range(400)]


async def shared_page(site: Site, folder: Path) -> list[tuple[str, ...]]:
    """A row a run: what its agents asked, and what the server saw."""
    database = Database(folder / "state.db")
    await database.open()
    try:
        store = SqlStore(database)
        look = _lookup(site, folder, store)
        rows = []
        for number in range(1, RUNS + 1):
            run, _ = await store.open_run("p", snapshot(number, f"See {site.at('/guide')}."), AT)
            names = [f"s{number}-{n}" for n in range(AGENTS)]
            for name in names:
                await store.open_session(session(run, name))
            before, began = len(site.asked), time.monotonic()
            asked = LookupArguments(source=site.at("/guide"))
            await asyncio.gather(*(look(name, "c1", asked) for name in names))
            took = time.monotonic() - began
            seen = [status for _, status in site.asked[before:]]
            counts = (seen.count(200), seen.count(304))
            rows.append((f"run {number}", str(AGENTS), *map(str, counts), shown(took)))
            if number < RUNS:
                await asyncio.sleep(FRESH_S)
        return rows
    finally:
        await database.close()


def _lookup(site: Site, folder: Path, store: SqlStore) -> Lookup:
    inside = targets([site.host])[0]
    rules = LookupRules(private=inside, fresh_s=FRESH_S)
    kept = KeptReferences(folder)

    async def folders(run: Run) -> Sequence[Path]:
        return ()

    return Lookup(
        LookupDeps(
            store=store,
            guard=cast(Guard, Warden()),
            prompts=PROMPTS,
            rules=rules,
            library=Library(kept, Extracting(), SystemClock()),
            fetcher=Fetching(
                folder / "visits", follows=partial(may_follow, rules=rules), inside=inside
            ),
            provider=None,
            shelf=PackageShelf(InstalledDocs(), kept),
            folders=folders,
            on_event=lambda run, event: None,
        )
    )


@dataclass(frozen=True)
class Task:
    """What one scripted task came to. `looking_s`: from the reply that opens or reads to the next
    request that is about something else."""

    requests: int
    tokens: float
    looking_s: float
    seconds: float
    asked: int


def task(world: World, server: ModelServer, site: Site) -> Task:
    """One `harness run --once` over the newest issue."""
    asked, sent = len(site.asked) + len(site.queries), len(server.requests)
    began = time.monotonic()
    world.run("run", "--once", env={"ANTHROPIC_API_KEY": "none"}, timeout_s=600)
    took = time.monotonic() - began
    bodies = [request.body for request in server.requests[sent:]]
    parts = [[body.get(key) for key in ("tools", "system", "messages")] for body in bodies]
    tokens = sum(len(json.dumps(part, separators=(",", ":"))) for part in parts) / 4
    replies = server.requests[sent:]
    looking_s = replies[-1].began - replies[1].ended
    seen = len(site.asked) + len(site.queries) - asked
    return Task(len(bodies), tokens, looking_s, took, seen)


def tasks(site: Site, folder: Path) -> list[tuple[str, ...]]:
    """The same two facts found: by the tool with nothing kept, then with all kept, then by reading
    the library's own file, which a model without it would do."""
    guide, more = site.at("/guide"), site.at("/operators")
    looking = [
        turn(TRIAGE, PLAN, call("reference", query="sign of addition")),
        turn(call("reference", source=guide), call("reference", source=more)),
        turn(WRITE_TEST, REPRODUCTION, FIX, DONE),
    ]
    reading = [
        turn(TRIAGE, PLAN, call("search", pattern="sign|addition|sum", glob="library/*.py")),
        turn(call("read", path="library/sums.py")),
        turn(call("read", path="library/sums.py", offset=601)),
        turn(WRITE_TEST, REPRODUCTION, FIX, DONE),
    ]
    rows: list[tuple[str, ...]] = []
    for name, enabled, script in (
        ("with the tool", "true", looking),
        ("without", "false", reading),
    ):
        place = folder / name.replace(" ", "-")
        with ModelServer({"conversations": [{"turns": script}]}) as server:
            settings = SETTINGS.format(enabled=enabled, search=site.at(""), host=site.host)
            world = World(place, settings=SERVER.format(address=server.address) + settings)
            (world.repo / "library").mkdir()
            (world.repo / "library" / "sums.py").write_text("".join(LINES))
            world.commit("a library")
            world.begin("add subtracts", f"add(2, 3) gives -1. See {guide} and {more}.")
            first = task(world, server, site)
            rows.append(_row("cold cache" if enabled == "true" else "without the tool", first))
        if enabled == "true":
            rows.append(_row("warm cache", _warm(place, site, script, world)))
    return rows


def _warm(place: Path, site: Site, script: list[dict[str, Any]], cold: World) -> Task:
    """A second repository of the same person: what the first looked up is kept."""
    with ModelServer({"conversations": [{"turns": script}]}) as server:
        guide, more = site.at("/guide"), site.at("/operators")
        settings = SETTINGS.format(enabled="true", search=site.at(""), host=site.host)
        world = World(place / "other", settings=SERVER.format(address=server.address) + settings)
        for name in ("references.db", "references.db-wal", "references"):
            kept = cold.state / name
            world.state.mkdir(parents=True, exist_ok=True)
            if kept.exists():
                kept.rename(world.state / name)
        world.begin("add subtracts", f"add(2, 3) gives -1. See {guide} and {more}.")
        return task(world, server, site)


def _row(name: str, done: Task) -> tuple[str, ...]:
    sizes = (shown(done.tokens), shown(done.looking_s), shown(done.seconds))
    return (name, str(done.requests), *sizes, str(done.asked))


def outside(folder: Path) -> list[tuple[str, ...]]:
    """A row a way: what it got out."""
    rows: list[tuple[str, ...]] = []
    for number, way in enumerate(WAYS):
        place = folder / str(number)
        place.mkdir()
        out, refused, asked = asyncio.run(played(way, place))
        rows.append((way.name, str(asked), str(refused), str(out)))
    return rows


def main() -> None:
    with serving(Site()) as site, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        guide, more = site.at("/guide"), site.at("/operators")
        told = [f"The sign of addition is a plus, point {n} of the guide." for n in range(40)]
        site.pages["/guide"] = page("The guide", *told, f'<a href="{more}">operators</a>')
        site.pages["/operators"] = page("Operators", *[f"add gives a + b ({n})" for n in range(40)])
        site.hits = [{"url": guide, "title": "The guide", "content": "the sign of addition"}]
        root = Path(folder)
        for name in ("shared", "tasks", "ways"):
            (root / name).mkdir()
        print(machine())
        head = ("one page", "asked by agents", "downloads", "304", "seconds")
        _print("One page, real parts:", head, asyncio.run(shared_page(site, root / "shared")))
        costs = ("requests to the model", "tokens sent", "looking, s", "whole, s")
        _print("Scripted:", ("task", *costs, "asked outside"), tasks(site, root / "tasks"))
        way = ("way", "asks", "without a page", "characters out")
        _print("Ways out:", way, outside(root / "ways"))


def _print(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    print(Table(title, head, tuple(rows)).markdown(), end="\n\n")


if __name__ == "__main__":
    main()
