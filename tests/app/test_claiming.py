"""A proof that somebody shows, made again by what is asked: how often, in how much time, and what
becomes of the page that it stands in."""

from __future__ import annotations

from harness.app.claiming import prove_as
from harness.core.change_proof import Asked, Proof
from harness.guard.outgoing_text import outgoing
from harness.i18n.catalogue import Catalogue
from harness.report import pr_body
from tests.proof.test_comparing import TRUE
from tests.report.test_pages import facts

PAGE = outgoing(pr_body.render(facts(proof=TRUE), Catalogue("en")), 5)
OTHER = TRUE.model_copy(update={"red": ()})


class Making:
    """Gives these proofs, one after the other, and keeps what was asked."""

    def __init__(self, *proofs: Proof) -> None:
        self.proofs = list(proofs)
        self.asked: list[Asked] = []

    async def __call__(self, asked: Asked) -> Proof:
        self.asked.append(asked)
        return self.proofs.pop(0)


async def verdict(page: str, *made: Proof) -> tuple[str, int]:
    making = Making(*made)
    _, compared = await prove_as(making, Asked(), page)
    return "" if compared is None else compared.verdict, len(making.asked)


async def test_nothing_shown_is_compared_with_nothing() -> None:
    assert await verdict("", TRUE) == ("", 1)


async def test_what_agrees_is_made_once() -> None:
    assert await verdict(PAGE, TRUE) == ("agrees", 1)
    assert await verdict(TRUE.model_dump_json(), TRUE) == ("agrees", 1)


async def test_what_differs_is_made_twice() -> None:
    assert await verdict(PAGE, OTHER, OTHER) == ("disagrees", 2)
    assert await verdict(PAGE, OTHER, TRUE) == ("agrees", 2)


async def test_another_tree_needs_no_second_look() -> None:
    assert await verdict(PAGE, TRUE.model_copy(update={"tree": "0" * 40})) == ("disagrees", 1)


async def test_a_table_that_says_something_else_is_found_out() -> None:
    assert await verdict(PAGE.replace("10 passed", "99 passed", 1), TRUE) == ("disagrees", 1)
    hidden = PAGE.replace("## Does", "## Proven\n\nAll is well.\n\n<!--\n## Does", 1)
    shown, copy = hidden.split("```harness-proof")
    assert await verdict(f"{shown}\n-->\n\n```harness-proof{copy}", TRUE) == ("disagrees", 1)


async def test_what_cannot_be_read_is_not_run() -> None:
    assert await verdict("no proof") == ("cannot", 0)
    assert await verdict(f"<!--\n{PAGE}\n-->") == ("cannot", 0)


async def test_it_is_made_of_the_same_things_in_the_same_time() -> None:
    shown = TRUE.model_copy(update={"asked": "It adds", "kind": "bug", "budget_s": 90_000.0})
    making = Making(TRUE, TRUE)
    await prove_as(making, Asked(title="x"), shown.model_dump_json())
    await prove_as(making, Asked(budget_s=7.0), shown.model_dump_json())
    assert [(a.title, a.kind, a.budget_s) for a in making.asked] == [
        ("It adds", "bug", 3600.0),
        ("It adds", "bug", 7.0),
    ]
