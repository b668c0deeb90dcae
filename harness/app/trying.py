"""Sets a project up and runs its suite in the Box, one recipe after the other, for nobody's issue:
the code that judges changes reads the results."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from harness.app import adapters
from harness.app.app_context import AppContext
from harness.app.asking_recipe import Asking
from harness.app.probes import without_models
from harness.app.projects import compose, workspace_of
from harness.app.recipe_needs import needs_of
from harness.app.searching import Searching
from harness.config.settings import Settings
from harness.core.errors import HarnessError, RefusedError, SandboxError
from harness.core.services import read_service
from harness.core.types import CommandResult, LocalizedText, Tally
from harness.core.view_types import OnTry
from harness.environment.servers import others
from harness.pipeline.project import Project
from harness.pipeline.verification.bench import Bench, Parts, Trial, bench_in
from harness.pipeline.verification.evidence import suite_at
from harness.pipeline.verification.filewise import filewise
from harness.pipeline.verification.packagewise import Forgetful, PackageRuns
from harness.system.files import read_beneath
from harness.testruns.command import likely_runner
from harness.testruns.packages import packages_of
from harness.testruns.recipes.candidates import candidates
from harness.testruns.recipes.mending import Mended, Scene, mend
from harness.testruns.recipes.recipe import Origin, Recipe
from harness.testruns.recipes.tried import Found, Tried, tally_of, told_of
from harness.testruns.recipes.versions import languages_in
from harness.testruns.showing import Showing

LARGEST = 1 << 20


async def try_project(app: AppContext, settings: Settings, on_try: OnTry) -> Found:
    """The recipe by which this project's suite can judge a change, looked for on its default
    branch: what is configured first. Nothing is written. HarnessError when its repository cannot
    be had at all."""
    # a model that is missing keeps nobody from trying
    project = compose(without_models(settings), app.shared)
    workspace = project.deps.workspace
    await workspace.sync()
    base = await workspace.tip(settings.project.default_branch)
    tree = await workspace.tree_of(base)
    look = await workspace.copy("try-look", tree, base)
    try:
        files = tuple(await workspace.files(tree))
        room = Room(app, settings, project, base, look.path, files, on_try)
        return await room.search()
    finally:
        await look.remove()


class Room:
    """One project's tree at one commit, and what is tried on it. `look`: the tree to read from."""

    def __init__(
        self,
        app: AppContext,
        settings: Settings,
        project: Project,
        base: str,
        look: Path,
        files: tuple[str, ...],
        on_try: OnTry,
    ) -> None:
        self._app = app
        self._settings = settings
        self._project = project
        self._base = base
        self._look = look
        self._files = files
        self._tell = on_try
        self._told: list[LocalizedText] = []
        """Needs of recipes that were said."""

    async def search(self) -> Found:
        """No try begins after the time that a set-up and a suite may take."""
        settings = self._settings
        end = time.monotonic() + settings.environment.timeout_s + settings.test.timeout_s
        searching = Searching(
            try_out=self.try_out,
            mend=self.mend,
            tell=self._tell,
            has_time=lambda: time.monotonic() < end,
        )
        found = await searching.find(await self._candidates())
        return found if found.works else await self._ask(searching, found)

    async def _ask(self, searching: Searching, found: Found) -> Found:
        """At last, where a model is set: one session that hands in recipes."""
        deps = self._project.deps
        asking = Asking(
            self._settings,
            self._app.shared,
            deps.workspace,
            self._base,
            self._files,
            self._read,
            searching.tries,
        )
        model = asking.model()
        if not model:
            return found
        self._tell(LocalizedText(key="trying.asking", facts={"model": model}), True)
        try:
            await asking.ask(searching.try_one)
        except HarnessError as error:
            self._tell(error.say, False)
        return searching.found(found.unsourced)

    async def _candidates(self) -> Sequence[Recipe]:
        found = await asyncio.to_thread(candidates, self._files, self._read)
        configured = await self._configured()
        # what the file says is from where it was read, when it says only that
        runners = {(own.setup, own.test): own.reporter for own in configured}
        same = tuple(
            one.model_copy(update={"reporter": runners[one.setup, one.test]})
            for one in found
            if (one.setup, one.test) in runners
        )
        others = (one for one in found if (one.setup, one.test) not in runners)
        return tuple(self._serving(one) for one in (*(same[:1] or configured), *others))

    def _serving(self, recipe: Recipe) -> Recipe:
        """With the services that are configured, and those of its own that can be started; with the
        versions that are configured before its own."""
        known = self._settings.environment.services
        names = {wish.name for text in known if (wish := read_service(text))}
        more = [
            text
            for text in recipe.services
            if (wish := read_service(text)) is not None and wish.name not in names
        ]
        wants = languages_in(recipe.wants) | self._settings.environment.versions
        return recipe.model_copy(update={"services": (*known, *more), "wants": wants})

    async def _configured(self) -> tuple[Recipe, ...]:
        settings = self._settings
        if not (settings.test.command or settings.test.directories or settings.environment.setup):
            return ()
        tests = await suite_at(self._project.deps, self._base)
        origin = Origin(path=f"{settings.project.name}.toml")
        setup = settings.environment.setup
        return (Recipe(origin=origin, setup=setup, test=tests.command, reporter=tests.reporter),)

    def _read(self, path: str) -> str | None:
        """A file's text; None for what is not there, is a link, or is too large."""
        try:
            return read_beneath(self._look, path, limit=LARGEST).decode("utf-8", "replace")
        except (OSError, RefusedError):
            return None

    # ------------------------------------------------------------ one try

    async def try_out(self, recipe: Recipe) -> Tried:
        """The recipe's set-up and suite. Never raises for what the project does."""
        chosen = with_recipe(self._settings, recipe)
        deps = self._project.deps
        workspace = workspace_of(chosen, self._app.shared, deps.forge, deps.sandbox)
        if recipe.services:
            told: dict[str, str] = {"services": ", ".join(recipe.services)}
            self._tell(LocalizedText(key="trying.services", facts=told), False)
        await self._tell_needs(chosen, recipe)
        began = time.monotonic()
        if recipe.setup:
            told = {"command": recipe.setup[-1]}
            self._tell(LocalizedText(key="trying.setting_up", facts=told), True)
        try:
            environment = await workspace.environment(self._base)
        except SandboxError as error:
            return self._not_set_up(recipe, error, time.monotonic() - began)
        setup_s = time.monotonic() - began
        for one in others(environment.services):
            told = {"service": one.name, "wanted": one.wanted, "found": one.found}
            self._tell(LocalizedText(key="trying.service_other", facts=told), False)
        if recipe.setup:
            self._tell(LocalizedText(key="trying.set_up", facts={"seconds": round(setup_s)}), False)
        self._tell(LocalizedText(key="trying.testing", facts={"command": recipe.test}), True)
        limits = adapters.box_limits(chosen)
        box = limits.model_copy(update={"command_s": chosen.test.timeout_s})
        parts = Parts(workspace, deps.sandbox, box)
        tree = await workspace.tree_of(self._base)
        reporter = recipe.reporter
        if reporter == "none":
            reporter = likely_runner(recipe.test) or reporter
        trial = Trial(kind="tests", side="base", tree=tree, command=recipe.test, reporter=reporter)
        async with bench_in(parts, environment, "try", tree, self._base) as place:
            tried = await self._suite(place, recipe, trial, setup_s)
        self._tell(told_of(tried), False)
        return tried

    async def _tell_needs(self, chosen: Settings, recipe: Recipe) -> None:
        """Each once, whatever is tried."""
        place = self._app.sources.place
        for say in await needs_of(chosen, place, recipe, self._files, self._read):
            if say not in self._told:
                self._told.append(say)
                self._tell(say, False)

    async def _suite(self, place: Bench, recipe: Recipe, trial: Trial, setup_s: float) -> Tried:
        reporter, packages = trial.reporter, packages_of(trial.command, trial.reporter)
        if packages:
            work = PackageRuns(place, trial, packages, Forgetful())
            await work.run_all()
            tried = _tried(recipe, reporter, *await work.result(), setup_s)
            if tried.said is not None and await self.mend(tried) is None:
                await work.run_lacking(())
                tried = _tried(recipe, reporter, *await work.result(), setup_s)
            return tried
        ran, showing = await place.run(trial, trial.command)
        tried = _tried(recipe, reporter, ran, showing, setup_s)
        lacks = showing is not None and not showing.whole
        if showing is not None and lacks and await self.mend(tried) is None:
            ran, showing = await filewise(place, trial, (ran, showing), ())
            tried = _tried(recipe, reporter, ran, showing, setup_s)
        return tried

    def _not_set_up(self, recipe: Recipe, error: SandboxError, seconds: float) -> Tried:
        facts = error.facts
        self._tell(LocalizedText(key="trying.not_set_up", facts={"seconds": round(seconds)}), False)
        code = facts.get("code", 1)
        return Tried(
            recipe=recipe,
            stage="setup",
            exit_code=int(code) if isinstance(code, int | float) else 1,
            printed=str(facts.get("log", "")),
            said=error.say,
            setup_s=seconds,
        )

    async def mend(self, tried: Tried) -> Mended | None:
        """What the rules make of it."""
        scene = Scene(
            recipe=tried.recipe,
            stage=tried.stage,
            printed=tried.printed,
            exit_code=tried.exit_code,
            files=self._files,
            read=self._read,
            passed=tried.passed,
        )
        return await asyncio.to_thread(partial(mend, scene))


