"""Skills in a running session: read in the sandbox, told when they change, none of a work tree."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from harness.agent.skill_news import NoSkills, StandingSkill
from harness.app.skill_shelf import ProjectShelf
from harness.core.types import Message, Request, Session, Text
from harness.ports.sandbox import Sandbox
from harness.sandbox.bare import BareSandbox
from harness.sandbox.bubblewrap import Bubblewrap
from harness.testing.models import Called, say
from tests.agent.rig import DONE, Killed, MakeRig, Rig, TestClock, bash, results, send
from tests.agent.test_native import world
from tests.environment.projects import git

PAGE = "---\nname: {name}\ndescription: {about}\n---\n\n{body}\n"
Act = Callable[[], object]


def put(root: Path, name: str, body: str, about: str = "Mend it.") -> Path:
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "SKILL.md").write_text(PAGE.format(name=name, about=about, body=body))
    return folder


def turns_of(*steps: tuple[Message, Act | None]) -> Called:
    """Turn n answers with the nth message; before that, somebody does something outside."""

    def answer(request: Request) -> Message:
        reply, act = steps[request.turn - 1]
        if act is not None:
            act()
        return reply

    return Called(answer)


def shelve(rig: Rig, folder: Path, *settings: Path) -> ProjectShelf:
    assert rig.real is not None
    shelf = ProjectShelf(
        rig.root / "shelf",
        (folder,),
        rig.real[0],
        rig.store,
        TestClock(),
        lambda run, event: None,
        settings,
    )
    rig.skills = shelf
    return shelf


def last_words(request: Request) -> str:
    return "".join(p.text for p in request.messages[-1].parts if isinstance(p, Text))


LOOK = say("", bash('cat "$SKILLS/LIST" "$SKILLS/mend/SKILL.md"; "$SKILLS/mend/scripts/go.sh"'))
WRITE = bash(
    'touch "$SKILLS/LIST" "$SKILLS/mend/x" 2>&1'
    "; mkdir -p skills/mine; echo x > skills/mine/SKILL.md"
)


@pytest.mark.parametrize("sandbox", [Bubblewrap(), BareSandbox()], ids=["bubblewrap", "bare"])
async def test_an_edited_skill_is_used_at_the_next_turn_and_a_broken_one_stays_as_it_was(
    make_rig: MakeRig, tmp_path: Path, sandbox: Sandbox
) -> None:
    own = tmp_path / "own"
    page = put(own, "mend", "Look twice.") / "SKILL.md"
    (own / "mend" / "scripts").mkdir()
    (own / "mend" / "scripts" / "go.sh").write_text("#!/bin/sh\necho went\n")
    (own / "mend" / "scripts" / "go.sh").chmod(0o755)
    put(own, "fix-ci", "Ours.", "Ours goes before the built-in one.")
    model = turns_of(
        (LOOK, None),
        (say("", bash("true 1")), lambda: page.write_text(page.read_text() + "Then thrice.\n")),
        (say("", bash("true 2")), lambda: page.write_text("---\nname: [\n---\n")),
        (say("", WRITE), lambda: put(own, "fresh", "New.", "Just added.")),
        (say("", bash('cat "$SKILLS/mend/SKILL.md"; ls "$SKILLS"')), None),
        (say("", DONE), None),
    )
    rig = make_rig(model, real=await world(tmp_path / "world", sandbox))
    shelve(rig, own)
    await send(rig)
    told = [r.text for r in await results(rig)]
    assert "mend: Mend it." in told[0]
    assert "fix-ci: Ours goes before" in told[0]
    assert "Look twice." in told[0]
    assert told[0].endswith("went")
    said = [last_words(request) for request in model.requests]
    assert "Then thrice." not in said[1]
    assert "The skill mend changed" in said[2]
    assert "Then thrice." in said[2]
    assert "skill" not in said[3]
    assert "the skill fresh (Just added.)" in said[4]
    assert "Then thrice." in told[4]
    assert "mine" not in told[4].split()
    if isinstance(sandbox, Bubblewrap):
        assert "Read-only file system" in told[3]
    # what was sent once is sent again unchanged
    first, last = model.requests[0], model.requests[-1]
    assert (first.system, first.tools) == (last.system, last.tools)
    for before, after in zip(model.requests, model.requests[1:], strict=False):
        assert after.messages[: len(before.messages)] == before.messages
    events = await rig.store.events(rig.run.id)
    assert [e.kind for e in events] == ["skill_broken"]
    assert str(page) in str(events[0].facts["why"])


async def test_a_new_process_has_the_last_good_one_and_tells_when_it_is_mended(
    make_rig: MakeRig, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    page = put(own, "mend", "Look twice.") / "SKILL.md"
    rig = make_rig(Called(lambda r: say("", DONE)), real=await world(tmp_path / "w", Bubblewrap()))
    await rig.open()
    assert rig.real is not None
    commit, good = rig.real[2], page.read_text()
    assert await shelve(rig, own).text(commit, "mend") == "Look twice."
    page.write_text("broken")
    for _ in range(2):
        shelf = shelve(rig, own)
        assert await shelf.text(commit, "mend") == "Look twice."
        await shelf.standing(rig.session, commit)
    page.write_text(good)
    await shelf.standing(rig.session, commit)
    page.write_text("broken")
    await shelve(rig, own).standing(rig.session, commit)
    kinds = [event.kind for event in await rig.store.events(rig.run.id)]
    assert kinds == ["skill_broken", "skill_mended", "skill_broken"]


async def test_a_projects_skills_and_commands_are_those_of_the_commit(
    make_rig: MakeRig, tmp_path: Path
) -> None:
    rig = make_rig(Called(lambda r: say("", DONE)), real=await world(tmp_path / "w", Bubblewrap()))
    await rig.open()
    assert rig.real is not None
    workspace, base = rig.real[0], rig.real[2]
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(workspace._remote().url), str(clone))  # type: ignore[attr-defined]
    put(clone / ".claude" / "skills", "deploy", "De\u200bploy so.")
    put(clone / "skills", "deploy", "Not this.")
    put(clone / "skills", "fix-ci", "The project's.")
    put(clone / "skills", "split-work", "The project's.")
    (clone / "skills" / "README.md").write_text("no skill\n")
    put(clone / "skills", "Bad_Name", "x")
    commands = clone / ".claude" / "commands" / "web"
    commands.mkdir(parents=True)
    (commands / "make_page.md").write_text("# Make a page\n\nFor $ARGUMENTS.\n")
    (commands / "hidden.md").write_text("---\ndisable-model-invocation: true\n---\nNo.\n")
    (clone / "skills" / "link").mkdir()
    (clone / "skills" / "link" / "SKILL.md").symlink_to("/etc/passwd")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "skills")
    git(clone, "push", "-q")
    await workspace.sync()
    tip = await workspace.resolve("main")
    own = tmp_path / "own"
    put(own, "split-work", "The operator's.")
    shelf = shelve(rig, own)
    found = await shelf.standing(rig.session, tip)
    assert found["deploy"].body == "Deploy so."
    assert (found["make-page"].description, found["make-page"].body[-15:]) == (
        "Make a page",
        "For $ARGUMENTS.",
    )
    assert found["fix-ci"].body == "The project's."
    assert found["split-work"].body == "The operator's."
    assert not {"hidden", "link", "Bad_Name"} & found.keys()
    assert [e.facts["path"] for e in await rig.store.events(rig.run.id)] == [
        "skills/Bad_Name/SKILL.md"
    ]
    before = await shelf.standing(rig.session, base)
    assert "deploy" not in before
    assert before["fix-ci"].body != "The project's."
    assert await shelf.folder(tip) != await shelf.folder(base)


async def test_what_settings_files_refuse_is_not_there(make_rig: MakeRig, tmp_path: Path) -> None:
    rig = make_rig(Called(lambda r: say("", DONE)), real=await world(tmp_path / "w", Bubblewrap()))
    await rig.open()
    assert rig.real is not None
    workspace, base = rig.real[0], rig.real[2]
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(workspace._remote().url), str(clone))  # type: ignore[attr-defined]
    put(clone / ".claude" / "skills", "deploy", "Deploy so.")
    rules = {"permissions": {"deny": ["Skill(deploy)", "Skill(fix-ci *)"]}}
    (clone / ".claude" / "settings.json").write_text(json.dumps(rules))
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "rules")
    git(clone, "push", "-q")
    await workspace.sync()
    ruled, operator = await workspace.resolve("main"), tmp_path / "settings.json"
    operator.write_text('{"permissions": {"deny": ["Skill(split-work)"]}}')
    shelf = shelve(rig, tmp_path / "own", operator)
    before, left = [await shelf.standing(rig.session, commit) for commit in (base, ruled)]
    assert before.keys() - left.keys() == {"fix-ci"}
    folder = await shelf.folder(ruled)
    listed = (folder / "LIST").read_text()
    for name in ("deploy", "fix-ci", "split-work"):
        assert await shelf.text(ruled, name) == ""
        assert f"{name}:" not in listed
        assert not (folder / name).exists()
    # the operator's rules hold as they are now, for those at work too
    operator.write_text("{}")
    assert await shelf.text(ruled, "split-work")
    assert await shelf.text(ruled, "deploy") == ""
    operator.write_text("broken")
    assert await shelf.standing(rig.session, ruled) == {}
    assert (folder / "LIST").read_text().strip() == ""


class Changing(NoSkills):
    """One skill, another one from the second turn on."""

    def __init__(self) -> None:
        self.body = "Old rules."

    async def standing(self, session: Session, commit: str) -> dict[str, StandingSkill]:
        digest = self.body[:3]
        return {
            name: StandingSkill(name=name, description="Mends.", body=self.body, digest=digest)
            for name in ("mend", "other")
        }


@pytest.mark.parametrize("kill_at", range(1, 9))
async def test_what_changed_is_said_once_whatever_is_killed(
    make_rig: MakeRig, kill_at: int
) -> None:
    shelf = Changing()

    def change() -> None:
        shelf.body = "New rules."

    model = turns_of(
        (say("", bash("true $SKILLS/mend/SKILL.md")), None),
        (say("", bash("true 2")), change),
        (say("", bash("true 3")), None),
        (say("", DONE), None),
    )
    rig = make_rig(model, skills=shelf, kill_at=kill_at)
    with contextlib.suppress(Killed):
        await send(rig)
    await send(rig)
    said = "".join(turn.said for turn in await rig.store.turns(rig.session.id))
    assert said.count("New rules.") <= 1
    assert said.count("The skill mend changed") == said.count("the skill other (Mends.)") == 1
    sent = [request.messages for request in model.requests]
    for before, after in pairwise(sent):
        assert len(after) <= len(before) or after[: len(before)] == before
