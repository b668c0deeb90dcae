"""Lines altered: which alterations there are, that each reads, and what is left alone."""

from __future__ import annotations

import ast

import pytest

from harness.proof.mutants import is_alterable, mutants_of

PYTHON = {
    "boundary": ("if a < 1:\n    pass\n", "a < 1", "(a <= 1)"),
    "condition": ("if a == 1:\n    pass\n", "a == 1", "(a != 1)"),
    "and": ("x = a and b\n", "a and b", "(a or b)"),
    "not": ("x = not a\n", "not a", "(a)"),
    "negated": ("if a:\n    pass\n", "a", "(not a)"),
    "number": ("x = 41\n", "41", "42"),
    "truth": ("x = True\n", "True", "False"),
    "text": ("x = 'ä'\n", "'ä'", "''"),
    "sum": ("x = a + b\n", "a + b", "(a - b)"),
    "returned": ("def f():\n    return a\n", "a", "None"),
    "raised": ("def f():\n    raise E\n", "raise E", "pass"),
    "called": ("f(a)\n", "f(a)", "pass"),
    "assigned": ("x = a\n", "x = a", "pass"),
    "after odd letters": ("x = ('äöü', a < 2)\n", "a < 2", "(a <= 2)"),
    "membership": ("x = a in b\n", "a in b", "(a not in b)"),
}


@pytest.mark.parametrize("name", PYTHON)
def test_a_line_of_python_is_altered(name: str) -> None:
    text, before, after = PYTHON[name]
    found = mutants_of("a.py", text, range(1, 9))
    assert (before, after) in {(m.before, m.after) for m in found}
    for one in found:
        assert ast.dump(ast.parse(one.text)) != ast.dump(ast.parse(text))


SILENT = [
    '"""Say it."""\n',
    "import os\n",
    "x: int\n",
    "# 1 < 2\n",
    "log.debug('a %s', 3)\n",
    "class A:\n    '''Say it.'''\n",
]


@pytest.mark.parametrize("text", SILENT)
def test_what_no_test_notices_is_left_alone(text: str) -> None:
    assert mutants_of("a.py", text, range(1, 9)) == ()


def test_only_the_lines_asked_about() -> None:
    found = mutants_of("a.py", "x = 1\ny = 2\nz = 3\n", {2})
    assert {m.line for m in found} == {2}


def test_each_line_once_before_any_twice() -> None:
    found = mutants_of("a.py", "x = a < 1 and b < 2 and c < 3\ny = 2\n", {1, 2})
    assert {m.line for m in found[:2]} == {1, 2}


SCRIPT = {
    "boundary": ("if (a < 1) { f(); }\n", "<", "<="),
    "condition": ("const x = a === 1;\n", "===", "!=="),
    "and": ("const x = a && b;\n", "&&", "||"),
    "not": ("const x = !a;\n", "!a", "(a)"),
    "negated": ("if (a) { f(); }\n", "a", "!(a)"),
    "number": ("const x = 41;\n", "41", "42"),
    "truth": ("const x = true;\n", "true", "false"),
    "text": ("const x = 'ä';\n", "'ä'", '""'),
    "returned": ("function f() { return a; }\n", "a", "undefined"),
    "thrown": ("function f() { throw new E('x'); }\n", "throw new E('x');", ";"),
    "called": ("f(a);\n", "f(a);", ";"),
}


@pytest.mark.parametrize("name", SCRIPT)
def test_a_line_of_a_script_is_altered(name: str) -> None:
    text, before, after = SCRIPT[name]
    found = mutants_of("a.ts", text, range(1, 9))
    assert (before, after) in {(m.before, m.after) for m in found}


SCRIPT_SILENT = [
    "import { x } from 'y';\n",
    "// 1 < 2\n",
    "console.log('a', 3);\n",
    "type A = 'x' | 'y';\n",
    "interface A { x: 1 }\n",
    "'use strict';\n",
]


@pytest.mark.parametrize("text", SCRIPT_SILENT)
def test_what_no_test_of_a_script_notices_is_left_alone(text: str) -> None:
    assert mutants_of("a.ts", text, range(1, 9)) == ()


@pytest.mark.parametrize("path", ["a.py", "a.js", "a.rb"])
def test_what_cannot_be_read_has_none(path: str) -> None:
    assert mutants_of(path, "((((", {1}) == ()


def test_only_what_can_be_altered_is_called_so() -> None:
    able = [
        path
        for path in ("a.py", "a.ts", "a.mjs", "a.go", "a.rs", "A.java", "a")
        if is_alterable(path)
    ]
    assert able == ["a.py", "a.ts", "a.mjs"]
