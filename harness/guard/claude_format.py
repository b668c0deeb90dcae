"""Claude Code's settings files as rules and hooks. Pure: text in, values out.

Keys that mean nothing to harness (models, status lines, ...) are passed over: real files work
unchanged. What it should understand and cannot is told, and the rest still counts.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Literal, get_args

from harness.core.base import Json, Value
from harness.guard.matchers import compile_matcher, fits
from harness.guard.permission_rules import (
    Decision,
    PermissionRule,
    PermissionRules,
    read_rule,
    read_rules,
)

Event = Literal[
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "Stop",
    "SubagentStop",
    "SessionStart",
    "UserPromptSubmit",
    "PreCompact",
]
EVENTS: tuple[str, ...] = get_args(Event)
Where = Literal["outside", "inside"]
MOST_BYTES = 1 << 20
TIMEOUT_S = 600.0
PROMPT_TIMEOUT_S = 30.0
"""Of UserPromptSubmit, which every prompt waits for."""
IN_LINE = ("async", "asyncRewake")
"""Fields that change when a hook runs: here it is always waited for."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")
LONGEST_S = 600.0
# what a person at a terminal would be asked is done unattended inside the sandbox; `dontAsk`
# refuses whatever no rule allows, `plan` lets nothing be changed
_OTHERWISE: Mapping[str, Decision] = {"dontAsk": "deny", "plan": "deny"}


class Hook(Value):
    """One command at one event. `where`: the operator's run outside, a project's in the sandbox."""

    event: Event
    matcher: str = ""
    command: str
    timeout_s: float = TIMEOUT_S
    where: Where = "inside"
    env: tuple[tuple[str, str], ...] = ()
    """What the same file's `env` gives it."""
    only: PermissionRule | None = None
    """`if`: of the calls that its matcher means, only those that this rule means."""
    blocks_on_failure: bool = False

    def hears(self, about: str) -> bool:
        """Whether it is meant for this tool, or for this start or compaction."""
        return self.matcher in ("", "*") or fits(self.matcher, about)


