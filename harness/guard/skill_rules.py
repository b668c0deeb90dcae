"""Permission rules about skills in Claude Code's syntax. Pure.

`Skill` is every skill, `Skill(name)` that one, `Skill(name *)`, `Skill(name:*)` and `Skill(name*)`
whatever begins with it; `SlashCommand(/name)` is the same of older files. To refuse more than was
meant is harmless, so a name is compared as loosely as names are made.
"""

from __future__ import annotations

from typing import Final

from harness.core.base import Value
from harness.guard.claude_format import read_settings
from harness.guard.permission_rules import PermissionRule, wild

TOOLS: Final = frozenset({"Skill", "SlashCommand", "*"})
REFUSING: Final = ("permissions.deny", "permissions.ask")


class SkillRules(Value):
    """What one settings file refuses, or wants somebody to be asked for."""

    rules: tuple[PermissionRule, ...] = ()

    def refuses(self, name: str) -> bool:
        """Whether no agent is shown the skill of that name."""
        return any(_means(rule.pattern, _plain(name)) for rule in self.rules)


def read_skill_rules(text: str) -> SkillRules:
    """Of a settings.json. A file that cannot be read, and a rule about skills that cannot, refuse
    every skill."""
    said = read_settings(text, where="inside")
    if any(_is_lost(key, what) for key, what in said.wrong):
        return SkillRules(rules=(PermissionRule(tool="Skill"),))
    named = (*said.rules.deny, *said.rules.ask)
    return SkillRules(rules=tuple(rule for rule in named if rule.tool in TOOLS))


def _is_lost(key: str, what: str) -> bool:
    if key in ("settings.json", "permissions"):
        return True
    about = what.strip(" \"'").lower()
    return key in REFUSING and about.startswith(("skill", "slashcommand", "*", "[", "{"))


def _means(pattern: str, name: str) -> bool:
    wanted = _plain(pattern.strip().removesuffix(":*").removesuffix("*"))
    last = wanted.rpartition(":")[2].rpartition("/")[2]
    if pattern.strip().endswith("*"):
        return name.startswith((wanted, last)) or wild(_plain(pattern), name)
    return not wanted or name in (wanted, last) or wild(wanted, name)


def _plain(name: str) -> str:
    return "-".join(name.strip().lstrip("/").lower().replace("_", "-").split())
