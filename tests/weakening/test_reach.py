"""What on the tests' side is held unless an approved plan names it, and what goes through."""

from __future__ import annotations

import pytest

from harness.core.run_types import Finding
from harness.i18n.catalogue import Catalogue
from harness.weakening.reach import BaseKnowledge, held_changes
from harness.weakening.reach_files import modules_of
from harness.weakening.reach_python import taken_fixtures
from tests.weakening.held_rows import BASE, HELD, PY, THROUGH, C, T

KNOWN = BaseKnowledge(
    fixtures=frozenset(["client"]), modules=frozenset(["requests", "pkg", "pytest"])
)


def held(path: str, old: str | None, new: str | None, *, named: bool = False) -> list[Finding]:
    base = [*BASE, *([path] if old is not None else [])]
    if old is None:
        base = [p for p in base if p != path]
    return list(held_changes({path: (old, new)}, base, lambda _: named, KNOWN))


@pytest.mark.parametrize(
    ("path", "old", "new", "key"), [r[1:] for r in HELD], ids=[r[0] for r in HELD]
)
def test_what_reaches_other_tests_is_held(
    path: str, old: str | None, new: str | None, key: str
) -> None:
    found = held(path, old, new)
    assert key in {f.say.key for f in found}, [f.say for f in found]
    assert all((f.source, f.path, f.severity) == ("unseen", path, "blocking") for f in found)
    for finding in found:
        for words in (Catalogue("en"), Catalogue("ko")):
            assert path in words(finding.say.key, **finding.say.facts)
    assert held(path, old, new, named=True) == []


@pytest.mark.parametrize(
    ("path", "old", "new"), [r[1:] for r in THROUGH], ids=[r[0] for r in THROUGH]
)
def test_honest_work_on_tests_goes_through(path: str, old: str | None, new: str | None) -> None:
    known = KNOWN if path != "tests/conftest.py" or old else BaseKnowledge()
    base = [p for p in BASE if old is not None or p != path]
    found = held_changes({path: (old, new)}, base, lambda _: False, known)
    assert [f.say for f in found] == []


def test_a_fixture_may_move_to_another_conftest() -> None:
    texts: dict[str, tuple[str | None, str | None]] = {
        "tests/conftest.py": (C, "import pytest\n"),
        "tests/unit/conftest.py": (None, C),
    }
    assert held_changes(texts, BASE, lambda _: False, KNOWN) == ()


def test_a_file_that_a_conftest_imports_is_read_as_its_own() -> None:
    plug = "import pytest\n@pytest.fixture(autouse=True)\ndef quiet():\n    pass\n"
    assert [f.say.key for f in held("tests/plug.py", None, plug)] == ["sides.autouse"]


def test_what_the_test_command_runs_is_held() -> None:
    known = BaseKnowledge(scripts=frozenset(["ci/go.sh"]))
    texts: dict[str, tuple[str | None, str | None]] = {"ci/go.sh": ("pytest\n", "true\n")}
    (found,) = held_changes(texts, ["ci/go.sh"], lambda _: False, known)
    assert found.say.key == "sides.runner"


def test_what_tests_use_is_read_from_the_base() -> None:
    text = "import pytest\n@pytest.mark.parametrize('x', [1])\ndef test_a(x, db, own):\n    pass\n"
    own = "@pytest.fixture\ndef own():\n    return 1\n"
    taken = taken_fixtures({"tests/conftest.py": C, PY: text + own, "tests/b.py": "def (:"})
    assert {"client", "db", "tmp_path"} <= taken
    assert not {"x", "own"} & taken
    assert modules_of({PY: T, "a.txt": "import x"}) == {"pytest", "pkg"}


@pytest.mark.parametrize(
    "text", ["\x00", "(" * 12_500, "`" * 999, "it('", "/*", "\ud800", "{" * 9999, "[" * 9999]
)
def test_odd_files_do_not_raise(text: str) -> None:
    paths = (PY, "tests/conftest.py", "test/parse.test.ts", "package.json", "pyproject.toml")
    for path in (*paths, "setup.cfg", "Makefile", "vite.config.ts", "tsconfig.json", "jest.js"):
        held(path, C, text)
        held(path, text, C)
        held(path, None, text)
