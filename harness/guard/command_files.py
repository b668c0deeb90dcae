"""The files that a shell line names, and whether it reads or writes them: what rules for Read and
Edit say of `cat .env`, `sed -i`, `tee`, `> file`. Pure; never raises.

Commands are known by name. One that is not known may do both with whatever it names. What a
command opens without naming it is the sandbox's, as it is at Claude Code.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from harness.core.base import Value
from harness.guard.command_words import VOID, Simple, simple_commands, split_words

_NAMES_ONLY = split_words(
    "for echo printf ls stat test [ [[ basename dirname realpath readlink which type cd"
    " pushd popd pwd true false : du df file find tree wait exit return let"
)
"""Name a file without showing what it holds."""
_SHOWS = split_words(
    "cat head tail less more nl tac rev od xxd hexdump strings wc diff cmp comm grep egrep fgrep"
    " zgrep rg ag sed awk gawk mawk cut sort uniq tr column fold paste join base64 md5sum sha1sum"
    " sha256sum sha512sum cksum jq bat zcat"
)
_RUNS = split_words(
    "pytest unittest ruff mypy pyright flake8 pylint black isort tox nox coverage go cargo npm"
    " yarn pnpm jest vitest mocha tsc eslint prettier make ctest phpunit rspec mvn gradle"
    " gradlew"
)
"""Read what they are given, unless an option says that they write."""
_INTERPRETERS = split_words("python python3 node ruby perl php deno bun")
"""Read the first file they are given; what that does with the others is not known."""
_CODE = ("-c", "-e", "-p", "-i", "--eval", "--print", "-")
_WRITING: Mapping[str, tuple[str, ...]] = {
    "sed": ("-i", "--in-place"),
    "awk": ("-i", "--include"),
    "gawk": ("-i", "--include"),
    "sort": ("-o", "--output"),
    "find": ("-delete", "-exec", "-execdir", "-ok", "-okdir", "-fprint", "-fprintf", "-fls"),
    "ruff": ("--fix", "format", "--add-noqa", "-o", "--output-file"),
    "eslint": ("--fix", "-o", "--output-file"),
    "prettier": ("--write", "-w"),
    "go": ("fmt", "fix", "-o", "generate", "mod"),
    "cargo": ("fmt", "fix", "--fix"),
    "git": ("--output", "-o"),
}
_WRITES_UNLESS: Mapping[str, tuple[str, ...]] = {
    "black": ("--check", "--diff"),
    "isort": ("--check", "--check-only", "--diff", "-c"),
}
_GIT_NAMES = split_words("add commit status ls-files check-ignore branch tag push fetch remote")
_GIT_SHOWS = split_words("diff log show blame grep cat-file annotate shortlog whatchanged")
_WRAPPERS = split_words("sudo env time nohup nice command builtin timeout stdbuf ionice npx")
_RUNNERS = split_words("uv poetry pipenv hatch pdm rye pnpm yarn")
"""Run another command when `run` or `exec` follows."""
_SHELLS = split_words("sh bash dash zsh ksh eval")
_SCRIPTED = split_words("sed awk gawk mawk grep egrep fgrep zgrep rg ag jq")
"""The first word that is no option is no file."""
_KNOWN = _NAMES_ONLY | _SHOWS | _RUNS | {"git", "tee", ""}
_TOKEN = re.compile(r"[^\s'\"()<>|;&`,\[\]]+")
_SCRIPT_FILE = re.compile(r"(?:^|[;{}\s\d$/IgMe])[rRwW]\s+([^\s;}]+)|[<>]\s*\"([^\"]+)\"")
MOST_FOLDERS = 16


class NamedFile(Value):
    """One file that a command names, absolute or from the folder the command starts in."""

    path: str
    writes: bool


def files_named(command: str, cwd: str, home: str) -> tuple[NamedFile, ...]:
    """Each file, as it is seen from every folder that the line may stand in. A word that only a
    shell can finish holds marks of `command_words`."""
    line = simple_commands(command, {"HOME": home or VOID, "PWD": cwd or VOID})
    folders = [cwd]
    found: dict[NamedFile, None] = {}
    for simple in line:
        for path, writes in _named(simple, _is_plain(line)):
            for folder in folders:
                whole = posixpath.normpath(posixpath.join(folder, path)) if folder else path
                found[NamedFile(path=whole, writes=writes)] = None
        folders += [posixpath.join(folders[-1], to) for to in _moves(simple)]
        folders = [cwd, *folders[1:][-MOST_FOLDERS:]]
    return tuple(found)


def _moves(simple: Simple) -> Iterator[str]:
    """Folders that the rest of the line may be in."""
    words = simple.words
    if words[:1] in (["cd"], ["pushd"]):
        yield from (word for word in words[1:] if not word.startswith("-"))
    for flag, value in pairwise(words):
        if flag in ("-C", "--directory", "--chdir"):
            yield value


def _is_plain(line: Iterable[Simple]) -> bool:
    """Whether every command of the line is known: what one prints, another may open."""
    return all(_verb(one.words)[0] in _KNOWN for one in line)


def _named(simple: Simple, plain: bool) -> Iterator[tuple[str, bool]]:
    """(file, whether it is written) of one command."""
    yield from ((path, False) for path in simple.reads)
    yield from ((path, True) for path in simple.writes)
    verb, words = _verb(simple.words)
    yield from ((word, False) for word in simple.words[:1] if "/" in word)
    sort = _sort(verb, words)
    if not verb or (sort == "names" and plain and not simple.inner):
        return
    if sort == "unknown":
        yield from _in_texts((*words, *simple.bodies))
    for at, word in enumerate(_operands(verb, words)):
        writes = sort in ("writes", "unknown") and not (sort == "unknown" and at == 0
                                                        and _is_script(verb, words))  # fmt: skip
        yield from ((path, writes) for path in _paths_in(word))
    if verb in _SCRIPTED:
        yield from _in_scripts(words)
    if verb in _SHELLS:
        for inner in (one for text in words for one in simple_commands(text, {})):
            if _verb(inner.words)[0] not in _SHELLS:
                yield from _named(inner, plain=False)


def _is_script(verb: str, words: list[str]) -> bool:
    """Whether the first operand is a program that is run, not changed."""
    return verb in _INTERPRETERS and not any(word in _CODE for word in words)


def _sort(verb: str, words: list[str]) -> str:
    """names, shows, writes, or unknown: both."""
    if verb == "tee":
        return "writes"
    if any(_has_option(verb, word, option) for word in words for option in _WRITING.get(verb, ())):
        return "unknown"
    if verb == "git":
        kind = next((word for word in words if not word.startswith("-")), "")
        return "names" if kind in _GIT_NAMES else "shows" if kind in _GIT_SHOWS else "unknown"
    if verb in _WRITES_UNLESS and not any(word in _WRITES_UNLESS[verb] for word in words):
        return "unknown"
    if verb in _NAMES_ONLY:
        return "names"
    return "shows" if verb in _SHOWS | _RUNS else "unknown"


def _has_option(verb: str, word: str, option: str) -> bool:
    """`-i`, `-i.bak`, `-ni`, `--in-place=.bak`."""
    if word == option or word.startswith(f"{option}="):
        return True
    joined = verb in ("sed", "sort") and re.fullmatch(r"-[A-Za-z]", option) is not None
    return joined and re.match(rf"-[A-Za-z]*{option[1]}", word) is not None


def _verb(words: list[str]) -> tuple[str, list[str]]:
    """The command's name and its words, without what only runs another."""
    words = list(words)
    while words:
        name = words.pop(0).rsplit("/", 1)[-1]
        module = name.startswith("python") and words[:1] == ["-m"]
        if module or (name in _RUNNERS and words[:1] in (["run"], ["exec"]) and words[1:]):
            words.pop(0)
        elif name in _WRAPPERS and words:
            while words and re.match(r"-|[\d.]+[smhd]?$|[A-Za-z_]\w*=", words[0]):
                words.pop(0)
        else:
            return re.sub(r"^python[\d.]+$", "python", name), words
    return "", []


