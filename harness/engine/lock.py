"""StateLock: one process changes the state. The kernel frees the lock when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from harness.core.base import Value
from harness.core.errors import EngineError, RefusedError


class Owner(Value):
    """Who holds the state. `started` is ISO 8601."""

    pid: int
    host: str
    started: str


class StateLock:
    """An advisory lock on one file. Not inherited by child processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self, now: datetime) -> None:
        """RefusedError naming the holder when another process has it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise EngineError(
                "engine.cannot_open", path=str(self._path), why=error.strerror or ""
            ) from error
        if not _take(handle, fcntl.LOCK_EX):
            os.close(handle)
            owner = _read(self._path)
            raise RefusedError(
                "engine.locked",
                pid=owner.pid if owner else "?",
                host=owner.host if owner else "?",
                since=owner.started if owner else "?",
            )
        self._handle = handle
        owner = Owner(pid=os.getpid(), host=socket.gethostname(), started=now.isoformat())
        os.ftruncate(handle, 0)
        os.pwrite(handle, owner.model_dump_json().encode(), 0)

    def release(self) -> None:
        """May be called twice."""
        if self._handle is not None:
            # the file stays: removing it would let two processes lock two files of one name
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None

    def holder(self) -> Owner | None:
        """Who holds it now, read without taking it; None: nobody."""
        try:
            handle = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            free = _take(handle, fcntl.LOCK_SH, tries=1)
        finally:
            os.close(handle)
        return None if free else _read(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _take(handle: int, mode: int, tries: int = 3) -> bool:
    """A glance of `holder` may be in the way for an instant, so it is tried more than once."""
    for left in reversed(range(tries)):
        try:
            fcntl.flock(handle, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if left:
                time.sleep(0.02)
        else:
            return True
    return False


def _read(path: Path) -> Owner | None:
    try:
        return Owner.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return None
