"""A change taken into parts: what is joined, what is exempt, what is left without a part."""

from __future__ import annotations

import pytest

from harness.proof.groups import Group, groups_of, undone


def parts(old: str | None, new: str | None, path: str = "a.py") -> tuple[Group, ...]:
    return groups_of({path: (old, new)})


BASE = """import os


def first(a):
    if a > 1:
        return a
    return 0


def second(b):
    total = 0
    for one in b:
        total += one
    return total
"""


def test_two_places_are_two_parts() -> None:
    new = BASE.replace("a > 1", "a >= 1").replace("return total", "return total + 1")
    found = parts(BASE, new)
    assert [g.lines("a.py") for g in found] == [((5, 5),), ((14, 14),)]
    assert undone({"a.py": (BASE, new)}, found[0])["a.py"] == BASE.replace(
        "return total", "return total + 1"
    )
    assert not any(g.exempt for g in found)


def test_a_definition_goes_with_what_uses_it() -> None:
    new = BASE.replace("def second", "def limit():\n    return 7\n\n\ndef second").replace(
        "return total", "return min(total, limit())"
    )
    (group,) = parts(BASE, new)
    assert len(group.hunks) == 2


def test_a_definition_in_one_file_goes_with_its_use_in_another() -> None:
    a = BASE + "\n\ndef limit():\n    return 7\n"
    old = "from a import second\n\n\ndef go(b):\n    return second(b)\n"
    new = "from a import limit, second\n\n\ndef go(b):\n    return min(second(b), limit())\n"
    (group,) = groups_of({"a.py": (BASE, a), "b.py": (old, new)})
    assert group.paths == ("a.py", "b.py")


def test_pieces_that_do_not_read_alone_are_joined() -> None:
    old = "def f(a):\n    x = [\n        a,\n    ]\n    return x\n"
    new = "def f(a):\n    x = (\n        a,\n    )\n    return x\n"
    (group,) = parts(old, new)
    assert len(group.hunks) == 2
    assert group.read


def test_a_new_file_is_cut_at_its_definitions() -> None:
    new = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
    assert len(parts(None, new)) == 2


EXEMPT = {
    "comment": ("    return 0", "    # why\n    return 0"),
    "docstring": ("def first(a):\n", 'def first(a):\n    """Say it."""\n'),
    "types": ("def first(a):", "def first(a: int) -> int:"),
    "import": ("import os\n", "import os\nimport sys\n"),
    "blank": ("    return 0", "\n    return 0"),
    "logging": ("    return 0", '    log.debug("nothing for %s", a)\n    return 0'),
    "typing only": (
        "import os\n",
        "import os\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import sys\n",
    ),
    "logger of self": ("    return 0", '    self.logger.info("x")\n    return 0'),
}


@pytest.mark.parametrize("name", EXEMPT)
def test_what_no_test_is_asked_to_notice(name: str) -> None:
    before, after = EXEMPT[name]
    found = parts(BASE, BASE.replace(before, after, 1))
    assert found
    assert all(group.exempt for group in found)


MATTERS = {
    "condition": ("a > 1", "a > 2"),
    "constant": ("return 0", "return 1"),
    "statement": ("    return 0", "    os.environ['x'] = '1'\n    return 0"),
    "default": ("def first(a):", "def first(a=3):"),
    "decorator": ("def first(a):", "@staticmethod\ndef first(a):"),
    "text that is a value": ("return 0", 'return "none"'),
    "a message that computes": ("return 0", "raise ValueError(check(a))"),
    "a call that only looks like logging": ("return 0", "catalog.info(a)\n    return 0"),
    "removed": ("        total += one\n", "        pass\n"),
}


@pytest.mark.parametrize("name", MATTERS)
def test_what_a_test_must_notice(name: str) -> None:
    before, after = MATTERS[name]
    found = parts(BASE, BASE.replace(before, after, 1))
    assert found
    assert not any(group.exempt for group in found)


def test_the_words_of_a_message_are_exempt() -> None:
    old = 'def f(a):\n    if not a:\n        raise ValueError("no")\n'
    new = 'def f(a):\n    if not a:\n        raise ValueError(f"no {a}")\n'
    assert [group.exempt for group in parts(old, new)] == [True]


SCRIPT = """import { x } from './x';

export function first(a) {
  if (a > 1) {
    return a;
  }
  return 0;
}

export class Two {
  go(b) {
    return b.map((c) => c + 1);
  }
}
"""


def test_two_places_of_a_script_are_two_parts() -> None:
    new = SCRIPT.replace("a > 1", "a >= 1").replace("c + 1", "c + 2")
    found = parts(SCRIPT, new, "a.ts")
    assert [group.lines("a.ts") for group in found] == [((4, 4),), ((12, 12),)]


def test_a_scripts_definition_goes_with_its_use() -> None:
    new = SCRIPT.replace("  return 0;", "  return limit();") + (
        "\nexport function limit() {\n  return 7;\n}\n"
    )
    (group,) = parts(SCRIPT, new, "a.js")
    assert len(group.hunks) == 2


SCRIPT_EXEMPT = {
    "comment": ("  return 0;", "  // why\n  return 0;"),
    "types": ("first(a)", "first(a: number): number"),
    "interface": ("export class", "interface Odd {\n  a: string;\n}\n\nexport class"),
    "import": ("import { x }", "import { x, y }"),
    "console": ("  return 0;", '  console.warn("x", a);\n  return 0;'),
    "cast": ("return a;", "return a as number;"),
}


@pytest.mark.parametrize("name", SCRIPT_EXEMPT)
def test_what_no_test_of_a_script_notices(name: str) -> None:
    before, after = SCRIPT_EXEMPT[name]
    found = parts(SCRIPT, SCRIPT.replace(before, after, 1), "a.ts")
    assert found
    assert all(group.exempt for group in found)


SCRIPT_MATTERS = {
    "constant": ("return 0", "return 1"),
    "operator": ("c + 1", "c - 1"),
    "guard": ("  return 0;", "  if (!a) return null;\n  return 0;"),
    "method": ("  go(b) {", "  stop() {}\n  go(b) {"),
    "text": ("return 0", "return 'none'"),
}


@pytest.mark.parametrize("name", SCRIPT_MATTERS)
def test_what_a_test_of_a_script_must_notice(name: str) -> None:
    before, after = SCRIPT_MATTERS[name]
    found = parts(SCRIPT, SCRIPT.replace(before, after, 1), "a.js")
    assert found
    assert not any(group.exempt for group in found)


def test_another_language_is_one_part_that_is_not_read() -> None:
    (group,) = parts("a\nb\nc\n", "x\nb\ny\n", "a.rb")
    assert not group.read
    assert len(group.hunks) == 2


@pytest.mark.parametrize("text", ["def f(:\n", "\x00", "x = (" * 5000])
def test_what_cannot_be_read_is_one_part(text: str) -> None:
    (group,) = parts("x = 1\n", text)
    assert not group.read or group.exempt is False
