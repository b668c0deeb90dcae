"""What a test demands, whatever its language, and what it means when that becomes less. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.core.base import Value
from harness.core.types import Finding, Say

# how much an assertion says about its subject; a lower rank in its place is a weaker test
RANK = {
    "eq": 6,
    "raises": 6,
    "call": 6,
    "alike": 5,
    "approx": 4,
    "in": 3,
    "match": 3,
    "bound": 3,
    "isinstance": 2,
    "ne": 2,
    "falsy": 2,
    "truth": 1,
}
SHOWN = 120


class Demand(Value):
    """One assertion. `subject` is what is looked at, `expected` what it must be, both in a
    normal form; `slack` is how far off it may be; `guarded` counts what may swallow it."""

    op: str
    subject: str
    expected: str = ""
    detail: str = ""
    """A further condition that may be absent: the message an error must match."""
    slack: float = 0.0
    broad: bool = False
    """It accepts (nearly) anything: `raises(Exception)`."""
    guarded: int = 0
    line: int = 0
    text: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, float]:
        return self.op, self.subject, self.expected, self.detail, self.slack


class Probe(Value):
    """One test as it stands in a file."""

    id: str
    """`Class::name` or `suite > name`: unique in its file."""
    line: int
    collected: bool = True
    """False: it looks like a test, and no runner would find it."""
    silenced: str = ""
    """How it is kept from running or from failing: skip, xfail, todo, ..."""
    demands: tuple[Demand, ...] = ()
    acts: bool = True
    """It calls something at all."""
    body: str = ""
    """A digest of what it does, for a test without assertions that was moved."""
    helper: bool = False
    """No test itself, but tests assert through it."""


class TestFile(Value):
    """What one version of a test file holds. `silenced`: the whole of it."""

    __test__ = False
    probes: dict[str, Probe] = {}
    silenced: str = ""
    silenced_line: int = 0


def finding(path: str, line: int, key: str, **facts: str | int | float) -> Finding:
    """A weakening, to be said in the reader's language."""
    short = {k: shorten(v) if isinstance(v, str) else v for k, v in facts.items()}
    return Finding(source="weakening", path=path, line=line, say=Say(key=key, facts=short))


def shorten(text: str) -> str:
    """One short line."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


class Flagged(Value):
    """A finding and the test it is about ("" for the file), for the plan's permission."""

    finding: Finding
    test: str = ""
    total: bool = False
    """Everything in the file is gone: no plan lifts that."""


def compare_files(
    path: str, old: TestFile, new: TestFile, elsewhere: Mapping[str, Probe]
) -> Iterator[Flagged]:
    """What of `old` is less in `new`. `elsewhere`: tests of all files that the base lacks, where
    one that vanished here may live on."""
    mine = {k: p for k, p in old.probes.items() if p.collected or p.helper}
    tests = [p for p in mine.values() if not p.helper]
    left = [p for p in new.probes.values() if not p.helper and p.collected]
    fresh = [p for k, p in new.probes.items() if k not in old.probes]
    homes = [p for p in (*fresh, *elsewhere.values()) if p.collected and not p.helper]
    if tests and not left and not all(_home(p, homes) for p in tests):
        yield Flagged(finding=finding(path, 0, "guard.weak_emptied", count=len(tests)), total=True)
        return
    if new.silenced and not old.silenced and tests:
        how = finding(
            path, new.silenced_line, "guard.weak_file_silenced", how=new.silenced, count=len(tests)
        )
        yield Flagged(finding=how, total=True)
        return
    for key, before in mine.items():
        after = new.probes.get(key)
        if after is None or (after.helper != before.helper):
            yield from _vanished(path, before, homes, after)
        else:
            yield from compare_probes(path, before, after)


def _home(probe: Probe, homes: Iterable[Probe]) -> Probe | None:
    """A new test that demands all that `probe` did (or does the same, when it asserted
    nothing)."""
    wanted = {d.key for d in probe.demands}
    for home in homes:
        if home.silenced and not probe.silenced:
            continue
        if wanted and wanted <= {d.key for d in home.demands}:
            return home
        if not wanted and home.body == probe.body:
            return home
    return None


