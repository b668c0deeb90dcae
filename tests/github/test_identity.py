"""The repository behind a name, by the real adapter and git's own push: after it was renamed,
transferred, or made anew by a stranger in whose repository we may write, nothing arrives there, one
sentence says why, and once it is back the work goes on."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from harness.app.guarding import Guarding
from harness.config.environ import place
from harness.config.forge_settings import ForgeSettings
from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.errors import Strayed
from harness.core.forge_types import Permission
from harness.core.trust_types import Trigger
from harness.core.types import Run
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.forge.embedded.bare_repository import BareRepository
from harness.forge.embedded.tables import META
from harness.git.workspace import Author, ProjectWorkspace
from harness.i18n.catalogue import Catalogue
from harness.pipeline.activation import run_guarded
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.outbound.write_gate import behind_gate, outward
from harness.pipeline.project import Project
from harness.pipeline.pull_request.ci import OWN
from harness.pipeline.run_policy import RunPolicy
from harness.pipeline.slots import REPOSITORY
from harness.system.clock import SystemClock
from tests.environment.projects import Made
from tests.forge.world import NAME
from tests.github.hub import Hub
from tests.github.oracle import Allowed, held
from tests.github.server import github
from tests.patience import PATIENCE_S

REDIRECTS = (Allowed(r"^/repositories/\d+", "", "where GitHub's redirects lead"),)
OPENED, BRANCHED, FRESH = 1, 2, 3
"""Issues: with a pull request, with a branch, with nothing on the forge yet."""
PULL = 4
MOMENTS = {
    "push": FRESH,
    "open_pr": BRANCHED,
    "put_comment": OPENED,
    "put_check": OPENED,
    "ready": OPENED,
    "merge": OPENED,
    "close": OPENED,
}
"""In the order in which a run makes them -> whose run makes it here."""


class Stand:
    """One registered repository with three runs on the way, and what people do to its name."""

    def __init__(self, hub: Hub, folder: Path, store: SqlStore) -> None:
        self.hub = hub
        self.folder = folder
        self.store = store
        self.number = hub.number_of(NAME)
        self.restart()

    def restart(self, name: str = NAME, known: int = 0) -> None:
        """Another process: a new wire and a new adapter over the same state. `name` and `known` as
        `init` wrote them down."""
        forge = self.hub.forge("tok_bot", name)
        settings = Settings(
            state_dir=self.folder, forge=ForgeSettings(kind="github", repository=name)
        )
        sources = Sources(place({"HOME": str(self.folder)}, self.folder))
        author = Author("Harness", "harness@example.org")
        self.space = ProjectWorkspace(self.folder / "ours", "p", forge.remote, author, Made())
        none = cast(Any, None)
        self.deps = behind_gate(
            PipelineDeps(
                forge=forge,
                store=self.store,
                journal=none,
                ledger=none,
                workspace=self.space,
                sandbox=none,
                backend=none,
                durable=none,
                clock=SystemClock(),
                guard=Guarding(settings, sources, SystemClock()),
                prompts=none,
                words=Catalogue("en"),
                policy=RunPolicy(project="p", merge="auto", repository=name, repository_id=known),
                folder=lambda run: self.folder,
                on_event=lambda run, event: None,
            )
        )

    async def begin(self) -> None:
        """What stands on the forge when the first moment comes."""
        self.runs: dict[int, Run] = {}
        await self.deps.forge.me()  # our GitHub tells it only while the name is there
        for number in (OPENED, BRANCHED, FRESH):
            run = await self._started(number)
            head = await self._head(number)
            branch = f"agent/issue-{number}"
            facts: dict[str, Any] = {"head_sha": head, "branch": branch, "tree": "c" * 40}
            facts |= {"base_sha": head, "approvals": {f"merge:{head}": "policy"}}
            facts |= {"pr": PULL if number == OPENED else 0}
            self.runs[number] = Run.model_validate(run.model_dump() | facts)
            await self.store.save_run(self.runs[number])

    async def _started(self, number: int) -> Run:
        ada = self.hub.as_("ada")
        who, at = await ada.me(), SystemClock().now()
        trigger = Trigger(kind="label", actor=who, at=at, key=f"k{number}")
        shot = self.deps.guard.snapshot(await ada.issue(number), (), trigger)
        run, _ = await self.store.open_run("p", shot, at)
        return run

    async def _head(self, number: int) -> str:
        await self.space.sync()
        if number != FRESH:
            return await self.space.resolve(f"agent/issue-{number}")
        main = await self.space.resolve("main")
        people = {f"GIT_{role}_{part}": "x" for role in ("AUTHOR", "COMMITTER")
                  for part in ("NAME", "EMAIL")}  # fmt: skip
        git = self.space.git.with_env(people)
        return await git.text("commit-tree", f"{main}^{{tree}}", "-p", main, "-m", "Fix")

    async def attempt(self, moment: str) -> None:
        """The write of that moment, as a stage makes it."""
        run = self.runs[MOMENTS[moment]]
        parts = outward(self.deps, run)
        if moment == "push":
            await parts.workspace.push(run.head_sha, run.branch, None)
            return
        given: dict[str, dict[str, Any]] = {
            "open_pr": {"head": run.branch, "base": "main", "title": "t", "body": "b",
                        "draft": True},
            "put_comment": {"number": run.issue, "marker": f"progress-{run.number}", "body": "b"},
            "put_check": {"commit": run.head_sha, "name": OWN, "conclusion": "success",
                          "summary": "s"},
            "ready": {"number": PULL},
            "merge": {"pr": PULL, "head_sha": run.head_sha, "method": "squash", "message": "m"},
            "close": {"number": run.issue},
        }  # fmt: skip
        await getattr(parts.forge, moment)(**given[moment])

    async def outcome(self, moment: str, first: Callable[[], object] | None = None) -> Any:
        """Of a stage that makes this write: None when it left. `first` happens after the stage
        began."""

        async def body(job: Job) -> Any:
            if first is not None:
                await asyncio.to_thread(first)
            await self.attempt(moment)

        run = await self.store.run(self.runs[MOMENTS[moment]].id)
        return await run_guarded(Job(outward(self.deps, run), run), body)

    # -- what people do to the name

    def renamed(self, new: str) -> None:
        self.hub.rename(NAME, new)

    def taken(self, new: str) -> None:
        """Renamed, and a stranger makes one of the old name that looks the same, in which we may
        write."""
        self.hub.rename(NAME, new)
        self.hub.repository(NAME, "mallory")
        furnish(self.hub, "mallory", self.hub.local.root / f"{new}.git")

    def back(self, new: str) -> None:
        """Whatever has the name gives it up."""
        if NAME not in self.hub.moved:
            self.hub.rename(NAME, f"mallory/{secrets.token_hex(4)}", redirect=False)
        self.hub.rename(new, NAME)

    def everything(self) -> str:
        """All that any repository holds: refs, and each row of what people see."""
        refs = [
            f"{bare}: {BareRepository(bare).run('for-each-ref').stdout!r}"
            for bare in sorted(self.hub.local.root.glob("*/*.git"))
        ]
        with self.hub.books("ada", self.hub.named(self.number)).read() as desk:
            rows = [repr(desk.conn.execute(select(t)).all()) for t in META.sorted_tables]
        return "\n".join([*refs, *rows])


def furnish(hub: Hub, login: str, like: Path | None = None) -> None:
    """Issues and a pull request under the present name; branches as in that repository."""
    hub.user("harness", Permission.WRITE, "bot")
    if like is not None:
        hub.bare().run("fetch", "--quiet", str(like), "+refs/heads/*:refs/heads/*")
    else:
        hub.branches(**{f"agent/issue-{number}": "fix\n" for number in (OPENED, BRANCHED)})
    for _ in (OPENED, BRANCHED, FRESH):
        hub.issue(login, "t", "b", labels=("harness",))
    opened = hub.as_("harness").open_pr("agent/issue-1", "main", "Fix", "b", draft=True)
    assert asyncio.run(opened).number == PULL


def play(folder: Path, scene: Callable[[Stand], Awaitable[None]]) -> None:
    """A scene on one server, each exchange judged by GitHub's description."""

    async def run(hub: Hub) -> None:
        database = Database(folder / "state.db")
        await database.open()
        try:
            stand = await asyncio.to_thread(Stand, hub, folder, SqlStore(database))
            await stand.begin()
            async with asyncio.timeout(PATIENCE_S):
                await scene(stand)
        finally:
            await database.close()

    with github(folder / "hub") as hub:
        furnish(hub, "ada")
        asyncio.run(run(hub))
        assert held(hub.exchanges, REDIRECTS)


