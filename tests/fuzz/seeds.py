"""What the fuzzer starts from: our own valid examples, in code, and words worth putting in."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

from harness.core.types import Criterion, ExpectationChange, Plan, Task
from harness.i18n.catalogue import Catalogue, languages
from harness.report.plan_page import render
from tests.fuzz.judging import stretch
from tests.fuzz.on_pages import CUT
from tests.fuzz.on_wire import delivery, signed

ROOT = Path(__file__).resolve().parents[2]

OPERATOR = """
language = "en"
[limits]
turns = 40
tokens = 100_000
run = { tokens = 500, cost_usd = 1.5 }
[policy]
merge = "ask"
protected = [".github/**", "*.pem"]
[egress]
allow = ["pypi.org:443", "files.pythonhosted.org"]
"""
PROJECT = """
# a project's own
[test]
command = '''pytest -q
--maxfail=1'''
reporter = "pytest+jest"
[environment]
setup = ["pip install -e .", "make"]
env = { "A.B" = "1", C = "two" }
[limits]
turns = 4
"""
CONFIG = (
    f"{OPERATOR}{CUT}{PROJECT}".encode(),
    CUT.encode() + PROJECT.encode(),
    OPERATOR.encode(),
    f"{CUT}[trust]\npermission = 'admin'\nlabels = ['a']\n[policy]\nreview = false\n".encode(),
    f"[models.a]\ndialect = 'openai'\nmodel = 'm'{CUT}[models.a]\nmodel='x'\n".encode(),
    f"{CUT}[schedule]\nevery = '5m'\n[egress]\nallow = []\n".encode(),
    stretch(CUT.encode() + b"a = ", b"[", b"1"),
    stretch(CUT.encode() + b"a = ", b"{a=", b"1"),
    stretch(CUT.encode() + b"a", b".a", b" = 1"),
    stretch(CUT.encode(), b"#\n\n", b"[test]\ncommand = 'x'\n"),
    stretch(CUT.encode() + b"[test]\ncommand = '", b"x ", b"'\n"),
)
CONFIG_WORDS = tuple(
    word.encode()
    for word in (
        *("[[", "]]", "'''", '"""', "\\u0041", "inf", "nan", "1e400", "-0", "0x7f", "true"),
        *("1979-05-27", "07:32:00", "limits", "turns", "policy", "trust", "egress", "models"),
        *("test", "environment", "env", "allow", "merge", "= ", "{", "}", ".", CUT, "9" * 30),
    )
)

PLAN = Plan(
    version=3,
    summary="Empty input makes the parser loop.",
    kind="bug",
    difficulty="medium",
    tasks=(
        Task(id="1", title="Stop at the end", files=("src/parser.py", "tests/**")),
        Task(id="docs", title="Say so", detail="## No\n- x", files=("a b,c",), depends=("1",)),
    ),
    criteria=(
        Criterion(text="The new test passes", check="pytest -q"),
        Criterion(text="It builds", check="cd docs\n  lint"),
    ),
    risks=("Check: this is a risk",),
    alternatives=("Raise",),
    test_changes=(ExpectationChange(test="tests/a.py::b", why="it now gives []"),),
)
PLANS = (
    *(render(PLAN, "Loops", Catalogue(language)).encode() for language in languages()),
    b"Here:\n\n```plan\n## Tasks\n### 1 a\n- Files: `a`\n```\n",
    b"## Tasks\n\n### a: b\n* Files: a, b\n1) Depends on: a\n",
    stretch(b"## Tasks\n### 1 a\n- Files: ", b"`a`, ", b"\n"),
    stretch(b"## Tasks\n", b"### 1 a\n- Files: a\n"),
    stretch(b"## Tasks\n### 1 a\n- Files: a\n## Risks\n- ", b"*", b"\n"),
    stretch(b"# ", b"# #", b" x"),
    stretch(b"", b"- Kind: ", b"bug"),
    stretch(b"## Tasks\n### 1 a\n- Files: a\n", b"``` `", b"\n"),
)
PLAN_WORDS = tuple(
    word.encode()
    for word in (
        *("## Tasks", "### ", "- Files: ", "- Depends on: ", "## Risks", "## Acceptance criteria"),
        *(
            "  - Check:",
            "```",
            "~~~",
            "`` ` ``",
            "> ",
            "\\",
            "- Kind: bug",
            "- Version: 2",
            "：",
            "#",
        ),
        *("## 작업", "- 파일: ", "\r", "\u2028", "\x0b", "\ufeff", "```plan"),
    )
)

