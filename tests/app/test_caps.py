"""Whichever project a command is about, each one goes by its own operator's file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.app import open_app
from harness.app.adapters import Purse
from harness.config.environ import place
from harness.config.load import Sources
from harness.core.errors import CapReached
from harness.core.types import Spend
from harness.i18n.catalogue import Catalogue
from tests.engine.values import AT, snapshot

SCRIPT = '{"conversations": [{"turns": [{"text": "hi"}]}]}'


def sources(root: Path) -> Sources:
    """Two registered projects; the second may spend less."""
    cwd, script = root / "work", root / "script.json"
    cwd.mkdir()
    script.write_text(SCRIPT)
    there = place({"HOME": str(root / "home")}, cwd)
    for name, limits in (("large", ""), ("small", "[limits.session]\ntokens = 100\n")):
        file = there.project_file(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(limits)
    there.user_file.write_text(
        f'[limits.day]\ntokens = 500\n[models.m]\ndialect = "scripted"\nscript = "{script}"\n'
    )
    return Sources(there)


def test_a_model_without_a_known_price_is_named(tmp_path: Path) -> None:
    given = sources(tmp_path)
    user = given.place.user_file
    user.write_text(
        user.read_text()
        + '[models.own]\ndialect = "openai"\nmodel = "mine-7b"\nbase_url = "http://127.0.0.1:9"\n'
        + '[models.known]\ndialect = "openai"\nmodel = "gpt-5"\n'
    )
    assert Purse(given.settings("large")).unpriced_models() == ("own",)
    priced = 'model = "mine-7b"\nprice_in = 0\nprice_out = 0\n'
    user.write_text(user.read_text().replace('model = "mine-7b"\n', priced))
    assert Purse(given.settings("large")).unpriced_models() == ()


@pytest.mark.parametrize("meant", ["large", "small"])
async def test_a_projects_own_caps_hold_and_the_day_is_over_all(tmp_path: Path, meant: str) -> None:
    given = sources(tmp_path)
    found = {}
    settings = given.settings(meant)
    async with open_app(settings, sources=given, words=Catalogue("en")) as app:
        for project, tokens in (("small", 101), ("large", 101), ("large", 400)):
            run, _ = await app.store.open_run(project, snapshot(), AT)
            try:
                estimate = Spend(tokens=tokens, calls=1)
                await app.shared.ledger.reserve(run, run.id, tokens, estimate, "2026-01-02")
            except CapReached as cap:
                found[f"{project} {tokens}"] = cap.key
    assert found == {
        "small 101": "engine.cap_session_tokens",
        "large 400": "engine.cap_day_tokens",
    }


async def test_all_projects_share_the_slots_of_agents(tmp_path: Path) -> None:
    given = sources(tmp_path)
    user = given.place.user_file
    user.write_text('limits.agents = 1\nforge.repository = "ann/app"\n' + user.read_text())
    async with open_app(given.settings("large"), sources=given, words=Catalogue("en")) as app:
        large, small = app.project("large").deps, app.project("small").deps

        async def work() -> None:
            async with small.live.agent_slots:
                pass

        async with large.live.agent_slots:
            waiting = asyncio.create_task(work())
            done, _ = await asyncio.wait([waiting], timeout=0.05)
            assert not done
        await waiting
