"""What may not leave: places, names, modes, bounds, secrets; at each bound, below it and beyond."""

from __future__ import annotations

import base64
import gzip

import pytest

from harness.core.types import FileChange, Finding
from harness.core.words import Catalogue
from harness.guard.publishing import PublishPolicy, matches, publishable, scan_text
from harness.guard.secrets import forms, leaks, shapes

TOKEN = "s3cr3t-Canary/Value+0042"
POLICY = PublishPolicy()


def change(path: str, **facts: object) -> FileChange:
    given = {"path": path, "status": "added", "new_mode": "100644", **facts}
    return FileChange.model_validate(given)


def keys(*changes: FileChange, data: bytes = b"x", approved: tuple[str, ...] = ()) -> list[str]:
    found = publishable(changes, {c.path: data for c in changes}, approved, POLICY, [TOKEN])
    speak(found)
    return [f.say.key for f in found]


def speak(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        assert (finding.source, finding.severity) == ("policy", "blocking")
        for words in (Catalogue("en"), Catalogue("ko")):
            said = words(finding.say.key, **finding.say.facts)
            assert TOKEN not in said


def test_an_ordinary_change_may_leave() -> None:
    assert keys(change("src/a.py"), change("docs/깃.md"), change("tests/test_a.py")) == []
    assert keys(change("bin/run", new_mode="100755", old_mode="100755", status="modified")) == []
    assert keys(change("src/link", new_mode="120000"), data=b"../docs/a.md") == []


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".GitHub/workflows/ci.yml",
        ".github./workflows/x.yml",
        ".git\u200bhub/workflows/x.yml",
        "CODEOWNERS",
        "docs/codeowners",
        "CLAUDE.md",
        "pkg/claude.MD",
        "AGENTS.md",
        ".claude/settings.json",
        ".claude",
        ".mcp.json",
        ".devcontainer/devcontainer.json",
        ".gitlab-ci.yml",
        "harness.toml",
        "sub/.gitattributes",
    ],
)
def test_a_protected_path_needs_a_person(path: str) -> None:
    assert "guard.protected" in keys(change(path))
    assert "guard.protected" in keys(change(path, status="deleted", new_mode=""))


def test_an_approved_plan_lifts_only_what_it_names() -> None:
    ci = change(".github/workflows/ci.yml")
    assert keys(ci, approved=(".github/workflows/ci.yml",)) == []
    assert keys(ci, approved=(".github/**",)) == []
    assert keys(ci, approved=("**", "*", "**/ci.yml", "src/**")) == ["guard.protected"]
    assert keys(change(".git/config"), approved=(".git/**",)) == ["guard.nested_git"]


def test_dependencies_wait_for_a_person_where_the_policy_says_so() -> None:
    lock = change("web/package-lock.json")
    assert keys(lock) == []
    policy = PublishPolicy(manifests="hold")
    found = publishable([lock], {}, (), policy)
    assert [f.say.key for f in found] == ["guard.manifest"]
    assert publishable([lock], {}, ("web/package-lock.json",), policy) == ()


@pytest.mark.parametrize(
    ("one", "data", "key"),
    [
        (change("a\nb"), b"", "odd_name"),
        (change("a\x1b[31m"), b"", "odd_name"),
        (change("a\u202eb.py"), b"", "odd_name"),
        (change("a\udcffb"), b"", "odd_name"),
        (change("a\\b"), b"", "odd_name"),
        (change("../a"), b"", "odd_name"),
        (change("/etc/x"), b"", "odd_name"),
        (change("a" * 401), b"", "odd_name"),
        (change("x/.git/config"), b"", "nested_git"),
        (change("x/.GIT/hooks/post"), b"", "nested_git"),
        (change("x/git~1/config"), b"", "nested_git"),
        (change("x/.git. /config"), b"", "nested_git"),
        (change("x/.g\u200cit/config"), b"", "nested_git"),
        (change("sub", new_mode="160000"), b"", "gitlink"),
        (change("a", new_mode="104755"), b"", "odd_mode"),
        (change("a", new_mode="120000"), b"/etc/passwd", "link_leaves"),
        (change("d/a", new_mode="120000"), b"../../x", "link_leaves"),
        (change("a", new_mode="120000"), b".git/config", "nested_git"),
        (change("a", new_mode="120000"), b"", "link_leaves"),
        (
            change("a.py", status="modified", old_mode="100644", new_mode="100755"),
            b"",
            "made_executable",
        ),
    ],
)
def test_odd_names_and_modes_stay(one: FileChange, data: bytes, key: str) -> None:
    assert f"guard.{key}" in keys(one, data=data)


