"""What one simple command of a CI file means for set-up and tests. Programs that fetch from
elsewhere, check style or send results away mean nothing; one that is not known prepares the tests.
Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from harness.testruns.recipes import node_tools, other_tools, python_tests, python_tools, task_tools
from harness.testruns.recipes.builder import Builder, rest_of
from harness.testruns.recipes.hatch import hatch
from harness.testruns.recipes.make import just, make
from harness.testruns.recipes.nox import nox
from harness.testruns.recipes.script import Command
from harness.testruns.recipes.tox import tox
from harness.testruns.recipes.tree import join
from harness.testruns.registry import marked_in

Handler = Callable[[Builder, Command, Sequence[str]], None]
NOTHING = frozenset(
    [
        *("echo", "printf", "ls", "cat", "pwd", "date", "which", "env", "set", "true", ":", "exit"),
        *("test", "[", "tree", "uname", "du", "df", "free", "id", "whoami", "hostname", "sleep"),
        *(
            "rm",
            "mkdir",
            "touch",
            "mv",
            "chmod",
            "jq",
            "head",
            "tail",
            "grep",
            "find",
            "wc",
            "type",
            "command",
            "unset",
            "shopt",
        ),
        *("source", ".", "deactivate", "virtualenv", "corepack", "nvm", "fnm", "volta", "asdf"),
        *("mise", "rustup", "rbenv", "sdk", "pyenv", "gem", "git-lfs", "alias", "trap"),
        # style, types, coverage's own reports, what is sent away
        *("ruff", "flake8", "black", "mypy", "isort", "pylint", "pyright", "basedpyright", "ty"),
        *("bandit", "codespell", "yamllint", "twine", "check-manifest", "pre-commit", "prek"),
        *("sphinx-build", "mkdocs", "pydocstyle", "pyroma", "interrogate", "vulture", "mdformat"),
        *("codecov", "coveralls", "eslint", "prettier", "biome", "tsc", "golangci-lint", "gofmt"),
        *("staticcheck", "govulncheck", "hadolint", "shellcheck", "actionlint", "zizmor", "typos"),
        *("codecovcli", "deno", "gh", "cargo-deny", "rustfmt", "clippy", "clang-format", "cspell"),
        *("ulimit", "locale-gen", "sysctl", "systemctl", "service", "reg", "df", "nproc", "tput"),
        *(
            "genhtml",
            "lcov",
            "gcov",
            "gcovr",
            "yapf",
            "autopep8",
            "black",
            "pyupgrade",
            "commitlint",
        ),
    ]
)
SYSTEM = frozenset(["apt-get", "apt", "apk", "yum", "dnf", "brew", "choco", "pacman", "zypper"])
AWAY = frozenset(
    ["curl", "wget", "docker", "docker-compose", "podman", "ssh", "scp", "aws", "gcloud"]
)
COMPILING = frozenset(["cmake", "ninja", "autoreconf", "./configure", "./autogen.sh", "meson"])
SUITES = re.compile(
    r"(?:^|/)(?:run[_-]?)?(?:all[_-]?)?(?:unit)?tests?(?:[_-](?:all|unit|runner|suite))?(?:\.(?:py|sh|pl))?$"
)
PYTHON = re.compile(r"(?:.*/)?(?:python[\d.]*|py|pypy[\d.]*)$")
WRAPS = {
    "time": 0,
    "xvfb-run": 0,
    "dbus-run-session": 0,
    "nice": 0,
    "timeout": 1,
    "retry": 0,
    "wait-for-it": 1,
}


def take(builder: Builder, command: Command) -> None:
    """Reads one command into the builder."""
    words = command.words
    if not words:
        _odd(builder, command)
        return
    program, rest = words[0], words[1:]
    if program in WRAPS or program == "sudo":
        _inner(builder, command, rest, WRAPS.get(program, 0))
    elif program in SYSTEM:
        _system(builder, words)
    elif program in HANDLERS:
        HANDLERS[program](builder, command, rest)
    elif PYTHON.match(program):
        python(builder, command, rest)
    elif program in NOTHING or {"--version", "-V"} & set(rest[:1]):
        return
    elif program in AWAY or any(word.startswith(("http://", "https://")) for word in rest):
        builder.doubts += 1
    else:
        _other(builder, command, words)


def _inner(builder: Builder, command: Command, rest: Sequence[str], skipped: int) -> None:
    """The command that another one starts, behind its options and so many words."""
    at = 0
    while at < len(rest) and (rest[at].startswith("-") or skipped):
        skipped -= not rest[at].startswith("-")
        at += 1
    left = tuple(rest[at:])
    if left:
        take(builder, command.model_copy(update={"words": left, "text": rest_of(left)}))


def _system(builder: Builder, words: Sequence[str]) -> None:
    """What the operating system is asked for."""
    asks = {"install", "add", "-S"} & set(words)
    names = [word for word in words[1:] if re.fullmatch(r"[a-z0-9][a-z0-9.+:-]+", word)]
    builder.system += [name for name in names if asks and name not in asks]


def _odd(builder: Builder, command: Command) -> None:
    """A piece that is more than words: its test, when it is a program with tests of its own."""
    text = command.text
    found = re.match(r"(?:pipx run |uvx (?:--with \S+ )?|python3? -m )?(tox|nox)\b(.*)", text)
    if found is not None:
        # the names of its environments are not known
        HANDLERS[found[1]](builder, command, ())
    elif re.match(r"(?:if|for|while|case|\[)\b", text) and marked_in(text):
        inner = [line.strip() for line in text.splitlines() if marked_in(line)]
        builder.run(inner[0] if inner else "", command.folder, command.env, command.line)
    elif kind := marked_in(text):
        builder.test(command, text, kind)
    elif not re.match(r"(?:echo|printf|cat|git|\[|curl|wget|docker|sudo)\b", text):
        builder.doubts += 1


def python(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """Python with its own options, a module or a script."""
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in ("-W", "-X"):
            rest = rest[1:]
        elif re.fullmatch(r"-[A-Za-z]*m", option):
            _module(builder, command, rest)
            return
        elif option == "-c":
            return
    if not rest:
        return
    name = rest[0].rpartition("/")[2]
    start = "python "
    if name == "setup.py":
        _setup_py(builder, command, rest)
    elif name == "manage.py" and rest[1:2] == ["test"]:
        builder.test(command, start + rest_of(_serial(rest)), "unittest")
    elif SUITES.search(rest[0]):
        text = start + rest_of(_serial(rest))
        builder.test(command, text, marked_in(text) or "none")
    elif name == "pytest":
        python_tests.pytest(builder, command, rest[1:])
    else:
        builder.build(command)


def _serial(words: Sequence[str]) -> list[str]:
    """Of Django's runner, without what sends tests to other processes, or ends early."""
    kept: list[str] = []
    for before, word in zip(("", *words), words, strict=False):
        counted = before == "--parallel" and re.fullmatch(r"\d+|auto", word)
        if not counted and not re.match(r"--(?:parallel|failfast|timing|reverse|shuffle)", word):
            kept.append(word)
    return kept


