"""Words that an agent quotes must be the issue's own."""

from __future__ import annotations

import pytest

from harness.pipeline.proof.quoting import quote_fault

SAID = (
    "add subtracts",
    "`add(2, 3)` gives -1,\nit should  give 5.\r\n\r\n> What it does: wrong",
    "정수 두 개를 더하면 5가 나와야 합니다.",
    "返すべき値は合計でなければならない。",
)


@pytest.mark.parametrize(
    "quote",
    [
        "it should give 5.",
        "it should give 5",
        " it\n should\tgive 5. ",
        '"it should give 5."',
        "> “it should give 5.”",
        "`add(2, 3)` gives -1, it should give 5.",
        "add(2, 3)` gives -1",
        "What it does: wrong",
        "5가 나와야 합니다",
        "개를 더하면 5가",
        "合計でなければならない",
        "add subtracts",
    ],
)
def test_words_of_the_issue(quote: str) -> None:
    assert quote_fault(quote, SAID) is None


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        ("it should give 6.", "no_quote"),
        ("It should give 5.", "no_quote"),
        ("it should always give 5.", "no_quote"),
        ("it should ... give 5.", "no_quote"),
        ("t should give 5", "no_quote"),
        ("it should giv", "no_quote"),
        ("add subtracts `add(2, 3)` gives", "no_quote"),
        ("(no text)", "no_quote"),
        ("", "no_quote"),
        (' " ', "no_quote"),
        ("give 5", "short_quote"),
        ("5", "short_quote"),
        ("add", "short_quote"),
    ],
)
def test_words_of_somebody_else(quote: str, why: str) -> None:
    fault = quote_fault(quote, SAID)
    assert fault is not None
    assert fault.template == f"independent/{why}"