@pytest.mark.parametrize(
    ("field", "facts", "key"),
    [
        ("max_lines", {"added": 1}, "too_many_lines"),
        ("max_bytes", {"size": 1}, "too_many_bytes"),
        ("max_binaries", {"binary": True}, "too_many_binaries"),
        ("max_files", {}, "too_many_files"),
    ],
)
def test_bounds_at_and_beyond(field: str, facts: dict[str, object], key: str) -> None:
    policy = PublishPolicy.model_validate({"max_binaries": 9, field: 3})
    for count in (2, 3, 4):
        changes = [change(f"f{n}", **facts) for n in range(count)]
        found = [f.say.key for f in publishable(changes, {}, (), policy)]
        assert found == ([f"guard.{key}"] if count == 4 else [])
    gone = [change(f"f{n}", status="deleted", binary=True, size=9) for n in range(3)]
    assert publishable(gone, {}, (), policy) == ()


def spelled(text: str) -> dict[str, str]:
    data = text.encode()
    encoded = base64.b64encode(data).decode()
    return {
        "raw": text,
        "in a line": f"x = '{text}'  # y",
        "base64": encoded,
        "base64 off by one": base64.b64encode(b"a" + data + b"zz").decode(),
        "base64 off by two": base64.b64encode(b"ab" + data + b"z").decode(),
        "base64url": base64.urlsafe_b64encode(data + b"??>").decode(),
        "hex": data.hex(),
        "HEX": data.hex().upper(),
        "percent": "".join(f"%{b:02X}" for b in data),
        "reversed": text[::-1],
        "base64 of reversed": base64.b64encode(data[::-1]).decode(),
        "zipped": base64.b64encode(gzip.compress(data)).decode(),
        "zero width": "\u200b".join(text),
        "a character a line": "\n".join(text),
        "base64 over lines": "\n".join(encoded[i : i + 5] for i in range(0, len(encoded), 5)),
        "concatenated": '" + "'.join(text[i : i + 4] for i in range(0, len(text), 4)),
        "twice base64": base64.b64encode(encoded.encode()).decode(),
    }


@pytest.mark.parametrize("form", [f for f in spelled(TOKEN) if f != "twice base64"])
def test_our_own_secret_leaves_in_no_form(form: str) -> None:
    text = f"before\n{spelled(TOKEN)[form]}\nafter"
    assert leaks(text, ["other-secret-value", TOKEN])
    assert keys(change("a.txt"), data=text.encode()) == ["guard.own_secret"]
    assert [f.say.key for f in scan_text(text, [TOKEN])] == ["guard.own_secret"]


def test_a_secret_in_a_name_or_in_utf16_is_found() -> None:
    assert "guard.own_secret" in keys(change(f"x/{TOKEN.replace('/', '')}"), data=TOKEN.encode())
    assert keys(change("a.txt"), data=TOKEN.encode("utf-16")) == ["guard.own_secret"]


def test_other_text_is_no_leak() -> None:
    for text in ("s3cr3t", "a canary value", base64.b64encode(b"nothing at all" * 9).decode()):
        assert not leaks(text, [TOKEN])
    assert forms("short") == frozenset()


SHAPES = {
    "GitHub token": "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6",
    "Anthropic key": "sk-ant-" + "api03-Zk3Jq9Vt7Lm2Xw8Rb5Nc1Pd4",
    "AWS key": "AKIA" + "QZ7XJ2LMN4RSTUV3",
    "Google key": "AIza" + "SyB3kL9mQ2xW7vT5nR8jP4dF6hG1cZ0aEbY",
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "npm token": "npm_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6",
    "Stripe key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "password in an address": "postgres://admin:" + "hunter2isnotgood@db.internal",
}


@pytest.mark.parametrize("name", list(SHAPES))
def test_the_shape_of_a_secret_is_found(name: str) -> None:
    text = f"ok\nvalue = '{SHAPES[name]}'\n"
    assert shapes(text) == ((name, 2),)
    found = publishable([change("a")], {"a": text.encode()}, (), POLICY)
    assert [(f.say.key, f.line) for f in found] == [("guard.secret_shape", 2)]
    old = {"a": text.encode()}
    assert publishable([change("a", status="modified")], old, (), POLICY, (), old) == ()


def test_examples_are_no_secrets() -> None:
    for text in (
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "postgres://user:password@localhost",
        "https://example.com:8080/a@b",
        "sk-learn is a library",
    ):
        if "password@" not in text:
            assert shapes(text) == (), text


def test_globs() -> None:
    for path, glob, wanted in (
        ("a/b/c.py", "a/**", True),
        ("a", "a/**", False),
        ("x/y/CODEOWNERS", "**/CODEOWNERS", True),
        ("CODEOWNERS", "**/CODEOWNERS", True),
        ("a/b.py", "a/*.py", True),
        ("a/b/c.py", "a/*.py", False),
        ("src/a.py", "src", True),
        ("srcs/a.py", "src", False),
        ("A/B.PY", "a/b.py", True),
        ("a.py", "?.py", True),
    ):
        assert matches(path, glob) is wanted, (path, glob)
