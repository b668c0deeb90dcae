"""The person's own repository, through GitPython. Their settings hold, but nothing that the
repository's can name is started: no hook, monitor, pager, prompt, transport's program or helper.

GitPython starts git with the whole environment of this process: what the person's programs must
not see is taken out on the way. It is asked for objects and remotes, and runs all other commands;
its own readers of refs and of the configuration are left alone (see the record about libraries).
Blocking. Importing it starts `git version`, and fails where there is no git.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from git import Git, Remote, Repo
from git.exc import GitCommandError, ODBError
from git.exc import GitError as GitPythonError
from git.objects import Blob

from harness.config.environ import beyond
from harness.core.errors import GitError, RefusedError
from harness.system.git import protocol, split_names
from harness.system.text import one_line

TIMEOUT_S: Final = 600.0
# a variable such as GIT_DIR, set by a hook that runs us, would send git elsewhere
_KEPT: Final = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES")
_QUIET: Final = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.pager": "cat",
    "core.alternateRefsCommand": "true",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "log.showSignature": "false",
    "merge.verifySignatures": "false",
    "push.gpgSign": "false",
    "push.followTags": "false",
    "push.recurseSubmodules": "no",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
}
_ENV: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    # an object that is missing is not fetched in passing, by a program that the remote names
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}
_LOCAL: Final = {"GIT_ALLOW_PROTOCOL": "file"}
# what git says where no work tree is; everything else that it says is a reason to be told
_NONE: Final = ("not a git repository (or any ", "must be run in a work tree")
_SETTINGS_OF_FILTERS: Final = r"^filter\..*\.(clean|smudge|process|required)$"


@dataclass(frozen=True)
class GitAnswer:
    """How a command of git ended."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output; bytes that are not UTF-8 survive as surrogates."""
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def error_line(self) -> str:
        """git's own words in one line."""
        return one_line(self.err, 500) or f"exit {self.status}"


class _QuietGit(Git):
    """GitPython's git with no variable beside its own."""

    def execute(self, command: Any, *args: Any, **kwargs: Any) -> Any:
        """Through env(1), which is told names alone: values would show in a list of processes."""
        hidden = (word for name in beyond(self._environment) for word in ("-u", name))
        return super().execute(["/usr/bin/env", *hidden, *command], *args, **kwargs)


class _QuietRepo(Repo):
    GitCommandWrapperType = _QuietGit


