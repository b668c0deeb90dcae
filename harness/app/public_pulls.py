"""`harness prove --pr ADDRESS`: a pull request that anybody can read, proved again here and held
to what its page shows. No registration, no key; nothing is written there."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.app.claiming import Proved, prove_as
from harness.app.projects import Shared
from harness.app.proving import prove_ends
from harness.config.settings import Settings
from harness.core.change_proof import Asked, Proof
from harness.core.errors import GitError, NotFound, RefusedError
from harness.core.types import Remote
from harness.forge.github.public_pull import BRANCH, PublicPull, PullText, public_pull, read_text
from harness.git.workspace import ProjectWorkspace
from harness.system.git import Git, protocol

HEAD = "harness-pull"
"""The branch that a pull request's head becomes in the copy."""
FETCH_S = 3600.0


@dataclass(frozen=True)
class Fetched:
    """A pull request in a repository of ours: its head is branch `HEAD`, `tip` that of its base."""

    gitdir: Path
    head: str
    tip: str


async def prove_public(
    settings: Settings, shared: Shared, address: str, page: str, budget_s: float
) -> Proved:
    """`page`: the pull request's text, or its proof as JSON; "": asked of the forge."""
    pull = public_pull(address)
    said = await _text_of(pull, page)
    with tempfile.TemporaryDirectory(prefix="harness-pull-", dir=settings.state_dir) as folder:
        gitdir = Path(folder) / "pull.git"

        async def make(asked: Asked) -> Proof:
            found = await _fetch(pull, said.base, gitdir)
            base = await _parted(found)

            async def ends(workspace: ProjectWorkspace) -> tuple[str, str, str]:
                return base, await workspace.resolve(found.head), said.title

            remote = Remote(url=str(gitdir))
            return await prove_ends(settings, shared, lambda: remote, ends, asked)

        return await prove_as(make, Asked(budget_s=budget_s), said.body)


async def _text_of(pull: PublicPull, page: str) -> PullText:
    """As given; else the forge's. RefusedError when a folder's is not given."""
    if page:
        return PullText(title="", body=page, base="")
    if not pull.api:
        raise RefusedError("cli.prove.no_page", given=pull.url)
    return await asyncio.to_thread(read_text, pull)


async def _fetch(pull: PublicPull, base: str, gitdir: Path) -> Fetched:
    """By plain git. `base`: a branch; "": the one that the repository stands on. NotFound when
    there is no such pull request."""
    git, speak = Git(gitdir), protocol(pull.url)
    await git.run("init", "--bare", "--quiet", "--template=")
    branch = base or await _default_branch(git, pull.url, speak)
    refs = (
        f"+refs/heads/{branch}:refs/heads/{branch}",
        f"+refs/pull/{pull.number}/head:refs/heads/{HEAD}",
        "+refs/tags/*:refs/tags/*",
    )
    try:
        await git.run(
            *("fetch", "--quiet", "--no-write-fetch-head", "--no-recurse-submodules"),
            *("--refmap=", "--end-of-options", pull.url, *refs),
            speak=speak,
            timeout_s=FETCH_S,
        )
    except GitError as fault:
        if "couldn't find remote ref" in str(fault.facts.get("said", "")):
            raise NotFound("cli.prove.no_pull", number=pull.number, url=pull.url) from fault
        raise
    head, tip = [
        await git.text("rev-parse", "--verify", f"refs/heads/{name}^{{commit}}")
        for name in (HEAD, branch)
    ]
    return Fetched(gitdir, head, tip)


async def _default_branch(git: Git, url: str, speak: str) -> str:
    told = await git.run(
        *("ls-remote", "--symref", "--quiet", "--end-of-options", url, "HEAD"), speak=speak
    )
    name = told.stdout.decode("utf-8", "replace").partition("\t")[0]
    branch = name.removeprefix("ref: refs/heads/")
    if branch == name or BRANCH.fullmatch(branch) is None:
        raise NotFound("cli.prove.no_branch", url=url)
    return branch


async def _parted(found: Fetched) -> str:
    """Where the pull request parted from its base: of one that was merged by a merge commit, from
    what that was merged into. NotFound when its commits are the base's own."""
    git = Git(found.gitdir)
    base = await _common(git, found.tip, found.head)
    if base and base != found.head:
        return base
    listed = await git.text("rev-list", "--first-parent", "--parents", f"{found.head}..{found.tip}")
    for line in listed.splitlines():
        _, first, *others = line.split(" ")
        if found.head in others:
            return await _common(git, first, found.head)
    raise NotFound("cli.prove.no_base")


async def _common(git: Git, one: str, other: str) -> str:
    done = await git.run("merge-base", one, other, ok=(0, 1))
    return done.stdout.decode().strip()
