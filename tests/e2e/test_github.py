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
from tests.github.hub import Hub
from tests.github.oracle import held
from tests.github.server import github

FILES = {"calc.py": CALC, "tests/test_calc.py": TEST_CALC}
TOKEN = "ghp_canary0123456789"
REVIEWERS = conversation(turn(APPROVE), session="-review-", repeat_last=True)
ADDS = "def add(a, b):\n"
DOCSTRING = call(
    "edit", path="calc.py", edits=[{"old": ADDS, "new": ADDS + '    """The sum."""\n'}]
)
AGAIN = verdict("done", summary="add has a docstring.", title="Add, do not subtract")


class Town:
    """A GitHub, and one person's machine with harness set up for its repository."""

    def __init__(self, root: Path, hub: Hub, settings: str = "") -> None:
        self.hub = hub
        hub.token(TOKEN, "harness")
        hub.local.push("main", FILES, "main")
        self.world = World(root / "machine", name="project", files=FILES)
        self.world.script(TERSE, REVIEWERS)
        projects = self.world.config / "projects"
        projects.mkdir()
        (projects / "project.toml").write_text(
            f'[project]\nname = "project"\npath = "{self.world.repo}"\n'
            f'[forge]\nkind = "github"\nrepository = "{NAME}"\nbase_url = "{hub.url}/api/v3"\n'
            f"[policy]\nquiet_s = 0\n{settings}"
        )

    def run(self, *words: str, code: int | None = 0) -> str:
        """A round of the daemon, or another command; what it said."""
        done = self.world.run(*(words or ("run", "--once")), code=code, env={"GITHUB_TOKEN": TOKEN})
        return done.stdout + done.stderr

    def pulls(self) -> list[PullRequest]:
        return list(asyncio.run(self.hub.as_("ada").pulls("all")))

    def said(self, number: int) -> list[str]:
        """Comments there, by login."""
        found = asyncio.run(self.hub.as_("ada").comments(number))
        return [f"{c.author.login}: {c.body}" for c in found]


@contextmanager
def town(tmp_path: Path, settings: str = "") -> Iterator[Town]:
    with github(tmp_path / "hub") as hub:
        made = Town(tmp_path, hub, settings)
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
