"""The repository, its people, its branches' rules, its files."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import select

from harness.core.forge_types import Actor, Permission
from harness.forge.embedded.access import Transaction, find_repository, find_user, permission_of
from harness.forge.embedded.tables import USERS
from tests.github.http import Answer, Refusal
from tests.github.hub import Rules
from tests.github.payloads import OLD, ROLE, View
from tests.github.rest_git import commit_of, whole_commit
from tests.github.routes import Call, route


def repository_of(view: View, desk: Transaction) -> dict[str, Any]:
    """The repository's payload as others embed it."""
    row = find_repository(desk.conn, desk.name)
    return view.repository(desk.name, desk.repo, desk.default_branch, row["created_at"])


@route("GET", "/repos/{owner}/{repo}")
def get_repository(call: Call) -> Answer:
    with call.read() as desk:
        body = repository_of(call.view, desk)
        has = desk.permission.covers
        roles = {"admin": Permission.ADMIN, "maintain": Permission.MAINTAIN,
                 "push": Permission.WRITE, "triage": Permission.TRIAGE,
                 "pull": Permission.READ}  # fmt: skip
        auto = call.hub.rules.get((call.repo, desk.default_branch), Rules()).auto_merge
        return Answer(
            200,
            {
                **body,
                "network_count": 0,
                "subscribers_count": 1,
                "permissions": {name: has(role) for name, role in roles.items()},
                "allow_auto_merge": auto,
                "allow_squash_merge": True,
                "allow_merge_commit": True,
                "allow_rebase_merge": True,
                "delete_branch_on_merge": False,
            },
        )


@route("GET", "/rate_limit", "")
def rate_limit(call: Call) -> Answer:
    rate = call.hub.rates[call.secret]
    reset = int(rate.reset_at.timestamp()) if rate.reset_at else 0
    one = {"limit": rate.limit, "remaining": rate.remaining, "reset": reset,
           "used": rate.limit - rate.remaining}  # fmt: skip
    names = ("core", "graphql", "search")
    return Answer(200, {"resources": dict.fromkeys(names, one), "rate": one})


@route("GET", "/user", "")
def me(call: Call) -> Answer:
    if call.token.kind == "installation":
        raise Refusal(403, "Resource not accessible by integration")
    return Answer(200, call.view.account(_person(call, call.token.login)))


@route("GET", "/users/{login}", "")
def user(call: Call) -> Answer:
    return Answer(200, call.view.account(_person(call, call.params["login"])))


@route("GET", "/user/{id}", "")
def user_by_id(call: Call) -> Answer:
    with _any_desk(call) as desk:
        row = desk.conn.execute(select(USERS).where(USERS.c.id == call.id)).mappings().first()
    if row is None:
        raise Refusal(404, "Not Found")
    actor = Actor(id=row["id"], login=row["login"], kind=row["kind"])
    return Answer(200, call.view.account(actor))


def _any_desk(call: Call) -> Any:
    return call.hub.books(call.token.login).read()


def _person(call: Call, login: str) -> Actor:
    with _any_desk(call) as desk:
        found: Actor = desk.by_login(login)
        return found


@route("GET", "/repos/{owner}/{repo}/collaborators/{login}/permission")
def permission(call: Call) -> Answer:
    with call.read() as desk:
        person = find_user(desk.conn, call.params["login"])
        has = permission_of(desk.conn, desk.repo, person.id)
    who = {**call.view.user(person), "role_name": ROLE[has]}
    may = ("pull", "triage", "push", "maintain", "admin")
    least = (Permission.READ, Permission.TRIAGE, Permission.WRITE, Permission.MAINTAIN,
             Permission.ADMIN)  # fmt: skip
    who["permissions"] = {name: has.covers(need) for name, need in zip(may, least, strict=True)}
    return Answer(200, {"permission": OLD[has], "role_name": ROLE[has], "user": who})


@route("GET", "/repos/{owner}/{repo}/branches/{branch}/protection", "administration:read")
def classic_protection(call: Call) -> Answer:
    with call.read() as desk:
        if not desk.permission.covers(Permission.ADMIN):
            raise Refusal(404, "Not Found")
    raise Refusal(404, "Branch not protected")


