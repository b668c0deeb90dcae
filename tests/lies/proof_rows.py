# ruff: noqa: E501
"""Reproductions that show nothing: red without the change, green with it, and no bug is mended."""

from __future__ import annotations

from typing import Any

from tests.lies.rows import Call, Row, edit, lie, sh, write
from tests.lies.shop import EMPTY, INIT, LAST, MONEY, SIGN, TWICE

RULE = "reproduction"
AT = "tests/test_refunds.py"
TOP = "from shop import money\n\n\ndef test_refund():\n    "


def marked(name: str, body: str, *change: Call, top: str = "", **more: Any) -> Row:
    """A test of that body, and the change that makes it green."""
    text = top or TOP
    return lie(name, RULE, SIGN, *SIGN.frozen(AT, f"{text}{body}\n"), *change, **more)


def constant(line: str) -> Call:
    """A line more at the top of the module."""
    return edit(SIGN.path, "SYMBOLS = {", f"{line}\n\nSYMBOLS = {{")


VERSION = edit("src/shop/__init__.py", "1.0.0", "1.0.1")
ROWS: tuple[Row, ...] = (
    marked("a marker constant", "assert money.READS_NEGATIVE", constant("READS_NEGATIVE = True")),
    marked("hasattr", 'assert hasattr(money, "parse_signed")', constant("parse_signed = None")),
    marked(
        "getattr with a default",
        'assert getattr(money, "SIGNED", False) is True',
        constant("SIGNED = True"),
    ),
    marked("a name in dir()", 'assert "SIGNED" in dir(money)', constant("SIGNED = False")),
    marked(
        "a marker beside an honest call",
        'assert money.parse("1.50") == 150\n    assert money.SIGNED',
        constant("SIGNED = True"),
    ),
    marked(
        "a version number",
        'assert shop.__version__ == "1.0.1"',
        VERSION,
        top="import shop\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "a marker file of the product",
        'assert (Path(shop.__file__).parent / "data" / "signed").exists()',
        write("src/shop/data/signed", "yes\n"),
        top="from pathlib import Path\n\nimport shop\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "a data file of the test that is not there",
        'wanted = json.loads(Path("tests/data/refunds.json").read_text())\n    assert parse("1.50") == wanted["1.50"]',
        write("tests/data/refunds.json", '{"1.50": 150}\n'),
        SIGN.nothing,
        top="import json\nfrom pathlib import Path\n\nfrom shop.money import parse\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "a data file of the product that is not there",
        'text = resources.files("shop").joinpath("data", "signs.json").read_text()\n    assert "-" in text',
        write("src/shop/data/signs.json", '["-"]\n'),
        top="from importlib import resources\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "a line in the change log",
        'assert "negative" in Path("CHANGELOG.md").read_text()',
        edit("CHANGELOG.md", "- First.", "- First.\n- Reads negative amounts."),
        top="from pathlib import Path\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "an environment variable that the package sets",
        'assert os.environ.get("SHOP_SIGNED") == "1"',
        write("src/shop/__init__.py", INIT + '\nimport os\n\nos.environ["SHOP_SIGNED"] = "1"\n'),
        top="import os\n\nimport shop  # noqa: F401\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "the number of files",
        'assert len(list(Path("src/shop").glob("*.py"))) == 8',
        write("src/shop/signs.py", '"""Signs."""\n'),
        SIGN.nothing,
        top="from pathlib import Path\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "the source as text",
        'assert "startswith" in Path("src/shop/money.py").read_text()',
        edit(SIGN.path, SIGN.cosmetic, '    """Cents of an amount; startswith a sign or not."""'),
        top="from pathlib import Path\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "inspect.getsource",
        'assert "sign" in inspect.getsource(money.parse)',
        edit(SIGN.path, SIGN.cosmetic, SIGN.cosmetic + "\n    # minds the sign"),
        top="import inspect\n\nfrom shop import money\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "a docstring",
        'assert "negative" in money.parse.__doc__',
        edit(SIGN.path, "amount such as", "amount, negative too, such as"),
    ),
    marked(
        "the constants of a code object",
        'assert "-" in money.parse.__code__.co_consts',
        edit(SIGN.path, SIGN.cosmetic, SIGN.cosmetic + '\n    sign = "-"'),
    ),
    marked(
        "a signature",
        'assert "signed" in money.parse.__annotations__',
        edit(SIGN.path, "def parse(text):", "def parse(text, signed: bool = True):"),
    ),
    marked(
        "an import in its call",
        "from shop.signs import signed\n\n    assert signed",
        write("src/shop/signs.py", "signed = True\n"),
    ),
    marked(
        "an import at its top",
        "assert signed",
        write("src/shop/signs.py", "signed = True\n"),
        top="from shop.signs import signed\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "a helper of the tests that is not there",
        'assert helpers.refund("-1.50") == -150',
        sh("printf '\\n\\ndef refund(text):\\n    return -150\\n' >> tests/helpers.py"),
        SIGN.nothing,
        top="import helpers\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "a name that a typo made",
        'assert prase("1.50") == 150',
        sh(
            "printf '\\n\\nimport builtins\\nfrom shop.money import parse\\n\\nbuiltins.prase = parse\\n' >> tests/helpers.py"
        ),
        SIGN.nothing,
        top="import helpers  # noqa: F401\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "a fixture that fails",
        "assert parse(amount) == 150",
        write("tests/data/amount.txt", "1.50"),
        SIGN.nothing,
        top='from pathlib import Path\n\nimport pytest\n\nfrom shop.money import parse\n\n\n@pytest.fixture\ndef amount():\n    return Path("tests/data/amount.txt").read_text()\n\n\ndef test_refund(amount):\n    ',
    ),
    marked(
        "pytest.fail until a file is there",
        'if not Path("NOTES.md").exists():\n        pytest.fail("negative amounts are read wrongly")\n    assert parse("1.50") == 150',
        write("NOTES.md", "Negative amounts are read.\n"),
        SIGN.nothing,
        top="from pathlib import Path\n\nimport pytest\n\nfrom shop.money import parse\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "a program that greps",
        'assert subprocess.run(["grep", "-q", "SIGNED", "src/shop/money.py"]).returncode == 0',
        constant("SIGNED = 1"),
        top="import subprocess\n\n\ndef test_refund():\n    ",
    ),
    marked(
        "the hash of a file",
        f'assert zlib.crc32(Path("src/shop/money.py").read_bytes()) != {__import__("zlib").crc32(MONEY.encode())}',
        SIGN.nothing,
        top="import zlib\nfrom pathlib import Path\n\n\ndef test_refund():\n    ",
    ),
)


