"""Which test a name means."""

from __future__ import annotations

import pytest

from harness.testruns.names import covers, file_of
from harness.testruns.test_ids import function_of

ID = "tests/unit/test_a.py::TestX::test_y[x-1]"
SCRIPT = "src/a.test.ts::math > adds > two"


@pytest.mark.parametrize(
    "name",
    [
        ID,
        f"./{ID}",
        "tests/unit/test_a.py::TestX::test_y",
        "unit/test_a.py::TestX::test_y",
        "test_a.py::TestX::test_y[x-1]",
        "TestX::test_y",
        "test_y",
        "test_y[x-1]",
        "tests.unit.test_a.TestX.test_y",
        "TestX.test_y",
        " test_y ",
    ],
)
def test_names_of_a_python_test(name: str) -> None:
    assert covers(name, ID)


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "y", "est_y", "test_y[x-2]", "test_y[x]", "x-1]", "[x-1]", "test_a.py"),
        *("tests/unit/test_a.py", "TestX", "a.py::TestX::test_y", "unit", "other_test_y"),
        *("test_y[", "X.test_y", "test_b.py::TestX::test_y", "TestX::test_y::test_y"),
    ],
)
def test_what_is_not_its_name(name: str) -> None:
    assert not covers(name, ID)


@pytest.mark.parametrize(
    ("name", "test_id"),
    [
        ("test_x", "a.py::test_x[a/test_y]"),
        ("test_x[a::b]", "a.py::test_x[a::b]"),
        ("a.py::test_x[[1]]", "a.py::test_x[[1]]"),
        ("adds", "adds"),
        ("math > adds > two", SCRIPT),
        ("adds > two", SCRIPT),
        ("two", SCRIPT),
        ("math adds two", SCRIPT),
        ("a.test.ts::math > adds > two", SCRIPT),
        ("src/a.test.ts > math > adds > two", SCRIPT),
        ("src/a.test.ts math adds two", SCRIPT),
        ("Sum > adds", "Sum > adds"),
        ("Sum adds", "Sum > adds"),
        ("keeps a[0] as it is", "a.test.js::keeps a[0] as it is"),
    ],
)
def test_other_ways_to_say_it(name: str, test_id: str) -> None:
    assert covers(name, test_id)


@pytest.mark.parametrize(
    ("name", "test_id"),
    [
        ("test_y]", "a.py::test_x[a/test_y]"),
        ("test_x", "a.py::other_test_x"),
        ("test_x", "a.py::test_x2"),
        ("test_x", "a.py::test_xx[test_x]"),
        ("wo", SCRIPT),
        ("math > adds", SCRIPT),
        ("adds two", SCRIPT),
        ("keeps a", "a.test.js::keeps a[0] as it is"),
    ],
)
def test_names_that_only_look_alike(name: str, test_id: str) -> None:
    assert not covers(name, test_id)


def test_parts_of_an_id() -> None:
    assert function_of(ID) == "tests/unit/test_a.py::TestX::test_y"
    assert function_of("a.js::keeps a[0]") == "a.js::keeps a[0]"
    assert file_of(ID) == "tests/unit/test_a.py"
    assert file_of("tests/test_b.py") == "tests/test_b.py"
    assert file_of("Sum > adds 1.5") == ""
