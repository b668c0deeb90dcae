"""`harness prove`: people's changes in a repository that nobody registered, by the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import World

SHOP = '"""Prices."""\n\n\ndef price(n, rate):\n    return n * rate\n'
TESTS = "from shop import price\n\n\ndef test_price():\n    assert price(2, 3) == 6\n"
LABEL = 'def label(n):\n    if n == 1:\n        return "1 item"\n    return f"{n} items"\n'
TEST_LABEL = (
    'from shop import label\n\n\ndef test_one():\n    assert label(1) == "1 item"\n\n\n'
    'def test_more():\n    assert label(12) == "12 items"\n'
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, files={"shop.py": SHOP, "tests/test_shop.py": TESTS}, name="shop")


def change(world: World, files: dict[str, str], message: str = "Label what is sold") -> None:
    for path, text in files.items():
        (world.repo / path).write_text(text)
    world.commit(message)


def prove(world: World, *words: str, code: int | None = 0) -> dict[str, Any]:
    said = world.run("prove", "main~1..main", "--json", *words, code=code).stdout
    found: dict[str, Any] = json.loads(said)
    return found


def test_a_change_that_its_tests_prove(world: World) -> None:
    change(world, {"shop.py": f"{SHOP}\n\n{LABEL}", "tests/test_label.py": TEST_LABEL})
    proof = prove(world)
    assert proof["conclusion"] in ("proven", "notes")
    assert proof["held"] == []
    assert [part["verdict"] for part in proof["parts"]] == ["broken"]
    assert proof["altered"] > 2
    assert proof["survivors"] == []
    assert proof["suite_base"] == {"passed": 1, "failed": 0, "skipped": 0}
    page = world.run("prove", "main~1..main").stdout
    assert "Label what is sold" in page
    assert world.git("status", "--porcelain") == ""
    assert not (world.state / "projects").exists()


def test_a_part_that_no_test_runs_is_unproven(world: World) -> None:
    more = "\n\ndef discount(n):\n    if n > 9:\n        return 2\n    return 0\n"
    files = {"shop.py": f"{SHOP}\n\n{LABEL}{more}", "tests/test_label.py": TEST_LABEL}
    change(world, files)
    proof = prove(world, code=1)
    assert proof["conclusion"] == "held"
    (part,) = [part for part in proof["parts"] if part["verdict"] == "unproven"]
    assert part["places"] == [{"path": "shop.py", "first": 14, "last": 18}]
    page = world.run("prove", "main~1..main", "--budget", "60", code=1).stdout
    assert "shop.py, lines 14 to 18" in page


def test_red_before_and_green_after(world: World) -> None:
    fixed = SHOP.replace("n * rate", "max(n, 0) * rate")
    tests = TESTS + "\n\ndef test_negative():\n    assert price(-2, 3) == 0\n"
    change(world, {"shop.py": fixed, "tests/test_shop.py": tests})
    proof = prove(world)
    assert proof["red"] == ["tests/test_shop.py::test_negative"]
    assert [part["verdict"] for part in proof["parts"]] == ["noticed"]
    assert proof["parts"][0]["tests"] == ["tests/test_shop.py::test_negative"]


def test_a_weaker_test_is_held(world: World) -> None:
    change(
        world,
        {
            "shop.py": SHOP.replace("n * rate", "n + rate"),
            "tests/test_shop.py": TESTS.replace("price(2, 3) == 6", "price(2, 3)"),
        },
    )
    proof = prove(world, code=1)
    assert proof["conclusion"] == "held"
    assert {finding["source"] for finding in proof["held"]} >= {"weakening"}


WORLDS = """import os
import pwd
import socket
import tempfile
import time
from pathlib import Path

from zones import zone

LEFT = []


def test_zone():
    assert zone() == 0


def test_person():
    assert pwd.getpwuid(os.getuid()).pw_name == os.environ["USER"] == "agent"


def test_host():
    assert socket.gethostname() == "harness"


def test_folder():
    assert tempfile.gettempdir() == "/tmp"


def test_path():
    assert Path(__file__).parent.parent == Path("/work")


def test_leaves():
    LEFT.append(1)


def test_needs_what_was_left():
    assert LEFT


def test_locale():
    assert os.environ.get("LC_ALL", "") != "C" or zone() == 0


def test_of_no_world(tmp_path):
    assert list(tmp_path.iterdir()) == []
