"""The kinds of forge there are, one descriptor each. Whoever treats forges differently asks the
descriptor and never the name, so a new forge is a package, its words and a descriptor here. What
is heavy stands as "package.module:name" and is loaded by the layer that may."""

from __future__ import annotations

from typing import Final, Literal

from harness.core.base import Value
from harness.core.trust_types import TriggerKind


class ForgeDescriptor(Value):
    """What is known of a kind of forge before one is opened."""

    name: str
    """As settings say it: `forge.kind`."""
    embedded: bool
    """Its repositories lie in the state folder: they are read there, looking costs nothing, and
    `issue`, `pr` and `pull` work on them."""
    credential: bool
    """Whether a token or an App's key is needed."""
    webhooks: bool
    """Whether it can tell the receiver that something happened."""
    triggers: tuple[TriggerKind, ...]
    """Acts that ask for work when `trust.trigger` says nothing."""
    merge: Literal["auto", "ask", "never"]
    """Who merges when `policy.merge` says nothing."""
    quiet_s: float
    """How long reviewers must be quiet when `policy.quiet_s` says nothing."""
    opener: str
    """Makes the forges of one process: an `app.adapters.ForgeOpener`."""
    probes: str = ""
    """What `doctor` asks of it beside the port, as `app.probes.ForgeProbes`; "" is nothing."""
    registration: str
    """What `init` does there: a `cli.ports.ForgeRegistration`."""


class ForgeRegistry:
    """Descriptors by name, in the order in which they came."""

    def __init__(self, *descriptors: ForgeDescriptor) -> None:
        self._descriptors: dict[str, ForgeDescriptor] = {}
        for descriptor in descriptors:
            self.register(descriptor)

    def register(self, descriptor: ForgeDescriptor) -> None:
        """Before settings are imported: their schema lists the names. ValueError for a name that
        is taken."""
        if descriptor.name in self._descriptors:
            raise ValueError(f"a forge of that name is there: {descriptor.name}")
        self._descriptors[descriptor.name] = descriptor

    def names(self) -> tuple[str, ...]:
        """Every name that settings may say."""
        return tuple(self._descriptors)

    def of(self, name: str) -> ForgeDescriptor:
        """KeyError for a name that no validated settings hold."""
        return self._descriptors[name]


EMBEDDED: Final = ForgeDescriptor(
    name="local",
    embedded=True,
    credential=False,
    webhooks=False,
    triggers=("author", "label", "assign", "comment"),
    merge="auto",
    quiet_s=0.0,
    opener="harness.forge.embedded.open:EmbeddedOpener",
    registration="harness.cli.at_embedded:EmbeddedRegistration",
)
GITHUB: Final = ForgeDescriptor(
    name="github",
    embedded=False,
    credential=True,
    webhooks=True,
    # anybody may open an issue on a public forge, so opening one asks for nothing
    triggers=("label", "assign", "comment"),
    merge="never",
    quiet_s=120.0,
    opener="harness.forge.github.open:Opener",
    probes="harness.app.github_probes:on_github",
    registration="harness.cli.at_github:GithubRegistration",
)
FORGES: Final = ForgeRegistry(EMBEDDED, GITHUB)
