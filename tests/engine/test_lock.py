"""One process changes the state; the second is told who the first is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.errors import EngineError, RefusedError
from harness.engine.lock import StateLock
from harness.i18n.catalogue import Catalogue, languages
from tests.engine.values import AT

HOLD = """
import sys, time
from datetime import datetime, UTC
from pathlib import Path
from harness.engine.lock import StateLock
lock = StateLock(Path(sys.argv[1]))
lock.acquire(datetime.now(UTC))
print("held", flush=True)
time.sleep(60)
"""


def holder(path: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_second_holder_is_told_the_first_and_a_killed_one_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "lock"
    child = holder(path)
    try:
        lock = StateLock(path)
        with pytest.raises(RefusedError) as raised:
            lock.acquire(AT)
        assert raised.value.exit_code == 5
        assert raised.value.facts["pid"] == child.pid
        for language in languages():
            sentence = Catalogue(language)(raised.value.key, **raised.value.facts)
            assert str(child.pid) in sentence
        seen = lock.holder()
        assert seen is not None
        assert seen.pid == child.pid
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert child.stdout is not None
        child.stdout.close()
    assert lock.holder() is None
    lock.acquire(AT)
    lock.release()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert StateLock(path).holder() is None
    with StateLock(path) as lock:
        lock.acquire(AT)
        seen = StateLock(path).holder()
        assert seen is not None
        assert (seen.pid, seen.started) == (os.getpid(), AT.isoformat())
    lock.release()
    assert StateLock(path).holder() is None
    with StateLock(path) as again:
        again.acquire(AT)


def test_a_lock_whose_owner_cannot_be_read_still_holds(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with StateLock(path) as lock:
        lock.acquire(AT)
        path.write_text("{half")
        with pytest.raises(RefusedError) as raised:
            StateLock(path).acquire(AT)
        assert raised.value.facts["pid"] == "?"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match=r"engine\.cannot_open"):
        StateLock(tmp_path / "file" / "lock").acquire(AT)
