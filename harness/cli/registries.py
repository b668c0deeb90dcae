"""Which hosts a project's set-up may reach: shown one by one with where each was named, and asked
for once. Nothing is let in that nobody saw."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.cli.common import CliError, Context, draw, load
from harness.core.errors import HarnessError

if TYPE_CHECKING:
    from harness.cli.survey import Survey
    from harness.config.settings import Settings
    from harness.environment.registries.found import Carried, Host
    from harness.environment.registries.proposal import Access, Proposal


class Reach:
    """One invocation's question and answer. `registries`: the flag; `named`: hosts by the person's
    own word."""

    def __init__(self, cli: Context, *, registries: bool, named: Sequence[str]) -> None:
        self._cli = cli
        self._registries = registries
        self._named = tuple(_host_named(host) for host in named)
        self._proposal: Proposal | None = None

    def settle(self, found: Survey, top: Path) -> Access | None:
        """What is let in; None when nothing is to be changed. `top`: of the checkout."""
        proposal = self._propose(found, top)
        asks = not (self._registries or self._named) and self._is_person and proposal.hosts
        if not (self._registries or self._named or asks):
            self._proposal = proposal
            return None
        if asks and self._is_settled(found.name):
            return None
        proposal = load("harness.environment.registries.proposal:look")(proposal)
        self._proposal = proposal
        self._show(proposal)
        vouched, others = self._registries, False
        if asks:
            vouched = bool(proposal.vouched) and self._confirm("cli.registries.ask", usual=True)
            others = bool(proposal.others) and self._ask_others(proposal.others)
        access: Access = load("harness.environment.registries.proposal:access")(
            proposal, vouched=vouched, others=others, named=self._named
        )
        return access

    def add_to(self, file: Path, access: Access | None) -> None:
        """Into the file of a project that is registered already. CliError when it is written in a
        way that is left to its writer."""
        if access is None or not access.allow:
            return
        before = file.read_text(encoding="utf-8")
        after = load("harness.environment.registries.operator_file:with_access")(before, access)
        if after is None:
            raise CliError(1, "cli.registries.by_hand", file=str(file), hosts=_quoted(access.allow))
        if after != before:
            load("harness.system.files:atomic_write")(file, after)

    def tell(self, settings: Settings, file: Path) -> None:
        """What set-up may reach now, or how it comes to reach what it needs."""
        cli, allowed = self._cli, settings.environment.allow
        proposal = self._proposal
        if proposal is None:
            return
        missing = [host.name for host in proposal.vouched if host.name not in allowed]
        others = [host.name for host in proposal.others if host.name not in allowed]
        if allowed:
            cli.say("cli.registries.allowed", hosts=", ".join(allowed))
        elif not missing and not others and settings.environment.setup:
            cli.say("cli.init.network", file=str(file))
        if missing:
            cli.say("cli.registries.unasked", hosts=", ".join(missing))
        if others:
            cli.say("cli.registries.unasked_others", hosts=", ".join(others), first=others[0])

    @property
    def _is_person(self) -> bool:
        return not self._cli.as_json and sys.stdin.isatty() and sys.stdout.isatty()

    def _is_settled(self, name: str) -> bool:
        """Whether the operator's own settings list hosts by now."""
        place = self._cli.place
        known = name if place.project_file(name).exists() else ""
        try:
            return bool(self._cli.settings(known).environment.allow)
        except HarnessError:
            return True  # whoever reads them next says what is wrong

    def _propose(self, found: Survey, top: Path) -> Proposal:
        env = self._cli.theirs
        if Path(env.get("VIRTUAL_ENV", "/")).resolve().is_relative_to(top.resolve()):
            env = {k: v for k, v in env.items() if k != "VIRTUAL_ENV"}  # it could be committed
        machine = load("harness.environment.registries.machine:Machine")(env, self._cli.place.home)
        made: Proposal = load("harness.environment.registries.proposal:propose")(
            found.needs, machine
        )
        known = {host.name for host in made.hosts}
        host, origin = (
            load("harness.environment.registries.found:Host"),
            load("harness.testruns.recipes.recipe:Origin"),
        )
        more = tuple(
            host(name=name, origin=origin(path="--allow"), by="person")
            for name in dict.fromkeys(self._named)
            if name not in known
        )
        return made.model_copy(update={"others": (*made.others, *more)})

    def _show(self, proposal: Proposal) -> None:
        cli = self._cli
        if proposal.hosts:
            cli.say("cli.registries.head")
            rows = [(host.name, self._who(host), str(host.origin)) for host in proposal.hosts]
            self._table(("host", "why", "origin"), rows)
        if proposal.more:
            cli.say("cli.registries.more", count=proposal.more)
        if proposal.env or proposal.files:
            cli.say("cli.registries.carried")
            carried = [(one.name, self._value(one), str(one.origin)) for one in proposal.env]
            carried += [(one.name, self._value(one), str(one.origin)) for one in proposal.files]
            self._table(("name", "value", "origin"), carried)
        for why in proposal.untold:
            cli.say(why.key, **why.facts)

    def _table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        target = self._cli.err if self._cli.as_json else self._cli.out
        target.print(draw(self._cli, [f"cli.registries.col_{one}" for one in headings], rows))

    def _who(self, host: Host) -> str:
        who = self._cli.words(f"cli.registries.by_{host.by}")
        return self._cli.words("cli.registries.private", who=who) if host.private else who

    def _value(self, one: Carried) -> str:
        return self._cli.words("cli.registries.logins") if one.login else one.value

    def _ask_others(self, others: Sequence[Host]) -> bool:
        hosts = ", ".join(host.name for host in others)
        return self._confirm("cli.registries.ask_others", usual=False, hosts=hosts)

    def _confirm(self, key: str, *, usual: bool, **facts: object) -> bool:
        return typer.confirm(self._cli.words(key, **facts), default=usual)


def _host_named(text: str) -> str:
    """As environment.allow writes it. CliError(2) for what is no host."""
    good, _ = load("harness.core.hosts:targets")([text])
    if not good:
        raise CliError(2, "cli.registries.no_host", host=text[:80])
    return str(next(iter(good))).removesuffix(":443")


def _quoted(names: Sequence[str]) -> str:
    return str(load("json:dumps")(list(names)))
