"""A recipe that a model handed in: data that is checked before any of it runs. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence

from harness.core.services import read_service
from harness.testruns.detect.manifest import Manifest, name_of, plain
from harness.testruns.detect.part import Read
from harness.testruns.detect.python import MAKE_VENV
from harness.testruns.detect.sources import locate
from harness.testruns.recipes.declared import read_declarations
from harness.testruns.recipes.known_packages import is_vouched_for
from harness.testruns.recipes.recipe import Origin, Recipe

MOST_COMMANDS = 20
LONGEST = 2_000
KEYS = {"setup", "test", "reporter", "services"}
ORIGIN = Origin(path="model")
REPORTER = re.compile(r"[a-z]+(?:\+[a-z]+)*|junit:[\w./*-]{1,200}")
VARIABLE = re.compile(
    r"(?:PYTHONPATH|NODE_ENV|TZ|LANG|LC_ALL|CI|SECRET_KEY|SETUPTOOLS_SCM_PRETEND_VERSION"
    r"|(?:TEST|DB|DATABASE|POSTGRES|PG|MYSQL|REDIS|DJANGO|FLASK|RAILS|APP)\w*)=(.*)",
    re.DOTALL,
)
PYTHON = re.compile(r"(?:\$HARNESS_ENV/venv/bin/|\.?venv/bin/)?python(?:3(?:\.\d+)?)?")
SHAPES: tuple[str, ...] = (
    *(r"cd [\w.][\w./-]*", r"(?:mkdir|touch) [^/~].*", r"export \w+=\S*", r"cp [\w.][^~]*"),
    *(r"npm ci(?: --\S+)*", r"(?:npm|pnpm|yarn|bun) install(?: --\S+)*", r"npm rebuild"),
    *(r"npx --yes (?:pnpm|yarn|bun|@yarnpkg/cli-dist)@[\w.-]+ install(?: --\S+)*",),
    *(r"(?:npm|pnpm|yarn|bun) (?:test|run|t) ?.*", r"npx --no-install .+", r"node .+"),
    *(r"(?:\./)?node_modules/\.bin/.+", r"make ?.*", r"cmake .+", r"ctest ?.*", r"ninja ?.*"),
    *(r"cargo (?:test|build|fetch|nextest run) ?.*", r"go (?:test|build|vet) .+"),
    *(r"go mod download", r"(?:\./mvnw|mvn) .+", r"(?:\./gradlew|gradle) .+"),
    *(r"bundle install(?: --\S+)*", r"bundle exec .+", r"composer install(?: --\S+)*"),
    *(r"(?:\./)?vendor/bin/\w+ ?.*", r"(?:rake|rspec|phpunit|pytest|py\.test) ?.*"),
    *(r"uv sync(?: --\S+)*", r"uv run --no-sync .+", r"poetry install(?: --\S+)*"),
    *(r"poetry run .+", r"pdm (?:install|sync)(?: --\S+)*", r"(?:tox|nox|hatch run) ?.*"),
)
"""Simple commands that may be handed in, beside Python's: none names what an index is asked for."""
RUN = ("pytest", "unittest", "nose2", "coverage", "django", "tox", "nox", "build")
VALUED = ("-r", "--requirement", "-c", "--constraint", "-e", "--editable")
HARMLESS = re.compile(
    r"-q|-qq|-v|--quiet|-U|--upgrade|--no-input|--no-deps|--no-build-isolation"
    r"|--disable-pip-version-check|--prefer-binary|--only-binary=:all:"
)


class Unfit(ValueError):
    """Says in English, to the model, what is wrong with what it handed in."""


def read_handed_in(text: str, files: Sequence[str], read: Read, runners: Sequence[str]) -> Recipe:
    """The recipe. Unfit when it has another shape, is too large, or would bring in what the
    project's own files do not ask for."""
    found = _object(text)
    setup, services = _lines(found.get("setup", [])), _lines(found.get("services", []))
    test = _line(found.get("test"))
    reporter = found.get("reporter", "none")
    if not isinstance(reporter, str) or not REPORTER.fullmatch(reporter):
        raise Unfit("reporter must be a runner's name or junit:PATH")
    unknown = set() if reporter.startswith("junit:") else set(reporter.split("+")) - {*runners}
    if unknown:
        raise Unfit(f"no reporter {', '.join(sorted(unknown))}; there are {', '.join(runners)}")
    for service in services:
        if read_service(service) is None:
            raise Unfit(f"the service {service[:80]} cannot be started")
    for command in (*setup, test):
        _check_command(command, files, read)
    return Recipe(origin=ORIGIN, setup=setup, test=test, reporter=reporter, services=services)


