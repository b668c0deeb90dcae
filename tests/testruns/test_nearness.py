"""Which test files a change may reach, by reading imports."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from harness.testruns.nearness import helpers, near

PYTHON = {
    "conftest.py": "import fixtures_here\n",
    "fixtures_here.py": "from src_pkg import helper\n",
    "src/src_pkg/__init__.py": "",
    "src/src_pkg/helper.py": "from . import deep\n",
    "src/src_pkg/deep.py": "from .deeper.leaf import thing\n",
    "src/src_pkg/deeper/__init__.py": "",
    "src/src_pkg/deeper/leaf.py": "thing = 1\n",
    "src/src_pkg/alone.py": "import json\n",
    "src/src_pkg/json.py": "",
    "flat.py": "def f(): import late\n",
    "late.py": "",
    "ring_a.py": "import ring_b\n",
    "ring_b.py": "import ring_a, flat\n",
    "plugin.py": "import importlib\ndef load(n): return importlib.import_module(n)\n",
    "named.py": "import importlib\nimportlib.import_module('late')\n",
    "other/conftest.py": "import late\n",
    "other/test_o.py": "def test_o(late): ...\n",
    "other/test_nothing.py": "import nosuchmodule\n",
    "sub/test_alone.py": "from src_pkg.alone import x\n",
    "sub/test_leaf.py": "from src_pkg.deeper.leaf import thing\ndef test(): ...\n",
    "sub/test_flat.py": "import flat\ndef test(): ...\n",
    "sub/test_ring.py": "import ring_a\n",
    "sub/test_dynamic.py": "import plugin\n",
    "sub/test_named.py": "import named\n",
    "sub/test_broken.py": "def (:\n",
    "sub/test_type.py": "if 1:\n    from src_pkg import alone\n",
}
SCRIPTS = {
    "package.json": '{"name": "own", "dependencies": {"react": "1"}, '
    '"devDependencies": {"@t/x": "1"}}',
    "src/a.ts": "export * from './b'\n",
    "src/b/index.ts": "import { c } from '../c.js'\nexport const b = c\n",
    "src/c.ts": "export const c = 1\n",
    "src/d.js": "const e = require('./e')\n",
    "src/e.cjs": "",
    "src/f.tsx": "import React from 'react'\nimport '@t/x/y'\nimport fs from 'node:fs'\n",
    "src/g.js": "module.exports = require(process.env.X)\n",
    "test/a.test.ts": "import { a } from '../src/a'\n",
    "test/c.test.ts": "import { c } from '@/c'\n",
    "test/d.test.js": "jest.mock('../src/e.cjs')\n",
    "test/f.test.tsx": "import F from '../src/f'\n",
    "test/g.test.js": "require('../src/g')\n",
    "test/h.test.js": "const x = await import('../src/d.js')\n",
    "test/own.test.js": "import own from 'own'\n",
    "test/unknown.test.js": "import own from 'whatever'\n",
    "test/gone.test.js": "import own from '../src/gone'\n",
}


def found(files: Mapping[str, str], changed: str) -> set[str] | None:
    tests = [path for path in files if "test_" in path or ".test." in path]
    reached = near([changed], tests, files.get, list(files))
    if reached is None:
        return None
    return {path.rpartition("/")[2] for path in reached}


BLIND = {"test_broken.py", "test_dynamic.py"}


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ("src/src_pkg/alone.py", {"test_alone.py", "test_type.py"}),
        ("src/src_pkg/json.py", {"test_alone.py", "test_type.py"}),
        ("flat.py", {"test_flat.py", "test_ring.py"}),
        ("late.py", {"test_flat.py", "test_ring.py", "test_named.py", "test_o.py"}),
        ("ring_b.py", {"test_ring.py"}),
        ("other/conftest.py", {"test_o.py"}),
        ("sub/test_flat.py", {"test_flat.py"}),
    ],
)
def test_python(changed: str, wanted: set[str]) -> None:
    got = found(PYTHON, changed)
    assert got is not None
    assert got - BLIND == wanted
    assert got >= BLIND


@pytest.mark.parametrize(
    "changed", ["src/src_pkg/deeper/leaf.py", "src/src_pkg/deep.py", "conftest.py"]
)
def test_a_conftest_above_is_part_of_every_test(changed: str) -> None:
    got = found(PYTHON, changed)
    assert got is not None
    assert got >= {"test_o.py", "test_leaf.py", "test_flat.py"}
    # what defines nothing asks no conftest for anything
    assert "test_nothing.py" not in got


UNTOLD = {"g.test.js", "own.test.js", "unknown.test.js", "gone.test.js"}


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ("src/c.ts", {"a.test.ts", "c.test.ts"}),
        ("src/b/index.ts", {"a.test.ts"}),
        ("src/e.cjs", {"d.test.js", "h.test.js"}),
        ("src/f.tsx", {"f.test.tsx"}),
    ],
)
def test_scripts(changed: str, wanted: set[str]) -> None:
    got = found(SCRIPTS, changed)
    assert got is not None
    assert got - UNTOLD == wanted
    assert got >= UNTOLD


@pytest.mark.parametrize("changed", ["data.csv", "main.go", "src/lib.rs", "setup.cfg", "Makefile"])
def test_what_imports_do_not_tell(changed: str) -> None:
    assert found({**PYTHON, changed: ""}, changed) is None
    assert near([changed, "flat.py"], ["sub/test_flat.py"], PYTHON.get, list(PYTHON)) is None


def test_what_cannot_be_read_is_near() -> None:
    gone = "gone/test_x.py"
    assert near(["flat.py"], [gone], PYTHON.get, list(PYTHON)) == frozenset((gone,))
    deep = {"test_d.py": "x = " + "(" * 5000 + ")" * 5000, "flat.py": "", "test_nul.py": "a\0b"}
    assert found(deep, "flat.py") == {"test_d.py", "test_nul.py"}


@pytest.mark.parametrize(
    "text",
    [
        "import subprocess\ndef test(): subprocess.run(['pkg'])\n",
        "from subprocess import Popen\n",
        "import os\ndef test(): os.system('pkg')\n",
        "import runpy\n",
        "import asyncio\nrun = asyncio.create_subprocess_exec\n",
    ],
)
def test_a_test_that_starts_a_process_may_run_anything(text: str) -> None:
    files = {"pkg.py": "", "tests/test_a.py": text, "tests/test_b.py": "def test(): ...\n"}
    near_ones = near(["pkg.py"], ["tests/test_a.py", "tests/test_b.py"], files.get, list(files))
    assert near_ones == frozenset({"tests/test_a.py"})


HELPERS = {
    "src/slug.js": "export const slug = (t) => t\n",
    "test/tools/made.js": "import { slug } from '../../src/slug.js'\n",
    "test/tools/through.js": "export * from './deep.js'\n",
    "test/tools/deep.js": "import { slug } from '../../src/slug.js'\n",
    "test/tools/main.js": "if (require.main === module) assert(1)\n",
    "test/tools/url.js": "if (import.meta.url === `file://${process.argv[1]}`) assert(1)\n",
    "test/alone.js": "import { slug } from '../src/slug.js'\n",
    "test/a.test.js": "import './tools/made.js'\nimport './tools/main.js'\n"
    "import './tools/url.js'\nconst late = require('./tools/through')\n",
    "test/b.test.js": "import(process.env.X)\n",
}


def test_a_helper_is_what_a_test_surely_imports() -> None:
    scripts = [path for path in HELPERS if path.startswith("test/") and ".test." not in path]
    tests = ["test/a.test.js", "test/b.test.js"]
    told = helpers(scripts, tests, HELPERS.get, tuple(HELPERS))
    assert told == {"test/tools/made.js", "test/tools/through.js", "test/tools/deep.js"}
    assert helpers(scripts, ["test/b.test.js"], HELPERS.get, tuple(HELPERS)) == frozenset()


@pytest.mark.parametrize(
    ("text", "is_near"),
    [
        ("import { a } from './a';", True),
        ("import /* of */ { a } from\n  './a';", True),
        ("const t = `${require('./a')}`;", True),
        ("require('./' + 'a');", True),
        ("const load = require; load('./b');", True),
        ("it('a', () => {", True),
        ("// import './a'\nconst s = \"require('./a')\";", False),
        ("const t = `import './a'`; const r = /require('.a')/;", False),
        ("require('./b'); require.main === module;", False),
    ],
)
def test_a_script_is_near_by_what_it_imports_not_by_what_it_says(text: str, is_near: bool) -> None:
    files = {"a.js": "", "b.js": "", "b.test.js": text}
    found = near(["a.js"], ["b.test.js"], files.get, tuple(files))
    assert found == (frozenset(["b.test.js"]) if is_near else frozenset())


def test_a_helper_of_types_alone_does_not_run() -> None:
    text = "import type { A } from './a'; import { B } from './b'; vi.mock('./c');"
    files = {"a.ts": "", "b.ts": "", "c.ts": "", "b.test.ts": text}
    told = helpers(["a.ts", "b.ts", "c.ts"], ["b.test.ts"], files.get, tuple(files))
    assert told == frozenset(["b.ts"])


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("export const at = new URL('./a.json', import.meta.url)\n", True),
        ("export const here = import.meta.dirname\n", True),
        ("if (require.main == module) check()\n", False),
        ("if (!module.parent) check()\n", False),
        ("if (import.meta.main) check()\n", False),
        ("if (esMain(import.meta)) check()\n", False),
        ("if (started() === import.meta.url) check()\n", False),
        ("if (import.meta.filename === started()) check()\n", False),
        ("const [, started] = process.argv\n", False),
        ("if (process.argv.at(1).endsWith('x.js')) check()\n", False),
    ],
)
def test_a_script_that_may_ask_whether_it_was_started_is_no_helper(text: str, plain: bool) -> None:
    files = {"test/x.js": text, "test/a.test.js": "import './x.js'\n"}
    told = helpers(["test/x.js"], ["test/a.test.js"], files.get, tuple(files))
    assert told == ({"test/x.js"} if plain else set())