class OwnRepository:
    """A work tree of the person's. Close it: it holds processes of git's."""

    def __init__(self, top: Path, env: Mapping[str, str]) -> None:
        self.top = top
        self._repo = _QuietRepo(top, expand_vars=False)
        _quieten(self._repo.git, top, env)

    def __enter__(self) -> OwnRepository:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._repo.close()

    # -- any command

    def run(self, *args: str, local: bool = False) -> GitAnswer:
        """`git args`. `local`: it may read and write another repository of this machine, which it
        may not otherwise. GitError when it does not end."""
        return _run(self._repo.git, *args, env=_LOCAL if local else {})

    def ask(self, *args: str, ok: tuple[int, ...] = (0,), local: bool = False) -> str:
        """Its output without the last line end. GitError, with git's own words, when the exit
        code is not in `ok`."""
        return self._run_checked(args, ok, local=local).text

    def names(self, *args: str) -> tuple[str, ...]:
        """NUL-terminated output, split."""
        return split_names(self._run_checked(args, (0,)).out)

    def _run_checked(
        self, args: tuple[str, ...], ok: tuple[int, ...], *, local: bool = False
    ) -> GitAnswer:
        done = self.run(*args, local=local)
        if done.status not in ok:
            raise GitError("git.failed", command=args[0], said=done.error_line)
        return done

    # -- what is where

    def id(self, name: str) -> str:
        """The commit that a name stands for; "" when there is none."""
        return self.ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", ok=(0, 1, 128))

    def branch(self) -> str:
        """The branch that is checked out; "" when the head is detached."""
        ref = self.ask("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
        return ref.removeprefix("refs/heads/")

    def setting(self, key: str) -> str:
        """A setting of the person's, from wherever git finds it; "" when it is not set."""
        return self.ask("config", "--get", key, ok=(0, 1))

    def ignore_filters(self) -> None:
        """From now on no program of the configuration cleans or smudges files: what is only
        looked at needs none."""
        listed = self.run("config", "--name-only", "-z", "--get-regexp", _SETTINGS_OF_FILTERS)
        named = split_names(listed.out)
        off = {name: "false" if name.endswith(".required") else "" for name in named}
        self._repo.git.update_environment(**_settings({**_QUIET, **off}))

    def lacks_objects(self, commit: str) -> bool:
        """Whether the clone left objects of that history with its remote, to be fetched when they
        are needed, which harness does not do."""
        promised = self.run("config", "--get-regexp", r"^remote\..*\.promisor$")
        if promised.status:
            return False
        listed = self.ask("rev-list", "--objects", "--missing=print", commit, "--")
        return listed.startswith("?") or "\n?" in listed

    def objects(self) -> Path:
        """The folder of its objects, which linked work trees share."""
        # relative to the top, where it is no address of its own
        return self.top / self.ask("rev-parse", "--git-path", "objects")

    def is_dirty(self) -> bool:
        """Whether anything is not committed, submodules apart."""
        with _objects("diff"):
            return self._repo.is_dirty(untracked_files=True, submodules=False)

    def is_ancestor(self, old: str, new: str) -> bool:
        """False too when one of them is not here."""
        try:
            return self._repo.is_ancestor(self._repo.commit(old), self._repo.commit(new))
        except (GitCommandError, ODBError, ValueError):
            return False

    # -- what a commit holds

    def read(self, commit: str, path: str, most: int) -> str | None:
        """A file of a commit as text; None when it is none, or longer than `most` bytes."""
        with _objects("cat-file"):
            try:
                found = self._repo.commit(commit).tree / path
            except KeyError:
                return None
            if not isinstance(found, Blob) or found.size > most:
                return None
            data: bytes = found.data_stream.read()
            return data.decode("utf-8", "replace")

    def commits(self, newest: str, count: int) -> list[tuple[str, str, str]]:
        """(author, address, message) of so many commits, newest first."""
        with _objects("rev-list"):
            return [
                (one.author.name or "", one.author.email or "", _text(one.message))
                for one in self._repo.iter_commits(newest, max_count=count)
            ]

    # -- other repositories of this machine

    def url(self, remote: str) -> str:
        """Where a remote is; "" when there is none of that name."""
        try:
            return next(iter(Remote(self._repo, remote).urls), "")
        except GitCommandError:
            return ""

    def add_remote(self, name: str, url: str) -> None:
        """GitError, RefusedError."""
        self.ask("remote", "add", "--", name, _local(url))

    def remove_remote(self, name: str) -> None:
        """With the branches of it that were fetched. GitError when there is none of that name."""
        self.ask("remote", "remove", "--", name)

    def tip(self, remote: str, branch: str) -> str:
        """The commit of a remote's branch; "" when it has none of that name. RefusedError when the
        remote is not on this machine."""
        _local(self.url(remote))
        ref = f"refs/heads/{branch}"
        done = _run(
            self._repo.git, "ls-remote", "--heads", "--upload-pack=git-upload-pack", "--",
            remote, ref, env=_LOCAL, allow_unsafe_options=True,
        )  # fmt: skip
        if done.status:
            raise GitError("git.failed", command="ls-remote", said=done.error_line)
        lines = (line.partition("\t") for line in done.text.split("\n"))
        return next((tip for tip, _, name in lines if name == ref), "")

    def fetch(self, remote: str, refspec: str) -> GitAnswer:
        """From a remote on this machine, whatever program its settings name. RefusedError."""
        _local(self.url(remote))
        return self.run(
            "fetch", "--quiet", "--no-tags", "--no-recurse-submodules",
            "--upload-pack=git-upload-pack", "--", remote, refspec, local=True,
        )  # fmt: skip

    def push(self, remote: str, refspec: str) -> None:
        """To a remote on this machine. GitError, RefusedError."""
        _local(self.url(remote))
        self.ask(
            "push", "--no-verify", "--receive-pack=git-receive-pack", "--", remote, refspec,
            local=True,
        )  # fmt: skip


def own_repository(folder: Path, env: Mapping[str, str]) -> OwnRepository | None:
    """The work tree that holds `folder`, as git itself finds it; None when there is none. GitError
    with git's own words when there is one that git does not work in: another owner's, a broken
    one. `env`: the person's environment without any secret of ours."""
    done = _run(_quieten(_QuietGit(folder), folder, env), "rev-parse", "--show-toplevel")
    if done.status == 0 and done.out:
        return OwnRepository(Path(done.text), env)
    if done.status == 0 or any(words in done.err for words in _NONE) or not folder.exists():
        return None
    raise GitError("git.refuses", folder=str(folder), said=done.error_line)


def is_bare(folder: Path, env: Mapping[str, str]) -> bool:
    """Whether `folder` is in a repository without files."""
    git = _quieten(_QuietGit(folder), folder, env)
    return _run(git, "rev-parse", "--is-bare-repository").text == "true"


def _quieten(git: Git, folder: Path, env: Mapping[str, str]) -> Git:
    # by -C too: GitPython passes over a folder that is not there, and works where it stands
    git.set_persistent_git_options(C=str(folder))
    # those that GitPython itself took from a hook's environment
    git.update_environment(**dict.fromkeys(git.environment()))
    kept = {name: text for name, text in env.items() if name in _KEPT or name[:4] != "GIT_"}
    git.update_environment(**{**kept, **_ENV, **_settings(_QUIET)})
    return git


def _settings(values: Mapping[str, str]) -> dict[str, str]:
    """Settings in the environment: there a key may hold any character."""
    told = {"GIT_CONFIG_COUNT": str(len(values))}
    for number, (key, text) in enumerate(values.items()):
        told |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": text}
    return told


def _run(
    git: Git, command: str, *args: str, env: Mapping[str, str] | None = None, **allowed: bool
) -> GitAnswer:
    status, out, err = getattr(git, command.replace("-", "_"))(
        *args,
        env=env,
        with_extended_output=True,
        with_exceptions=False,
        stdout_as_string=False,
        kill_after_timeout=TIMEOUT_S,
        **allowed,
    )
    if status < 0 and err.startswith("Timeout:"):
        raise GitError("git.timed_out", command=command, seconds=int(TIMEOUT_S))
    return GitAnswer(status, out, err)


def _local(url: str) -> str:
    """`url` when it is on this machine's disk. RefusedError."""
    if url and protocol(url) != "file":
        raise RefusedError("git.protocol", url=one_line(url, 200))
    return url


@contextlib.contextmanager
def _objects(command: str) -> Iterator[None]:
    """What GitPython meets in objects that it cannot read, as an error of ours."""
    try:
        yield
    except (GitPythonError, ODBError, ValueError, LookupError) as error:
        said = one_line(str(error), 300) or type(error).__name__
        raise GitError("git.failed", command=command, said=said) from error


def _text(words: str | bytes) -> str:
    return words if isinstance(words, str) else words.decode("utf-8", "replace")
