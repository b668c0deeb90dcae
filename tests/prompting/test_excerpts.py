"""Of a text that is too long the model is shown what decides, and how much it is not shown."""

from __future__ import annotations

import re
import time

import pytest

from harness.prompting.excerpts import excerpt

MOST = 16 * 1024
NOISE = "".join(f"12:00:{n % 60:02d} worker {n} did item {n * 7}\n" for n in range(2_000))
PYTHON = (
    "Traceback (most recent call last):\n"
    + "".join(f'  File "/app/m{n}.py", line {n}, in f{n}\n    call{n}()\n' for n in range(300))
    + '  File "/app/last.py", line 7, in parse\n    return int(x)\n'
    + "ValueError: invalid literal: 'abc'\n"
)
AT = "".join(f"    at com.example.C{n}.run(C{n}.java:{n})\n" for n in range(300))
TRACES = {
    "python": (PYTHON, ("last.py", "ValueError: invalid literal: 'abc'")),
    "chained": (
        PYTHON + "\nDuring handling of the above exception, another exception occurred:\n" + PYTHON,
        ("During handling", "last.py", "ValueError"),
    ),
    "java": (
        f"java.lang.RuntimeException: outer\n{AT}Caused by: java.io.IOException: no inner file\n"
        f"    at com.example.Root.open(Root.java:12)\n{AT}",
        ("Caused by: java.io.IOException: no inner file", "Root.java:12"),
    ),
    "node": (
        f"TypeError: x is not a function\n    at load (/app/root.js:3:7)\n{AT}",
        ("TypeError: x is not a function", "root.js:3:7"),
    ),
    "go": (
        "panic: runtime error: index out of range [3]\n\ngoroutine 1 [running]:\n"
        "main.pick(...)\n\t/app/pick.go:7 +0x1d\n",
        ("panic: runtime error", "pick.go:7"),
    ),
    "rust": (
        "thread 'main' panicked at src/pick.rs:4:5:\nindex out of bounds: the len is 3\n",
        ("src/pick.rs:4:5", "the len is 3"),
    ),
    "ruby": ("a.rb:3:in `pick': wrong number (ArgumentError)\n", ("a.rb:3", "ArgumentError")),
    "dotnet": (
        f"Unhandled exception. System.Exception: no\n ---> System.IO.IOException: root\n{AT}",
        ("System.IO.IOException: root",),
    ),
    "c": (
        "==12==ERROR: AddressSanitizer: heap-use-after-free\n    #0 0x4 in pick a.c:9\n",
        ("AddressSanitizer: heap-use-after-free", "a.c:9"),
    ),
    "pytest": (
        "    def test_pick():\n>       assert pick() == 3\nE       assert 4 == 3\n",
        ("assert pick() == 3", "E       assert 4 == 3"),
    ),
    "php": ("PHP Fatal error:  Uncaught Error: no such thing in a.php:4\n", ("a.php:4",)),
    "elixir": ("** (ArgumentError) wrong number\n    a.ex:3: A.pick/1\n", ("a.ex:3",)),
}


@pytest.mark.parametrize("name", TRACES)
@pytest.mark.parametrize("fenced", [True, False])
def test_the_end_of_a_traceback_stays(name: str, fenced: bool) -> None:
    trace, wanted = TRACES[name]
    inner = f"{NOISE}{trace}{NOISE}"
    text = (
        f"It crashes.\n\n```\n{inner}```\n\nBye.\n" if fenced else f"It crashes.\n\n{inner}Bye.\n"
    )
    shown = excerpt(text, MOST)
    for one in (*wanted, "It crashes.", "Bye."):
        assert one in shown.text
    assert len(shown.text.encode()) <= MOST


HEADINGS = [
    "### Expected behavior",
    "### What did you expect to happen?",
    "**Expected result**",
    "## Expected Behaviour",
    "Expected:",
    "Expected output: as below",
    "1. What you expected to see:",
    "#### 기대 결과",
    "### 예상되는 동작",
    "기대한 동작:",
    "### 期待する動作",
    "期待される結果：",
    "### 预期行为",
    "### 預期結果",
    "### Erwartetes Verhalten",
    "### Comportement attendu",
    "### Résultat attendu",
    "### Comportamiento esperado",
    "### Comportamento esperado",
    "### Comportamento atteso",
    "### Ожидаемое поведение",
    "### Oczekiwane zachowanie",
    "### Beklenen davranış",
    "### Verwacht gedrag",
    "[Expected]",
    "Expected behaviour\n------",
    "### :white_check_mark: Expected behavior",
    "<h3>Expected behavior</h3>",
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_what_is_expected_stays_in_the_languages_of_issue_forms(heading: str) -> None:
    text = f"Broken.\n\n```\n{NOISE}```\n\n{heading}\n\nIt prints 42.\n\n### Log\n\n{NOISE}"
    shown = excerpt(text, MOST)
    assert "It prints 42." in shown.text
    assert heading in shown.text


def test_a_section_in_a_crowd_of_sections_stays_too() -> None:
    """A log that talks of what it expected does not push the person's own words out."""
    log = "".join(f"expected: {n} got {n + 1}\n" for n in range(3_000))
    text = f"Broken.\n{log}\n### Expected behaviour\n\nIt prints 42.\n\n### Log\n{log}"
    assert "It prints 42." in excerpt(text, MOST).text


def test_what_was_left_out_is_told_and_adds_up() -> None:
    text = f"Head.\n{NOISE}### Expected\n\nA.\n\n### Log\n{NOISE}Tail.\n"
    shown = excerpt(text, MOST)
    gaps = [
        int(n.replace(",", "")) for n in re.findall(r"\[([\d,]+) characters left out", shown.text)
    ]
    assert sum(gaps) == shown.left_out
    assert f"{shown.left_out:,} characters: " in shown.text.rsplit("\n", 1)[1]
    bare = re.sub(r"\[[^\]\n]*left out[^\]\n]*\]\n?", "", shown.text)
    assert len(text) - len(bare) - shown.left_out in range(-2, 3)


def test_code_stays_code_on_both_sides_of_what_is_left_out() -> None:
    text = f"Head.\n\n```python\n{NOISE}```\n\nWords.\n\n~~~\n{NOISE}~~~\n\nTail.\n"
    lines = excerpt(text, MOST).text.split("\n")
    marks = [line for line in lines if line.startswith(("```", "~~~"))]
    assert len(marks) % 2 == 0
    for opens, closes in zip(marks[::2], marks[1::2], strict=True):
        assert opens[:3] == closes


def test_a_short_text_and_one_that_was_cut_stay_as_they_are() -> None:
    assert excerpt("short\r\n", MOST).text == "short\r\n"
    once = excerpt(NOISE, MOST)
    assert excerpt(once.text, MOST) == once.model_copy(update={"left_out": 0})
    assert excerpt(NOISE, MOST) == once


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        "가",
        "🐛 ",
        "a\n",
        "Error:\n",
        "### Expected\n",
        "  at x\n",
        "```\n",
        "~~~~ x\n",
        "(",
        "\n",
    ],
)
def test_any_text_is_bounded_in_time_that_grows_with_it(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        before = time.thread_time()
        shown = excerpt(text, MOST)
        assert len(shown.text.encode()) <= MOST
        return time.thread_time() - before

    few = max(seconds(50_000), 0.02)
    assert seconds(500_000) < 60 * few


def test_what_nobody_looked_at_counts_as_left_out() -> None:
    assert excerpt("short", MOST, beyond=1_000).left_out == 1_000