def _module(builder: Builder, command: Command, rest: Sequence[str]) -> None:
    name, more = (rest[0], rest[1:]) if rest else ("", [])
    if name in ("pytest", "py.test"):
        python_tests.pytest(builder, command, more, "python -m pytest")
    elif name == "unittest":
        kept = [word for word in more if word not in ("-f", "--failfast")]
        builder.test(command, rest_of(["python", "-m", "unittest", *kept]), "unittest")
    elif name == "django" and list(more[:1]) == ["test"]:
        text = rest_of(["python", "-m", "django", *_serial(more)])
        builder.test(command, text, marked_in(text) or "none")
    elif name in HANDLERS:
        HANDLERS[name](builder, command, tuple(more))
    elif name and name not in ("venv", "build", "site", "ensurepip", "compileall", *NOTHING):
        if marked_in(name):
            builder.test(command, rest_of(["python", "-m", *rest]), marked_in(name))
        elif re.search(r"build|compile|generate|prepare", name):
            builder.build(command)


def _setup_py(builder: Builder, command: Command, words: Sequence[str]) -> None:
    if {"develop", "install"} & set(words):
        python_tools.pip(builder, command, ("install", "-e", "."))
    elif "build_ext" in words:
        builder.build(command)
    elif {"test", "pytest"} & set(words):
        python_tools.pip(builder, command, ("install", "-e", "."))
        python_tests.pytest(builder, command, (), "python -m pytest")


