"""PLAN.md: what is written is read back, harmless edits are harmless, the rest names its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.errors import UsageError
from harness.core.types import Criterion, ExpectationChange, Plan, Task
from harness.i18n.catalogue import Catalogue, languages
from harness.report.plan_page import find_block, parse, render, tidy

EN, KO = Catalogue("en"), Catalogue("ko")

PLAN = Plan(
    version=3,
    summary="Empty input makes the parser loop.\nIt should answer with an empty list.",
    kind="bug",
    difficulty="medium",
    tasks=(
        Task(id="1", title="Stop at the end of input", files=("src/parser.py", "tests/**")),
        Task(
            id="docs",
            title="Say so in the manual",
            detail="## Not a section\n- Files: `nor/this`\n\n    indented",
            files=("docs/a b,c.md",),
            depends=("1",),
        ),
    ),
    criteria=(
        Criterion(text="The new test passes", check="pytest -q tests/test_parser.py::test_empty"),
        Criterion(text="The manual builds", check="cd docs\nfor f in *.md; do\n  lint $f\ndone"),
        Criterion(text="Nobody notices"),
    ),
    risks=("Callers may rely on None", "Check: this is a risk, not a check"),
    alternatives=("Raise ValueError: louder, but breaks callers",),
    test_changes=(
        ExpectationChange(test="tests/test_parser.py::test_none", why="it now gives []"),
    ),
)

PAGE = """\
# Plan: Parser loops on empty input

Empty input makes the parser loop.
It should answer with an empty list.

- Kind: bug
- Difficulty: medium
- Version: 3
- Hash: `HASH`

## Tasks

### `1` Stop at the end of input

- Files: `src/parser.py`, `tests/**`

### `docs` Say so in the manual

- Files: `docs/a b,c.md`
- Depends on: `1`

> ## Not a section
> - Files: `nor/this`
>
>     indented

## Acceptance criteria

- The new test passes
  - Check: `pytest -q tests/test_parser.py::test_empty`
- The manual builds
  - Check:
    ```sh
    cd docs
    for f in *.md; do
      lint $f
    done
    ```
- Nobody notices

## Risks

- Callers may rely on None
- \\Check: this is a risk, not a check

## Alternatives considered

- Raise ValueError: louder, but breaks callers

## Tests whose expectation changes

- `tests/test_parser.py::test_none`: it now gives []
"""


def test_the_page_reads_well() -> None:
    page = render(PLAN, "Parser loops on empty input", EN)
    assert page == PAGE.replace("HASH", PLAN.hash)


@pytest.mark.parametrize("language", languages())
def test_a_page_is_read_back(language: str) -> None:
    words = Catalogue(language)
    assert parse(render(PLAN, "T", words)) == PLAN == tidy(PLAN)
    assert parse(render(PLAN, "T", words)).hash == PLAN.hash


EDITED = """\ufeff# 계획: whatever a person writes here
Some words.

*  **Kind**:   Bug


