"""What `issue` and `pr` share: the embedded forge as the acting person sees it, texts given on
the command line, and how other people's text is shown."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.text import Text

from harness.cli.common import Context, private
from harness.cli.completing import issues
from harness.config.settings import Settings
from harness.core.errors import UsageError
from harness.core.forge_types import Comment
from harness.forge.embedded.access import BODY_LIMIT
from harness.forge.embedded.forge import EmbeddedForge

T = TypeVar("T", bound=str)

BodyFlag = Annotated[str | None, typer.Option("--body", help="forge.opt.body", metavar="TEXT")]
BodyFileFlag = Annotated[
    str | None, typer.Option("--body-file", help="forge.opt.body_file", metavar="FILE")
]
Number = Annotated[
    int, typer.Argument(metavar="N", min=1, autocompletion=issues, show_default=False)
]
PullNumber = Annotated[int, typer.Argument(metavar="N", min=1, show_default=False)]
Words = Annotated[str | None, typer.Argument(metavar="TEXT", show_default=False)]

_HIDDEN = re.compile(r"<!--.*?-->\n?", re.DOTALL)


def local_settings(cli: Context) -> Settings:
    """The project's settings. UsageError when its issues are not on the embedded forge."""
    settings = cli.settings()
    if not settings.forge.descriptor.embedded:
        raise UsageError("forge.not_local", project=cli.project_name(), kind=settings.forge.kind)
    return settings


def forge_for(cli: Context, acting_as: str | None = None) -> EmbeddedForge:
    """The project's repository on the embedded forge, as that person. None: it is only read; else
    a daemon hears of the change when the command is over."""
    settings = local_settings(cli)
    private(cli)
    user = cli.user(settings, acting_as or "")
    if acting_as is not None and cli.at_end is not None:
        cli.at_end(lambda: _touch(settings.paths.nudge))
    return EmbeddedForge(settings.paths.forge, settings.forge.repository, user)


def _touch(path: Path) -> None:
    # where that cannot be, the daemon looks when it is due
    with contextlib.suppress(OSError):
        path.touch()


def given_text(text: str | None, file: str | None) -> str | None:
    """What --body or --body-file says; None when neither is given. UsageError for both, and for
    a file that is missing, too long or not UTF-8. "-" is standard input."""
    if file is None:
        return text
    if text is not None:
        raise UsageError("forge.body_twice")
    data = _read(file)
    if len(data) > BODY_LIMIT:
        raise UsageError("forge.body_file_long", path=file, limit=BODY_LIMIT)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("forge.body_file_encoding", path=file, offset=error.start) from error


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(BODY_LIMIT + 1)
    path = Path(file)
    if not path.exists():
        raise UsageError("forge.body_file_missing", path=file)
    if path.is_dir():
        raise UsageError("forge.body_file_folder", path=file)
    try:
        with path.open("rb") as stream:
            return stream.read(BODY_LIMIT + 1)
    except OSError as error:
        raise UsageError(
            "forge.body_file_unreadable", path=file, detail=error.strerror or ""
        ) from error


def visible(text: str) -> str:
    """Text as a reader sees it: without hidden comments and without what drives a terminal."""
    shown = _HIDDEN.sub("", text)
    return plain(shown).strip("\n")


def plain(text: str) -> str:
    """Text without the control bytes that drive a terminal."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable())


def write(cli: Context, text: str, style: str = "") -> None:
    """Text on stdout as it stands, without mark-up."""
    cli.out.print(Text(text, style=style), soft_wrap=True)


def write_field(cli: Context, key: str, value: object) -> None:
    """A heading of the catalogue and a value, unless it is empty."""
    if value not in (None, "", ()):
        write(cli, f"{cli.words(key)}: {value}")


def write_comments(cli: Context, comments: Iterable[Comment]) -> None:
    """Each with who and when."""
    for comment in comments:
        edited = f" ({cli.words('forge.edited')})" if comment.edited_at else ""
        when = f"{comment.created_at:%Y-%m-%d %H:%M}"
        write(cli, f"\n{comment.author.login}, {when}{edited} [{comment.id}]", "bold")
        write(cli, visible(comment.body))


def choose(value: str, allowed: Sequence[T], option: str) -> T:
    """The one of `allowed` that was meant. UsageError names them."""
    for one in allowed:
        if one == value:
            return one
    raise UsageError("forge.choice", option=option, value=value, allowed=", ".join(allowed))
