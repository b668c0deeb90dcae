"""What others use of a module, gone or called otherwise; which signs may hold."""

from __future__ import annotations

import pytest

from harness.proof.groups import groups_of
from harness.proof.signs import Judged, signs_of
from harness.proof.weights import ALARMS, CHANGES, LEAST_CHANGES, holds

PY = (
    "MOST = 3\n\n\ndef price(a, b=1):\n    return a\n\n\n"
    "class Cart:\n    def add(self, a):\n        pass\n"
)
JS = (
    "export function price(a, b = 1) { return a; }\nexport const most = 3;\n"
    "export class Cart {}\nexport { kept as left };\n"
)
COMMON = "exports.price = function (a) {};\nmodule.exports = { most, least: 1 };\n"
GONE = {
    "a constant": ("a.py", PY, PY.replace("MOST", "LEAST")),
    "a function": ("a.py", PY, PY.replace("def price", "def _price")),
    "a class": ("a.py", PY, PY.replace("class Cart", "class Basket")),
    "a method": ("a.py", PY, PY.replace("def add", "def put")),
    "a file": ("a.py", PY, ""),
    "an export": ("a.js", JS, JS.replace("export function", "function")),
    "an exported constant": ("a.ts", JS, JS.replace("most", "least")),
    "an exported class": ("a.js", JS, JS.replace("export class Cart {}", "")),
    "a renamed export": ("a.js", JS, JS.replace("kept as left", "kept as right")),
    "an export of CommonJS": ("a.cjs", COMMON, COMMON.replace("exports.price", "const price")),
    "a name of its object": ("a.cjs", COMMON, COMMON.replace("least: 1", "less: 1")),
}
OTHERWISE = {
    "one more needed": ("a.py", PY, PY.replace("a, b=1", "a, b")),
    "one less": ("a.py", PY, PY.replace("a, b=1", "a")),
    "a needed one of a method": ("a.py", PY, PY.replace("self, a", "self, a, b")),
    "one more needed, in js": ("a.js", JS, JS.replace("a, b = 1", "a, b")),
    "one less, in js": ("a.js", JS, JS.replace("a, b = 1", "a")),
    "one more needed, of CommonJS": ("a.cjs", COMMON, COMMON.replace("(a)", "(a, b)")),
}
FINE = {
    "from elsewhere": ("a.py", PY, "from b import MOST, Cart, price\n"),
    "a private one": ("a.py", PY + "\n\ndef _own():\n    pass\n", PY),
    "one more that may be left out": ("a.py", PY, PY.replace("b=1", "b=1, c=2")),
    "a new one": ("a.py", PY, PY + "\n\ndef other(a):\n    return a\n"),
    "another body": ("a.py", PY, PY.replace("return a", "return a or 0")),
    "one more that may be left out, in js": ("a.js", JS, JS.replace("b = 1", "b = 1, c = 2")),
    "renamed parameters, in js": ("a.js", JS, JS.replace("(a, b = 1)", "(one, two = 1)")),
    "all of another module": ("a.js", JS, "export * from './b.js';\n"),
    "the rest, in js": ("a.js", JS, JS.replace("b = 1", "...more")),
    "what is not exported": ("a.js", JS + "function own() {}\n", JS),
    "an optional one of TypeScript": ("a.ts", JS, JS.replace("b = 1", "b?: number")),
}


def seen(path: str, old: str, new: str) -> set[str]:
    product = {path: (old, new or None)}
    found = signs_of(product, [], groups_of(product), Judged(kind="bug"))
    public = {"public_removed", "call_incompatible"}
    return {str(sign.name) for sign in found if sign.name in public}


@pytest.mark.parametrize("name", GONE)
def test_a_name_that_is_gone(name: str) -> None:
    assert "public_removed" in seen(*GONE[name])


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_call_that_is_no_longer_taken(name: str) -> None:
    assert seen(*OTHERWISE[name]) == {"call_incompatible"}


@pytest.mark.parametrize("name", FINE)
def test_what_others_can_go_on_with(name: str) -> None:
    assert seen(*FINE[name]) == set()


def test_a_sign_holds_only_by_what_honest_changes_say() -> None:
    assert not holds("too_large")
    for name, alarms in ALARMS.items():
        seldom = all(100 * a <= of for a, of in zip(alarms, CHANGES, strict=True))
        assert holds(name) == (seldom and min(CHANGES) >= LEAST_CHANGES)
