"""The runner's own parts: what it keeps of a stream, what it needs to start."""

from __future__ import annotations

import ast
import asyncio
import base64
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.types import BoxLimits, Layout
from harness.sandbox.bare import BareSandbox
from harness.sandbox.runner import files, main, relay, system
from harness.sandbox.runner.files import naming
from harness.sandbox.runner.main import Capture


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_head_and_tail_and_the_count_of_the_rest(size: int) -> None:
    text = b"".join(b"%d\n" % n for n in range(1000))
    capture = Capture(100)
    most = 0
    for at in range(0, len(text), size):
        capture.add(text[at : at + size])
        most = max(most, capture.kept)
    answer = capture.answer()
    head, tail = (base64.b64decode(answer[k]) for k in ("head", "tail"))
    assert (head, tail) == (text[:50], text[-50:])
    assert answer["cut"] == len(text) - 100
    assert answer["cut_lines"] == text[50:-50].count(b"\n")
    assert most <= 50 + size


def test_what_fits_is_whole() -> None:
    capture = Capture(10)
    capture.add(b"12345")
    capture.add(b"67890")
    answer = capture.answer()
    whole = base64.b64decode(answer["head"]) + base64.b64decode(answer["tail"])
    assert (whole, answer["cut"]) == (b"1234567890", 0)


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("*.py", "a/b.py", True),
        ("*.py", "a/b.pyc", False),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/a/b.py", False),
        ("src/**/*.py", "src/a/b.py", True),
        ("src/**/*.py", "src/b.py", True),
        ("**/x?.txt", "a/x1.txt", True),
        ("a+/b.(c", "a+/b.(c", True),
    ],
)
def test_globs(glob: str, path: str, fits: bool) -> None:
    assert naming(glob)(path) is fits


@pytest.mark.parametrize("module", [main, files, relay, system])
def test_it_needs_the_standard_library_of_python_39_alone(module: object) -> None:
    source = Path(str(getattr(module, "__file__", ""))).read_text()
    for node in ast.walk(ast.parse(source, feature_version=(3, 9))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            top = name.split(".")[0]
            ours = name.startswith("harness.sandbox.runner")
            assert top in sys.stdlib_module_names or ours


async def test_a_command_costs_little_more_than_a_process(tmp_path: Path) -> None:
    box = await BareSandbox().open(Layout(tree=tmp_path), BoxLimits())
    inside, outside = [], []
    try:
        for _ in range(30):
            began = time.perf_counter()
            await box.exec("true")
            inside.append(time.perf_counter() - began)
            began = time.perf_counter()
            process = await asyncio.create_subprocess_exec("/bin/bash", "-c", "true")
            await process.wait()
            outside.append(time.perf_counter() - began)
    finally:
        await box.close()
    assert min(inside) - min(outside) < 0.003


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    st.lists(
        st.sampled_from(
            [b"a", b"\xff", b"\x1b", b"\n", b"\\x41", b"\\", b"\xc2\x9b", b"\xea\xb0\x80"]
        ),
        min_size=1,
        max_size=6,
    ).map(b"".join)
)
def test_a_name_is_shown_without_controls_and_found_again(name: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, os.fsdecode(name))
        path.write_bytes(b"here")
        said = files.printable_name(os.fsdecode(name))
        assert not re.search("[\x00-\x1f\x7f-\x9f]", said)
        said.encode()
        assert os.fsencode(files.place(folder, said)) == os.fsencode(path)


def test_a_search_follows_no_link(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (outside / "secret").write_text("needle")
    (root / "own").write_text("needle")
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    found = files.search(str(root), "needle", "", 10)["hits"]
    assert [path for path, _, _ in found] == ["own"]


def test_a_slow_pattern_ends(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a" * 40 + "!")
    limit, files.SEARCH_S = files.SEARCH_S, 0.1
    try:
        with pytest.raises(files.TooSlow):
            files.search(str(tmp_path), "(a+)+$", "", 10)
    finally:
        files.SEARCH_S = limit
