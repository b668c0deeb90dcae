"""Check runs, commit statuses, and the jobs of Actions with their logs."""

from __future__ import annotations

import re
from typing import Any

from harness.core.forge_types import Check, Permission
from harness.forge.embedded import reviews as talk
from tests.github.http import Answer, Refusal, Url
from tests.github.hub import Hub, RunFacts, Status
from tests.github.payloads import number_of, stamp
from tests.github.rest_git import commit_of
from tests.github.routes import Call, route

HERE = "/repos/{owner}/{repo}"
MINIMAL = ("id", "node_id", "name", "full_name", "owner", "private", "html_url", "description",
           "fork", "url")  # fmt: skip
_LOG = re.compile(r"/_logs/([^/]+/[^/]+)/(\d+)")


def app_body(call: Call, slug: str) -> dict[str, Any]:
    """The App behind a check run."""
    number = next((a.id for a in call.hub.apps.values() if a.slug == slug), number_of(slug))
    return {
        "id": number,
        "slug": slug,
        "node_id": f"A_{number}",
        "owner": call.view.owner(call.repo if "repo" in call.params else f"{slug}/-"),
        "name": slug,
        "description": None,
        "external_url": call.hub.url,
        "html_url": f"{call.hub.url}/apps/{slug}",
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "permissions": {"metadata": "read"},
        "events": [],
    }


def run_body(call: Call, check: Check) -> dict[str, Any]:
    """A check run."""
    facts = call.hub.runs.get(check.id, RunFacts("github-actions"))
    url = f"{call.hub.url}/repos/{call.repo}/check-runs/{check.id}"
    done = check.status == "completed"
    return {
        "id": check.id,
        "head_sha": check.commit,
        "node_id": f"CR_{check.id}",
        "external_id": "",
        "url": url,
        "html_url": f"{call.hub.url}/{call.repo}/runs/{check.id}",
        "details_url": f"{call.hub.url}/{call.repo}/actions/runs/1/job/{check.id}",
        "status": check.status,
        "conclusion": check.conclusion,
        "started_at": stamp(facts.started_at),
        "completed_at": stamp(facts.completed_at) if done else None,
        "output": {
            "title": facts.title or None,
            "summary": check.summary or None,
            "text": None,
            "annotations_count": 0,
            "annotations_url": f"{url}/annotations",
        },
        "name": check.name,
        "check_suite": {"id": number_of(check.commit + facts.app)},
        "app": app_body(call, facts.app),
        "pull_requests": [],
    }


def _one(call: Call, number: int) -> Check:
    with call.read() as desk:
        return talk._check_of(talk._check_row(desk, number))


@route("GET", HERE + "/commits/{sha}/check-runs", "checks:read")
def list_runs(call: Call) -> Answer:
    with call.read() as desk:
        found = [c for c in talk.checks(desk, _commit(call)) if _wanted(call, c)]
    return call.paged([run_body(call, check) for check in found], "check_runs")


def _wanted(call: Call, check: Check) -> bool:
    name, status = call.query.get("check_name"), call.query.get("status")
    return name in (None, check.name) and status in (None, check.status)


def _commit(call: Call) -> str:
    found = commit_of(call, call.params["sha"])
    if found is None:
        raise Refusal(422, f"No commit found for SHA: {call.params['sha']}")
    return found


@route("POST", HERE + "/check-runs", "checks:write", app=True)
def make_run(call: Call) -> Answer:
    name, sha = str(call.given("name", needed=True)), str(call.given("head_sha", needed=True))
    if commit_of(call, sha) is None:
        raise Refusal(422, f"No commit found for SHA: {sha}", [])
    conclusion = call.given("conclusion")
    status: Any = "completed" if conclusion else call.given("status") or "queued"
    output = call.given("output") or {}
    with call.write() as desk:
        made = talk.set_check(desk, sha, name, status, conclusion, output.get("summary", ""))
    _facts(call, made, output)
    return Answer(201, run_body(call, made))


def _facts(call: Call, check: Check, output: dict[str, Any]) -> None:
    now = call.hub.clock.now()
    facts = call.hub.runs.setdefault(check.id, RunFacts(call.token.app, now))
    facts.title = output.get("title", facts.title)
    facts.completed_at = now if check.status == "completed" else None


@route("GET", HERE + "/check-runs/{id}", "checks:read")
def get_run(call: Call) -> Answer:
    return Answer(200, run_body(call, _one(call, call.id)))


