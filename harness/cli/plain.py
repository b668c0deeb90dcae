"""Numbers and text of the command line, read without the library that typer uses for it: loading
that one would cost `status` and `why` half of their time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

import typer

from harness.i18n.catalogue import Catalogue

HELP = ["-h", "--help"]
LIGHT = (str, int, bool)


@dataclass(frozen=True)
class _Names:
    """What typer's help option asks of its context."""

    help_option_names: list[str]


def lighten(command: Any, words: Catalogue) -> Iterator[Any]:
    """Lets the command's text, flags and whole numbers be read here; its parameters, `--help`
    among them. Should typer stop asking for this attribute, it reads them itself: slower, and as
    right."""
    offered = command.get_help_option(_Names(HELP))
    if offered is not None:
        offered.help = "cli.opt.help"
    for param in (*command.params, *([offered] if offered is not None else [])):
        described = getattr(param, "type_descriptor", None)
        kind = getattr(described, "annotation", None)
        one = get_args(kind)[0] if get_origin(kind) is list else kind
        if one in LIGHT:
            param._runtime_param = _Plain(one, words)
        yield param


class _Plain:
    """Reads one parameter, in the form that typer asks for."""

    def __init__(self, kind: type, words: Catalogue) -> None:
        self._kind = kind
        self._words = words

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value, a tuple of them where several may be given, None for nothing given."""
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        if isinstance(value, list | tuple):
            return [self._one(item, param, ctx) for item in value]
        return self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Any) -> Any:
        if self._kind is not int:
            return self._kind(value)
        try:
            number = int(value)
        except ValueError as error:
            why = self._words("cli.usage.whole", got=str(value)[:80])
            raise typer.BadParameter(why, ctx=ctx, param=param) from error
        if param.min is not None and number < param.min:
            why = self._words("cli.usage.least", least=param.min, got=number)
            raise typer.BadParameter(why, ctx=ctx, param=param)
        return number
