"""What stands before and after a call: refused, changed, asked for, ended; and the same again
after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from harness.agent.gate import HookDecision, HookEvent, OpenBox, OpenGate
from harness.agent.hook_files import find_hook_files
from harness.core.base import Json
from harness.core.types import Ended, LocalizedText, Session, Task, ToolCall, ToolResult
from harness.testing.models import replies, say
from tests.agent.rig import Killed, MakeRig, Rig, accept, results

Asked = tuple[str, dict[str, Json]]
DONE: Asked = ("verdict", {"kind": "done", "data": {}})
FIX: Asked = ("edit", {"path": "calc.py", "edits": [{"old": "a - b", "new": "a + b"}]})
WHY = LocalizedText(key="agent.hook_stop", facts={"why": "enough"})


def bash(command: str) -> Asked:
    return ("bash", {"command": command})


@dataclass
class PaperGate(OpenGate):
    """Answers as told, by the tool's name or the moment; `heard` is what it was asked."""

    first: dict[str, HookDecision] = field(default_factory=dict)
    last: dict[str, HookDecision] = field(default_factory=dict)
    moments: dict[str, list[HookDecision]] = field(default_factory=dict)
    command: str = ""
    heard: list[str] = field(default_factory=list)
    prompts: list[Json] = field(default_factory=list)
    again: list[Json] = field(default_factory=list)
    """Of each Stop, whether a hook sent it back before."""

    async def before(self, session: Session, call: ToolCall, box: OpenBox) -> HookDecision:
        self.heard.append(f"before {call.name}")
        if self.command and call.name == "bash":
            changed = call.model_copy(update={"arguments": {"command": self.command}})
            return HookDecision(call=changed, text="changed")
        return self.first.get(call.name, HookDecision())

    async def after(
        self, session: Session, call: ToolCall, result: ToolResult, box: OpenBox
    ) -> HookDecision:
        self.heard.append(f"after {call.name}")
        return self.last.get(call.name, HookDecision())

    async def at(
        self,
        session: Session,
        moment: HookEvent,
        about: str,
        facts: Mapping[str, Json],
        box: OpenBox,
    ) -> HookDecision:
        self.heard.append(f"{moment} {about}".strip())
        if moment == "UserPromptSubmit":
            self.prompts.append(facts["prompt"])
        if moment == "Stop":
            self.again.append(facts["stop_hook_active"])
        answers = self.moments.get(moment, [])
        return answers.pop(0) if answers else HookDecision()


async def send(rig: Rig, message: str = "") -> Ended:
    talk = await rig.open()
    ended = await talk.send(message, rig.judge(accept("done")))
    await talk.suspend()
    return ended


async def test_a_refused_call_does_not_run_and_the_agent_hears_why(make_rig: MakeRig) -> None:
    gate = PaperGate(first={"bash": HookDecision(kind="refuse", text="no shell here")})
    rig = make_rig(replies(say("", bash("touch x"), FIX), say("", DONE)), gate=gate)
    ended = await send(rig)
    assert (await results(rig))[0].text == "no shell here"
    assert (await results(rig))[0].is_error
    assert set(rig.workspace.trees[ended.tree]) == {"calc.py", "README.md"}
    assert rig.file(ended.tree, "calc.py").endswith("a + b\n")
    assert gate.heard == [
        "SessionStart startup", "UserPromptSubmit", "before bash", "before edit", "after edit",
        "Stop",
    ]  # fmt: skip


async def test_a_call_that_a_person_must_approve_waits_and_then_runs_once(
    make_rig: MakeRig,
) -> None:
    ask = HookDecision(kind="ask", why=WHY, subject="call:1")
    gate = PaperGate(first={"bash": ask})
    rig = make_rig(replies(say("", FIX, bash("echo a >> log")), say("", DONE)), gate=gate)
    ended = await send(rig)
    assert (ended.kind, ended.why, ended.subject) == ("stopped", WHY, "call:1")
    assert rig.file(ended.tree, "calc.py").endswith("a + b\n")
    gate.first.clear()
    ended = await send(rig)
    assert ended.kind == "reached"
    assert rig.file(ended.tree, "log") == "a\n"


async def test_what_follows_a_call_is_told_and_may_end_the_stretch(make_rig: MakeRig) -> None:
    gate = PaperGate(last={"edit": HookDecision(kind="refuse", text="that was wrong")})
    rig = make_rig(replies(say("", FIX), say("", bash("true")), say("", DONE)), gate=gate)
    gate.last["bash"] = HookDecision(kind="stop", why=WHY)
    ended = await send(rig)
    assert (ended.kind, ended.why) == ("stopped", WHY)
    assert (await results(rig))[0].text.endswith("that was wrong")
    assert (await send(rig)).kind == "reached"


@pytest.mark.parametrize("kill_at", range(1, 8))
async def test_a_changed_call_is_the_same_after_a_crash(make_rig: MakeRig, kill_at: int) -> None:
    gate = PaperGate(command="echo changed >> log")
    replay = replies(say("", bash("echo original >> log")), say("", FIX), say("", DONE))
    rig = make_rig(replay, gate=gate, kill_at=kill_at)
    try:
        ended = await send(rig)
    except Killed:
        gate.command = ""  # after the call ran nothing asks the gate about it again
        ran = any("changed" in r.text for r in await results(rig))
        gate.command = "" if ran else "echo changed >> log"
        ended = await send(rig)
    assert rig.file(ended.tree, "log") == "changed\n"


