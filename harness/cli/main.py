"""The entry point: global options, the lazy command table, and what an error looks like."""

from __future__ import annotations

import errno
import gc
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, TextIO, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from harness import __version__
from harness.cli.common import CliError, Context, load
from harness.cli.completing import Offer, localize, projects
from harness.cli.encoding import begin_in_utf8, never_fail
from harness.cli.plain import HELP, lighten
from harness.cli.usage import TyperUsageError, usage_sentence
from harness.cli.veil import RedactedStream, Veil
from harness.config.environ import environment, place
from harness.i18n.catalogue import Catalogue, languages

FULL = (errno.ENOSPC, errno.EDQUOT)
COMMANDS: Final[dict[str, str]] = {
    "init": "harness.cli.init:init",
    "run": "harness.cli.run:run",
    "status": "harness.cli.status:status",
    "why": "harness.cli.why:why",
    "logs": "harness.cli.logs:logs",
    "report": "harness.cli.report:report",
    "lessons": "harness.cli.lessons:app",
    "triage": "harness.cli.triage:triage",
    "plan": "harness.cli.plan:plan",
    "diff": "harness.cli.diff:diff",
    "approve": "harness.cli.person:approve",
    "reject": "harness.cli.person:reject",
    "agree": "harness.cli.person:agree",
    "answer": "harness.cli.person:answer",
    "pause": "harness.cli.person:pause",
    "resume": "harness.cli.person:resume",
    "cancel": "harness.cli.person:cancel",
    "retry": "harness.cli.person:retry",
    "undo": "harness.cli.person:undo",
    "issue": "harness.cli.issue:app",
    "pr": "harness.cli.pr:app",
    "pull": "harness.cli.pull:pull",
    "agent": "harness.cli.agent:agent",
    "prove": "harness.cli.prove:prove",
    "refs": "harness.cli.refs:app",
    "config": "harness.cli.config:app",
    "service": "harness.cli.service:app",
    "clean": "harness.cli.clean:clean",
    "remove": "harness.cli.remove:remove",
    "skills": "harness.cli.skills:app",
    "doctor": "harness.cli.doctor:doctor",
}
"""Command -> where it is: a function, or a typer.Typer for a group. Loaded when it is called."""

GLOBAL: Final = {"--language": 1, "--state-dir": 1, "--project": 1, "--debug": 0}
"""Global options may stand anywhere before `--`; the number counts their values."""


