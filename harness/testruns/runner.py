"""What a runner of tests is to harness: one value, which says how the runner is known in a command,
what makes it tell results by name, and how they are read. A new one is a module in `runners/` and a
row of `registry.py` (docs/runners.md)."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.core.tally_types import Tally
from harness.testruns.words import Accepts


@dataclass(frozen=True)
class Call:
    """One simple command of a test run, and where it may leave reports."""

    command: str
    out: str
    """Folder for reports, as the command sees it."""
    probe: str = ""
    """A module of ours that Python's runners can import; "" where it is not there."""
    number: int = 1
    """Of this part of a joined command."""

    def file(self, name: str) -> str:
        """A file of the reports' folder, quoted for a shell."""
        return shlex.quote(f"{self.out}/{name}")


Added = tuple[str, dict[str, str]]
"""The command as it is run, and environment variables for it."""
Narrow = Callable[[str, Sequence[str], bool], str]
"""A command for some tests or files alone: (command, ids or paths, whether it is a part of a joined
command whose files may be another's) -> command; unchanged where none can be built."""


def nothing_added(call: Call) -> Added:
    """The command as it is."""
    return call.command, {}


def never(words: list[str]) -> bool:
    """No command is known for certain to be a plain run."""
    return False


def whole(command: str, tests: Sequence[str], guarded: bool) -> str:
    """The runner cannot be told to run some alone."""
    return command


@dataclass(frozen=True)
class Runner:
    """One runner. Everything here is pure: text in, text out."""

    name: str
    mark: str
    """Pattern of what shows it in a command, whatever else that does."""
    read: Callable[[str], Tally]
    """Reads the text of one report file; never raises, and bounds what it keeps."""
    add: Callable[[Call], Added] = nothing_added
    """Makes the command leave a report "<name>-<number>.<ending>" in the folder of reports."""
    left: tuple[str, ...] = ()
    """Globs of the reports that it leaves in the tree by itself, from the folder where it runs."""
    is_plain: Accepts = never
    """Whether the words of a simple command are one run of it and nothing else."""
    single: Narrow = whole
    by_file: Narrow = whole
    by_path: bool = False
    """Ids begin with the path of the test's file."""
    patterns: tuple[str, ...] = ()
    """Names of files that it takes for tests; needs `by_file`."""
    folders: tuple[str, ...] = ()
    """Folders all of whose scripts it takes for tests."""
    probe: str = ""
    """File beside this one with a probe of ours that this runner loads."""
    order: Narrow = whole
    """These tests alone, as they are ordered; where a runner knows chance alone, by a chance that
    is always the same."""
    script: bool = False
    """It runs scripts in node."""
    quieted: bool = False
    """It loads a file of ours that takes our options off its command line."""
    captured: bool = False
    """What its command prints goes into its report, and from there to people when it is over."""
    exact: bool = True
    """It ends with an error exactly when its report names a failure: a report that says otherwise
    is not believed. False for those that also fail for other reasons, coverage say."""
