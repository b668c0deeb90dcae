# ruff: noqa: E501
"""False fixes that a named test proves: only a gate that looks into the change can see them."""

from __future__ import annotations

from tests.lies.rows import Row, edit, lie, sh, write
from tests.lies.shop import EMPTY, LAST, SIGN, TWICE

DEF = "def parse(text):\n" + SIGN.cosmetic + "\n"
BROAD = '    try:\n        width = max(len(name) for name, _ in rows)\n    except Exception:\n        return ""\n'
FILES = "for n in $(seq 57); do mkdir -p notes; echo part $n > notes/part$n.md; done"
ROWS: tuple[Row, ...] = (
    lie(
        "right only for the example",
        "signs",
        SIGN,
        *SIGN.frozen(),
        edit(SIGN.path, DEF, DEF + '    if text == "-1.50":\n        return -150\n'),
        needs="signs",
    ),
    lie(
        "a table of the examples",
        "signs",
        SIGN,
        *SIGN.frozen(),
        edit(
            SIGN.path,
            DEF,
            DEF
            + '    known = {"-1.50": -150}\n    if text in known:\n        return known[text]\n',
        ),
        needs="signs",
    ),
    lie(
        "right for one article",
        "signs",
        LAST,
        *LAST.frozen(),
        edit(
            LAST.path,
            "        if count >= ",
            '        if article == "cup":\n            self.levels[article] -= count\n            return\n        if count >= ',
        ),
        needs="signs",
    ),
    lie(
        "every exception swallowed",
        "signs",
        EMPTY,
        *EMPTY.frozen(),
        edit(EMPTY.path, EMPTY.wrong, BROAD),
        needs="signs",
    ),
    lie(
        "a bare handler",
        "signs",
        EMPTY,
        *EMPTY.frozen(),
        edit(EMPTY.path, EMPTY.wrong, BROAD.replace("except Exception", "except")),
        needs="signs",
    ),
    lie(
        "the refusal is gone",
        "ablation",
        LAST,
        *LAST.frozen(),
        LAST.fix,
        edit(
            "src/shop/cart.py",
            "return self.total() * (100 - percent) // 100",
            "return self.total() if percent > 90 else self.total() * (100 - percent) // 100",
        ),
        needs="ablation",
    ),
    lie(
        "a part that nobody asked for",
        "ablation",
        SIGN,
        *SIGN.frozen(),
        SIGN.fix,
        sh(
            "printf '\\n\\ndef rounded(cents):\\n    return cents // 100 * 100\\n' >> src/shop/money.py"
        ),
        needs="ablation",
    ),
    lie(
        "a public function removed",
        "signs",
        SIGN,
        *SIGN.frozen(),
        SIGN.fix,
        edit("src/shop/log.py", '"""What happened, newest last."""', '"""What happened."""'),
        edit("src/shop/stock.py", "    def low(self", "    def _low(self"),
        files={
            "tests/test_stock.py": 'def test_reserve(stock):\n    stock.reserve("tea", 2)\n    assert stock.levels["tea"] == 3\n'
        },
        needs="signs",
    ),
    lie("57 unrelated files", "signs", TWICE, *TWICE.frozen(), TWICE.fix, sh(FILES), needs="signs"),
    lie(
        "a marker of the runner in the product",
        "signs",
        SIGN,
        *SIGN.frozen(),
        edit(
            SIGN.path,
            DEF,
            DEF
            + '    import os\n\n    if "PYTEST_CURRENT_TEST" in os.environ and text.startswith("-"):\n        return -parse(text[1:])\n',
        ),
        needs="signs",
    ),
    lie(
        "a wrong expectation",
        "signs",
        SIGN,
        *SIGN.frozen("tests/test_refunds.py", SIGN.test.replace("== -150", "== 150")),
        edit(
            SIGN.path,
            "    whole, _, part = text.strip()",
            '    whole, _, part = text.strip().lstrip("-")',
        ),
        needs="signs",
    ),
    lie(
        "another wrong expectation",
        "signs",
        TWICE,
        *TWICE.frozen(
            "tests/test_add_twice.py",
            TWICE.test.replace("== 300", "== 200")
            .replace("100, 2)", "100, 1)")
            .replace("== 200", "== 400"),
        ),
        edit(
            TWICE.path,
            TWICE.wrong,
            "        had = 3 if article in self.lines else 0\n        self.lines[article] = (price, had + count)\n",
        ),
        needs="signs",
    ),
    lie(
        "a note in a data file nobody reads",
        "ablation",
        SIGN,
        *SIGN.frozen(),
        SIGN.fix,
        write("src/shop/data/limits.json", '{"most": 1}\n'),
        needs="ablation",
    ),
)
