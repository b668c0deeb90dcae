"""A test that a class inherits, named by the class that has its source."""

from __future__ import annotations

import pytest

from harness.core.types import Tally
from harness.testruns.heirs import written_at
from harness.testruns.names import covers_inherited, match_ids

MIXIN = "class Mixin:\n    def test_x(self): ...\n"
A = "tests/test_a.py"
ROWS = [
    (
        "package",
        {"tests/__init__.py": MIXIN, A: "from . import Mixin\nclass C(T, Mixin): ...\n"},
        "tests/__init__.py::Mixin::test_x",
    ),
    (
        "absolute",
        {"tests/base.py": MIXIN, A: "from tests.base import Mixin as M\nclass C(M): ...\n"},
        "tests/base.py::Mixin::test_x",
    ),
    (
        "sibling",
        {"tests/base.py": MIXIN, A: "import base as b\nclass C(b.Mixin): ...\n"},
        "tests/base.py::Mixin::test_x",
    ),
    (
        "module of a package",
        {"tests/base.py": MIXIN, A: "from tests import base\nclass C(base.Mixin): ...\n"},
        "tests/base.py::Mixin::test_x",
    ),
    (
        "dotted",
        {"tests/base.py": MIXIN, A: "import tests.base\nclass C(tests.base.Mixin): ...\n"},
        "tests/base.py::Mixin::test_x",
    ),
    (
        "handed on",
        {
            "tests/__init__.py": "from .base import Mixin\n",
            "tests/base.py": MIXIN,
            A: "from tests import Mixin\nclass C(Mixin): ...\n",
        },
        "tests/base.py::Mixin::test_x",
    ),
    ("same file", {A: MIXIN + "class B(Mixin): ...\nclass C(B): ...\n"}, f"{A}::Mixin::test_x"),
    ("generic", {A: MIXIN + "class C(Mixin[int]): ...\n"}, f"{A}::Mixin::test_x"),
    ("assigned", {A: "class M:\n    test_x = f\nclass C(M): ...\n"}, f"{A}::M::test_x"),
    (
        "nested",
        {A: "class O:\n    class M:\n        def test_x(self): ...\nclass C(O.M): ...\n"},
        f"{A}::O::M::test_x",
    ),
    (
        "imported class",
        {"tests/base.py": MIXIN.replace("Mixin", "C"), A: "from tests.base import C\n"},
        "tests/base.py::C::test_x",
    ),
    ("star", {"lib/test_m.py": MIXIN, A: "from m import *\nclass C(Mixin): ...\n"}, None),
    (
        "two of a name",
        {"a/test_m.py": MIXIN, "b/test_m.py": MIXIN, A: "from m import *\nclass C(Mixin): ...\n"},
        "",
    ),
    ("its own", {A: MIXIN + "class C(Mixin):\n    def test_x(self): ...\n"}, ""),
    ("another", {A: MIXIN + "class C(Other): ...\n"}, ""),
    ("a circle", {A: "class B(C): ...\nclass C(B): ...\n"}, ""),
    ("no Python", {A: "class C(:\n"}, ""),
    ("the nearer", {A: MIXIN + "class N(Mixin):\n    def test_x(s): ...\nclass C(N, Mixin): ...\n"},
     f"{A}::N::test_x"),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "place"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_where_an_inherited_test_is_written(texts: dict[str, str], place: str | None) -> None:
    place = "lib/test_m.py::Mixin::test_x" if place is None else place
    found = written_at(texts, [f"{A}::C::test_x[a-1]"])
    assert found == ({f"{A}::C::test_x": place} if place else {})


HEIR = {f"{A}::C::test_x": "tests/__init__.py::Mixin::test_x"}


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("tests/__init__.py::Mixin::test_x", True),
        ("Mixin::test_x", True),
        ("tests/__init__.py::Mixin::test_x[a-1]", True),
        ("tests.__init__.Mixin.test_x", True),
        (f"{A}::C::test_x", True),
        ("test_x", True),
        ("tests/__init__.py::Mixin::test_x[a-2]", False),
        ("tests/__init__.py::Other::test_x", False),
        ("tests/__init__.py::Mixin::test_y", False),
        ("tests/other.py::Mixin::test_x", False),
        ("Mixin", False),
    ],
)
def test_its_names(name: str, means: bool) -> None:
    assert covers_inherited(name, f"{A}::C::test_x[a-1]", HEIR) is means
    assert not covers_inherited("Mixin::test_x", f"{A}::D::test_x", HEIR)


def test_a_mixins_name_means_all_that_inherit_it() -> None:
    outcomes = {f"{A}::{name}::test_x": "passed" for name in ("C", "D", "E")}
    written = {f"{A}::{name}::test_x": f"{A}::Mixin::test_x" for name in ("C", "D")}
    tally = Tally(outcomes=outcomes, written=written)
    assert match_ids(tally, ("Mixin::test_x",)) == {f"{A}::C::test_x", f"{A}::D::test_x"}
