"""How long a model may think, and what its calls cost."""

from __future__ import annotations

import pytest

from harness.core.types import Difficulty, SessionKind, Usage
from harness.llm.prices import PRICES, Price, cost_usd, price_of
from harness.llm.thinking import LEAST, MOST, budget, effort

KINDS: tuple[SessionKind, ...] = ("worker", "subagent", "reviewer")
LEVELS: tuple[Difficulty, ...] = ("trivial", "small", "medium", "large")


def test_harder_issues_and_later_attempts_get_more() -> None:
    for kind in KINDS:
        by_level = [budget(kind, level).tokens for level in LEVELS]
        assert by_level == sorted(by_level)
        by_attempt = [budget(kind, "medium", attempt=n).tokens for n in (1, 2, 3)]
        assert by_attempt == sorted(set(by_attempt))
    assert budget("worker", "trivial").tokens == 0
    assert budget("worker", "trivial", attempt=2).tokens > 0
    assert budget("subagent", "medium").tokens < budget("worker", "medium").tokens
    assert budget("reviewer", "trivial").tokens > 0


def test_every_budget_is_none_or_one_a_vendor_takes() -> None:
    for kind in KINDS:
        for level in LEVELS:
            for attempt in range(1, 9):
                for left in (None, -5, 0, 999, 30_000, 10**7):
                    for ceiling in (0, 500, 4_000, MOST):
                        tokens = budget(
                            kind, level, attempt=attempt, tokens_left=left, ceiling=ceiling
                        ).tokens
                        assert tokens == 0 or LEAST <= tokens <= min(MOST, ceiling)
                        assert left is None or tokens * 20 <= max(0, left)


def test_a_budget_has_its_word() -> None:
    assert [effort(n) for n in (1_024, 3_999, 4_000, 15_999, 16_000, 32_000)] == [
        "low",
        "low",
        "medium",
        "medium",
        "high",
        "high",
    ]


def test_each_sort_of_token_has_its_price() -> None:
    price = Price(fresh=4, output=20, cache_write=5, cache_read=0.2)
    million = 1_000_000
    assert price.of(Usage(fresh=million)) == 4
    assert price.of(Usage(cache_write=million)) == 5
    assert price.of(Usage(cache_read=million)) == pytest.approx(0.2)
    assert price.of(Usage(output=million)) == 20
    plain = Price(fresh=4, output=20)
    assert plain.of(Usage(cache_write=million, cache_read=million)) == pytest.approx(5.4)


def test_the_operators_price_wins_and_an_unknown_model_costs_nothing() -> None:
    usage = Usage(fresh=1_000_000)
    assert cost_usd("claude-sonnet-5", usage) == 2
    assert cost_usd("claude-sonnet-5", usage, Price(fresh=7, output=1)) == 7
    assert cost_usd("my-local-model", usage) == 0


def test_names_match_with_a_date_or_a_vendor_but_never_by_likeness() -> None:
    assert price_of("claude-haiku-4-5-20251001") == PRICES["claude-haiku-4-5"]
    assert price_of("openai/gpt-5") == PRICES["gpt-5"]
    assert price_of("gpt-4o-2024-11-20") == PRICES["gpt-4o"]
    assert price_of("claude-opus-5-9") is None
    assert price_of("gpt-5-turbo") is None


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_a_price_is_a_number_of_dollars(wrong: float) -> None:
    with pytest.raises(ValueError, match="fresh"):
        Price(fresh=wrong, output=1)
