# ruff: noqa: E501
"""Which side a file is on, and what product code imports."""

from __future__ import annotations

import pytest

from harness.weakening.imports import imported_paths
from harness.weakening.sides import kind_of, side_of

SIDES = {
    "test": "tests/test_a.py a_test.py conftest.py pkg/conftest.py src/a.test.ts src/a.spec.tsx "
    "src/__snapshots__/a.test.tsx.snap __mocks__/fs.js tests/data/x.md tests/x.json sum_test.go "
    "pytest.ini .pytest.ini pytest.toml noxfile.py .coveragerc vitest.config.mts jest.config.js "
    "jest.setup.ts setupTests.ts tsconfig.spec.json .github/workflows/ci.yml .gitlab-ci.yml "
    "requirements-test.txt run_tests.sh .env.test playwright.config.ts cypress/e2e/a.cy.ts "
    "test/fixtures/package.json src/pkg/testing/helpers.py Test.java ATest.java .mocharc.json "
    "vitest.workspace.ts test.py tests.py test_utils.py testdata/a.txt",
    "product": "src/pkg/core.py src/contest.py src/latest.js Latest.java openapi-spec.json foo.spec "
    "request.py manifest.py tsconfig.json babel.config.js setup.py src/fixtures/a.json data/a.json "
    "src/attest.rs docs/conf.py requirements.txt pkg/testimony.py inspect.ts",
    "both": "pyproject.toml package.json setup.cfg tox.ini vite.config.ts Makefile "
    "packages/a/package.json Cargo.toml",
    "prose": "README.md docs/tests.md LICENSE CHANGELOG.txt",
}


@pytest.mark.parametrize(("side", "paths"), SIDES.items())
def test_where_a_file_belongs(side: str, paths: str) -> None:
    assert [p for p in paths.split() if side_of(p) != side] == []


def test_the_project_may_call_more_its_tests() -> None:
    assert side_of("checks/a.py") == "product"
    assert side_of("checks/a.py", ["checks/**"]) == "test"


def test_what_product_code_imports_is_product() -> None:
    texts = {
        "src/pkg/__init__.py": "from pkg.testing import helpers\n",
        "src/pkg/testing/__init__.py": "",
        "src/pkg/testing/helpers.py": "from . import deep\nfrom .more import x\n",
        "src/pkg/testing/deep.py": "",
        "src/pkg/testing/more.py": "",
        "src/pkg/testing/alone.py": "import pkg.core\n",
        "src/pkg/test_runner.py": "",
        "src/pkg/run.py": "import pkg.test_runner\nfrom .conftest import x\n",
        "src/pkg/conftest.py": "x = 1\n",
        "tests/test_a.py": "from tests.helpers import x\n",
        "tests/helpers.py": "",
        "src/a.ts": "import { b } from './testing/b';\nexport * from \"./spec/c.js\";\nimport 'x';\n",
        "src/testing/b.ts": "const d = require('../e2e');\n",
        "src/spec/c.ts": "",
        "src/e2e/index.ts": "",
        "broken.py": "def (:",
    }
    imported = imported_paths(texts, list(texts))
    product = {p for p in texts if side_of(p, (), imported) == "product"}
    assert product == set(texts) - {
        "src/pkg/testing/alone.py",
        "src/pkg/conftest.py",
        "tests/test_a.py",
        "tests/helpers.py",
    }


def test_packages_of_a_larger_repository() -> None:
    texts = {
        "packages/a/src/a/__init__.py": "import a.testing.x\n",
        "packages/a/src/a/testing/x.py": "",
    }
    assert imported_paths(texts, list(texts)) == {
        "packages/a/src/a/testing/x.py",
        "packages/a/src/a/__init__.py",
    }


def test_what_a_file_is_to_the_tests() -> None:
    kinds = {p: kind_of(p) for p in SIDES["test"].split()}
    assert kinds["conftest.py"] == kinds["setupTests.ts"] == kinds["test_utils.py"] == "support"
    assert kinds["tests/x.json"] == kinds["test/fixtures/package.json"] == "data"
    assert kinds["src/a.spec.tsx"] == kinds["tests/test_a.py"] == "test"
    assert kinds["pytest.ini"] == kinds["tsconfig.spec.json"] == "configuration"
