"""Pull requests at GitHub. A fork's branch is never taken for one of ours; every write looks for
what an earlier try left."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from harness.core.errors import Conflict, Lost, NotFound, Unavailable
from harness.core.forge_types import MergeMethod, PullRequest
from harness.core.naming import fold_name
from harness.forge.github import map as mapped
from harness.forge.github import map_pulls as shaped
from harness.forge.github.branch_rules import BranchRules
from harness.forge.github.graphql_queries import AUTO_MERGE, ENQUEUE, QUEUED, READY
from harness.forge.github.issues import edits
from harness.forge.github.payload import Data, odd, part, parts, text
from harness.forge.github.repository import (
    GithubRepository,
    body_of,
    checked_branch,
    checked_sha,
    is_login,
    ref_path,
    same_text,
)

_EXISTS: Final = "a pull request already exists"
_NO_DRAFTS: Final = "draft pull requests are not supported"
_AT_ONCE: Final = ("clean status", "not in the correct state", "auto merge is not allowed")
"""What GitHub says when there is nothing to leave a merge to."""


class GithubPulls:
    """The pull requests of one repository."""

    def __init__(self, site: GithubRepository, rules: BranchRules) -> None:
        self._site = site
        self._rules = rules

    # -- reading

    async def data(self, number: int) -> Data:
        """A pull request into this repository. NotFound."""
        data = await self._site.get(f"/pulls/{number}")
        base = part(part(data, "base"), "repo").get("id") if isinstance(data, dict) else None
        if base != (await self._site.known_repository()).id:
            raise NotFound("forge.no_pr", number=number, repository=self._site.name)
        return dict(data)

    async def one(self, number: int) -> PullRequest:
        return await self._value(await self.data(number))

    async def _value(self, data: Data) -> PullRequest:
        pull = shaped.pull(data)
        if pull.state != "open":
            return pull
        # GitHub keeps the base as it was when the head last moved; git has it as it is
        tip = await self.tip(pull.base)
        queued = pull.queued or await self._in_queue(pull)
        return shaped.pull(data, base_sha=tip or "", queued=queued)

    async def _in_queue(self, pull: PullRequest) -> bool:
        if not await self._rules.has_queue(pull.base):
            return False
        asked: dict[str, str | int] = {**await self._site.names(), "number": pull.number}
        answer = await self._site.wire.graphql(QUEUED, asked)
        found = part(part(answer or {}, "repository"), "pullRequest")
        return found.get("isInMergeQueue") is True

    async def tip(self, branch: str) -> str | None:
        """The commit of a branch; None when there is none."""
        try:
            data = await self._site.get(f"/git/ref/heads/{ref_path(branch)}")
        except NotFound:
            return None
        if text(data, "ref") != f"refs/heads/{branch}":
            return None
        return text(part(data, "object"), "sha") or None

    async def all(self) -> tuple[PullRequest, ...]:
        items = await self._site.pages("/pulls", state="open", sort="created", direction="desc")
        pulls = [shaped.pull(item) for item in items if isinstance(item, dict)]
        return tuple(sorted(pulls, key=lambda pull: -pull.number))

    async def find(self, head: str) -> PullRequest | None:
        ours = await self._from_branch(head)
        return await self.one(ours.number) if ours else None

    async def _from_branch(self, head: str) -> PullRequest | None:
        repository = await self._site.known_repository()
        owner = repository.name.partition("/")[0]
        items = await self._site.pages(
            "/pulls", most=500, head=f"{owner}:{checked_branch(head)}", state="all"
        )
        pulls = [
            shaped.pull(item)
            for item in items
            if isinstance(item, dict)
            and shaped.head_repository(item) == repository.id
            and text(part(item, "head"), "ref") == head
        ]
        return max(pulls, key=lambda pull: (pull.state == "open", pull.number), default=None)

    # -- opening and changing

    async def open(
        self, head: str, base: str, title: str, body: str, *, draft: bool
    ) -> PullRequest:
        """Conflict when one is open already for that head, unless it is this very one, of an
        earlier try."""
        asked: dict[str, Any] = {
            "head": checked_branch(head),
            "base": checked_branch(base),
            "title": title,
            "body": body_of("", body),
            "draft": draft,
        }
        found = await self._find_earlier(asked)
        if found is not None:
            return await self.one(found)
        try:
            data = await self._post(asked)
        except (Lost, Conflict) as fault:
            found = await self._find_earlier(asked)
            if found is None and isinstance(fault, Conflict):
                await self._refuse_missing(head, base)
                if _EXISTS in _refusal_text(fault):
                    raise Unavailable("github.unseen_pull", head=head) from fault
            if found is None:
                raise
            return await self.one(found)
        # what GitHub has just answered, for a read may be behind it
        return shaped.pull(data, base_sha=await self.tip(base) or "")

    async def _post(self, asked: dict[str, Any]) -> Data:
        try:
            data = await self._site.send("POST", "/pulls", asked)
        except Conflict as fault:
            # a plan without drafts: open is better than none
            if not asked["draft"] or _NO_DRAFTS not in _refusal_text(fault):
                raise
            data = await self._site.send("POST", "/pulls", {**asked, "draft": False})
        if not isinstance(data, dict):
            raise odd("no pull request")
        return data

    async def _find_earlier(self, asked: dict[str, Any]) -> int | None:
        """What an earlier try of the same left; Conflict when it is another's."""
        found = await self._from_branch(asked["head"])
        if found is None or found.state != "open":
            return None
        ours = found.author.id == (await self._site.me()).id and found.base == asked["base"]
        if not ours or found.title != asked["title"] or not same_text(found.body, asked["body"]):
            raise Conflict("forge.pr_exists", number=found.number, head=asked["head"])
        return found.number

    async def _refuse_missing(self, *branches: str) -> None:
        for branch in branches:
            if await self.tip(branch) is None:
                raise NotFound("forge.no_branch", branch=branch)

    async def edit(self, number: int, title: str | None, body: str | None) -> PullRequest:
        changed = edits(await self.data(number), title, body)
        if changed:
            await self._site.send("PATCH", f"/pulls/{number}", changed)
        return await self.one(number)

    async def ready(self, number: int) -> PullRequest:
        data = await self.data(number)
        if data.get("draft") is True:
            await self._site.wire.graphql(READY, {"pull": text(data, "node_id")}, write=True)
        return await self.one(number)

    async def close(self, number: int) -> PullRequest:
        data = await self.data(number)
        if data.get("state") == "open":
            await self._site.send("PATCH", f"/pulls/{number}", {"state": "closed"})
        return await self.one(number)

    async def request_review(self, number: int, logins: Sequence[str]) -> None:
        data = await self.data(number)
        has = [data.get("user"), *parts(data, "requested_reviewers")]
        known = {fold_name(mapped.actor(one).login) for one in has}
        new = [login for login in dict.fromkeys(logins) if fold_name(login) not in known]
        for login in new:
            if not is_login(login):
                raise NotFound("forge.bad_login", login=ascii(login)[:60])
        if new:
            tail = f"/pulls/{number}/requested_reviewers"
            await self._site.send("POST", tail, {"reviewers": new})

    # -- merging

    async def merge(
        self, number: int, head_sha: str, method: MergeMethod, message: str
    ) -> PullRequest:
        pull = await self._mergeable(number, head_sha)
        if pull.state == "merged":
            return pull
        title, _, rest = message.partition("\n")
        asked = {"sha": checked_sha(head_sha), "merge_method": method}
        if message and method != "rebase":
            asked |= {"commit_title": title, "commit_message": rest.strip()}
        try:
            answer = await self._site.send("PUT", f"/pulls/{number}/merge", asked)
        except (Lost, Conflict):
            pull = await self.one(number)
            if pull.state == "merged" and pull.head_sha == head_sha:
                return pull
            raise
        pull = await self.one(number)
        if pull.state != "merged":
            # a read may be behind the write that GitHub has just confirmed
            done = answer.get("sha") if isinstance(answer, dict) else None
            changed = {"state": "merged", "mergeable": False, "merged_sha": done, "queued": False}
            pull = pull.model_copy(update=changed)
        return pull

    async def _mergeable(self, number: int, head_sha: str) -> PullRequest:
        """Open, ready, at that head, or merged at it. Conflict."""
        pull = await self.one(number)
        if pull.state == "merged" and pull.head_sha == head_sha:
            return pull
        if pull.state != "open":
            raise Conflict("forge.pr_not_open", number=number, state=pull.state)
        if pull.draft:
            raise Conflict("forge.draft", number=number)
        if pull.head_sha != head_sha:
            raise Conflict("forge.head_moved", number=number, head=pull.head)
        return pull

    async def enqueue(self, number: int, head_sha: str, method: MergeMethod) -> bool:
        pull = await self._mergeable(number, head_sha)
        if pull.queued or pull.state == "merged":
            return True
        rules = await self._rules.of(pull.base)
        if not rules.queue and not rules.auto_merge:
            return False
        node = text(await self.data(number), "node_id")
        asked = {"pull": node, "head": checked_sha(head_sha)}
        try:
            if rules.queue:
                await self._site.wire.graphql(ENQUEUE, asked, write=True)
            else:
                asked["method"] = method.upper()
                await self._site.wire.graphql(AUTO_MERGE, asked, write=True)
        except Lost:
            if not (await self.one(number)).queued:
                raise
        except Conflict as fault:
            if (await self.one(number)).queued:
                return True
            if rules.queue or not any(said in _refusal_text(fault) for said in _AT_ONCE):
                raise
            return False
        return True

    async def delete_branch(self, name: str, expected_sha: str) -> None:
        repository = await self._site.repository()
        if checked_branch(name) == repository.default_branch:
            raise Conflict("forge.default_branch", branch=name)
        tip = await self.tip(name)
        if tip is None:
            return
        if tip != expected_sha:
            raise Conflict("forge.ref_moved", ref=name)
        try:
            with suppress(NotFound):
                await self._site.send("DELETE", f"/git/refs/heads/{ref_path(name)}")
        except (Conflict, Lost):
            if await self.tip(name) is not None:
                raise


def _refusal_text(fault: Conflict) -> str:
    return f"{fault.facts.get('message', '')} {fault.facts.get('errors', '')}".casefold()