async def test_a_hook_at_the_end_sends_it_back_but_not_for_ever(make_rig: MakeRig) -> None:
    gate = PaperGate(moments={"Stop": [HookDecision(kind="refuse", text="run the tests")] * 9})
    rig = make_rig(replies(*[say("", DONE)] * 9), gate=gate)
    assert (await send(rig)).kind == "reached"
    assert gate.again == [False, *[True] * 5]
    assert [r.text for r in await results(rig)][:5] == ["run the tests"] * 5


async def test_what_is_said_at_the_start_reaches_the_agent_once(make_rig: MakeRig) -> None:
    gate = PaperGate(
        moments={
            "SessionStart": [HookDecision(text="be kind"), HookDecision(text="be kind")],
            "UserPromptSubmit": [HookDecision(text="and brief")],
        }
    )
    rig = make_rig(replies(say("", DONE)), gate=gate)
    await send(rig, "Go on.")
    await send(rig)
    said = "\n".join(turn.said for turn in await rig.store.turns(rig.session.id))
    assert said.count("be kind") == 1
    assert said.count("and brief") == 1


async def test_a_refused_message_ends_the_stretch_before_any_call(make_rig: MakeRig) -> None:
    gate = PaperGate(moments={"UserPromptSubmit": [HookDecision(kind="refuse", why=WHY)]})
    rig = make_rig(replies(say("", DONE)), gate=gate)
    assert (await send(rig, "Go on.")).why == WHY
    assert await results(rig) == []


async def test_the_first_prompt_is_heard_once_and_may_be_refused_or_added_to(
    make_rig: MakeRig,
) -> None:
    refuse = HookDecision(kind="refuse", why=WHY)
    gate = PaperGate(moments={"UserPromptSubmit": [refuse, HookDecision(text="the ticket is 7")]})
    rig = make_rig(replies(say("", FIX), say("", DONE)), gate=gate)
    assert (await send(rig)).why == WHY
    assert await rig.store.turns(rig.session.id) == ()
    assert (await send(rig)).kind == "reached"
    assert gate.prompts == ["Mend add."] * 2
    (opening, *_) = await rig.store.turns(rig.session.id)
    assert (opening.number, opening.said) == (0, "the ticket is 7")
    await send(rig, "Go on.")
    assert gate.prompts[2:] == ["Go on."]


async def test_an_opening_and_a_message_are_two_prompts(make_rig: MakeRig) -> None:
    gate = PaperGate()
    rig = make_rig(replies(say("", DONE)), gate=gate)
    await send(rig, "Go on.")
    assert gate.prompts == ["Mend add.", "Go on."]


async def test_what_a_hook_adds_at_the_end_is_acted_on_first(make_rig: MakeRig) -> None:
    gate = PaperGate(moments={"Stop": [HookDecision(text="run the tests, too")]})
    rig = make_rig(replies(say("", DONE), say("", DONE)), gate=gate)
    assert (await send(rig)).kind == "reached"
    assert (await results(rig))[0].text == "run the tests, too"


class WritingGate(OpenGate):
    """A project's hook after each edit runs this command in the sandbox."""

    def __init__(self, command: str) -> None:
        self.command = command

    async def after(
        self, session: Session, call: ToolCall, result: ToolResult, box: OpenBox
    ) -> HookDecision:
        if call.name == "edit":
            await (await box()).exec(self.command)
        return HookDecision()


TASK = Task(id="t1", title="add", files=("calc.py",))


@pytest.mark.parametrize(
    ("hook", "agents", "blamed"),
    [
        ("echo made > made.txt", "true", False),
        ("echo '# index' >> README.md", "true", False),
        ("rm README.md", "true", False),
        ("echo '# calc' >> calc.py", "true", False),
        ("echo made > made.txt", "echo mine >> made.txt", True),
        ("echo made > made.txt", "echo mine > mine.txt", True),
        ("true", "echo made > made.txt", True),
    ],
)
async def test_what_a_hook_wrote_is_not_blamed_on_the_agent(
    make_rig: MakeRig, hook: str, agents: str, blamed: bool
) -> None:
    replay = replies(say("", FIX), say("", bash(agents)), say("", bash("true")), say("", DONE))
    rig = make_rig(replay, gate=WritingGate(hook), task=TASK)
    ended = await send(rig)
    said = "".join(turn.said for turn in await rig.store.turns(rig.session.id))
    assert ("Changed outside the files you may change" in said) is blamed
    # it is in the change all the same
    changed = {c.path for c in await rig.workspace.changes(rig.base, ended.tree)}
    assert changed > {"calc.py"} or hook in ("true", "echo '# calc' >> calc.py")


async def test_a_file_that_the_agent_changed_first_stays_the_agents(make_rig: MakeRig) -> None:
    """A formatter that goes over what the agent wrote makes it nobody else's."""
    steps = (say("", bash("echo mine > mine.txt"), FIX), say("", bash("true")), say("", DONE))
    gate = WritingGate("echo '# formatted' >> mine.txt; echo made > made.txt")
    rig = make_rig(replies(*steps), gate=gate, task=TASK)
    ended = await send(rig)
    sessions = (rig.session.id,)
    found = await find_hook_files(rig.store, rig.workspace, sessions, ended.tree)  # type: ignore[arg-type]
    assert found == {"made.txt"}
