"""Every reader over what no runner writes: it ends, raises nothing, keeps what it may."""

from __future__ import annotations

import time

import pytest

from tests.testruns.reading import read

NAMES = ("go-1.json", "cargo-1.txt", "tap-1.tap", "tape-1.tap", "maven-1-x.xml", "given-1-x.xml",
         "rspec-1.json", "minitest-1.txt", "dotnet-1-x.trx", "jest-1.json")  # fmt: skip
SIZE = 1 << 20
ODD = '{"Action":"fail","Test":"\\ud800","Package":"\\udfff","Output":"\\ud800"}\n'
VERDICTS = "<failure/>" * (SIZE // 10)
PART = "     Running tests/a.rs (x)\n\nrunning 1 test\n"
SHAPES = {
    "spaces": " " * SIZE,
    "one name of spaces": f"ok 1 - {' ' * SIZE}",
    "hashes": "ok " + "# " * (SIZE // 2),
    "brackets": PART + f"  process didn't exit successfully: {'(' * SIZE}",
    "suffixes": f"{PART}test {' - compile' * (SIZE // 10)}",
    "digits": "1" * SIZE,
    "times": " = 1.0 s" * (SIZE // 8),
    "levels": "".join(" " * (4 * (n % 40)) + "ok\n" for n in range(SIZE // 80)),
    "a block without end": "1..1\nok 1 - a\n  ---\n" + "  x\n" * (SIZE // 4),
    "one test again and again": '{"Action":"run","Test":"T","Package":"p"}\n' * (SIZE // 42),
    "many tests": "".join(f"ok {n} - t{n}\n" for n in range(SIZE // 12)),
    "verdicts": f"<testsuite><testcase name='x'>{VERDICTS}</testcase></testsuite>",
    "brackets of JSON": '{"a":' * (SIZE // 5),
    "lone surrogates": ODD,
    "controls": "ok 1 - a\x00\x1b]0;b\x07\u202e\u2028\x0bnot ok 2\r\n1..1\n",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_it_ends(name: str, shape: str) -> None:
    began = time.process_time()
    tally = read(name, SHAPES[shape])
    assert time.process_time() - began < 60
    assert all(key.isprintable() and 0 < len(key) <= 1000 for key in tally.outcomes)
    assert len(tally.failures) <= 300
    assert tally.model_validate_json(tally.model_dump_json()) == tally
