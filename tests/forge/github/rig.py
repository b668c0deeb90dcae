"""A wire to a scripted server, and what every error of it must keep."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from harness.core.errors import HarnessError
from harness.forge.github.auth import GithubAuth, TokenAuth
from harness.forge.github.client import GithubClient
from harness.i18n.catalogue import Catalogue
from harness.system.redact import Redactor
from tests.forge.github.http import Script

T = TypeVar("T")
Work = Callable[[GithubClient], Coroutine[Any, Any, T]]
CANARY = "ghp_c4naryC4NARYc4naryC4NARYc4naryC4NARY"


def ask(
    script: Script,
    work: Work[T],
    state: Path | None = None,
    auth: GithubAuth | None = None,
    **more: Any,
) -> T:
    """What `work` gives over a wire of its own. No error may hold the token, and each must have
    its sentence."""
    auth = auth or TokenAuth(lambda: CANARY, Redactor())
    more.setdefault("base_url", script.url)

    async def main() -> T:
        wire = GithubClient(auth, clock=script.clock, state=state, jitter=random.Random(1), **more)
        try:
            return await work(wire)
        finally:
            await wire.close()

    try:
        return asyncio.run(main())
    except HarnessError as error:
        check_clean(error)
        raise


def check_clean(error: BaseException | None, secret: str = CANARY) -> None:
    """Neither the error nor what led to it holds the secret."""
    while error is not None:
        assert secret not in f"{error!r} {error} {vars(error)}"
        if isinstance(error, HarnessError):
            for language in ("en", "ko"):
                assert secret not in Catalogue(language)(error.key, **error.facts)
        error = error.__cause__ or error.__context__
