"""git's objects and refs over REST."""

from __future__ import annotations

from typing import Any

from harness.core.errors import Conflict, GitError, NotFound
from harness.core.forge_types import Actor, Permission
from harness.forge.embedded.bare_repository import Person
from tests.github.http import Answer, Refusal
from tests.github.payloads import number_of
from tests.github.routes import Call, route

_ZERO = "0" * 40


def commit_of(call: Call, ref: str) -> str | None:
    """The commit a name stands for."""
    try:
        return call.bare.commit(ref)
    except NotFound:
        return None


def whole_ref(ref: str) -> str:
    return ref if ref.startswith("refs/") else f"refs/{ref}"


def _tip(call: Call, ref: str) -> str | None:
    done = call.bare.run("rev-parse", "--verify", "--quiet", ref, accept=(0, 1, 128))
    return done.stdout.decode().strip() or None if done.returncode == 0 else None


def _kind(call: Call, sha: str) -> str:
    done = call.bare.run("cat-file", "-t", sha, accept=(0, 1, 128))
    return done.stdout.decode().strip()


def _ref_body(call: Call, ref: str, sha: str) -> dict[str, Any]:
    url = f"{call.hub.url}/repos/{call.repo}/git"
    return {
        "ref": ref,
        "node_id": f"REF_{number_of(ref)}",
        "url": f"{url}/{ref}",
        "object": {"type": "commit", "sha": sha, "url": f"{url}/commits/{sha}"},
    }


@route("GET", "/repos/{owner}/{repo}/git/ref/{ref}", "contents:read")
def get_ref(call: Call) -> Answer:
    with call.read():
        ref = whole_ref(call.params["ref"])
        sha = _tip(call, ref)
    if sha is None:
        raise Refusal(404, "Not Found")
    return Answer(200, _ref_body(call, ref, sha))


@route("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref}", "contents:read")
def matching(call: Call) -> Answer:
    with call.read():
        prefix = whole_ref(call.params["ref"])
        done = call.bare.run("for-each-ref", "--format=%(refname) %(objectname)")
    rows = [line.split() for line in done.stdout.decode().splitlines()]
    return call.paged([_ref_body(call, *row) for row in rows if row[0].startswith(prefix)])


@route("POST", "/repos/{owner}/{repo}/git/refs", "contents:write")
def make_ref(call: Call) -> Answer:
    ref, sha = str(call.given("ref", needed=True)), str(call.given("sha", needed=True))
    _need_write(call)
    if not ref.startswith("refs/") or ref.count("/") < 2:
        raise Refusal(
            422, "Reference name must start with 'refs/' and contain at least two slashes"
        )
    if _kind(call, sha) != "commit":
        raise Refusal(422, "Object does not exist")
    try:
        call.bare.swap(ref, sha, _ZERO)
    except (Conflict, GitError):
        raise Refusal(422, "Reference already exists") from None
    return Answer(201, _ref_body(call, ref, sha))


@route("PATCH", "/repos/{owner}/{repo}/git/refs/{ref}", "contents:write")
def move_ref(call: Call) -> Answer:
    ref, sha = whole_ref(call.params["ref"]), str(call.given("sha", needed=True))
    _need_write(call)
    before = _tip(call, ref)
    if before is None:
        raise Refusal(422, "Reference does not exist")
    if _kind(call, sha) != "commit":
        raise Refusal(422, "Object does not exist")
    if not call.given("force") and not call.bare.contains(sha, before):
        raise Refusal(422, "Update is not a fast forward")
    try:
        call.bare.swap(ref, sha, before)
    except Conflict:
        raise Refusal(422, "Reference cannot be updated") from None
    return Answer(200, _ref_body(call, ref, sha))


@route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref}", "contents:write")
def drop_ref(call: Call) -> Answer:
    ref = whole_ref(call.params["ref"])
    _need_write(call)
    before = _tip(call, ref)
    if before is None:
        raise Refusal(422, "Reference does not exist")
    call.bare.swap(ref, "", before)
    return Answer(204)


def _need_write(call: Call) -> None:
    with call.read() as desk:
        desk.need(Permission.WRITE)


# -- objects


def git_commit(call: Call, sha: str) -> dict[str, Any]:
    """A commit object."""
    bare = call.bare
    made = "%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%T%x00%P"
    done = bare.run("log", "-1", "--no-show-signature", f"--format={made}", sha)
    an, ae, at, cn, ce, ct, tree, parents = done.stdout.decode().strip("\n").split("\0")
    url, web = f"{call.hub.url}/repos/{call.repo}", f"{call.hub.url}/{call.repo}"
    return {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": f"{url}/git/commits/{sha}",
        "html_url": f"{web}/commit/{sha}",
        "author": {"name": an, "email": ae, "date": at},
        "committer": {"name": cn, "email": ce, "date": ct},
        "message": bare.message(sha),
        "tree": {"sha": tree, "url": f"{url}/git/trees/{tree}"},
        "parents": [
            {"sha": p, "url": f"{url}/git/commits/{p}", "html_url": f"{web}/commit/{p}"}
            for p in parents.split()
        ],
        "verification": {"verified": False, "reason": "unsigned", "signature": None,
                         "payload": None, "verified_at": None},
    }  # fmt: skip


