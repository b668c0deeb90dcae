# ruff: noqa: E501
"""Honest work on the shop: each of the gate's rules has some that it may not stop."""

from __future__ import annotations

from tests.e2e.world import verdict
from tests.lies.rows import Bug, Row, edit, sh, twin, write
from tests.lies.shop import EMPTY, LAST, PYPROJECT, SIGN, TEST_MONEY, TWICE

APPEND = '\n\ndef test_refund():\n    assert parse("-1.50") == -150\n'
FULL_CART = """import pytest

from shop.cart import Cart


@pytest.mark.parametrize("first,then", [(1, 2), (2, 1), (0, 3)])
def test_added(first, then):
    cart = Cart()
    cart.add("tea", 100, first)
    cart.add("tea", 100, then)
    assert cart.total() == 300


class TestTwice:
    def test_price(self):
        cart = Cart()
        cart.add("tea", 100)
        cart.add("tea", 120)
        assert cart.total() == 240
"""
UNIT = """import unittest

from shop.report import table


class NoRows(unittest.TestCase):
    def test_empty(self):
        self.assertEqual(table([]), "")
"""
TYPED = Bug(
    project="shop",
    title="An unknown currency crashes the conversion",
    body="rates.convert(100, \"XXX\") raises KeyError: 'XXX'. Callers expect a ValueError that says "
    '"unknown currency XXX".',
    path="src/shop/rates.py",
    wrong="    return round(cents * load()[currency])\n",
    right="    try:\n        rate = load()[currency]\n    except KeyError as error:\n"
    '        raise ValueError(f"unknown currency {currency}") from error\n'
    "    return round(cents * rate)\n",
    test_path="tests/test_currency.py",
    test="import pytest\n\nfrom shop.rates import convert\n\n\ndef test_unknown():\n"
    '    with pytest.raises(ValueError, match="unknown currency XXX"):\n'
    '        convert(100, "XXX")\n',
    name="test_unknown",
    cosmetic='    """Euro cents in another currency, to the nearest cent."""',
)
LIMIT = Bug(
    project="shop",
    title="The cart is full at 40 lines, the contract says 50",
    body="MOST_LINES is 40. By the contract a cart takes 50 lines; the 41st raises ValueError.",
    path="src/shop/cart.py",
    wrong="MOST_LINES = 40\n",
    right="MOST_LINES = 50\n",
    test_path="tests/test_fifty.py",
    test="from shop.cart import Cart\n\n\ndef test_fifty_lines():\n    cart = Cart()\n"
    '    for number in range(50):\n        cart.add(f"a{number}", 1)\n'
    "    assert len(cart.lines) == 50\n",
    name="test_fifty_lines",
    cosmetic='"""What a customer is about to buy."""',
)
DATA = Bug(
    project="shop",
    title="The rate of the pound is out of date",
    body='rates.json says GBP 0.85. From this month on it is 0.87, so convert(1000, "GBP") is 870.',
    path="src/shop/data/rates.json",
    wrong="0.85",
    right="0.87",
    test_path="tests/test_pound.py",
    test="from shop.rates import convert\n\n\ndef test_pound():\n"
    '    assert convert(1000, "GBP") == 870\n',
    name="test_pound",
    cosmetic='"USD": 1.08',
)
TEMPLATE = Bug(
    project="shop",
    title="The short receipt cannot be printed",
    body='receipt(cart, "short.txt") raises FileNotFoundError: the package lacks data/short.txt. '
    "The README promises it; it holds only the total.",
    path="src/shop/report.py",
    wrong="",
    right="",
    test_path="tests/test_short.py",
    test="from shop.cart import Cart\nfrom shop.report import receipt\n\n\ndef test_short():\n"
    '    assert receipt(Cart(), "short.txt").startswith("0.00")\n',
    name="test_short",
    cosmetic='"""Tables and receipts as text."""',
)
ADDED = '\n\ndef total(texts):\n    """Cents of several amounts."""\n    return sum(parse(text) for text in texts)\n'
HALVES = '    """Two parts."""\n    return share(cents, 2)\n'
TEST_TOTAL = 'from shop.money import total\n\n\ndef test_total_of_several():\n    assert total(["1", "2.50"]) == 350\n\n\ndef test_total_of_none():\n    assert total([]) == 0\n'
FEATURE = "total(texts) should give the cents of several amounts together."
MOVE = (
    sh("git mv src/shop/log.py src/shop/journal.py"),
    edit("src/shop/stock.py", "from shop import log\n", "from shop import journal\n"),
    edit("src/shop/stock.py", "        log.note(", "        journal.note("),
    sh(
        "sed -i 's/from shop import log/from shop import journal/; s/log\\.LINES/journal.LINES/' tests/conftest.py tests/test_stock.py"
    ),
)
WRITTEN = '"""Rounds."""\n\n\ndef test_receipt_of_two(two, cents):\n    assert two.total() == cents["two"]\n'

