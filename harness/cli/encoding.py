"""Text is UTF-8 whatever the locale says: names of files, arguments, what is written. The screen
alone is the locale's, and shows in escapes what it has no characters for."""

from __future__ import annotations

import contextlib
import io
import locale
import os
import sys
from typing import TextIO

from harness.config.environ import environment


def begin_in_utf8() -> None:
    """Starts this very command again in Python's UTF-8 mode when the locale is of another
    encoding: a name that the locale cannot spell ends a program in a hundred places. Only for
    a process that is ours alone."""
    if sys.flags.utf8_mode or not sys.executable:
        return
    if _is_utf8(locale.getencoding()) and _is_utf8(sys.getfilesystemencoding()):
        return
    env = environment()
    shown = getattr(sys.stdout, "encoding", None) or "ascii"
    env.setdefault("PYTHONIOENCODING", f"{shown}:backslashreplace")
    words = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    # where the system has no room for a new start, what there is goes on as it can
    with contextlib.suppress(OSError):
        os.execve(sys.executable, [_bytes(word) for word in words], {**env, "PYTHONUTF8": "1"})


def never_fail(*streams: TextIO | None) -> None:
    """Streams of the process that no character ends: one that cannot be shown becomes an escape,
    a byte that cannot be read survives as a surrogate."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace" if stream.writable() else "surrogateescape"
            )


def shows_unicode(stream: TextIO) -> bool:
    """Whether every character can be written there as it is."""
    return _is_utf8(getattr(stream, "encoding", None) or "utf-8")


def _is_utf8(name: str) -> bool:
    return name.lower().replace("-", "").replace("_", "") == "utf8"


def _bytes(word: str) -> bytes:
    """An argument as it was given when that is UTF-8 already, else the same text in UTF-8."""
    given = os.fsencode(word)
    try:
        given.decode("utf-8")
    except UnicodeDecodeError:
        return word.encode("utf-8", "surrogateescape")
    return given