SKILLS = (
    *((path / "SKILL.md").read_bytes() for path in sorted((ROOT / "skills").iterdir())),
    b'---\nname: a-b\ndescription: "what: it does"\nallowed-tools: [Read]\n---\n\nBody\n',
    b"---\r\nname: a\r\ndescription: b\r\n---\r\nx\r\n",
    stretch(b"---\nname: a\ndescription: b\n", b"k: v\n", b"---\n"),
    stretch(b"---\n", b":", b"\n---\n"),
)
SKILL_WORDS = (
    b"---\n",
    b"name: ",
    b"description: ",
    b'"',
    b"'",
    b":",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
)

SETTINGS = (ROOT / ".claude" / "settings.json").read_bytes()
ANSWER = {
    "continue": False,
    "stopReason": "enough",
    "decision": "block",
    "reason": "no",
    "hookSpecificOutput": {
        "hookEventName": "PreToolUse",
        "permissionDecision": "allow",
        "permissionDecisionReason": "ok",
        "updatedInput": {"command": "ls"},
        "additionalContext": "c",
    },
}
RULES = {
    "permissions": {"deny": ["Bash(*-h*)", "Edit"], "ask": ["mcp__a"], "defaultMode": "plan"},
    "hooks": {
        "PreToolUse": [
            {"matcher": "Edit|mcp__.*", "hooks": [{"type": "command", "command": "a"}]},
            {"matcher": "", "hooks": [{"type": "command", "command": "b", "timeout": 5}]},
        ]
    },
}
HOOKS = (
    b"{" + SETTINGS,
    b"{" + json.dumps(RULES).encode(),
    b'{{"permissions": {"deny": [1, "Bash(", "Read(**/a/*/[b-c]?)"], "allow": "x"}}',
    b"H0:" + json.dumps(ANSWER).encode(),
    b"H2:no",
    b"Hn:",
    b"H0:plain words",
    b'{{"permissions": {"deny": ["Edit(' + b"**/a/" * 40 + b')"]}}',
    stretch(b"H0:", b"[", b""),
    stretch(b'H0:{"hookSpecificOutput":{"updatedInput":{"a":', b"[", b""),
    stretch(b'{{"permissions":{"deny":["Edit(', b"**/", b'b)"]}}'),
    stretch(b'{{"permissions":{"deny":["Bash(', b"*a", b'b)"]}}'),
    stretch(b'{{"permissions":{"deny":[', b'"Bash",', b'"x"]}}'),
    stretch(b'{{"hooks":{"Stop":', b"[", b""),
    b'H0:{"hookSpecificOutput":{"updatedInput":{"a":' + b"[" * 200 + b"]" * 200 + b"}}}",
    b'{{"hooks":{"Stop":[{"hooks":[{"command":"a","timeout":' + b"9" * 320 + b"}]}]}}",
    b'{{"hooks":{"PreToolUse":[{"matcher":"(\\\\w+)+-","hooks":[{"command":"a"}]}]}}',
    b'{{"hooks":{"PreToolUse":[{"matcher":"a{99999999999}","hooks":[{"command":"a"}]}]}}',
    b'{{"hooks":{"PreToolUse":[{"matcher":"' + b"(" * 3000 + b'","hooks":[{"command":"a"}]}]}}',
    b'{{"hooks":{"PreToolUse":[{"matcher":"[[a]&&b]","hooks":[{"command":"a"}]}]}}',
)
HOOK_WORDS = tuple(
    word.encode()
    for word in (
        *('"permissions"', '"deny"', '"allow"', '"ask"', '"hooks"', '"PreToolUse"', '"matcher"'),
        *('"command"', '"timeout"', "Infinity", "NaN", "1e999", '"defaultMode"', '"dontAsk"'),
        *('"hookSpecificOutput"', '"permissionDecision"', '"updatedInput"', '"continue":false'),
        *(
            "Bash(",
            "Read(//",
            "Edit(~/",
            "mcp__",
            "WebFetch(domain:",
            "**/",
            "[!",
            "\\\\",
            "\\ud800",
        ),
        *("+)+", ".*", "{2,9}", "(?=", "null", "true", "9" * 30),
    )
)

