"""Each tool over a real folder and real processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.core.base import Json
from harness.core.types import BoxLimits, ToolCall, ToolResult
from harness.ports.tool import Tool
from harness.prompting.templates import Prompts, PromptText, prompts_root
from harness.testing.folder_box import FolderBox
from harness.tools.bash import reads_only
from harness.tools.checkpoints import task_of, task_spec, verdict_of, verdict_spec
from harness.tools.context import ToolContext
from harness.tools.registry import MAKERS, make

PROMPTS = Prompts(prompts_root())
Run = Callable[..., ToolResult]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    return tmp_path / "tree"


@pytest.fixture
def noted() -> list[str]:
    return []


@pytest.fixture
def run(tree: Path, tmp_path: Path, noted: list[str]) -> Run:
    (tmp_path / "private").mkdir()
    box = FolderBox(tree, BoxLimits(), tmp_path / "private")

    async def opened() -> FolderBox:
        return box

    async def note(kind: str, text: str) -> None:
        noted.append(f"{kind}:{text}")

    bench = ToolContext(prompts=PROMPTS, box=opened, at_root=lambda cwd: cwd == "/work", note=note)
    tools: dict[str, Tool] = make(tuple(MAKERS), bench, {})

    def call(name: str, broken: str = "", **arguments: Json) -> ToolResult:
        asked = ToolCall(id="c", name=name, arguments=arguments, broken=broken)
        done: Awaitable[ToolResult] = tools[name].run(asked)
        return asyncio.run(_wait(done))

    return call


async def _wait(done: Awaitable[ToolResult]) -> ToolResult:
    return await done


def test_bash_says_the_exit_code_first_and_the_folder_when_it_moved(run: Run, tree: Path) -> None:
    (tree / "sub").mkdir()
    assert run("bash", command="echo hi").text == "exit 0\nhi"
    assert run("bash", command="cd sub; false").text == "exit 1 [cwd /work/sub]"
    assert run("bash", command="basename $PWD").text == "exit 0 [cwd /work/sub]\nsub"
    assert run("bash", command="kill -9 $$").text.startswith("exit")
    late = run("bash", command="cd ..; echo begun; sleep 30", timeout_s=0.5)
    assert late.text.startswith("exit 137 (stopped after ")
    assert late.text.endswith("begun")


def test_bash_puts_the_test_summary_on_top_of_long_output(run: Run) -> None:
    text = run("bash", command="seq 30; echo '== 1 failed, 2 passed in 0.1s =='; exit 1").text
    assert text.startswith("exit 1\ntest summary:\n  1 failed, 2 passed in 0.1s\noutput:\n1\n2\n")


def test_long_output_is_kept_and_can_be_paged(run: Run) -> None:
    text = run("bash", command="seq 5000").text
    note = next(row for row in text.split("\n") if row.startswith("[lines"))
    path, offset = note.split("read ")[1].rstrip("]").split(" offset=")
    page = run("read", path=path, offset=int(offset), limit=2).text
    assert page.startswith(f"{offset}\n{int(offset) + 1}\n[lines {offset}-")
    again = run("bash", command="seq 6000").text
    assert path not in again


def test_binary_output_is_cleaned(run: Run) -> None:
    text = run("bash", command="printf 'a\\0b\\xff\\033[1mc\\n'").text
    assert text == "exit 0\na\ufffdb\ufffdc"


def test_read_gives_raw_text_and_says_which_lines(run: Run, tree: Path) -> None:
    (tree / "a.txt").write_text("".join(f"{n}\n" for n in range(1, 1501)))
    assert (
        run("read", path="a.txt", limit=2).text == "1\n2\n[lines 1-2 of 1500; go on with offset=3]"
    )
    first = run("read", path="a.txt").text
    assert first.endswith("600\n[lines 1-600 of 1500; go on with offset=601]")
    assert run("read", path="a.txt", offset=1499).text == "1499\n1500\n[lines 1499-1500 of 1500]"
    beyond = run("read", path="a.txt", offset=1501)
    assert beyond.is_error
    assert "has 1500 lines" in beyond.text
    (tree / "b.txt").write_text("whole\n  file")
    assert run("read", path="b.txt").text == "whole\n  file"
    (tree / "empty").write_text("")
    assert run("read", path="empty").text == "[empty file]"


def test_read_refuses_what_is_no_text(run: Run, tree: Path) -> None:
    (tree / "bin").write_bytes(b"\x00\x01")
    (tree / "wide.js").write_text("x" * 100_000)
    assert "binary" in run("read", path="bin").text
    assert run("read", path="none").text == "No such file: none"
    assert run("read", path=".").text.split("\n") == ["[directory]", "bin", "wide.js"]
    assert len(run("read", path="wide.js").text) < 2_100


def test_edit_changes_the_file_or_nothing(run: Run, tree: Path) -> None:
    (tree / "a.py").write_bytes(b"\xef\xbb\xbfx = 1\r\ny = \xff2\r\n")
    good = run("edit", path="a.py", edits=[{"old": "x = 1\ny", "new": "x = 3\ny"}])
    assert good.text == "Edited a.py: line 1."
    assert (tree / "a.py").read_bytes() == b"\xef\xbb\xbfx = 3\r\ny = \xff2\r\n"
    before = (tree / "a.py").read_bytes()
    bad = run(
        "edit", path="a.py", edits=[{"old": "x = 3", "new": "x = 4"}, {"old": "q", "new": "r"}]
    )
    assert bad.is_error
    assert "a.py is unchanged. edit 2 of 2" in bad.text
    assert (tree / "a.py").read_bytes() == before
    packed = run("edit", path="a.py", edits='[{"old": "x = 3", "new": "x = 5"}]')
    assert not packed.is_error
    assert "write" in run("edit", path="new.py", edits=[{"old": "a", "new": "b"}]).text
    assert run("edit", path="a.py", edits=[]).is_error


def test_write_makes_folders_and_counts_lines(run: Run, tree: Path) -> None:
    assert run("write", path="d/e/f.txt", content="a\nb\n").text == "Wrote d/e/f.txt: 2 lines."
    assert (tree / "d/e/f.txt").read_text() == "a\nb\n"
    assert run("write", path="d", content="x").is_error


def test_search_finds_lines_and_names(run: Run, tree: Path) -> None:
    (tree / "a.py").write_text("import os\n\ndef add(a):\n    return a\n")
    (tree / "b.md").write_text("add\n")
    assert run("search", pattern=r"def \w+", glob="*.py").text == "a.py:3: def add(a):"
    assert run("search", glob="*.md").text == "b.md"
    assert run("search", pattern="zzz").text == "Nothing found."
    wrong = run("search", pattern="f(")
    assert wrong.is_error
    assert r"f\(" in wrong.text
    assert run("search").is_error
    (tree / "many").write_text("hit\n" * 300)
    assert "[more than 100 hits" in run("search", pattern="hit").text


def test_todo_and_note(run: Run, noted: list[str]) -> None:
    text = run("todo", items=[{"text": "a", "state": "done"}, {"text": "b"}]).text
    assert text == "[x] a\n[ ] b"
    assert run("todo", items=[{"text": "a", "state": "maybe"}]).is_error
    assert run("note", kind="lesson", text="use tabs").text == "Noted."
    assert noted == ["lesson:use tabs"]


def test_a_wrong_call_is_told_its_right_form(run: Run) -> None:
    for result in (
        run("bash", broken='{"command": "l'),
        run("bash", cmd="ls"),
        run("bash"),
        run("bash", command=["ls"]),
    ):
        assert result.is_error
        assert "bash(command, timeout_s?)" in result.text
    assert not run("read", path=".", offset="1").is_error


def test_a_verdict_may_be_said_in_several_shapes() -> None:
    spec = verdict_spec(PROMPTS)

    def said(**arguments: Json) -> object:
        got = verdict_of(ToolCall(id="c", name="verdict", arguments=arguments), spec)
        return PROMPTS.fill(got) if isinstance(got, PromptText) else (got.kind, got.data)

    right = ("done", {"summary": "x"})
    assert said(kind="done", data={"summary": "x"}) == right
    assert said(kind="done", data='{"summary": "x"}') == right
    assert said(kind="done", summary="x") == right
    assert "verdict(kind, data)" in str(said(summary="x"))
    call = ToolCall(id="c", name="task", arguments={"title": "t", "detail": "d", "files": '["a"]'})
    task = task_of(call, task_spec(PROMPTS))
    assert not isinstance(task, PromptText)
    assert task.files == ("a",)


def test_only_plainly_harmless_commands_spare_a_snapshot() -> None:
    for command in (
        "ls -la src",
        "cat a.py | head -5",
        "git log --oneline && git show HEAD",
        "pwd",
    ):
        assert reads_only(command), command
    for command in (
        "echo x > a", "cat a | tee b", "ls; rm a", "grep x $(rm a)", "echo `rm a`", "ls & rm a",
        "python x.py", "git checkout .", "ls\nrm a", "env rm a", "date -s 1", "find . -delete",
        "git log --output=x", "file -C -m x", "git show --output x",
    ):  # fmt: skip
        assert not reads_only(command), command


def test_every_tool_has_prose_and_a_small_schema() -> None:
    async def never() -> FolderBox:
        raise AssertionError

    async def note(kind: str, text: str) -> None:
        raise AssertionError

    bench = ToolContext(prompts=PROMPTS, box=never, at_root=lambda cwd: True, note=note)
    tools = make(tuple(MAKERS), bench, {})
    assert list(tools) == list(MAKERS)
    for tool in tools.values():
        assert len(tool.spec.description) > 20
        assert "title" not in str(tool.spec.schema_.get("properties", {}).keys())  # type: ignore[union-attr]
        assert tool.spec.schema_["type"] == "object"
    assert {n: t.effects for n, t in tools.items() if t.effects == "tree"} == {
        "bash": "tree",
        "edit": "tree",
        "write": "tree",
    }
