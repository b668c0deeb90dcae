"""The state of our GitHub, and what tests do to it behind its back: people, tokens, rules, checks,
reviews, time. The facts of a repository are the embedded forge's; here is what that has not."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from sqlalchemy import select, update

from harness.core.forge_types import Actor, Check, Comment, Issue, Permission, Review, Thread
from harness.forge.embedded import issues as items
from harness.forge.embedded.access import Access
from harness.forge.embedded.admin import EmbeddedAdmin
from harness.forge.embedded.bare_repository import BareRepository
from harness.forge.embedded.forge import CheckConclusion, EmbeddedForge
from harness.forge.embedded.pulls import EmbeddedPulls
from harness.forge.embedded.reviews import CheckStatus, ReviewState
from harness.forge.embedded.tables import PULLS, REPOSITORIES
from harness.forge.github.auth import TokenAuth
from harness.forge.github.client import GithubClient
from harness.forge.github.forge import GithubForge
from harness.ports.clock import Clock
from harness.system.redact import Redactor
from tests.forge.world import NAME, Local
from tests.github.clock import ServerClock
from tests.github.http import Exchange, Faults

ALL = ("metadata", "contents", "issues", "pull_requests", "checks", "statuses", "actions")
"""The permissions that harness may ask for."""


@dataclass
class Token:
    """Whose it is and what it may. `permissions` None: a classic token, which may what its owner
    may, except what only an App may."""

    login: str
    permissions: dict[str, str] | None = None
    kind: Literal["personal", "installation"] = "personal"
    expires_at: datetime | None = None
    app: str = ""
    repository: str = ""
    """The only one it is good for; "" for all."""


@dataclass
class Rate:
    """One token's hour."""

    limit: int = 5000
    remaining: int = 5000
    reset_at: datetime | None = None


@dataclass
class Rules:
    """What a branch asks for before a merge."""

    approvals: int = 0
    checks: tuple[str, ...] = ()
    conversations: bool = False
    queue: bool = False
    auto_merge: bool = False
    strict: bool = False


@dataclass
class RunFacts:
    """A check run, beside what the embedded forge keeps of it."""

    app: str
    started_at: datetime | None = None
    completed_at: datetime | None = None
    summary: str = ""
    title: str = ""


@dataclass
class Status:
    """A commit status."""

    id: int
    context: str
    state: str
    description: str
    creator: str
    at: datetime


@dataclass
class App:
    """A GitHub App and where it is installed."""

    id: int
    slug: str
    key: RSAPublicKey
    permissions: dict[str, str]
    installations: dict[int, str]
    """Installation -> account."""


@dataclass
class Waits:
    """What an issue waits for by GitHub's own books."""

    blocked_by: list[int] = field(default_factory=list)
    sub_issues: list[int] = field(default_factory=list)


