"""Check runs, commit statuses and the jobs behind them at GitHub."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final, Literal

from harness.core.errors import Conflict, Forbidden, Lost, NotFound
from harness.core.forge_types import Check, OwnConclusion
from harness.forge.github import map_pulls as shaped
from harness.forge.github.payload import Data, part, text, whole
from harness.forge.github.repository import BODY_LIMIT, GithubRepository, checked_sha

ACTIONS: Final = "github-actions"
State = Literal["success", "failure", "pending"]
STATES: Final[dict[OwnConclusion, State]] = {
    "success": "success",
    "neutral": "success",
    "failure": "failure",
    "action_required": "pending",
}
"""What a commit status says in the place of a check run. One that waits for a person must not look
like success to a rule of the branch."""

_NO_COMMIT: Final = "No commit found for SHA"


class Checks:
    """The checks of one repository's commits."""

    def __init__(self, site: GithubRepository) -> None:
        self._site = site
        self._statuses_only = False

    async def all(self, commit: str) -> tuple[Check, ...]:
        """The newest run of each check, and the newest status of each context."""
        sha = checked_sha(commit)
        try:
            runs = await self._runs(sha)
        except Forbidden:
            # fine-grained personal tokens may not read check runs, but the jobs behind them
            runs = await self._jobs(sha)
        return (*runs, *await self._statuses(sha))

    async def _runs(self, sha: str) -> list[Check]:
        tail = f"/commits/{sha}/check-runs"
        items = await self._list(tail, sha, key="check_runs", filter="latest")
        return [shaped.check_run(item, sha) for item in items]

    async def _jobs(self, sha: str) -> list[Check]:
        found: dict[str, Check] = {}
        for run in await self._list("/actions/runs", sha, key="workflow_runs", head_sha=sha):
            tail = f"/actions/runs/{whole(run, 'id')}/jobs"
            for job in await self._list(tail, sha, key="jobs", filter="latest"):
                one = shaped.check_run(job, sha, ACTIONS)
                found[f"{whole(run, 'id')}/{one.name}"] = one
        return list(found.values())

    async def _statuses(self, sha: str) -> tuple[Check, ...]:
        return shaped.statuses(await self._list(f"/commits/{sha}/statuses", sha), sha)

    async def _list(self, tail: str, sha: str, key: str = "", **params: Any) -> list[Data]:
        try:
            items = await self._site.pages(tail, key=key, **params)
        except Conflict as fault:  # 422: "No commit found for SHA"
            raise NotFound("forge.no_ref", ref=sha) from fault
        return [item for item in items if isinstance(item, dict)]

    # -- one of them

    async def log(self, check: int) -> str:
        run = await self._check_run(check)
        if _is_job(run):
            try:
                return await self._site.log(f"/actions/jobs/{check}/logs")
            except (NotFound, Forbidden):
                if not run.get("output"):
                    raise
        output = part(run, "output")
        said = [text(output, name) for name in ("title", "summary", "text")]
        if output.get("annotations_count"):
            notes = await self._site.pages(f"/check-runs/{check}/annotations", most=200)
            said += [_annotation(note) for note in notes if isinstance(note, dict)]
        return "\n".join(line for line in said if line)

    async def rerun(self, check: int) -> None:
        """Not finished: nothing happens."""
        run = await self._check_run(check)
        if run.get("status") != "completed":
            return
        job = _is_job(run)
        tail = f"/actions/jobs/{check}/rerun" if job else f"/check-runs/{check}/rerequest"
        try:
            await self._site.send("POST", tail)
        except (Forbidden, Conflict) as fault:
            if "already running" not in str(fault.facts.get("message", "")).casefold():
                raise
        except Lost:
            if (await self._check_run(check)).get("status") == "completed":
                raise

    async def _check_run(self, check: int) -> Data:
        try:
            return dict(await self._site.get(f"/check-runs/{check}"))
        except Forbidden:
            job = await self._site.get(f"/actions/jobs/{check}")
            return {**job, "app": {"slug": ACTIONS}}

    # -- ours

    async def put(self, commit: str, name: str, conclusion: OwnConclusion, summary: str) -> Check:
        """A check run where the token may make one (Apps), else a commit status of that name.
        NotFound when GitHub does not know the commit, which may be a moment after a push."""
        sha = checked_sha(commit)
        try:
            if not self._statuses_only:
                try:
                    return await self._put_run(sha, name, conclusion, summary)
                except Forbidden:
                    self._statuses_only = True
            return await self._put_status(sha, name, conclusion, summary)
        except Conflict as fault:
            said = str(fault.facts.get("message", ""))
            if not said.startswith(_NO_COMMIT):
                raise
            raise NotFound("github.not_found", status=422, message=said) from fault

    async def _put_run(self, sha: str, name: str, conclusion: OwnConclusion, summary: str) -> Check:
        asked: dict[str, Any] = {
            "name": name,
            "status": "completed",
            "conclusion": conclusion,
            "output": {"title": name, "summary": summary[:BODY_LIMIT]},
        }
        found = await self._own_run(sha, name)
        if found is not None and _says(found, conclusion, summary):
            return shaped.check_run(found, sha)
        if found is not None:
            with suppress(Forbidden, NotFound):  # another App's: ours then stands beside it
                tail = f"/check-runs/{whole(found, 'id')}"
                return shaped.check_run(await self._site.send("PATCH", tail, asked), sha)
        try:
            made = await self._site.send("POST", "/check-runs", {**asked, "head_sha": sha})
        except Lost:
            made = await self._own_run(sha, name)
            if made is None or not _says(made, conclusion, summary):
                raise
        return shaped.check_run(made, sha)

    async def _own_run(self, sha: str, name: str) -> Data | None:
        tail = f"/commits/{sha}/check-runs"
        items = await self._list(tail, sha, key="check_runs", check_name=name, filter="latest")
        named = [item for item in items if text(item, "name") == name]
        return max(named, key=lambda item: whole(item, "id"), default=None)

    async def _put_status(
        self, sha: str, name: str, conclusion: OwnConclusion, summary: str
    ) -> Check:
        state = STATES[conclusion]
        line = " ".join(summary.split())[:140]
        asked = {"state": state, "context": name, "description": line}
        me = await self._site.me()
        for known in await self._statuses(sha):
            said = (known.name, known.app, known.summary, known.conclusion or "pending")
            if said == (name, me.login, line, state):
                return known
        made = await self._site.send("POST", f"/statuses/{sha}", asked)
        (check,) = shaped.statuses([made], sha)
        return check


def _is_job(run: Data) -> bool:
    """Whether it is a job of GitHub's Actions: its check run has the job's number."""
    return text(part(run, "app"), "slug") == ACTIONS


def _says(run: Data, conclusion: str, summary: str) -> bool:
    same = text(part(run, "output"), "summary") == summary[:BODY_LIMIT]
    return run.get("status") == "completed" and run.get("conclusion") == conclusion and same


def _annotation(note: Data) -> str:
    where = f"{text(note, 'path')}:{note.get('start_line', 0)}"
    return f"{where}: {text(note, 'annotation_level')}: {text(note, 'message')}"
