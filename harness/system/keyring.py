"""The system's keyring, where the optional package `keyring` is installed and something answers.
Never needed, never waited for longer than a few seconds."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

from harness.core.base import LocalizedText
from harness.system.keyring_child import NONE
from harness.system.text import one_line

PATIENCE_S: Final = 5.0
_KEPT_S: Final = 60.0
_PASSED: Final = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "PYTHON_KEYRING_BACKEND",
    "PYTHONPATH",
)
_PREFIXES: Final = ("XDG_", "LC_", "KEYRING_PROPERTY_")
Answer = tuple[str, LocalizedText | None]


class SystemKeyring:
    """Call it with a variable's name: (the secret or "", why it could not be asked or None). An
    answer is kept for a minute; a keyring that failed is not asked again by this process."""

    def __init__(self, env: Mapping[str, str], patience_s: float = PATIENCE_S) -> None:
        self._env = {k: v for k, v in env.items() if k in _PASSED or k.startswith(_PREFIXES)}
        self._patience_s = patience_s
        self._known: dict[str, tuple[float, str]] = {}
        self._absent = find_spec("keyring") is None
        self._trouble: LocalizedText | None = None

    def __repr__(self) -> str:
        return "SystemKeyring()"

    def __call__(self, name: str) -> Answer:
        at, value = self._known.get(name, (0.0, ""))
        if at and time.monotonic() - at < _KEPT_S:
            return value, None
        if self._absent or self._trouble is not None:
            return "", self._trouble
        value = self._ask("get", name) or ""
        if not self._absent and self._trouble is None:
            self._known[name] = (time.monotonic(), value)
        return value, self._trouble

    def keep(self, name: str, value: str) -> tuple[bool, LocalizedText | None]:
        """Puts it there: whether that was done, and why not where a keyring is there."""
        if self._absent or self._trouble is not None:
            return False, self._trouble
        self._known.pop(name, None)
        return self._ask("set", name, value) is not None, self._trouble

    def _ask(self, verb: str, name: str, given: str = "") -> str | None:
        """What the child said; None when it failed, which is remembered."""
        argv = [sys.executable, "-P", "-m", "harness.system.keyring_child", verb, name]
        with subprocess.Popen(
            argv,
            env=self._env,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as child:
            try:
                out, err = child.communicate(given, timeout=self._patience_s)
            except subprocess.TimeoutExpired:
                seconds = {"seconds": round(self._patience_s)}
                self._trouble = LocalizedText(key="config.keyring_silent", facts={**seconds})
                return None
            finally:
                if child.returncode is None:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(child.pid, signal.SIGKILL)
        if child.returncode == 0:
            return out
        if child.returncode == NONE:
            self._absent = True
        else:
            said = one_line(err.strip().rpartition("\n")[2], 200) or f"exit {child.returncode}"
            self._trouble = LocalizedText(key="config.keyring_failed", facts={"said": said})
        return None
