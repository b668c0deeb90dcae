"""The proof stands first in a pull request's text, a program reads it back from there, and a table
that says something else is found out. In both languages."""

from __future__ import annotations

import json

import pytest

from harness.core.change_proof import Proof
from harness.core.types import Finding, LocalizedText
from harness.guard.outgoing_text import outgoing
from harness.i18n.catalogue import Catalogue, languages
from harness.report import markdown, pr_body
from harness.report.proof_copy import MOST_COPY, copy_of, is_page_of, read_proof
from tests.proof.test_comparing import TRUE, part, survivor
from tests.report.test_pages import facts

PROOF = TRUE.model_copy(
    update={
        "asked": "Fixes #7: `a_b` | *c* <!-- d --> @ann",
        "criteria": ("it adds", "[x] it is quick"),
        "untried": (LocalizedText(key="proof.untested"),),
    }
)
WORDS = [Catalogue(language) for language in languages()]
UNSEEN = Finding(source="unseen", say=LocalizedText(key="unseen.suite", facts={"why": "no"}))


def body(words: Catalogue, proof: Proof = PROOF) -> str:
    return outgoing(pr_body.render(facts(proof=proof, unseen=(UNSEEN,)), words), 5)


def is_page(proof: Proof, text: str) -> bool:
    return is_page_of(proof, text, WORDS, lambda said: outgoing(said, 0))


@pytest.mark.parametrize("words", WORDS, ids=languages())
def test_the_table_stands_first_and_reads_back(words: Catalogue) -> None:
    text = body(words)
    assert text.startswith(f"## {words('proof.heading')}\n")
    assert text.index(words("proof.row_parts")) < text.index(words("page.unseen"))
    assert read_proof(text) == PROOF
    assert is_page(PROOF, text)
    assert is_page(PROOF, text.replace("\n", "\r\n"))
    report = markdown.render(facts(proof=PROOF), words)
    assert report.index(words("proof.heading")) < report.index(words("view.what"))


FORGED = {
    "a count": ("1 unproven", "0 unproven"),
    "the conclusion": ("Not proven", "Proven"),
    "a suite": ("10 passed", "99 passed"),
    "a row": ("| Red before, green after |", "| Green before, green after |"),
    "a place": ("b.py, lines", "z.py, lines"),
    "the heading": ("## Does every part matter?", "## Every part matters"),
    "what was asked": ("it adds", "it adds nothing"),
}


@pytest.mark.parametrize(("old", "new"), FORGED.values(), ids=FORGED)
def test_a_forged_table_is_found_out(old: str, new: str) -> None:
    text = body(WORDS[0])
    table, copy = text.split("```harness-proof")
    assert old in table
    assert not is_page(PROOF, f"{table.replace(old, new, 1)}```harness-proof{copy}")


def test_a_second_table_is_found_out() -> None:
    text = body(WORDS[0])
    section = text[: text.index("\n## ")]
    assert not is_page(PROOF, f"{section}\n\n{text}")


def test_a_long_proof_is_shortened_and_says_so() -> None:
    red = tuple(f"tests/test_long.py::test_number_{n}" for n in range(2000))
    long = PROOF.model_copy(
        update={"red": red, "survivors": tuple(survivor(n) for n in range(1, 300))}
    )
    copy = copy_of(long)
    assert 0 < len(copy) <= MOST_COPY + 50
    told = read_proof(copy)
    assert isinstance(told, Proof)
    assert (told.count("red"), told.count("survivors")) == (2000, 299)
    assert is_page(told, body(WORDS[0], long))


def test_one_that_cannot_be_shortened_is_left_out_and_says_so() -> None:
    parts = tuple(part(f"file_number_{n}") for n in range(1000))
    long = PROOF.model_copy(update={"parts": parts})
    assert copy_of(long) == ""
    text = body(WORDS[0], long)
    assert WORDS[0]("page.proof_copy_long") in text
    assert not isinstance(read_proof(text), Proof)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("no proof at all", "copy_none"),
        (f"{copy_of(PROOF)}\n\n{copy_of(PROOF)}", "copy_many"),
        ("```harness-proof\n{\n```", "copy_odd"),
        ("```harness-proof\n[1]\n```", "copy_odd"),
        ('{"form": 1}', "copy_odd"),
        ('{"form": 1, "base": "a", "head": "b", "tree": "c", "news": 1}', "copy_odd"),
        ("[" * 100_000, "copy_none"),
        ("{" * 100_000, "copy_odd"),
        ("x" * ((4 << 20) + 1), "copy_long"),
    ],
)
def test_what_is_no_proof_says_why(text: str, key: str) -> None:
    said = read_proof(text)
    assert isinstance(said, LocalizedText)
    assert said.key == f"proof.{key}"


def test_what_the_command_prints_is_read_back() -> None:
    told = {**PROOF.model_dump(mode="json"), "conclusion": PROOF.conclusion}
    assert read_proof(json.dumps(told)) == PROOF
