"""What a run wrote, honest and hostile, read into one tally; and what is then said of it."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest

from harness.core.types import CommandResult, LocalizedText, Tally, Trace
from harness.testruns import v8
from harness.testruns.probe_lines import read_probe
from harness.testruns.reports import RANK, compare, read_junit
from harness.testruns.showing import Showing, prefix_ids, showing_of, suite_files, unite


def lines(*said: Any) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in said)


def phase(key: str, when: str, outcome: str, **more: Any) -> dict[str, Any]:
    return {"e": "phase", "id": key, "when": when, "outcome": outcome, **more}


def of(*phases: dict[str, Any], root: str = "/work") -> dict[str, str]:
    return dict(read_probe(lines({"e": "session", "root": root}, *phases), "/work").tally.outcomes)


@pytest.mark.parametrize(
    ("phases", "outcome"),
    [
        ([("setup", "passed"), ("call", "passed"), ("teardown", "passed")], "passed"),
        ([("setup", "passed"), ("call", "failed"), ("teardown", "passed")], "failed"),
        ([("setup", "passed"), ("call", "failed"), ("teardown", "failed")], "error"),
        ([("setup", "failed"), ("teardown", "passed")], "error"),
        ([("setup", "skipped"), ("teardown", "passed")], "skipped"),
        ([("setup", "passed"), ("call", "passed"), ("teardown", "failed")], "error"),
        ([("setup", "passed"), ("call", "skipped")], "skipped"),
        ([("setup", "passed"), ("call", "rerun"), ("call", "passed")], "passed"),
        # a call that was never made is no result
        ([("setup", "passed"), ("teardown", "passed")], None),
        ([("setup", "passed")], None),
        ([], None),
        ([("setup", "passed"), ("call", "glorious")], None),
        ([("???", "failed")], "error"),
    ],
)
def test_one_test_from_its_phases(phases: list[tuple[str, str]], outcome: str | None) -> None:
    got = of({"e": "start", "id": "a.py::t"}, *(phase("a.py::t", *p) for p in phases))
    assert got.get("a.py::t") == outcome


def test_expected_failures_and_parts_of_tests() -> None:
    expected = phase("a.py::x", "call", "skipped", xfail=True)
    strict = phase("a.py::y", "call", "passed", xfail=True)
    parts = [
        phase("a.py::s", "call", "skipped", sub=True),
        phase("a.py::s", "call", "failed", sub=True),
        phase("a.py::s", "call", "passed"),
    ]
    assert of(expected, strict, *parts) == {
        "a.py::x": "xfailed",
        "a.py::y": "passed",
        "a.py::s": "failed",
    }


@pytest.mark.parametrize(
    ("root", "key", "wanted"),
    [
        ("/work", "tests/a.py::t", "tests/a.py::t"),
        ("/work/back", "tests/a.py::t[x/y]", "back/tests/a.py::t[x/y]"),
        ("/work/back", "../front/a.py::t", "front/a.py::t"),
        ("/", "work/a.py::t", "a.py::t"),
        ("/elsewhere", "a.py::t", "a.py::t"),
        ("/work/back", "../../etc/a.py::t", "../../etc/a.py::t"),
    ],
)
def test_ids_are_of_the_tree(root: str, key: str, wanted: str) -> None:
    assert of(phase(key, "call", "passed"), root=root) == {wanted: "passed"}


HOSTILE = [
    b"",
    b"\xff\xfe\x00\n" * 100,
    b"[" * 150_000 + b"\n",
    b'{"e":' * 20_000 + b"\n",
    b"1" * 150_000 + b"\n",
    b"null\n[]\n3\n" * 1000,
    lines({"e": "phase"}, {"e": ["phase"], "id": "a"}, {"e": "phase", "id": 3}, {"id": {}}),
    lines(phase("a.py::t", "call", "failed", kind=[], text={}, frames=[3, None, "x" * 9999])),
    lines(phase("a\u202e\x00\ud800.py::\nt", "call", "passed", ran={}, hit="yes")),
    lines(phase("x" * 5000, "call", "passed", ran=["y" * 5000, 3] * 1000, hit=1)),
    lines(*({"e": "items", "id": "a.py", "count": c} for c in ("9", None, -1, 1e999, True))),
    lines({"e": "finish", "exit": "x"}, {"e": "finish"}, {"e": "session", "root": ["/"]}),
    lines({"e": "session", "root": "/" + "../" * 200 + "\x00"}, phase("a", "call", "passed")),
    lines(*({"e": "uncollected", "id": f"f{n}.py", "text": "E\n" * 2000} for n in range(2000))),
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_lines_are_bounded(data: bytes) -> None:
    began = time.process_time()
    _fit(data)
    _fit(data + lines({"e": "session", "root": "/work"}, phase("a.py::t", "call", "passed")))
    assert time.process_time() - began < 60


def test_random_lines_never_raise() -> None:
    chance = random.Random(7)
    words: list[Any] = [
        "e",
        "phase",
        "id",
        "a.py::t",
        "session",
        None,
        3,
        [],
        {},
        "finish",
        "items",
    ]
    for _ in range(300):
        rows = [
            {str(chance.choice(words)): chance.choice(words) for _ in range(4)} for _ in range(5)
        ]
        data = bytearray(lines(*rows))
        for _ in range(chance.randrange(4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        _fit(bytes(data))


def _fit(data: bytes) -> None:
    seen = read_probe(data, "/work")
    tally = seen.tally
    assert set(tally.outcomes.values()) <= set(RANK)
    for key in (*tally.outcomes, *tally.failures, *tally.ran, *tally.hit):
        assert key.isprintable()
        assert len(key) <= 1000
    assert len(tally.failures) <= 300
    assert Tally.model_validate_json(tally.model_dump_json()) == tally
    showing = showing_of(seen, None, ran(1), ())
    for say in showing.missing.values():
        assert len(str(say.facts)) < 1000


def ran(exit_code: int, output: str = "", *, timed_out: bool = False) -> CommandResult:
    return CommandResult(
        exit_code=exit_code, output=output, timed_out=timed_out, cwd="/work", duration_s=1
    )


NOTHING = Tally(outcomes={}, collected=False)
BEGUN = {"e": "session", "root": "/work"}
END = {"e": "finish"}


@pytest.mark.parametrize(
    ("said", "how", "missing"),
    [
        ([BEGUN, phase("a.py::t", "call", "passed"), END], ran(0), {}),
        ([BEGUN, END], ran(5), {"": "nothing_ran"}),
        ([{"e": "loaded"}], ran(4, "ERROR: usage"), {"": "no_report"}),
        ([{"e": "loaded"}], ran(4, "x\nE   ImportError: no\n"), {"": "uncollected"}),
        ([], ran(1, "/usr/bin/python3: No module named pytest"), {"": "not_started"}),
        ([], ran(127), {"": "not_started"}),
        ([], ran(139), {"": "killed"}),
        ([], ran(137, timed_out=True), {"": "timed_out"}),
        ([], ran(0), {"": "no_report"}),
        ([BEGUN, {"e": "collecting", "id": "a.py"}], ran(3), {"a.py": "killed", "": "killed"}),
        (
            [
                BEGUN,
                {"e": "items", "id": "a.py", "count": 2},
                {"e": "items", "id": "b.py", "count": 1},
                {"e": "collected"},
                phase("a.py::t", "call", "passed"),
                {"e": "start", "id": "a.py::u"},
            ],
            ran(139),
            {"a.py": "killed", "b.py": "cut_short"},
        ),
        (
            [
                BEGUN,
                {"e": "items", "id": "a.py", "count": 2},
                phase("a.py::t", "call", "passed"),
                END,
            ],
            ran(2),
            {"a.py": "cut_short"},
        ),
        (
            [BEGUN, {"e": "uncollected", "id": "a.py", "text": "E   KeyError: 1\n"}, END],
            ran(2),
            {"a.py": "uncollected"},
        ),
    ],
    ids=range(13),
)
def test_what_has_no_result_and_why(
    said: list[dict[str, Any]], how: CommandResult, missing: dict[str, str]
) -> None:
    seen = read_probe(lines(*said), "/work") if said else None
    showing = showing_of(seen, None if said else NOTHING, how, ())
    assert {f: s.key.removeprefix("unseen.") for f, s in showing.missing.items()} == missing
    assert showing.whole == (not missing)


def test_reports_of_other_runners() -> None:
    fine = Tally(outcomes={"a.test.js::t": "passed", "b.test.js": "error"})
    missing = showing_of(None, fine, ran(1), ()).missing
    assert {file: say.key for file, say in missing.items()} == {"b.test.js": "unseen.uncollected"}
    assert (
        showing_of(None, fine, ran(137, timed_out=True), ()).missing[""].key == "unseen.timed_out"
    )
    assert showing_of(None, Tally(outcomes={}), ran(0), ()).missing[""].key == "unseen.nothing_ran"


def test_a_file_seen_in_one_of_two_runs_is_seen() -> None:
    why = LocalizedText(key="unseen.timed_out")
    first = Showing(tally=Tally(outcomes={"a.py::t": "passed"}), missing={"b.py": why, "c.py": why})
    second = Showing(tally=Tally(outcomes={"b.py::t": "failed", "a.py::t": "failed"}))
    both = unite(first, second)
    assert both.missing == {"c.py": why}
    assert both.tally.outcomes == {"a.py::t": "failed", "b.py::t": "failed"}


def test_equal_absence_is_not_equality() -> None:
    nothing, some = Tally(outcomes={}), Tally(outcomes={"a.py::t": "passed", "b.py::t": "passed"})
    for pair in ((nothing, nothing), (some, nothing), (nothing, some)):
        assert compare(*pair).unseen[""].key == "unseen.nothing_ran"
    assert compare(some, some).unseen == {}
    why = LocalizedText(key="unseen.timed_out")
    hidden = Tally(outcomes={"a.py::t": "passed"}, unseen={"b.py": why})
    assert compare(some, hidden).unseen == compare(hidden, some).unseen == {"b.py": why}
    assert compare(some, hidden).lost == frozenset()
    assert compare(some, Tally(outcomes={"a.py::t": "passed"})).lost == {"b.py::t"}


def test_files_that_a_runner_takes_for_tests() -> None:
    files = ("tests/test_a.py", "a/x_test.py", "tests/helper.py", "src/a.test.ts", "__tests__/b.js")
    assert suite_files(files, "pytest", "pytest") == ("tests/test_a.py", "a/x_test.py")
    assert suite_files(files, "pytest", "python3 -m pytest tests/") == ("tests/test_a.py",)
    assert suite_files(files, "jest", "npx jest") == ("src/a.test.ts", "__tests__/b.js")
    assert suite_files((*files, "node_modules/x/a.test.ts"), "vitest", "x") == ("src/a.test.ts",)
    assert suite_files(files, "none", "make") == ()


def test_ids_below_a_folder_are_named_from_the_top() -> None:
    tally = Tally(outcomes={"src/a.test.ts::t": "passed", "b.ts::t": "passed", "c::t": "passed"})
    got = prefix_ids(tally, ["", "front"], ["front/src/a.test.ts", "b.ts", "front/b.ts"])
    assert set(got.outcomes) == {"front/src/a.test.ts::t", "b.ts::t", "c::t"}


CASE = '<testsuite name="pytest"><testcase classname="{}" name="{}" file="{}"/></testsuite>'


@pytest.mark.parametrize(
    ("group", "name", "file", "wanted"),
    [
        ("tests.test_c.TestOne", "test_n", "tests/base.py", "tests/test_c.py::TestOne::test_n"),
        (
            "tests.test_c.TestA.TestB",
            "t[a.b]",
            "x/base.py",
            "tests/test_c.py::TestA::TestB::t[a.b]",
        ),
        ("tests.test_ab.TestX", "t", "tests/test_a.py", "tests/test_ab.py::TestX::t"),
        ("tests.test_a.TestX", "t[x]", "tests/test_a.py", "tests/test_a.py::TestX::t[x]"),
        ("tests.test_a", "t", "tests/test_a.py", "tests/test_a.py::t"),
        ("tests.test_a.lower", "t", "tests/test_a.py", "tests/test_a.py::lower::t"),
    ],
)
def test_an_inherited_test_is_of_the_class_that_runs_it(
    group: str, name: str, file: str, wanted: str
) -> None:
    assert set(read_junit(CASE.format(group, name, file)).outcomes) == {wanted}


TRACE = Trace(files=("src/a.js",), lines={"src/a.js": ((2, 2),)})
SOURCE = "function f() {\n  return 1;\n}\n"


def page(count: int, url: str = "file:///work/src/a.js", name: str = "f") -> bytes:
    whole = {"functionName": "", "ranges": [{"startOffset": 0, "endOffset": 29, "count": 1}]}
    inner = {"functionName": name, "ranges": [{"startOffset": 0, "endOffset": 28, "count": count}]}
    return json.dumps({"result": [{"url": url, "functions": [whole, inner]}]}).encode()


def test_what_v8_counted() -> None:
    assert len(SOURCE) == 29
    texts = {"src/a.js": SOURCE}
    got = v8.read_coverage([page(2)], "/work", TRACE, texts)
    assert (got.files, got.ran, got.hit) == (("src/a.js",), ("src/a.js::f",), True)
    got = v8.read_coverage([page(0)], "/work", TRACE, texts)
    assert (got.ran, got.hit) == ((), False)
    assert v8.read_coverage([page(0), page(1)], "/work", TRACE, texts).hit is True
    assert v8.read_coverage([page(1, "/work/src/b.js")], "/work", TRACE, texts) == v8.Covered()
    # another text than the tree's has its lines elsewhere
    assert v8.read_coverage([page(1)], "/work", TRACE, {"src/a.js": SOURCE + "\n"}).hit is None
    tally = Tally(outcomes={"t": "passed", "u": "skipped"})
    assert v8.given_to(tally, v8.Covered()) == tally


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b"null",
        b'{"result": 3}',
        b'{"result": [3, {"url": 3}, {"url": "/work/src/a.js", "functions": 3}]}',
        b'{"result": [{"url": "/work/src/a.js", "functions": [3, {"ranges": [3, {}]}]}]}',
        page(-1),
        page(10**40),
        page(1, name="\x00" * 5000),
    ],
    ids=range(10),
)
def test_hostile_coverage_says_nothing_wrong(data: bytes) -> None:
    got = v8.read_coverage([data, b"{}"], "/work", TRACE, {"src/a.js": SOURCE})
    assert got.hit in (None, False, True)
    assert all(name.isprintable() and len(name) < 300 for name in got.ran)
