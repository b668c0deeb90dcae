"""A command at a terminal: what a person sees and types."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli.conftest import MAIN, Ended
from tests.patience import PATIENCE_S

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def at_a_terminal(
    args: Sequence[str], answers: Mapping[str, str], *, cwd: Path, env: Mapping[str, str]
) -> Ended:
    """`answers`: what to type once such a text stands there. What it shows is all of `out`."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 250))
    running = subprocess.Popen(
        [sys.executable, "-c", MAIN, *args],
        cwd=cwd,
        env={**env, "TERM": "xterm", "NO_COLOR": "1"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    waiting, shown, until = dict(answers), "", time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < until:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                data = os.read(ours, 1 << 16)
            except OSError:  # the terminal's other end is closed
                break
            if not data:
                break
            shown += data.decode("utf-8", "replace")
            for text in [text for text in waiting if text in shown]:
                os.write(ours, f"{waiting.pop(text)}\n".encode())
        plain = _CONTROL.sub("", shown).replace("\r\n", "\n")
        return Ended(running.wait(PATIENCE_S), plain, "")
    finally:
        os.close(ours)
        if running.poll() is None:
            running.kill()
            running.wait()
