"""A proof held to the same made again: what may differ is excused, what may not is found out."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.change_proof import Place, Proof, ProvenPart, SuiteCounts, Survivor
from harness.core.types import Finding, LocalizedText
from harness.proof.comparing import compare


def part(name: str, verdict: str = "noticed", first: int = 1, *tests: str) -> ProvenPart:
    return ProvenPart.model_validate(
        {
            "id": name,
            "places": [{"path": f"{name}.py", "first": first, "last": first + 3}],
            "verdict": verdict,
            "tests": tests,
        }
    )


def survivor(number: int) -> Survivor:
    return Survivor(path="a.py", line=number, kind="x", before="a", after="b", number=number)


def say(key: str, **facts: str | int) -> LocalizedText:
    return LocalizedText(key=key, facts=facts)


LATE = (say("proof.no_time_parts", count=1),)
LATE_LINES = (say("proof.no_time_lines", count=4),)
WORLD = Finding(source="tests", say=say("proof.world_zone", tests="t::x"))
ZONE = say("proof.world_is_zone")
HELD = Finding(source="weakening", say=say("unseen.suite", why="no test ran"))
NOTE = say("proof.sign_broad_handler", path="a.py", line=3)
TRUE = Proof(
    base="b" * 40,
    head="c" * 40,
    tree="d" * 40,
    command="pytest",
    red=("t::a", "t::b"),
    suite_base=SuiteCounts(passed=10, skipped=1),
    suite_change=SuiteCounts(passed=10, skipped=1),
    parts=(part("a", "noticed", 1, "t::a"), part("b", "unproven"), part("c", "exempt")),
    altered=6,
    survivors=(survivor(2), survivor(5)),
    held=(HELD,),
    notes=(NOTE,),
    seconds=40.0,
    budget_s=60.0,
)


def having(**changed: Any) -> Proof:
    return TRUE.model_copy(update=changed)


def verdicts(*told: str) -> tuple[ProvenPart, ...]:
    return tuple(
        one.model_copy(update={"verdict": verdict})
        for one, verdict in zip(TRUE.parts, told, strict=True)
    )


def late(*told: str) -> Proof:
    return having(parts=verdicts(*told), untried=LATE, seconds=60.0, altered=0, survivors=())


def test_the_same_agrees() -> None:
    same = having(seconds=55.0, budget_s=90.0, asked="Something", environment="x")
    assert compare(TRUE, (same,)).verdict == "agrees"


FORGED = {
    "another base": having(base="0" * 40),
    "another head": having(head="0" * 40),
    "another tree": having(tree="0" * 40),
    "another command": having(command="true"),
    "more red": having(red=("t::a", "t::b", "t::c")),
    "less red": having(red=("t::a",)),
    "other red": having(red=("t::a", "t::z")),
    "more passed before": having(suite_base=SuiteCounts(passed=11, skipped=1)),
    "more passed after": having(suite_change=SuiteCounts(passed=11, skipped=1)),
    "nothing skipped": having(suite_change=SuiteCounts(passed=10)),
    "no suite": having(suite_change=None),
    "unproven is noticed": having(parts=verdicts("noticed", "noticed", "exempt")),
    "unproven is without effect": having(parts=verdicts("noticed", "exempt", "exempt")),
    "unproven was not tried": having(parts=verdicts("noticed", "untried", "exempt")),
    "not tried, though lines were altered": having(
        parts=verdicts("noticed", "untried", "exempt"), untried=LATE, seconds=60.0
    ),
    "noticed, where time was short": late("noticed", "noticed", "exempt"),
    "noticed by another test": having(parts=(part("a", "noticed", 1, "t::z"), *TRUE.parts[1:])),
    "a part less": having(parts=(TRUE.parts[0], TRUE.parts[2])),
    "a part more": having(parts=(*TRUE.parts, part("d"))),
    "a part twice": having(parts=(*TRUE.parts, TRUE.parts[1])),
    "a part elsewhere": having(parts=(part("a", "noticed", 9, "t::a"), *TRUE.parts[1:])),
    "a survivor less": having(survivors=(survivor(2),)),
    "a survivor of another line": having(survivors=(survivor(2), survivor(4))),
    "more altered": having(altered=60),
    "less altered": having(altered=1, survivors=()),
    "nothing held": having(held=()),
    "something else held": having(held=(WORLD,)),
    "no note": having(notes=()),
    "another note": having(notes=(say("proof.sign_too_large", what="1, 2"),)),
    "left out and too few": having(red=("t::a",), left_out={"red": 9}),
    "survivors left out, too few": having(survivors=(survivor(2),), left_out={"survivors": 4}),
    "something not looked at": having(untried=(say("proof.unread", path="x.pl"),)),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_what_is_not_so_is_found_out(forged: Proof) -> None:
    compared = compare(forged, (TRUE, TRUE))
    assert compared.verdict == "disagrees"
    assert compared.differs


EXCUSED = {
    "they had no time for one run": (
        having(red=(), parts=verdicts("untried", "untried", "exempt"), altered=0, survivors=(),
               untried=(say("proof.untested"),), seconds=59.0),
        TRUE,
    ),
    "the commit was not made yet": (having(head=""), TRUE),
    "its time was over": (late("noticed", "untried", "exempt"), TRUE),
    "our time was over": (TRUE, late("noticed", "untried", "exempt")),
    "no time to see whether it is run": (late("noticed", "unnoticed", "exempt"), TRUE),
    "fewer lines for want of time": (
        having(altered=3, survivors=(survivor(2),), untried=LATE_LINES, seconds=60.0),
        TRUE,
    ),
    "more lines than there was time for here": (
        TRUE,
        having(altered=3, survivors=(survivor(2),), untried=LATE_LINES, seconds=60.0),
    ),
    "no time for other worlds": (having(untried=LATE_LINES), having(held=(HELD, WORLD))),
    "a world that this machine has not": (
        having(held=(HELD, WORLD)),
        having(untried=(LocalizedText(key="proof.world_untried", facts={"world": ZONE}),)),
    ),
    "a world that their machine has not": (
        having(untried=(LocalizedText(key="proof.world_untried", facts={"world": ZONE}),)),
        TRUE,
    ),
    "a plan let it through": (having(held=(), let_through=(HELD.say,)), TRUE),
    "a name that the plan takes away": (having(notes=(), let_through=(NOTE,)), TRUE),
    "a shortened copy": (
        having(
            red=("t::a",), survivors=(survivor(2),), left_out={"red": 1, "survivors": 1},
            parts=tuple(one.model_copy(update={"tests": ()}) for one in TRUE.parts),
        ),
        TRUE,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("claimed", "again"), EXCUSED.values(), ids=EXCUSED)
def test_what_may_differ_is_excused(claimed: Proof, again: Proof) -> None:
    assert compare(claimed, (again,)).verdict == "agrees"


def test_no_time_is_not_believed_where_there_was_plenty() -> None:
    late = having(
        parts=verdicts("noticed", "untried", "exempt"), untried=LATE, seconds=60.0, budget_s=600.0
    )
    assert compare(late, (TRUE,)).verdict == "disagrees"


def test_what_does_not_end_the_same_twice_is_excused() -> None:
    flaky = having(red=("t::a",), suite_change=SuiteCounts(passed=9, failed=1, skipped=1))
    assert compare(flaky, (TRUE,)).verdict == "disagrees"
    compared = compare(flaky, (TRUE, flaky))
    assert compared.verdict == "agrees"
    assert {one.key for one in compared.excused} == {"proof.differs_unsteady"}
    assert compare(having(red=()), (TRUE, flaky)).verdict == "disagrees"


CANNOT = {
    "another form": (having(form=2), TRUE),
    "the tests do not run here": (TRUE, having(suite_base=None, suite_change=None, parts=())),
    "no time for one run": (
        TRUE,
        having(
            red=(),
            parts=verdicts("untried", "untried", "exempt"),
            altered=0,
            survivors=(),
            untried=(say("proof.untested"),),
            seconds=59.0,
        ),
    ),
    "no time at all": (
        TRUE,
        having(parts=verdicts("untried", "untried", "exempt"), untried=LATE, altered=0),
    ),
}


@pytest.mark.parametrize(("claimed", "again"), CANNOT.values(), ids=CANNOT)
def test_what_cannot_be_compared_says_why(claimed: Proof, again: Proof) -> None:
    compared = compare(claimed, (again,))
    assert compared.verdict == "cannot"
    assert compared.why is not None


def test_a_wrong_hash_is_found_out_even_where_nothing_runs() -> None:
    again = having(suite_base=None, suite_change=None, parts=())
    assert compare(having(tree="0" * 40), (again,)).verdict == "disagrees"


def test_places_are_named() -> None:
    moved = having(parts=(part("a", "noticed", 9, "t::a"), *TRUE.parts[1:]))
    (said,) = compare(moved, (TRUE,)).differs
    assert said.facts == {"claimed": "a.py:9-12", "again": "a.py:1-4"}
    assert TRUE.parts[0].places == (Place(path="a.py", first=1, last=4),)
