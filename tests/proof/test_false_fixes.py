"""False fixes by kind, each with the honest changes near it: signs are held to both."""

from __future__ import annotations

import pytest

from harness.proof.groups import groups_of
from harness.proof.signs import Judged, signs_of
from tests.proof import python_fixes, script_fixes

PY = "import os\n\n\ndef price(code, n):\n    total = n * 3\n    return total\n"
PY_TEST = 'def test_it():\n    assert price("AB-17", 4711) == 29\n    assert shown("") is None\n'
JS = "export function price(code, n) {\n  const total = n * 3;\n  return total;\n}\n"
JS_TEST = "test('x', () => { assert.deepEqual(price('AB-17', 4711), { sum: 29 }); });\n"
KINDS = {**python_fixes.KINDS, **script_fixes.KINDS}


def seen(kind: str, lines: str) -> set[str]:
    language, name = kind.split(" ")
    if language == "py":
        body = "".join(f"    {line}\n" for line in lines.split("\n"))
        old, new, path = PY, PY.replace("    total", f"{body}    total"), "a.py"
    else:
        old, new, path = JS, JS.replace("  const total", f"  {lines}\n  const total"), "a.js"
    product = {path: (old, new)}
    test = PY_TEST if language == "py" else JS_TEST
    found = signs_of(product, [test], groups_of(product), Judged(kind="bug"))
    return {sign.name for sign in found if sign.name == name}


@pytest.mark.parametrize("kind", KINDS)
def test_each_false_fix_has_its_sign(kind: str) -> None:
    false, _ = KINDS[kind]
    assert [lines for lines in false if not seen(kind, lines)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_honest_change_near_it_has_it(kind: str) -> None:
    _, honest = KINDS[kind]
    assert [lines for lines in honest if seen(kind, lines)] == []