CHANGES: tuple[tuple[str, Callable[[Stand, str], None], str, str], ...] = (
    ("renamed", Stand.renamed, "owner/new", "authority.moved"),
    ("transferred", Stand.renamed, "other/project", "authority.moved"),
    ("made anew", Stand.taken, "owner/new", "authority.other"),
    ("transferred and made anew", Stand.taken, "other/project", "authority.other"),
)
"""What happens to the name, what the registered one is called then, and the sentence."""


def test_nothing_arrives_anywhere_until_the_repository_is_back(tmp_path: Path) -> None:
    async def scene(at: Stand) -> None:
        assert await at.outcome("put_comment") is None
        for row, change, new, key in CHANGES:
            await asyncio.to_thread(change, at, new)
            before = await asyncio.to_thread(at.everything)
            for process in ("this", "the next", "one whose store is new"):
                for moment in MOMENTS:
                    said = await at.outcome(moment)
                    assert said is not None, (row, process, moment)
                    why = said.wait.reason
                    assert (why.key, said.wait.person) == (key, False), (row, process, moment)
                    assert "harness init --github" in at.deps.words(why.key, **why.facts)
                assert await asyncio.to_thread(at.everything) == before, (row, process)
                if process != "this":
                    await at.store.drop(REPOSITORY, "p")
                await asyncio.to_thread(at.restart, NAME, at.number)
            await asyncio.to_thread(at.back, new)
            assert await at.outcome("put_comment") is None, row
        for moment in MOMENTS:
            assert await at.outcome(moment) is None, moment
        assert (await at.hub.as_("ada").pr(PULL)).state == "merged"

    play(tmp_path, scene)


