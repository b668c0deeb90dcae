# ruff: noqa: E501
"""What a scanner of brackets and quotes got wrong in JavaScript and TypeScript: weaker tests that are
found, and their honest twins."""

from __future__ import annotations

import pytest

from harness.pipeline.verification.weakening import find_weakening
from harness.weakening.frozen import same_test
from harness.weakening.reach import held_changes
from harness.weakening.script import focused_line, read_script

A = """import { parse } from '../src/parse';

describe('parse', () => {
  it('splits', async () => {
    const wanted = ['a', 'b'];
    expect(parse('a, b', /['"(]/)).toEqual(wanted);
    expect(parse(`x ${parse('y', `${1}`)} "`)).toBe('it(');
  });
  it.each`
    a    | b
    ${1} | ${2}
    ${3} | ${4}
  `('adds $a', ({ a, b }) => {
    expect(parse(a)).toBe(b);
  });
});
"""
TS, TSX, JS = "tests/a.test.ts", "tests/a.test.tsx", "tests/a.test.js"
FIRST = "expect(parse('a, b', /['\"(]/)).toEqual(wanted);"
SECOND = "    expect(parse(`x ${parse('y', `${1}`)} \"`)).toBe('it(');\n"


def sub(old: str, new: str, text: str = A) -> str:
    assert old in text
    return text.replace(old, new, 1)


def keys(old: str, new: str, path: str = TS) -> set[str]:
    return {f.say.key.removeprefix("guard.") for f in find_weakening({path: (old, new)})}


WEAK = [
    ("a space in an expected text", sub("'a, b'", "'a,b'"), "weak_other_subject"),
    ("after a pattern with quotes", sub(SECOND, ""), "weak_removed"),
    ("in a comment between", sub(FIRST, "/* " + FIRST + " */"), "weak_removed"),
    ("in a template", sub(FIRST, "const s = `" + FIRST.replace("`", "") + "`;"), "weak_removed"),
    ("a row of a table in a template", sub("    ${3} | ${4}\n", ""), "weak_removed"),
    ("a cell of a table in a template", sub("${4}", "${5}"), "weak_expects"),
    ("a computed member", sub("it('splits'", "it['skip']('splits'"), "weak_silenced"),
    ("a member put together", sub("it('splits'", "it['sk' + 'ip']('splits'"), "weak_silenced"),
    ("a member of run time", sub("it('splits'", "it[mode]('splits'"), "weak_silenced"),
    ("a cast", sub("it('splits'", "(it as any).skip('splits'"), "weak_silenced"),
    ("a comment between the words", sub("it('splits'", "it /* x */ . // y\n skip('splits'"), "weak_silenced"),
    ("an optional call", sub("it('splits'", "it?.skip?.('splits'"), "weak_silenced"),
    ("type arguments", sub("it('splits'", "it.skip<Context>('splits'"), "weak_silenced"),
    ("another name", sub("describe(", "const t = it.skip;\ndescribe(").replace("it('splits'", "t('splits'"), "weak_silenced"),
    ("another name, taken apart", sub("describe(", "const { skip: t } = it;\ndescribe(").replace("it('splits'", "t('splits'"), "weak_silenced"),
    ("another name on a condition", sub("describe(", "const t = x ? it : it.skip;\ndescribe(").replace("it('splits'", "t('splits'"), "weak_silenced"),
    ("an option in quotes", sub("it('splits', async", "it('splits', { 'skip': true }, async"), "weak_silenced"),
    ("an option of a name", sub("it('splits', async", "it('splits', { skip }, async"), "weak_silenced"),
    ("behind a condition", sub("  it('splits'", "  process.env.X && it('splits'"), "weak_silenced"),
    ("one side of a choice", sub("  it('splits'", "  x ? 0 : it('splits'"), "weak_silenced"),
    ("a name in escapes", sub("it('splits'", "it.s\\u006bip('splits'"), "weak_unreadable"),
    ("a gap", sub("it('splits'", "it.(('splits'"), "weak_unreadable"),
    ("a nul", sub("it('splits'", "it\0('splits'"), "weak_unreadable"),
    ("returned from a block", sub(FIRST, "if (x) { return; }\n    " + FIRST), "weak_swallowed"),
    ("left without a semicolon", sub(FIRST, "return\n    " + FIRST), "weak_removed"),
    ("a choice in the test", sub(FIRST, "x ? 0 : " + FIRST), "weak_swallowed"),
    ("an if without braces", sub(FIRST, "if (x) " + FIRST), "weak_swallowed"),
    ("caught", sub(FIRST, "await check(() => { " + FIRST + " }).catch(() => {});"), "weak_swallowed"),
    ("a mock by a computed member", sub("describe(", "vi['mock']('../src/parse');\ndescribe("), "weak_replaced"),
    ("a mock in a template", sub("describe(", "const s = `${vi.mock('../src/parse')}`;\ndescribe("), "weak_replaced"),
    ("a spy of another name", sub(FIRST, "const { spyOn: s } = vi;\n    s(api, 'parse');\n    " + FIRST), "weak_replaced"),
    ("a mock of another name", sub("describe(", "import { vi as v } from 'vitest';\nv.mock('../src/parse');\ndescribe("), "weak_replaced"),
    ("a member taken under the same name", sub("parse } from", "other as parse } from"), "weak_other_subject"),
    ("renamed", sub("it('splits'", "it('splits' + ' not'").replace(FIRST, ""), "weak_deleted"),
]  # fmt: skip


@pytest.mark.parametrize(("new", "key"), [w[1:] for w in WEAK], ids=[w[0] for w in WEAK])
def test_a_weaker_script_is_found(new: str, key: str) -> None:
    assert key in keys(A, new)


