"""A shell line as the simple commands that it holds, each word as the shell would hand it over,
as far as that can be told without a shell. Pure; never raises.

What only a shell knows stands in a word as a mark: `STAR` and `ANY` for what a pattern finds,
`VOID` for what a variable or a command puts there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def split_words(text: str) -> frozenset[str]:
    """A table of names."""
    return frozenset(text.split())


STAR, ANY, VOID = "\ue000", "\ue001", "\ue002"
_OPEN, _COMMA, _CLOSE = "\ue003", "\ue004", "\ue005"
_MARKS = {STAR: "*", ANY: "?", _OPEN: "{", _COMMA: ",", _CLOSE: "}"}
_PLAIN = dict.fromkeys(map(ord, (STAR, ANY, VOID, _OPEN, _COMMA, _CLOSE)))
UNKNOWN = "?"
"""In place of a command's name: what was not followed further."""
MOST_WORDS = 32
"""Alternatives of one word; more are one unknown."""
MOST_DEEP = 6
MOST_CHARS = 50_000
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.S | re.ASCII)
_REDIRECTION = re.compile(r"&>>|&>|<<<|<<-|<<|<>|<&|>&|>>|>\||<|>")
_SEPARATOR = re.compile(r"&&|\|\||\|&|;;|[;|&()\n]")
_KEYWORDS = split_words("if then else elif fi do done while until ! { } time case esac in")
_DECLARING = split_words("export declare local readonly typeset")


@dataclass
class Simple:
    """One simple command. `bodies`: what here-documents give it. `inner`: it stands in another."""

    words: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    inner: bool = False


def simple_commands(text: str, known: Mapping[str, str]) -> list[Simple]:
    """Every simple command of the line, in order, those in substitutions too. `known`: what
    variables are worth."""
    variables: dict[str, tuple[str, ...]] = {name: (value,) for name, value in known.items()}
    text = text[:MOST_CHARS].translate(_PLAIN)
    return _Reader(text, variables, 0).read()