BODY = json.dumps({"action": "opened", "repository": {"id": 4711}}).encode()
WEBHOOKS = (
    b"R" + delivery(BODY, "guid-seed", signed(BODY)),
    b"R" + delivery(BODY, "guid-seed", b"sha256=" + b"0" * 64),
    b"RGET /github HTTP/1.1\r\nHost: x\r\n\r\n",
    b"RPOST /github?x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"S" + BODY,
    b'S{"repository": {"id": 4712}}',
    b"S[]",
    b'S{"repository": {"id": true}}',
    b'S{"repository": {"id": ' + b"9" * 30 + b"}}",
    stretch(b"S", b"[", b""),
    stretch(b'S{"a":', b'{"a":', b""),
    stretch(b"RPOST /github HTTP/1.1\r\n", b"A: b\r\n", b"\r\n"),
)
WEBHOOK_WORDS = (
    *(b"\r\n", b"\r\n\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked", b"HTTP/1.1"),
    *(b"POST /github ", b"X-Hub-Signature-256: sha256=", b"X-GitHub-Event: ", b'"repository"'),
    *(b'"id"', b"4711", b"\xff\xfe", b"\x00", b"99999999999999999999"),
)

JUNIT = b"""<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest">
<testcase classname="tests.test_a.TestB" name="test_c[1]"><failure message="no">x</failure>
</testcase><testcase classname="" name="tests.test_broken"><error message="collection"/></testcase>
<testcase classname="t" name="s" file="a.py"><skipped type="pytest.xfail"/></testcase>
</testsuite></testsuites>"""
JEST = {
    "testResults": [
        {"name": "/work/a.js", "status": "failed", "assertionResults": []},
        {
            "name": "b.js",
            "assertionResults": [{"status": "passed", "title": "t", "ancestorTitles": ["s", 1]}],
        },
    ]
}
REPORTS = (
    JUNIT,
    b'<testsuite name="x"><testcase name="a/b.test.js" classname="test"/></testsuite>',
    b'<!DOCTYPE a [<!ENTITY b "c">]><testsuite>&b;</testsuite>',
    json.dumps(JEST).encode(),
    stretch(b"<testsuite>", b"<testsuite>", b""),
    stretch(b"<testsuite>", b"<testcase name='a'/>", b"</testsuite>"),
    stretch(b"<testsuite><testcase name='a'>", b"<error/>", b"</testcase></testsuite>"),
    stretch(b"<testsuite name='", b"a", b"'/>"),
    stretch(b"<testsuite ", b"a='b' ", b"/>"),
    stretch(b'{"testResults":[', b"[", b""),
    stretch(b'{"testResults":[', b'{"name":1,"assertionResults":[{}]},', b"{}]}"),
)
REPORT_WORDS = (
    *(
        b"<testcase ",
        b"<testsuite>",
        b"<failure ",
        b"<error ",
        b"<skipped ",
        b"name=",
        b"</testcase>",
    ),
    *(
        b"classname=",
        b"file=",
        b"&#xd800;",
        b"&amp;",
        b"<![CDATA[",
        b"<!DOCTYPE a",
        b"\x00",
        b"\xff",
    ),
    *(
        b'"testResults"',
        b'"assertionResults"',
        b'"ancestorTitles"',
        b'"status"',
        b"\\ud800",
        b"NaN",
    ),
)


def _answers(*said: object) -> bytes:
    return b"".join(
        json.dumps({"id": n, **one}).encode() + b"\n"  # type: ignore[dict-item]
        for n, one in enumerate(said, 1)
    )


