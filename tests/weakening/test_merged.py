# ruff: noqa: E501
"""The tree on which the base's tests judge the change's product."""

from __future__ import annotations

import json
import tomllib

import pytest

from harness.core.box_types import FileChange
from harness.weakening.inline import inline_changed
from harness.weakening.merged import as_base, judging_paths, unseen_paths
from harness.weakening.merged import test_side_list as listed
from harness.weakening.moves import ChangeTexts, import_moves
from harness.weakening.sides import side_of

TOML = """\
[project]
name = "x"

# how tests run
[tool.pytest.ini_options]
addopts = "-q"

[tool.ruff]
line-length = 88
"""
PACKAGE = '{\n  "name": "x",\n  "scripts": {\n    "test": "jest",\n    "build": "tsc"\n  },\n  "jest": {"a": 1}\n}\n'


def test_the_base_decides_how_tests_run_and_the_change_the_rest() -> None:
    change = (
        TOML.replace("-q", "--co").replace("88", "99") + '\n[tool.coverage.run]\nomit = ["x"]\n'
    )
    text = as_base("pyproject.toml", TOML, change)
    assert text is not None
    read = tomllib.loads(text)
    assert read["tool"]["pytest"] == {"ini_options": {"addopts": "-q"}}
    assert read["tool"]["ruff"] == {"line-length": 99}
    assert "coverage" not in read["tool"]
    assert "# how tests run" in text


def test_what_did_not_touch_the_tests_is_the_changes_text() -> None:
    change = TOML.replace("88", "99")
    assert as_base("pyproject.toml", TOML, change) == change
    assert as_base("pyproject.toml", None, "[project]\nname = 'x'\n") == "[project]\nname = 'x'\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TOML, TOML.replace("[tool.pytest.ini_options]\naddopts", "[tool]\npytest.ini_options.addopts").replace("-q", "--co")),
        (TOML, TOML + "["),
        (TOML + "[", TOML),
        ('tool = {pytest = {addopts = "x"}}\n', 'tool = {pytest = {addopts = "y"}}\n'),
        (TOML, 'x = """\n[tool.pytest.ini_options]\n"""\n'),
    ],
)  # fmt: skip
def test_what_cannot_be_told_apart_is_not_compared_or_right(old: str, new: str) -> None:
    text = as_base("pyproject.toml", old, new)
    if text is not None:
        assert tomllib.loads(text)["tool"]["pytest"] == tomllib.loads(old)["tool"]["pytest"]


def test_added_and_deleted_settings() -> None:
    added = as_base("pyproject.toml", None, TOML)
    assert added is not None
    assert tomllib.loads(added) == {"project": {"name": "x"}, "tool": {"ruff": {"line-length": 88}}}
    deleted = as_base("pyproject.toml", TOML, None)
    assert deleted is not None
    assert tomllib.loads(deleted) == {"tool": {"pytest": {"ini_options": {"addopts": "-q"}}}}


def test_package_json() -> None:
    change = (
        PACKAGE.replace('"jest",', '"true",')
        .replace('"tsc"', '"tsc -b"')
        .replace('"a": 1', '"a": 2')
    )
    text = as_base("package.json", PACKAGE, change.replace('"name"', '"vitest": {}, "name"'))
    assert text is not None
    assert json.loads(text) == json.loads(PACKAGE.replace('"tsc"', '"tsc -b"'))
    assert as_base("package.json", PACKAGE, "{") is None
    assert as_base("package.json", PACKAGE, '{"scripts": 1}') is None
    build = PACKAGE.replace('"tsc"', '"tsc -b"')
    assert as_base("package.json", PACKAGE, build) == build


