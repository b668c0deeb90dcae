"""A shell command taken apart for permission rules. Pure.

Rules are convenience and policy, never the boundary: what this cannot read is called unclear, and
an unclear command is allowed by no rule that names a pattern. The sandbox holds either way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.core.base import Value

_WRAPPERS = {"time", "nohup", "command", "builtin"}
_WITH_VALUE = {"timeout", "nice", "stdbuf", "ionice"}
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_OPERATORS = ("&&", "||", "|&", ";;", ";", "|", "&", "\n")
_UNCLEAR = ("$(", "`", "<(", ">(", "<<", "${")
_QUOTED = re.compile(r"\$?'([^']*)'|\$?\"((?:[^\"\\]|\\.)*)\"|\\(.)", re.S)


class Parsed(Value):
    """`parts`: each simple command, spaces made one, in each form it may be matched in (without
    wrappers and leading assignments, and as written). `whole`: the text as one. `unclear`: holds
    what is decided only when it runs."""

    whole: str
    parts: tuple[tuple[str, ...], ...]
    inside: tuple[str, ...] = ()
    """What seems to stand in substitutions, and each command without its quotes: enough to refuse
    by, not to allow by."""
    unclear: bool
    assigns: bool = False
    """Whether an assignment stood before a command: its meaning may be another."""


def parse(command: str) -> Parsed:
    """Never raises."""
    command = command.replace("\\\n", "")
    unclear, pieces = _split_commands(command)
    forms = [_forms(piece) for piece in pieces]
    inner = [_forms(text) for piece in pieces for text in _substitutions(piece)]
    inner += [_forms(_unquote(piece)) for piece in pieces if _QUOTED.search(piece)]
    return Parsed(
        whole=_collapse_spaces(command),
        parts=tuple(dict.fromkeys(found for found, _ in forms if found)),
        inside=tuple(dict.fromkeys(text for found, _ in inner for text in found)),
        unclear=unclear,
        assigns=any(assigned for _, assigned in forms),
    )


def _forms(piece: str) -> tuple[tuple[str, ...], bool]:
    words = _collapse_spaces(piece).strip("(){} ").removeprefix("! ").strip()
    bare, assigned = _bare(words)
    return tuple(text for text in dict.fromkeys((bare, words)) if text), assigned


def _split_commands(command: str) -> tuple[bool, list[str]]:
    """Whether it is unclear, and the commands between operators outside of quotes."""
    pieces, start, place, quote, unclear = [], 0, 0, "", False
    text = command
    while place < len(text):
        here = text[place]
        if here == "\\" and quote != "'":
            place += 2
            continue
        if quote:
            unclear = unclear or (quote == '"' and text.startswith(_UNCLEAR, place))
            quote = "" if here == quote else quote
        elif here in "'\"":
            quote = here
        elif text.startswith(_UNCLEAR, place):
            unclear = True
        elif here == "#" and (place == 0 or text[place - 1].isspace()):
            end = text.find("\n", place)
            text = text[:place] + ("" if end < 0 else text[end:])
            continue
        else:
            found = next((o for o in _OPERATORS if text.startswith(o, place)), "")
            if found and not (found == "&" and _redirects(text, place)):
                pieces.append(text[start:place])
                place += len(found)
                start = place
                continue
        place += 1
    pieces.append(text[start:])
    return unclear or bool(quote), [piece for piece in pieces if piece.strip()]


def _redirects(text: str, place: int) -> bool:
    """`&` of `2>&1` or `&>file`."""
    return text[place - 1 : place] in (">", "<") or text[place + 1 : place + 2] == ">"


def _substitutions(piece: str) -> Iterator[str]:
    """What stands in $(...) and `...`, as far as it can be told without a shell."""
    for match in re.finditer(r"\$\(([^()]*)\)|`([^`]*)`|[<>]\(([^()]*)\)", piece):
        yield next((group for group in match.groups() if group), "")


def _unquote(piece: str) -> str:
    """As the shell would hand it over, but for what only it can know."""
    return _QUOTED.sub(lambda m: next(filter(None, m.groups()), ""), piece)


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())


def _bare(command: str) -> tuple[str, bool]:
    """Without wrappers and leading assignments; whether there was an assignment."""
    words, assigned = command.split(" "), False
    while words:
        if _ASSIGNMENT.match(words[0]):
            assigned = True
            words.pop(0)
        elif (words[0] == "env" and len(words) > 1) or (words[0] in _WRAPPERS and len(words) > 1):
            words.pop(0)
        elif words[0] in _WITH_VALUE and len(words) > 1:
            words.pop(0)
            while words and (words[0].startswith("-") or re.fullmatch(r"[\d.]+[smhd]?", words[0])):
                words.pop(0)
        else:
            break
    return " ".join(words), assigned
