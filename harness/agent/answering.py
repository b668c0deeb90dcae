"""Answering the calls of a reply, one at a time and in order."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Mapping

from harness.agent import slots
from harness.agent.agent_workspace import AgentWorkspace
from harness.agent.asking import ModelCaller
from harness.agent.deps import LoopDeps
from harness.agent.gate import HookDecision, HookEvent
from harness.agent.hook_files import record_hook_files
from harness.agent.quoting import Quoting, word_of
from harness.agent.transcript import Transcript
from harness.core.base import Json
from harness.core.errors import HarnessError, SandboxError
from harness.core.types import (
    Ended,
    LocalizedText,
    Session,
    TaskResult,
    ToolCall,
    ToolResult,
    ToolSpec,
    Verdict,
)
from harness.i18n.catalogue import Catalogue
from harness.ports.backend import OnVerdict
from harness.ports.sandbox import Box
from harness.ports.tool import Tool
from harness.prompting.templates import Prompts, PromptText
from harness.tools.bash import latest_cwd, reads_only
from harness.tools.checkpoints import TASK, VERDICT, task_of, task_spec, verdict_of, verdict_spec
from harness.tools.output import MAX_CHARS, MAX_LINES, clean, clip

ENDINGS = ("done", "review")  # an agent says that it is through
SUMMARY = 8_000  # of a sub-agent's last words
MOST_BLAME = 5  # a hook at the end that is never content does not go on for ever


class ToolRunner:
    """Runs a session's calls in its place and writes each result down."""

    def __init__(
        self,
        deps: LoopDeps,
        session: Session,
        *,
        asker: ModelCaller,
        transcript: Transcript,
        place: AgentWorkspace,
        tools: Mapping[str, Tool],
    ) -> None:
        self._deps = deps
        self._prompts: Prompts = deps.prompts
        self._session = session
        self._asker = asker
        self._transcript = transcript
        self._place = place
        self._tools = tools
        self._verdict = verdict_spec(deps.prompts, session.may_give)
        self._task = task_spec(deps.prompts)
        self._lost_turn = 0
        self._changed: Mapping[str, ToolCall | None] | None = None
        self._blamed = 0
        self._before_hook: str | None = None
        self._moved = place.dirty = self.has_unsaved_calls

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told, in the session's fixed order."""
        own = {VERDICT: self._verdict, TASK: self._task}
        return tuple(
            own[name] if name in own else self._tools[name].spec for name in self._session.tools
        )

    @property
    def may_have_changes(self) -> bool:
        """Whether the last turn may have changed files, by calls that are not plainly harmless."""
        return self._moved

    async def all(self, on_verdict: OnVerdict) -> Ended | None:
        """Every pending call of the last turn; Ended at a reached checkpoint, a delegation, a cap
        that is used up, or a Box that cannot be kept alive."""
        while self._transcript.pending and self._transcript.last is not None:
            turn = self._transcript.last
            granted = await self._asker.grant_calls(turn.number, turn.reply)
            room = granted.calls - len(turn.results)
            if room <= 0 and granted.why is not None:
                return await self._used_up(granted.why)
            call = self._transcript.pending[0]
            if call.name == VERDICT and VERDICT in self._session.tools:
                ended = await self._verdict_call(call, on_verdict)
            elif call.name == TASK and TASK in self._session.tools:
                ended = await self._task_call(call, room)
            else:
                ended = await self._tool_call(call)
            if ended is not None:
                return ended
        return None

    async def _used_up(self, cap: LocalizedText) -> Ended:
        """The rest of the reply is answered when there is room again."""
        tree = await self._place.snapshot()
        await self._transcript.record_snapshot(tree)
        return self._asker.used_up(cap).model_copy(update={"tree": tree})

    # ------------------------------------------------------------ tools

    @property
    def has_unsaved_calls(self) -> bool:
        """Whether recorded calls are not in the place's snapshot."""
        last, (tree, covered) = self._transcript.last, self._transcript.position
        return last is not None and tree == self._place.tree and len(last.results) > covered

    async def redo(self, box: Box) -> None:
        """A Box just opened: back to the working directory, and recorded tree-effect calls since
        the snapshot again; their results stand."""
        last = self._transcript.last
        if last is None:
            return
        covered = self._transcript.position[1] if self.has_unsaved_calls else len(last.results)
        held = last.model_copy(update={"results": last.results[:covered]})
        cwd = latest_cwd([*self._transcript.turns[:-1], held])
        if cwd:
            with contextlib.suppress(OSError):  # it is gone: then the tree's own folder
                await box.exec(":", cwd=cwd)
        calls = {call.id: call for call in last.reply.calls} | dict(
            await self._load_changed_calls()
        )
        for result in last.results[covered:]:
            call = calls[result.call_id]
            tool = self._tools.get(call.name) if call is not None else None
            if call is not None and tool is not None and tool.effects == "tree":
                self._place.dirty = True
                await tool.run(call)

    async def _tool_call(self, call: ToolCall) -> Ended | None:
        tool = self._tools.get(call.name)
        if tool is None:
            names = ", ".join(self._session.tools)
            text = self._prompts.text("unknown_tool", name=call.name[:80], tools=names)
            await self._give(call, text, is_error=True)
            return None
        if tool.effects == "outside":
            last = self._transcript.last
            if last is not None and last.begun == call.id:
                await self._give(call, self._prompts.text("interrupted"), is_error=True)
                return None
            await self._transcript.update(begun=call.id)
        gate = self._deps.gate
        passage = await self._ask_gate(gate.before(self._session, call, self._hooks_box))
        if passage.kind != "pass":
            return await self._stands(call, passage)
        if passage.call is not None:
            await self._keep(call.id, passage.call)
        asked = passage.call or call
        try:
            if tool.effects == "tree":
                await self._place.box()  # opened, and what was done before done again, first
                self._place.dirty = True
                self._moved |= not _harmless(asked)
            result = await tool.run(asked)
            after = await self._ask_gate(gate.after(self._session, asked, result, self._hooks_box))
        except SandboxError as error:
            return await self._reopen_box(call, error)
        said = [result.text, *(text for text in (passage.text, after.text) if text)]
        whole = result.model_copy(update={"text": "\n\n".join(said)}) if said[1:] else result
        await self._transcript.answer(_limit_size(whole))
        if after.kind == "stop":
            return Ended(kind="stopped", why=after.why, tree=await self._place.snapshot())
        return None

    async def _stands(self, call: ToolCall, passage: HookDecision) -> Ended | None:
        """What the gate does not let pass: told to the agent, or the stretch ends before it."""
        if passage.kind == "refuse":
            await self._keep(call.id, None)
            await self._give(call, passage.text, is_error=True)
            return None
        tree = await self._place.snapshot()
        await self._transcript.record_snapshot(tree)
        return Ended(kind="stopped", why=passage.why, tree=tree, subject=passage.subject)

    async def _hooks_box(self) -> Box:
        """For a hook inside: it may change files as any command may."""
        box = await self._place.box()
        if self._before_hook is None:
            self._before_hook = await self._place.look()
        self._place.dirty = self._moved = True
        return box

    async def _ask_gate(self, asking: Awaitable[HookDecision]) -> HookDecision:
        """What a hook inside wrote meanwhile is written down as the hook's."""
        self._before_hook = None
        passage = await asking
        if self._before_hook is not None:
            await record_hook_files(
                self._deps.store,
                self._deps.workspace,
                self._session.id,
                self._session.base_tree,
                self._before_hook,
                await self._place.look(),
            )
        return passage

    async def at(self, moment: HookEvent, about: str, facts: Mapping[str, Json]) -> HookDecision:
        """What the hooks of a moment of the session say."""
        asking = self._deps.gate.at(self._session, moment, about, facts, self._hooks_box)
        return await self._ask_gate(asking)

    async def _keep(self, call: str, asked: ToolCall | None) -> None:
        """A call as a hook changed it, None when it was refused: what is done again when a Box
        is opened must be just what was done."""
        known = {**await self._load_changed_calls(), call: asked}
        await self._deps.store.put(slots.CHANGED_CALLS, self._session.id, known)
        self._changed = known

    async def _load_changed_calls(self) -> Mapping[str, ToolCall | None]:
        if self._changed is None:
            self._changed = await self._deps.store.get(slots.CHANGED_CALLS, self._session.id) or {}
        return self._changed

    async def _give(self, call: ToolCall, text: str, *, is_error: bool = False) -> None:
        await self._transcript.answer(ToolResult(call_id=call.id, text=text, is_error=is_error))

    async def _reopen_box(self, call: ToolCall, error: SandboxError) -> Ended | None:
        """Once a turn the Box is opened again; a second loss ends the stretch."""
        number = self._transcript.next_number
        if self._lost_turn == number:
            return self.end_with(error)
        self._lost_turn = number
        await self._place.lose()
        try:
            await self._place.box()
            tree = await self._place.snapshot()
        except HarnessError as second:
            return self.end_with(second)
        why = Catalogue("en")(error.key, **error.facts)
        text = self._quoting().text("box_lost", why=why)
        last = self._transcript.last
        # snapshotted past this call, so that no resume runs it again
        await self._transcript.answer(
            ToolResult(call_id=call.id, text=text, is_error=True),
            tree_after=tree,
            covers=(len(last.results) if last is not None else 0) + 1,
        )
        return None

    def _quoting(self) -> Quoting:
        return Quoting(self._prompts, word_of(self._session))

    def end_with(self, error: HarnessError) -> Ended:
        """The stretch ends with that error's sentence."""
        return Ended(kind="stopped", why=error.say, tree=self._place.tree)

    def mark_saved(self) -> None:
        """The last turn's changes are in a snapshot."""
        self._moved = False

    # ------------------------------------------------------------ checkpoints

    async def _verdict_call(self, call: ToolCall, on_verdict: OnVerdict) -> Ended | None:
        said = verdict_of(call, self._verdict)
        if isinstance(said, PromptText):
            await self._give(call, self._prompts.fill(said), is_error=True)
            return None
        if said.kind in ENDINGS:
            moment: HookEvent = "SubagentStop" if self._session.kind == "subagent" else "Stop"
            hooks = await self.at(moment, "", self._ending_facts())
            # what a hook only adds at the end is to be acted on, too
            goes_on = hooks.kind == "refuse" or (hooks.kind == "pass" and hooks.text)
            if goes_on and self._blamed < MOST_BLAME:
                self._blamed += 1
                why = hooks.text or self._prompts.text("gate/not_yet")
                await self._give(call, why, is_error=True)
                return None
        tree = await self._place.snapshot()
        # minutes may pass in there: a resume must find this very tree again
        await self._transcript.record_snapshot(tree)
        answered = await on_verdict(
            Verdict(call=call.id, kind=said.kind, data=said.data, tree=tree)
        )
        result = _limit_size(
            ToolResult(call_id=call.id, text=answered.text, is_error=answered.is_error)
        )
        last = self._transcript.last
        reached = last.reached if last is not None else ()
        if not answered.reached:
            await self._transcript.answer(result)
            return None
        turn = await self._transcript.answer(
            result,
            reached=(*reached, call.id),
            tree_after=tree,
            covers=len(last.results) + 1 if last is not None else 0,
        )
        return Ended(kind="reached", text=turn.reply.text, tree=tree)

    def _ending_facts(self) -> dict[str, Json]:
        turns = self._transcript.turns
        said = next((t.reply.text for t in reversed(turns) if t.reply.text), "")
        return {"stop_hook_active": self._blamed > 0, "last_assistant_message": said}

    async def _task_call(self, call: ToolCall, room: int) -> Ended | None:
        mine = task_of(call, self._task)
        if isinstance(mine, PromptText):
            await self._give(call, self._prompts.fill(mine), is_error=True)
            return None
        waiting = tuple(
            c
            for c in self._transcript.pending[:room]
            if c.name == TASK and not isinstance(task_of(c, self._task), PromptText)
        )
        results: list[TaskResult] = []
        for one in waiting:
            result = await self._deps.store.task_result(f"{self._session.id}/{one.id}")
            if result is not None:
                results.append(result)
        if len(results) < len(waiting):
            tree = await self._place.snapshot()
            await self._transcript.record_snapshot(tree)
            return Ended(kind="delegated", calls=waiting, tree=tree)
        await self._take_over(waiting, results)
        return None

    async def _take_over(self, calls: tuple[ToolCall, ...], results: list[TaskResult]) -> None:
        """What the children say. Their changes are in the work tree already: the pipeline merged
        them and stored where this session goes on."""
        said = self._quoting()
        answers = [
            ToolResult(
                call_id=call.id,
                text=said.text(f"task_{result.status}", summary=result.summary[:SUMMARY]),
                is_error=result.status == "failed",
            )
            for call, result in zip(calls, results, strict=True)
        ]
        last = self._transcript.last
        covers = (len(last.results) if last is not None else 0) + len(answers)
        tree = await self._place.snapshot()
        await self._transcript.answer(*answers, tree_after=tree, covers=covers)


def _limit_size(result: ToolResult) -> ToolResult:
    """Whatever made it, a result can be stored and sent: clean, and of bounded length."""
    text = clip(clean(result.text), lines=MAX_LINES * 4, chars=MAX_CHARS * 4).text
    return result if text == result.text else result.model_copy(update={"text": text})


def _harmless(call: ToolCall) -> bool:
    command = call.arguments.get("command")
    return call.name == "bash" and isinstance(command, str) and reads_only(command)