def test_ini_files() -> None:
    old = "[metadata]\nname = x\n[tool:pytest]\naddopts = -q\n"
    new = "[metadata]\nname = y\n[tool:pytest]\naddopts = --co\n[coverage:run]\nomit = a\n"
    assert as_base("setup.cfg", old, new) == "[metadata]\nname = y\n\n[tool:pytest]\naddopts = -q\n"
    assert as_base("tox.ini", "[testenv]\ncommands = a\n", None) == "[testenv]\ncommands = a\n"
    assert (
        as_base("Makefile", "test:\n\ta\nb:\n\tc\n", "test:\n\ta\nb:\n\td\n")
        == "test:\n\ta\nb:\n\td\n"
    )
    assert as_base("Makefile", "test:\n\ta\n", "test:\n\tb\n") is None
    assert as_base("Cargo.toml", "[package]\nname = 'a'\n", "[package]\nname = 'b'\n") is not None


def change(path: str, status: str = "modified") -> FileChange:
    return FileChange.model_validate({"path": path, "status": status})


def test_which_blob_each_path_holds() -> None:
    paths = "src/a.py tests/test_a.py tests/test_b.py tests/test_c.py pyproject.toml package.json README.md"
    co = TOML.replace("-q", "--co")
    texts = {
        "pyproject.toml": (TOML, co.replace("88", "99")),
        "package.json": (PACKAGE, "{"),
        "tox.ini": ("[testenv]\na = 1\n", "[testenv]\na = 2\n"),
        "setup.cfg": ("[a]\nb = 1\n", None),
    }
    judged = judging_paths(
        [
            *map(change, paths.split()),
            change("tox.ini"),
            change("setup.cfg", "deleted"),
            change("Makefile"),
        ],
        texts,
        side_of,
        lambda p: p == "tests/test_b.py",
        frozenset(["tests/test_c.py"]),
    )
    assert {p: j.kind for p, j in judged.items()} == {
        "src/a.py": "change",
        "README.md": "change",
        "tests/test_a.py": "base",
        "tests/test_b.py": "change",
        "tests/test_c.py": "change",
        "pyproject.toml": "merged",
        "package.json": "unseen",
        "tox.ini": "base",
        "setup.cfg": "change",
        "Makefile": "unseen",
    }
    assert [(f.path, f.say.key) for f in unseen_paths(judged)] == [
        ("Makefile", "sides.merged"),
        ("package.json", "sides.merged"),
    ]


VITEST = "export const f = () => 1;\nif (import.meta.vitest) {\n  const { it } = import.meta.vitest;\n  it('f', () => {});\n}\n"
RUST = "fn f() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() { assert!(true); }\n}\n"


@pytest.mark.parametrize(
    ("path", "old", "new", "changed"),
    [
        ("src/a.ts", VITEST, VITEST.replace("=> 1", "=> 2"), False),
        ("src/a.ts", VITEST, VITEST.replace("it('f', () => {});", ""), True),
        ("src/a.ts", VITEST, "export const f = 1;\n", True),
        ("src/a.ts", "x\n", VITEST, False),
        ("src/a.ts", "if (import.meta.vitest && x) it('a', () => {});\n", "y\n", True),
        ("src/a.rs", RUST, RUST.replace("fn f() {}", "fn f() { 1; }"), False),
        ("src/a.rs", RUST, RUST.replace("true", "1 == 1"), True),
        ("src/a.rs", RUST, "fn f() {}\n", True),
        ("src/a.rs", "#[test]\nfn a() {}\n", "#[test]\nfn a() {}\n ", True),
        ("src/a.py", "def f():\n    '''>>> f()'''\n", "def f():\n    pass\n", False),
    ],
)
def test_tests_in_product_files(path: str, old: str, new: str, changed: bool) -> None:
    assert inline_changed(path, old, new) is changed
    judged = judging_paths([change(path)], {path: (old, new)}, side_of, lambda _: False)
    assert judged[path].kind == ("unseen" if changed else "change")