def with_recipe(settings: Settings, recipe: Recipe) -> Settings:
    """The settings as if the recipe stood in them."""
    environment = settings.environment.model_copy(
        update={"setup": recipe.setup, "services": recipe.services, "versions": recipe.wants}
    )
    test = settings.test.model_copy(
        update={"command": recipe.test, "reporter": recipe.reporter, "directories": {}}
    )
    return settings.model_copy(update={"environment": environment, "test": test})


def _tried(
    recipe: Recipe, reporter: str, ran: CommandResult, showing: Showing | None, setup_s: float
) -> Tried:
    tally = Tally(outcomes={}, collected=False) if showing is None else showing.tally
    missing = {"": LocalizedText(key="unseen.no_names")} if showing is None else showing.missing
    counts, failing = tally_of(tally)
    texts = [ran.output, *(failure.text for failure in tally.failures.values())]
    causes = [str(why.facts.get("why", "")) for why in missing.values()]
    return Tried(
        recipe=recipe.model_copy(update={"reporter": reporter}),
        stage="suite",
        exit_code=ran.exit_code,
        printed="\n".join([*texts, *causes]),
        counts=counts,
        failing=failing,
        named="" not in missing and not ran.timed_out,
        said=missing.get("") or next(iter(missing.values()), None),
        setup_s=setup_s,
        suite_s=ran.duration_s,
    )