@route("GET", "/repos/{owner}/{repo}/branches/{path}", "contents:read")
def branch(call: Call) -> Answer:
    name = call.params["path"]
    with call.read():
        tip = call.bare.branch(name)
    if tip is None:
        raise Refusal(404, "Branch not found")
    url = f"{call.hub.url}/repos/{call.repo}/branches/{name}"
    guarded = (call.repo, name) in call.hub.rules
    contexts = list(call.hub.rules.get((call.repo, name), Rules()).checks)
    checks = {"enforcement_level": "off", "contexts": contexts, "checks": []}
    return Answer(
        200,
        {
            "name": name,
            "commit": whole_commit(call, tip),
            "_links": {"self": url, "html": f"{call.hub.url}/{call.repo}/tree/{name}"},
            "protected": guarded,
            "protection": {"enabled": guarded, "required_status_checks": checks},
            "protection_url": f"{url}/protection",
        },
    )


@route("GET", "/repos/{owner}/{repo}/rules/branches/{path}")
def rules(call: Call) -> Answer:
    with call.read():
        known = call.hub.rules.get((call.repo, call.params["path"]), Rules())
    source = {"ruleset_source_type": "Repository", "ruleset_source": call.repo, "ruleset_id": 1}
    told: list[dict[str, Any]] = []
    wanted: dict[str, Any]
    if known.approvals or known.conversations:
        wanted = {
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_approving_review_count": known.approvals,
            "required_review_thread_resolution": known.conversations,
        }
        told.append({"type": "pull_request", "parameters": wanted, **source})
    if known.checks:
        listed = [{"context": name} for name in known.checks]
        wanted = {"required_status_checks": listed,
                  "strict_required_status_checks_policy": known.strict}  # fmt: skip
        told.append({"type": "required_status_checks", "parameters": wanted, **source})
    if known.queue:
        wanted = {
            "check_response_timeout_minutes": 60,
            "grouping_strategy": "ALLGREEN",
            "max_entries_to_build": 5,
            "max_entries_to_merge": 5,
            "merge_method": "MERGE",
            "min_entries_to_merge": 1,
            "min_entries_to_merge_wait_minutes": 5,
        }
        told.append({"type": "merge_queue", "parameters": wanted, **source})
    return call.paged(told)


@route("GET", "/repos/{owner}/{repo}/contents/{path}", "contents:read")
def contents(call: Call) -> Answer:
    ref = call.query.get("ref", "")
    with call.read() as desk:
        commit = commit_of(call, ref or desk.default_branch)
    if commit is None:
        raise Refusal(404, f"No commit found for the ref {ref}")
    path = call.params["path"]
    data = call.bare.file(commit, path)
    if data is None:
        raise Refusal(404, "Not Found")
    if "raw" in call.headers.get("accept", ""):
        return Answer(200, data, {"Content-Type": "application/vnd.github.raw; charset=utf-8"})
    sha = call.bare.run("rev-parse", f"{commit}:{path}").stdout.decode().strip()
    url = f"{call.hub.url}/repos/{call.repo}/contents/{path}?ref={ref}"
    git = f"{call.hub.url}/repos/{call.repo}/git/blobs/{sha}"
    web = f"{call.hub.url}/{call.repo}/blob/{ref}/{path}"
    return Answer(
        200,
        {
            "type": "file",
            "encoding": "base64",
            "size": len(data),
            "name": path.rsplit("/", 1)[-1],
            "path": path,
            "content": base64.encodebytes(data).decode(),
            "sha": sha,
            "url": url,
            "git_url": git,
            "html_url": web,
            "download_url": web,
            "_links": {"self": url, "git": git, "html": web},
        },
    )


@route("GET", "/repos/{owner}/{repo}/labels", "issues:read|pull_requests:read")
def labels(call: Call) -> Answer:
    with call.read():
        names = sorted(call.hub.labels.get(call.repo, set()))
    return call.paged([call.view.label(call.repo, name) for name in names])


@route("POST", "/repos/{owner}/{repo}/labels", "issues:write|pull_requests:write")
def make_label(call: Call) -> Answer:
    name = str(call.given("name", needed=True))
    with call.write() as desk:
        desk.need(Permission.WRITE)
    known = call.hub.labels.setdefault(call.repo, set())
    if name in known:
        told = [{"resource": "Label", "code": "already_exists", "field": "name"}]
        raise Refusal(422, "Validation Failed", told)
    known.add(name)
    return Answer(201, call.view.label(call.repo, name))


@route("DELETE", "/repos/{owner}/{repo}/labels/{name}", "issues:write|pull_requests:write")
def drop_label(call: Call) -> Answer:
    with call.write() as desk:
        desk.need(Permission.WRITE)
    known = call.hub.labels.setdefault(call.repo, set())
    if call.params["name"] not in known:
        raise Refusal(404, "Not Found")
    known.discard(call.params["name"])
    return Answer(204)
