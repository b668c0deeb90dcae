"""What the receiver of webhooks remembers. The name is stored in databases: it stays."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from harness.core.slot import Slot

DELIVERIES: Final = Slot(
    "deliveries", "state", TypeAdapter(tuple[str, ...]), under="webhook", unreadable="absent"
)
"""Ids of the newest deliveries. Nothing: one that comes again makes harness look once more."""
