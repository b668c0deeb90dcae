"""Names of tests: what a person or an agent wrote, held against the ids that reports give. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.core.types import Tally
from harness.testruns.test_ids import function_of, is_python

ENDS = ("/", "::", " > ")


def covers(name: str, test_id: str) -> bool:
    """Whether this name means that test: the same id, the function of a parametrised id, or
    either without leading folders, file or groups. What is left out must be whole: `test_x` does
    not mean `other_test_x`. unittest's dotted names and titles joined by spaces count too."""
    wanted = name.strip().removeprefix("./")
    if not wanted:
        return False
    if wanted == test_id:
        return True
    if not is_python(test_id):
        return _ends(test_id, wanted) or wanted in _spellings(test_id)
    bare = function_of(test_id)
    if "[" in wanted:
        return _case(test_id, bare, wanted)
    return _ends(bare, wanted) or _ends(_dotted_id(bare), wanted, (".",))


def _case(test_id: str, bare: str, wanted: str) -> bool:
    """The name of one parametrised case: its parameters equal, its function as any name."""
    function, mark, rest = wanted.partition("[")
    return mark + rest == test_id[len(bare) :] and covers(function, bare)


def _ends(text: str, wanted: str, ends: Sequence[str] = ENDS) -> bool:
    return text == wanted or any(text.endswith(end + wanted) for end in ends)


def _dotted_id(test_id: str) -> str:
    file, _, rest = test_id.partition("::")
    return f"{file.removesuffix('.py').replace('/', '.')}.{rest.replace('::', '.')}"


def _spellings(test_id: str) -> tuple[str, ...]:
    """Other ways to write the id of a script's test: groups joined by spaces, the file by ` > `."""
    file, mark, titles = test_id.partition("::")
    if not mark:
        return (test_id.replace(" > ", " "),)
    plain = titles.replace(" > ", " ")
    return (plain, f"{file}::{plain}", f"{file} > {titles}", f"{file} {plain}")


def file_of(test_id: str) -> str:
    """The test file of an id; "" where the id names none."""
    file, mark, _ = test_id.partition("::")
    return file if mark or _is_path(file) else ""


def _is_path(text: str) -> bool:
    return " " not in text and "." in text.rpartition("/")[2]


def covers_inherited(name: str, test_id: str, written: Mapping[str, str]) -> bool:
    """Whether this name means that test, by the class that runs it or by the one that has its
    source. `written`: function of an inherited test -> its id where it is written."""
    function = function_of(test_id)
    place = written.get(function)
    if covers(name, test_id):
        return True
    return place is not None and covers(name, place + test_id[len(function) :])


def match_ids(tally: Tally, tests: Sequence[str]) -> frozenset[str]:
    """Ids of the tally that these names mean."""
    return frozenset(
        key
        for key in tally.outcomes
        if any(covers_inherited(name, key, tally.written) for name in tests)
    )
