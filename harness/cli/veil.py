"""What goes to the screen when something went wrong, without our own secrets: by exact value."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

from harness.config.environ import Locations
from harness.config.secret_sources import values

if TYPE_CHECKING:
    from harness.system.redact import Redactor


class Veil:
    """Call it with text. What it knows is read from the machine when first needed; what is only
    learned later (a keyring's key, a token that was minted) is added to `redactor`."""

    def __init__(self, place: Locations) -> None:
        self._place = place

    @cached_property
    def redactor(self) -> Redactor:
        """Shared with the log and everything else that is written down."""
        made: Redactor = import_module("harness.system.redact").Redactor(values(self._place))
        return made

    def __call__(self, text: str) -> str:
        return self.redactor(text) if text.strip() else text


class RedactedStream:
    """A text stream that shows no secret: tracebacks, warnings, what a thread or a finalizer
    prints. Everything but `write` is the stream's own."""

    def __init__(self, stream: TextIO, veil: Veil) -> None:
        self._stream = stream
        self._veil = veil

    def write(self, text: str) -> int:
        return self._stream.write(self._veil(text) if isinstance(text, str) else text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