"""


def test_tests_that_need_one_world_are_held(world: World) -> None:
    body = "import time\n\n\ndef zone():\n    return time.timezone\n"
    change(world, {"zones.py": body, "tests/test_zones.py": WORLDS})
    proof = prove(world, code=1)
    held = {f["say"]["key"]: f["say"]["facts"]["tests"] for f in proof["held"]}
    for name in ("zone", "person", "folder", "path"):
        assert f"::test_{name}" in held[f"proof.world_{name}"]
    assert "::test_host" in held["proof.world_person"]
    assert "::test_needs_what_was_left" in held["proof.world_order"]
    assert "of_no_world" not in str(held)


def test_no_time_is_said(world: World) -> None:
    change(world, {"shop.py": f"{SHOP}\n\n{LABEL}", "tests/test_label.py": TEST_LABEL})
    proof = prove(world, "--budget", "0.1")
    assert {part["verdict"] for part in proof["parts"]} == {"untried"}
    assert proof["untried"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("main", "BASE..HEAD"),
        ("..main", "BASE..HEAD"),
        ("main..main", "holds no change"),
        ("main..nowhere", "no commit nowhere"),
        ("--x..main", ""),
        ("", "either BASE..HEAD or --pr"),
    ],
)
def test_what_is_no_change_is_said(world: World, given: str, said: str) -> None:
    done = world.run("prove", *([given] if given else []), code=2)
    assert said in done.stderr


def test_three_dots_begin_where_both_parted(world: World) -> None:
    world.git("switch", "--quiet", "--create", "label")
    change(world, {"shop.py": f"{SHOP}\n\n{LABEL}", "tests/test_label.py": TEST_LABEL})
    world.git("switch", "--quiet", "main")
    change(world, {"other.py": "x = 1\n"}, "Something else")
    said = world.run("prove", "main...label", "--json").stdout
    assert {p["path"] for part in json.loads(said)["parts"] for p in part["places"]} == {"shop.py"}


@pytest.fixture
def pull(world: World) -> str:
    """The address of a pull request, as anybody may fetch it."""
    world.git("switch", "--quiet", "--create", "label")
    change(world, {"shop.py": f"{SHOP}\n\n{LABEL}", "tests/test_label.py": TEST_LABEL})
    world.git("update-ref", "refs/pull/4/head", "label")
    world.git("switch", "--quiet", "main")
    return f"{world.repo}/pull/4"


def test_anybody_makes_it_again_by_its_address(world: World, pull: str, tmp_path: Path) -> None:
    shown = tmp_path / "proof.json"
    shown.write_text(world.run("prove", "main..label", "--json", "--budget", "1").stdout)
    other = World(tmp_path / "other", files={}, name="elsewhere")
    again = ("prove", "--pr", pull, "--proof", str(shown))
    assert "Agrees" in other.run(*again).stdout
    # merged since, and the claim is of another base
    world.git("merge", "--quiet", "--no-ff", "--message", "Merge it", "label")
    forged = json.loads(shown.read_text()) | {"base": "0" * 40}
    shown.write_text(json.dumps(forged))
    told = json.loads(other.run(*again, "--json", code=1).stdout)
    keys = [one["key"] for one in told["comparison"]["differs"]]
    assert keys == ["proof.differs_base"]


@pytest.mark.parametrize(
    ("words", "page", "code", "said"),
    [
        (("--pr", "{pull}"), None, 5, "has no text"),
        (("--pr", "{pull}9", "--proof", "page"), '{"form": 1}', 6, "cannot be read"),
        (("--pr", "{pull}9", "--proof", "page"), "a page", 6, "no copy of a proof"),
        (("--pr", "https://example.org/a/b/issues/3"), None, 5, "no address"),
        (("--pr", "ssh://example.org/a/b/pull/3"), None, 5, "ssh://example.org"),
        (("--pr", "{pull}", "--issue", "1"), None, 2, "--issue"),
        (("main..label", "--against", "page"), "", 2, "is empty"),
        (("main..label", "--against", "nowhere"), None, 2, "cannot be read"),
    ],
)
def test_what_cannot_be_made_again_says_why(
    world: World, pull: str, words: tuple[str, ...], page: str | None, code: int, said: str
) -> None:
    if page is not None:
        (world.repo / "page").write_text(page)
    done = world.run("prove", *(word.format(pull=pull) for word in words), code=code)
    assert said in done.stdout + done.stderr


def test_a_pull_request_is_proved_from_where_it_parted(world: World) -> None:
    world.run("init")
    world.git("switch", "--quiet", "--create", "label")
    change(world, {"shop.py": f"{SHOP}\n\n{LABEL}", "tests/test_label.py": TEST_LABEL})
    world.git("push", "--quiet", "harness", "label")
    number = asyncio.run(world.forge().open_pr("label", "main", "Label it", "", draft=False)).number
    proof = json.loads(world.run("prove", "--pr", str(number), "--json").stdout)
    assert proof["asked"] == "Label it"
    assert proof["held"] == []
    world.run("issue", "new", "Say how many", "--body", "- [ ] one item\n- [ ] 12 items")
    words = ("prove", "--pr", str(number), "--issue", str(number + 1), "--budget", "0.1", "--json")
    proof = json.loads(world.run(*words).stdout)
    assert (proof["asked"], proof["criteria"]) == ("Say how many", ["one item", "12 items"])
    assert "no pull request" in world.run("prove", "--pr", "99", code=None).stderr.lower()
