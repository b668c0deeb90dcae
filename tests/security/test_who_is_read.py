"""Of a crowd, who is read: the project's own people before those who spoke last."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.types import Actor
from tests.fake_forge import AT
from tests.security.town import OWNER, SECOND, Door, TownForge, visit

pytestmark = pytest.mark.security


async def test_a_maintainer_who_spoke_before_a_crowd_is_read(tmp_path: Path) -> None:
    """Whom the forge calls a member is asked about first; being called so gives no right."""

    async def scene(door: Door) -> None:
        town = door.town
        town.put(1)
        town.say(1, OWNER, "Only the parser.", AT - SECOND, member=True)
        town.say(1, OWNER, "+1", AT - SECOND, member=True)
        for number in range(300):
            who = Actor(id=1000 + number, login=f"s{number}")
            town.say(1, who, "CANARY", AT - SECOND, member=number == 5)
        town.label(1, OWNER)
        await door.look()
        assert "CANARY" not in door.prompts[1]
        assert "Only the parser." in door.prompts[1]
        assert "comments that only agree: 1; comments by people whose" in door.prompts[1]
        (run,) = await door.store.runs()
        assert (run.snapshot.others, run.snapshot.echoes) == (300, 1)
        events = {e.kind: e.facts for e in await door.store.events(run.id)}
        assert events["shortened"] == {"characters": 0, "comments": 0, "echoes": 1}
        assert town.calls["permission"] <= 110

    await visit(tmp_path, scene, TownForge())
