"""Our GitHub is one that GitHub's own description would take for GitHub."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest

from tests.github.asking import HERE, Said, ask
from tests.github.clock import JumpClock
from tests.github.http import Answer, Fault
from tests.github.hub import Hub
from tests.github.oracle import held
from tests.github.server import github


def status(hub: Hub, method: str, path: str, body: object = None, token: str = "tok_ada") -> int:
    return ask(hub, method, path, body, token=token).status


def test_every_answer_is_one_that_github_could_give(tmp_path: Path) -> None:
    with github(tmp_path, JumpClock()) as hub:
        _issues(hub)
        _git(hub)
        _pulls(hub)
        assert held(hub.exchanges) > 60


def _issues(hub: Hub) -> None:
    number, other = hub.issue("eve", "Broken", "b").number, hub.issue("eve", "Other").number
    hub.label("ada", number, "bug")
    hub.assign("ada", number, "harness")
    hub.edit("ada", number, title="New")
    hub.blocked(number, by=[other], parts=[other])
    mine = f"./issues/{number}"
    for path in (".", "/user", "/users/eve", "/user/1", "/rate_limit",
                 "./collaborators/eve/permission", "./rules/branches/main", "./branches/main",
                 "./contents/README.md?ref=main", mine, f"{mine}/timeline", f"{mine}/sub_issues",
                 f"{mine}/dependencies/blocked_by", f"{mine}/labels", "./labels",
                 "./issues?state=all&sort=updated&direction=asc&per_page=1"):  # fmt: skip
        assert status(hub, "GET", path) == 200, path
    made = ask(hub, "POST", "./issues", {"title": "x", "body": "y", "labels": ["bug"]})
    assert (made.status, made.body["labels"][0]["name"]) == (201, "bug")
    mine = f"./issues/{made.body['number']}"
    assert status(hub, "PATCH", mine, {"title": "t", "state": "closed"}) == 200
    said = ask(hub, "POST", f"{mine}/comments", {"body": "hi"})
    assert said.status == 201
    one = f"./issues/comments/{said.body['id']}"
    assert status(hub, "PATCH", one, {"body": "ho"}) == status(hub, "GET", one) == 200
    assert ask(hub, "GET", f"{mine}/comments").body[0]["body"] == "ho"
    assert status(hub, "POST", f"{mine}/labels", {"labels": ["q"]}) == 200
    assert status(hub, "DELETE", f"{mine}/labels/q") == 200
    assert status(hub, "DELETE", f"{mine}/labels/q") == 404
    assert status(hub, "POST", "./labels", {"name": "zz"}) == 201
    assert status(hub, "POST", "./labels", {"name": "zz"}) == 422
    assert status(hub, "DELETE", "./labels/zz") == 204


def _git(hub: Hub) -> None:
    sha = hub.local.push("fix", {"fix.txt": "one\ntwo\n"}, "main")
    ref = {"ref": "refs/harness/x", "sha": sha}
    assert status(hub, "POST", "./git/refs", ref) == 201
    assert status(hub, "POST", "./git/refs", ref) == 422
    tree = ask(hub, "GET", f"./git/commits/{sha}").body["tree"]["sha"]
    assert status(hub, "GET", f"./git/trees/{tree}") == 200
    rows = [{"path": "a", "mode": "100644", "type": "blob", "content": "x"}]
    assert status(hub, "POST", "./git/trees", {"tree": rows}) == 201
    commits = [
        ask(hub, "POST", "./git/commits", {"tree": tree, "message": name, "parents": [sha]}).body
        for name in ("one", "two")
    ]
    one, two = (commit["sha"] for commit in commits)
    assert status(hub, "PATCH", "./git/refs/harness/x", {"sha": one}) == 200
    lost = ask(hub, "PATCH", "./git/refs/harness/x", {"sha": two, "force": False})
    assert (lost.status, lost.body["message"]) == (422, "Update is not a fast forward")
    assert ask(hub, "GET", "./git/ref/harness/x").body["object"]["sha"] == one
    assert len(ask(hub, "GET", "./git/matching-refs/heads/").body) == 2
    assert status(hub, "DELETE", "./git/refs/harness/x") == 204
    assert status(hub, "GET", f"./commits/{sha}") == 200
    assert ask(hub, "GET", "./compare/main...fix").body["ahead_by"] == 1


def _pulls(hub: Hub) -> None:
    sha = hub.bare().commit("fix")
    wanted = {"title": "p", "head": "fix", "base": "main", "body": "b"}
    pull = ask(hub, "POST", "./pulls", wanted)
    assert pull.status == 201
    assert status(hub, "POST", "./pulls", wanted) == 422
    number = pull.body["number"]
    one = f"./pulls/{number}"
    assert len(ask(hub, "GET", "./pulls?state=all&head=owner:fix").body) == 1
    assert status(hub, "PATCH", one, {"title": "pp"}) == 200
    people = {"reviewers": ["harness"]}
    assert status(hub, "POST", f"{one}/requested_reviewers", people) == 201
    hub.review("harness", number, "changes_requested", "no")
    hub.thread("harness", number, "fix.txt", 1, "why")
    said = ask(hub, "GET", f"{one}/comments").body[0]["id"]
    reply = ask(hub, "POST", f"{one}/comments/{said}/replies", {"body": "r"}).body["id"]
    assert status(hub, "PATCH", f"./pulls/comments/{reply}", {"body": "rr"}) == 200
    assert ask(hub, "GET", f"{one}/reviews").body[0]["state"] == "CHANGES_REQUESTED"
    state = {"state": "success", "context": "c", "description": "d"}
    assert status(hub, "POST", f"./statuses/{sha}", state) == 201
    check = hub.check(sha, "unit", "completed", "failure", summary="bad", log="the log").id
    for path in (f"./commits/{sha}/status", f"./commits/{sha}/statuses", one,
                 f"./commits/{sha}/check-runs", f"./check-runs/{check}",
                 f"./check-runs/{check}/annotations", f"./actions/jobs/{check}"):  # fmt: skip
        assert status(hub, "GET", path) == 200, path
    assert status(hub, "POST", f"./actions/jobs/{check}/rerun") == 201
    assert status(hub, "POST", "./check-runs", {"name": "a", "head_sha": sha}) == 403
    hub.protect("main", approvals=1, checks=("unit",), conversations=True)
    assert len(ask(hub, "GET", "./rules/branches/main").body) == 2
    assert status(hub, "PUT", f"{one}/merge", {"sha": sha}) == 405
    hub.rules.clear()
    assert status(hub, "PUT", f"{one}/merge", {"sha": sha[::-1]}) == 409
    assert status(hub, "PUT", f"{one}/merge", {"sha": sha, "merge_method": "squash"}) == 200
    assert ask(hub, "GET", one).body["merged"] is True


def test_unchanged_is_304_and_free_and_pages_are_linked(tmp_path: Path) -> None:
    with github(tmp_path, JumpClock()) as hub:
        for title in ("one", "two", "three"):
            hub.issue("ada", title)
        first = ask(hub, "GET", "./issues?per_page=2")
        assert [issue["title"] for issue in first.body] == ["three", "two"]
        assert 'page=2>; rel="next"' in first.headers["link"]
        again = ask(hub, "GET", "./issues?per_page=2",
                    headers={"If-None-Match": first.headers["etag"]})  # fmt: skip
        left = [int(a.headers["x-ratelimit-remaining"]) for a in (first, again)]
        assert (again.status, left) == (304, [4999, 4999])
        hub.label("ada", 3, "bug")
        changed = ask(hub, "GET", "./issues?per_page=2",
                      headers={"If-None-Match": first.headers["etag"]})  # fmt: skip
        assert changed.status == 200
        assert status(hub, "GET", "/api/v3" + HERE) == 200


def test_a_token_may_what_it_was_given_and_no_more(tmp_path: Path) -> None:
    with github(tmp_path, JumpClock()) as hub:
        hub.token("tok_some", "harness", {"issues": "read"})
        hub.user("mallory")
        hub.repository("owner/other")
        hub.token("tok_mallory", "mallory")
        assert status(hub, "GET", ".", token="nonsense") == 401
        assert status(hub, "GET", "/repos/owner/other", token="tok_mallory") == 404
        assert status(hub, "GET", "./issues", token="tok_some") == 200
        refused = ask(hub, "POST", "./issues", {"title": "x"}, token="tok_some")
        assert refused.status == 403
        assert refused.headers["x-accepted-github-permissions"] == "issues=write"
        assert status(hub, "POST", "./issues/1/labels", {"labels": ["x"]}, "tok_eve") == 404
        hub.issue("eve", "Mine")
        assert status(hub, "POST", "./issues/1/labels", {"labels": ["x"]}, "tok_eve") == 403
        hub.rates["tok_eve"].remaining = 0
        out = ask(hub, "GET", ".", token="tok_eve")
        assert (out.status, out.headers["x-ratelimit-remaining"]) == (403, "0")


def test_faults_strike_before_and_after_the_effect(tmp_path: Path) -> None:
    def lost(hub: Hub) -> None:
        with pytest.raises((http.client.HTTPException, OSError)):
            ask(hub, "POST", "./issues", {"title": "x"})

    with github(tmp_path, JumpClock()) as hub:
        hub.faults.add(Fault("drop_before", "POST", ".*/issues"))
        lost(hub)
        assert ask(hub, "GET", "./issues").body == []
        after = hub.faults.add(Fault("drop_after", "POST", ".*/issues"))
        lost(hub)
        assert len(ask(hub, "GET", "./issues").body) == after.struck == 1
        hub.faults.add(Fault("truncate", "GET", ".*/issues"))
        with pytest.raises((http.client.HTTPException, OSError)):
            ask(hub, "GET", "./issues")
        limited = Answer(403, {"message": "secondary rate limit"}, {"Retry-After": "60"})
        hub.faults.add(Fault("answer", "GET", ".*/issues", nth=2, answer=limited))
        said: list[Said] = [ask(hub, "GET", "./issues") for _ in range(3)]
        assert [answer.status for answer in said] == [200, 403, 200]
        assert said[1].headers["retry-after"] == "60"


def test_no_record_holds_a_token(tmp_path: Path) -> None:
    with github(tmp_path, JumpClock()) as hub:
        ask(hub, "GET", ".", token="tok_ada")
        ask(hub, "GET", ".", token="tok_wrong")
        assert "tok_" not in repr(hub.exchanges)
