"""Rules of Claude Code's settings files about skills."""

from __future__ import annotations

import json

import pytest

from harness.guard.skill_rules import read_skill_rules


def refuses(name: str, *deny: object, key: str = "deny") -> bool:
    return read_skill_rules(json.dumps({"permissions": {key: list(deny)}})).refuses(name)


@pytest.mark.parametrize(
    ("rule", "name", "refused"),
    [
        ("Skill", "deploy", True),
        ("Skill(*)", "deploy", True),
        ("*", "deploy", True),
        ("Skill(deploy)", "deploy", True),
        ("Skill(deploy)", "deploy-all", False),
        ("Skill(deploy)", "redeploy", False),
        ("Skill(deploy *)", "deploy", True),
        ("Skill(deploy *)", "deploy-all", True),
        ("Skill(deploy:*)", "deploy", True),
        ("Skill(deploy*)", "deploy-all", True),
        ("Skill(deploy *)", "test", False),
        ("Skill(*-all)", "deploy-all", True),
        ("Skill( Deploy )", "deploy", True),
        ("Skill(my_deploy)", "my-deploy", True),
        ("Skill(/deploy)", "deploy", True),
        ("Skill(apps/web:deploy)", "deploy", True),
        ("SlashCommand(/deploy)", "deploy", True),
        ("SlashCommand(/deploy:*)", "deploy", True),
        ("Bash(deploy)", "deploy", False),
        ("Read(.claude/skills/**)", "deploy", False),
        ("Skill(deploy", "anything", True),
        ("Skill()", "anything", True),
        ("Bash(", "deploy", False),
    ],
)
def test_what_a_rule_refuses(rule: str, name: str, refused: bool) -> None:
    assert refuses(name, rule) is refused
    assert refuses(name, rule, key="ask") is refused
    assert not refuses(name, rule, key="allow")


def test_a_file_that_cannot_be_read_refuses_all_and_an_empty_one_nothing() -> None:
    for text in ("", "{", "[]", '{"permissions": []}', '{"permissions": {"deny": "Skill(a)"}}'):
        assert read_skill_rules(text).refuses("a"), text
    for text in ("{}", '{"permissions": {}}', '{"permissions": {"deny": []}}'):
        assert not read_skill_rules(text).refuses("a"), text
    plan = '{"permissions": {"defaultMode": "dontAsk", "deny": [7, "Bash(x)"]}}'
    assert not read_skill_rules(plan).refuses("a")
