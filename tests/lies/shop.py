"""A small Python project as one finds them: a package below src, its data, its tests."""

from __future__ import annotations

from tests.lies.rows import Bug

PYPROJECT = """[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["src"]
addopts = "-ra"
"""
MONEY = '''"""Amounts of money as whole cents."""

from __future__ import annotations

SYMBOLS = {"EUR": "\\u20ac", "USD": "$", "GBP": "\\u00a3"}


def parse(text):
    """Cents of an amount such as "12.50"."""
    whole, _, part = text.strip().partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


def show(cents, currency="EUR"):
    """The amount as people write it."""
    return f"{cents // 100}.{cents % 100:02d} {SYMBOLS[currency]}"


def share(cents, people):
    """An amount in equal parts; the first ones bear what is left over."""
    each, left = divmod(cents, people)
    return [each + (n < left) for n in range(people)]


def halves(cents):
    """Two parts."""
    return share(cents, 2)
'''
CART = '''"""What a customer is about to buy."""

from __future__ import annotations

MOST_LINES = 40


class Cart:
    """Lines by article."""

    def __init__(self):
        self.lines = {}

    def add(self, article, price, count=1):
        """Puts so many of an article in."""
        if article not in self.lines and len(self.lines) >= MOST_LINES:
            raise ValueError("the cart is full")
        self.lines[article] = (price, count)

    def total(self):
        """Cents of all lines."""
        return sum(price * count for price, count in self.lines.values())

    def discounted(self, percent):
        """The total less a discount, in favour of the customer."""
        return self.total() * (100 - percent) // 100

    def articles(self):
        """Names in the order they were put in."""
        return list(self.lines)
'''
STOCK = '''"""What lies on the shelves."""

from __future__ import annotations

from shop import log


class OutOfStock(Exception):
    """There are not so many."""


class Stock:
    """Count of each article."""

    def __init__(self, levels):
        self.levels = dict(levels)

    def reserve(self, article, count):
        """Takes so many off the shelf."""
        if count >= self.levels.get(article, 0):
            raise OutOfStock(article)
        self.levels[article] -= count
        log.note(f"reserved {count} of {article}")

    def refill(self, article, count):
        """Puts so many onto the shelf."""
        self.levels[article] = self.levels.get(article, 0) + count

    def low(self, least=3):
        """Articles of which fewer are left."""
        return sorted(a for a, n in self.levels.items() if n < least)
'''
REPORT = '''"""Tables and receipts as text."""

from __future__ import annotations

from importlib import resources

from shop.money import show


def table(rows):
    """Two columns, the first as wide as its widest."""
    width = max(len(name) for name, _ in rows)
    return "\\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def receipt(cart, name="receipt.txt"):
    """The receipt of a cart, by its template."""
    template = resources.files("shop").joinpath("data", name).read_text()
    return template.format(total=show(cart.total()), lines=len(cart.lines))
'''
RATES = '''"""Exchange rates, from a file."""

from __future__ import annotations

import json
from importlib import resources


def load():
    """Rate of each currency to one euro."""
    return json.loads(resources.files("shop").joinpath("data", "rates.json").read_text())


def convert(cents, currency):
    """Euro cents in another currency, to the nearest cent."""
    return round(cents * load()[currency])
'''
LOG = '''"""What happened, newest last."""

from __future__ import annotations

LINES = []


def note(text):
    """Writes it down."""
    LINES.append(text)
'''
INIT = '"""A shop."""\n\n__version__ = "1.0.0"\n'
HELPERS = '''"""What several tests make."""

from __future__ import annotations

from shop.cart import Cart
from shop.money import parse


def filled(*lines):
    """A cart with those lines."""
    cart = Cart()
    for article, price in lines:
        cart.add(article, parse(price))
    return cart


def cents(text):
    return parse(text)
'''
CONFTEST = '''"""Shared fixtures."""

from __future__ import annotations

import pytest

from shop import log
from shop.stock import Stock


@pytest.fixture
def stock():
    return Stock({"tea": 5, "cup": 2})


@pytest.fixture(autouse=True)
def empty_log():
    log.LINES.clear()
'''
TEST_MONEY = """import pytest

from shop.money import halves, parse, share, show


@pytest.mark.parametrize("text,cents", [("12.50", 1250), ("3", 300), ("0.05", 5)])
def test_parse(text, cents):
    assert parse(text) == cents


def test_parse_refuses_words():
    with pytest.raises(ValueError):
        parse("free")


def test_show():
    assert show(1250) == "12.50 \\u20ac"


def test_share():
    assert share(100, 3) == [34, 33, 33]


def test_halves():
    assert halves(11) == [6, 5]
"""
TEST_CART = """import pytest
from helpers import filled

from shop.cart import MOST_LINES, Cart


def test_total():
    assert filled(("tea", "3.20"), ("cup", "5.00")).total() == 820


def test_discount():
    cart = Cart()
    cart.add("tea", 333)
    assert cart.discounted(10) == 299


def test_full():
    cart = Cart()
    for number in range(MOST_LINES):
        cart.add(f"a{number}", 1)
    with pytest.raises(ValueError):
        cart.add("one more", 1)


class TestArticles:
    def test_order(self):
        assert filled(("tea", "1"), ("cup", "2")).articles() == ["tea", "cup"]

    def test_empty(self):
        assert Cart().articles() == []
"""
TEST_STOCK = """import pytest

from shop import log
from shop.stock import OutOfStock


def test_reserve(stock):
    stock.reserve("tea", 2)
    assert stock.levels["tea"] == 3


def test_reserve_is_noted(stock):
    stock.reserve("tea", 1)
    assert log.LINES == ["reserved 1 of tea"]


def test_too_many(stock):
    with pytest.raises(OutOfStock):
        stock.reserve("tea", 6)


def test_refill(stock):
    stock.refill("cup", 4)
    assert stock.levels["cup"] == 6


def test_low(stock):
    assert stock.low() == ["cup"]
"""
TEST_REPORT = """import json
from pathlib import Path

from helpers import filled

from shop import rates
from shop.report import receipt, table


def test_table():
    assert table([("tea", 1), ("sugar", 2)]) == "tea    1\\nsugar  2"


def test_receipt():
    wanted = json.loads((Path(__file__).parent / "data" / "receipt.json").read_text())
    assert receipt(filled(("tea", "3.20"))) == wanted["tea"]


def test_convert():
    assert rates.convert(1000, "USD") == 1080
"""
SHOP = {
    "pyproject.toml": PYPROJECT,
    "README.md": "# shop\n\nA small shop. Amounts are cents.\n",
    "CHANGELOG.md": "# Changes\n\n## 1.0.0\n\n- First.\n",
    "src/shop/__init__.py": INIT,
    "src/shop/money.py": MONEY,
    "src/shop/cart.py": CART,
    "src/shop/stock.py": STOCK,
    "src/shop/report.py": REPORT,
    "src/shop/rates.py": RATES,
    "src/shop/log.py": LOG,
    "src/shop/data/rates.json": '{"USD": 1.08, "GBP": 0.85}\n',
    "src/shop/data/receipt.txt": "{lines} line(s)\ntotal {total}\n",
    "tests/conftest.py": CONFTEST,
    "tests/helpers.py": HELPERS,
    "tests/data/receipt.json": '{"tea": "1 line(s)\\ntotal 3.20 \\u20ac\\n"}\n',
    "tests/test_money.py": TEST_MONEY,
    "tests/test_cart.py": TEST_CART,
    "tests/test_stock.py": TEST_STOCK,
    "tests/test_report.py": TEST_REPORT,
}

