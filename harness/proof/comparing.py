"""A proof that is claimed, held to the same proof made again: what is not so, and what may well
differ. Pure.

What a claim says it did not try says nothing, and is excused while the time it had can have been
too short. What differs once and not twice is a test that does not end the same twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from harness.core.change_proof import (
    Comparison,
    PartVerdict,
    Place,
    Proof,
    ProvenPart,
    SuiteCounts,
    Survivor,
)
from harness.core.types import LocalizedText

FORM: Final = 1
"""The newest form that is understood."""
SLOWER: Final = 4.0
"""So many times as slow as here a machine may be on which the time ran out."""
MOST_NAMED: Final = 5
NO_TIME: Final = "proof.no_time_"
"""Keys of what was not tried for want of time begin so."""
UNTESTED: Final = "proof.untested"
DERIVED: Final = "proof.unaltered"
"""Said of parts by their verdicts, which are compared."""
MOST_OF: Final = 0.8
"""Of a budget: so much is spent where it was too short."""
WORLDS: Final = "proof.world_"
"""Of findings that the time may not have sufficed for."""
WEAKER: Final[tuple[PartVerdict, ...]] = ("untried", "unnoticed")
"""What a part is where the time was over before more was seen: that no test notices it is known,
not whether one runs it."""
Differences = Mapping[str, LocalizedText]
"""What differs, each by a name of its own."""


def compare(claimed: Proof, made: Sequence[Proof]) -> Comparison:
    """`made`: the same proof made again, once or more. What differs from only some of those is
    excused."""
    first = made[0]
    if claimed.form != FORM:
        return cannot("proof.cannot_form", form=claimed.form)
    strange = strangers(claimed, first)
    if not strange and (why := _unable(claimed, made)) is not None:
        return Comparison(verdict="cannot", why=why)
    seen = [_results(claimed, again) for again in made]
    every = {name: say for one in seen for name, say in one.items()}
    steady = {name: say for name, say in every.items() if all(name in one for one in seen)}
    excused = [*_excused(claimed, first)]
    excused += [_say("unsteady", what=say) for name, say in every.items() if name not in steady]
    differs = (*strange, *steady.values())
    verdict = "disagrees" if differs else "agrees"
    return Comparison(verdict=verdict, differs=differs, excused=tuple(excused))


def cannot(key: str, **facts: str | int | float) -> Comparison:
    """It could not be compared, and why."""
    return Comparison(verdict="cannot", why=LocalizedText(key=key, facts=facts))


def strangers(claimed: Proof, again: Proof) -> tuple[LocalizedText, ...]:
    """What no second look can mend: another base, commit, tree or command."""
    pairs = {
        "base": (claimed.base, again.base),
        "head": (claimed.head or again.head, again.head),
        "tree": (claimed.tree, again.tree),
        "command": (claimed.command, again.command),
    }
    return tuple(
        _say(name, claimed=said or "-", again=found or "-")
        for name, (said, found) in pairs.items()
        if said != found
    )


def wants_time(claimed: Proof, again: Proof) -> bool:
    """Whether the time was over here before all was seen that the claim tells of."""
    told = {part.id for part in claimed.parts if part.verdict != "untried"}
    late = any(part.id in told for part in again.having("untried"))
    return _out_of_time(again) and (late or again.altered < claimed.altered)


def _unable(claimed: Proof, made: Sequence[Proof]) -> LocalizedText | None:
    """Why nothing can be said: the tests did not run here, or there was no time at all."""
    again = made[0]
    if _passed(claimed.suite_base) and not any(_passed(one.suite_base) for one in made):
        return LocalizedText(key="proof.cannot_run", facts={"command": again.command or "-"})
    tried = [part for part in claimed.parts if part.verdict not in ("untried", "exempt", "unread")]
    if _never_began(again) and (tried or claimed.red):
        return LocalizedText(key="proof.cannot_time", facts={"seconds": round(again.budget_s)})
    late = {part.id for part in again.having("untried")}
    if tried and _out_of_time(again) and all(part.id in late for part in tried):
        return LocalizedText(key="proof.cannot_time", facts={"seconds": round(again.budget_s)})
    return None


def _passed(suite: SuiteCounts | None) -> int:
    return 0 if suite is None else suite.passed


def _results(claimed: Proof, again: Proof) -> Differences:
    found: dict[str, LocalizedText] = {}
    for part in (_red, _suites, _parts, _lines, _found, _unseen):
        found.update(part(claimed, again))
    return found


def _red(claimed: Proof, again: Proof) -> Iterator[tuple[str, LocalizedText]]:
    if _never_began(again) or (_never_began(claimed) and _credibly_late(claimed, again)):
        return
    more = sorted(set(claimed.red) - set(again.red))
    fewer = [] if claimed.left_out.get("red") else sorted(set(again.red) - set(claimed.red))
    for test in more:
        yield f"red {test}", _say("red_not", test=test)
    for test in fewer:
        yield f"green {test}", _say("red_too", test=test)
    if not more and not fewer and claimed.count("red") != len(again.red):
        facts = {"claimed": claimed.count("red"), "again": len(again.red)}
        yield "red", _say("red_count", **facts)


def _suites(claimed: Proof, again: Proof) -> Iterator[tuple[str, LocalizedText]]:
    for name, said, found in (
        ("base", claimed.suite_base, again.suite_base),
        ("change", claimed.suite_change, again.suite_change),
    ):
        if said != found:
            yield (
                f"suite {name}",
                _say(f"suite_{name}", claimed=_counts(said), again=_counts(found)),
            )


def _counts(suite: SuiteCounts | None) -> LocalizedText | str:
    return "-" if suite is None else LocalizedText(key="proof.counts", facts=suite.model_dump())


def _parts(claimed: Proof, again: Proof) -> Iterator[tuple[str, LocalizedText]]:
    said = {part.id: part for part in claimed.parts}
    found = {part.id: part for part in again.parts}
    for one_id in [*said, *(name for name in found if name not in said)]:
        one, other = said.get(one_id), found.get(one_id)
        name, place = f"part {one_id}", _spelt((one or other or claimed.parts[0]).places)
        if one is None or other is None:
            yield name, _say("part_only_again" if one is None else "part_only_claimed", place=place)
        elif one.places != other.places:
            yield name, _say("part_place", claimed=place, again=_spelt(other.places))
        elif one.verdict != other.verdict:
            if not _late(one, other, claimed, again):
                yield name, _say("part", place=place, claimed=one.verdict, again=other.verdict)
        elif more := sorted(set(one.tests) - set(other.tests)):
            yield f"{name} tests", _say("part_tests", place=place, tests=_named(more))
    if len(said) != len(claimed.parts):
        yield "parts", _say("part_twice")


def _late(one: ProvenPart, other: ProvenPart, claimed: Proof, again: Proof) -> bool:
    """Whether the two say something else of a part because the time of one was over: before that
    one altered any line, for its parts come first."""
    pair = {one.verdict, other.verdict}
    if "untried" not in pair and pair != {"unnoticed", "unproven"}:
        return False
    if one.verdict in WEAKER and not claimed.altered and _credibly_late(claimed, again):
        return True
    return other.verdict in WEAKER and not again.altered and _out_of_time(again)


def _out_of_time(proof: Proof) -> bool:
    return any(say.key.startswith(NO_TIME) for say in proof.untried) or _never_began(proof)


def _never_began(proof: Proof) -> bool:
    """Whether its time was over before the tests near the change had ended once."""
    untested = any(say.key == UNTESTED for say in proof.untried)
    return untested and proof.seconds >= MOST_OF * proof.budget_s > 0


def _credibly_late(claimed: Proof, again: Proof) -> bool:
    """A claim that its time was over is believed where it took a good part of that time here."""
    return _out_of_time(claimed) and again.seconds * SLOWER >= claimed.budget_s


def _lines(claimed: Proof, again: Proof) -> Iterator[tuple[str, LocalizedText]]:
    """Of the alterations that both tried, which are the first so many."""
    both = min(claimed.altered, again.altered)
    said, found = (_shown(one, both) for one in (claimed.survivors, again.survivors))
    for line in sorted(said - found):
        yield f"line {line}", _say("line_not", what=line)
    if not claimed.left_out.get("survivors"):
        for line in sorted(found - said):
            yield f"line {line}", _say("line_too", what=line)
    elif both == claimed.altered and claimed.count("survivors") != len(found):
        yield "survivors", _say("lines", claimed=claimed.count("survivors"), again=len(found))
    if claimed.altered != again.altered and not _lines_late(claimed, again):
        yield "altered", _say("altered", claimed=claimed.altered, again=again.altered)


def _lines_late(claimed: Proof, again: Proof) -> bool:
    """Whether one may have altered fewer lines than the other for want of time: that one."""
    fewer = _credibly_late(claimed, again) and claimed.altered < again.altered
    return fewer or (_out_of_time(again) and again.altered < claimed.altered)


def _shown(survivors: Sequence[Survivor], most: int) -> set[str]:
    return {
        f"{s.path}:{s.line}: {s.before} -> {s.after or '-'}" for s in survivors if s.number <= most
    }


def _found(claimed: Proof, again: Proof) -> Iterator[tuple[str, LocalizedText]]:
    """What is held and noted. What a plan let through may be either."""
    said = _by_name([f.say for f in claimed.held])
    noted = _by_name(claimed.notes)
    let = _by_name(claimed.let_through)
    held_again, noted_again = _by_name([f.say for f in again.held]), _by_name(again.notes)
    late = _credibly_late(claimed, again)
    for name, say in {
        **_without(held_again, said, let),
        **_without(noted_again, noted, let),
    }.items():
        if not (late and say.key.startswith(WORLDS)):
            yield f"found {name}", _say("found_too", what=say)
    there = {**held_again, **noted_again}
    for name, say in {**said, **noted, **let}.items():
        if name not in there and not _not_entered(say, again):
            yield f"found {name}", _say("found_not", what=say)


def _not_entered(say: LocalizedText, again: Proof) -> bool:
    """Whether it tells of a world for which there was no time here, or no way."""
    if not say.key.startswith(WORLDS):
        return False
    named = {str(getattr(one.facts.get("world"), "key", "")) for one in again.untried}
    return _out_of_time(again) or say.key.replace(WORLDS, f"{WORLDS}is_") in named


def _unseen(claimed: Proof, again: Proof) -> Iterator[tuple[str, LocalizedText]]:
    """What was not looked at for another reason than time, or than what this machine can do."""
    said, found = (
        _by_name([say for say in one.untried if not say.key.startswith((NO_TIME, WORLDS, DERIVED))])
        for one in (claimed, again)
    )
    if _never_began(claimed) or _never_began(again):
        return
    for name, say in _without(said, found).items():
        yield f"untried {name}", _say("untried_not", what=say)
    for name, say in _without(found, said).items():
        yield f"untried {name}", _say("untried_too", what=say)


def _by_name(said: Collection[LocalizedText]) -> dict[str, LocalizedText]:
    return {say.model_dump_json(): say for say in said}


def _without(
    said: Mapping[str, LocalizedText], *others: Mapping[str, LocalizedText]
) -> dict[str, LocalizedText]:
    return {name: say for name, say in said.items() if not any(name in one for one in others)}


def _excused(claimed: Proof, again: Proof) -> Iterator[LocalizedText]:
    """What is not the same and may well not be."""
    found = {part.id: part for part in again.parts}
    for one in claimed.parts:
        other = found.get(one.id)
        if other is not None and one.verdict != other.verdict and _late(one, other, claimed, again):
            yield _say("part", place=_spelt(one.places), claimed=one.verdict, again=other.verdict)
    if claimed.altered != again.altered and _lines_late(claimed, again):
        yield _say("altered", claimed=claimed.altered, again=again.altered)


def _spelt(places: Sequence[Place]) -> str:
    return "; ".join(f"{p.path}:{p.first}-{p.last}" if p.first else p.path for p in places)


def _named(tests: Sequence[str]) -> str:
    return ", ".join(tests[:MOST_NAMED])


def _say(name: str, **facts: str | int | float | LocalizedText) -> LocalizedText:
    return LocalizedText(key=f"proof.differs_{name}", facts=facts)
