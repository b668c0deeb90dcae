"""Pieces of shell that descriptors of runners build their commands from. Pure."""

from __future__ import annotations

import re
import shlex

_NPM = re.compile(r"(?:^|\s)(npm|pnpm|yarn)(?: run)? (?:test|t)\b[\w:.-]*")
# stopping at the first failure would leave the rest without a result
_BAIL = re.compile(r"\s(?:--bail(?:[= ]\d+)?|-b)(?=\s|$)")
SHOWN = 60_000
"""Bytes of a captured output that a person still sees, its end."""


def without_bail(command: str) -> str:
    """Without the options of jest, vitest and mocha to stop at the first failure."""
    return _BAIL.sub("", command)


def last_of(command: str) -> str:
    """The last simple command, what it quotes left out; "" where it is no such, or what follows it
    is not understood."""
    bare = re.sub(r"'[^']*'", "''", command)
    last = re.split(r"&&|\|\||[;\n]", bare)[-1]
    return "" if "|" in last or last.rstrip().endswith((")", "&", "}")) else last


def add_options(command: str, options: str, programs: str) -> str:
    """Options added to the last simple command, when that runs one of the programs (a pattern) or
    a script of npm, pnpm or yarn."""
    last = last_of(command)
    script = _NPM.search(last)
    if script:
        apart = " -- " if script[1] == "npm" and " -- " not in last else " "
        return command.rstrip() + apart + options
    if re.search(programs, last):
        return f"{command.rstrip()} {options}"
    return command


def insert_after(command: str, program: str, words: str) -> str:
    """Words behind each place where the program (a pattern) is called."""
    return re.sub(rf"({program})(?=\s|$)", lambda found: f"{found[1]} {words}", command)


def capture(command: str, file: str, *, errors: bool = False) -> str:
    """The command with what it prints in this file too (`errors`: and what it complains of), its
    exit code its own. A person sees the end of it."""
    to = f">{file} 2>&1" if errors else f">{file}"
    return f"{{ {command}\n}} {to}; code=$?; tail -c {SHOWN} {file}; (exit $code)"


def one_of(names: list[str], escape: str = r"[\\^$.*+?()\[\]{}|/]") -> str:
    """A regular expression, quoted for a shell, that these names alone match."""
    escaped = [re.sub(escape, r"\\\g<0>", name) for name in dict.fromkeys(names)]
    return shlex.quote(f"^({'|'.join(escaped)})$" if len(escaped) > 1 else f"^{escaped[0]}$")


def plain_words(text: str) -> list[str] | None:
    """The words of a piece of a command; None where a shell does more with it than split it."""
    if re.search(r"[|;&<>`$()]", text):
        return None
    try:
        return shlex.split(text)
    except ValueError:
        return None