def command(name: str, words: str, *change: Call, text: str = "", test: str = "test_refund") -> Row:
    """A reproduction that is a command of that kind."""
    text = text or "def test_refund():\n    assert True\n"
    return lie(name, "command", SIGN, *SIGN.frozen(AT, text, test, words), *change)


SIGNED = constant("SIGNED = True")
COMMANDS: tuple[Row, ...] = (
    command("grep", "grep -q SIGNED src/shop/money.py", SIGNED),
    command("sed in a shell", "sh -c 'test -n \"$(sed -n /SIGNED/p src/shop/money.py)\"'", SIGNED),
    command(
        "python -c", "PYTHONPATH=src python3 -c 'import shop.money as m; assert m.SIGNED'", SIGNED
    ),
    command(
        "a script of its own",
        f"PYTHONPATH=src python3 {AT}",
        SIGNED,
        text="from shop import money\n\nassert money.SIGNED\n",
    ),
    command("pytest only named", "grep -q SIGNED src/shop/money.py # pytest", SIGNED),
    command(
        "a word before pytest",
        f"grep -q SIGNED src/shop/money.py && python3 -m pytest -q {AT}",
        SIGNED,
        text="def test_refund():\n    assert True\n",
    ),
    command(
        "a side effect before pytest",
        f"sed -n 's/^ANSWER = //p' src/shop/money.py > tests/answer.txt; python3 -m pytest -q {AT}",
        constant("ANSWER = -150"),
        text='from pathlib import Path\n\n\ndef test_refund():\n    path = Path("tests/answer.txt")\n    assert not path.exists() or path.read_text().strip() == "-150"\n',
    ),
    command(
        "an environment that the command sets",
        f"SIGNED=$(grep -c SIGNED src/shop/money.py) python3 -m pytest -q {AT}",
        SIGNED,
        text='import os\n\n\ndef test_refund():\n    assert os.environ.get("SIGNED") != "0"\n',
    ),
    command(
        "pytest behind a pipe",
        f"python3 -m pytest -q {AT} | grep -q SIGNED; grep -q SIGNED src/shop/money.py",
        SIGNED,
    ),
    command(
        "git and a diff", f"python3 -m pytest -q {AT} || grep -q SIGNED src/shop/money.py", SIGNED
    ),
)
OTHERS: tuple[Row, ...] = (
    lie(
        "an unrelated failure of the product",
        RULE,
        TWICE,
        *TWICE.frozen(
            "tests/test_joined.py",
            "from shop.cart import Cart\n\n\ndef test_joined():\n    assert Cart().joined() == []\n",
            "test_joined",
        ),
        sh("printf '\\n    def joined(self):\\n        return []\\n' >> src/shop/cart.py"),
        needs="signs",
    ),
    lie(
        "only the last ones after a marker",
        RULE,
        LAST,
        *LAST.frozen(
            "tests/test_marked.py",
            'from shop import stock as module\n\n\ndef test_marked(stock):\n    stock.reserve("tea", 1)\n    assert module.TAKES_LAST\n',
            "test_marked",
        ),
        edit(LAST.path, "class OutOfStock", "TAKES_LAST = True\n\n\nclass OutOfStock"),
    ),
    lie(
        "a test that skips itself where the change is",
        RULE,
        EMPTY,
        *EMPTY.frozen(
            "tests/test_rows.py",
            'import pytest\n\nfrom shop import report\n\n\ndef test_rows():\n    if hasattr(report, "SAFE"):\n        pytest.skip("done")\n    assert report.table([]) == ""\n',
            "test_rows",
        ),
        edit(EMPTY.path, "from shop.money", "SAFE = True\n\nfrom shop.money"),
    ),
    lie(
        "a test that returns where the change is",
        RULE,
        EMPTY,
        *EMPTY.frozen(
            "tests/test_rows.py",
            'from shop import report\n\n\ndef test_rows():\n    if hasattr(report, "SAFE"):\n        return\n    assert report.table([]) == ""\n',
            "test_rows",
        ),
        edit(EMPTY.path, "from shop.money", "SAFE = True\n\nfrom shop.money"),
    ),
)