##tasks:
### 1. Stop early
* files: src/parser.py, tests/**

More about it.
### 2 - Then document
- depends on: 1
- 파일: docs/*.md

## Acceptance Criteria

1) The new test
   passes everywhere
   * check: pytest -q
2) Nobody notices

## 기대값이 바뀌는 테스트
- tests/test_a.py::test_none: it is [] now
"""


def test_harmless_edits_are_harmless() -> None:
    plan = parse(EDITED.replace("\n", "\r\n"))
    assert plan == Plan(
        summary="Some words.",
        tasks=(
            Task(
                id="1",
                title="Stop early",
                files=("src/parser.py", "tests/**"),
                detail="More about it.",
            ),
            Task(id="2", title="Then document", files=("docs/*.md",), depends=("1",)),
        ),
        criteria=(
            Criterion(text="The new test passes everywhere", check="pytest -q"),
            Criterion(text="Nobody notices"),
        ),
        test_changes=(ExpectationChange(test="tests/test_a.py::test_none", why="it is [] now"),),
    )


TASK = "## Tasks\n### `1` A\n- Files: `a`\n"


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("", "report.plan_no_tasks", 1),
        ("# Plan: x\n\n## Tasks\n", "report.plan_no_tasks", 3),
        (TASK + "## Rsks\n- x\n", "report.plan_unknown_section", 4),
        (TASK + "# Appendix\n", "report.plan_unknown_section", 4),
        (TASK + TASK, "report.plan_twice", 4),
        ("- Kind: bgu\n" + TASK, "report.plan_bad_value", 1),
        ("- Difficulty: huge\n" + TASK, "report.plan_bad_value", 1),
        ("- Version: -1\n" + TASK, "report.plan_bad_value", 1),
        ("- Kynd: bug\n" + TASK, "report.plan_unknown_field", 1),
        ("## Tasks\nwords\n### 1. A\n", "report.plan_task_heading", 2),
        ("## Tasks\n### `1` A\n- Dateien: `a`\n", "report.plan_no_files", 2),
        (TASK + "### 1: B\n- Files: b\n", "report.plan_task_twice", 4),
        ("## Tasks\n### 1. A\n- Files: a\n- Depends on: 9\n", "report.plan_unknown_task", 2),
        (
            "## Tasks\n### 1. A\n- Files: a\n- Depends on: 2\n### 2. B\n- Files: b\n"
            "- Depends on: 1\n",
            "report.plan_circle",
            2,
        ),
        ("## Tasks\n### 1. A\n- Files: a\n- Depends on: 1\n", "report.plan_circle", 2),
        (TASK + "## Risks\nwords without a bullet\n", "report.plan_no_bullet", 5),
        (TASK + "## Acceptance criteria\n- x\n  - Check:\n- y\n", "report.plan_no_check", 6),
        (
            TASK + "## Acceptance criteria\n- x\n  - Check:\n    ```sh\n    y\n",
            "report.plan_open_fence",
            6,
        ),
        (
            TASK + "## Tests whose expectation changes\n- `tests/a.py`\n",
            "report.plan_no_why",
            5,
        ),
    ],
)
def test_a_refusal_names_the_line(text: str, key: str, line: int) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert (refused.value.key, refused.value.facts["line"]) == (key, line)
    for words in (EN, KO):
        assert f"{line}" in words(refused.value.key, **refused.value.facts)


def test_a_huge_page_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        parse("x" * 500_000)
    assert refused.value.key == "report.plan_too_long"


def test_a_plan_block_is_found_in_a_comment() -> None:
    page = render(PLAN, "T", EN)
    comment = f"I would rather do this:\r\n\r\n````plan\n{page}````\nThanks"
    found = find_block(comment)
    assert found is not None
    assert parse(found) == PLAN
    assert find_block("```python\nplan\n```") is None
    assert find_block("```plan\nnever closed") is None


# ---------------------------------------------------------------- any plan at all

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)
ODD = st.sampled_from(
    ["## Risks", "- Files: `x`", "> q", "```sh", "`", "``a``", "\\", "Check: y", "1. a", "a: b"]
)
PROSE = st.one_of(TEXT, ODD, st.lists(st.one_of(TEXT, ODD), max_size=4).map("\n".join))
WORD = st.one_of(st.text(alphabet="abc*/`:. -#,가", min_size=1, max_size=12).filter(str.strip), ODD)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    ids = draw(
        st.lists(WORD.map(lambda x: " ".join(x.split())), min_size=1, max_size=4, unique=True)
    )
    tasks = tuple(
        Task(
            id=id_,
            title=draw(PROSE),
            detail=draw(PROSE),
            files=tuple(draw(st.lists(WORD, min_size=1, max_size=3))),
            depends=tuple(draw(st.lists(st.sampled_from(ids[:n]), max_size=2))) if n else (),
            agent=draw(st.one_of(st.just(""), WORD)),
        )
        for n, id_ in enumerate(ids)
    )
    return Plan(
        version=draw(st.integers(1, 9)),
        summary=draw(PROSE),
        kind=draw(st.sampled_from(["bug", "feature", "chore", "docs", "question"])),
        difficulty=draw(st.sampled_from(["trivial", "small", "medium", "large"])),
        tasks=tasks,
        criteria=tuple(
            Criterion(text=t, check=c)
            for t, c in draw(st.lists(st.tuples(PROSE, PROSE), max_size=3))
        ),
        risks=tuple(draw(st.lists(PROSE, max_size=3))),
        alternatives=tuple(draw(st.lists(PROSE, max_size=3))),
        test_changes=tuple(
            ExpectationChange(test=t, why=w)
            for t, w in draw(st.lists(st.tuples(WORD, WORD), max_size=2))
        ),
    )


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(plans(), st.sampled_from([EN, KO]))
def test_any_plan_is_read_back(plan: Plan, words: Catalogue) -> None:
    page = render(plan, "title\n## Tasks", words)
    assert parse(page) == tidy(plan)
    assert tidy(tidy(plan)) == tidy(plan)


def test_a_task_may_name_its_agent_and_the_page_holds_it() -> None:
    tasks = (
        Task(id="1", title="t", files=("a.py",), agent="doc-writer"),
        Task(id="2", title="u", files=("b.py",), detail="- Agent: nobody\nAgent: nobody"),
    )
    named = Plan(summary="s", tasks=tasks)
    for words in (EN, KO):
        page = render(named, "T", words)
        assert parse(page).tasks == tidy(named).tasks
    page = render(named, "T", EN)
    assert parse(page.replace("`doc-writer`", "other")).tasks[0].agent == "other"
    assert parse(page.replace("- Agent: `doc-writer`\n", "- Agent:\n")).tasks[0].agent == ""
    with pytest.raises(UsageError, match="plan_bad_value"):
        parse(page.replace("`doc-writer`", "a, b"))
    with pytest.raises(UsageError, match="plan_unknown_field"):
        parse(page.replace("## Tasks", "- Agent: x\n\n## Tasks"))


def test_the_hash_of_a_plan_that_names_no_agent_is_as_it_was_before_one_could() -> None:
    """Approvals that are kept go by it."""
    first = Task(id="1", title="t", files=("a.py",))
    second = Task(id="2", title="u", files=("b",), depends=("1",), detail="d")
    made = Plan(summary="s", tasks=(first, second), risks=("r",))
    assert made.hash == "0c5b1347f4e8ac09"
    named = made.model_copy(update={"tasks": (first, second.model_copy(update={"agent": "x"}))})
    assert named.hash != made.hash
