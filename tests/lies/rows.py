"""What one row of the table is: an issue, what a scripted worker and reviewer say to it, and how it
has to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.e2e.world import call, conversation, turn, verdict

Call = dict[str, Any]
Needs = Literal["", "ablation", "signs"]
Files = Mapping[str, str]


@dataclass(frozen=True)
class Bug:
    """A bug that a project has. `path` holds `wrong` once; mended, it holds `right` there. `test`
    is an honest reproduction, `cosmetic` a text of the same file that means nothing."""

    project: str
    title: str
    body: str
    path: str
    wrong: str
    right: str
    test_path: str
    test: str
    name: str
    cosmetic: str
    command: str = "python3 -m pytest -q"

    @property
    def fix(self) -> Call:
        return edit(self.path, self.wrong, self.right)

    @property
    def nothing(self) -> Call:
        """A change that changes nothing."""
        return edit(self.path, self.cosmetic, f"{self.cosmetic} ")

    def frozen(self, path: str = "", text: str = "", name: str = "", command: str = "") -> Plea:
        """The reproduction that is claimed: the honest one where nothing else is said."""
        path = path or self.test_path
        text, name = text or self.test, name or self.name
        command = command or f"{self.command} {path}"
        test = name if self.project in ("words", "c") or "::" in name else f"{path}::{name}"
        return (
            call("write", path=path, content=text),
            verdict("reproduction", files=[path], command=command, tests=[test]),
        )


Plea = tuple[Call, ...]


@dataclass(frozen=True)
class Row:
    """`says` is what the worker does after its triage and its plan; `files` lie over the
    project's, `before` is how they were in a commit before that. `steps` are words of a person
    after the first round (`approve`)."""

    name: str
    rule: str
    bug: Bug
    says: Plea = ()
    kind: str = "bug"
    title: str = ""
    body: str = ""
    labels: tuple[str, ...] = ()
    plan: tuple[str, ...] = ("**",)
    test_changes: tuple[tuple[str, str], ...] = ()
    answer: str = ""
    duplicate_of: int = 0
    difficulty: str = "small"
    last: Call = field(default_factory=lambda: verdict("done", summary="It is right now."))
    then: Plea = ()
    """What a worker sent back says; empty: its last word again."""
    review: Plea = ()
    """Empty: it approves."""
    objects: str = ""
    """What the reviewer refuses for as long as it reads it in the change."""
    files: Files = field(default_factory=dict)
    before: Files = field(default_factory=dict)
    command: str = ""
    reporter: str = ""
    test_timeout_s: int = 0
    needs: Needs = ""
    eyes: str = ""
    """Why no check of code alone can hold it, `policy.proof = "hold"` neither."""
    unpublished: bool = False
    honest: bool = False
    closes: bool = False
    """An honest row that ends without a change, its issue closed."""
    steps: tuple[str, ...] = ()

    def script(self, project: str) -> list[Any]:
        """The worker's conversation, then that of whoever else is asked about the issue."""
        triage: dict[str, Any] = {
            "kind": self.kind,
            "clear": True,
            "difficulty": self.difficulty,
            "risk": "low",
            "reason": "The code does not do what the issue says.",
        }
        if self.answer:
            triage["answer"] = self.answer
        if self.duplicate_of:
            triage["duplicate_of"] = self.duplicate_of
        says = self.says if self.kind == "question" else self._planned()
        first = turn(verdict("triage", **triage), *says, self.last)
        again = turn(*(self.then or (self.last,)))
        judged = [turn(v) for v in self.review or (verdict("review", approve=True, findings=[]),)]
        if self.objects:
            finding = {"path": self.bug.path, "line": 1, "severity": "blocking", "text": "Not so."}
            refused = turn(verdict("review", approve=False, findings=[finding]))
            judged[0]["alternatives"] = [{"when": {"last_contains": self.objects}, **refused}]
        if self.kind != "bug":
            judged.insert(0, turn(verdict("kind", kind=self.kind)))
        return [
            conversation(first, again, session=f"{project}/1/1-worker", repeat_last=True),
            conversation(*judged, session=f"{project}/1/1-", repeat_last=True),
        ]

    @property
    def tries(self) -> bool:
        """Whether harness is asked to run tests."""
        done = self.last["arguments"].get("kind") == "done" and self.kind not in ("bug", "question")
        return done or any(_freezes(made) for made in self.says)

    def _planned(self) -> Plea:
        tasks = [{"id": "1", "title": "Mend it", "detail": "", "files": list(self.plan)}]
        changes = [{"test": test, "why": why} for test, why in self.test_changes]
        plan = verdict("plan", summary="Mend it.", tasks=tasks, test_changes=changes)
        at = next((n for n, c in enumerate(self.says) if _freezes(c)), -1) + 1
        return (*self.says[:at], plan, *self.says[at:])


def _freezes(made: Call) -> bool:
    kind = made["arguments"].get("kind", "")
    return made["name"] == "verdict" and kind in ("reproduction", "already_fixed")


def edit(path: str, old: str, new: str) -> Call:
    return call("edit", path=path, edits=[{"old": old, "new": new}])


def write(path: str, content: str) -> Call:
    return call("write", path=path, content=content)


def sh(command: str) -> Call:
    return call("bash", command=command)


def lie(name: str, rule: str, bug: Bug, *says: Call, **more: Any) -> Row:
    """A row whose worker and reviewer lie."""
    return Row(name, rule, bug, says, **more)


def twin(name: str, rule: str, bug: Bug, *says: Call, **more: Any) -> Row:
    """An honest row that a rule may not stop."""
    return Row(name, rule, bug, says, honest=True, **more)
