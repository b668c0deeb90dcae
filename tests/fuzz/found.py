"""Inputs that once made a parser fall over, hang, or say what it must not. Each new one the fuzzer
finds becomes a row here."""

from __future__ import annotations

import json

from tests.fuzz.judging import stretch
from tests.fuzz.on_pages import CUT

CONFIG = CUT.encode()


def _hook(matcher: str) -> bytes:
    entry = {"matcher": matcher, "hooks": [{"command": "a"}]}
    return b"{" + json.dumps({"hooks": {"PreToolUse": [entry]}}).encode()


def _nested(depth: int) -> bytes:
    return b'H0:{"hookSpecificOutput":{"updatedInput":{"a":' + b"[" * depth + b"]" * depth + b"}}}"


FOUND: tuple[tuple[str, bytes], ...] = (
    # RecursionError, a plain ValueError and half a minute, all out of tomllib
    ("config", stretch(CONFIG + b"a = ", b"[", b"1")),
    ("config", stretch(CONFIG + b"a = ", b"{a=", b"1")),
    ("config", stretch(CONFIG + b"a", b".a", b" = 1")),
    ("config", stretch(CONFIG + b"[limits]\nturns = ", b"9", b"\n")),
    # a heading's closing hashes in quadratic time; files whose names nobody can write down
    ("plan", stretch(b"# ", b"# #", b" x")),
    ("plan", b"## Tasks\n### 1 a\n- Files: \x00\x00\n"),
    ("plan", "## Tasks\n### 1 a\n- Files: `\u2028`\n".encode()),
    # numbers that no float holds; matchers that never end or cannot be compiled
    ("hooks", b'{{"hooks":{"Stop":[{"hooks":[{"command":"a","timeout":' + b"9" * 320 + b"}]}]}}"),
    ("hooks", _hook(r"(\w+)+-")),
    ("hooks", _hook(r"\w*\w*\w*\w*\w*\w*\w*\w*-")),
    ("hooks", _hook("a{99999999999}")),
    ("hooks", _hook("(" * 3000)),
    ("hooks", _nested(300)),
    # half a surrogate pair, which nothing can store, send or run
    ("hooks", b'H0:{"continue": false, "stopReason": "e\\ud800"}'),
    ("hooks", _hook("\ud800")),
    ("hooks", _nested(900)),
    # bytes that are no text
    ("skill", b"---\nname: a\ndescription: b\xff\n---\n"),
    # long words, dots, blanks, references and brackets in quadratic time
    ("pr_text", stretch(b"", b"a")),
    ("pr_text", stretch(b"", b".")),
    ("pr_text", stretch(b"fix", b" ", b"x #8")),
    ("pr_text", stretch(b"fixes ", b"#1 ")),
    ("pr_text", stretch(b"", b"![[")),
    # an entity for what nobody sees, also inside a name
    ("pr_text", b"a&ZeroWidthSpace;b @&#8203;octocat fixes &#x2060;#8\n"),
    # a mention behind what looks like an address
    ("pr_text", b"data:(@octocat mailto:fixes:#8 https://x/?(@octocat"),
    # a number that ends where something else was set apart
    ("pr_text", b"close o/x#9www.s fixes #8http://x closes GH-8a@b.test"),
    # two code spans in a row, whose backticks become one fence and set an image free
    ("pr_text", b"`e``![](`tp://)"),
    # a closing word that only its style sets apart
    ("pr_text", b"U**close** g/x#9"),
    # a command inside of a block of HTML
    ("pr_text", b"<div>\n/merge\n</div>"),
    # marks that are never closed in quadratic time; what comes apart into what is hidden
    ("issue_text", stretch(b"", b"<?")),
    ("issue_text", stretch(b"", b"<![CDATA[")),
    ("issue_text", stretch(b"<a", b" ")),
    ("issue_text", stretch(b"<", b"a")),
    ("issue_text", stretch(b"](", b" ")),
    ("issue_text", b"<<b>!-- x -->"),
    ("issue_text", b"[a]\n\n[a]:b"),
    ("issue_text", b"&#8&#8203;203;"),
    ("issue_text", stretch(b"", b"<", b"b>" * 60)),
    # names that move a cursor
    ("box", b'{"id": 1, "ok": {"hits": [["a\\u001b[2Jb", 1, "c"], ["\\u009b1m", 0, ""]]}}\n'),
    # a refusal of nothing
    ("connect", b"CONNECT  HTTP/1.1\r\n\r\n"),
    # a title that the line ends, cut anywhere
    ("terminal", stretch(b"\x00", b"\x1b]a", b"\n")),
    ("terminal", b"\x00\x1b]0;a\x18b\r\x1b[0m\nc"),
)
