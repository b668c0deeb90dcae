"""`harness service`: a systemd unit of the user's own, so that the daemon starts with the machine.
Nothing is started or enabled from here; no secret is ever written into the unit."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.common import CliError, Context, JsonFlag, context, emit, load

NAME = "harness.service"
MARK = (
    "# Made by `harness service install`; made anew by it, removed by `harness service uninstall`."
)
CARRIED = ("PATH", "LANG", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "HARNESS_STATE_DIR")
"""Of the environment only these are carried over: names of folders, and the language."""
CREDENTIAL = re.compile("[a-z0-9_]{1,200}")
PROGRAM = "import sys; from harness.cli.entry import main; sys.exit(main())"
STARTS = "systemctl --user daemon-reload && systemctl --user enable --now harness"
STAYS = 'loginctl enable-linger "$USER"'
STOPS = "systemctl --user disable --now harness"
app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.command(help="cli.help.service.install")
def install(
    ctx: typer.Context,
    env_file: Annotated[str, typer.Option("--env-file", help="cli.opt.env_file")] = "",
    credential: Annotated[
        list[str] | None,
        typer.Option("--credential", metavar="NAME:FILE", help="cli.opt.credential"),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    _systemctl(cli)
    file = _file(cli)
    if file.exists() and not _ours(file):
        raise CliError(1, "service.not_ours", file=str(file))
    keys = Path(env_file).expanduser() if env_file else cli.place.config_dir / "environment"
    if keys.exists() and keys.stat().st_mode & 0o077:
        raise CliError(3, "config.key_file_open", file=str(keys))
    given = tuple(_credential(cli, text) for text in credential or ())
    text = unit(cli, cli.place.cwd / keys, given)
    load("harness.system.files:private_dir")(file.parent)
    load("harness.system.files:atomic_write")(file, text, mode=0o644)
    if cli.as_json:
        emit({"file": str(file), "keys": str(keys), "start": STARTS, "stay": STAYS})
        return
    cli.say("service.installed", file=str(file))
    cli.say("service.keys", file=str(keys))
    if not given:
        cli.say("service.credential")
    cli.say("service.start")
    for command in (STARTS, STAYS):
        cli.say("service.command", command=command)


@app.command(help="cli.help.service.uninstall")
def uninstall(ctx: typer.Context) -> None:
    cli = context(ctx)
    file = _file(cli)
    if not file.exists():
        raise CliError(1, "service.absent", file=str(file))
    if not _ours(file):
        raise CliError(1, "service.not_ours", file=str(file))
    if _state(cli) == "active":
        raise CliError(5, "service.running", command=STOPS)
    file.unlink()
    cli.say("service.uninstalled", file=str(file))


@app.command(help="cli.help.service.status")
def status(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    file, state = _file(cli), _state(cli)
    if as_json:
        emit({"installed": file.exists(), "file": str(file), "state": state})
    elif file.exists():
        cli.say("service.status", file=str(file), state=state)
    else:
        cli.say("service.absent", file=str(file))
    if not file.exists():
        raise typer.Exit(1)


def unit(cli: Context, keys: Path, credentials: Sequence[tuple[str, Path]] = ()) -> str:
    """The unit's text. `keys` is a file of variables that systemd reads; absent is fine.
    `credentials`: the name of each and the file that systemd takes it from."""
    command = (sys.executable, "-P", "-c", PROGRAM, *_options(cli), "run")
    env = {name: cli.place.env[name] for name in CARRIED if cli.place.env.get(name)}
    lines = [
        MARK,
        "[Unit]",
        "Description=harness turns issues into merged pull requests",
        "StartLimitIntervalSec=600",
        "StartLimitBurst=5",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart={' '.join(map(quote, command))}",
        "WorkingDirectory=%h",
        *(f"Environment={quote(f'{name}={value}', command=False)}" for name, value in env.items()),
        f"EnvironmentFile=-{str(keys).replace('%', '%%')}",
        *(f"LoadCredential={name}:{_plain(path)}" for name, path in credentials),
        "Restart=on-failure",
        "RestartSec=10",
        # a wrong setting, a missing part, a second daemon: starting again changes nothing
        "RestartPreventExitStatus=2 3 4 5",
        "KillMode=mixed",
        "TimeoutStopSec=15",
        "LimitCORE=0",
        "UMask=0077",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    ]
    return "\n".join(lines)


def quote(word: str, *, command: bool = True) -> str:
    """One word as systemd reads it. In a command `$` would be a variable too."""
    if any(ord(c) < 32 or ord(c) == 127 for c in word):
        raise CliError(1, "service.odd_path", path=ascii(word))
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text.replace("$", "$$") if command else text}"'


def _credential(cli: Context, given: str) -> tuple[str, Path]:
    """NAME:FILE taken apart; the file is there, holds something and is closed to others."""
    name, colon, path = given.partition(":")
    if not (colon and path and CREDENTIAL.fullmatch(name)):
        raise CliError(2, "service.bad_credential", given=given)
    file = cli.place.cwd / Path(path).expanduser()
    load("harness.config.keys:key_file")(file)
    return name, file


def _plain(path: Path) -> str:
    """A path where systemd takes the rest of the line as it stands, but for its specifiers."""
    quote(str(path))
    return str(path).replace("%", "%%")


def _options(cli: Context) -> Sequence[str]:
    given = cli.flags.get("state_dir")
    return ("--state-dir", str(cli.place.cwd / str(given))) if given else ()


def _file(cli: Context) -> Path:
    return cli.place.config_dir.parent / "systemd" / "user" / NAME


def _ours(file: Path) -> bool:
    return file.read_text(encoding="utf-8", errors="replace").startswith(MARK)


def _systemctl(cli: Context) -> str:
    found = shutil.which("systemctl", path=cli.place.env.get("PATH"))
    if found is None:
        raise CliError(4, "service.no_systemd")
    return found


def _state(cli: Context) -> str:
    """What systemd says of it: active, inactive, failed; "unknown" where there is none to ask."""
    found = shutil.which("systemctl", path=cli.place.env.get("PATH"))
    if found is None:
        return "unknown"
    argv = [found, "--user", "is-active", NAME]
    try:
        done = subprocess.run(argv, env=cli.theirs, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.decode("utf-8", "replace").strip() or "unknown"