class Hub:
    """One GitHub over the embedded forge of `local`. `url` is set when it listens."""

    def __init__(self, local: Local, clock: ServerClock) -> None:
        self.local = local
        self.clock = clock
        self.url = ""
        self.lock = threading.RLock()
        """One write at a time, as for one repository on GitHub."""
        self.faults = Faults()
        self.git_faults = Faults()
        """The same for git over HTTP: only answer and answer_after are known there."""
        self.exchanges: list[Exchange] = []
        self.bugs: list[str] = []
        """Tracebacks of our own: the end of the server raises them."""
        self.tokens: dict[str, Token] = {}
        self.rates: dict[str, Rate] = {}
        self.rules: dict[tuple[str, str], Rules] = {}
        self.auto: dict[tuple[str, int], str] = {}
        """(repository, pull request) -> how it is merged when its rules are met."""
        self.runs: dict[int, RunFacts] = {}
        self.statuses: dict[tuple[str, str], list[Status]] = {}
        self.apps: dict[int, App] = {}
        self.labels: dict[str, set[str]] = {}
        """Repository -> labels that somebody made."""
        self.waits: dict[tuple[str, int], Waits] = {}
        self.resolvers: dict[str, str] = {}
        """Review thread -> who resolved it."""
        self.workflow_runs: dict[int, str] = {}
        """Run of Actions -> its commit."""
        self.git_refusal: Callable[[str], str] | None = None
        """What git is refused with, made of the Authorization header that it came with."""
        self.requests = 0
        self.wires: list[GithubClient] = []
        """Those made here: closed at the end."""
        self.moved: dict[str, str] = {}
        """Old name of a repository -> what it is called now: a redirect leads there."""
        self._books: dict[tuple[str, str], Access] = {}

    # -- the embedded forge below

    def books(self, login: str, repo: str = NAME) -> Access:
        """The embedded forge as one person sees it."""
        if (login, repo) not in self._books:
            self._books[login, repo] = Access(self.local.root, repo, login, self.clock)
        return self._books[login, repo]

    def bare(self, repo: str = NAME) -> BareRepository:
        return BareRepository(self.local.root / f"{repo}.git")

    def pulls(self, login: str, repo: str = NAME) -> EmbeddedPulls:
        return EmbeddedPulls(self.books(login, repo), self.bare(repo))

    def as_(self, login: str, repo: str = NAME) -> EmbeddedForge:
        """Someone at the web pages: whatever the embedded forge can do."""
        return EmbeddedForge(self.local.root, repo, login, self.clock)

    # -- who talks to it

    def wire(self, token: str, clock: Clock | None = None, **settings: Any) -> GithubClient:
        """The real wire with that token, on our clock. To be closed."""
        auth = TokenAuth(lambda: token, Redactor())
        state = self.local.root.parent / f"state-{token}"
        state.mkdir(exist_ok=True, mode=0o700)
        made = GithubClient(
            auth, base_url=self.url, clock=clock or self.clock, state=state, **settings
        )
        self.wires.append(made)
        return made

    def forge(self, token: str, repo: str = NAME, **settings: Any) -> GithubForge:
        """The real adapter over such a wire."""
        wire = self.wire(token, **settings)
        clock: Clock = settings.get("clock") or self.clock
        return GithubForge(wire, repo, clock, lambda: wire.git_env(self.url), self.url)

    # -- people and tokens

    def user(
        self,
        login: str,
        permission: Permission = Permission.READ,
        kind: Literal["user", "bot"] = "user",
        repo: str = NAME,
    ) -> Actor:
        """Someone with that permission from now on."""
        host = EmbeddedAdmin(self.local.root, self.clock)
        return asyncio.run(host.add_user(repo, login, permission, kind))

    def token(self, text: str, login: str, permissions: Mapping[str, str] | None = None) -> Token:
        """A personal token; with permissions a fine-grained one."""
        made = Token(login, None if permissions is None else dict(permissions))
        self.tokens[text] = made
        return made

    def app(self, slug: str, key: RSAPublicKey, permissions: Mapping[str, str] = {},
            repo: str = NAME) -> App:  # fmt: skip
        """A GitHub App installed on `repo`'s owner; its bot may write there."""
        number = 100 + len(self.apps)
        owner = repo.split("/")[0]
        made = App(number, slug, key, dict(permissions), {number * 10: owner})
        self.apps[number] = made
        self.user(f"{slug}[bot]", Permission.WRITE, "bot", repo)
        return made

    def installation_token(self, app: App, permissions: Mapping[str, str], repo: str = "") -> str:
        """A token for an hour."""
        text = f"ghs_{secrets.token_hex(18)}"
        until = self.clock.now() + timedelta(hours=1)
        self.tokens[text] = Token(
            f"{app.slug}[bot]", dict(permissions), "installation", until, app.slug, repo
        )
        return text

    def repository(self, name: str, admin: str = "ada") -> None:
        """One more, empty; a redirect from that name ends."""
        asyncio.run(
            EmbeddedAdmin(self.local.root, self.clock).create_repository(name, "main", admin)
        )
        self.moved.pop(name, None)

    def rename(self, old: str, new: str, *, redirect: bool = True) -> None:
        """Or transferred: it keeps its id, and the old name leads there while nobody takes it."""
        with self.books("ada", old).write() as desk:
            row = REPOSITORIES.c.id == desk.repo
            desk.conn.execute(update(REPOSITORIES).where(row).values(name=new))
        target = self.local.root / f"{new}.git"
        target.parent.mkdir(exist_ok=True)
        (self.local.root / f"{old}.git").rename(target)
        self._books.clear()
        self.moved.pop(new, None)
        if redirect:
            self.moved[old] = new

    def rename_branch(self, old: str, new: str, repo: str = NAME) -> None:
        """The default branch gets another name; nothing of the old one is left."""
        bare = self.bare(repo)
        bare.run("update-ref", f"refs/heads/{new}", f"refs/heads/{old}")
        asyncio.run(EmbeddedAdmin(self.local.root, self.clock).use_branch(repo, new))
        bare.run("update-ref", "-d", f"refs/heads/{old}")
        self._books.clear()

    def number_of(self, name: str) -> int:
        """The id of a repository."""
        with self.books("ada", name).read() as desk:
            return desk.repo

    def named(self, number: int) -> str:
        """What the repository with that id is called; "" when there is none."""
        names = [f"{p.parent.name}/{p.stem}" for p in self.local.root.glob("*/*.git")]
        return next((name for name in names if self.number_of(name) == number), "")

    # -- what people do

    def issue(self, login: str, title: str, body: str = "", labels: Sequence[str] = (),
              repo: str = NAME) -> Issue:  # fmt: skip
        return asyncio.run(self.as_(login, repo).create_issue(title, body, labels))

    def branches(self, **files: str) -> None:
        """Branches with one commit each on main, that adds one file of the branch's name: by one
        program, where pushes are a dozen."""
        told = []
        for name, text in files.items():
            who = "Ada <ada@example.org> 1767225600 +0000"
            told.append(
                f"commit refs/heads/{name}\ncommitter {who}\ndata 3\nAdd\n"
                f"from refs/heads/main^0\nM 100644 inline {name}.txt\n"
                f"data {len(text)}\n{text}\n\n"
            )
        self.bare().run("fast-import", "--quiet", data="".join(told).encode())

    def label(self, login: str, number: int, *names: str) -> Issue:
        return asyncio.run(self.as_(login).labels(number, add=names))

    def assign(self, login: str, number: int, *logins: str) -> Issue:
        return asyncio.run(self.as_(login).assign(number, logins))

    def comment(self, login: str, number: int, body: str) -> Comment:
        return asyncio.run(self.as_(login).add_comment(number, body))

    def shut(self, login: str, number: int, *, locked: bool = True) -> Issue:
        """The conversation is locked, or unlocked."""
        return asyncio.run(self.as_(login).lock(number, locked=locked))

    def edit(self, login: str, number: int, *, title: str | None = None,
             body: str | None = None) -> Issue:  # fmt: skip
        return asyncio.run(self.as_(login).edit_issue(number, title=title, body=body))

    def review(self, login: str, pr: int, state: ReviewState, body: str = "") -> Review:
        return asyncio.run(self.as_(login).add_review(pr, state, body))

    def thread(self, login: str, pr: int, path: str, line: int, body: str) -> Thread:
        return asyncio.run(self.as_(login).add_thread(pr, path, line, body))

    def check(
        self,
        commit: str,
        name: str,
        status: CheckStatus = "completed",
        conclusion: CheckConclusion | None = None,
        *,
        summary: str = "",
        log: str | None = None,
        app: str = "github-actions",
    ) -> Check:
        """A check run as an app reports it. `github-actions`: a job, whose log can be read."""
        work = self.as_("ada").set_check(commit, name, status, conclusion, summary, log)
        made = asyncio.run(work)
        with self.lock:
            facts = self.runs.setdefault(made.id, RunFacts(app, self.clock.now()))
            facts.completed_at = self.clock.now() if status == "completed" else None
            facts.summary = summary
        return made

    def status(self, repo: str, commit: str, context: str, state: str, description: str,
               login: str) -> Status:  # fmt: skip
        """A commit status; the newest of a context counts."""
        with self.lock:
            known = self.statuses.setdefault((repo, commit), [])
            number = 1 + sum(map(len, self.statuses.values()))
            made = Status(number, context, state, description, login, self.clock.now())
            known.append(made)
            return made

    def protect(self, branch: str = "main", *, repo: str = NAME, **rules: Any) -> Rules:
        """Rules for a branch; the settings of `Rules`."""
        made = Rules(**rules)
        self.rules[repo, branch] = made
        return made

    def blocked(self, number: int, *, by: Sequence[int] = (), parts: Sequence[int] = (),
                repo: str = NAME) -> None:  # fmt: skip
        """An issue waits for others, or has sub-issues."""
        self.waits[repo, number] = Waits(list(by), list(parts))

    @contextmanager
    def at(self, when: datetime) -> Iterator[None]:
        """What happens meanwhile happened then."""
        with self.clock.at(when):
            yield

    def actors(self, login: str, repo: str, logins: Sequence[str]) -> list[Actor]:
        """People by login, as someone sees them."""
        with self.books(login, repo).read() as desk:
            return [desk.by_login(name) for name in logins]

    def opened_from(self, branch: str, repo: str = NAME) -> int:
        """How many pull requests there are of a branch, open or not."""
        with self.books("ada", repo).read() as desk:
            here = (PULLS.c.repo == desk.repo) & (PULLS.c.head == branch)
            return len(desk.conn.execute(select(PULLS.c.number).where(here)).all())

    def timeline(self, number: int, repo: str = NAME) -> list[str]:
        """The kinds of what happened to an issue."""
        with self.books("ada", repo).read() as desk:
            return [event.kind for event in items.timeline(desk, number)]


def clocked(clock: Clock) -> ServerClock:
    """The server's clock over the tests' own."""
    return clock if isinstance(clock, ServerClock) else ServerClock(clock)


def folder_of(hub: Hub) -> Path:
    """Where a test may keep what belongs to this GitHub."""
    return hub.local.root.parent
