"""A project's agent file in Claude Code's format as limits of a session. Pure: what it says comes
in, values go out. It narrows: nothing in it allows what is not allowed without it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from harness.core.base import Json, Value
from harness.guard.claude_format import Hook, read_settings
from harness.guard.permission_rules import PermissionRule, PermissionRules, Use, read_rules

KNOWN = frozenset(
    {"name", "description", "tools", "disallowedTools", "model", "permissionMode", "hooks",
     "skills", "color", "maxTurns"}
)  # fmt: skip
"""What holds here or changes nothing; the rest is told of as not used."""
CHANGING = ("Bash", "Edit", "Write", "MultiEdit", "NotebookEdit")
"""What the mode `plan` leaves out."""
ENDS = ("Stop", "SubagentStop")
_COUNT = re.compile(r"[1-9][0-9]{0,5}")
_BETWEEN = re.compile(r",(?![^()]*\))")
_NEEDS: Mapping[str, tuple[frozenset[str], ...]] = {
    "bash": (frozenset({"Bash"}),),
    "read": (frozenset({"Read"}),),
    "edit": (frozenset({"Edit"}), frozenset({"MultiEdit"})),
    "write": (frozenset({"Write"}),),
    "search": (frozenset({"Grep"}), frozenset({"Glob", "Read"})),
    "todo": (frozenset({"TodoWrite"}),),
    "task": (frozenset({"Task"}), frozenset({"Agent"})),
    "reference": (frozenset({"WebFetch"}), frozenset({"WebSearch"})),
}
"""A tool of ours -> the names of Claude Code's of which one set must be allowed."""
_SAME: Mapping[str, frozenset[str]] = {
    "search": frozenset({"Grep", "Glob"}),
    "edit": frozenset({"Edit", "MultiEdit"}),
    "task": frozenset({"Task", "Agent"}),
    "reference": frozenset({"WebFetch", "WebSearch"}),
}
"""A tool of ours -> the names of which each takes it away."""


class AgentFile(Value):
    """What one file asks for. `model` is as it says it, "" for that of the session's kind."""

    words: str
    tools: tuple[PermissionRule, ...] | None = None
    """Only these; None: all that the session has."""
    refused: tuple[PermissionRule, ...] = ()
    refuses_all: bool = False
    """It refuses something that cannot be read: then nothing is allowed."""
    model: str = ""
    turns: int = 0
    """So many replies at most; 0: it does not say."""
    hooks: tuple[Hook, ...] = ()
    skills: tuple[str, ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()
    """(key, what is there) of what does not hold here."""

    def has(self, tool: str) -> bool:
        """Whether a tool of ours is left to the session."""
        whole = {rule.tool for rule in self.refused if rule.pattern in ("", "*", "**")}
        gone = _SAME.get(tool) or frozenset(name for need in _NEEDS.get(tool, ()) for name in need)
        if self.refuses_all or whole & gone:
            return False
        if self.tools is None:
            return True
        named = {rule.tool for rule in self.tools}
        return any(need <= named for need in _NEEDS.get(tool, ()))

    def allows(self, use: Use, home: str, root: str) -> bool:
        """Whether the file lets this use pass; the settings files are asked besides."""
        usual = "allow" if self.tools is None and not self.refuses_all else "deny"
        rules = PermissionRules(
            allow=self.tools or (), deny=self.refused, otherwise=usual, home=home, root=root
        )
        return not self.refuses_all and rules.judge(use).decision == "allow"

    def hooks_of(self, kind: str) -> tuple[Hook, ...]:
        """Its hooks in a session of this kind: both words for the end mean its own end."""
        end = "SubagentStop" if kind == "subagent" else "Stop"
        return tuple(
            hook.model_copy(update={"event": end}) if hook.event in ENDS else hook
            for hook in self.hooks
        )


def read_agent(said: Mapping[str, Json], words: str) -> AgentFile:
    """A file by its front matter (plain values are text) and what stands below it."""
    wrong = [(key, str(said[key])[:80]) for key in sorted(said.keys() - KNOWN)]
    tools = _rules("tools", said, wrong)
    bad = len(wrong)
    refused = _rules("disallowedTools", said, wrong) or ()
    mode = said.get("permissionMode")
    if mode == "plan":
        refused = (*refused, *(PermissionRule(tool=name) for name in CHANGING))
    hooks: tuple[Hook, ...] = ()
    if said.get("hooks"):
        parsed = read_settings(json.dumps({"hooks": _typed(said["hooks"])}), where="inside")
        hooks = parsed.hooks
        wrong += [*parsed.wrong, *((f"hooks.{event}", "") for event in parsed.unheard)]
    model, turns = said.get("model"), str(said.get("maxTurns", ""))
    if "maxTurns" in said and not _COUNT.fullmatch(turns):
        wrong.append(("maxTurns", turns[:80]))
    return AgentFile(
        words=words,
        tools=tools,
        refused=refused,
        refuses_all=any(key == "disallowedTools" for key, _ in wrong[bad:]),
        model=model if isinstance(model, str) and model != "inherit" else "",
        turns=int(turns) if _COUNT.fullmatch(turns) else 0,
        hooks=hooks,
        skills=tuple(name for name in _listed(said.get("skills", "")) if name),
        wrong=tuple(wrong),
    )


def _rules(
    key: str, said: Mapping[str, Json], wrong: list[tuple[str, str]]
) -> tuple[PermissionRule, ...] | None:
    """None: the file does not say, or says that it has all. What cannot be read is not among
    them."""
    if key not in said or (key == "tools" and _listed(said[key]) == ["*"]):
        return None
    rules, bad = read_rules([line for line in _listed(said[key]) if line])
    wrong += [(key, line) for line in bad]
    return rules


def _listed(said: Json) -> Sequence[str]:
    """A list, or text with commas between."""
    if isinstance(said, list):
        return [str(one).strip() for one in said]
    return [part.strip() for part in _BETWEEN.split(said)] if isinstance(said, str) else [str(said)]


def _typed(said: Json, key: str = "") -> Json:
    """Hooks as a settings file has them: numbers and truth are no text there."""
    if isinstance(said, dict):
        return {name: _typed(value, name) for name, value in said.items()}
    if isinstance(said, list):
        return [_typed(one, key) for one in said]
    if key == "timeout" and isinstance(said, str) and re.fullmatch(r"\d+(\.\d+)?", said):
        return float(said)
    return {"true": True, "false": False}.get(said, said) if isinstance(said, str) else said
