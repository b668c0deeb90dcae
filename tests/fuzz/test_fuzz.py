"""Bytes of strangers against every parser: the fuzzer finds nothing, what it once found stays
mended, and it does find a fault that is put there for it."""

from __future__ import annotations

import os
import re

import pytest

from tests.fuzz import run as fuzzer
from tests.fuzz.child import WATCHED
from tests.fuzz.found import FOUND
from tests.fuzz.judging import LONGEST, MOST_S, TooSlow, judged, stretch, stretched
from tests.fuzz.targets import ASKED, TARGETS
from tests.fuzz.wheel import folder, why_not

pytestmark = pytest.mark.security
SECONDS = int(os.environ.get("HARNESS_FUZZ_SECONDS", "10"))
"""For what must be fuzzed the longest; the rest takes a fifth of it."""
SEED = int(os.environ.get("HARNESS_FUZZ_SEED", "1"))
"""A change is judged by the same inputs as the one before it; 0 is by chance, for long runs."""
PLANTED_S = 60
needed = pytest.mark.skipif(bool(why_not()), reason=why_not())


def test_the_fuzzer_is_there_wherever_it_can_be_had() -> None:
    assert why_not() or folder().is_dir(), "the fuzzer is missing: run `make test-parts`"


def test_every_target_has_modules_to_watch() -> None:
    assert list(WATCHED) == list(TARGETS)


@needed
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_found(name: str) -> None:
    ran = fuzzer.fuzz(name, SECONDS if name in ASKED else max(2, SECONDS // 5), seed=SEED)
    print(ran)
    assert ran.found is None, str(ran)
    assert ran.executions > len(TARGETS[name].short)


@needed
@pytest.mark.parametrize("name", TARGETS)
def test_a_planted_fault_is_found(name: str) -> None:
    target = TARGETS[name]
    for seed in target.seeds:
        judged(target.planted, seed, MOST_S * target.times)
    ran = fuzzer.fuzz(name, PLANTED_S, planted=True, seed=1)
    assert ran.found, str(ran)
    with pytest.raises(Exception, match=r".*") as caught:
        judged(target.planted, ran.found)
    assert not isinstance(caught.value, TooSlow)


@pytest.mark.parametrize("name", TARGETS)
def test_our_own_examples_and_64_kib_of_anything_end_well(name: str) -> None:
    target = TARGETS[name]
    assert target.short
    assert target.long
    for seed in target.seeds:
        judged(target.check, seed, MOST_S * target.times)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_stays_mended(name: str, data: bytes) -> None:
    judged(TARGETS[name].check, data, MOST_S * TARGETS[name].times)


def test_a_slow_input_is_a_finding() -> None:
    def slow(data: bytes) -> None:
        assert re.search(b"(a|aa)+!", data) is None

    with pytest.raises(TooSlow):
        judged(slow, b"a" * 30, most_s=0.01)


def test_a_stretched_input_is_long_and_keeps_its_ends() -> None:
    long = stretched(stretch(b"head", b"middle", b"tail"))
    assert LONGEST - 6 <= len(long) <= LONGEST
    assert (long[:10], long[-4:]) == (b"headmiddle", b"tail")
    assert stretched(b"plain") == b"plain"