def _vanished(
    path: str, before: Probe, homes: list[Probe], after: Probe | None
) -> Iterator[Flagged]:
    if before.silenced or before.helper:
        return  # it did not run; a helper's callers show what they lost
    home = _home(before, homes)
    if home is not None:
        return
    if after is not None and after.helper:
        after = None
    key = "guard.weak_deleted" if after is None else "guard.weak_hidden"
    yield Flagged(finding=finding(path, 0, key, test=before.id), test=before.id)


def compare_probes(path: str, old: Probe, new: Probe) -> Iterator[Flagged]:
    """One test that is there before and after."""

    def flag(line: int, key: str, **facts: str | int | float) -> Flagged:
        return Flagged(finding=finding(path, line, key, test=old.id, **facts), test=old.id)

    if old.collected and not new.collected:
        yield flag(new.line, "guard.weak_hidden")
        return
    if new.silenced and not old.silenced:
        yield flag(new.line, "guard.weak_silenced", how=new.silenced)
        return
    if old.acts and not new.acts:
        yield flag(new.line, "guard.weak_hollow")
        return
    yield from _demands(path, old, new)


def _demands(path: str, old: Probe, new: Probe) -> Iterator[Flagged]:
    was, kept = _guards(old), _guards(new)
    spare = [d for d in new.demands if d.key not in was]
    shown: set[tuple[str, str]] = set()
    for demand in old.demands:
        if demand.key in kept:
            swallowed = kept[demand.key] > was[demand.key]
            key, facts = ("guard.weak_swallowed", {"what": demand.text}) if swallowed else ("", {})
            line = new.line
        else:
            other = _counterpart(demand, spare)
            if other is not None:
                spare = [d for d in spare if d is not other]
            key, facts = _judge(demand, other)
            line = other.line if other else new.line
        if key and (key, demand.text) not in shown:
            shown.add((key, demand.text))  # one line for a demand made for many cases
            say = finding(path, line, key, test=old.id, **facts)
            yield Flagged(finding=say, test=old.id)


def _guards(probe: Probe) -> dict[tuple[str, str, str, str, float], int]:
    """Each demand -> how deep it stands where a failure may not count."""
    found: dict[tuple[str, str, str, str, float], int] = {}
    for demand in probe.demands:
        found[demand.key] = min(demand.guarded, found.get(demand.key, demand.guarded))
    return found


def _counterpart(demand: Demand, spare: list[Demand]) -> Demand | None:
    """The new assertion that most likely stands in this one's place."""
    same_subject = [d for d in spare if d.subject == demand.subject]
    same_demand = [d for d in spare if (d.op, d.expected) == (demand.op, demand.expected)]
    strongest = sorted(same_subject, key=lambda d: (d.op != demand.op, -RANK[d.op]))
    return next(iter([*strongest, *same_demand]), None)


def _judge(old: Demand, new: Demand | None) -> tuple[str, dict[str, str]]:
    """The catalogue's key for old -> new, "" when new is no weaker."""
    if new is None:
        return "guard.weak_removed", {"what": old.text}
    facts = {"old": old.text, "new": new.text}
    if new.subject != old.subject:
        return "guard.weak_other_subject", facts
    if new.guarded > old.guarded:
        return "guard.weak_swallowed", {"what": new.text}
    if RANK[new.op] != RANK[old.op]:
        return ("guard.weak_loosened", facts) if RANK[new.op] < RANK[old.op] else ("", {})
    if new.op != old.op:
        return "guard.weak_expects", facts
    if new.broad and not old.broad:
        return "guard.weak_loosened", facts
    if new.expected != old.expected:
        return ("", {}) if old.broad else ("guard.weak_expects", facts)
    if new.slack > old.slack or (old.detail and not new.detail):
        return "guard.weak_loosened", facts
    if old.detail and new.detail != old.detail:
        return "guard.weak_expects", facts
    return "", {}
