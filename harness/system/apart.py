"""A module of ours run as a child that reads what strangers wrote; how it ends is nobody's harm.
Blocks."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

from harness.system.process import SYSTEM_PATH


def ask_apart(module: str, data: bytes, patience_s: float, most: int) -> bytes:
    """What `python -m module` answered to that, as far as it came, at most so many bytes. It is
    told nothing but where packages are. Never raises for how it ends."""
    argv = [sys.executable, "-P", "-m", module]
    env = {"PATH": SYSTEM_PATH, "PYTHONDONTWRITEBYTECODE": "1"}
    env |= {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(
        argv,
        env=env,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as child:
        out = b""
        try:
            out, _ = child.communicate(data, timeout=patience_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, signal.SIGKILL)
    return out[:most]