def test_the_list_for_the_pull_request() -> None:
    paths = "src/a.py tests/test_a.py tests/conftest.py tests/d/a.json a.test.ts.snap pytest.ini .github/workflows/a.yml package.json"
    assert {c.path: c.kind for c in listed([change(p) for p in paths.split()], side_of)} == {
        "tests/test_a.py": "test",
        "tests/conftest.py": "support",
        "tests/d/a.json": "data",
        "a.test.ts.snap": "snapshot",
        "pytest.ini": "configuration",
        ".github/workflows/a.yml": "ci",
        "package.json": "configuration",
    }


OLD = "from pkg.core import f\n\ndef test_a(monkeypatch):\n    monkeypatch.setattr('pkg.core.g', 1)\n    assert f() == 1\n"
NEW = OLD.replace("pkg.core", "pkg.deep.core")
DEEP = "def f():\n    return 1\n\ndef g():\n    return 1\n"
BASE = frozenset(
    ["pkg/__init__.py", "pkg/core.py", "tests/test_a.py", "src/a.ts", "test/a.test.ts"]
)
CHANGE = (BASE - {"pkg/core.py", "src/a.ts"}) | {
    "pkg/deep/__init__.py",
    "pkg/deep/core.py",
    "src/deep/a.ts",
    "tests/fake.py",
}


def moves(
    path: str, old: str, new: str, texts: dict[str, str], files: frozenset[str] = CHANGE
) -> bool:
    return import_moves(
        path, old, new, ChangeTexts(BASE, files, texts.get, lambda p: side_of(p) == "product")
    )


def test_a_test_may_follow_its_module() -> None:
    texts = {"pkg/deep/core.py": DEEP}
    assert moves("tests/test_a.py", OLD, NEW, texts)
    sub = OLD.replace("from pkg.core import f", "from pkg import core")
    assert moves(
        "tests/test_a.py",
        sub,
        sub.replace("from pkg import", "from pkg.deep import").replace(
            "'pkg.core", "'pkg.deep.core"
        ),
        texts,
    )
    plain = "from pkg import core\n\ndef test_a():\n    assert core.f() == 1\n"
    assert moves("tests/test_a.py", plain, plain.replace("from pkg", "from pkg.deep"), texts)
    whole = "import pkg.core as c\n\ndef test_a():\n    assert c.f() == 1\n"
    assert moves("tests/test_a.py", whole, whole.replace("pkg.core", "pkg.deep.core"), texts)


@pytest.mark.parametrize(
    ("new", "texts", "files"),
    [
        (NEW.replace("== 1", "== 2"), {"pkg/deep/core.py": DEEP}, CHANGE),
        (NEW, {"pkg/deep/core.py": DEEP}, CHANGE | {"pkg/core.py"}),
        (NEW, {"pkg/deep/core.py": "from tests.fake import f\n"}, CHANGE),
        (OLD.replace("pkg.core import", "tests.fake import"), {"tests/fake.py": DEEP}, CHANGE),
        (NEW.replace("import f", "import g as f"), {"pkg/deep/core.py": DEEP}, CHANGE),
        (OLD, {}, CHANGE),
        ("def (:", {}, CHANGE),
    ],
)
def test_but_not_to_something_else(new: str, texts: dict[str, str], files: frozenset[str]) -> None:
    assert not moves("tests/test_a.py", OLD, new, texts, files)


def test_a_script_may_follow_its_module() -> None:
    old = "import { f, type G } from '../src/a';\nit('a', () => { expect(f()).toBe(1); });\n"
    new = old.replace("../src/a", "../src/deep/a")
    texts = {"src/deep/a.ts": "export function f() {}\nexport type G = 1;\n"}
    assert moves("test/a.test.ts", old, new, texts)
    assert not moves("test/a.test.ts", old, new.replace("toBe(1)", "toBe(2)"), texts)
    assert not moves("test/a.test.ts", old, new, {})
    assert not moves("test/a.test.ts", old, new, texts, CHANGE | {"src/a.ts"})
