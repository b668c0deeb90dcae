"""What the commands ask of the composition root (harness/app.py). Values are core's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Literal, Protocol

from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.change_proof import Asked, Comparison, Proof
from harness.core.run_types import Event, Run
from harness.core.view_types import AgentDone, OnBegin, OnEnd, OnTry, Preview, Probe
from harness.daemon.housekeeping import Cleared
from harness.ports.forge import Forge
from harness.ports.sandbox import Sandbox
from harness.ports.store import EvidenceStore, Inbox, LessonReader, RunReader
from harness.ports.words import Words
from harness.system.redact import Redactor
from harness.testruns.recipes.tried import Found

OnEvent = Callable[[Run, Event], None]
"""Called after each recorded event of any run; must return at once and not raise."""


class DaemonPort(Protocol):
    """The one that acts. Everything here needs the lock: RefusedError when another has it."""

    async def tick(self) -> None: ...
    async def run_once(self) -> None: ...
    async def run_forever(self) -> None: ...
    async def apply_inbox(self) -> None:
        """Applies what waits in the inbox and publishes the snapshot; starts no agent work."""
        ...

    async def work(self, project: str, issues: Sequence[int]) -> None:
        """Like run_once, for these issues only."""
        ...

    async def triage(self, project: str, issues: Sequence[int]) -> None:
        """Like run_once, no further than triage; no issues = every admitted one."""
        ...

    async def plan(self, project: str, issue: int) -> None:
        """Like work, no further than the plan."""
        ...


class AppStore(RunReader, EvidenceStore, LessonReader, Inbox, Protocol):
    """What commands look at; they ask the daemon by its inbox."""


class App(Protocol):
    """The composition root, opened. Opening it reads the database and takes no lock."""

    @property
    def store(self) -> AppStore: ...
    @property
    def daemon(self) -> DaemonPort: ...
    @property
    def sandbox(self) -> Sandbox: ...

    def forge(self, project: str) -> Forge: ...
    def holder(self) -> str | None:
        """Who holds the lock now, as "pid N on HOST since TIME"; None when it is free."""
        ...

    async def take(self) -> bool:
        """Takes the lock until the app is closed; False when another process has it."""
        ...

    async def clean(self, *, dry_run: bool) -> Cleared:
        """Clears up what may go; needs the lock unless `dry_run`, which only says what would."""
        ...

    async def preview(self, issues: Sequence[int] = ()) -> tuple[Preview, ...]: ...
    async def probes(self, project: str, on_begin: OnBegin, on_end: OnEnd) -> tuple[Probe, ...]:
        """The checks only the composed parts can make: sandbox, runner, test command inside,
        models, forge; of this project alone when one is named ("": of all), each told as it
        begins and ends. Never raises for what is merely missing."""
        ...

    async def try_project(self, project: str, on_try: OnTry) -> Found:
        """Sets the project up and runs its suite in the Box, one recipe after the other; nothing
        is written. HarnessError when its repository cannot be had."""
        ...

    async def diff(self, run: Run) -> str:
        """The run's change against its base, whole, as a unified diff; "" while there is none."""
        ...

    async def report(self, run: Run, sort: Literal["markdown", "html"]) -> str: ...
    async def weekly(self, since_days: float, sort: Literal["markdown", "html"]) -> str: ...
    async def agent(self, prompt: str, cwd: Path, apply: bool) -> AgentDone: ...
    async def prove(
        self, cwd: Path, base: str, head: str, asked: Asked, page: str
    ) -> tuple[Proof | None, Comparison | None]:
        """What running a change tells of it, and what becomes of the proof that `page` shows ("":
        none). No proof is made where that cannot be read. NotFound for a commit on no branch."""
        ...

    async def prove_pull_request(
        self, project: str, number: int, asked: Asked, page: str
    ) -> tuple[Proof | None, Comparison | None]:
        """The same of a pull request. NotFound when there is none."""
        ...

    async def prove_public(
        self, address: str, page: str, budget_s: float
    ) -> tuple[Proof | None, Comparison | None]:
        """The same of a pull request by its address; `page` "": its own text, which the forge is
        asked for. RefusedError for what is no such address."""
        ...

    async def asked_in(self, project: str, number: int) -> Asked:
        """What an issue asks for. NotFound when there is none."""
        ...


class ForgeRegistration(Protocol):
    """What `init` does on one kind of forge. Made with the Context, the checkout, and what the
    command line said of another place (None: nothing)."""

    def register(self, settings: Settings, file: Path) -> tuple[Settings, str]:
        """Settings with the repository as the forge knows it, noted in the operator's file, and
        the catalogue key of what was done. May be called again. CliError says what to do."""
        ...

    def take_back(self) -> None:
        """What `register` made new goes again."""
        ...

    def say_next(self, settings: Settings) -> None:
        """What the person does next."""
        ...


class OpenApp(Protocol):
    """`harness.app.open_app`. `settings` is the project's that is meant; `sources` gives those of
    every other registered project. `on_trouble` is told each line of what went wrong around runs;
    the log has it too. `redactor` learns every secret of ours before its use."""

    def __call__(
        self,
        settings: Settings,
        *,
        sources: Sources,
        words: Words,
        on_event: OnEvent | None = None,
        on_trouble: Callable[[str], None] = ...,
        redactor: Redactor | None = None,
    ) -> AbstractAsyncContextManager[App]: ...