@pytest.mark.parametrize("change", [Stand.renamed, Stand.taken])
def test_nothing_arrives_when_it_goes_while_a_stage_works(
    tmp_path: Path, change: Callable[[Stand, str], None]
) -> None:
    async def scene(at: Stand) -> None:
        for moment in MOMENTS:
            seen: list[str] = []

            def first(seen: list[str] = seen) -> None:
                change(at, "owner/new")
                seen.append(at.everything())

            said = await at.outcome(moment, first)
            assert said.wait.reason.key.startswith("authority."), moment
            assert [await asyncio.to_thread(at.everything)] == seen, moment
            await asyncio.to_thread(at.back, "owner/new")

    play(tmp_path, scene)


def test_under_its_new_name_it_goes_on_once_that_was_registered(tmp_path: Path) -> None:
    async def scene(at: Stand) -> None:
        assert await at.outcome("put_comment") is None
        await asyncio.to_thread(at.taken, "owner/new")
        await asyncio.to_thread(at.restart, "owner/new", at.number)
        for moment in MOMENTS:
            assert await at.outcome(moment) is None, moment
        assert (await at.hub.as_("ada", "owner/new").pr(PULL)).state == "merged"
        stranger = at.hub.as_("ada")
        assert (await stranger.pr(PULL)).state == "open"
        assert not [c for n in (OPENED, PULL) for c in await stranger.comments(n)]

    play(tmp_path, scene)


def test_a_default_branch_that_was_renamed_is_said_and_waited_for(tmp_path: Path) -> None:
    async def scene(at: Stand) -> None:
        project = Project(at.deps)
        await project.belongs()
        for new in ("trunk", "release/2.0", "v1"):
            await asyncio.to_thread(at.hub.rename_branch, "main", new)
            # what else has that name is no branch
            at.hub.bare().run("update-ref", "refs/tags/main", f"refs/heads/{new}")
            for _ in range(2):
                with pytest.raises(Strayed) as caught:
                    await project.belongs()
                assert caught.value.key == "authority.branch"
                said = at.deps.words(caught.value.key, **caught.value.facts)
                assert f'default_branch = "{new}"' in said
            await asyncio.to_thread(at.hub.rename_branch, new, "main")
            await project.belongs()

    play(tmp_path, scene)


def test_a_branch_beside_the_default_one_is_worked_on(tmp_path: Path) -> None:
    async def scene(at: Stand) -> None:
        project = Project(at.deps)
        await asyncio.to_thread(at.hub.rename_branch, "main", "trunk")
        at.hub.bare().run("update-ref", "refs/heads/main", "refs/heads/trunk")
        for _ in range(2):
            await project.belongs()

    play(tmp_path, scene)


def test_a_stranger_could_be_written_to_by_whoever_does_not_ask(tmp_path: Path) -> None:
    """What the others rest on: the token, the names and the numbers all fit the stranger's."""

    async def scene(at: Stand) -> None:
        await asyncio.to_thread(at.taken, "owner/new")
        forge: Any = at.hub.forge("tok_bot")
        run = at.runs[OPENED]
        before = await asyncio.to_thread(at.everything)
        await at.space.push(at.runs[FRESH].head_sha, at.runs[FRESH].branch, None)
        await forge.put_comment(OPENED, "m", "b")
        await forge.open_pr(at.runs[BRANCHED].branch, "main", "t", "b", draft=True)
        await forge.ready(PULL)
        assert (await forge.merge(PULL, run.head_sha, "squash", "m")).state == "merged"
        await forge.close(BRANCHED)
        assert await asyncio.to_thread(at.everything) != before

    play(tmp_path, scene)