BENIGN = [
    ("windows line ends", A.replace("\n", "\r\n")),
    ("a hashbang", "#!/usr/bin/env node\n" + A),
    ("no semicolons", A.replace(";\n", "\n")),
    ("comments between", sub("expect(parse('a, b'", "expect /* x */ ( // it.skip('y')\n parse('a, b'")),
    ("other quotes", sub("'splits'", '"splits"').replace("'it('", '"it("')),
    ("a title put together", sub("'splits'", "'spl' + `its`")),
    ("a cast", sub("toEqual(wanted)", "toEqual(wanted as string[])")),
    ("satisfies", sub("toEqual(wanted)", "toEqual(wanted satisfies string[])")),
    ("type arguments", sub("expect(parse('a, b'", "expect<string[]>(parse('a, b'")),
    ("a computed member", sub(".toEqual(wanted)", "['toEqual'](wanted)")),
    ("another name", sub("describe(", "const t = it;\ndescribe(").replace("it('splits'", "t('splits'")),
    ("a type", sub("const wanted", "const wanted: Array<'a' | 'b'>")),
    ("a decorator beside", A + "@sealed() class Help { @log() run(): void { it.name; } }\n"),
    ("a pattern with brackets", sub("const wanted", "const r = /[)}\\]]`'/;\n    const wanted")),
    ("a text that names a skip", sub("const wanted", "const s = `it.skip('x', ${'`'})`;\n    const wanted")),
    ("a trailing comma", sub("['a', 'b']", "['a', 'b',]")),
    ("the table spaced", sub("${1} | ${2}", "${1}   |   ${2}")),
]  # fmt: skip


@pytest.mark.parametrize("new", [b[1] for b in BENIGN], ids=[b[0] for b in BENIGN])
def test_a_script_that_says_the_same_is_left_alone(new: str) -> None:
    assert keys(A, new) == set()
    assert keys(new, A) == set()


def test_tests_of_another_name_are_read_on_both_sides() -> None:
    text = "const maybe = win ? test.skip : test;\nmaybe('a', () => { expect(f()).toBe(1); });\ntest('b', () => { g(); });\n"
    assert keys(text, sub("maybe('a', () => { expect(f()).toBe(1); });\n", "", text)) == {
        "weak_deleted"
    }
    assert keys(text, sub("toBe(1)", "toBe(2)", text)) == {"weak_expects"}
    renamed = (
        "import check, { it as t } from 'node:test';\nimport { equal } from 'node:assert';\n"
        + ("check('a', () => { equal(f(), 1); });\nt('b', () => { equal(f(), 2); });\n")
    )
    assert keys(renamed, sub("equal(f(), 1);", "f();", renamed)) == {"weak_removed"}
    assert keys(renamed, sub("equal(f(), 2);", "f();", renamed)) == {"weak_removed"}


@pytest.mark.parametrize(
    "head",
    [
        "import { expect as e } from 'vitest';\n",
        "const e = expect;\n",
        "const chai = require('chai');\nconst e = chai.expect;\n",
    ],
)
def test_assertions_of_another_name_are_read(head: str) -> None:
    text = head + "it('a', () => {\n  e(f()).toBe(1);\n  g();\n});\n"
    assert keys(text, sub("  e(f()).toBe(1);\n", "", text)) == {"weak_removed"}
    assert keys(text, sub("toBe(1)", "toBeDefined()", text)) == {"weak_loosened"}


def test_pages_of_tags_are_read() -> None:
    page = "it('shows', () => {\n  render(<A b='c'>it's <B {...c}/> {d} it.skip('</A>);\n  expect(text()).toBe('x');\n});\n"
    assert keys(page, page.replace("  expect(text()).toBe('x');\n", ""), TSX) == {"weak_removed"}
    assert keys(page, page.replace("it(", "it.only("), TSX) == {"weak_only"}


def test_a_focused_test_is_found_however_it_is_written() -> None:
    for text in ("it['only']('a', f)", "(it).only('a', f)", "const t = it.only; t('a', f)"):
        assert focused_line(text, JS) == 1
    assert focused_line("// it.only('a', f)\nconst s = \"it.only('a', f)\";", JS) == 0


def test_what_is_not_understood_is_not_read() -> None:
    for text in ("it('a', () => {", "it('a'))", "\\u0069t('a', f)", "it('a', f)\0"):
        assert read_script(text, JS) is None
    assert read_script("(" * 300_000, TS) is None


def test_a_frozen_script_that_is_not_understood_is_not_the_same() -> None:
    test = f"{JS}::parse > splits"
    assert same_test(A, sub("const wanted", "const  wanted"), test, JS)
    assert not same_test(A, sub("`x ", "`x  "), test, JS)
    assert not same_test(A, A + "it('b', () => {", test, JS)
    assert not same_test(A, A + "const o = `${vi['mock']('../src/parse')}`;\n", test, JS)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("globalThis['fetch'] = () => 1;", "sides.mock"),
        ("if (x) globalThis.fetch = () => 1;", "sides.mock"),
        ("(process as any)['exit'](0);", "sides.mock"),
        ("vi /* x */ ['mock'](import('../src/parse'));", "sides.mock"),
        ("const s = `${process.exit(0)}`;", "sides.mock"),
        ("it('b', () => {", "sides.unreadable"),
        ("const s = `globalThis.fetch = 1`; // process.exit(0)", ""),
    ],
)
def test_what_reaches_beyond_its_tests_is_held(line: str, key: str) -> None:
    changes = {TS: (A, A + line + "\n")}
    found = held_changes(changes, [TS, "src/parse.ts"], lambda path: False)
    assert [f.say.key for f in found] == ([key] if key else [])
