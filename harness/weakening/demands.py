"""What a test demands, whatever its language, and what it means when that becomes less. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.core.base import Value
from harness.core.types import Finding, LocalizedText

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
PERHAPS = frozenset(("if", "skipIf", "runIf"))
"""What keeps a test from running on some condition: it may well have run."""
SHOWN = 120
BEFORE = 20


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
    case: dict[str, str] = {}
    """The row of a table that it is made for, by name."""

    @property
    def key(self) -> tuple[str, str, str, str, float]:
        return self.op, self.subject, self.expected, self.detail, self.slack


class DemandedTest(Value):
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
    wrapped: tuple[str, ...] = ()
    """Decorators that may not run it."""
    replaced: tuple[str, ...] = ()
    """What is put in the place of something imported while it runs."""
    leans: dict[str, frozenset[str]] = {}
    """Function of the file -> what it uses that is imported; "" for the test itself."""
    helper: bool = False
    """No test itself, but tests assert through it."""


class TestFile(Value):
    """What one version of a test file holds. `silenced`: the whole of it."""

    __test__ = False
    probes: dict[str, DemandedTest] = {}
    silenced: str = ""
    silenced_line: int = 0


def finding(path: str, line: int, key: str, **facts: str | int | float) -> Finding:
    """A weakening, to be said in the reader's language."""
    short = {k: shorten(v) if isinstance(v, str) else v for k, v in facts.items()}
    return Finding(
        source="weakening", path=path, line=line, say=LocalizedText(key=key, facts=short)
    )


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
    path: str, old: TestFile, new: TestFile, elsewhere: Mapping[str, DemandedTest]
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
            yield from _flag_vanished(path, before, homes, after)
        else:
            yield from compare_probes(path, before, after)


def _home(probe: DemandedTest, homes: Iterable[DemandedTest]) -> DemandedTest | None:
    """A new test that demands all that `probe` did (or does the same, when it asserted
    nothing)."""
    wanted = {d.key for d in probe.demands}
    for home in homes:
        if (home.silenced and not probe.silenced) or set(home.wrapped) - set(probe.wrapped):
            continue
        if set(home.replaced) - set(probe.replaced):
            continue
        if wanted and wanted <= {d.key for d in home.demands}:
            return home
        if not wanted and home.body == probe.body:
            return home
    return None


def _flag_vanished(
    path: str, before: DemandedTest, homes: list[DemandedTest], after: DemandedTest | None
) -> Iterator[Flagged]:
    if (before.silenced and before.silenced not in PERHAPS) or before.helper:
        return  # it did not run; a helper's callers show what they lost
    home = _home(before, homes)
    if home is not None:
        return
    if after is not None and after.helper:
        after = None
    key = "guard.weak_deleted" if after is None else "guard.weak_hidden"
    yield Flagged(finding=finding(path, 0, key, test=before.id), test=before.id)


def compare_probes(path: str, old: DemandedTest, new: DemandedTest) -> Iterator[Flagged]:
    """One test that is there before and after."""

    def flag(line: int, key: str, **facts: str | int | float) -> Flagged:
        return Flagged(finding=finding(path, line, key, test=old.id, **facts), test=old.id)

    if old.collected and not new.collected:
        yield flag(new.line, "guard.weak_hidden")
        return
    if new.silenced and not old.silenced:
        yield flag(new.line, "guard.weak_silenced", how=new.silenced)
        return
    odd = [d for d in new.wrapped if d not in old.wrapped]
    if odd:
        yield flag(new.line, "guard.weak_silenced", how=f"@{odd[0]}")
        return
    left = frozenset().union(*new.leans.values())
    lost = {w for h, used in old.leans.items() if h and h in new.leans for w in used - left}
    for target in [*(r for r in new.replaced if r not in old.replaced), *sorted(lost)]:
        yield flag(new.line, "guard.weak_replaced", what=target)
    if old.acts and not new.acts:
        yield flag(new.line, "guard.weak_hollow")
        return
    yield from _demands(path, old, new)


def _demands(path: str, old: DemandedTest, new: DemandedTest) -> Iterator[Flagged]:
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
            key, facts = _judge(demand, other, new)
            line = other.line if other else new.line
        if key and (key, demand.text) not in shown:
            shown.add((key, demand.text))  # one line for a demand made for many cases
            say = finding(path, line, key, test=old.id, **facts)
            yield Flagged(finding=say, test=old.id)


def _guards(probe: DemandedTest) -> dict[tuple[str, str, str, str, float], int]:
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


def _judge(old: Demand, new: Demand | None, probe: DemandedTest) -> tuple[str, dict[str, str]]:
    """The catalogue's key for old -> new, "" when new is no weaker. `probe`: the test of `new`."""
    if new is None:
        alike = any(d.text == old.text for d in probe.demands)
        return "guard.weak_removed", {
            "what": _beside(old.text, _row(old.case)) if alike else old.text
        }
    before, after = _describe_pair(old, new)
    facts = {"old": before, "new": after}
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


def _describe_pair(old: Demand, new: Demand) -> tuple[str, str]:
    """Both as a person reads them; where they are written alike, what they stand for beside it."""
    if old.text != new.text:
        return old.text, new.text
    names = [n for n in {**old.case, **new.case} if old.case.get(n) != new.case.get(n)]
    if names:
        pairs = [{n: d.case[n] for n in names if n in d.case} for d in (old, new)]
        before, after = _row(pairs[0]), _row(pairs[1])
    else:
        places = ("subject", "expected", "detail", "slack", "op")
        differ = next((p for p in places if getattr(old, p) != getattr(new, p)), "op")
        before, after = str(getattr(old, differ)), str(getattr(new, differ))
    before, after = _apart(before, after)
    return _beside(old.text, before), _beside(new.text, after)


def _row(case: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in case.items())


def _apart(one: str, other: str) -> tuple[str, str]:
    """Two texts from shortly before the place where they part."""
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    begin = same - BEFORE if same + BEFORE > SHOWN // 2 else 0
    return (f"…{one[begin:]}", f"…{other[begin:]}") if begin else (one, other)


def _beside(text: str, value: str) -> str:
    """An assertion and what it stands for, in one short line."""
    if not value:
        return text
    line, beside = " ".join(text.split()), " ".join(value.split())
    half = SHOWN // 2 - 2
    beside = beside if len(beside) <= half else beside[: half - 1] + "…"
    left = SHOWN - len(beside) - 3
    return f"{line if len(line) <= left else line[: left - 1] + '…'} [{beside}]"