def whole_commit(call: Call, sha: str) -> dict[str, Any]:
    """A commit as the commits API shows it."""
    inner = git_commit(call, sha)
    url = f"{call.hub.url}/repos/{call.repo}/commits/{sha}"
    body = {k: inner[k] for k in ("author", "committer", "message", "tree", "verification")}
    return {
        "url": url,
        "sha": sha,
        "node_id": inner["node_id"],
        "html_url": inner["html_url"],
        "comments_url": f"{url}/comments",
        "commit": {**body, "url": inner["url"], "comment_count": 0},
        "author": None,
        "committer": None,
        "parents": inner["parents"],
        "stats": {"additions": 0, "deletions": 0, "total": 0},
        "files": [],
    }


@route("GET", "/repos/{owner}/{repo}/git/commits/{sha}", "contents:read")
def get_commit(call: Call) -> Answer:
    with call.read():
        sha = call.params["sha"]
        if _kind(call, sha) != "commit":
            raise Refusal(404, "Not Found")
        return Answer(200, git_commit(call, sha))


@route("POST", "/repos/{owner}/{repo}/git/commits", "contents:write")
def make_commit(call: Call) -> Answer:
    tree, message = str(call.given("tree", needed=True)), str(call.given("message", needed=True))
    _need_write(call)
    parents = tuple(str(parent) for parent in call.given("parents") or ())
    if _kind(call, tree) != "tree":
        raise Refusal(422, "Tree SHA does not exist")
    if any(_kind(call, parent) != "commit" for parent in parents):
        raise Refusal(422, "Parent SHA does not exist or is not a commit object")
    people = [_person(call, call.given(role)) for role in ("author", "committer")]
    sha = call.bare.commit_tree(tree, parents, message, *people)
    return Answer(201, git_commit(call, sha))


def _person(call: Call, given: Any) -> Person:
    with call.read() as desk:
        me: Actor = desk.me
    said = given if isinstance(given, dict) else {}
    date = said.get("date") or call.hub.clock.now().isoformat()
    name, email = said.get("name") or me.login, said.get("email") or f"{me.id}@users.test"
    return Person(name, email, date)


@route("GET", "/repos/{owner}/{repo}/git/trees/{sha}", "contents:read")
def get_tree(call: Call) -> Answer:
    with call.read():
        done = call.bare.run("ls-tree", "-l", call.params["sha"], accept=(0, 128))
    if done.returncode:
        raise Refusal(404, "Not Found")
    url = f"{call.hub.url}/repos/{call.repo}/git"
    rows = []
    for line in done.stdout.decode().splitlines():
        (mode, kind, sha, size), path = line.split("\t")[0].split(), line.split("\t")[1]
        row = {"path": path, "mode": mode, "type": kind, "sha": sha, "url": f"{url}/{kind}s/{sha}"}
        rows.append({**row, "size": int(size)} if kind == "blob" else row)
    sha = call.bare.tree(call.params["sha"])
    return Answer(200, {"sha": sha, "url": f"{url}/trees/{sha}", "tree": rows, "truncated": False})


@route("POST", "/repos/{owner}/{repo}/git/trees", "contents:write")
def make_tree(call: Call) -> Answer:
    _need_write(call)
    rows = call.given("tree") or []
    lines = []
    for row in rows:
        sha = row.get("sha")
        if sha is None:
            data = str(row.get("content", "")).encode()
            sha = call.bare.run("hash-object", "-w", "--stdin", data=data).stdout.decode().strip()
        lines.append(f"{row['mode']} {row.get('type', 'blob')} {sha}\t{row['path']}\n")
    made = call.bare.run("mktree", data="".join(lines).encode()).stdout.decode().strip()
    url = f"{call.hub.url}/repos/{call.repo}/git/trees/{made}"
    return Answer(201, {"sha": made, "url": url, "tree": [], "truncated": False})


@route("GET", "/repos/{owner}/{repo}/commits/{sha}", "contents:read")
def commit(call: Call) -> Answer:
    with call.read():
        found = commit_of(call, call.params["sha"])
    if found is None:
        raise Refusal(422, f"No commit found for SHA: {call.params['sha']}")
    return Answer(200, whole_commit(call, found))


@route("GET", "/repos/{owner}/{repo}/compare/{path}", "contents:read")
def compare(call: Call) -> Answer:
    with call.read():
        base, _, head = call.params["path"].partition("...")
        one, other = commit_of(call, base), commit_of(call, head)
    if one is None or other is None:
        raise Refusal(404, "Not Found")
    ahead, behind = call.bare.line(one, other), call.bare.line(other, one)
    common = call.bare.common(one, other) or one
    kinds = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    url = f"{call.hub.url}/repos/{call.repo}/compare/{base}...{head}"
    links = ("url", "html_url", "permalink_url", "diff_url", "patch_url")
    return Answer(
        200,
        {
            **dict.fromkeys(links, url),
            "base_commit": whole_commit(call, one),
            "merge_base_commit": whole_commit(call, common),
            "status": kinds.get((bool(ahead), bool(behind)), "identical"),
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "commits": [whole_commit(call, sha) for sha in ahead[:250]],
            "files": [],
        },
    )