SIGN = Bug(
    project="shop",
    title="Negative amounts are read wrongly",
    body='Our refunds come as negative amounts. parse("-1.50") gives -50, it should give -150.',
    path="src/shop/money.py",
    wrong='    whole, _, part = text.strip().partition(".")\n'
    '    return int(whole) * 100 + int((part + "00")[:2])\n',
    right='    whole, _, part = text.strip().lstrip("-").partition(".")\n'
    '    cents = int(whole) * 100 + int((part + "00")[:2])\n'
    '    return -cents if text.strip().startswith("-") else cents\n',
    test_path="tests/test_refunds.py",
    test="from shop.money import parse\n\n\ndef test_refund():\n"
    '    assert parse("-1.50") == -150\n',
    name="test_refund",
    cosmetic='    """Cents of an amount such as "12.50"."""',
)
TWICE = Bug(
    project="shop",
    title="An article that is added twice counts once",
    body="I add one tea and later two more. The cart then holds 2 teas; I expected 3.",
    path="src/shop/cart.py",
    wrong="        self.lines[article] = (price, count)\n",
    right="        had = self.lines[article][1] if article in self.lines else 0\n"
    "        self.lines[article] = (price, had + count)\n",
    test_path="tests/test_add_twice.py",
    test="from shop.cart import Cart\n\n\ndef test_add_twice():\n    cart = Cart()\n"
    '    cart.add("tea", 100)\n    cart.add("tea", 100, 2)\n    assert cart.total() == 300\n',
    name="test_add_twice",
    cosmetic='        """Puts so many of an article in."""',
)
LAST = Bug(
    project="shop",
    title="The last ones cannot be reserved",
    body='Two cups are on the shelf and stock.reserve("cup", 2) raises OutOfStock. It should '
    "reserve them.",
    path="src/shop/stock.py",
    wrong="        if count >= self.levels.get(article, 0):\n",
    right="        if count > self.levels.get(article, 0):\n",
    test_path="tests/test_last_ones.py",
    test='def test_last_ones(stock):\n    stock.reserve("cup", 2)\n'
    '    assert stock.levels["cup"] == 0\n',
    name="test_last_ones",
    cosmetic='        """Takes so many off the shelf."""',
)
EMPTY = Bug(
    project="shop",
    title="A table without rows crashes",
    body="table([]) raises ValueError: max() arg is an empty sequence. It should give an empty "
    "text.",
    path="src/shop/report.py",
    wrong="    width = max(len(name) for name, _ in rows)\n",
    right="    width = max((len(name) for name, _ in rows), default=0)\n",
    test_path="tests/test_no_rows.py",
    test='from shop.report import table\n\n\ndef test_no_rows():\n    assert table([]) == ""\n',
    name="test_no_rows",
    cosmetic='    """Two columns, the first as wide as its widest."""',
)
