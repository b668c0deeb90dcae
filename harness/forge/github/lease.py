"""Leases at GitHub: the ref `refs/harness/lease/<issue>`, moved by compare-and-swap.

Each lease is a commit whose only parent is the lease before it and whose message says who holds
it until when. A ref is moved without force, so GitHub takes the new commit only while the ref
still is that parent: of two who try, one is not a fast-forward and has lost. A lease is given
back by a commit without a holder, never by a delete, which has no such condition.

Clocks of two machines may differ: a holder stops at `expires_at`, another takes over only MARGIN
later.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from harness.core.errors import Conflict, Forbidden, Lost, NotFound
from harness.core.forge_types import Lease
from harness.forge.github.payload import Data, part, text, when
from harness.forge.github.repository import GithubRepository, ref_path

MARGIN: Final = timedelta(seconds=60)
_KEPT: Final = 1000


@dataclass(frozen=True)
class LeaseCommit:
    """A lease's commit. `holder` "": given back."""

    sha: str
    tree: str
    holder: str
    token: int
    expires_at: datetime


class LeaseRefs:
    """The leases of one repository's issues."""

    def __init__(self, site: GithubRepository) -> None:
        self._site = site
        self._commits: dict[str, LeaseCommit] = {}

    async def take(self, issue: int, holder: str, ttl_s: float) -> Lease | None:
        now = self._site.clock.now()
        last = await self._last(issue)
        if last is None:
            token = 1
        elif last.holder == holder:
            token = last.token
        elif last.holder and last.expires_at + MARGIN > now:
            return None
        else:
            token = last.token + 1
        wanted = Lease(
            issue=issue, holder=holder, token=token, expires_at=now + timedelta(seconds=ttl_s)
        )
        return wanted if await self._move(last, wanted) else None

    async def last(self, issue: int) -> Lease | None:
        found = await self._last(issue)
        if found is None or not found.holder:
            return None
        return Lease(
            issue=issue, holder=found.holder, token=found.token, expires_at=found.expires_at
        )

    async def holds(self, lease: Lease) -> bool:
        last = await self.last(lease.issue)
        if last is None or last.expires_at <= self._site.clock.now():
            return False
        return (last.holder, last.token) == (lease.holder, lease.token)

    async def drop(self, lease: Lease) -> None:
        if not lease.holder:
            raise Forbidden("forge.not_holder", number=lease.issue)
        last = await self._last(lease.issue)
        if last is not None and (last.holder, last.token) == (lease.holder, lease.token):
            over = {"holder": "", "expires_at": self._site.clock.now()}
            await self._move(last, lease.model_copy(update=over))

    # -- the ref

    async def _last(self, issue: int) -> LeaseCommit | None:
        sha = await self._tip(issue)
        if sha is None:
            return None
        if sha not in self._commits:
            held = _read(await self._site.get(f"/git/commits/{sha}"), sha, issue)
            if len(self._commits) >= _KEPT:
                self._commits.clear()
            self._commits[sha] = held
        return self._commits[sha]

    async def _tip(self, issue: int) -> str | None:
        try:
            data = await self._site.get(f"/git/ref/harness/lease/{issue}")
        except NotFound:
            return None
        found = text(data, "ref") == f"refs/harness/lease/{issue}"
        return (text(part(data, "object"), "sha") or None) if found else None

    async def _move(self, last: LeaseCommit | None, wanted: Lease) -> bool:
        """From `last` to `wanted`; False when somebody else was first."""
        commit = await self._commit(last, wanted)
        ref = f"harness/lease/{wanted.issue}"
        try:
            if last is None:
                asked = {"ref": f"refs/{ref}", "sha": commit}
                await self._site.send("POST", "/git/refs", asked)
            else:
                moved = {"sha": commit, "force": False}
                await self._site.send("PATCH", f"/git/refs/harness/lease/{wanted.issue}", moved)
        except (Conflict, Lost):
            tip = await self._tip(wanted.issue)
            if tip == (last.sha if last else None):
                raise  # nobody moved it: a rule of the repository, or it did not get there
            return tip == commit
        return True

    async def _commit(self, last: LeaseCommit | None, wanted: Lease) -> str:
        said = {
            "harness": "lease",
            "holder": wanted.holder,
            "token": wanted.token,
            "expires": wanted.expires_at.isoformat(),
        }
        tree = last.tree if last else await self._some_tree()
        parents = [last.sha] if last else []
        asked = {"message": json.dumps(said), "tree": tree, "parents": parents}
        try:
            made = await self._site.send("POST", "/git/commits", asked)
        except Lost:  # one commit more that nothing names: harmless
            made = await self._site.send("POST", "/git/commits", asked)
        return text(made, "sha")

    async def _some_tree(self) -> str:
        """A tree that the repository has; what is in it does not matter."""
        branch = (await self._site.known_repository()).default_branch
        tip = await self._site.get(f"/git/ref/heads/{ref_path(branch)}")
        commit = await self._site.get(f"/git/commits/{text(part(tip, 'object'), 'sha')}")
        return text(part(commit, "tree"), "sha")


def _read(commit: Data, sha: str, issue: int) -> LeaseCommit:
    try:
        said = json.loads(text(commit, "message"))
        holder, token, until = said["holder"], said["token"], when(said["expires"])
        good = isinstance(holder, str) and type(token) is int and token > 0 and until is not None
    except (ValueError, TypeError, KeyError):
        good, holder, token, until = False, "", 0, None
    if not good or until is None:
        raise Conflict("forge.lease_broken", number=issue)
    return LeaseCommit(sha, text(part(commit, "tree"), "sha"), holder, token, until)
