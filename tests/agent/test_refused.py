"""What a session's Boxes, and the set-up before them, were not let out to is recorded once each."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from harness.core.egress_types import MOST_TOLD, Refusal, Why, refusal_facts
from harness.core.types import BoxLimits, Environment, Layout
from harness.i18n.catalogue import Catalogue
from harness.testing.folder_box import FolderBox, FolderSandbox
from harness.testing.models import replies, say
from harness.testing.workspace import FolderWorkspace
from tests.agent.rig import DONE, MakeRig, bash, send
from tests.i18n.catalogues import english

MIRROR = Refusal(target="mirror.test:443", why="not_allowed", times=2)
PLAIN = Refusal(target="b.test:80", why="plain_http")


class Refusing(FolderSandbox):
    """Every Box of it was refused the same."""

    async def open(self, layout: Layout, limits: BoxLimits) -> FolderBox:
        box = await super().open(layout, limits)
        box.refused = (PLAIN,)
        return box


class Equipped(FolderWorkspace):
    """Its set-up asked for a mirror."""

    async def environment(self, base_sha: str) -> Environment:
        return Environment(id="made", refused=(MIRROR,))


async def test_refusals_become_facts_of_the_run(make_rig: MakeRig, tmp_path: Path) -> None:
    model = replies(say("", bash("true"), DONE), say("", bash("true"), DONE))
    rig = make_rig(model)
    rig.sandbox, rig.workspace = Refusing(tmp_path / "boxes"), Equipped(tmp_path)
    rig.base = rig.workspace.tree({"a": b"a"})
    rig.session = rig.session.model_copy(update={"base_tree": rig.base})
    for message in ("", "again"):
        assert (await send(rig, message)).kind == "reached"
    events = await rig.store.events(rig.run.id)
    assert [(e.kind, e.facts) for e in events] == [
        ("egress_not_allowed", {"target": "mirror.test:443", "times": 2}),
        ("egress_plain_http", {"target": "b.test:80", "times": 1}),
        ("egress_plain_http", {"target": "b.test:80", "times": 1}),
    ]


def test_every_reason_has_a_sentence_and_a_long_list_is_cut() -> None:
    many = [Refusal(target=f"h{n}.test:443", why="not_allowed", times=3) for n in range(30)]
    found = refusal_facts(many, "box")
    assert len(found) == MOST_TOLD + 1
    assert found[-1].facts["times"] == 3 * (30 - MOST_TOLD)
    assert len({(fact.kind, fact.key) for fact in found}) == len(found)
    for why in get_args(Why):
        (fact,) = refusal_facts([Refusal(target="h.test:443", why=why)], "box")
        for language in ("en", "ko"):
            assert "h.test:443" in Catalogue(language)(f"event.{fact.kind}", **fact.facts)
    assert f"event.{found[-1].kind}" in english()
