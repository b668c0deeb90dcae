"""What our token may do at GitHub, each tried: by a write that is undone, or by one that GitHub
must refuse for what it asks (422, 404) after it let the token through, where a token that may
not is refused as such (403). Nothing is left behind and nobody is notified.

```text
Metadata: read           GET the repository
Contents: write          POST the ref refs/harness/probe/<random> at the default branch, DELETE it
Issues: write            POST an issue without a title (422); POST a label, DELETE it
Pull requests: write     POST a pull request of the default branch into itself (422)
Checks: read             GET the check runs of the default branch
Checks: write            POST a check run on a commit that cannot be (422)
Commit statuses: write   POST a status on a commit that cannot be (422)
Actions: read            GET one workflow run
Actions: write           POST a second run of job 0 (404)
```
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple

from harness.core.base import LocalizedText
from harness.core.errors import Conflict, Forbidden, ForgeError, Lost, NotFound
from harness.core.forge_types import Power
from harness.forge.github.payload import part, text
from harness.forge.github.repository import GithubRepository, in_path, ref_path

NO_COMMIT: Final = "0" * 40


class PermissionNeed(NamedTuple):
    """A permission that harness asks for. `use` is a catalogue key; `app_only`: GitHub gives it to
    Apps alone, a token cannot have it."""

    name: str
    use: str
    needed: bool = True
    app_only: bool = False


ASKED: Final = (
    PermissionNeed("Metadata: read", "forge.use_metadata"),
    PermissionNeed("Contents: write", "forge.use_contents"),
    PermissionNeed("Issues: write", "forge.use_issues"),
    PermissionNeed("Pull requests: write", "forge.use_pulls"),
    PermissionNeed("Checks: read", "forge.use_read_checks", needed=False, app_only=True),
    PermissionNeed("Checks: write", "forge.use_checks", needed=False, app_only=True),
    PermissionNeed("Commit statuses: write", "forge.use_statuses"),
    PermissionNeed("Actions: read", "forge.use_read_actions", needed=False),
    PermissionNeed("Actions: write", "forge.use_actions", needed=False),
)
"""What is proved, in the same order: for `init` and for people who make a token."""


class Powers:
    """The permissions of one token at one repository."""

    def __init__(self, site: GithubRepository) -> None:
        self._site = site

    async def all(self) -> tuple[Power, ...]:
        """Every one harness needs, in the order of the table."""
        metadata = await _try_power("Metadata: read", "forge.use_metadata", self._site.facts)
        if not metadata.ok:
            return (metadata,)
        return (
            metadata,
            await _try_power("Contents: write", "forge.use_contents", self._ref),
            await _try_power("Issues: write", "forge.use_issues", self._issue),
            await _try_power("Pull requests: write", "forge.use_pulls", self._pull, Conflict),
            *await self._about_checks(),
        )

    async def _about_checks(self) -> tuple[Power, ...]:
        """Of two ways to read checks, and of two to report one, either will do."""
        reads = await _try_power("Checks: read", "forge.use_read_checks", self._read_checks)
        writes = await _try_power("Checks: write", "forge.use_checks", self._check, Conflict)
        status = await _try_power(
            "Commit statuses: write", "forge.use_statuses", self._status, Conflict
        )
        jobs = await _try_power("Actions: read", "forge.use_read_actions", self._read_actions)
        again = await _try_power("Actions: write", "forge.use_actions", self._rerun, NotFound)
        return (
            _with_needed(reads, jobs.ok is not True),
            _with_needed(writes, False),
            _with_needed(status, writes.ok is not True),
            _with_needed(jobs, reads.ok is not True),
            _with_needed(again, False),
        )

    # -- one each

    async def _tip(self) -> str:
        branch = (await self._site.known_repository()).default_branch
        data = await self._site.get(f"/git/ref/heads/{ref_path(branch)}")
        return text(part(data, "object"), "sha")

    async def _ref(self) -> None:
        name = secrets.token_hex(8)
        asked = {"ref": f"refs/harness/probe/{name}", "sha": await self._tip()}
        with suppress(Lost):  # it may be there: the delete tells
            await self._site.send("POST", "/git/refs", asked)
        await self._site.send("DELETE", f"/git/refs/harness/probe/{name}")

    async def _issue(self) -> None:
        with suppress(Conflict):
            await self._site.send("POST", "/issues", {"title": ""})
        name = f"harness-probe-{secrets.token_hex(4)}"
        with suppress(Lost):
            await self._site.send("POST", "/labels", {"name": name, "color": "ededed"})
        await self._site.send("DELETE", f"/labels/{name}")

    async def _pull(self) -> Any:
        branch = (await self._site.known_repository()).default_branch
        asked = {"head": branch, "base": branch, "title": "harness"}
        return await self._site.send("POST", "/pulls", asked)

    async def _read_checks(self) -> Any:
        # by the branch's name: asking for its commit would need Contents as well
        branch = in_path((await self._site.known_repository()).default_branch)
        return await self._site.get(f"/commits/{branch}/check-runs", per_page=1)

    async def _check(self) -> Any:
        asked = {"name": "harness", "head_sha": NO_COMMIT}
        return await self._site.send("POST", "/check-runs", asked)

    async def _status(self) -> Any:
        asked = {"state": "success", "context": "harness"}
        return await self._site.send("POST", f"/statuses/{NO_COMMIT}", asked)

    async def _read_actions(self) -> Any:
        return await self._site.get("/actions/runs", per_page=1)

    async def _rerun(self) -> Any:
        return await self._site.send("POST", "/actions/jobs/0/rerun")


async def _try_power(
    name: str,
    use: str,
    work: Callable[[], Awaitable[Any]],
    passed: type[ForgeError] | None = None,
) -> Power:
    """`passed`: the refusal that only a token which may can get."""
    ok: bool | None = True
    why = ""
    try:
        await work()
    except (Forbidden, NotFound, Conflict) as fault:
        if passed is None or not isinstance(fault, passed):
            # a conflict says nothing of the token: an empty repository, a rule about names
            ok = None if isinstance(fault, Conflict) else False
            why = _why(fault)
    return Power(name=name, use=LocalizedText(key=use), ok=ok, why=why)


def _why(fault: ForgeError) -> str:
    accepted = str(fault.facts.get("accepted", "-"))
    said = str(fault.facts.get("message", fault.key))
    return said if accepted in ("", "-") else f"{said} ({accepted})"


def _with_needed(power: Power, needed: bool) -> Power:
    return power.model_copy(update={"needed": needed})
