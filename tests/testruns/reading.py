"""What the tests of each runner share: a report read as the product reads it, and how its command
is changed. The reports are written after the documented formats, none is a copy."""

from __future__ import annotations

from harness.core.tally_types import Tally
from harness.i18n.catalogue import Catalogue
from harness.testruns.reports import read_reports

OUT = "/out"


def read(name: str, text: str) -> Tally:
    """One report file of that name."""
    return read_reports({name: text.encode("utf-8", "surrogatepass")})


def outcomes(name: str, text: str) -> dict[str, str]:
    """Of a report that is whole."""
    tally = read(name, text)
    assert tally.collected
    assert tally.unseen == {}
    return tally.outcomes


def why(tally: Tally, part: str = "") -> str:
    """The sentence that says why a report, or a part of it, is not believed or not whole; "" where
    it is."""
    said = tally.unseen.get(part)
    return "" if said is None else Catalogue("en")(said.key, **said.facts)
