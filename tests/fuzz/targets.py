"""Every place where harness reads bytes that are not its own, as one function bytes -> None whose
oracle is more than "no crash"; and beside each the same with a fault planted in the reader."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial

from harness.config.load import MergedSettings
from harness.core.client_hello import server_name
from harness.core.tally_types import Tally
from harness.core.types import Plan
from harness.guard.claude_format import ParsedSettings
from harness.guard.outgoing_text import outgoing
from harness.guard.permission_rules import PermissionRules
from harness.guard.visible import VisibleText, visible
from harness.knowledge.skills import Skill
from harness.report.plan_page import parse
from harness.testruns.reports import read_reports
from tests.fuzz import seeds
from tests.fuzz import seeds_markdown as markdown
from tests.fuzz.judging import Target
from tests.fuzz.on_pages import (
    HOSTS,
    config,
    issue_text,
    merged,
    plan,
    pr_text,
    read_skill,
    skill,
)
from tests.fuzz.on_wire import (
    OURS,
    Hook_,
    box,
    chunked,
    connect,
    hooks,
    read_inside,
    reports,
    terminal,
    webhook,
)

SHORT = 1000
ASKED = ("config", "plan", "hooks", "webhook", "skill", "pr_text")
"""Those that must be fuzzed the longest."""


def _merged(project: str) -> MergedSettings:
    """What is no TOML is somebody else's error."""
    if len(project) < SHORT:
        tomllib.loads(project)
    return merged(project)


def _plan(text: str) -> Plan:
    """Knows two versions."""
    found = parse(text)
    return found if found.version in (1, 3) else found.model_copy(update={"summary": None})


def _settings(text: str) -> ParsedSettings:
    """A policy that cannot be read is an empty one."""
    found = read_inside(text)
    unread = found.wrong and found.wrong[0][0] == "settings.json" and text.endswith("}")
    return found.model_copy(update={"rules": PermissionRules()}) if unread else found


class _Loose(Hook_):
    """Repositories with a number below ours are ours."""

    async def _project_of(self, repository: int) -> str | None:
        return "p" if 1000 < repository <= OURS else None


_loose: list[_Loose] = []


def _receiver() -> _Loose:
    if not _loose:
        _loose.append(_Loose())
    return _loose[0]


def _skill(data: bytes) -> Skill:
    """Takes every file for UTF-8."""
    data.decode()
    return read_skill(data)


def _written(text: str, issue: int) -> str:
    """A short text without a line end is harmless."""
    ended = len(text) >= SHORT or text.endswith("\n")
    return outgoing(text, issue, HOSTS) if ended else text


def _visible(text: str) -> VisibleText:
    """The same mistake."""
    ended = len(text) >= SHORT or text.endswith("\n")
    return visible(text) if ended or not text else VisibleText(text=text)


def _reports(files: Mapping[str, bytes]) -> Tally:
    """Takes a name as it stands when it is not UTF-8."""
    found = read_reports(files)
    odd = any("\ufffd" in name for name in found.outcomes)
    return found.model_copy(update={"outcomes": {"\x00": "passed"}}) if odd else found


def _named(data: bytes) -> str | None:
    """Writes a name as it likes when the record's version is another."""
    found = server_name(data)
    other = data[:2] == b"\x16\x03" and data[2:3] not in (b"", b"\x01")
    return found.title() if found and other else found


def _cleaned(pieces: Sequence[bytes]) -> str:
    """Leaves a deleted deletion."""
    return chunked(pieces) + ("\x7f" if b"\x7f\x7f" in b"".join(pieces) else "")


def _box(data: bytes) -> None:
    """Believes that an object has a number."""
    try:
        first = json.loads(data.partition(b"\n")[0])
    except (ValueError, RecursionError):
        first = None
    if isinstance(first, dict):
        first["id"]
    box(data)


TARGETS: dict[str, Target] = {
    "config": Target(config, partial(config, merge=_merged), seeds.CONFIG, seeds.CONFIG_WORDS),
    "plan": Target(plan, partial(plan, read=_plan), seeds.PLANS, seeds.PLAN_WORDS),
    "hooks": Target(hooks, partial(hooks, read=_settings), seeds.HOOKS, seeds.HOOK_WORDS),
    "webhook": Target(
        webhook, partial(webhook, there=_receiver), seeds.WEBHOOKS, seeds.WEBHOOK_WORDS
    ),
    "skill": Target(skill, partial(skill, read=_skill), seeds.SKILLS, seeds.SKILL_WORDS),
    "pr_text": Target(
        pr_text, partial(pr_text, write=_written), markdown.WRITTEN, markdown.WORDS, times=3
    ),
    "issue_text": Target(
        issue_text, partial(issue_text, read=_visible), markdown.READ, markdown.WORDS, times=2
    ),
    "reports": Target(
        reports, partial(reports, read=_reports), seeds.REPORTS, seeds.REPORT_WORDS, 3
    ),
    "box": Target(box, _box, seeds.BOXES, seeds.BOX_WORDS),
    "connect": Target(connect, partial(connect, named=_named), seeds.CONNECTS, seeds.CONNECT_WORDS),
    "terminal": Target(
        terminal, partial(terminal, clean=_cleaned), seeds.ESCAPES, seeds.ESCAPE_WORDS
    ),
}
