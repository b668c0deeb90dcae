"""What may not leave: places, names, modes, bounds, secrets; at each bound, below it and beyond."""

from __future__ import annotations

import base64
import gzip
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.types import FileChange, Finding
from harness.guard.places import MANIFESTS, ORDINARY, PROTECTED, fold_path, matches
from harness.guard.publishing import OutgoingChange, PublishPolicy, lasting, publishable, scan_text
from harness.guard.secrets import forms, leaks, shapes
from harness.i18n.catalogue import Catalogue

TOKEN = "s3cr3t-Canary/Value+0042"
POLICY = PublishPolicy()


def change(path: str, **facts: object) -> FileChange:
    given = {"path": path, "status": "added", "new_mode": "100644", **facts}
    return FileChange.model_validate(given)


def findings(
    *changes: FileChange,
    data: bytes = b"x",
    approved: tuple[str, ...] = (),
    tree: tuple[str, ...] = (),
    policy: PublishPolicy = POLICY,
) -> tuple[Finding, ...]:
    contents = {c.path: data for c in changes}
    found = publishable(
        OutgoingChange(changes, contents, tree=tree, approved=approved), policy, secrets=[TOKEN]
    )
    speak(found)
    return found


def keys(
    *changes: FileChange,
    data: bytes = b"x",
    approved: tuple[str, ...] = (),
    tree: tuple[str, ...] = (),
) -> list[str]:
    return [f.say.key for f in findings(*changes, data=data, approved=approved, tree=tree)]


def speak(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        assert (finding.source, finding.severity) == ("policy", "blocking")
        for words in (Catalogue("en"), Catalogue("ko")):
            said = words(finding.say.key, **finding.say.facts)
            assert not leaks(said, [TOKEN])


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


def test_dependencies_wait_for_a_person_unless_the_policy_or_a_plan_says_so() -> None:
    lock = change("web/package-lock.json")
    assert keys(lock) == ["guard.manifest"]
    assert keys(lock, approved=("web/package-lock.json",)) == []
    assert findings(lock, policy=PublishPolicy(manifests="allow")) == ()


CI = ".github/workflows/ci.yml"


@pytest.mark.parametrize("glob", sorted({*PROTECTED, *MANIFESTS}))
def test_no_way_into_a_protected_path(glob: str) -> None:
    """Touched, made, deleted, a changed mode, another spelling, a link in its place, a link that
    leads there (T35)."""
    path = glob.removeprefix("**/").replace("/**", "/deep/file").replace("*", "x")
    key = "guard.protected" if glob in PROTECTED else "guard.manifest"
    ways = {
        "made": change(path),
        "touched": change(path, status="modified", old_mode="100644"),
        "deleted": change(path, status="deleted", old_mode="100644", new_mode=""),
        "mode": change(path, status="modified", old_mode="100755", new_mode="100644"),
        "upper": change(path.upper()),
        "dotted": change("/".join(f"{part}." for part in path.split("/"))),
        "hidden": change(path[:2] + "\u200b" + path[2:]),
        "link": change(path, new_mode="120000"),
    }
    if "/**" in glob:
        ways["folder taken"] = change(path.split("/")[0], new_mode="120000")
    for way, one in ways.items():
        assert key in keys(one), way
    up = "../" * 2
    for target in (f"{up}{path}", f"{up}./{path.upper()}", f"{up}src/../{path}"):
        assert key in keys(change("a/b/l", new_mode="120000"), data=target.encode()), target


def test_renamed_into_and_out_of_a_protected_path() -> None:
    gone = change("ci.yml", status="deleted", old_mode="100644", new_mode="")
    assert keys(gone, change(CI)) == ["guard.protected"]
    away = change(CI, status="deleted", old_mode="100644", new_mode="")
    assert keys(away, change("ci.yml")) == ["guard.protected"]


def test_a_link_at_the_parent_of_a_protected_file() -> None:
    owners = change("docs/CODEOWNERS", status="deleted", old_mode="100644", new_mode="")
    linked = change("docs", new_mode="120000")
    assert keys(owners, linked, data=b"other") == ["guard.protected"]


@pytest.mark.parametrize(
    ("path", "tree", "wanted"),
    [
        ("readme.md", ("README.md",), True),
        ("README.md", ("readme.MD", "a"), True),
        ("Docs/new.md", ("docs/old.md",), True),
        ("docs/new.md", ("docs/old.md",), False),
        ("src/ｆile.py", ("src/file.py",), True),
        ("src", ("SRC/a.py",), True),
        ("b", ("a",), False),
    ],
)
def test_two_names_that_are_one_elsewhere(path: str, tree: tuple[str, ...], wanted: bool) -> None:
    assert keys(change(path), tree=(*tree, path)) == (["guard.same_name"] if wanted else [])


def test_a_rename_by_case_alone_is_no_collision() -> None:
    gone = change("README.md", status="deleted", old_mode="100644", new_mode="")
    assert keys(gone, change("readme.md"), tree=("readme.md",)) == []


@pytest.mark.parametrize("name", ["aux.py", "src/CON", "com1.txt", "a:b", "what?", "x/tail.", "n "])
def test_names_that_not_every_system_has(name: str) -> None:
    assert keys(change(name)) == ["guard.reserved_name"]
    assert keys(change(name, status="modified", old_mode="100644")) == []


@pytest.mark.parametrize("name", ["auxiliary.py", "console", "com10.txt", "lpt", "nul_test.py"])
def test_names_that_only_resemble_reserved_ones(name: str) -> None:
    assert keys(change(name)) == []


def test_what_was_not_read_does_not_leave_whatever_the_caps_are() -> None:
    wide = PublishPolicy(max_bytes=1 << 40, max_binaries=9)
    big = change("big.bin", size=1 << 33, binary=True)
    found = publishable(OutgoingChange([big], {}), wide)
    speak(found)
    assert [f.say.key for f in found] == ["guard.unscanned"]
    assert lasting(found) == found


def test_the_search_has_an_end() -> None:
    times = iter([0.0, 1.0, 61.0])
    changes = [change("a"), change("b")]
    found = publishable(
        OutgoingChange(changes, {"a": b"x", "b": b"x"}), POLICY, now=lambda: next(times)
    )
    assert [(f.path, f.say.key) for f in found] == [("b", "guard.scan_unfinished")]
    assert lasting(found) == found


def test_no_approval_lifts_what_cannot_be_taken_back() -> None:
    for data, one in (
        (TOKEN.encode(), change("a.txt")),
        (b"/etc/passwd", change("l", new_mode="120000")),
        (b"x", change("x/.git/config")),
        (b"x", change("sub", new_mode="160000")),
    ):
        assert lasting(findings(one, data=data))
    assert lasting(findings(change(CI), change("a", new_mode="100755", old_mode="100644"))) == ()


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


LINK: dict[str, object] = {"new_mode": "120000"}
CAPS: list[tuple[str, dict[str, object]]] = [
    ("max_lines", {"added": 1}),
    ("max_bytes", {"size": 1}),
    ("max_binaries", {"binary": True}),
    ("max_files", {}),
    ("max_links", LINK),
    ("max_executables", {"new_mode": "100755"}),
]


@pytest.mark.parametrize(("field", "facts"), CAPS)
def test_bounds_below_at_and_beyond(field: str, facts: dict[str, object]) -> None:
    policy = PublishPolicy.model_validate({"max_binaries": 9, field: 3})
    key = f"guard.too_many_{field.removeprefix('max_')}"
    for count in (2, 3, 4):
        changes = [change(f"f{n}", **facts) for n in range(count)]
        found = [f.say.key for f in findings(*changes, policy=policy)]
        assert found == ([key] if count == 4 else [])
    zero = PublishPolicy.model_validate({"max_binaries": 9, field: 0})
    assert [f.say.key for f in findings(change("f", **facts), policy=zero)] == [key]
    kept = {**facts, "status": "modified", "old_mode": facts.get("new_mode", "100644")}
    same = [change(f"f{n}", **kept) for n in range(4)]
    if field in ("max_links", "max_executables"):
        assert findings(*same, policy=policy) == ()


def test_what_is_deleted_has_no_weight() -> None:
    policy = PublishPolicy(max_files=3, max_bytes=3)
    gone = [change(f"f{n}", status="deleted", binary=True, size=9) for n in range(3)]
    assert findings(*gone, policy=policy) == ()


@pytest.mark.parametrize(("length", "wanted"), [(399, []), (400, []), (401, ["guard.odd_name"])])
def test_the_longest_name(length: int, wanted: list[str]) -> None:
    assert keys(change("a" * length)) == wanted


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
        "percent in small letters": "".join(f"%{b:02x}" for b in data),
        "reversed": text[::-1],
        "base64 of reversed": base64.b64encode(data[::-1]).decode(),
        "zipped": base64.b64encode(gzip.compress(data)).decode(),
        "zero width": "\u200b".join(text),
        "a character a line": "\n".join(text),
        "base64 over lines": "\n".join(encoded[i : i + 5] for i in range(0, len(encoded), 5)),
        "concatenated": '" + "'.join(text[i : i + 4] for i in range(0, len(text), 4)),
        "twice base64": base64.b64encode(encoded.encode()).decode(),
    }


