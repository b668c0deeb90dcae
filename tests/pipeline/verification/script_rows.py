# ruff: noqa: E501
"""The same of JavaScript: rows and their twins."""

from __future__ import annotations

from tests.pipeline.verification.weak_rows import JS, J, sub

LINE = "expect(parse('a,b')).toEqual(['a', 'b']);"
IMPORT = "import { parse } from '../src/parse';\n"


def line(new: str) -> str:
    return sub(J, LINE, new)


def top(code: str) -> str:
    return sub(J, IMPORT, IMPORT + code)


WEAK_ROWS = [
    ("after return", line("return;\n    " + LINE), "weak_removed"),
    ("after throw", line("throw new Error('x');\n    " + LINE), "weak_removed"),
    ("after a value returned", line("return 1;\n    " + LINE), "weak_removed"),
    ("return on a condition", line("if (!parse) return;\n    " + LINE), "weak_swallowed"),
    ("if (false)", line("if (false) { " + LINE + " }"), "weak_removed"),
    ("if (0)", line("if (0) { " + LINE + " }"), "weak_removed"),
    ("if ('')", line("if ('') { " + LINE + " }"), "weak_removed"),
    ("if (false && x)", line("if (false && parse) { " + LINE + " }"), "weak_removed"),
    ("while (false)", line("while (false) { " + LINE + " }"), "weak_removed"),
    ("false &&", line("false && " + LINE), "weak_removed"),
    ("x &&", line("parse && " + LINE), "weak_swallowed"),
    ("for of []", line("for (const x of []) { " + LINE + " }"), "weak_removed"),
    ("for of empty set", line("for (const x of new Set()) { " + LINE + " }"), "weak_removed"),
    ("for in {}", line("for (const x in {}) { " + LINE + " }"), "weak_removed"),
    ("for of an empty name", line("const none = [];\n    for (const x of none) { " + LINE + " }"), "weak_removed"),
    ("for false", line("for (; false; ) { " + LINE + " }"), "weak_removed"),
    ("[].forEach", line("[].forEach(() => { " + LINE + " });"), "weak_removed"),
    ("function not called", line("function check() { " + LINE + " }"), "weak_removed"),
    ("arrow not called", line("const check = () => { " + LINE + " };"), "weak_removed"),
    ("short arrow not called", line("const check = () => " + LINE), "weak_removed"),
    ("function value not called", line("const check = function () { " + LINE + " };"), "weak_removed"),
    ("later", line("setTimeout(() => { " + LINE + " }, 0);"), "weak_swallowed"),
    ("promise not waited for", line("load().then(() => { " + LINE + " });"), "weak_swallowed"),
    ("try catch", line("try { " + LINE + " } catch (e) {}"), "weak_swallowed"),
    ("import moved", sub(J, "'../src/parse'", "'./fake'"), "weak_other_subject"),
    ("import of another name", sub(J, "{ parse }", "{ split as parse }"), "weak_other_subject"),
    ("require moved", sub(J, IMPORT, "const { parse } = require('./fake');\n"), "weak_other_subject"),
    ("defined here", top("const parse = () => ['a', 'b'];\n"), "weak_other_subject"),
    ("function here", top("function parse() { return ['a', 'b']; }\n"), "weak_other_subject"),
    ("expect shadowed", top("const expect = () => ({ toEqual() {}, toBe() {}, toThrow() {} });\n"), "weak_removed"),
    ("expect as function", top("function expect() { return { toEqual() {} }; }\n"), "weak_removed"),
    ("expect from a neighbour", top("import { expect } from './fake';\n"), "weak_"),
    ("expect in the test", line("const expect = () => ({ toEqual() {} });\n    " + LINE), "weak_removed"),
    ("it shadowed", top("const it = (name, f) => {};\n"), "weak_silenced"),
    ("jest.mock", top("jest.mock('../src/parse');\n"), "weak_replaced"),
    ("vi.mock with a factory", top("vi.mock('../src/parse', () => ({ parse: () => ['a', 'b'] }));\n"), "weak_replaced"),
    ("spy in the test", line("vi.spyOn(api, 'parse').mockReturnValue(['a', 'b']);\n    " + LINE), "weak_replaced"),
    ("spy before each", sub(J, "describe('parse', () => {\n", "describe('parse', () => {\n  beforeEach(() => { jest.spyOn(api, 'parse'); });\n"), "weak_replaced"),
    ("hoisted from a new test", J + "it('new', () => { vi.mock('../src/parse'); });\n", "weak_replaced"),
]  # fmt: skip
BENIGN_ROWS = [
    ("same import, other order", sub(J, "{ parse }", "{ split, parse }")),
    ("import with an ending", sub(J, "'../src/parse'", "'../src/parse.js'")),
    ("import renamed", sub(J, "{ parse }", "{ parse as cut }").replace("parse(", "cut(")),
    ("module as a whole", sub(J, "{ parse }", "* as api").replace("parse(", "api.parse(")),
    ("required", sub(J, IMPORT, "const { parse } = require('../src/parse');\n")),
    ("expect imported", top("import { describe, expect, it, test } from 'vitest';\n")),
    ("helper here", top("const make = (x) => x + 1;\n")),
    ("constant here", top("const LIMIT = 3;\n")),
    ("return the promise", line(LINE + "\n    return Promise.resolve();")),
    ("return inside a function", line("const f = () => { return 1; };\n    " + LINE)),
    ("loop over a literal", line("for (const x of ['a,b']) { " + LINE + " }")),
    ("forEach over a literal", line("['a,b'].forEach(() => { " + LINE + " });")),
    ("function called", line("function check() { " + LINE + " }\n    check();")),
    ("arrow called", line("const check = () => { " + LINE + " };\n    check();")),
    ("promise waited for", line("await load().then(() => { " + LINE + " });")),
    ("throw on a condition", line("if (!parse) throw new Error('x');\n    " + LINE)),
    ("fake timers", top("beforeEach(() => { vi.useFakeTimers(); });\n")),
    ("console kept still", line("vi.spyOn(console, 'log').mockImplementation(() => {});\n    " + LINE)),
    ("clock", line("jest.spyOn(Date, 'now').mockReturnValue(1);\n    " + LINE)),
    ("spy in a new test", J + "it('new', () => { vi.spyOn(api, 'load'); expect(api.load()).toBe(1); });\n"),
    ("extended test", top("const test = base.extend({ page: 1 });\n")),
]  # fmt: skip
# names that several blocks bind
B = """\
import { Command, parse } from '../src';
const expected = 3;
describe('one', () => {
  const program = new Command('a');
  let size = 2;
  beforeEach(() => { program.reset(); });
  test('sum', () => {
    const text = 'a,b';
    const run = () => parse(null);
    expect(program.sum(text)).toBe(expected);
    expect(run).toThrow('not text');
    expect(program.size('the program')).toBe(size);
  });
});
"""
IN = "    const text = 'a,b';\n"
ANOTHER = """\
describe('two', () => {
  const program = new Command('b');
  const expected = 9, text = 'c';
  test('other', () => {
    let size = 7;
    const run = () => parse('');
    expect(program.sum(text)).toBe(expected);
    expect(run).not.toThrow();
  });
  test.each([[1, 2]])('each %i', (program, size) => { expect(program + 1).toBe(size); });
});
"""
BOUND_WEAK = [
    ("constant beside", sub(B, IN, IN + "    const expected = 9;\n"), "weak_expects"),
    ("constant by let", sub(B, IN, IN + "    let expected = 9;\n"), "weak_expects"),
    ("constant behind a comma", sub(B, IN, "    const text = 'a,b', expected = 9;\n"), "weak_expects"),
    ("constant by pattern", sub(B, IN, IN + "    const { expected } = { expected: 9 };\n"), "weak_expects"),
    ("constant of the group", sub(B, "  let size = 2;\n", "  let size = 2;\n  const expected = 9;\n"), "weak_expects"),
    ("constant as a default", sub(B, "test('sum', () =>", "test('sum', (expected = 9) =>"), "weak_expects"),
    ("variable changed", sub(B, "size = 2", "size = 9"), "weak_expects"),
    ("variable assigned", sub(B, IN, IN + "    size = 9;\n"), "weak_expects"),
    ("variable assigned in a block", sub(B, IN, IN + "    if (program) { size = 9; }\n"), "weak_expects"),
    ("constant changed", sub(B, "expected = 3", "expected = 9"), "weak_expects"),
    ("constant through another", sub(sub(B, "const expected = 3;", "const base = 3;\nconst expected = base;"), "base = 3", "base = 9"), "weak_expects"),
    ("input by name", sub(B, "'a,b'", "''"), "weak_other_subject"),
    ("subject by name", sub(B, "new Command('a')", "new Command('b')"), "weak_other_subject"),
    ("subject from elsewhere", sub(B, "{ Command, parse } from '../src'", "{ parse } from '../src';\nimport { Command } from './fake'"), "weak_other_subject"),
    ("subject assigned", sub(B, IN, IN + "    program = { sum: () => 3 };\n"), "weak_other_subject"),
    ("function by name", sub(B, "() => parse(null)", "() => { throw new Error('not text'); }"), "weak_other_subject"),
    ("import hidden in the test", sub(B, IN, IN + "    const parse = () => { throw new Error('not text'); };\n"), "weak_other_subject"),
    ("import hidden by a function", sub(B, IN, IN + "    function parse() { throw new Error('not text'); }\n"), "weak_other_subject"),
    ("import hidden by a require", sub(B, IN, IN + "    const { parse } = require('./fake');\n"), "weak_other_subject"),
    ("import hidden by an argument", sub(B, "test('sum', () =>", "test('sum', (parse) =>"), "weak_other_subject"),
    ("expect of the group", sub(B, "  let size = 2;\n", "  let size = 2;\n  const expect = (x) => new Proxy({}, {});\n"), "weak_removed"),
    ("never by name", sub(B, "    expect(run).toThrow('not text');", "    if (SLOW) { expect(run).toThrow('not text'); }").replace("const expected", "const SLOW = false;\nconst expected"), "weak_"),
]  # fmt: skip
BOUND_BENIGN = [
    ("another group", B + ANOTHER),
    ("another group before", sub(B, "describe('one'", ANOTHER + "describe('one'")),
    ("another test in the group", sub(B, "  test('sum'", "  test('new', () => { const expected = 1; size = 5; expect(size).toBe(expected); });\n  test('sum'")),
    ("a name in a text", sub(B, IN, IN + "    const the = 1;\n    expect(the).toBe(1);\n")),
    ("a name put in its place", sub(B, IN, "").replace("sum(text)", "sum('a,b')")),
    ("a name given to it", sub(B, "toThrow('not text')", "toThrow(message)").replace(IN, IN + "    const message = 'not text';\n")),
    ("a long one in lines", sub(B, "new Command('a')", "new Command(\n    'a',\n  )")),
    ("test context", sub(B, "test('sum', () =>", "test('sum', ({ expect }) =>")),
    ("name of the function", sub(B, "const run = () => parse(null)", "const go = () => parse(null)").replace("expect(run)", "expect(go)")),
]  # fmt: skip
# a table whose rows a loop goes over by their keys
T = """\
import { parse } from '../src';
describe('parse', () => {
  const rows = {
    'a=1': { a: '1' },
    'b=': { b: '' },
  };
  for (const text in rows) {
    test(text, () => {
      expect(parse(text)).toEqual(rows[text]);
    });
  }
});
"""
LAST = "    'b=': { b: '' },\n"
TABLE_WEAK = [
    ("a row gone", sub(T, LAST, ""), "weak_"),
    ("a row changed", sub(T, "{ b: '' }", "{}"), "weak_"),
    ("a key changed", sub(T, "'b=':", "'c=':"), "weak_"),
    ("a row changed, one more", sub(T, LAST, "    'b=': {},\n    'c': {},\n"), "weak_"),
    ("rows spread", sub(T, LAST, "    ...others,\n"), "weak_"),
    ("rows worked out", sub(T, "const rows = {", "const rows = load({").replace("  };\n", "  });\n"), "weak_"),
    ("another table asked", sub(T, "rows[text]", "parse[text]"), "weak_expects"),
    ("another key asked", sub(T, "test(text, () =>", "test(text, (text) =>"), "weak_"),
    ("rows given anew", sub(T, "  for (const", "  rows = {};\n  for (const"), "weak_"),
]  # fmt: skip
TABLE_BENIGN = [
    ("a row more", sub(T, LAST, LAST + "    'toString=c': { toString: 'c' },\n")),
    ("a row more at first", sub(T, "    'a=1'", "    'c=': { c: '' },\n    'a=1'")),
    ("rows in another order", sub(sub(T, LAST, ""), "    'a=1'", LAST + "    'a=1'")),
    ("a key in other quotes", sub(T, "'b=':", '"b=":')),
    ("a name of another sort", sub(T, "const text in", "let text in")),
]  # fmt: skip
SCRIPT_WEAK = [(f"js {name}", JS, J, new, key) for name, new, key in WEAK_ROWS]
SCRIPT_WEAK += [(f"js {name}", JS, B, new, key) for name, new, key in BOUND_WEAK]
SCRIPT_BENIGN = [(f"js {name}", JS, J, new) for name, new in BENIGN_ROWS]
SCRIPT_BENIGN += [(f"js {name}", JS, B, new) for name, new in BOUND_BENIGN]
SCRIPT_WEAK += [(f"js {name}", JS, T, new, key) for name, new, key in TABLE_WEAK]
SCRIPT_BENIGN += [(f"js {name}", JS, T, new) for name, new in TABLE_BENIGN]