class _Reader:
    """Goes through a text once."""

    def __init__(self, text: str, variables: dict[str, tuple[str, ...]], depth: int) -> None:
        self._text = text
        self._at = 0
        self._depth = depth
        self._variables = variables
        self._found: list[Simple] = []
        self._now = Simple(inner=depth > 0)
        self._word: list[str] | None = None
        self._quoted = False
        self._redirection = ""
        self._awaited: list[str] = []
        """Ends of here-documents whose bodies follow this line."""

    def read(self) -> list[Simple]:
        while self._at < len(self._text):
            here = self._text[self._at]
            _STEPS.get(here, _Reader._other)(self)
        self._end_command()
        return self._found

    # ------------------------------------------------------------ characters

    def _other(self) -> None:
        self._add(self._text[self._at])
        self._at += 1

    def _blank(self) -> None:
        self._end_word()
        self._at += 1

    def _separator(self) -> None:
        found = _SEPARATOR.match(self._text, self._at)
        assert found is not None
        redirection = _REDIRECTION.match(self._text, self._at)
        if redirection is not None:  # `&>`
            self._redirect()
            return
        self._end_command()
        self._at = found.end()
        if found[0] == "\n" and self._awaited:
            self._bodies()

    def _redirect(self) -> None:
        found = _REDIRECTION.match(self._text, self._at)
        assert found is not None
        if self._text[self._at] in "<>" and self._text.startswith("(", self._at + 1):
            self._at += 1
            self._parenthesis()
            return
        number = self._word is not None and not self._quoted and "".join(self._word).isdigit()
        if number:
            self._word = None
        self._end_word()
        self._redirection = found[0]
        self._at = found.end()

    def _comment(self) -> None:
        if self._word is not None:
            self._other()
            return
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _escape(self) -> None:
        following = self._text[self._at + 1 : self._at + 2]
        if following != "\n":
            self._add(following)
            self._quoted = True
        self._at += 2

    def _single(self) -> None:
        end = self._text.find("'", self._at + 1)
        end = len(self._text) if end < 0 else end
        self._add(self._text[self._at + 1 : end])
        self._quoted = True
        self._at = end + 1

    def _double(self) -> None:
        self._quoted = True
        self._add("")
        self._at += 1
        while self._at < len(self._text) and self._text[self._at] != '"':
            here = self._text[self._at]
            if here == "\\":
                self._add(self._text[self._at + 1 : self._at + 2])
                self._at += 2
            elif here == "$":
                self._dollar()
            elif here == "`":
                self._backtick()
            else:
                self._other()
        self._at += 1

    def _dollar(self) -> None:
        following = self._text[self._at + 1 : self._at + 2]
        if following == "(":
            self._at += 1
            self._parenthesis()
        elif following == "{":
            self._braced()
        elif following == "'":
            self._ansi()
        elif following == '"':
            self._at += 1
        else:
            found = _NAME.match(self._text, self._at + 1)
            self._value(found[0] if found else "")
            self._at = found.end() if found else self._at + (2 if following in "@*#?!$-0123456789"
                                                             and following else 1)  # fmt: skip

    def _ansi(self) -> None:
        """`$'...'`: what an escape stands for is not worked out."""
        found = re.compile(r"((?:[^'\\]|\\.)*)'?", re.S).match(self._text, self._at + 2)
        assert found is not None
        self._add(re.sub(r"\\.[0-9a-fA-F]{0,8}", VOID, found[1], flags=re.S))
        self._quoted = True
        self._at = found.end()

    def _braced(self) -> None:
        end = self._text.find("}", self._at)
        end = len(self._text) if end < 0 else end
        inside = self._text[self._at + 2 : end]
        name = _NAME.match(inside)
        if name is not None and name.end() == len(inside):
            self._value(inside)
        else:
            self._add(VOID)
            if name is not None:  # a default, maybe
                self._inner(inside[name.end() :].lstrip(":-=+?"))
        self._at = end + 1

    def _parenthesis(self) -> None:
        """From `(` to the one that closes it: commands of their own."""
        depth, end = 0, self._at
        quote = ""
        while end < len(self._text):
            here = self._text[end]
            if here == "\\" and quote != "'":
                end += 1
            elif quote:
                quote = "" if here == quote else quote
            elif here in "'\"":
                quote = here
            elif here in "()":
                depth += 1 if here == "(" else -1
                if depth == 0:
                    break
            end += 1
        self._inner(self._text[self._at + 1 : end])
        self._add(VOID)
        self._at = end + 1

    def _backtick(self) -> None:
        end = self._text.find("`", self._at + 1)
        end = len(self._text) if end < 0 else end
        self._inner(self._text[self._at + 1 : end].replace("\\", ""))
        self._add(VOID)
        self._at = end + 1

    def _inner(self, text: str) -> None:
        if self._depth < MOST_DEEP:
            self._found += _Reader(text, self._variables, self._depth + 1).read()
        else:
            self._found.append(Simple(words=[UNKNOWN, f"({text})"], inner=True))

    def _mark(self) -> None:
        here = self._text[self._at]
        self._add({"*": STAR, "?": ANY, "{": _OPEN, ",": _COMMA, "}": _CLOSE}[here])
        self._at += 1

    def _bracket(self) -> None:
        found = re.compile(r"\[[!^]?\]?[^\]\s]*\]").match(self._text, self._at)
        self._add(ANY if found else "[")
        self._at = found.end() if found else self._at + 1

    def _tilde(self) -> None:
        alone = self._text[self._at + 1 : self._at + 2] in ("/", "") or (
            self._text[self._at + 1].isspace()
        )
        if self._word is None and alone:
            self._value("HOME")
        else:
            self._add("~")
        self._at += 1

    def _bodies(self) -> None:
        """What follows the line, up to each here-document's end."""
        owner = self._found[-1] if self._found else self._now
        for ending in self._awaited:
            lines = []
            while self._at < len(self._text):
                line, _, _ = self._text[self._at :].partition("\n")
                self._at += len(line) + 1
                if line.strip() == ending:
                    break
                lines.append(line)
            body = "\n".join(lines)
            owner.bodies.append(body)
            for found in re.finditer(r"\$\(([^()]*)\)|`([^`]*)`", body):
                self._inner(found[1] or found[2] or "")
        self._awaited = []

    # ------------------------------------------------------------ words

    def _add(self, text: str) -> None:
        self._word = [one + text for one in self._word or [""]]

    def _value(self, name: str) -> None:
        values = self._variables.get(name, (VOID,))
        word = self._word or [""]
        if len(word) * len(values) > MOST_WORDS:
            values = (VOID,)
        self._word = [one + value for one in word for value in values]

    def _end_word(self) -> None:
        word, self._word, self._quoted = self._word, None, False
        if word is None:
            return
        words = [made for one in word for made in _expand_braces(one)]
        kind, self._redirection = self._redirection, ""
        if kind in ("<<", "<<-"):
            self._awaited.append(words[0])
        elif kind in ("<", "<>", ">", ">>", ">|", "&>", "&>>", "<&", ">&"):
            files = [one for one in words if not (kind[-1] == "&" and one.strip("-").isdigit())]
            files = [one for one in files if one != "-"]
            self._now.reads += files if kind[0] == "<" else []
            self._now.writes += files if kind != "<" and kind != "<&" else []
        elif kind != "<<<":
            self._now.words += words

    def _end_command(self) -> None:
        self._end_word()
        self._redirection = ""
        now, self._now = self._now, Simple(inner=self._depth > 0)
        now.words = self._assign(now.words)
        if now.words or now.reads or now.writes:
            self._found.append(now)

    def _assign(self, words: list[str]) -> list[str]:
        """The words without keywords and assignments, which are remembered."""
        while words and words[0] in _KEYWORDS:
            words = words[1:]
        if words[:1] in (["for"], ["select"]) and len(words) > 2 and words[2] == "in":
            self._variables[words[1]] = tuple(words[3 : 3 + MOST_WORDS]) or (VOID,)
            return ["for" if len(words) < 3 + MOST_WORDS else UNKNOWN, *words[3:]]
        declares = words[:1] != [] and words[0] in _DECLARING
        left = words[1:] if declares else words
        while left:
            found = _ASSIGNMENT.fullmatch(left[0])
            if found is None:
                break
            known = self._variables.get(found[1], ())
            self._variables[found[1]] = (*known, found[2])[-MOST_WORDS:]
            left = left[1:]
        return [] if declares else left


