"""The Gate over Claude Code's settings files: the operator's, and the project's from the commit
that the run began at. A project's file only narrows; its hooks run in the sandbox."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from harness.agent.gate import HookDecision, HookEvent, OpenBox
from harness.agent.quoting import quote, word_of
from harness.app.agent_files import AgentFiles
from harness.app.hook_running import ROOT, HookPlaces, HookRunner, find_folders
from harness.core.base import Json, LocalizedText
from harness.core.types import Run, Session, ToolCall, ToolResult
from harness.guard.agent_files import AgentFile
from harness.guard.claude_format import Event, Hook, ParsedSettings, Where, read_settings
from harness.guard.claude_tools import ClaudeCall, calls_of, join_inputs, ours_of, response_of
from harness.guard.command_parts import parse
from harness.guard.hidden import strip_invisible
from harness.guard.hooks import HookAnswer, fire, join_answers
from harness.guard.permission_rules import PermissionRules, RuleVerdict, use_of
from harness.ports.store import RunReader
from harness.ports.workspace import Workspace
from harness.prompting.templates import Prompts, PromptText, prompt_text
from harness.tools.bash import cwd_in

PROJECT_FILE = ".claude/settings.json"
BOX_HOME = "/home/agent"
MOST_RUNS = 200
AGENT_TYPE = "general-purpose"
"""What Claude Code calls a sub-agent that has no file of its own."""
log = logging.getLogger(__name__)


async def find_unsupported(
    files: Sequence[Path], workspace: Workspace, commit: str
) -> tuple[tuple[str, str], ...]:
    """(file, what in it does not hold here) of the operator's settings files and the project's at
    this commit: entries that are not understood, and hooks of events that never happen."""
    texts: list[tuple[str, str | None, Where]] = [
        (str(f), settings_text(f), "outside") for f in files
    ]
    data = await workspace.file(await workspace.tree_of(commit), PROJECT_FILE)
    if data is not None:
        texts.append((PROJECT_FILE, data.decode("utf-8", "replace"), "inside"))
    found: list[tuple[str, str]] = []
    for name, text, where in texts:
        if text is None:
            continue
        said = read_settings(text, where=where)
        found += [(name, f"{key}: {what}") for key, what in said.wrong]
        found += [(name, f"hooks.{event}") for event in said.unheard]
    return tuple(found)


class Gating:
    """One project's gate. `files`: the operator's settings files, each read when it changed."""

    def __init__(
        self,
        store: RunReader,
        workspace: Workspace,
        files: tuple[Path, ...],
        home: Path,
        prompts: Prompts,
        places: HookPlaces | None = None,
        agents: AgentFiles | None = None,
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._files = files
        self._places = places or HookPlaces(home)
        self._prompts = prompts
        self._agents = agents
        self._known: dict[str, ParsedSettings] = {}
        self._bases: dict[str, bytes | None] = {}
        self._stands: dict[str, str] = {}
        """Session -> the folder that its last command ended in, "" for the tree's own."""
        self._roots: dict[str, str] = {}

    async def before(self, session: Session, call: ToolCall, box: OpenBox) -> HookDecision:
        found = await self._find_settings(session)
        agent = await self._agent_file(session)
        if not found.says_anything and agent is None:
            return HookDecision()
        answer = await self._fire(found, "PreToolUse", session, call, box)
        if answer.stop is not None:
            return HookDecision(
                kind="stop", why=LocalizedText(key="agent.hook_stop", facts={"why": answer.stop})
            )
        if answer.updated is not None:
            call = call.model_copy(update={"arguments": ours_of(call.name, answer.updated, ROOT)})
        judged = await self._judge(found.rules, session, call, box)
        if answer.is_refused:
            said = self._quote(session, answer.reason)
            refused = self._prompts.text("gate/refused_by_hook")
            return HookDecision(kind="refuse", text=f"{refused} {said}".strip())
        listed = agent is None or agent.allows(use_of(call.name, call.arguments), BOX_HOME, ROOT)
        if not listed:
            text = self._prompts.text("gate/refused_by_agent_file", name=session.agent)
            return HookDecision(kind="refuse", text=text)
        if judged.decision == "deny":
            return HookDecision(kind="refuse", text=self._prompts.fill(_refusal(judged)))
        asks = answer.decision == "ask" or (judged.decision == "ask" and answer.decision != "allow")
        if asks:
            run_ = await self._store.run(session.run)
            asked = self._ask(run_, session, call, answer, judged)
            if asked is not None:
                return asked
        text = self._quote(session, answer.context)
        return HookDecision(text=text, call=call if answer.updated is not None else None)

    async def after(
        self, session: Session, call: ToolCall, result: ToolResult, box: OpenBox
    ) -> HookDecision:
        found = await self._find_settings(session)
        if call.name == "bash" and not result.is_error:
            if len(self._stands) > MOST_RUNS:
                self._stands.clear()
            self._stands[session.id] = cwd_in(result.text)
        if result.is_error:
            event: Event = "PostToolUseFailure"
            told: dict[str, Json] = {"error": result.text, "is_interrupt": False}
        else:
            event = "PostToolUse"
            told = {"tool_response": response_of(call.name, call.arguments, result.text, ROOT)}
        answer = await self._fire(found, event, session, call, box, told)
        both = "\n".join(part for part in (answer.reason, answer.context) if part)
        text = self._quote(session, both)
        if answer.stop is not None:
            why = LocalizedText(key="agent.hook_stop", facts={"why": answer.stop})
            return HookDecision(kind="stop", why=why, text=text)
        return HookDecision(kind="refuse" if answer.is_refused else "pass", text=text)

    async def at(
        self,
        session: Session,
        moment: HookEvent,
        about: str,
        facts: Mapping[str, Json],
        box: OpenBox,
    ) -> HookDecision:
        found = await self._find_settings(session)
        # `if` is of tools: what has one is silent otherwise, as documented
        hooks = [hook for hook in found.hooks if hook.only is None]
        answer = await fire(
            hooks,
            moment,
            about,
            {**_facts(session), **facts},
            HookRunner(box, session, self._places),
        )
        self._tell(answer)
        if answer.stop is not None:
            return HookDecision(
                kind="stop", why=LocalizedText(key="agent.hook_stop", facts={"why": answer.stop})
            )
        if answer.is_refused:
            why = LocalizedText(key="agent.hook_stop", facts={"why": answer.reason})
            return HookDecision(kind="refuse", text=self._quote(session, answer.reason), why=why)
        return HookDecision(text=self._quote(session, answer.context))

    async def _judge(
        self, rules: PermissionRules, session: Session, call: ToolCall, box: OpenBox
    ) -> RuleVerdict:
        """A shell command's files are named from the folder that the last one ended in."""
        use = use_of(call.name, call.arguments)
        judged = rules.judge(use)
        if judged.decision == "deny" or not (use.command and rules.names_files):
            return judged
        if session.id not in self._roots:
            if len(self._roots) > MOST_RUNS:
                self._roots.clear()
            where, self._roots[session.id] = await find_folders(await box())
            self._stands.setdefault(session.id, where)
        root = self._roots[session.id]
        where = self._stands.get(session.id) or root
        if where == root == ROOT:
            return judged
        own = rules.model_copy(update={"root": root})
        return own.judge(use.model_copy(update={"cwd": where}))

    def _quote(self, session: Session, text: str) -> str:
        """A hook's words as the agent reads them; "" when it said none."""
        marked = quote(strip_invisible(text)[0], word_of(session), "hook")
        return self._prompts.text("gate/hook_says", words=marked) if marked else ""

    # ------------------------------------------------------------ what is configured

    async def _find_settings(self, session: Session) -> ParsedSettings:
        """The operator's files of now, narrowed by the project's at the run's base, with the hooks
        of the agent file that the session goes by."""
        whole = ParsedSettings(rules=PermissionRules(home=BOX_HOME, root=ROOT))
        for file in self._files:
            text = settings_text(file)
            if text is not None:
                one = self._read(text, "outside")
                whole = ParsedSettings(
                    rules=whole.rules.join(one.rules), hooks=(*whole.hooks, *one.hooks)
                )
        agent = await self._agent_file(session)
        if agent is not None:
            hooks = (*whole.hooks, *agent.hooks_of(session.kind))
            whole = whole.model_copy(update={"hooks": hooks})
        data = await self._projects(session.run)
        if data is None:
            return whole
        project = self._read(data.decode("utf-8", "replace"), "inside")
        return ParsedSettings(
            rules=whole.rules.narrow(project.rules), hooks=(*whole.hooks, *project.hooks)
        )

    async def _agent_file(self, session: Session) -> AgentFile | None:
        """None: it goes by none."""
        if not session.agent or self._agents is None:
            return None
        run_ = await self._store.run(session.run)
        return await self._agents.file(run_.began_sha or run_.base_sha, session.agent)

    async def _projects(self, run_id: str) -> bytes | None:
        """The project's file; asked for before every call, so read once a run."""
        if run_id not in self._bases:
            run_ = await self._store.run(run_id)
            base = run_.began_sha or run_.base_sha
            tree = await self._workspace.tree_of(base) if base else ""
            data = await self._workspace.file(tree, PROJECT_FILE) if tree else None
            if len(self._bases) > MOST_RUNS:
                self._bases.clear()
            self._bases[run_id] = data
        return self._bases[run_id]

    def _read(self, text: str, where: Where) -> ParsedSettings:
        key = f"{where}\0{text}"
        if key not in self._known:
            if len(self._known) > MOST_RUNS:
                self._known.clear()
            self._known[key] = read_settings(text, where=where)
            for name, line in self._known[key].wrong:
                log.warning("%s: %s is not understood: %s", where, name, line)
        return self._known[key]

    # ------------------------------------------------------------ people

    def _ask(
        self, run_: Run, session: Session, call: ToolCall, answer: HookAnswer, judged: RuleVerdict
    ) -> HookDecision | None:
        """None: a person approved just this call."""
        said = json.dumps([call.name, call.arguments], sort_keys=True)
        subject = f"call:{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"
        if subject in run_.approvals:
            return None
        if f"refused:{subject}" in run_.approvals:
            text = self._prompts.text("gate/refused_by_person")
            return HookDecision(kind="refuse", text=text)
        if session.kind != "worker":
            return HookDecision(kind="refuse", text=self._prompts.text("gate/nobody_to_ask"))
        by = str(judged.rule) if judged.decision == "ask" and judged.rule else answer.reason
        what = str(call.arguments.get("command") or call.arguments.get("path") or call.name)
        facts: dict[str, str | int | float] = {"tool": call.name, "what": what[:300], "rule": by}
        return HookDecision(
            kind="ask", why=LocalizedText(key="agent.ask_call", facts=facts), subject=subject
        )

    # ------------------------------------------------------------ hooks

    async def _fire(
        self,
        found: ParsedSettings,
        event: Event,
        session: Session,
        call: ToolCall,
        box: OpenBox,
        more: Mapping[str, Json] = MappingProxyType({}),
    ) -> HookAnswer:
        """Each hook hears of the call once, in the first name that it knows."""
        facts = {**_facts(session), "tool_use_id": call.id, **more}
        answers = []
        left = [hook for hook in found.hooks if hook.event == event and _is_meant(hook, call)]
        for called in calls_of(call.name, call.arguments, ROOT):
            hooks = [hook for hook in left if hook.hears(called.name)]
            commands = {hook.command for hook in hooks}
            left = [hook for hook in left if hook.command not in commands]
            if hooks:
                answers.append(await self._fire_called(hooks, event, called, facts, box, session))
        answer = join_answers(answers)
        self._tell(answer)
        return answer

    async def _fire_called(
        self,
        hooks: Sequence[Hook],
        event: Event,
        called: ClaudeCall,
        facts: Mapping[str, Json],
        box: OpenBox,
        session: Session,
    ) -> HookAnswer:
        said = []
        for given in called.inputs:
            told = {**facts, "tool_name": called.name, "tool_input": given}
            said.append(
                await fire(hooks, event, called.name, told, HookRunner(box, session, self._places))
            )
        whole = join_answers(said)
        try:
            updated = join_inputs([answer.updated for answer in said], called.inputs)
        except ValueError:
            why = self._prompts.text("gate/moved_replacement")
            return whole.model_copy(update={"decision": "deny", "reason": why})
        return whole.model_copy(update={"updated": None if updated is None else {**updated}})

    def _tell(self, answer: HookAnswer) -> None:
        for trouble in answer.troubles:
            log.warning("hook: %s", trouble)


def _is_meant(hook: Hook, call: ToolCall) -> bool:
    """Whether `if` means this call; a command that cannot be read through may be any."""
    if hook.only is None:
        return True
    use = use_of(call.name, call.arguments)
    if hook.only.tool == use.tool == "Bash" and parse(use.command).unclear:
        return True
    rules = PermissionRules(deny=(hook.only,), home=BOX_HOME, root=ROOT)
    return rules.judge(use).decision == "deny"


def _facts(session: Session) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "session_id": session.id,
        "permission_mode": "default",
    }
    if session.kind == "subagent" or session.agent:
        facts |= {"agent_id": session.id, "agent_type": session.agent or AGENT_TYPE}
    return facts


def _refusal(judged: RuleVerdict) -> PromptText:
    if judged.rule is None:
        return prompt_text("gate/refused_by_mode")
    return prompt_text("gate/refused_by_rule", rule=str(judged.rule))


def settings_text(file: Path) -> str | None:
    """None: it is not there. A file that cannot be read is no policy: it reads as broken."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError:
        return ""
