"""Which words of git about the other side are trouble that passes, and which are a no."""

from __future__ import annotations

import pytest

from harness.core.errors import Forbidden, GitError, Unavailable
from harness.git.server_words import push_fault

GONE = (
    "send-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up"
)


def broke_off(status: int) -> str:
    """An answer of HTTP in the middle of a push."""
    said = f"The requested URL returned error: {status}"
    return f"error: RPC failed; HTTP {status} curl 22 {said}\n{GONE}"


def rejected(reason: str, remote: str = "") -> str:
    """What the server spoke of the branch."""
    told = "".join(f"remote: {line}\n" for line in remote.split("\n") if line)
    line = f"!\tx:refs/heads/b\t[remote rejected] ({reason})"
    return f"{line}\n{told}error: failed to push some refs to 'https://example.org/o/r.git'"


@pytest.mark.parametrize(
    "words",
    [
        *(broke_off(status) for status in (500, 502, 503, 504, 520, 408, 425, 429)),
        GONE,
        "!\tx:refs/heads/b\t[remote failure] (remote failed to report status)",
        "!\tx:refs/heads/b\t[rejected] (stale info)",
        "",
        *map(
            rejected,
            (
                *("Internal Server Error", "failed to update ref", "failed to lock"),
                *("unpacker error", "unable to migrate objects to permanent storage"),
                *("cannot lock ref 'refs/heads/b'", "atomic transaction failed"),
            ),
        ),
        rejected("pre-receive hook declined", "GitLab: Internal API unreachable"),
        rejected("pre-receive hook declined", "GitLab: 502"),
        rejected("unpacker error", "fatal: write error: No space left on device"),
        rejected("pre-receive hook declined", "Service Unavailable, try again later"),
    ],
)
def test_trouble_passes(words: str) -> None:
    fault = push_fault(words, "said", "own/project", "b")
    assert isinstance(fault, Unavailable), fault
    assert fault.key == "git.push_trouble"


@pytest.mark.parametrize(
    "words",
    [
        *(broke_off(status) for status in (400, 404, 413, 422)),
        rejected("pre-receive hook declined", "no pushes on Fridays"),
        rejected("pre-receive hook declined", "use another name and try again"),
        rejected("protected branch hook declined", "error: GH006: Protected branch update failed"),
        rejected(
            "push declined due to repository rule violations", "error: GH013: Rule violations"
        ),
        rejected("refusing to allow an OAuth App to create or update workflow without scope"),
        rejected("deny updating a hidden ref"),
        rejected("shallow update not allowed"),
        rejected("a reason that nobody knows"),
        rejected("pre-receive hook declined", "error: GH001: Large files detected."),
    ],
)
def test_a_no_is_for_a_person(words: str) -> None:
    fault = push_fault(words, "said", "own/project", "b")
    assert isinstance(fault, GitError), fault
    assert fault.key == "git.push_rejected"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_one(status: int) -> None:
    assert isinstance(push_fault(broke_off(status), "said", "own/project", "b"), Forbidden)
