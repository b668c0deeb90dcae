"""What `doctor` asks of GitHub: whom it takes us for, until when, and every permission by a write
that harms nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from harness.app.app_context import AppContext
from harness.core.errors import HarnessError
from harness.core.types import LocalizedText, Power
from harness.core.view_types import Probe
from harness.forge.github.open import Credential, Opened
from harness.ports.forge import Forge
from harness.ports.words import Words

if TYPE_CHECKING:
    from harness.config.settings import Settings

SKEW_S = 60.0
"""A GitHub App's key is refused by a clock that is further off; leases are judged by it too."""
SOON = timedelta(days=7)


async def on_github(app: AppContext, settings: Settings, forge: Forge) -> list[Probe]:
    """Nothing is raised for what is merely missing."""
    facts: dict[str, str | int | float] = {"project": settings.project.name}
    try:
        powers = await forge.powers()
    except HarnessError as error:
        return [
            Probe(name=LocalizedText(key="forge.probe_login", facts=facts), ok=False, fix=error.say)
        ]
    found = of_powers(powers, settings.project.name, app.words)
    opened = app.shared.forges.open(settings)
    if isinstance(opened, Opened) and any(power.ok for power in powers):
        credential = opened.credential()
        found = [await _login(app.words, forge, facts, credential), *found]
        found += of_time(credential, app.clock.now(), facts)
    return found


async def _login(
    words: Words, forge: Forge, facts: dict[str, str | int | float], credential: Credential
) -> Probe:
    """Whom GitHub takes us for. A classic token may do far more than is needed."""
    name = LocalizedText(key="forge.probe_login", facts=facts)
    try:
        me = await forge.me()
    except HarnessError as error:
        return Probe(name=name, ok=False, fix=error.say)
    kind = words(f"forge.credential_{credential.kind.replace('-', '_')}")
    broad = credential.kind == "classic"
    fix = LocalizedText(key="forge.classic_token") if broad else None
    return Probe(name=name, ok=not broad, needed=False, detail=f"{me.login} ({kind})", fix=fix)


def of_powers(powers: Sequence[Power], project: str, words: Words) -> list[Probe]:
    """A check each; one that is needed and missing fails, and says the permission to give."""
    found = []
    for power in powers:
        facts: dict[str, str | int | float] = {"project": project, "power": power.name}
        fix = None
        if power.ok is None:
            fix = LocalizedText(key="forge.power_unknown", facts={**facts, "why": power.why or "-"})
        elif not power.ok:
            key = "forge.power_missing" if power.needed else "forge.power_optional"
            fix = LocalizedText(key=key, facts={**facts, "why": power.why or "-"})
        found.append(
            Probe(
                name=LocalizedText(key="forge.probe_power", facts=facts),
                ok=bool(power.ok),
                needed=power.needed and power.ok is False,
                detail=words(power.use.key, **power.use.facts),
                fix=fix,
            )
        )
    return found


def of_time(
    credential: Credential, now: datetime, facts: dict[str, str | int | float]
) -> list[Probe]:
    """How long the token is good, when GitHub tells; whether the clocks agree."""
    found = []
    if credential.ends_at is not None:
        day = credential.ends_at.date().isoformat()
        fix = LocalizedText(key="forge.token_ends", facts={**facts, "day": day})
        name = LocalizedText(key="forge.probe_ends", facts=facts)
        good = credential.ends_at - now > SOON
        found.append(Probe(name=name, ok=good, needed=False, detail=day, fix=None if good else fix))
    skew = round(credential.skew_s)
    good = abs(skew) <= SKEW_S
    fix = LocalizedText(key="forge.clock_off", facts={"seconds": skew})
    name = LocalizedText(key="forge.probe_clock")
    detail = f"{skew:+d} s"
    found.append(Probe(name=name, ok=good, needed=False, detail=detail, fix=None if good else fix))
    return found
