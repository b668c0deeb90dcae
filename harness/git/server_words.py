"""What git's words about the other side mean, as our errors. Pure.

Trouble of a server passes, so the same is asked again; an answer that says no is for a person.
Words that nobody knows count as an answer where the server spoke of the branch, and as trouble
where it broke off."""

from __future__ import annotations

import re

from harness.core.errors import Forbidden, GitError, HarnessError, Unavailable

_REFUSED = re.compile(
    r"authentication failed|could not read (username|password)|permission denied|"
    r"error: 40[13]|access denied|repository not found",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"could not resolve|unable to access|connection|timed out|hung up|early eof|rpc failed|"
    r"does not appear to be a git repository|no such file or directory|error: 5\d\d|tls|ssl|"
    r"unexpected disconnect",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?:HTTP |returned error: )(\d{3})\b")
_SPOKE = re.compile(r"^!.*\[remote rejected\]", re.MULTILINE)
_TROUBLE = re.compile(
    r"internal server error|internal api (?:error|unreachable)|gitlab: 5\d\d|service unavailable|"
    r"failed to (?:update ref|write|lock|read)|cannot lock ref|transaction failed|unpacker error|"
    r"unable to (?:migrate|create|write|lock)|missing necessary objects|timed? ?out|"
    r"try again later|no space left|quota exceeded|too many open files|"
    r"cannot allocate memory|temporar",
    re.IGNORECASE,
)
_ASK_AGAIN = {408, 425, 429}


def access_fault(fault: GitError, project: str) -> HarnessError | None:
    """Why the other side could not be spoken with, if that is what git says."""
    if fault.key == "git.timed_out":
        return Unavailable("git.unreachable", project=project, said=str(fault.facts["command"]))
    said = str(fault.facts.get("said", ""))
    if _REFUSED.search(said):
        return Forbidden("git.forbidden", project=project, said=said)
    if _AWAY.search(said):
        return Unavailable("git.unreachable", project=project, said=said)
    return None


def push_fault(words: str, said: str, project: str, branch: str) -> HarnessError:
    """Why a branch is still where it was after a push: `words` are all of git's, `said` is what a
    person reads of them."""
    trouble = Unavailable("git.push_trouble", branch=branch, said=said)
    rejected = GitError("git.push_rejected", branch=branch, said=said)
    if _SPOKE.search(words):
        return trouble if _TROUBLE.search(words) else rejected
    if _REFUSED.search(words):
        return Forbidden("git.forbidden", project=project, said=said)
    found = _STATUS.search(words)
    status = int(found[1]) if found else 0
    return rejected if 400 <= status < 500 and status not in _ASK_AGAIN else trouble
