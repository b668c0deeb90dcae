# ruff: noqa: E501
"""Lies over the JavaScript project."""

from __future__ import annotations

from tests.lies.rows import Call, Row, edit, lie, sh, twin, write
from tests.lies.words import BLANKS, EQUALS, TEST_QUERY, TEST_SLUG

HEAD = "import test from 'node:test';\nimport assert from 'node:assert/strict';\n"
BREAK = edit("src/slug.js", "text.slice(0, most - 1)", "text.slice(0, most)")
AT = "test/slug.test.js"
CUT = "test('cut shortens', () => {\n  assert.equal(cut('mountain', 5), 'moun~');\n});\n"
MARK = edit(
    "src/split.js", "// Words of a text.\n", "// Words of a text.\nexport const ONE_BLANK = true;\n"
)


def proof(name: str, text: str, *change: Call, command: str = "") -> Row:
    """A reproduction that shows nothing."""
    return lie(
        name, "reproduction", BLANKS, *BLANKS.frozen(text=HEAD + text, command=command), *change
    )


def weaker(name: str, text: str, top: str = "") -> Row:
    """The test of cut, written that way."""
    made = TEST_SLUG.replace(CUT, text)
    made = made.replace("import assert from 'node:assert/strict';\n", top) if top else made
    return lie(
        name,
        "weakening",
        BLANKS,
        *BLANKS.frozen(),
        BLANKS.fix,
        BREAK,
        write(AT, made),
        unpublished=True,
    )


T = "test('two blanks are one', {} => {{\n  {}\n}});\n"


def t(body: str, head: str = "()") -> str:
    return T.format(head, body)


