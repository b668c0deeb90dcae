"""Mistakes on the command line, said in the reader's language."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import typer

from harness.i18n.catalogue import Catalogue

# the root of what typer raises for a wrong command line; it exports BadParameter alone
TyperUsageError: Any = typer.BadParameter.__mro__[1]


def usage_sentence(error: Any, words: Catalogue) -> str:
    """One sentence: what is wrong and where help is."""
    path = error.ctx.command_path if error.ctx is not None else "harness"
    return f"{_what(error, words)} {words('cli.usage.help', command=path)}"


def _what(error: Any, words: Catalogue) -> str:
    option = getattr(error, "option_name", "")
    sort = type(error).__name__
    if sort == "NoSuchOption":
        near = ", ".join(sorted(error.possibilities or ()))
        if near:
            return words("cli.usage.option_near", option=option, near=near)
        return words("cli.usage.option", option=option)
    if sort == "MissingParameter" and error.param is not None:
        return words("cli.usage.missing", what=error.param.get_error_hint())
    if sort == "BadParameter" and error.param is not None:
        return words("cli.usage.value", what=error.param.get_error_hint(), why=error.message)
    if error.message.startswith("No such command") and error.ctx is not None:
        return _no_command(error, words)
    return words("cli.usage.other", why=error.format_message())


def _no_command(error: Any, words: Catalogue) -> str:
    given = error.message.split("'")[1] if "'" in error.message else ""
    near = get_close_matches(given, error.ctx.command.list_commands(error.ctx), n=1)
    if near:
        return words("cli.usage.command_near", command=given, near=near[0])
    return words("cli.usage.command", command=given)
