"""Three public projects, two planted bugs each: one that the project's own tests notice, one that
they do not. The text of an issue is what a user would write."""

from __future__ import annotations

from dataclasses import dataclass

from tests.real.packages import Ours, Package
from tests.real.sources import Source


@dataclass(frozen=True)
class Bug:
    """`path` holds `right` once; planted, it holds `wrong` there."""

    title: str
    body: str
    path: str
    right: str
    wrong: str
    test_path: str
    test_text: str
    tests: tuple[str, ...]
    command: str
    summary: str
    """What the commit says."""
    noticed: bool
    """Whether the project's own tests fail by it."""

    @property
    def line(self) -> str:
        """Where the cause is."""
        return self.wrong.splitlines()[0].strip()


@dataclass(frozen=True)
class Real:
    """A project with its bugs. `least` is how many tests it has at least; `check`: the command by
    which its people test it, where that is not known by its language."""

    source: Source | Package | Ours
    bugs: tuple[Bug, ...]
    least: int
    settings: str = ""
    """What a person says about it."""
    check: tuple[str, ...] = ()


HUMANIZE = Real(
    source=Source(
        kind="python",
        name="humanize",
        version="4.12.3",
        sha256="8430be3a615106fdfceb0b2c1b41c4c98c6b0fc5cc59663a5539b111dd325fb0",
    ),
    bugs=(
        Bug(
            title="ordinal() says 111st",
            body="We print places in a list of results. 11, 12 and 13 come out right, but from a "
            "hundred on they do not:\n\n>>> humanize.ordinal(111)\n'111st'\n>>> "
            "humanize.ordinal(1013)\n'1013rd'\n\nIt should be 111th and 1013th.",
            path="src/humanize/number.py",
            right="    if value % 100 in (11, 12, 13):",
            wrong="    if value in (11, 12, 13):",
            test_path="tests/test_ordinal_teens.py",
            test_text="from __future__ import annotations\n\nimport pytest\n\nimport humanize\n\n\n"
            '@pytest.mark.parametrize("number", [11, 111, 212, 1013])\n'
            "def test_teens_of_every_hundred(number: int) -> None:\n"
            '    assert humanize.ordinal(number) == f"{number}th"\n',
            tests=("tests/test_ordinal_teens.py::test_teens_of_every_hundred",),
            command="python3 -m pytest -q tests/test_ordinal_teens.py",
            summary="Say th for the teens of every hundred",
            noticed=True,
        ),
        Bug(
            title="natural_list loses items",
            body="With three names all is well. With four the third one is gone:\n\n"
            '>>> humanize.natural_list(["Ada", "Bob", "Cy", "Di"])\n'
            "'Ada, Bob and Di'\n\nI expected 'Ada, Bob, Cy and Di'.",
            path="src/humanize/lists.py",
            right="for item in items[:-1])",
            wrong="for item in items[:2])",
            test_path="tests/test_long_lists.py",
            test_text="from __future__ import annotations\n\nimport humanize\n\n\n"
            "def test_four_items() -> None:\n"
            '    assert humanize.natural_list([1, 2, 3, 4]) == "1, 2, 3 and 4"\n',
            tests=("tests/test_long_lists.py::test_four_items",),
            command="python3 -m pytest -q tests/test_long_lists.py",
            summary="Name every item of a long list",
            noticed=False,
        ),
    ),
    least=500,
)
MARSHMALLOW = Real(
    source=Source(
        kind="python",
        name="marshmallow",
        version="4.0.0",
        sha256="3b6e80aac299a7935cfb97ed01d1854fb90b5079430969af92118ea1b12a8d55",
    ),
    bugs=(
        Bug(
            title="Email refuses an @ in quotes",
            body='A customer of ours has the address "j@home"@example.com (with the quotes). It '
            "is valid and gets our mail, yet fields.Email says 'Not a valid email address.'",
            path="src/marshmallow/validate.py",
            right='value.rsplit("@", 1)',
            wrong='value.split("@", 1)',
            test_path="tests/test_quoted_email.py",
            test_text="from marshmallow import validate\n\n\n"
            "def test_an_at_sign_in_quotes():\n"
            "    address = '\"j@home\"@example.com'\n"
            "    assert validate.Email()(address) == address\n",
            tests=("tests/test_quoted_email.py::test_an_at_sign_in_quotes",),
            command="python3 -m pytest -q tests/test_quoted_email.py",
            summary="Split an email address at its last @ sign",
            noticed=True,
        ),
        Bug(
            title="DateTime(timestamp_ms) cuts off the milliseconds",
            body='Loading 1234 with fields.DateTime(format="timestamp_ms") gives 00:00:01 sharp. '
            "The 234 ms are lost, although dumping the same field keeps them.",
            path="src/marshmallow/utils.py",
            right="from_timestamp(value / 1000)",
            wrong="from_timestamp(value // 1000)",
            test_path="tests/test_milliseconds.py",
            test_text="import datetime as dt\n\nfrom marshmallow import fields\n\n\n"
            "def test_milliseconds_are_kept():\n"
            '    loaded = fields.DateTime(format="timestamp_ms").deserialize(1234)\n'
            "    assert loaded == dt.datetime(1970, 1, 1, 0, 0, 1, 234000)\n",
            tests=("tests/test_milliseconds.py::test_milliseconds_are_kept",),
            command="python3 -m pytest -q tests/test_milliseconds.py",
            summary="Keep the milliseconds of a timestamp",
            noticed=False,
        ),
    ),
    least=1000,
)
RESOLVER = Real(
    source=Source(
        kind="node",
        name="json-schema-ref-resolver",
        version="3.0.0",
        sha256="abbcae713d66f530be057b05affde461e0c8041a6f72bdd641eceacb673e9e62",
    ),
    bugs=(
        Bug(
            title="A schema that is only referred to takes over the other's $id",
            body="When a property is `{ $ref: 'other' }`, the dereferenced property carries `$id: "
            "'other'` afterwards, so two schemas with one id are in the result. Before the last "
            "release the $id stayed with the schema it belongs to.",
            path="index.js",
            right="(const key in targetSchema) {\n      if (key === '$id') continue\n",
            wrong="(const key in targetSchema) {\n",
            test_path="test/id-stays.test.js",
            test_text="'use strict'\n\nconst assert = require('node:assert/strict')\n"
            "const { test } = require('node:test')\n"
            "const { RefResolver } = require('../index.js')\n\n"
            "test('a reference does not take the $id over', () => {\n"
            "  const resolver = new RefResolver()\n"
            "  resolver.addSchema({ $id: 'other', type: 'string' })\n"
            "  resolver.addSchema({ $id: 'main', properties: { a: { $ref: 'other' } } })\n"
            "  const schema = resolver.getDerefSchema('main')\n"
            "  assert.deepEqual(schema.properties.a, { type: 'string' })\n"
            "})\n",
            tests=("a reference does not take the $id over",),
            command="node --test test/id-stays.test.js",
            summary="Leave the $id with its own schema",
            noticed=True,
        ),
        Bug(
            title="getSchema does not find a schema that is just false",
            body="`false` is a JSON schema (nothing is allowed). `getSchema('main', "
            "'#/definitions/nothing')` gives null where it should give false, as if it were not "
            "there; deref then says that the ref cannot be resolved.",
            path="index.js",
            right="  return current ?? null\n",
            wrong="  return current || null\n",
            test_path="test/boolean-schema.test.js",
            test_text="'use strict'\n\nconst assert = require('node:assert/strict')\n"
            "const { test } = require('node:test')\n"
            "const { RefResolver } = require('../index.js')\n\n"
            "test('a schema that is false is found', () => {\n"
            "  const resolver = new RefResolver()\n"
            "  resolver.addSchema({ $id: 'main', definitions: { nothing: false } })\n"
            "  assert.equal(resolver.getSchema('main', '#/definitions/nothing'), false)\n"
            "})\n",
            tests=("a schema that is false is found",),
            command="node --test test/boolean-schema.test.js",
            summary="Find schemas that are false",
            noticed=False,
        ),
    ),
    least=40,
)
ALL = (HUMANIZE, MARSHMALLOW, RESOLVER)
