"""Proofs that say what is not so, each in one way."""

from __future__ import annotations

import json
from typing import Final, Literal

from benchmarks.honest_history import Change
from harness.core.change_proof import Proof, SuiteCounts
from tests.e2e.world import World

Kind = Literal["results", "hashes", "trees", "command", "tests swapped"]
KINDS: Final[tuple[Kind, ...]] = ("results", "hashes", "trees", "command", "tests swapped")
OTHER: Final = "0123456789abcdef0123456789abcdef01234567"
HOLLOW: Final = "def test_it():\n    assert True\n"


def forge(proof: Proof, kind: Kind) -> Proof:
    """The proof, altered in that way."""
    match kind:
        case "results":
            return _better(proof)
        case "hashes":
            return proof.model_copy(update={"head": OTHER})
        case "trees":
            return proof.model_copy(update={"tree": OTHER})
        case "command":
            return proof.model_copy(update={"command": f"{proof.command} -k nothing"})
        case "tests swapped":
            red = tuple(f"{test}_other" for test in proof.red) or ("tests/test_it.py::test_it",)
            return proof.model_copy(update={"red": red})


def _better(proof: Proof) -> Proof:
    """What speaks against it is gone; where nothing does, more tests pass."""
    parts = tuple(
        part.model_copy(update={"verdict": "noticed"})
        if part.verdict in ("unproven", "unnoticed", "broken")
        else part
        for part in proof.parts
    )
    if parts != proof.parts:
        return proof.model_copy(update={"parts": parts})
    if proof.survivors:
        return proof.model_copy(update={"survivors": ()})
    suite = proof.suite_change or SuiteCounts()
    more = suite.model_copy(update={"passed": suite.passed + 1})
    return proof.model_copy(update={"suite_change": more})


def swap_tests(place: World, change: Change, proof: object) -> str:
    """The change's tests say nothing now, and the proof is told of that very commit."""
    assert isinstance(proof, Proof), proof
    place.git("switch", "--quiet", "work")
    for file in change.tests:
        if file.new is not None and file.path.endswith(".py"):
            old = HOLLOW if file.old is None else file.old.decode("utf-8", "replace")
            (place.repo / file.path).write_text(old)
        elif file.old is not None:
            (place.repo / file.path).write_bytes(file.old)
    head = place.commit(change.subject)
    place.git("update-ref", "refs/pull/1/head", head)
    # what is checked out there is what the pull request asks to change
    place.git("switch", "--quiet", "main")
    tree = place.git("rev-parse", f"{head}^{{tree}}")
    forged = proof.model_copy(update={"head": head, "tree": tree})
    return json.dumps(forged.model_dump(mode="json"))
