"""A program run to its end: what comes back, and that nothing stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from harness.system.process import SYSTEM_PATH, ProcessResult, run
from tests.patience import PATIENCE_S

ENV = {"PATH": SYSTEM_PATH}


async def sh(script: str, tmp_path: Path, **more: object) -> ProcessResult:
    return await run(["sh", "-c", script], cwd=tmp_path, env=ENV, **more)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def is_gone(pid: int) -> bool:
    for _ in range(100):
        if not alive(pid):
            return True
        time.sleep(0.02)
    return False


async def test_streams_code_input_and_folder_come_through(tmp_path: Path) -> None:
    done = await sh("cat; pwd; echo wrong >&2; exit 7", tmp_path, input=b"in\0put\n")
    assert done == ProcessResult(7, f"in\0put\n{tmp_path}\n".encode(), b"wrong\n")


async def test_the_environment_is_the_given_one_and_nothing_else(tmp_path: Path) -> None:
    code = "import os; print(sorted(os.environ))"
    done = await run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, env={"A": "1", "LC_ALL": "C"}
    )
    assert done.stdout == b"['A', 'LC_ALL']\n"


async def test_without_input_the_program_reads_nothing(tmp_path: Path) -> None:
    assert (await sh("cat", tmp_path)).stdout == b""


async def test_no_such_program_and_no_such_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await run(["no-such-program"], cwd=tmp_path, env=ENV)
    with pytest.raises(FileNotFoundError):
        await run(["true"], cwd=tmp_path / "none", env=ENV)


async def test_a_signal_is_a_negative_code(tmp_path: Path) -> None:
    assert (await sh("kill -9 $$", tmp_path)).exit_code == -signal.SIGKILL


async def test_output_beyond_the_limit_is_counted_not_kept(tmp_path: Path) -> None:
    done = await sh("head -c 3000000 /dev/zero; echo", tmp_path, output_limit=1000)
    assert len(done.stdout) == 1000
    assert done.cut == 2_999_001


async def test_a_child_that_holds_the_pipe_does_not_delay_the_answer(tmp_path: Path) -> None:
    began = time.monotonic()
    done = await sh("sleep 3600 & echo $!", tmp_path)
    assert time.monotonic() - began < PATIENCE_S
    assert is_gone(int(done.stdout))


async def test_a_child_in_a_session_of_its_own_does_not_delay_the_answer(tmp_path: Path) -> None:
    began = time.monotonic()
    done = await sh("setsid sh -c 'echo $$; exec sleep 3600' & sleep 0.3; echo said", tmp_path)
    pid = int(done.stdout.split()[0])
    os.kill(pid, signal.SIGKILL)
    assert time.monotonic() - began < PATIENCE_S
    assert b"said" in done.stdout


async def test_a_child_that_writes_for_ever_does_not_either(tmp_path: Path) -> None:
    began = time.monotonic()
    done = await sh("yes & echo begun; sleep 0.1", tmp_path, output_limit=100)
    assert time.monotonic() - began < PATIENCE_S
    assert done.exit_code == 0
    assert not done.timed_out


async def test_at_the_deadline_the_group_goes_also_when_it_ignores_the_first_signal(
    tmp_path: Path,
) -> None:
    began = time.monotonic()
    done = await sh("trap '' TERM; sleep 3600 & echo $!; wait; sleep 3600", tmp_path, timeout_s=0.3)
    assert time.monotonic() - began < PATIENCE_S
    assert done.timed_out
    assert is_gone(int(done.stdout))


async def test_a_cancelled_call_leaves_no_process(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    task = asyncio.create_task(
        run(["sh", "-c", f"echo $$ > {note}; exec sleep 3600"], cwd=tmp_path, env=ENV)
    )
    while not (note.exists() and note.read_text()):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert is_gone(int(note.read_text()))


async def test_many_at_once_leave_no_descriptor(tmp_path: Path) -> None:
    async def many() -> None:
        await asyncio.gather(
            *(run(["sh", "-c", "echo x"], cwd=tmp_path, env=ENV, input=b"y") for _ in range(20))
        )

    await many()
    before = len(list(Path("/proc/self/fd").iterdir()))
    await many()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
