"""A shelf holds things, each with an amount and perhaps a last day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from larder.amounts import Amount, parse_amount


@dataclass(frozen=True)
class Item:
    """One thing on the shelf."""

    name: str
    amount: Amount
    best_before: date | None = None


@dataclass
class Shelf:
    """Things in the order they were put there."""

    items: list[Item] = field(default_factory=list)

    def add(self, name: str, amount: str, best_before: date | None = None) -> Item:
        item = Item(name, parse_amount(amount), best_before)
        self.items.append(item)
        return item

    def total(self, name: str, today: date | None = None) -> float:
        """How much there is of one thing, what is past its day left out."""
        day = today or date.today()
        return sum(
            item.amount.value
            for item in self.items
            if item.name == name and not (item.best_before and item.best_before < day)
        )
