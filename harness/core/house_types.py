"""What a repository's own people do and ask for, as code read it: values of an allow-list, never
their sentences."""

from __future__ import annotations

from typing import Literal

from harness.core.base import Value


class CommitStyle(Value):
    """How subjects look. Empty: nothing was seen, and ours stay as they are."""

    conventional: bool = False
    types: tuple[str, ...] = ()
    """The only ones that are allowed; empty: those everybody has."""
    scopes: tuple[str, ...] = ()
    """Those in use; empty: subjects have none."""
    case: Literal["", "lower", "sentence"] = ""
    """Of a subject's first letter."""
    numbered: bool | None = None
    """Whether a merged subject ends with its pull request's number; None: too few were seen."""
    longest: int = 72


class HouseRules(Value):
    """What the default branch's own texts ask of a contribution."""

    refused_in: str = ""
    """The file that refuses what machines made; "" when none does."""
    refusal: str = ""
    """Its sentence, for a person to read."""
    signed_in: str = ""
    """The file that asks for a sign-off."""
    trailer: str = ""
    """The trailer by which a machine's part is told, of our own list."""
    conventional: bool = False
    """A configuration of the repository checks subjects for it."""
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    longest: int = 72


Meaning = Literal["", "what", "why", "how", "evidence", "issue"]
Proof = Literal["tests_added", "tests_pass", "issue_linked", "disclosed"]


class TemplateBox(Value):
    """One line to tick. `claims`: what must all be proven for a tick; empty: it is a person's."""

    text: str
    claims: tuple[Proof, ...] = ()


class TemplateSection(Value):
    """One heading of a template. `means`: what of ours belongs there; "": nothing."""

    heading: str = ""
    level: int = 2
    means: Meaning = ""
    boxes: tuple[TemplateBox, ...] = ()


class PullRequestTemplate(Value):
    """The repository's own form of a pull request's text; empty: it has none."""

    path: str = ""
    sections: tuple[TemplateSection, ...] = ()

    def heading_of(self, means: Meaning, ours: str) -> str:
        """Under which heading that stands: the template's, else ours."""
        return next((one.heading for one in self.sections if one.means == means), ours)
