"""Assertions of C and C++ in a normal form: assert, GoogleTest, Catch2, doctest, Unity, and whoever
names theirs like them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.weakening.code_demands import Words, approx, bound, call_demand, pair, truth
from harness.weakening.code_text import CodeNames
from harness.weakening.demands import Demand

ASSERTS = re.compile(
    r"(?:DOCTEST_|CATCH_|BOOST_|TEST_|STATIC_|_Static_|static_|g_|ck_|mu_|cr_|tt_|Cu|CU_)*"
    r"(?:ASSERT|assert|Assert|EXPECT|expect|CHECK|check|REQUIRE|require|VERIFY|verify|FAST_CHECK)"
    r"(?:_[A-Za-z]\w*|[A-Z]\w*)?"
)
STEM = re.compile(r"^.*?(?:assert|expect|check|require|verify)_?", re.I)
NO_ASSERT = frozenset(("CHECK_NOFAIL", "EXPECT_NONFATAL_FAILURE", "ASSERT_NO_FATAL_FAILURE"))
MESSAGE = re.compile(r"_(?:MESSAGE|MSG)$|_msg$")
CASELESS = re.compile(r"CASE(?:EQ|NE)$")
LESS = {"LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "LESS_THAN": "<", "GREATER_THAN": ">",
        "LESS_OR_EQUAL": "<=", "GREATER_OR_EQUAL": ">="}  # fmt: skip
SORTS = (
    (re.compile(r"(?:UNARY_)?FALSE"), "false"),
    (re.compile(r"(?:TRUE|UNARY|)"), "true"),
    (re.compile(r"(?:NOT_NULL|NON_NULL|PTR_NOT_NULL|PTR_NONNULL)"), "there"),
    (re.compile(r"(?:NULL|PTR_NULL)"), "null"),
    (re.compile(r"NO_?THROWS?(?:_\w+)?"), "quiet"),
    (re.compile(r"(?:ANY_THROW|THROWS?(?:_\w+)?|DEATH\w*|EXIT)"), "throws"),
    (re.compile(r"THAT"), "that"),
    (
        re.compile(r"(?:NEAR|FLOAT_WITHIN|DOUBLE_WITHIN|(?:\w+_)?WITHIN|CLOSE|DOUBLE_EQ_TOL)"),
        "near",
    ),
    (re.compile(r"(?:STR(?:CASE)?NE|NE|NOT_EQUAL\w*|(?:\w+_)?(?:NOT_EQUAL|NE))"), "other"),
    (re.compile(r"(?:FLOAT|DOUBLE)_EQ"), "equal"),
    (re.compile(r"(?:\w+_)?(?:LT|LE|GT|GE)"), "bound"),
    (re.compile(r"(?:LESS|GREATER)_(?:THAN|OR_EQUAL)(?:_\w+)?"), "bound turned"),
    (re.compile(r"(?:STR(?:CASE)?EQ|EQ|EQUAL\w*|(?:\w+_)?(?:EQUAL|EQ))"), "equal"),
)
WIDE = re.compile(r"(?:⟨\w*⟩)?(?:const )?(?:std::)?exception(?:&)?|\.\.\.|")


def is_stem(said: str) -> bool:
    """Whether an assertion of the libraries ends so."""
    return any(pattern.fullmatch(said) for pattern, _ in SORTS)


def read_assertion(name: str, given: Sequence[Words], names: CodeNames) -> Iterator[Demand]:
    """What a call of this name demands; nothing when its name is no assertion's."""
    if not ASSERTS.fullmatch(name) or name in NO_ASSERT:
        return
    kept = [one for one in given if one]
    if MESSAGE.search(name) and len(kept) > 1:
        kept = kept[:-1]
    stem = STEM.sub("", MESSAGE.sub("", name), count=1).upper()
    sort = next((found for pattern, found in SORTS if pattern.fullmatch(stem)), "")
    reading = READINGS.get(sort)
    found = list(reading(stem, kept, names)) if reading is not None else []
    if found:
        yield from (one for one in found if not one.subject.startswith('"'))
    elif kept and sort not in ("true", "false"):
        yield call_demand(name, kept, names)


Found = Iterator[Demand]


def _true(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    yield from truth(given[0], names) if given else ()


def _false(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    yield from truth(given[0], names, positive=False) if given else ()


def _null(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    if given:
        yield Demand(op="eq", subject=names.normal(given[0]), expected="NULL")


def _there(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    if given:
        yield Demand(op="ne", subject=names.normal(given[0]), expected="NULL")


def _quiet(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    if given:
        yield Demand(op="eq", subject=names.normal(given[0]), expected="no exception")


def _throws(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    if not given:
        return
    kind = ", ".join(names.normal(one) for one in given[1:])
    yield Demand(
        op="raises",
        subject=names.normal(given[0]),
        expected=kind,
        broad=bool(WIDE.fullmatch(kind)),
    )


def _that(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    if len(given) > 1:
        expected = names.normal(given[1])
        exact = re.match(r"(?:\w+::)*(?:Eq|Equals|StrEq|ElementsAre|Pointee)\b", expected)
        op = "eq" if exact else "call"
        yield Demand(op=op, subject=names.normal(given[0]), expected=expected)


def _near(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    if len(given) > 2:
        turned = stem.endswith("WITHIN")  # Unity says first how far
        left, right, within = (given[2], given[1], given[0]) if turned else given[:3]
        yield approx(left, right, within, names)


def _other(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    if len(given) > 1:
        yield pair("ne", given[1], given[0], names)


def _equal(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    """How many of an array are looked at is a part of it."""
    if len(given) < 2:
        return
    op = "alike" if CASELESS.search(stem) else "eq"
    found = pair(op, given[0], given[1], names)
    more = ", ".join(names.normal(one) for one in given[2:])
    yield found.model_copy(update={"detail": more})


def _bound(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    if len(given) > 1:
        yield bound(LESS[stem[-2:]], given[0], given[1], names)


def _bound_turned(stem: str, given: Sequence[Words], names: CodeNames) -> Found:
    sign = next((LESS[word] for word in LESS if stem.startswith(word) and len(word) > 2), "")
    if sign and len(given) > 1:
        yield bound(sign, given[1], given[0], names)


READINGS = {
    "true": _true, "false": _false, "null": _null, "there": _there, "quiet": _quiet,
    "throws": _throws, "that": _that, "near": _near, "other": _other, "equal": _equal,
    "bound": _bound, "bound turned": _bound_turned,
}  # fmt: skip
