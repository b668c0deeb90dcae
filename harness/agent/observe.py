"""Expected against actual (C6): what of the tree, the tests and the plan is not as it should be.
Pure; the text goes to the agent, and only when something differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.agent.quoting import Quoting
from harness.core.base import Value
from harness.core.globs import matches
from harness.core.types import FileChange, Plan, Session, Turn
from harness.tools.summary import failing, summary
from harness.tools.todo import latest

_SHOWN = 12


class Expected(Value):
    """What the plan, the task and the reproduction allow. `frozen`: path -> blob id."""

    allowed: tuple[str, ...] = ()
    """Globs; empty: anything."""
    named: tuple[tuple[str, ...], ...] = ()
    """Each task's globs: something under every one of them should change."""
    frozen: Mapping[str, str] = {}


class Actual(Value):
    """What stands in the work tree, held against the session's base."""

    changes: tuple[FileChange, ...] = ()
    blobs: Mapping[str, str | None] = {}
    """Frozen path -> blob id now, None when it is gone."""
    nested: tuple[str, ...] = ()
    """Git repositories inside the tree."""


def expected_files(session: Session, plan: Plan | None, frozen: Mapping[str, str]) -> Expected:
    """A sub-agent keeps to its task, a worker to the plan's tasks and the reproduction."""
    if session.kind == "reviewer":
        return Expected()
    if session.task is not None:
        return Expected(allowed=session.task.files, frozen=frozen)
    if plan is None:
        return Expected(frozen=frozen)
    named = tuple(task.files for task in plan.tasks)
    allowed = tuple(glob for files in named for glob in files)
    tests = tuple(change.test.split("::", 1)[0] for change in plan.test_changes)
    return Expected(allowed=(*allowed, *tests, *frozen), named=named, frozen=frozen)


def differences(want: Expected, have: Actual, turns: Sequence[Turn], prompts: Quoting) -> list[str]:
    """One text for each thing that differs."""
    found: list[str] = []
    if want.allowed:
        outside = [c.path for c in have.changes if not matches(c.path, want.allowed)]
        if outside:
            found.append(
                prompts.text(
                    "observe_outside", files=_few(outside), allowed=_few(list(want.allowed))
                )
            )
    touched = [path for path, blob in want.frozen.items() if have.blobs.get(path, blob) != blob]
    if touched:
        found.append(prompts.text("observe_frozen", files=_few(touched)))
    if have.nested:
        found.append(prompts.text("observe_nested", files=_few(have.nested)))
    found.extend(_unfinished_work(want, have, turns, prompts))
    return found


def _unfinished_work(
    want: Expected, have: Actual, turns: Sequence[Turn], prompts: Quoting
) -> list[str]:
    """What does not fit a list whose every item is said to be done."""
    items = latest(turns)
    if not items or any(item.state != "done" for item in items):
        return []
    found: list[str] = []
    last = last_tests(turns)
    if failing(last):
        found.append(prompts.text("observe_tests", summary="; ".join(last[:4])))
    paths = [change.path for change in have.changes]
    untouched = [files for files in want.named if not any(matches(p, files) for p in paths)]
    if untouched:
        globs = [glob for files in untouched for glob in files]
        found.append(prompts.text("observe_untouched", files=_few(globs)))
    return found


def last_tests(turns: Sequence[Turn]) -> tuple[str, ...]:
    """The summary of the last test run in this transcript."""
    for turn in reversed(turns):
        names = {call.id: call.name for call in turn.reply.calls}
        for result in reversed(turn.results):
            if names.get(result.call_id) == "bash":
                lines = summary(result.text)
                if lines:
                    return lines
    return ()


def _few(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
