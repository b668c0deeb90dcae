"""A runner that lies, is silent or dies: the Box closes with a reason."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.core.errors import SandboxError
from harness.core.types import BoxLimits, Layout
from harness.sandbox.bare import BareSandbox
from harness.sandbox.box import PipeBox
from tests.patience import PATIENCE_S

LIAR = """
import json, os, sys, time
fd = int(sys.argv[1])
buffer = b""
while True:
    data = os.read(fd, 65536)
    if not data:
        break
    buffer += data
    while b"\\n" in buffer:
        line, buffer = buffer.split(b"\\n", 1)
        request = json.loads(line)
        if request["op"] == "start":
            os.write(fd, json.dumps({"id": request["id"], "ok": {}}).encode() + b"\\n")
            continue
        number = request["id"]
        LIE
"""
SAY = 'os.write(fd, json.dumps({"id": number, "ok": OK}).encode() + b"\\n")'
GOOD = (
    '{"head": "", "tail": "", "cut": 0, "cut_lines": 0, "code": 0, "timed_out": 0 > 1, '
    '"stopped": 0 > 1, "cwd": "/", "seconds": 0.1}'
)


async def lied_to(
    tmp_path: Path, lie: str, work: Callable[[PipeBox], Awaitable[object]]
) -> SandboxError:
    argv = (sys.executable, "-c", LIAR.replace("LIE", lie).replace("GOOD", GOOD))
    layout = Layout(tree=tmp_path, inside=str(tmp_path))
    box = await PipeBox.launch(argv, layout, BoxLimits(command_s=1), contained=False)
    with pytest.raises(SandboxError) as caught:
        await asyncio.wait_for(work(box), PATIENCE_S)
    with pytest.raises(SandboxError) as after:
        await box.exec("true")
    assert after.value.key == "workspace.box_closed"
    await box.close()
    return caught.value


@pytest.mark.parametrize(
    "lie",
    [
        'os.write(fd, b"not json\\n")',
        'os.write(fd, b"[1]\\n")',
        'os.write(fd, b"[" * 100000 + b"\\n")',
        SAY.replace("number", "number + 1").replace("OK", "GOOD"),
        SAY.replace("number", "str(number)").replace("OK", "GOOD"),
        'os.write(fd, json.dumps({"id": number, "ok": {"code": 0}}).encode() + b"\\n")',
        'os.write(fd, json.dumps({"id": number, "ok": 5}).encode() + b"\\n")',
        SAY.replace("OK", '{**GOOD, "more": 1}'),
        SAY.replace("OK", '{**GOOD, "head": "%%%"}'),
    ],
)
async def test_nonsense_closes_the_box(tmp_path: Path, lie: str) -> None:
    error = await lied_to(tmp_path, lie, lambda box: box.exec("true"))
    assert error.key == "workspace.runner_nonsense"


async def test_an_endless_line_is_not_kept(tmp_path: Path) -> None:
    endless = "\n        ".join(["while True:", "    os.write(fd, b'x' * 1000000)"])
    error = await lied_to(tmp_path, endless, lambda box: box.read("x"))
    assert error.key == "workspace.runner_nonsense"


async def test_a_runner_that_ends_is_gone(tmp_path: Path) -> None:
    error = await lied_to(
        tmp_path, "os.write(2, b'bad luck'); os._exit(3)", lambda box: box.write("x", b"")
    )
    assert (error.key, error.facts["reason"]) == ("workspace.runner_gone", "bad luck")


async def test_a_stopped_runner_is_silent(tmp_path: Path) -> None:
    box = await BareSandbox().open(Layout(tree=tmp_path), BoxLimits(command_s=0.2))
    box.slack_s = 0.3
    with pytest.raises(SandboxError) as caught:
        await box.exec("kill -STOP $PPID")
    assert caught.value.key == "workspace.runner_silent"
    await box.close()


async def test_a_program_that_cannot_start_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as caught:
        await PipeBox.launch(
            ("/bin/sh", "-c", "echo no >&2; exit 1"),
            Layout(tree=tmp_path),
            BoxLimits(),
            contained=True,
        )
    assert (caught.value.key, caught.value.facts["reason"]) == ("workspace.runner_gone", "no")
