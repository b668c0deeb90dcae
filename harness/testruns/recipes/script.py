"""The shell of CI files, as the simple commands in it. Nothing is run; what is more than a list of
commands (loops, functions, documents in a script) stays one piece that is not understood. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from harness.core.base import Value
from harness.testruns.recipes.tree import join

LONGEST = 16_000
MOST = 200
OPENS = {"if": "fi", "for": "done", "while": "done", "until": "done", "case": "esac", "{": "}"}
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=")
_VARIABLE = re.compile(r"(?<!\\)\$(?:\{(\w+)\}|(\w+))")
_TO_ENV = re.compile(
    r"""echo\s+["']?([A-Za-z_]\w*)=([^"'$`]*)["']?\s*>>\s*["']?\$\{?GITHUB_ENV\}?["']?"""
)
_ODD = re.compile(r"[|;&<>`(){}\n]|\$[({]")
# what is said about the output of a command, not what it does
_TAIL = re.compile(
    r"(?:2>&1|\|&?\s*tee(?:\s+-a)?\s+[\w./-]+|&?>{1,2}\s*[\w./-]+"
    r"|\|\|\s*(?:true|:|exit\s+\d+|exit\s+\$\?|echo\b[^|&;]*))\s*$"
)


class Command(Value):
    """One simple command: its words, none where a shell does more with it than split it, and where
    and with what variables it runs. `line` is that of the script."""

    text: str
    words: tuple[str, ...] = ()
    folder: str = ""
    env: dict[str, str] = {}
    line: int = 0


class Script(NamedTuple):
    """Its commands, and the variables that it leaves to what follows in its job."""

    commands: tuple[Command, ...]
    env: dict[str, str]


class Piece(NamedTuple):
    """Text between what separates commands, and its line in the text."""

    text: str
    line: int
    whole: bool = False
    """Several commands that cannot be told apart."""


def read_script(text: str, folder: str, env: Mapping[str, str], line: int) -> Script:
    """The commands of a script that begins in that folder at that line."""
    found: list[Command] = []
    own: dict[str, str] = dict(env)
    left: dict[str, str] = {}
    here = folder
    for piece in _pieces(text[:LONGEST]):
        at = line + piece.line
        if kept := _TO_ENV.fullmatch(piece.text):
            left[kept[1]] = own[kept[1]] = kept[2].strip()
            continue
        command = _command(piece, here, own, at)
        words = command.words
        if words[:1] in (("cd",), ("pushd",)) and len(words) == 2:
            moved = join(here, words[1])
            here = here if moved is None else moved
        elif words[:1] == ("popd",):
            here = folder
        elif words[:1] == ("export",) and all(_ASSIGNED.match(w) for w in words[1:]):
            for word in words[1:]:
                name, _, value = word.partition("=")
                if "$" not in value:
                    own[name] = value
        elif words or command.text:
            found.append(command)
        else:
            own.update(command.env)
        if len(found) >= MOST:
            break
    return Script(tuple(found), left)


def _command(piece: Piece, folder: str, env: Mapping[str, str], line: int) -> Command:
    text = piece.text if piece.whole else _filled(piece.text, env)
    while not piece.whole and (tail := _TAIL.search(text)):
        text = text[: tail.start()].rstrip()
    words = () if piece.whole or _is_odd(text) else _split(text)
    own = dict(env)
    while words and _ASSIGNED.match(words[0]):
        name, _, value = words[0].partition("=")
        if "$" not in value:
            own[name] = value
        words = words[1:]
        text = shlex.join(words) if not _has_glob(text) else _without_first(text)
    return Command(text=text, words=words, folder=folder, env=own, line=line)


def _filled(text: str, env: Mapping[str, str]) -> str:
    """With the values of variables that stand outside of single quotes, where those are words."""

    def put(found: re.Match[str]) -> str:
        value = env.get(found[1] or found[2] or "", "")
        return value if value and re.fullmatch(r"[\w@%+=:,./ -]+", value) else found[0]

    # no arguments are given
    parts = re.split(r"('[^']*')", re.sub(r"(\"?)\$[@*]\1(?=\s|$)", "", text))
    return "".join(p if p.startswith("'") else _VARIABLE.sub(put, p) for p in parts)


def _without_first(text: str) -> str:
    found = re.match(r"\s*[A-Za-z_]\w*=(?:'[^']*'|\"[^\"]*\"|[^\s'\"])*\s*", text)
    return text[found.end() :] if found else text


def _has_glob(text: str) -> bool:
    return any(sign in text for sign in "*?[$")


def _is_odd(text: str) -> bool:
    """More than words: outside of single quotes and, but for expansions, of double ones."""
    bare = re.sub(r"'[^']*'", "''", text)
    bare = re.sub(r'"[^"`$]*"', '""', bare)
    return _ODD.search(bare) is not None


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text, comments=True))
    except ValueError:
        return ()


def _pieces(text: str) -> Iterator[Piece]:
    """Text between separators; from a word that opens a block up to the one that closes it, one."""
    held: list[str] = []
    closing: list[str] = []
    start = 0
    for piece in _simple(text):
        first = piece.text.split(None, 1)[0] if piece.text.split() else ""
        if not held and re.match(r"[\w-]+\s*\(\)", piece.text):
            first = "{"
        if first in OPENS:
            start = start if held else piece.line
            closing.append(OPENS[first])
        elif held and re.match(r"(?:do|then|else)\s+(?:if|for|while)\b", piece.text):
            closing.append(OPENS[piece.text.split()[1]])
        if "<<" in piece.text and re.search(r"<<-?\s*['\"\\]?\w", piece.text):
            # a document follows, up to a word of its own: nothing beyond is told apart
            yield Piece(piece.text, piece.line, whole=True)
            return
        if not closing:
            yield piece
            continue
        held.append(piece.text)
        if first == closing[-1]:
            closing.pop()
        if not closing:
            yield Piece("\n".join(held), start, whole=True)
            held = []
    if held:
        yield Piece("\n".join(held), start, whole=True)


def _simple(text: str) -> Iterator[Piece]:
    """Split at line ends, `;` and `&&` that stand in no quotes or parentheses."""
    quote, deep, at, line, begun = "", 0, 0, 0, 0
    piece: list[str] = []
    while at < len(text):
        sign = text[at]
        if sign == "\\" and quote != "'":
            follows = text[at + 1 : at + 2]
            line += follows == "\n"
            piece.append(" " if follows == "\n" else sign + follows)
            at += 2
            continue
        line += sign == "\n"
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"`":
            quote = sign
        elif sign == "#" and (not piece or piece[-1].isspace()):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        elif sign in "()":
            deep = max(0, deep + (1 if sign == "(" else -1))
        width = 0 if quote or deep else _separates(text, at)
        if width:
            yield from _whole("".join(piece), begun)
            piece, at = [], at + width
            begun = line
            continue
        if not piece and sign.isspace():
            begun = line
        else:
            piece.append(sign)
        at += 1
    yield from _whole("".join(piece), begun)


def _separates(text: str, at: int) -> int:
    if text.startswith("&&", at):
        return 2
    return 1 if text[at] == "\n" or (text[at] == ";" and text[at + 1 : at + 2] != ";") else 0


def _whole(text: str, line: int) -> Iterator[Piece]:
    if text.strip():
        yield Piece(text.strip(), line)