HITS = {"ok": {"hits": [["a.py", 3, "text"], ["b\\xff", 0, ""]]}}
BOXES = (
    _answers(HITS, {"ok": {"data": "aGVsbG8="}}, {"ok": {}}),
    _answers({"error": "FileNotFoundError", "code": 2, "text": "none"}),
    _answers({"error": "MemoryError", "code": 0, "text": "\x1b[31m"}),
    _answers(HITS, {"error": "PermissionError", "code": 13, "text": "no"}),
    b'{"id": 1}\n',
    b'{"id": true, "ok": {"hits": []}}\n',
    stretch(b'{"id": 1, "ok": ', b"[", b"\n"),
    stretch(b'{"id": 1, "ok": {"hits": [', b'["a",1,"b"],', b'["a",1,"b"]]}}\n'),
    stretch(b'{"id": 1, "error": "x", "code": 1, "text": "', b"a\\u001b", b'"}\n'),
)
BOX_WORDS = (
    *(b'"id"', b'"ok"', b'"hits"', b'"error"', b'"code"', b'"text"', b'"data"', b"\\ud800", b"\n"),
    *(
        b"\\u001b",
        b"\\u0000",
        b"9" * 30,
        b"1e999",
        b"NaN",
        b"null",
        b"BlockingIOError",
        b"==",
        b"\xff",
    ),
)


def hello(name: str | None) -> bytes:
    """What the machine's own TLS sends first."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(coming, going, server_hostname=name)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return going.read()
    raise AssertionError("a handshake without an answer")


CONNECT = b"CONNECT allowed.test:443 HTTP/1.1\r\nHost: allowed.test:443\r\n\r\n"
CONNECTS = (
    CONNECT + hello("allowed.test"),
    CONNECT + hello("evil.test"),
    CONNECT + b"GET / HTTP/1.1\r\n\r\n",
    CONNECT.replace(b"allowed", b"ALLOWED") + hello(None),
    b"GET http://evil.test/x HTTP/1.1\r\n\r\n",
    b"CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n",
    hello("allowed.test"),
    b"[::ffff:127.0.0.1]:443",
    stretch(b"CONNECT ", b"a.", b":443 HTTP/1.1\r\n\r\n"),
    stretch(CONNECT, b"\x16\x03\x01\x00\x01\x01", b""),
    stretch(b"CONNECT a:1 HTTP/1.1\r\n", b"A: b\r\n", b"\r\n"),
)
CONNECT_WORDS = (
    *(
        b"CONNECT ",
        b"allowed.test",
        b":443",
        b" HTTP/1.1\r\n",
        b"\r\n\r\n",
        b"http://",
        b"@",
        b"%00",
    ),
    *(b"\x16\x03\x01", b"\x00\x00", b"[::1]", b"0x7f.1", b"127.0.0.1", b"evil.test", b"\x01\x00"),
)

ESCAPES = (
    b"\x00a\x1b[31mb\x1b[0m \x1b]0;title\x07 \x1b]8;;http://e\x1b\\l\x1b]8;;\x1b\\",
    b"\x01\x1bP1$r\x1b\\x\x1b(B\x1b#8\x1bc\xc2\x9b31m\xc2\x9d0;t\xc2\x9c\x9b",
    "\x02가\r나\r\n\x08\x7f다\x1b".encode(),
    stretch(b"\x00\x1b]", b"x", b""),
    stretch(b"\x03", b"\x1b[", b""),
    stretch(b"\x03\x1b[", b"0;", b"\x1b"),
    stretch(b"\x00", b"\x1b]a", b"\n"),
    stretch(b"\x00", b"\x1b ", b""),
)
ESCAPE_WORDS = (
    *(b"\x1b[", b"\x1b]", b"\x1b\\", b"\x07", b"\x1bP", b"\xc2\x9b", b"\xc2\x9d", b"\xc2\x9c"),
    *(b"\x1b^", b"\x1b_", b"\x1bX", b"\r", b"\n", b"\xe2\x82", b"\xff", b"52;c;", b"8;;"),
)
