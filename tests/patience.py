"""How long a test waits for what must come: one limit, which no busy machine meets."""

from __future__ import annotations

from typing import Final

PATIENCE_S: Final = 400.0
"""Seconds. What should be cut off sleeps for longer than this; what should come comes sooner.
Below pytest's own limit (pyproject.toml), so that a test says itself what did not come."""
