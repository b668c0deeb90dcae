"""Words of a simple command held against lists of what a runner may be given. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

# option -> whether its value is the next word; "=" forms are taken for those with a value
Options = Mapping[str, bool]
Accepts = Callable[[list[str]], bool]
"""Whether the words of a simple command are nothing but one run of a runner."""
PACKAGE = re.compile(r"@?\w[\w./-]*")
FOLDERS = frozenset(("-s", "--start-directory", "--test-dir", "-f", "--manifest-path"))
"""Options whose value is a place in the tree."""


def options(plain: str, valued: str = "") -> Options:
    """Of two lists of options, apart by spaces: those alone, and those with a value."""
    return {**dict.fromkeys(plain.split(), False), **dict.fromkeys(valued.split(), True)}


def program(*names: str, given: Options, prefix: str = "") -> Accepts:
    """Accepts these programs, by their name or by a path in the tree, with such options, paths and
    names of tests; `prefix`: words that may stand before."""
    before = prefix.split()

    def accept(words: list[str]) -> bool:
        if before and words[: len(before)] == before:
            words = words[len(before) :]
        for name in names:
            first, *more = name.split()
            if words and _is_program(words[0], first) and words[1 : 1 + len(more)] == more:
                return is_fine(words[1 + len(more) :], given)
        return False

    return accept


def npx(name: str, given: Options, also: str = "") -> Accepts:
    """Accepts `npx <name>`, with a word (`also`) behind it or without."""

    def accept(words: list[str]) -> bool:
        rest = words[1:] if words[:1] == ["npx"] else []
        rest = rest[1:] if rest[:1] in (["--no-install"], ["--no"]) else rest
        if rest[:1] != [name]:
            return False
        rest = rest[2:] if also and rest[1:2] == [also] else rest[1:]
        return is_fine(rest, given)

    return accept


def _is_program(word: str, name: str) -> bool:
    inside = not word.startswith("/") and ".." not in word.split("/")
    return inside and (word == name or word.endswith(f"/{name}"))


def is_fine(words: Sequence[str], options: Options) -> bool:
    """Only options of the list with their values, and what can be a path or a test's name."""
    at = 0
    while at < len(words):
        word = words[at]
        if word.startswith("-"):
            step = _option(words, at, options)
            if step == 0:
                return False
            at += step
        elif is_name(word):
            at += 1
        else:
            return False
    return True


def _option(words: Sequence[str], at: int, options: Options) -> int:
    """How many words this option takes; 0 where it is none of the list."""
    word = words[at]
    if word in options:
        if not options[word]:
            return 1
        return 2 if at + 1 < len(words) and _value(word, words[at + 1]) else 0
    if (word, *words[at + 1 : at + 2]) == ("-p", "no:cacheprovider"):
        return 2
    name, mark, value = word.partition("=")
    long = bool(mark) and len(name) > 2 and options.get(name, False)
    if long and not _value(name, value):
        return 0
    short = re.fullmatch(r"-n(?:\d+|auto|logical)|-p?no:cacheprovider", word) is not None
    return 1 if long or (short and "--strict-markers" in options) else 0


def _value(option: str, value: str) -> bool:
    """Whether an option may have this value: a folder of the tree, a package to load before."""
    if option == "--import":
        return PACKAGE.fullmatch(value) is not None
    return option not in FOLDERS or is_name(value)


def is_name(word: str) -> bool:
    """A path inside the tree, with or without a test's name behind it; a name; a pattern."""
    path = word.partition("::")[0]
    return bool(word) and not path.startswith(("/", "@")) and ".." not in path.split("/")