def _object(text: str) -> Mapping[str, object]:
    fenced = re.search(r"\{.*\}", text[: LONGEST * MOST_COMMANDS], re.DOTALL)
    try:
        found = json.loads(fenced[0] if fenced else "")
    except (ValueError, RecursionError) as fault:
        raise Unfit("the summary must be one JSON object") from fault
    if not isinstance(found, dict) or not found.keys() <= KEYS:
        raise Unfit(f"the object has the keys {', '.join(sorted(KEYS))} and no others")
    return found


def _lines(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_COMMANDS:
        raise Unfit(f"setup and services are lists of at most {MOST_COMMANDS} texts")
    return tuple(map(_line, value))


def _line(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise Unfit(f"a command is a text of 1 to {LONGEST} characters")
    if any(not (c.isprintable() or c == "\n") for c in value):
        raise Unfit("a command has printable characters only")
    return value.strip()


def _check_command(command: str, files: Sequence[str], read: Read) -> None:
    """Simple commands of known shapes, one after the other; packages by name are only those that
    we vouch for or the project asks for, from where it says that they come from."""
    if command == MAKE_VENV:
        return
    for words in _simple(command):
        text = " ".join(words)
        if PYTHON.fullmatch(words[0]):
            _check_python(words[1:], files, read)
        elif re.fullmatch(r"pip3?", words[0]):
            _check_python(("-m", "pip", *words[1:]), files, read)
        elif not any(re.fullmatch(shape, text) for shape in SHAPES):
            raise Unfit(f"{text[:200]!r} is no command that may be handed in")


def _simple(command: str) -> list[list[str]]:
    """The words of each command of a chain, its variables checked and left out."""
    if re.search(r"[$`\\]", command.replace("$HARNESS_ENV/venv", "")) or "\n" in command:
        raise Unfit("a command may use no variable but $HARNESS_ENV/venv, and no substitution")
    bare = re.sub(r"'[^'&]*'|\"[^\"&]*\"", "x", command)
    if re.search(r"[();<>|'\"]|(?<!&)&(?!&)|&&&", bare):
        raise Unfit("a command is simple commands joined by && and nothing else")
    found = []
    for part in command.split("&&"):
        words = shlex.split(part)
        while words and VARIABLE.fullmatch(words[0]):
            words.pop(0)
        if not words:
            raise Unfit("a command of the chain is empty")
        found.append(words)
    return found


def _check_python(words: Sequence[str], files: Sequence[str], read: Read) -> None:
    module = words[1] if len(words) > 1 and words[0] == "-m" else ""
    if module == "pip":
        if words[2:3] != ("install",) and list(words[2:3]) != ["install"]:
            raise Unfit("pip may only install")
        _check_words(words[3:], files, read)
    elif module == "venv" or module in RUN:
        return
    elif not words or words[0] not in {*files, *(f"./{path}" for path in files)}:
        raise Unfit(f"python3 {' '.join(words)[:100]} is no command that may be handed in")


def _check_words(words: Sequence[str], files: Sequence[str], read: Read) -> None:
    asked = read_declarations("", files, read)
    before = ""
    for word in words:
        name = word.strip("'\"")
        local = re.fullmatch(r"\.(?:/[\w./-]*)?(?:\[[\w.,-]+\])?", name)
        of_tree = before in VALUED and not re.match(r"/|.*(?:\.\./|://)", name)
        if not (local or of_tree or name in VALUED or HARMLESS.fullmatch(name)):
            package = plain(name_of(name))
            if not package or not re.fullmatch(r"[A-Za-z0-9][\w.\[\],<>=!~*+-]*", name):
                raise Unfit(f"pip may not be told {name[:80]!r}")
            if package not in asked and not is_vouched_for(package):
                raise Unfit(f"the project's files do not ask for {name[:80]!r}")
            if locate(Manifest("", frozenset(files), read), [name]).unsourced:
                raise Unfit(f"{name[:80]!r} has another source than an index")
        before = name
