"""How much a model may reason: decided by what is asked of it, never by the model. Pure."""

from __future__ import annotations

from typing import Final

from harness.core.types import Difficulty, SessionKind, ThinkingBudget

LEAST: Final = 1_024
"""Below this vendors refuse a budget: then there is none."""
MOST: Final = 32_000
_BASE: Final[dict[Difficulty, int]] = {
    "trivial": 0,
    "small": 2_048,
    "medium": 8_192,
    "large": 16_384,
}
_SHARE_OF_LEFT: Final = 20
"""One call may think away at most a twentieth of the tokens that are left."""


def budget(
    kind: SessionKind,
    difficulty: Difficulty,
    *,
    attempt: int = 1,
    tokens_left: int | None = None,
    ceiling: int = MOST,
) -> ThinkingBudget:
    """The budget a session is opened with; it never changes inside one (that would throw the
    cached prefix away).

    A second try thinks twice as long, a third four times: the first way did not work. A sub-agent
    has a smaller job than its issue; a reviewer reads, so it gets at least a small budget.
    `tokens_left` None: no cap. `ceiling` is the operator's; 0 switches thinking off.
    """
    wanted = _BASE[difficulty]
    if kind == "subagent":
        wanted //= 2
    elif kind == "reviewer":
        wanted = max(wanted, _BASE["small"])
    if attempt > 1:
        wanted = max(wanted, _BASE["small"]) << min(attempt - 1, 4)
    wanted = min(wanted, MOST, ceiling)
    if tokens_left is not None:
        wanted = min(wanted, max(0, tokens_left) // _SHARE_OF_LEFT)
    return ThinkingBudget(tokens=wanted if wanted >= LEAST else 0)


def effort(tokens: int) -> str:
    """A budget in the words of servers that know only efforts."""
    if tokens < 4_000:
        return "low"
    return "medium" if tokens < 16_000 else "high"