def _operands(verb: str, words: list[str]) -> list[str]:
    """The words that may be files; of an interpreter, the program first."""
    first = next((at for at, word in enumerate(words) if not word.startswith("-")), None)
    if first is None:
        return words
    if verb in _INTERPRETERS:
        return [words[first], *words[:first], *words[first + 1 :]]
    if verb in _SCRIPTED and not any(re.match(r"-[A-Za-z]*[ef]", word) for word in words):
        return words[:first] + words[first + 1 :]
    return words


def _paths_in(word: str) -> Iterator[str]:
    """The word, and what stands after `=`, `:`, `@` or an option's letter: `--file=.env`,
    `HEAD:.env`, `@.env`, `-f.env`."""
    if "://" in word and not word.startswith("file:"):
        return
    yield word
    for mark in "=:@":
        yield from (part for part in word.split(mark)[1:] if part)
    if re.match(r"-[A-Za-z]\S", word):
        yield word[2:]


def _in_texts(texts: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """What a program's text seems to name: it may read it and write it."""
    for text in texts:
        if re.search(r"[\s'\"(]", text):
            yield from ((found, True) for found in _TOKEN.findall(text))


def _in_scripts(words: list[str]) -> Iterator[tuple[str, bool]]:
    """Files that a script of sed or awk opens."""
    for word in words:
        for found in _SCRIPT_FILE.finditer(word):
            yield found[1] or found[2], True