class ParsedSettings(Value):
    """What one settings file says; `wrong` are sentences' facts: the key and what is there."""

    rules: PermissionRules = PermissionRules()
    hooks: tuple[Hook, ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()
    unheard: tuple[str, ...] = ()
    """Events with hooks that never happen here."""

    @property
    def says_anything(self) -> bool:
        """False: no rule, no hook, nothing refused."""
        rules = self.rules
        return bool(
            self.hooks or rules.allow or rules.ask or rules.deny or rules.otherwise != "allow"
        )


def read_settings(text: str, *, where: Where, home: str = "", root: str = "") -> ParsedSettings:
    """A settings.json. Text that is no JSON object: nothing but `wrong`, and everything is
    refused: a policy that cannot be read is not an empty one."""
    data = parse_json(text) if len(text) <= MOST_BYTES else None
    if not isinstance(data, dict):
        return ParsedSettings(
            rules=PermissionRules(otherwise="deny"), wrong=(("settings.json", text[:80]),)
        )
    wrong: list[tuple[str, str]] = []
    rules = _rules(_table(data, "permissions", wrong), wrong)
    hooks = () if data.get("disableAllHooks") is True else _hooks(data, where, wrong)
    return ParsedSettings(
        rules=rules.model_copy(update={"home": home, "root": root}),
        hooks=hooks,
        wrong=tuple(wrong),
        unheard=tuple(sorted(_table(data, "hooks", []).keys() - {*EVENTS})),
    )


def parse_json(text: str) -> Json:
    """JSON of strangers, None when it is none. Half a surrogate pair, which no file, process or
    request can hold, becomes a question mark."""
    try:
        data = json.loads(text)
        found: Json = json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return found


def _rules(said: Mapping[str, Json], wrong: list[tuple[str, str]]) -> PermissionRules:
    lists = {}
    for key in ("allow", "ask", "deny"):
        lines = said.get(key, [])
        if not isinstance(lines, list):
            wrong.append((f"permissions.{key}", _preview(lines)))
            lines = []
        lists[key], bad = read_rules(lines)
        wrong += [(f"permissions.{key}", line) for line in bad]
    mode = said.get("defaultMode", "default")
    otherwise = _OTHERWISE.get(str(mode), "allow")
    # a refusal that cannot be read may not turn into permission
    if any(key == "permissions.deny" for key, _ in wrong):
        otherwise = "ask"
    return PermissionRules(
        allow=lists["allow"], ask=lists["ask"], deny=lists["deny"], otherwise=otherwise
    )


def _hooks(
    data: Mapping[str, Json], where: Where, wrong: list[tuple[str, str]]
) -> tuple[Hook, ...]:
    made: list[Hook] = []
    env = _env(data, wrong)
    for event, groups in _table(data, "hooks", wrong).items():
        if event not in EVENTS:
            continue  # events of an interactive program: nothing happens here that they hear of
        for group in groups if isinstance(groups, list) else []:
            commands = group.get("hooks") if isinstance(group, dict) else None
            if not isinstance(group, dict) or not isinstance(commands, list):
                wrong.append((f"hooks.{event}", _preview(group)))
                continue
            for entry in commands:
                hook = _hook(event, group.get("matcher", ""), entry, where, env)
                if hook is None:
                    wrong.append((f"hooks.{event}", _preview(entry)))
                    continue
                made.append(hook)
                wrong += _wrong_fields(f"hooks.{event}", entry, hook)
    return tuple(made)


def _env(data: Mapping[str, Json], wrong: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    found = []
    for name, value in _table(data, "env", wrong).items():
        plain = isinstance(value, str | int | float) and "\0" not in str(value)
        if _VARIABLE.fullmatch(name) and plain:
            found.append((name, str(value)))
        else:
            wrong.append(("env", f"{name[:40]}: {_preview(value)}"))
    return tuple(found)


def _hook(
    event: str, matcher: Json, entry: Json, where: Where, env: tuple[tuple[str, str], ...]
) -> Hook | None:
    if not isinstance(entry, dict) or entry.get("type", "command") != "command":
        return None
    usual = PROMPT_TIMEOUT_S if event == "UserPromptSubmit" else TIMEOUT_S
    command, timeout = entry.get("command"), entry.get("timeout", usual)
    arguments = entry.get("args")
    fits = isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout > 0
    if not isinstance(command, str) or not command.strip() or not fits:
        return None
    if entry.get("shell", "bash") != "bash" or not (
        arguments is None or isinstance(arguments, list)
    ):
        return None
    assert isinstance(timeout, int | float)
    only = entry.get("if")
    return Hook.model_validate(
        {
            "event": event,
            "matcher": matcher if isinstance(matcher, str) else "",
            "command": _spawned(command, arguments) if isinstance(arguments, list) else command,
            "timeout_s": float(min(timeout, LONGEST_S)),
            "where": where,
            "env": env,
            "only": read_rule(only) if isinstance(only, str) else None,
            "blocks_on_failure": entry.get("onFailure") == "block",
        }
    )


def _spawned(command: str, arguments: list[Json]) -> str:
    """A program with its arguments as a line for the shell, which splits none of them."""
    quoted = [shlex.quote(str(one)) for one in (command, *arguments)]
    variable = "'\"${CLAUDE_PROJECT_DIR}\"'"
    return " ".join(one.replace("${CLAUDE_PROJECT_DIR}", variable) for one in quoted)


def _wrong_fields(where: str, entry: Json, hook: Hook) -> list[tuple[str, str]]:
    """What a hook that runs says and does not get."""
    assert isinstance(entry, dict)
    wrong = [(f"{where}.{key}", _preview(entry[key])) for key in IN_LINE if entry.get(key)]
    if "if" in entry and hook.only is None:
        wrong.append((f"{where}.if", _preview(entry["if"])))
    if hook.matcher not in ("", "*") and compile_matcher(hook.matcher) is None:
        wrong.append((f"{where}.matcher", hook.matcher[:80]))
    return wrong


def _table(data: Mapping[str, Json], key: str, wrong: list[tuple[str, str]]) -> dict[str, Json]:
    said = data.get(key, {})
    if isinstance(said, dict):
        return said
    wrong.append((key, _preview(said)))
    return {}


def _preview(said: Json) -> str:
    """The beginning of what could not be used; `str` may not follow what is nested deeply."""
    try:
        return str(said)[:80]
    except RecursionError:
        return "[[..."
