"""A third kind of forge: what an adapter brings, and its descriptor. `python -m tests.cli.town` is
`harness` with it; the adapter itself (`town_adapter`) is loaded by the names in the descriptor."""

from __future__ import annotations

import sys

from harness.cli.main import main
from harness.core.forge_kinds import FORGES, ForgeDescriptor

ADAPTER = "tests.cli.town_adapter"
TOWN = ForgeDescriptor(
    name="town",
    embedded=False,
    credential=True,
    webhooks=False,
    triggers=("assign",),
    merge="ask",
    quiet_s=7.0,
    opener=f"{ADAPTER}:TownOpener",
    probes=f"{ADAPTER}:town_probes",
    registration=f"{ADAPTER}:TownRegistration",
)

if __name__ == "__main__":
    FORGES.register(TOWN)
    sys.exit(main())
