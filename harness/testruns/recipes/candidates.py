"""Every recipe that a tree offers, the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence

from harness.testruns.detect.detection import detect
from harness.testruns.detect.part import Read
from harness.testruns.recipes.recipe import Origin, Recipe


def candidates(files: Sequence[str], read: Read) -> tuple[Recipe, ...]:
    """From the paths of a tree and what reads one (None: not there). Nothing of it is run."""
    seen = detect(files, read)
    origin = Origin(path=next(iter(seen.parts[0].manifests), ".") if seen.parts else ".")
    return (
        Recipe(
            origin=origin,
            setup=seen.setup,
            test=seen.test_command,
            reporter=seen.reporter,
            unsourced=seen.unsourced,
        ),
    )
