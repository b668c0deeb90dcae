"""Worlds that differ where no test may care."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.types import Layout
from harness.pipeline.proof.worlds import FOLDER, PATH, PERSON, SAME, ZONE, together

LAYOUT = Layout(
    tree=Path("/copies/a"),
    read_only={"/env/node_modules": "/work/node_modules", "/work/objects": "/work/objects"},
    writable={"/copies/a/.git": "/work/.git"},
    env={"PYTHONPATH": "/work/src:/work", "OTHER": "/work-evil:/x/work", "TZ": "UTC"},
    made={"/work/a.txt": "/work"},
    first="cd /work && make",
)


def test_the_same_world_is_the_same() -> None:
    assert SAME.of(LAYOUT) == LAYOUT


def test_what_names_the_place_names_the_other_one() -> None:
    made = PATH.of(LAYOUT)
    assert made.inside == "/srv/checkout"
    assert made.env["PYTHONPATH"] == "/srv/checkout/src:/srv/checkout"
    assert made.env["OTHER"] == "/work-evil:/x/work"
    assert made.read_only["/env/node_modules"] == "/srv/checkout/node_modules"
    assert made.read_only["/work/objects"] == "/work/objects"
    assert made.writable["/copies/a/.git"] == "/srv/checkout/.git"
    assert made.made == {"/srv/checkout/a.txt": "/work"}
    assert made.first == "cd /srv/checkout && make"


def test_a_variable_of_the_world_wins() -> None:
    assert ZONE.of(LAYOUT).env["TZ"] == "Pacific/Chatham"


def test_worlds_together_differ_in_all() -> None:
    made = together(ZONE, PERSON, FOLDER)
    assert (made.name, made.user, made.host, made.inside) == (
        "together",
        "somebody",
        "elsewhere",
        "",
    )
    assert made.env.keys() >= {"TZ", "TMPDIR", "HOSTNAME"}
    assert made.of(LAYOUT).user == "somebody"


@pytest.mark.parametrize(("world", "wall"), [(ZONE, False), (PERSON, True), (PATH, True)])
def test_who_and_where_need_a_wall(world: object, wall: bool) -> None:
    assert getattr(world, "needs_wall", None) is wall
