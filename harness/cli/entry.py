"""Where the program begins: Ctrl-C is quiet from the first moment, before anything is imported."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from types import FrameType


def main() -> int:
    """The exit code of `harness.cli.main.begin`; 130 when Ctrl-C came before it could begin."""
    heard = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN  # in the background it is not
    if heard:
        signal.signal(signal.SIGINT, _too_early)
    import_module("harness.cli.encoding").begin_in_utf8()
    begin = import_module("harness.cli.main").begin
    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    code: int = begin()
    return code


def _too_early(_number: int, _frame: FrameType | None) -> None:
    sys.exit(130)
