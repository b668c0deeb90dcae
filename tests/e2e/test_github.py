"""The real command line against a GitHub: REST, GraphQL, git over HTTP; each exchange judged by
GitHub's own description. The model is scripted, the rest is not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.core.forge_types import PullRequest
from tests.e2e.world import (
    APPROVE,
    BUG,
    CALC,
    DONE,
    FIX,
    PLAN,
    REPRODUCTION,
    TERSE,
    TEST_CALC,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    conversation,
    turn,
    verdict,
)
from tests.forge.world import NAME
from tests.github.hub import ALL, Hub
from tests.github.keys import key, pem
from tests.github.oracle import held
from tests.github.server import github

FILES = {"calc.py": CALC, "tests/test_calc.py": TEST_CALC}
TOKEN = "ghp_canary0123456789"
WRITE = {name: "read" if name == "metadata" else "write" for name in ALL}
REVIEWERS = conversation(turn(APPROVE), session="-review-", repeat_last=True)
ADDS = "def add(a, b):\n"
DOCSTRING = call(
    "edit", path="calc.py", edits=[{"old": ADDS, "new": ADDS + '    """The sum."""\n'}]
)
AGAIN = verdict("done", summary="add has a docstring.", title="Add, do not subtract")


class GithubTown:
    """A GitHub, and one person's machine with harness set up for its repository."""

    def __init__(self, root: Path, hub: Hub, settings: str = "", forge: str = "") -> None:
        self.hub = hub
        self.token = TOKEN
        hub.token(TOKEN, "harness")
        hub.local.push("main", FILES, "main")
        self.world = World(root / "machine", name="project", files=FILES)
        self.world.script(TERSE, REVIEWERS)
        projects = self.world.config / "projects"
        projects.mkdir()
        (projects / "project.toml").write_text(
            f'[project]\nname = "project"\npath = "{self.world.repo}"\n'
            f'[forge]\nkind = "github"\nrepository = "{NAME}"\nbase_url = "{hub.url}/api/v3"\n'
            f"{forge}[policy]\nquiet_s = 0\n{settings}"
        )

    def run(self, *words: str, code: int | None = 0) -> str:
        """A round of the daemon, or another command; what it said."""
        done = self.world.run(
            *(words or ("run", "--once")), code=code, env={"GITHUB_TOKEN": self.token}
        )
        return done.stdout + done.stderr

    def pulls(self) -> list[PullRequest]:
        return list(asyncio.run(self.hub.as_("ada").pulls("all")))

    def said(self, number: int) -> list[str]:
        """Comments there, by login."""
        found = asyncio.run(self.hub.as_("ada").comments(number))
        return [f"{c.author.login}: {c.body}" for c in found]


@contextmanager
def town(tmp_path: Path, settings: str = "", forge: str = "") -> Iterator[GithubTown]:
    with github(tmp_path / "hub") as hub:
        made = GithubTown(tmp_path, hub, settings, forge)
        yield made
        assert held(hub.exchanges)
    kept = b"".join(p.read_bytes() for p in made.world.home.rglob("*") if _readable(p))
    assert TOKEN.encode() not in kept


def _readable(path: Path) -> bool:
    return path.is_file() and "git-auth" not in path.parts


def test_from_a_label_to_a_merged_pull_request(tmp_path: Path) -> None:
    with town(tmp_path, 'merge = "auto"\n') as t:
        t.world.script(
            conversation(
                turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE),
                turn(DOCSTRING, AGAIN),
                session="-worker",
            ),
            REVIEWERS,
        )
        t.hub.protect(approvals=1, checks=("ci",))
        issue = t.hub.issue("eve", *BUG).number
        t.run()
        assert t.pulls() == []
        t.hub.label("ada", issue, "harness")
        t.run()
        (pr,) = t.pulls()
        assert (pr.state, pr.head) == ("open", f"agent/issue-{issue}")
        assert "Closes #" in pr.body or "Fixes #" in pr.body
        assert re.search(r"[Ee]vidence", pr.body)
        t.hub.check(pr.head_sha, "ci", "completed", "success")
        t.hub.thread("ada", pr.number, "calc.py", 5, "A docstring, please.")
        t.run()
        (pr,) = t.pulls()
        assert pr.state == "open"
        t.hub.check(pr.head_sha, "ci", "completed", "success")
        t.hub.review("ada", pr.number, "approved", "Good.")
        t.run()
        (pr,) = t.pulls()
        assert pr.state == "merged", t.run("why", str(issue))
        assert not pr.draft
        assert "closed" in t.hub.timeline(issue)
        ours = [s for s in t.said(issue) if s.startswith("harness: ")]
        assert len(ours) == 1


def test_by_a_github_app(tmp_path: Path) -> None:
    """Under a name of its own, with check runs, by tokens that last an hour."""
    file = tmp_path / "app.pem"
    file.write_text(pem())
    file.chmod(0o600)
    forge = f'app_id = 100\napp_key_file = "{file}"\n'
    with town(tmp_path, 'merge = "auto"\n', forge) as t:
        t.token = ""
        t.hub.app("harness-app", key().public_key(), WRITE)
        t.hub.protect(checks=("harness/evidence",))
        issue = t.hub.issue("ada", *BUG).number
        t.hub.comment("eve", issue, "/harness go")
        t.run()
        assert t.pulls() == []
        t.hub.comment("ada", issue, "/harness go")
        t.run()
        (pr,) = t.pulls()
        assert (pr.state, pr.author.login) == ("merged", "harness-app[bot]"), t.run("why", "1")
        checks = asyncio.run(t.hub.as_("ada").checks(pr.head_sha))
        assert [(c.name, c.conclusion) for c in checks] == [("harness/evidence", "success")]


def test_doctor_ends_with_four_and_the_name_of_what_is_missing(tmp_path: Path) -> None:
    with town(tmp_path) as t:
        t.hub.token("github_pat_whole", "harness", WRITE)
        t.hub.token("github_pat_less", "harness", {**WRITE, "pull_requests": "read"})
        t.token = "github_pat_whole"
        assert "Pull requests: write" in t.run("doctor", code=0)
        t.token = "github_pat_less"
        said = t.run("doctor", code=4)
        (line,) = [text for text in said.splitlines() if "Pull requests: write:" in text]
        assert line.startswith("FAIL")
        assert len([text for text in said.splitlines() if text.startswith("FAIL")]) == 1
        assert "github_pat" not in said
        t.token = ""
        assert "GITHUB_TOKEN" in t.run("doctor", code=4)
