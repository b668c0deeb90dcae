"""A proof that somebody shows, made again and held to what that gives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from harness.core.change_proof import Asked, Comparison, Proof
from harness.core.types import LocalizedText
from harness.guard.outgoing_text import outgoing
from harness.guard.visible import MOST_RAW, visible
from harness.i18n.catalogue import Catalogue, languages
from harness.proof.comparing import compare, strangers, wants_time
from harness.report.proof_copy import is_page_of, read_proof

Proved = tuple[Proof | None, Comparison | None]
"""A proof, and what becomes of the one that was shown, where one was. No proof is made where that
cannot be read."""
SLOWER = 3.0
"""So many times the time is given where it did not suffice here."""
MOST_BUDGET_S = 3600.0
"""However long a proof says that it took, nobody waits longer for it unasked."""


async def prove_as(make: Callable[[Asked], Awaitable[Proof]], asked: Asked, page: str) -> Proved:
    """`make` with what is asked. Where `page` shows a proof, it is made of the same things again,
    in the time that it had if `asked` says no other; in more where this machine is slower, and
    twice where results differ, for there are tests that do not end the same twice."""
    if not page:
        return await make(asked), None
    claimed = await asyncio.to_thread(_claimed, page)
    if isinstance(claimed, LocalizedText):
        return None, Comparison(verdict="cannot", why=claimed)
    like = Asked(
        title=claimed.asked,
        criteria=claimed.criteria,
        kind=claimed.kind,
        difficulty=claimed.difficulty,
        budget_s=asked.budget_s or min(claimed.budget_s, MOST_BUDGET_S),
    )
    first = await make(like)
    if not asked.budget_s and wants_time(claimed, first) and not strangers(claimed, first):
        like = like.model_copy(update={"budget_s": like.budget_s * SLOWER})
        first = await make(like)
    said = compare(claimed, (first,))
    if said.verdict == "disagrees" and not strangers(claimed, first):
        said = compare(claimed, (first, await make(like)))
    return first, await asyncio.to_thread(_with_page, said, claimed, page)


def _claimed(page: str) -> Proof | LocalizedText:
    """What a reader does not see claims nothing."""
    return read_proof(page if _is_json(page) else _seen(page))


def _is_json(page: str) -> bool:
    return page.lstrip().startswith("{")


def _seen(page: str) -> str:
    return visible(page.replace("\r\n", "\n"), MOST_RAW).text


def _with_page(compared: Comparison, claimed: Proof, page: str) -> Comparison:
    """The table is rendered again from the copy below it. A file of JSON has none."""
    if _is_json(page):
        return compared
    words = [Catalogue(language) for language in languages()]
    if is_page_of(claimed, _seen(page), words, lambda text: outgoing(text, 0)):
        return compared
    differs = (LocalizedText(key="proof.differs_page"), *compared.differs)
    return compared.model_copy(update={"verdict": "disagrees", "differs": differs})