def _other(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """Another program: a runner by its mark, a suite by its name, else something that the tests
    need to have run."""
    kind = marked_in(command.text)
    if kind in ("jest", "vitest", "mocha", "tape", "ava"):
        node_tools.npx(builder, command, words)
    elif kind:
        builder.test(command, command.text, kind)
    elif words[0] in ("django-admin", "manage.py", "./manage.py") and "test" in words[1:2]:
        told = _serial(words[1:])
        text = rest_of(["python", "-m", "django", *told])
        text = text if words[0] == "django-admin" else rest_of(["python", words[0], *told])
        builder.test(command, text, marked_in(text) or "none")
    elif _script_of(builder, command, words):
        _inside(builder, command, words)
    elif words[0] in ("cp", "ln") or "/" in words[0]:
        builder.doubts += "/" in words[0]
        builder.build(command)
    else:
        builder.doubts += words[0] != "django-admin"


def _script_of(builder: Builder, command: Command, words: Sequence[str]) -> str:
    """The text of the shell script of the tree that is called; "" when none is."""
    named = [word for word in words if word not in ("sh", "bash") and not word.startswith("-")]
    path = join(command.folder, named[0]) if named else None
    text = builder.tree.text(path) if path else ""
    shell = re.match(r"#!.*\b(?:ba|da|z)?sh\b", text) or (path or "").endswith(".sh")
    return text if text and shell else ""


def _inside(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """A script's own commands; where none of them is known to be a test, the script itself."""
    size, had = builder.size, builder.has_tests
    builder.run(_script_of(builder, command, words), command.folder, command.env, command.line)
    if had or builder.has_tests:
        return
    if any(SUITES.search(word) for word in words[:2]):
        builder.test(command, command.text, "none")
    elif builder.size == size:
        builder.build(command)


def git(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """Of git, submodules alone are a part of the tree."""
    builder.submodules = builder.submodules or list(words[:2]) == ["submodule", "update"]


def pipx(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`pipx run X`; what it installs is a tool."""
    if words[:1] == ("run",):
        python_tools.uvx(builder, command, words[1:])


def _named(name: str, handle: Handler) -> Handler:
    """A handler of several programs, told which one by the first word."""

    def called(builder: Builder, command: Command, words: Sequence[str]) -> None:
        handle(builder, command, (name, *words))

    return called


HANDLERS: dict[str, Handler] = {
    "pip": python_tools.pip,
    "pip3": python_tools.pip,
    "uv": python_tools.uv,
    "uvx": python_tools.uvx,
    "pipx": pipx,
    "poe": task_tools.poe,
    "task": task_tools.task,
    "flit": task_tools.flit,
    "maturin": task_tools.maturin,
    "poetry": python_tools.poetry,
    "pdm": python_tools.pdm,
    "pipenv": python_tools.pipenv,
    "pytest": python_tests.pytest,
    "py.test": python_tests.pytest,
    "coverage": python_tests.coverage,
    "tox": tox,
    "nox": nox,
    "hatch": hatch,
    "make": make,
    "gmake": make,
    "just": just,
    "npx": node_tools.npx,
    "bunx": node_tools.npx,
    "node": node_tools.node,
    "go": other_tools.go,
    "gotestsum": other_tools.gotestsum,
    "cargo": other_tools.cargo,
    "bundle": other_tools.bundle,
    "rake": other_tools.rake,
    "composer": other_tools.composer,
    "phpunit": other_tools.own_phpunit,
    "rspec": other_tools.rspec,
    "vendor/bin/phpunit": other_tools.phpunit,
    "./vendor/bin/phpunit": other_tools.phpunit,
    "dotnet": other_tools.dotnet,
    "mix": other_tools.mix,
    "ctest": other_tools.ctest,
    "git": git,
    **{name: _named(name, node_tools.manager) for name in ("npm", "pnpm", "yarn", "bun")},
    **{name: _named(name, other_tools.maven) for name in ("mvn", "./mvnw")},
    **{name: _named(name, other_tools.gradle) for name in ("gradle", "./gradlew")},
    **dict.fromkeys(COMPILING, other_tools.compiling),
}