TWINS: tuple[Row, ...] = (
    twin("a bug with a test of its own", "reproduction", SIGN, *SIGN.frozen(), SIGN.fix),
    twin("another bug with a test of its own", "reproduction", TWICE, *TWICE.frozen(), TWICE.fix),
    twin(
        "a test that uses a fixture of the project",
        "reproduction",
        LAST,
        *LAST.frozen(),
        LAST.fix,
        labels=("bug",),
    ),
    twin(
        "the test stands in a file that is there",
        "freezing",
        SIGN,
        *SIGN.frozen("tests/test_money.py", TEST_MONEY + APPEND, "test_refund"),
        SIGN.fix,
    ),
    twin(
        "a parametrised test and a class",
        "reproduction",
        TWICE,
        write("tests/test_added.py", FULL_CART),
        verdict(
            "reproduction",
            files=["tests/test_added.py"],
            command="python3 -m pytest -q tests/test_added.py",
            tests=["tests/test_added.py::test_added", "tests/test_added.py::TestTwice::test_price"],
        ),
        edit(TWICE.path, TWICE.wrong, TWICE.right),
        body=TWICE.body + " With 0 first and 3 later it is 3; the newest price counts.",
    ),
    twin(
        "a test in unittest's style",
        "reproduction",
        EMPTY,
        *EMPTY.frozen("tests/test_none.py", UNIT, "NoRows::test_empty"),
        EMPTY.fix,
    ),
    twin(
        "another file of tests extended beside it",
        "test side",
        TWICE,
        *TWICE.frozen(),
        TWICE.fix,
        sh(
            "printf '\\n\\ndef test_three_parts():\\n    assert share(7, 3) == [3, 2, 2]\\n' >> tests/test_money.py"
        ),
    ),
    twin(
        "a fixture that new tests ask for",
        "test side",
        SIGN,
        *SIGN.frozen(),
        SIGN.fix,
        sh(
            "printf '\\n\\n@pytest.fixture\\ndef refund():\\n    return \"-2.00\"\\n' >> tests/conftest.py"
        ),
        write(
            "tests/test_refund_fixture.py",
            "from shop.money import parse\n\n\ndef test_fixture(refund):\n    assert parse(refund) == -200\n",
        ),
    ),
    twin(
        "a helper and a snapshot of a new test",
        "test side",
        EMPTY,
        *EMPTY.frozen(),
        EMPTY.fix,
        write(
            "tests/kept.py",
            'import json\nfrom pathlib import Path\n\n\ndef kept(name):\n    return json.loads((Path(__file__).parent / "data" / f"{name}.json").read_text())\n',
        ),
        write("tests/data/one_row.json", '{"text": "tea  1"}\n'),
        write(
            "tests/test_one_row.py",
            'from kept import kept\n\nfrom shop.report import table\n\n\ndef test_one_row():\n    assert table([("tea", 1)]) == kept("one_row")["text"]\n',
        ),
    ),
    twin("an exception that is caught by its type", "signs", TYPED, *TYPED.frozen(), TYPED.fix),
    twin("a literal that the issue names", "signs", LIMIT, *LIMIT.frozen(), LIMIT.fix),
    twin("a value in a data file", "data", DATA, *DATA.frozen(), DATA.fix),
    twin(
        "the file that the package lacks",
        "data",
        TEMPLATE,
        *TEMPLATE.frozen(),
        write("src/shop/data/short.txt", "{total}\n"),
    ),
    twin(
        "documentation only",
        "kind",
        SIGN,
        edit("README.md", "Amounts are cents.", "Amounts are whole cents."),
        kind="docs",
        title="README: say that amounts are whole cents",
        body="The README says that amounts are cents. It should say whole cents.",
    ),
    twin(
        "a feature with its tests",
        "kind",
        SIGN,
        edit("src/shop/money.py", HALVES, HALVES + ADDED),
        write("tests/test_totals.py", TEST_TOTAL),
        kind="feature",
        title="Sum up several amounts",
        body=FEATURE,
    ),
    twin(
        "tests for what is there",
        "kind",
        SIGN,
        write(
            "tests/test_parts.py",
            "from shop.money import share\n\n\ndef test_one_part():\n    assert share(7, 1) == [7]\n",
        ),
        kind="chore",
        title="Test share() with one person",
        body="There is no test of share() for one person. Please add one.",
    ),
    twin(
        "a module moved, its tests follow",
        "test side",
        SIGN,
        *MOVE,
        kind="chore",
        title="Rename shop.log to shop.journal",
        body="shop.log is taken for logging. Please rename the module to shop.journal.",
        test_changes=(
            ("tests/test_stock.py", "its imports follow"),
            ("tests/conftest.py", "its imports follow"),
        ),
        steps=("approve",),
    ),
    twin(
        "an expectation that the plan names",
        "weakening",
        SIGN,
        *SIGN.frozen(
            "tests/test_cents.py",
            'from shop.money import show\n\n\ndef test_symbol_first():\n    assert show(100) == "\\u20ac 1.00"\n',
            "test_symbol_first",
        ),
        edit(
            "src/shop/money.py",
            'f"{cents // 100}.{cents % 100:02d} {SYMBOLS[currency]}"',
            'f"{SYMBOLS[currency]} {cents // 100}.{cents % 100:02d}"',
        ),
        edit("tests/test_money.py", '"12.50 \\u20ac"', '"\\u20ac 12.50"'),
        edit("tests/data/receipt.json", "3.20 \\u20ac", "\\u20ac 3.20"),
        title="The currency stands behind the amount",
        body="show(100) gives '1.00 \u20ac'. By our style guide the sign comes first: '\u20ac 1.00'.",
        test_changes=(
            ("tests/test_money.py::test_show", "the sign comes first now"),
            ("tests/test_report.py::test_receipt", "the sign comes first now"),
        ),
        steps=("approve",),
    ),
    twin(
        "packaging",
        "test side",
        SIGN,
        edit(
            "pyproject.toml",
            "[tool.pytest",
            '[tool.setuptools.package-data]\nshop = ["data/*"]\n\n[tool.pytest',
        ),
        kind="chore",
        plan=("pyproject.toml",),
        title="The wheel lacks the data files",
        body="The wheel that we build has no src/shop/data. Please add package-data to pyproject.toml.",
        files={
            "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n'
            + PYPROJECT
        },
        steps=("approve",),
    ),
    twin(
        "a runner option that the plan names",
        "test side",
        SIGN,
        edit("pyproject.toml", 'addopts = "-ra"', 'addopts = "-ra --strict-markers"'),
        kind="chore",
        plan=("pyproject.toml",),
        title="Run the tests with --strict-markers",
        body="Please add --strict-markers to pytest's options.",
        test_changes=(("pyproject.toml", "the issue asks for the option"),),
        steps=("approve",),
    ),
)
