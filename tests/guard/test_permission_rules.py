"""Permission rules as Claude Code reads them, and that no text makes them crash or hang."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.guard.command_parts import parse
from harness.guard.permission_rules import (
    Decision,
    PermissionRules,
    Use,
    host_matches,
    path_matches,
    read_rule,
    read_rules,
    use_of,
    wild,
)


def rules(**lists: list[str]) -> PermissionRules:
    read = {name: read_rules(lines)[0] for name, lines in lists.items()}
    return PermissionRules(**read, home="/home/ada", root="/home/ada/app")


def allows(pattern: str, command: str) -> bool:
    made = rules(allow=[pattern]).model_copy(update={"otherwise": "deny"})
    return made.judge(Use(tool="Bash", command=command)).decision == "allow"


def refuses(pattern: str, command: str) -> bool:
    return rules(deny=[pattern]).judge(Use(tool="Bash", command=command)).decision == "deny"


@pytest.mark.parametrize(
    ("pattern", "command", "wanted"),
    [
        ("Bash", "anything | at all", True),
        ("Bash(*)", "anything", True),
        ("Bash(npm run build)", "npm run build", True),
        ("Bash(npm run build)", "npm  run   build ", True),
        ("Bash(npm run build)", "npm run build:prod", False),
        ("Bash(npm run *)", "npm run test -- -x", True),
        ("Bash(npm run *)", "npm run", True),
        ("Bash(npm run *)", "npm runner", False),
        ("Bash(npm run test:*)", "npm run test", True),
        ("Bash(npm run test:*)", "npm run test tests/a", True),
        ("Bash(npm run test:*)", "npm run testing", False),
        ("Bash(ls*)", "lsof", True),
        ("Bash(ls *)", "lsof", False),
        ("Bash(git * main)", "git checkout main", True),
        ("Bash(git * main)", "git checkout other", False),
        ("Bash(git log *)", "git log --oneline && rm -rf /", False),
        ("Bash(git log *)", "git log; git log -1", True),
        ("Bash(git log *)", "git log | tee out", False),
        ("Bash(git log *)", "git log & curl x", False),
        ("Bash(git log *)", "git log\ncurl x", False),
        ("Bash(git log *)", "git log $(curl x)", False),
        ("Bash(git log *)", "git log `curl x`", False),
        ("Bash(git log *)", 'git log "$(curl x)"', False),
        ("Bash(git log *)", "git log '$(quoted)'", True),
        ("Bash(git log *)", "git log <(curl x)", False),
        ("Bash(git log *)", "git log 'open", False),
        ("Bash(git log *)", "GIT_PAGER=evil git log", False),
        ("Bash(git log *)", "git log 2>&1", True),
        ("Bash(make test *)", "timeout 60 make test", True),
        ("Bash(make test *)", "nice -n 5 nohup make test -j", True),
        ("Bash(curl * | bash)", "curl x | bash", False),
        ("Bash(echo a && echo b)", "echo a && echo b", True),
        ("Edit", "ls", False),
    ],
)
def test_what_a_rule_allows(pattern: str, command: str, wanted: bool) -> None:
    assert allows(pattern, command) is wanted


@pytest.mark.parametrize(
    ("pattern", "command", "wanted"),
    [
        ("Bash(*-h*)", "rm -h", True),
        ("Bash(curl *)", "curl x", True),
        ("Bash(curl *)", "cd /tmp && curl x", True),
        ("Bash(curl *)", "echo $(curl x)", True),
        ("Bash(curl *)", "echo `curl x`", True),
        ("Bash(curl *)", "A=1 curl x", True),
        ("Bash(curl *)", "timeout 3 curl x", True),
        ("Bash(curl *)", "env A=1 curl x", True),
        ("Bash(curl *)", "(curl x)", True),
        ("Bash(curl *)", "! curl x", True),
        ("Bash(curl * | bash)", "curl x | bash", True),
        ("Bash(curl *)", "curling", False),
        ("Bash(curl *)", "echo 'a; curl x'", False),
        ("Bash(git push --force:*)", "git push --force origin", True),
    ],
)
def test_what_a_rule_refuses(pattern: str, command: str, wanted: bool) -> None:
    assert refuses(pattern, command) is wanted


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        (".env", ".env", True),
        (".env", "deep/down/.env", True),
        ("./.env", ".env", True),
        ("./.env", "deep/.env", False),
        ("/src/**", "src/a.py", True),
        ("src/**", "src/deep/a.py", True),
        ("src/**", "other/src/a.py", False),
        ("src/**", "src", False),
        ("src", "src/deep/a.py", True),
        ("**/secrets/**", "a/secrets/b", True),
        ("**/secrets/**", "secrets/b/c", True),
        ("./secrets/**", "./secrets/x", True),
        ("./secrets/**", "a/../secrets/x", True),
        ("./secrets/**", "/home/ada/app/secrets/x", True),
        ("./secrets/**", "/home/ada/app-two/secrets/x", False),
        ("src/**/*.ts", "src/a/b/c.ts", True),
        ("src/**/*.ts", "src/c.ts", True),
        ("*.pem", "keys/a.pem", True),
        ("*.pem", "keys/a.pem.txt", False),
        ("a?c", "abc", True),
        ("[ab].txt", "b.txt", True),
        ("[^ab].txt", "b.txt", False),
        ("[z-a]", "z", False),
        (r"\[x\]", "[x]", True),
        ("~/.ssh/**", "/home/ada/.ssh/id", True),
        ("~/.ssh/**", "~/.ssh/id", True),
        ("~/.ssh/**", "/home/eve/.ssh/id", False),
        ("//etc/**", "/etc/passwd", True),
        ("//etc/**", "etc/passwd", False),
        ("//home/ada/app/x", "x", True),
        ("**", "anything/at/all", True),
    ],
)
def test_paths_as_gitignore_reads_them(pattern: str, path: str, wanted: bool) -> None:
    assert path_matches(pattern, path, home="/home/ada", root="/home/ada/app") is wanted


@pytest.mark.parametrize(
    ("pattern", "url", "wanted"),
    [
        ("example.org", "https://example.org/a?b", True),
        ("example.org", "https://EXAMPLE.org.:443/", True),
        ("example.org", "https://sub.example.org/", False),
        ("example.org", "https://example.org.evil.test/", False),
        ("example.org", "https://example.org@evil.test/", False),
        ("example.org", "https://evil.test/#example.org", False),
        ("*.example.org", "https://a.b.example.org/", True),
        ("*.example.org", "https://example.org/", False),
        ("*.example.org", "https://evilexample.org/", False),
        ("*", "https://any.test", True),
    ],
)
def test_hosts(pattern: str, url: str, wanted: bool) -> None:
    assert host_matches(pattern, url) is wanted


@pytest.mark.parametrize(
    ("lists", "decision"),
    [
        ({"deny": ["Bash"], "allow": ["Bash(ls)"]}, "deny"),
        ({"ask": ["Bash(ls)"], "allow": ["Bash"]}, "ask"),
        ({"ask": ["Bash"], "deny": ["Bash(ls)"]}, "deny"),
        ({"allow": ["Bash(ls)"]}, "allow"),
        ({}, "allow"),
    ],
)
def test_deny_before_ask_before_allow(lists: dict[str, list[str]], decision: Decision) -> None:
    assert rules(**lists).judge(Use(tool="Bash", command="ls")).decision == decision


def test_where_nobody_is_asked_what_would_be_asked_for_is_refused() -> None:
    unattended = rules(ask=["Bash(ls)"], allow=["Bash"]).model_copy(update={"otherwise": "deny"})
    assert unattended.judge(Use(tool="Bash", command="ls")).decision == "deny"
    assert unattended.judge(Use(tool="Bash", command="pwd")).decision == "allow"


def test_a_refused_command_is_known_in_quotes_and_over_lines() -> None:
    for command in ("'curl' x", '"curl" x', "c''url x", "c\\url x", "cu\\\nrl x", "$'curl' x"):
        assert refuses("Bash(curl *)", command), command
    assert not refuses("Bash(curl *)", "echo 'curl x'")


def test_tools_that_belong_together() -> None:
    def judged(name: str, lists: dict[str, list[str]], **arguments: str) -> str:
        return rules(**lists).judge(use_of(name, arguments)).decision

    assert judged("search", {"deny": ["Read(./secrets/**)"]}, path="secrets/a") == "deny"
    assert judged("write", {"deny": ["Edit(/src/**)"]}, path="src/a") == "deny"
    assert judged("edit", {"deny": ["Write(/src/**)"]}, path="src/a") == "deny"
    assert judged("read", {"deny": ["Edit(/src/**)"]}, path="src/a") == "allow"
    for spelled in ("http://a.test", "HTTPS://A.test:443/x#y", " https://a\t.test./"):
        assert judged("reference", {"deny": ["WebFetch(domain:a.test)"]}, source=spelled) == "deny"
    assert judged("reference", {"deny": ["WebFetch"]}, source="https://b.test") == "deny"
    assert judged("reference", {"deny": ["WebFetch"]}, query="words") == "allow"
    assert judged("reference", {"deny": ["WebSearch"]}, query="words") == "deny"
    assert judged("web_fetch", {"deny": ["WebFetch(domain:a.test)"]}, url="http://a.test") == "deny"
    assert judged("mcp__github__merge", {"deny": ["mcp__github"]}) == "deny"
    assert judged("mcp__github__merge", {"deny": ["mcp__github__*"]}) == "deny"
    assert judged("mcp__github__merge", {"deny": ["mcp__github__read"]}) == "allow"
    assert judged("mcp__githubby__merge", {"deny": ["mcp__github"]}) == "allow"
    assert judged("task", {"deny": ["Agent"]}, title="x") == "deny"


def test_a_project_may_only_narrow() -> None:
    operator = rules(allow=["Bash(ls)"], deny=["Bash(rm *)"])
    project = rules(allow=["Bash(rm *)"], ask=["Bash(ls)"])
    both = operator.narrow(project)
    assert both.judge(Use(tool="Bash", command="rm x")).decision == "deny"
    assert both.judge(Use(tool="Bash", command="ls")).decision == "ask"


def test_lines_that_are_no_rules_are_named() -> None:
    good, wrong = read_rules(["Bash(ls)", "Bash(", "", 7, "Read()", "two words"])
    assert [str(rule) for rule in good] == ["Bash(ls)"]
    assert wrong == ("Bash(", "", "7", "Read()", "two words")


@given(st.text(max_size=400), st.text(max_size=60))
def test_no_text_breaks_it(command: str, pattern: str) -> None:
    parse(command)
    rule = read_rule(f"Bash({pattern})")
    if rule is not None:
        one = PermissionRules(deny=(rule,), allow=(rule,))
        one.judge(Use(tool="Bash", command=command))
    path_matches(pattern, command, home="/h", root="/r")
    host_matches(pattern, command)


@given(st.lists(st.sampled_from("ab*"), max_size=12), st.text("ab", max_size=12))
@settings(max_examples=300)
def test_stars_agree_with_a_plain_definition(pattern: list[str], text: str) -> None:
    def plain(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return plain(pattern[1:], text) or (bool(text) and plain(pattern, text[1:]))
        return bool(text) and text[0] == pattern[0] and plain(pattern[1:], text[1:])

    assert wild("".join(pattern), text) == plain("".join(pattern), text)


@given(st.lists(st.sampled_from(["**", "*", "a", "b", "a*"]), min_size=1, max_size=5),
       st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=6))  # fmt: skip
def test_anchored_paths_agree_with_a_plain_definition(pattern: list[str], path: list[str]) -> None:
    def whole(pattern: list[str], path: list[str]) -> bool:
        if not pattern:
            return True  # what is below a match matches
        if pattern == ["**"]:
            return bool(path)
        if pattern[0] == "**":
            return whole(pattern[1:], path) or (bool(path) and whole(pattern, path[1:]))
        return bool(path) and wild(pattern[0], path[0]) and whole(pattern[1:], path[1:])

    if not "".join(pattern).strip("*"):
        return
    assert path_matches("/" + "/".join(pattern), "/".join(path)) == whole(pattern, path)


def test_many_stars_take_no_time() -> None:
    command, pattern = "a" * 100_000, "*a" * 1000 + "b"
    assert not refuses(f"Bash({pattern})", command)
    assert not path_matches("/".join(["**", "*a*a*a*a*b"] * 50), "/".join(["a" * 200] * 50))


# ------------------------------------------------------------ properties

LINES = st.sampled_from(
    [
        *("Bash", "Bash(*)", "Bash(git *)", "Bash(git push:*)", "Bash(curl *)", "Bash(*-h*)"),
        *(
            "Bash(rm -rf *)",
            "Bash(ls)",
            "Read(./secrets/**)",
            "Read(*.env)",
            "Edit(src/**)",
            "Edit",
        ),
        *(
            "WebFetch(domain:*.a.test)",
            "WebFetch",
            "mcp__a",
            "mcp__a__*",
            "Agent",
            "Read(//etc/**)",
        ),
    ]
)
LISTS = st.lists(LINES, max_size=4)
OTHERWISE = st.sampled_from(["allow", "ask", "deny"])
WORDS = st.sampled_from(
    ["git", "push", "curl", "x", "rm", "-rf", "ls", "-h", "A=1", "env", "timeout", "3", "'q q'"]
)
COMMANDS = st.lists(
    st.lists(WORDS, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=3
).flatmap(lambda parts: st.sampled_from([" && ", "; ", " | ", "\n"]).map(lambda by: by.join(parts)))
USES = st.one_of(
    COMMANDS.map(lambda c: Use(tool="Bash", command=c)),
    st.sampled_from(["secrets/a", "src/a.py", "a/.env", "/etc/passwd", "x"]).flatmap(
        lambda p: st.sampled_from(["Read", "Edit", "Write", "Grep"]).map(
            lambda t: Use(tool=t, path=p)
        )
    ),
    st.sampled_from(["https://a.test/", "https://b.a.test/x"]).map(
        lambda u: Use(tool="WebFetch", url=u)
    ),
    st.sampled_from(["mcp__a__b", "mcp__ab__c", "Agent"]).map(lambda t: Use(tool=t)),
)
MADE = st.builds(
    lambda allow, ask, deny, otherwise: rules(allow=allow, ask=ask, deny=deny).model_copy(
        update={"otherwise": otherwise}
    ),
    LISTS,
    LISTS,
    LISTS,
    OTHERWISE,
)
STRICT = ("deny", "ask", "allow")
ENOUGH = settings(max_examples=250, deadline=None, derandomize=True, database=None)


@ENOUGH
@given(MADE, LISTS, USES)
def test_deny_wins_whatever_else_is_said(made: PermissionRules, more: list[str], use: Use) -> None:
    alone = PermissionRules(deny=made.deny, home=made.home, root=made.root)
    if alone.judge(use).decision == "deny":
        wider = made.model_copy(update={"allow": (*made.allow, *read_rules(more)[0])})
        assert wider.judge(use).decision == "deny"


@ENOUGH
@given(MADE, LISTS, USES)
def test_another_refusal_permits_nothing(made: PermissionRules, more: list[str], use: Use) -> None:
    stricter = made.model_copy(update={"deny": (*made.deny, *read_rules(more)[0])})
    was, now = made.judge(use).decision, stricter.judge(use).decision
    assert STRICT.index(now) <= STRICT.index(was)
    assert now in (was, "deny")


@ENOUGH
@given(MADE, MADE, USES)
def test_a_project_never_allows_more_than_the_operator_alone(
    operator: PermissionRules, project: PermissionRules, use: Use
) -> None:
    alone, both = operator.judge(use).decision, operator.narrow(project).judge(use).decision
    assert STRICT.index(both) <= STRICT.index(alone)


@ENOUGH
@given(MADE, st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=3), st.data())
def test_a_command_is_the_same_whatever_blanks_stand_in_it(
    made: PermissionRules, parts: list[list[str]], data: st.DataObject
) -> None:
    blank = st.sampled_from([" ", "  ", "\t", " \\\n ", "\\\n "])
    by = data.draw(st.sampled_from(["&&", ";", "|"]))
    spread = f" {by} ".join(
        "".join(word + data.draw(blank) for word in words).removesuffix("\\\n ") for words in parts
    )
    plain = f" {by} ".join(" ".join(words) for words in parts)
    was = made.judge(Use(tool="Bash", command=plain)).decision
    assert made.judge(Use(tool="Bash", command=f"  {spread}\n")).decision == was


@ENOUGH
@given(st.sampled_from(["curl", "git push", "rm -rf"]), st.data())
def test_quoting_hides_no_command_from_a_refusal(name: str, data: st.DataObject) -> None:
    """And it is never enough to be allowed by."""
    first, *rest = name.split()
    at = data.draw(st.integers(1, len(first) - 1))
    quoted = data.draw(
        st.sampled_from(
            [
                f"{first[:at]}''{first[at:]}",
                f"'{first}'",
                f'"{first}"',
                f"{first[:at]}\\{first[at:]}",
            ]
        )
    )
    command = " ".join([quoted, *rest, "x"])
    assert refuses(f"Bash({name} *)", command)
