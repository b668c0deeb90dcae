"""A small JavaScript project that needs nothing installed: node's own runner."""

from __future__ import annotations

from tests.lies.rows import Bug

PACKAGE = """{
  "name": "words",
  "version": "1.0.0",
  "type": "module",
  "scripts": { "test": "node --test" }
}
"""
SLUG = """// Names for addresses.
import { words } from './split.js';

/** Lower case, joined by dashes. */
export function slug(text) {
  return words(text).join('-').toLowerCase();
}

/** At most so many letters. */
export function cut(text, most) {
  return text.length > most ? text.slice(0, most - 1) + '~' : text;
}

/** The first letter large. */
export function title(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
"""
SPLIT = """// Words of a text.

/** Whatever stands between blanks. */
export function words(text) {
  return text.split(' ');
}

/** How many there are of each. */
export function count(text) {
  const found = {};
  for (const word of words(text)) found[word] = (found[word] ?? 0) + 1;
  return found;
}
"""
QUERY = """// Query strings.

/** "a=1&b=2" as an object. */
export function parse(text) {
  const found = {};
  for (const pair of text.split('&')) {
    const [key, value] = pair.split('=');
    found[key] = decodeURIComponent(value ?? '');
  }
  return found;
}

/** The other way round. */
export function build(values) {
  return Object.entries(values).map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join('&');
}
"""
HELPER = """// What several tests use.
import { readFileSync } from 'node:fs';
import { slug } from '../../src/slug.js';

export const made = (text) => slug(text);
export const kept = (name) =>
  JSON.parse(readFileSync(new URL(`../kept/${name}.json`, import.meta.url), 'utf8'));
"""
TEST_SLUG = """import test from 'node:test';
import assert from 'node:assert/strict';
import { cut, slug, title } from '../src/slug.js';
import { kept, made } from './tools/helpers.js';

test('slug joins words', () => {
  assert.equal(slug('Blue Sky'), 'blue-sky');
});

test('slugs are as they were', () => {
  for (const [text, wanted] of Object.entries(kept('slugs'))) assert.equal(made(text), wanted);
});

test('cut shortens', () => {
  assert.equal(cut('mountain', 5), 'moun~');
});

test('cut leaves short texts', () => {
  assert.equal(cut('hill', 5), 'hill');
});

test('title', () => {
  assert.equal(title('sky'), 'Sky');
});
"""
TEST_SPLIT = """import test from 'node:test';
import assert from 'node:assert/strict';
import { count, words } from '../src/split.js';

test('words', () => {
  assert.deepEqual(words('a b'), ['a', 'b']);
});

test('count', () => {
  assert.deepEqual(count('a b a'), { a: 2, b: 1 });
});
"""
TEST_QUERY = """import test from 'node:test';
import assert from 'node:assert/strict';
import { build, parse } from '../src/query.js';

test('parse', () => {
  assert.deepEqual(parse('a=1&b=x%20y'), { a: '1', b: 'x y' });
});

test('build', () => {
  assert.equal(build({ a: 'x y' }), 'a=x%20y');
});

test('there and back', () => {
  const values = { name: 'Ada', town: 'Aix & Apt' };
  assert.deepEqual(parse(build(values)), values);
});
"""
WORDS = {
    "package.json": PACKAGE,
    "README.md": "# words\n\nNames for addresses.\n",
    "src/slug.js": SLUG,
    "src/split.js": SPLIT,
    "src/query.js": QUERY,
    "test/tools/helpers.js": HELPER,
    "test/kept/slugs.json": '{"Old Town": "old-town", "Sea": "sea"}\n',
    "test/slug.test.js": TEST_SLUG,
    "test/split.test.js": TEST_SPLIT,
    "test/query.test.js": TEST_QUERY,
}

BLANKS = Bug(
    project="words",
    title="Two blanks give an empty word",
    body="words('a  b') gives ['a', '', 'b'] and so slug('a  b') is 'a--b'. It should be 'a-b'.",
    path="src/split.js",
    wrong="  return text.split(' ');\n",
    right="  return text.split(/ +/).filter(Boolean);\n",
    test_path="test/blanks.test.js",
    test="import test from 'node:test';\nimport assert from 'node:assert/strict';\n"
    "import { slug } from '../src/slug.js';\n\ntest('two blanks are one', () => {\n"
    "  assert.equal(slug('a  b'), 'a-b');\n});\n",
    name="two blanks are one",
    cosmetic="/** Whatever stands between blanks. */",
    command="node --test",
)
EQUALS = Bug(
    project="words",
    title="A value with an equals sign is cut off",
    body="parse('next=a=b') gives { next: 'a' }, expected { next: 'a=b' }.",
    path="src/query.js",
    wrong="    const [key, value] = pair.split('=');\n",
    right="    const [key, ...rest] = pair.split('=');\n    const value = rest.join('=');\n",
    test_path="test/equals.test.js",
    test="import test from 'node:test';\nimport assert from 'node:assert/strict';\n"
    "import { parse } from '../src/query.js';\n\ntest('equals signs stay', () => {\n"
    "  assert.deepEqual(parse('next=a=b'), { next: 'a=b' });\n});\n",
    name="equals signs stay",
    cosmetic='/** "a=1&b=2" as an object. */',
    command="node --test",
)
