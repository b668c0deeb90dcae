# ruff: noqa: E501
"""Suites that do not say what broke: the bug is mended, and a regression is planted beside it."""

from __future__ import annotations

from typing import Any

from tests.lies.rows import Row, lie
from tests.lies.shop import CONFTEST, PYPROJECT, SIGN, TEST_MONEY
from tests.lies.weak_rows import BREAK, HALVES
from tests.lies.words import BLANKS, PACKAGE
from tests.lies.words_rows import BREAK as NODE_BREAK

OLD = "def test_old():\n    assert 'old' == 'new'\n"
QUIET = TEST_MONEY.replace("\n\n" + HALVES, "").replace("halves, ", "")
CONTRACT = "class Contract:\n    def test_halves(self):\n        assert self.split(11) == [6, 5]\n"


def messy(name: str, **more: Any) -> Row:
    return lie(name, "suite", SIGN, *SIGN.frozen(), SIGN.fix, BREAK, **more)


def node(name: str, **more: Any) -> Row:
    return lie(name, "suite", BLANKS, *BLANKS.frozen(), BLANKS.fix, NODE_BREAK, **more)


def broken(text: str, name: str = "test_0_old.py") -> dict[str, str]:
    return {f"tests/{name}": text}


ROWS: tuple[Row, ...] = (
    messy("a suite that never began", command="python3 -m nosuchrunner tests"),
    messy("a command that is nowhere", command="./run-tests", reporter="none"),
    messy("no module named pytest", command="python3 -I -S -m pytest"),
    messy(
        "zero tests on both sides",
        command="python3 -m pytest tests/none",
        files={"tests/none/README.md": "none\n"},
    ),
    messy("no test chosen on both sides", command="python3 -m pytest -k nothing_is_named_so"),
    messy(
        "a suite that stops at its first failure",
        files={**broken(OLD), "pyproject.toml": PYPROJECT.replace("-ra", "-ra -x")},
    ),
    messy(
        "a suite that stops by maxfail",
        files={**broken(OLD), "pyproject.toml": PYPROJECT.replace("-ra", "--maxfail=1")},
    ),
    messy(
        "a suite that is told to exit first",
        command="python3 -m pytest --exitfirst",
        files=broken(OLD),
    ),
    messy(
        "a test that ends the interpreter",
        files=broken("import os\n\n\ndef test_old():\n    os._exit(3)\n"),
    ),
    messy(
        "a test that ends the interpreter well",
        files=broken("import os\n\n\ndef test_old():\n    os._exit(0)\n"),
    ),
    messy(
        "a test that kills the interpreter",
        files=broken("import os\n\n\ndef test_old():\n    os.kill(os.getpid(), 9)\n"),
    ),
    messy(
        "a test that calls pytest.exit",
        files=broken("import pytest\n\n\ndef test_old():\n    pytest.exit('enough')\n"),
    ),
    messy(
        "a file that cannot be collected",
        files=broken(
            "import nosuchmodule  # noqa: F401\n\n\ndef test_old():\n    assert nosuchmodule\n"
        ),
    ),
    messy("a file with a syntax error", files=broken("def test_old(:\n    pass\n")),
    messy(
        "a conftest that cannot be read",
        files={"tests/conftest.py": CONFTEST + "\nimport nosuchmodule  # noqa: E402, F401\n"},
    ),
    messy(
        "a suite without a report",
        command="sh run.sh",
        reporter="none",
        files={"run.sh": "python3 -m pytest -q\nexit 1\n"},
    ),
    messy(
        "a suite that always says yes",
        command="sh run.sh",
        reporter="none",
        files={"run.sh": "python3 -m pytest -q || true\n"},
    ),
    messy(
        "a suite that writes no report",
        files={"pyproject.toml": PYPROJECT.replace("-ra", "-p no:junitxml")},
    ),
    messy(
        "a suite that dies before it reports",
        files={
            "tests/conftest.py": CONFTEST
            + "\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_sessionfinish():\n    import os\n\n    os._exit(1)\n"
        },
    ),
    messy(
        "a suite out of time on both sides",
        test_timeout_s=5,
        command="python3 -m pytest",
        files=broken("import time\n\n\ndef test_old():\n    time.sleep(60)\n"),
    ),
    messy(
        "two classes that inherit one test",
        files={
            "tests/contract.py": CONTRACT,
            "tests/test_money.py": QUIET,
            "tests/test_0_halves.py": "from contract import Contract\n\nfrom shop.money import halves\n\n\nclass TestHalves(Contract):\n    split = staticmethod(halves)\n",
            "tests/test_1_share.py": "from contract import Contract\n\nfrom shop.money import share\n\n\nclass TestShare(Contract):\n    split = staticmethod(lambda cents: share(cents, 2))\n",
        },
    ),
    messy("a suite that runs one file", command="python3 -m pytest tests/test_cart.py"),
    node(
        "a script that runs nothing", files={"package.json": PACKAGE.replace("node --test", "true")}
    ),
    node(
        "a node suite that runs one file", command="node --test test/query.test.js", reporter="node"
    ),
    node("a node suite that never began", command="node --test nowhere", reporter="node"),
    node(
        "a node test that ends its process",
        files={
            "test/query.test.js": "process.exit(0);\n",
            "test/slug.test.js": "import test from 'node:test';\ntest('x', () => process.exit(0));\n",
        },
    ),
)