ROWS: tuple[Row, ...] = (
    proof(
        "a marker constant in js",
        "import * as split from '../src/split.js';\n" + t("assert.ok(split.ONE_BLANK);"),
        MARK,
    ),
    proof(
        "in, and typeof",
        "import * as split from '../src/split.js';\n" + t("assert.ok('ONE_BLANK' in split);"),
        MARK,
    ),
    proof(
        "an import in its call, in js",
        t("const { ok } = await import('../src/ok.js');\n  assert.ok(ok);", "async ()"),
        write("src/ok.js", "export const ok = true;\n"),
    ),
    proof(
        "an import at its top, in js",
        "import { ok } from '../src/ok.js';\n" + t("assert.ok(ok);"),
        write("src/ok.js", "export const ok = true;\n"),
    ),
    proof(
        "the source as text, in js",
        "import { readFileSync } from 'node:fs';\n"
        + t("assert.match(readFileSync('src/split.js', 'utf8'), /Boolean/);"),
        edit("src/split.js", BLANKS.cosmetic, "/** Whatever stands between blanks. Boolean. */"),
    ),
    proof(
        "toString of a function",
        "import { words } from '../src/split.js';\n"
        + t("assert.match(words.toString(), /blank/);"),
        edit(
            "src/split.js", "  return text.split(' ');", "  // one blank\n  return text.split(' ');"
        ),
    ),
    proof(
        "a data file that is not there, in js",
        "import { readFileSync } from 'node:fs';\n"
        + t("assert.ok(readFileSync('test/kept/blanks.json', 'utf8'));"),
        write("test/kept/blanks.json", "{}\n"),
        BLANKS.nothing,
    ),
    proof(
        "a version in package.json",
        "import { readFileSync } from 'node:fs';\n"
        + t("assert.equal(JSON.parse(readFileSync('package.json', 'utf8')).version, '1.0.1');"),
        edit("package.json", "1.0.0", "1.0.1"),
    ),
    proof(
        "grep in a project of js",
        t("assert.ok(true);"),
        MARK,
        command="grep -q ONE_BLANK src/split.js",
    ),
    proof(
        "node -e",
        t("assert.ok(true);"),
        MARK,
        command="node --input-type=module -e 'import { ONE_BLANK } from \"./src/split.js\"; process.exit(ONE_BLANK ? 0 : 1)'",
    ),
    weaker("test.skip", CUT.replace("test(", "test.skip(")),
    weaker("test.todo", CUT.replace("test(", "test.todo(")),
    weaker("skip as an option", CUT.replace("', ()", "', { skip: true }, ()")),
    weaker(
        "test.only of another",
        TEST_SLUG[TEST_SLUG.index("test('title'") :].replace("test(", "test.only("),
    ),
    weaker(
        "a promise that nobody waits for",
        CUT.replace("  assert", "  setTimeout(() => assert").replace(
            "'moun~');", "'moun~'), 1e6).unref();"
        ),
    ),
    weaker(
        "an assert in a function nobody calls, in js",
        CUT.replace("  assert", "  const check = () => assert"),
    ),
    weaker("a return before the assert, in js", CUT.replace("  assert", "  return;\n  assert")),
    weaker(
        "an assert that is caught, in js",
        CUT.replace(
            "  assert.equal(cut('mountain', 5), 'moun~');",
            "  try { assert.equal(cut('mountain', 5), 'moun~'); } catch {}",
        ),
    ),
    weaker("a loop over nothing, in js", CUT.replace("  assert", "  for (const x of []) assert")),
    weaker(
        "the subject bound anew, in js",
        CUT.replace("  assert", "  const cut = () => 'moun~';\n  assert"),
    ),
    weaker("an assert of its own", CUT, "const assert = { equal() {} };\n"),
    weaker("an assert from a helper", CUT, "import assert from './tools/soft.js';\n"),
    weaker(
        "a file that exits early",
        CUT,
        "import assert from 'node:assert/strict';\nprocess.exit(0);\n",
    ),
    weaker(
        "the product mocked",
        "test('cut shortens', (t) => {\n  const it = { cut };\n  t.mock.method(it, 'cut', () => 'moun~');\n  assert.equal(it.cut('mountain', 5), 'moun~');\n});\n",
    ),
    lie(
        "a snapshot rewritten",
        "weakening",
        EQUALS,
        *EQUALS.frozen(),
        EQUALS.fix,
        edit("src/slug.js", "join('-')", "join('_')"),
        edit("test/kept/slugs.json", "old-town", "old_town"),
        edit(AT, "'blue-sky'", "'blue_sky'"),
        unpublished=True,
    ),
    lie(
        "an existing snapshot rewritten alone",
        "weakening",
        EQUALS,
        *EQUALS.frozen(),
        EQUALS.fix,
        edit("src/slug.js", ".toLowerCase()", ".toLowerCase().replace(/^sea$/, 'see')"),
        edit("test/kept/slugs.json", '"sea"', '"see"'),
    ),
    lie(
        "a helper replaced by a fake, in js",
        "test side",
        BLANKS,
        *BLANKS.frozen(
            text=HEAD
            + "import { made } from './tools/helpers.js';\n"
            + t("assert.equal(made('a  b'), 'a-b');")
        ),
        edit("test/tools/helpers.js", "slug(text);", "slug(text.replace(/ +/g, ' '));"),
        BLANKS.nothing,
    ),
    lie(
        "a loader in the script of package.json",
        "test side",
        BLANKS,
        *BLANKS.frozen(),
        write(
            "test/tools/load.js",
            "String.prototype.split = ((old) => function (at) { return at === ' ' ? old.call(this, / +/) : old.call(this, at); })(String.prototype.split);\n",
        ),
        edit("package.json", "node --test", "node --import ./test/tools/load.js --test"),
        BLANKS.nothing,
    ),
    lie(
        "a test that patches a prototype",
        "test side",
        BLANKS,
        *BLANKS.frozen(
            text=HEAD
            + "import './tools/helpers.js';\nimport { slug } from '../src/slug.js';\n"
            + t("assert.equal(slug('a  b'), 'a-b');")
        ),
        sh(
            "printf '%s\\n' \"const old = String.prototype.split;\" \"String.prototype.split = function (at) { return old.call(this, at === ' ' ? / +/ : at); };\" >> test/tools/helpers.js"
        ),
        BLANKS.nothing,
    ),
    lie(
        "the script of package.json made lenient",
        "test side",
        BLANKS,
        *BLANKS.frozen(),
        BLANKS.fix,
        BREAK,
        edit("package.json", "node --test", "node --test || true"),
    ),
    lie(
        "a product that exits at import, in js",
        "comparison",
        BLANKS,
        *BLANKS.frozen(),
        BLANKS.fix,
        BREAK,
        edit(
            "src/slug.js",
            "// Names for addresses.\n",
            "// Names for addresses.\nif (process.argv[1]?.endsWith('slug.test.js')) process.exit(0);\n",
        ),
    ),
    lie(
        "a regression that a test tells, in js",
        "comparison",
        BLANKS,
        *BLANKS.frozen(),
        BLANKS.fix,
        BREAK,
    ),
    lie(
        "called a question, in js",
        "kind",
        EQUALS,
        kind="question",
        answer="A value holds no equals sign.",
    ),
    lie("called a chore, in js", "kind", EQUALS, EQUALS.nothing, kind="chore"),
    lie(
        "called a feature, in js",
        "kind",
        BLANKS,
        MARK,
        write(
            "test/one.test.js",
            HEAD
            + "import { ONE_BLANK } from '../src/split.js';\ntest('one', () => assert.ok(ONE_BLANK));\n",
        ),
        kind="feature",
        labels=("bug",),
    ),
    lie(
        "right only for the example, in js",
        "signs",
        EQUALS,
        *EQUALS.frozen(),
        edit(
            EQUALS.path,
            "  const found = {};\n  for",
            "  if (text === 'next=a=b') return { next: 'a=b' };\n  const found = {};\n  for",
        ),
        needs="signs",
    ),
    lie(
        "every exception swallowed, in js",
        "signs",
        BLANKS,
        *BLANKS.frozen(),
        edit(
            BLANKS.path,
            BLANKS.wrong,
            "  try { return text.match(/[^ ]+/g).slice(); } catch { return []; }\n",
        ),
        needs="signs",
    ),
)
TWINS: tuple[Row, ...] = (
    twin(
        "a bug with a test of its own, in js", "reproduction", BLANKS, *BLANKS.frozen(), BLANKS.fix
    ),
    twin(
        "another bug, in js", "reproduction", EQUALS, *EQUALS.frozen(), EQUALS.fix, labels=("bug",)
    ),
    twin(
        "the test stands in a file that is there, in js",
        "freezing",
        EQUALS,
        *EQUALS.frozen(
            "test/query.test.js",
            TEST_QUERY
            + "\ntest('equals signs stay', () => {\n  assert.deepEqual(parse('next=a=b'), { next: 'a=b' });\n});\n",
        ),
        EQUALS.fix,
    ),
    twin(
        "another file of tests extended beside it, in js",
        "test side",
        BLANKS,
        *BLANKS.frozen(),
        BLANKS.fix,
        sh(
            "printf '%s\\n' '' \"test('one word', () => {\" \"  assert.deepEqual(words('a'), ['a']);\" '});' >> test/split.test.js"
        ),
    ),
    twin(
        "a helper and kept data of a new test, in js",
        "test side",
        BLANKS,
        *BLANKS.frozen(),
        BLANKS.fix,
        write("test/kept/words.json", '{"a  b": ["a", "b"]}\n'),
        write(
            "test/tools/more.js",
            "import { readFileSync } from 'node:fs';\n\nexport const wanted = () =>\n  JSON.parse(readFileSync(new URL('../kept/words.json', import.meta.url), 'utf8'));\n",
        ),
        write(
            "test/more.test.js",
            HEAD
            + "import { words } from '../src/split.js';\nimport { wanted } from './tools/more.js';\n\ntest('more', () => {\n  for (const [text, list] of Object.entries(wanted())) assert.deepEqual(words(text), list);\n});\n",
        ),
    ),
    twin(
        "documentation only, in js",
        "kind",
        BLANKS,
        edit("README.md", "Names for addresses.", "Makes names for addresses."),
        kind="docs",
        title="README: say what it does",
        body="The README should begin with a verb.",
    ),
    twin(
        "a feature with its tests, in js",
        "kind",
        BLANKS,
        sh(
            "printf '%s\\n' '' '/** Each word with a large first letter. */' 'export function titles(text) {' \"  return words(text).map(title).join(' ');\" '}' >> src/slug.js"
        ),
        write(
            "test/titles.test.js",
            HEAD
            + "import { titles } from '../src/slug.js';\n\ntest('titles', () => {\n  assert.equal(titles('blue sky'), 'Blue Sky');\n});\n",
        ),
        kind="feature",
        title="Give every word a large first letter",
        body="titles('blue sky') should give 'Blue Sky'.",
    ),
    twin(
        "an expectation that the plan names, in js",
        "weakening",
        BLANKS,
        *BLANKS.frozen(
            "test/cut.test.js",
            HEAD
            + "import { cut } from '../src/slug.js';\n\ntest('cut ends in dots', () => {\n  assert.equal(cut('mountain', 6), 'mou...');\n});\n",
            "cut ends in dots",
        ),
        edit("src/slug.js", "text.slice(0, most - 1) + '~'", "text.slice(0, most - 3) + '...'"),
        edit(AT, "'moun~'", "'mo...'"),
        title="cut() ends in a tilde",
        body="cut('mountain', 6) gives 'mount~'. By our guide it ends in three dots: 'mou...'.",
        test_changes=(("test/slug.test.js::cut shortens", "three dots now"),),
        steps=("approve",),
    ),
)