@pytest.mark.parametrize("form", spelled(TOKEN))
def test_our_own_secret_leaves_in_no_form(form: str) -> None:
    text = f"before\n{spelled(TOKEN)[form]}\nafter"
    assert leaks(text, ["other-secret-value", TOKEN])
    assert keys(change("a.txt"), data=text.encode()) == ["guard.own_secret"]
    said = scan_text("title", text, [TOKEN])
    speak(said)
    assert [f.say.key for f in said] == ["guard.text_own_secret"]


def test_a_secret_in_a_name_or_in_utf16_is_found() -> None:
    for name in (f"x/{TOKEN}", f"x/{TOKEN.encode().hex()}/a.py", f"{TOKEN[::-1]}.github/x"):
        assert keys(change(name)) == ["guard.secret_name"]
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
    found = findings(change("a"), data=text.encode())
    assert [(f.say.key, f.line) for f in found] == [("guard.secret_shape", 2)]
    old = {"a": text.encode()}
    again = OutgoingChange([change("a", status="modified")], old, old)
    assert publishable(again, POLICY) == ()
    moved = OutgoingChange([change("a", status="modified")], {"a": b"new\n" + old["a"]}, old)
    assert publishable(moved, POLICY) == ()
    second = {"a": old["a"] + f"other = '{SHAPES[name]}'\n".encode()}
    assert [f.line for f in publishable(OutgoingChange(again.files, second, old), POLICY)] == [3]


def test_examples_are_no_secrets() -> None:
    for text in (
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "postgres://user:password@localhost",
        "https://example.com:8080/a@b",
        "sk-learn is a library",
    ):
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


@given(st.text(alphabet="aBc.-_/9 \u200b\\", max_size=30))
def test_the_short_way_to_fold_a_name_says_the_same(path: str) -> None:
    slow = unicodedata.normalize("NFKC", path).casefold()
    if ORDINARY.fullmatch(path):
        assert fold_path(path) == slow
    assert fold_path(fold_path(path)) == fold_path(path)