@route("PATCH", HERE + "/check-runs/{id}", "checks:write", app=True)
def edit_run(call: Call) -> Answer:
    old = _one(call, call.id)
    facts = call.hub.runs.get(old.id)
    if facts is not None and facts.app != call.token.app:
        raise Refusal(403, "Invalid app_id `-` - check run can only be modified by the app "
                           "that created it.")  # fmt: skip
    conclusion = call.given("conclusion")
    status: Any = "completed" if conclusion else call.given("status") or old.status
    if status == "completed":
        conclusion = conclusion or old.conclusion
    output = call.given("output") or {}
    summary = output.get("summary", old.summary)
    with call.write() as desk:
        name = str(call.given("name") or old.name)
        made = talk.set_check(desk, old.commit, name, status, conclusion, summary)
    _facts(call, made, output)
    return Answer(200, run_body(call, made))


@route("GET", HERE + "/check-runs/{id}/annotations", "checks:read")
def run_annotations(call: Call) -> Answer:
    _one(call, call.id)
    return call.paged([])


@route("POST", HERE + "/check-runs/{id}/rerequest", "checks:write")
def rerequest(call: Call) -> Answer:
    _again(call)
    return Answer(201, {})


def _again(call: Call) -> None:
    _one(call, call.id)
    with call.write() as desk:
        talk.rerun(desk, call.id)


# -- statuses


def _state_body(call: Call, status: Status, commit: str) -> dict[str, Any]:
    with call.read() as desk:
        creator = call.view.user(desk.by_login(status.creator))
    return {
        "url": f"{call.hub.url}/repos/{call.repo}/statuses/{commit}",
        "avatar_url": creator["avatar_url"],
        "id": status.id,
        "node_id": f"SC_{status.id}",
        "state": status.state,
        "description": status.description,
        "target_url": None,
        "context": status.context,
        "created_at": stamp(status.at),
        "updated_at": stamp(status.at),
        "creator": creator,
    }


@route("POST", HERE + "/statuses/{sha}", "statuses:write")
def make_status(call: Call) -> Answer:
    state, sha = str(call.given("state", needed=True)), call.params["sha"]
    with call.read() as desk:
        desk.need(Permission.WRITE)
    if commit_of(call, sha) is None:
        raise Refusal(422, f"No commit found for SHA: {sha}", [])
    context = str(call.given("context") or "default")
    said = str(call.given("description") or "")
    if len(said) > 140:
        told = [{"resource": "Status", "code": "custom", "field": "description",
                 "message": "description is too long (maximum is 140 characters)"}]  # fmt: skip
        raise Refusal(422, "Validation Failed", told)
    made = call.hub.status(call.repo, sha, context, state, said, call.token.login)
    return Answer(201, _state_body(call, made, sha))


@route("GET", HERE + "/commits/{sha}/statuses", "statuses:read")
def list_statuses(call: Call) -> Answer:
    commit = _commit(call)
    known = call.hub.statuses.get((call.repo, commit), [])
    return call.paged([_state_body(call, status, commit) for status in reversed(known)])


@route("GET", HERE + "/commits/{sha}/status", "statuses:read")
def combined(call: Call) -> Answer:
    commit = _commit(call)
    with call.read() as desk:
        repo = call.view.repository(desk.name, desk.repo, desk.default_branch, desk.now)
    known = {s.context: s for s in call.hub.statuses.get((call.repo, commit), [])}
    states = {status.state for status in known.values()}
    bad = bool(states & {"failure", "error"})
    state = "failure" if bad else "success" if states == {"success"} else "pending"
    page = call.paged([_state_body(call, s, commit) for s in known.values()], "statuses")
    for status in page.body["statuses"]:
        del status["creator"]
    url = f"{call.hub.url}/repos/{call.repo}/commits/{commit}"
    minimal = {k: v for k, v in repo.items() if k in MINIMAL or k.endswith("_url")}
    told = {**page.body, "state": state, "sha": commit, "repository": minimal,
            "commit_url": url, "url": f"{url}/status"}  # fmt: skip
    return Answer(200, told, page.headers)


# -- jobs of Actions: a job has the number of its check run


def _job(call: Call) -> Check:
    check = _one(call, call.id)
    facts = call.hub.runs.get(check.id)
    if facts is not None and facts.app != "github-actions":
        raise Refusal(404, "Not Found")
    return check


