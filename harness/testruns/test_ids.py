"""What the ids of tests tell by their form. Pure."""

from __future__ import annotations


def is_python(test_id: str) -> bool:
    """Whether an id is of a test in a Python file."""
    return test_id.partition("::")[0].endswith(".py")


def function_of(test_id: str) -> str:
    """The id of the function behind a parametrised case (`a.py::test_b[x-1]` -> `a.py::test_b`);
    every other id as it is."""
    file, mark, rest = test_id.partition("::")
    if not (mark and is_python(test_id) and rest.endswith("]")):
        return test_id
    return f"{file}::{rest.partition('[')[0]}"
