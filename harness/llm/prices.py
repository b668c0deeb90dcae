"""What a call costs. A small table of list prices; the operator's own prices win. Pure."""

from __future__ import annotations

import re
from typing import Final

from pydantic import Field

from harness.core.types import Usage, Value


class Price(Value):
    """US dollars per million tokens. Written and read default to the vendor's usual factors."""

    fresh: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)
    cache_write: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    cache_read: float | None = Field(default=None, ge=0, allow_inf_nan=False)

    def of(self, usage: Usage) -> float:
        """US dollars."""
        written = 1.25 * self.fresh if self.cache_write is None else self.cache_write
        read = 0.1 * self.fresh if self.cache_read is None else self.cache_read
        millionths = (
            usage.fresh * self.fresh
            + usage.cache_write * written
            + usage.cache_read * read
            + usage.output * self.output
        )
        return millionths / 1_000_000


def _openai(fresh: float, output: float, read: float) -> Price:
    # writing the cache cost nothing extra then
    return Price(fresh=fresh, output=output, cache_write=fresh, cache_read=read)


# as of 2026-11; the operator's own prices go before these
PRICES: Final[dict[str, Price]] = {
    "claude-fable-5-1": Price(fresh=10, output=50, cache_read=0.25),
    "claude-fable-5": Price(fresh=10, output=50),
    "claude-opus-5-5": Price(fresh=4, output=20, cache_read=0.2),
    "claude-opus-5": Price(fresh=5, output=25),
    "claude-opus-4-8": Price(fresh=5, output=25),
    "claude-opus-4-7": Price(fresh=5, output=25),
    "claude-opus-4-6": Price(fresh=5, output=25),
    "claude-opus-4-5": Price(fresh=5, output=25),
    "claude-opus-4-1": Price(fresh=15, output=75),
    "claude-sonnet-5-5": Price(fresh=2, output=10, cache_read=0.1),
    "claude-sonnet-5": Price(fresh=2, output=10),
    "claude-sonnet-4-6": Price(fresh=3, output=15),
    "claude-sonnet-4-5": Price(fresh=3, output=15),
    # the dearer of its two bands: a prompt over 100,000 tokens pays it, and a cap must hold
    "claude-haiku-5-5": Price(fresh=0.5, output=2.5),
    "claude-haiku-4-5": Price(fresh=1, output=5),
    "gpt-6.1-sol": Price(fresh=2, output=10, cache_read=0.1),
    "gpt-6.1-terra": Price(fresh=1, output=5, cache_read=0.05),
    "gpt-6-sol": Price(fresh=2, output=10),
    "gpt-6-luna": Price(fresh=0.1, output=0.5),
    "gpt-5": _openai(1.25, 10, 0.125),
    "gpt-5.1": _openai(1.25, 10, 0.125),
    "gpt-5-mini": _openai(0.25, 2, 0.025),
    "gpt-5-nano": _openai(0.05, 0.4, 0.005),
    "gpt-4.1": _openai(2, 8, 0.5),
    "gpt-4.1-mini": _openai(0.4, 1.6, 0.1),
    "gpt-4o": _openai(2.5, 10, 1.25),
    "gpt-4o-mini": _openai(0.15, 0.6, 0.075),
}
_SUFFIX = re.compile(r"(-latest|-\d{8}|-\d{4}-\d{2}-\d{2})$")


def price_of(model: str) -> Price | None:
    """By exact name, a vendor's prefix ("openai/") and a date at the end left out. Never by a
    likeness: a newer model costs what it costs."""
    bare = model.rsplit("/", 1)[-1]
    return PRICES.get(bare) or PRICES.get(_SUFFIX.sub("", bare))


def cost_usd(model: str, usage: Usage, price: Price | None = None) -> float:
    """`price` is the operator's; `model` the vendor's name for it. 0 when neither is known: only
    caps in tokens hold then."""
    found = price or price_of(model)
    return 0.0 if found is None else found.of(usage)