@route("GET", HERE + "/actions/jobs/{id}", "actions:read")
def job(call: Call) -> Answer:
    return Answer(200, _job_body(call, _job(call)))


def _is_job(call: Call, check: Check) -> bool:
    return call.hub.runs.get(check.id, RunFacts("github-actions")).app == "github-actions"


def _job_body(call: Call, check: Check) -> dict[str, Any]:
    url = f"{call.hub.url}/repos/{call.repo}/actions"
    facts = call.hub.runs.get(check.id, RunFacts("github-actions"))
    at = stamp(facts.started_at or call.hub.clock.now())
    return {
        "id": check.id,
        "node_id": f"J_{check.id}",
        "run_id": 1,
        "run_url": f"{url}/runs/1",
        "head_sha": check.commit,
        "workflow_name": "CI",
        "head_branch": None,
        "name": check.name,
        "url": f"{url}/jobs/{check.id}",
        "html_url": f"{call.hub.url}/{call.repo}/actions/runs/1/job/{check.id}",
        "status": check.status,
        "conclusion": check.conclusion,
        "created_at": at,
        "started_at": at,
        "completed_at": stamp(facts.completed_at),
        "check_run_url": f"{call.hub.url}/repos/{call.repo}/check-runs/{check.id}",
        "labels": [],
        "steps": [],
        **dict.fromkeys(("runner_id", "runner_name", "runner_group_id", "runner_group_name")),
    }


@route("GET", HERE + "/actions/runs", "actions:read")
def workflow_runs(call: Call) -> Answer:
    """One run of one workflow for each commit that has jobs."""
    sha = call.query.get("head_sha", "")
    with call.read() as desk:
        repo = call.view.repository(desk.name, desk.repo, desk.default_branch, desk.now)
        jobs = [c for c in talk.checks(desk, sha) if _is_job(call, c)]
    url, number = f"{call.hub.url}/repos/{call.repo}/actions", number_of(sha)
    links = ("jobs", "logs", "check_suite", "artifacts", "cancel", "rerun", "workflow", "html")
    keep = {k: v for k, v in repo.items() if k in MINIMAL or k.endswith("_url")}
    body: dict[str, Any] = {
        "id": number,
        "node_id": f"WFR_{number}",
        "name": "CI",
        "path": ".github/workflows/ci.yml",
        "head_branch": None,
        "head_sha": sha,
        "head_commit": None,
        "head_repository": keep,
        "repository": keep,
        "run_number": 1,
        "run_attempt": 1,
        "event": "push",
        "display_title": "CI",
        "status": "completed",
        "conclusion": None,
        "workflow_id": 1,
        "check_suite_id": number_of(sha + "github-actions"),
        "url": f"{url}/runs/{number}",
        "previous_attempt_url": None,
        "pull_requests": [],
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        **{f"{name}_url": f"{url}/runs/{number}/{name}" for name in links},
    }
    call.hub.workflow_runs[number] = sha
    return call.paged([body] if jobs else [], "workflow_runs")


@route("GET", HERE + "/actions/runs/{id}/jobs", "actions:read")
def run_jobs(call: Call) -> Answer:
    sha = call.hub.workflow_runs.get(call.id, "")
    with call.read() as desk:
        jobs = [c for c in talk.checks(desk, sha) if _is_job(call, c)]
    return call.paged([_job_body(call, check) for check in jobs], "jobs")


@route("POST", HERE + "/actions/jobs/{id}/rerun", "actions:write")
def rerun_job(call: Call) -> Answer:
    _job(call)
    _again(call)
    return Answer(201, {})


@route("GET", HERE + "/actions/jobs/{id}/logs", "actions:read")
def job_log(call: Call) -> Answer:
    """A link to where logs lie: another host, which wants no token."""
    check = _job(call)
    elsewhere = call.hub.url.replace("127.0.0.1", "localhost")
    return Answer(302, None, {"Location": f"{elsewhere}/_logs/{call.repo}/{check.id}?sig=good"})


def log(hub: Hub, url: Url, headers: dict[str, str]) -> Answer:
    """The other host. A request with a token is refused, as storage services do."""
    match = _LOG.fullmatch(url.path)
    if match is None or url.query.get("sig") != "good" or "authorization" in headers:
        return Answer(400, b"AuthenticationFailed", {"Content-Type": "text/plain"})
    with hub.books("ada", match[1]).read() as desk:
        text = talk.check_log(desk, int(match[2]))
    return Answer(200, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})