def _expand_braces(word: str) -> list[str]:
    """`a{b,c}` is two words; a brace that is none stays one."""
    done: list[str] = []
    left = [word]
    while left and len(done) + len(left) <= MOST_WORDS:
        one = left.pop()
        found = re.search(f"{_OPEN}([^{_OPEN}{_CLOSE}]*{_COMMA}[^{_OPEN}{_CLOSE}]*){_CLOSE}", one)
        if found is None:
            done.append(one)
            continue
        left += [one[: found.start()] + part + one[found.end() :]
                 for part in found[1].split(_COMMA)]  # fmt: skip
    left = [re.sub(f"{_OPEN}.*{_CLOSE}", VOID, one) for one in left]
    plain = str.maketrans({mark: _MARKS[mark] for mark in (_OPEN, _COMMA, _CLOSE)})
    return [one.translate(plain) for one in (*done, *left)]


_STEPS: Mapping[str, Callable[[_Reader], None]] = {
    **dict.fromkeys(" \t\r", _Reader._blank),
    **dict.fromkeys(";|&()\n", _Reader._separator),
    **dict.fromkeys("<>", _Reader._redirect),
    **dict.fromkeys("*?{,}", _Reader._mark),
    "#": _Reader._comment,
    "\\": _Reader._escape,
    "'": _Reader._single,
    '"': _Reader._double,
    "$": _Reader._dollar,
    "`": _Reader._backtick,
    "[": _Reader._bracket,
    "~": _Reader._tilde,
}