class Lazy(TyperGroup):
    """Commands are imported when called; the list speaks from the catalogue alone."""

    words: Catalogue

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _command(cmd_name, self.words.language) if cmd_name in COMMANDS else None

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """What may stand there, without loading every command for its help."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        names = [name for name in COMMANDS if name.startswith(incomplete)]
        return [Offer(name, self.words(f"cli.help.{name}")) for name in names]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section(self.words("cli.help.commands")):
            formatter.write_dl([(name, self.words(f"cli.help.{name}")) for name in COMMANDS])


def begin() -> int:
    """`main` as a process of its own: what it says of errors is veiled until the process ends."""
    veil = Veil(place(environment(), _cwd()))
    sys.stderr = cast(TextIO, RedactedStream(sys.stderr, veil))
    return main(own=veil)


def main(argv: Sequence[str] | None = None, *, own: Veil | None = None) -> int:
    """Runs one command; the exit code. Never a traceback without --debug, never a secret of ours
    in what is said of an error. `own`: of a process that is ours alone."""
    if argv is None:
        begin_in_utf8()
        never_fail(sys.stdin, sys.stdout, sys.__stderr__)
    args = hoist(list(sys.argv[1:] if argv is None else argv))
    early = _Early.of(args)
    here = place(environment(), _cwd(), language=early.language, state_dir=early.state_dir)
    words, veil = Catalogue(here.language), own or Veil(here)
    sys.excepthook = _Hook(early, words, veil)
    group = get_command(_app())
    assert isinstance(group, Lazy)
    group.words = words
    localize(group.params, words)
    _localize(group, words, "cli.help")
    try:
        code = group.main(args, prog_name="harness", standalone_mode=False, obj=own)
    except TyperUsageError as error:
        _complain(veil(usage_sentence(error, words)))
        return 2
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except CliError as told:
        _complain(veil(words(told.key, **told.facts)))
        return told.exit_code
    except _harness_error() as error:
        if early.debug:
            sys.stderr.write(veil(traceback.format_exc()))
        _complain(veil(words(error.key, **error.facts)))
        return int(error.exit_code)
    finally:
        # the interpreter's end looks through every module three times: 0.7 s with an SDK loaded
        gc.freeze()
    if code == 130:
        _complain(words("cli.interrupted"))
    return code if isinstance(code, int) else 0


def hoist(args: list[str]) -> list[str]:
    """Global options moved to the front, so that `harness status --language ko` works."""
    front: list[str] = []
    rest: list[str] = []
    queue = list(args)
    while queue:
        arg = queue.pop(0)
        if arg == "--":
            rest += [arg, *queue]
            break
        name, equals, _ = arg.partition("=")
        if name in GLOBAL:
            values = 0 if equals else GLOBAL[name]
            front += [arg, *queue[:values]]
            del queue[:values]
        else:
            rest.append(arg)
    return front + rest


@dataclass(frozen=True)
class _Early:
    """What must be known before the arguments are parsed: how to complain."""

    language: str | None = None
    state_dir: Path | None = None
    debug: bool = False

    @staticmethod
    def of(args: list[str]) -> _Early:
        found = _Early(debug="--debug" in args)
        for i, arg in enumerate(args):
            name, equals, value = arg.partition("=")
            value = value if equals else "".join(args[i + 1 : i + 2])
            if name == "--language":
                found = replace(found, language=value)
            elif name == "--state-dir" and value:
                found = replace(found, state_dir=Path(value))
        return found


class _Hook:
    """What an unexpected error looks like: one sentence, the rest in the log. The interpreter
    calls this for what nothing caught, so no blind `except` is needed."""

    def __init__(self, early: _Early, words: Catalogue, veil: Veil) -> None:
        self._early = early
        self._words = words
        self._veil = veil

    def __call__(self, sort: type[BaseException], error: BaseException, trace: Any) -> None:
        text = self._veil("".join(traceback.format_exception(sort, error, trace)))
        if self._early.debug:
            sys.stderr.write(text)
        where = place(environment(), _cwd(), state_dir=self._early.state_dir)
        if isinstance(error, OSError) and error.errno in FULL:
            facts = {"path": str(where.state_dir), "why": error.strerror or ""}
            _complain(self._words("engine.disk_full", **facts))
            return
        file = where.paths.logs / "crash.log"
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(0o600)
            with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(f"{datetime.now(UTC).isoformat()}\n{text}\n")
            shown = str(file)
        except OSError:
            shown = "-"
        what = self._veil(f"{sort.__name__}: {error}").splitlines()[0][:300]
        _complain(self._words("cli.crashed", what=what, log=shown))


def _app() -> typer.Typer:
    app = typer.Typer(
        cls=Lazy,
        name="harness",
        rich_markup_mode=None,
        no_args_is_help=False,
        invoke_without_command=True,
        context_settings={"help_option_names": HELP},
    )
    app.callback()(_root)
    return app


def _root(
    ctx: typer.Context,
    language: Annotated[str, typer.Option("--language", help="cli.opt.language")] = "",
    state_dir: Annotated[str, typer.Option("--state-dir", help="cli.opt.state_dir")] = "",
    project: Annotated[
        str, typer.Option("--project", help="cli.opt.project", autocompletion=projects)
    ] = "",
    debug: Annotated[bool, typer.Option("--debug", help="cli.opt.debug")] = False,
    version: Annotated[bool, typer.Option("--version", help="cli.opt.version")] = False,
) -> None:
    if version:
        typer.echo(f"harness {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit
    if language and language not in languages():
        raise CliError(2, "cli.language_unknown", language=language, known=", ".join(languages()))
    where = place(
        environment(),
        _cwd(),
        language=language or None,
        state_dir=Path(state_dir) if state_dir else None,
    )
    flags: dict[str, object] = {"state_dir": state_dir} if state_dir else {}
    if language:
        flags["language"] = language
    own = ctx.find_object(Veil)
    ctx.obj = Context(place=where, project=project, debug=debug, flags=flags, own=own)


@cache
def _command(name: str, language: str) -> Any:
    """The command as that language's readers see it. Making one from its signature takes longer
    than most commands run, so whoever calls `main` again does not wait for it again."""
    found = load(COMMANDS[name])
    if not isinstance(found, typer.Typer):
        function, found = found, typer.Typer(add_completion=False, rich_markup_mode=None)
        found.command(name, help=f"cli.help.{name}")(function)
    command = get_command(found)
    command.name = name
    _localize(command, Catalogue(language), f"cli.help.{name}")
    return command


def _localize(command: Any, words: Catalogue, key: str) -> None:
    """Help that names a catalogue key becomes its sentence, in the command and below it."""
    if command.help is None or command.help.startswith(("cli.", "forge.")):
        command.help = words(command.help or key)
    for param in lighten(command, words):
        text = getattr(param, "help", None)
        if text and text.startswith(("cli.", "forge.")):
            param.help = words(text, known=", ".join(languages()))
    if isinstance(command, TyperCommand):
        return
    for name, below in command.commands.items():
        _localize(below, words, f"{key}.{name}")


def _harness_error() -> Any:
    # an error of ours can only have come from a module that imported the tree
    errors = sys.modules.get("harness.core.errors")
    return errors.HarnessError if errors else ()


def _cwd() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError as gone:
        raise SystemExit("harness: the current folder no longer exists") from gone


def _complain(sentence: str) -> None:
    sys.stderr.write(f"harness: {sentence}\n")
