"""The daemon's log: one JSON object a line, redacted before it is written, rotated by size."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import MappingProxyType

from harness.system.files import private_dir
from harness.system.text import clean_text

NAME = "harness"
_about: ContextVar[Mapping[str, str | int]] = ContextVar("about", default=MappingProxyType({}))


@contextlib.contextmanager
def about(**fields: str | int) -> Iterator[None]:
    """Every line logged inside, also by tasks started there, carries these fields: `issue`,
    `run`, `session`, `stage`."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


class JsonLines(logging.Formatter):
    """`{"at", "level", "from", "say", issue, run, session..., "trace"}`. `redact` sees the
    text before it is encoded, so a value that JSON would escape is found too."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str | int] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "say": self._clean(record.getMessage()),
        }
        for key, value in _about.get().items():
            line[key] = self._clean(value) if isinstance(value, str) else value
        if record.exc_info:
            line["trace"] = self._clean(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)

    def _clean(self, text: str) -> str:
        return self._redact(clean_text(text))


class _Private(RotatingFileHandler):
    """Its files are for us alone."""

    def _open(self) -> TextIOWrapper:
        stream = super()._open()
        os.fchmod(stream.fileno(), 0o600)
        return stream

    def handleError(self, record: logging.LogRecord) -> None:
        """A log that cannot be written (a full disk) is no reason for a traceback on the screen."""


@contextlib.contextmanager
def log_to(
    path: Path,
    redact: Callable[[str], str],
    *,
    level: int = logging.INFO,
    max_bytes: int = 10 << 20,
    kept: int = 5,
) -> Iterator[logging.Logger]:
    """Lines of the logger "harness" and below go to `path` while inside; at most `kept` older
    files of `max_bytes` stay beside it."""
    private_dir(path.parent)
    handler = _Private(path, maxBytes=max_bytes, backupCount=kept, encoding="utf-8", delay=True)
    handler.setFormatter(JsonLines(redact))
    logger = logging.getLogger(NAME)
    before = logger.level, logger.propagate
    logger.setLevel(level)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before
        handler.close()
