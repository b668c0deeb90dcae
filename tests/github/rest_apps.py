"""A GitHub App: itself, where it is installed, tokens for one repository."""

from __future__ import annotations

from typing import Any

from tests.github.http import Answer, Refusal
from tests.github.hub import App
from tests.github.payloads import stamp
from tests.github.rest_checks import app_body
from tests.github.routes import Call, route

_LEVEL = {"read": 1, "write": 2}


def _app(call: Call) -> App:
    return next(app for app in call.hub.apps.values() if app.slug == call.token.app)


@route("GET", "/app", "", jwt=True)
def app(call: Call) -> Answer:
    mine = _app(call)
    body = app_body(call, mine.slug)
    return Answer(200, {**body, "permissions": mine.permissions, "installations_count": 1})


def _installation(call: Call, app: App, number: int) -> dict[str, Any]:
    url = f"{call.hub.url}/app/installations/{number}"
    return {
        "id": number,
        "account": call.view.owner(f"{app.installations[number]}/-"),
        "repository_selection": "selected",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{call.hub.url}/installation/repositories",
        "html_url": f"{call.hub.url}/settings/installations/{number}",
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": 1,
        "target_type": "Organization",
        "permissions": app.permissions,
        "events": [],
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }


@route("GET", "/app/installations", "", jwt=True)
def installations(call: Call) -> Answer:
    mine = _app(call)
    return call.paged([_installation(call, mine, number) for number in mine.installations])


@route("GET", "/app/installations/{id}", "", jwt=True)
def one_installation(call: Call) -> Answer:
    mine = _app(call)
    if call.id not in mine.installations:
        raise Refusal(404, "Not Found")
    return Answer(200, _installation(call, mine, call.id))


@route("GET", "/repos/{owner}/{repo}/installation", "", jwt=True)
def installation(call: Call) -> Answer:
    mine = _app(call)
    for number, account in mine.installations.items():
        if account == call.params["owner"] and (call.hub.local.root / f"{call.repo}.git").exists():
            return Answer(200, _installation(call, mine, number))
    raise Refusal(404, "Not Found")


@route("POST", "/app/installations/{id}/access_tokens", "", jwt=True)
def token(call: Call) -> Answer:
    mine = _app(call)
    account = mine.installations.get(call.id)
    if account is None:
        raise Refusal(404, "Not Found")
    wanted = call.given("permissions") or mine.permissions
    for name, level in wanted.items():
        if _LEVEL[level] > _LEVEL.get(mine.permissions.get(name, ""), 0):
            raise Refusal(422, "The permissions requested are not granted to this installation.")
    names = call.given("repositories") or []
    for name in names:
        if not (call.hub.local.root / account / f"{name}.git").exists():
            raise Refusal(422, "There is at least one repository that does not exist or is not "
                               "accessible to the parent installation.")  # fmt: skip
    only = f"{account}/{names[0]}" if len(names) == 1 else ""
    made = call.hub.installation_token(mine, wanted, only)
    until = stamp(call.hub.tokens[made].expires_at)
    told: dict[str, Any] = {"token": made, "expires_at": until, "permissions": wanted}
    return Answer(201, {**told, "repository_selection": "selected"})
