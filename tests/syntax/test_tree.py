# ruff: noqa: E501
"""One reading of JavaScript and TypeScript: trees, their bounds, and what a file imports."""

from __future__ import annotations

import time

import pytest

from harness.syntax.script import exported_names, imports, literal
from harness.syntax.tree import GRAMMARS, LANGUAGES, Node, parse


def found(text: str, path: str = "a.ts") -> list[str]:
    tree = parse(text, path)
    assert tree is not None
    assert tree.whole
    return [one.text for one in imports(tree).found]


def told(text: str, path: str = "a.ts") -> bool:
    tree = parse(text, path)
    return tree is not None and imports(tree).told


SAID = {
    ".go": "package a\n\nfunc f() {}\n",
    ".rs": "fn f() {}\n",
    ".java": "class A { void f() {} }\n",
}


@pytest.mark.parametrize("ending", LANGUAGES)
def test_every_ending_has_a_grammar_and_its_queries(ending: str) -> None:
    tree = parse(SAID.get(ending, "const a = `b`;\n"), f"a{ending}")
    assert tree is not None
    assert tree.whole
    for query in GRAMMARS[tree.language].queries:
        tree.captures(query)


def test_places_count_characters() -> None:
    text = "const é = 'ü🙂'; import('./x');\r\nf('y')"
    tree = parse(text, "a.js")
    assert tree is not None
    (call,) = imports(tree).found
    assert text[call.begin : call.end] == "./x"
    strings = [n.text for n in tree.root.walk() if n.type == "string"]
    assert strings == ["'ü🙂'", "'./x'", "'y'"]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_000_000,
        "[" * 500_000 + "]" * 500_000,
        "`${" * 300_000,
        "a;" * 500_000,
        "a<" * 100_000,
    ],
    ids=["open", "nested", "templates", "many", "less"],
)
@pytest.mark.parametrize("path", ["a.js", "a.ts", "a.tsx", "a.go", "a.rs", "A.java"])
def test_hostile_texts_end_and_are_not_understood(text: str, path: str) -> None:
    begun = time.process_time()
    tree = parse(text, path)
    assert tree is None or not tree.whole
    assert time.process_time() - begun < 60


@pytest.mark.parametrize("text", ["it('a', () => {", "a b c", "'", "x = `${", "\ud800("])
def test_a_text_with_gaps_says_so(text: str) -> None:
    tree = parse(text, "a.js")
    assert tree is not None
    assert not tree.whole
    assert not imports(tree).told


@pytest.mark.parametrize(
    "text",
    [
        r"x = [String.raw`.\undefined`, 1]",
        r"x = dedent`a ${b} C:\users\x ${c}`",
        r"x = a.b`\u{zz}`; y = c`\x`",
        r"x = t`\1`",
    ],
)
@pytest.mark.parametrize("path", ["a.js", "a.ts", "a.tsx"])
def test_a_tagged_template_holds_any_backslash(text: str, path: str) -> None:
    tree = parse(text, path)
    assert tree is not None
    assert tree.whole


@pytest.mark.parametrize("text", [r"x = `\undefined`", r"x = t`\u${`", r"t`\undefined`; a b c"])
def test_another_template_does_not(text: str) -> None:
    tree = parse(text, "a.ts")
    assert tree is None or not tree.whole


@pytest.mark.parametrize("text", ["it('a')\0", "x" * (3 << 20)])
def test_what_is_beyond_reading_has_no_tree(text: str) -> None:
    assert parse(text, "a.js") is None


def test_another_language_has_no_tree() -> None:
    assert parse("package main", "a.kt") is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a from './a'; export * from './b'; import './c';", ["./a", "./b", "./c"]),
        ("import /* x */ a // y\nfrom /* z */ './a';", ["./a"]),
        ("// import a from './a'\n/* require('./b') */ const s = \"import('./c')\";", []),
        ("const t = `import './a' ${require('./b')}`;", ["./b"]),
        ("const r = /require('.a')/; require ( './b' );", ["./b"]),
        ("import x = require('./a'); type T = typeof import('./b');", ["./a", "./b"]),
        ("require('./' + 'a'); require(`./b`); require('./\\x63');", ["./a", "./b", "./c"]),
        ("(require as any)('./a'); require!('./b'); require?.('./c');", ["./a", "./b", "./c"]),
        ("jest.mock('./a'); vi['importActual']('./b'); jest.requireActual<X>('./c')", ["./a", "./b", "./c"]),
        ("const a = await import('./a') satisfies object;", ["./a"]),
    ],
)  # fmt: skip
def test_imports_are_found_however_they_are_written(text: str, names: list[str]) -> None:
    assert found(text) == names
    assert told(text)


@pytest.mark.parametrize(
    "text",
    [
        "require(name)",
        "import(`./${name}`)",
        "const load = require; load('./a')",
        "[require].map((load) => load('./a'))",
        "eval(text)",
        "module['require'](name)",
    ],
)
def test_what_is_loaded_by_a_name_of_run_time_is_not_told(text: str) -> None:
    assert not told(text, "a.js")


def test_require_may_be_made_and_asked_about_itself() -> None:
    assert told("const require = createRequire(import.meta.url); require('./a');", "a.mjs")
    assert told("if (require.main === module && typeof require === 'function') main();", "a.js")


def test_types_are_not_loaded() -> None:
    tree = parse("import type { A } from './a'; import { type B, c as d } from './b';", "a.ts")
    assert tree is not None
    types, both = imports(tree).found
    assert (types.runs, both.runs, both.names) == (False, True, ("B", "c"))


def test_a_page_is_read_by_its_scripts() -> None:
    page = "<template>require('./no') {{ it's }}</template>\n<script setup lang='ts'>\nimport a from './a'; let b: number;\n</script>\n"
    assert found(page, "a.vue") == ["./a"]


def test_exported_names() -> None:
    text = (
        "export const a = 1, { b: c } = d; export { e as f }; export default g; export type H = 1;"
    )
    tree = parse(text, "a.ts")
    assert tree is not None
    assert {"a", "c", "f", "default", "H"} <= set(exported_names(tree))
    assert not {"d", "e", "g"} & set(exported_names(tree))


def test_a_text_put_together_of_texts_is_read() -> None:
    def said(code: str) -> str | None:
        tree = parse(f"x = {code}", "a.ts")
        assert tree is not None
        value: Node = tree.root.parts[0].parts[0].parts[1]
        return literal(value)

    assert said("'a' + (`b` + \"c\\u0064\")") is None  # not from the left: not what people write
    assert said("('a' + `b`) + \"c\\u0064\"") == "abcd"
    assert said("'a' as const") == "a"
    assert said("'a' + b") is None
