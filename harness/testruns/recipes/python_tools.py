"""Commands of Python's installers and test runners, as what they install and run. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.testruns.detect.manifest import name_of, table, texts
from harness.testruns.detect.part import Unsourced
from harness.testruns.detect.python import Asked, PythonProject
from harness.testruns.recipes.builder import Builder, rest_of
from harness.testruns.recipes.script import Command
from harness.testruns.recipes.tree import join
from harness.testruns.registry import marked_in

# what installs or starts the others, and what only sends results away
TOOLS = frozenset(
    [
        *("pip", "pipx", "uv", "poetry", "pdm", "hatch", "pipenv", "tox", "nox", "virtualenv"),
        *("tox-uv", "tox-gh", "tox-gh-actions", "tox-pdm", "tox-venv", "codecov", "coveralls"),
        *(
            "pre-commit",
            "pre-commit-uv",
            "twine",
            "pip-tools",
            "nox-poetry",
            "poetry-plugin-export",
        ),
        *("codecov-cli", "cibuildwheel", "tomli-w"),
    ]
)
# options of pip that say what is installed, and whether a value follows
SAYS = {
    "--pre": False, "--no-build-isolation": False, "--no-deps": False, "--no-index": False,
    "--require-hashes": False, "--only-binary": True, "--no-binary": True,
    "--config-settings": True, "--config-setting": True, "-C": True, "-c": True,
    "--constraint": True, "-i": True, "--index-url": True, "--extra-index-url": True,
    "-f": True, "--find-links": True,
}  # fmt: skip
VALUED = frozenset(["--progress-bar", "--python", "-p", "--target", "--prefix", "--root", "--src"])
_LOCAL = re.compile(r"(\.{1,2}(?:/[\w./-]*)?|[\w.-]+/[\w./-]*)(?:\[([\w,\s.-]*)\])?$")
_BUILT = re.compile(r"(?:\./)?(?:dist|wheelhouse)/|\.whl$|\.tar\.gz$")


class _Asks:
    """The words of `pip install`, sorted."""

    def __init__(self, folder: str, words: Sequence[str]) -> None:
        self.folder = folder
        self.files: list[str] = []
        self.lines: list[str] = []
        self.groups: list[str] = []
        self.options: list[str] = []
        self.own: dict[str, tuple[str, ...]] = {}
        """Folders of the tree, with their extras."""
        self._rest = list(words)
        while self._rest:
            self._take(self._rest.pop(0))

    def _take(self, word: str) -> None:
        if re.match(r"-[rec][^-]", word):
            self._rest.insert(0, word[2:].lstrip("="))
            word = word[:2]
        name, _, value = word.partition("=")
        if name in ("-r", "--requirement"):
            self.files.append(value or _next(self._rest))
        elif name in ("-e", "--editable"):
            place = value or _next(self._rest)
            if not self._is_local(place):
                self.lines.append(f"-e {place}")
        elif name == "--group":
            self.groups.append(value or _next(self._rest))
        elif name in SAYS:
            self.options += [word] if value or not SAYS[name] else [word, _next(self._rest)]
        elif name in VALUED:
            _ = value or _next(self._rest)
        elif not word.startswith("-"):
            self._package(word)

    def _package(self, word: str) -> None:
        if _BUILT.search(word):
            self.own.setdefault(self.folder, ())
        elif not self._is_local(word) and name_of(word) not in TOOLS:
            self.lines.append(word)

    def _is_local(self, word: str) -> bool:
        """Whether it is a folder of the tree, which is noted with its extras."""
        found = _LOCAL.fullmatch(word)
        place = join(self.folder, found[1]) if found is not None else None
        if found is None or place is None:
            return False
        extras = tuple(one.strip() for one in (found[2] or "").split(",") if one.strip())
        self.own[place] = (*self.own.get(place, ()), *extras)
        return True


def pip(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`words`: what follows `pip`. An installed project is this tree, whatever form it had: the
    tests of a change are not those of a copy."""
    if words[:1] == ("install",):
        _install(builder, _Asks(command.folder, words[1:]))


def _install(builder: Builder, asks: _Asks) -> None:
    folder, tree = asks.folder, builder.tree
    if any("$" in word for word in (*asks.files, *asks.lines, *asks.groups)):
        builder.doubts += 1
    files = [path for path in asks.files if "$" not in path]
    there = [path for path in files if (join(folder, path) or "") in tree.there]
    builder.doubts += len(files) - len(there)
    project = tree.project(folder)
    lines = [word for word in asks.lines if "$" not in word]
    lines += project.lines_of([name for name in asks.groups if "$" not in name])
    mine = asks.own.pop(folder, None)
    options = tuple(asks.options)
    builder.install(
        folder,
        Asked(
            files=tuple(there),
            lines=tuple(lines),
            extras=mine or (),
            itself=mine is not None and project.installable,
            options=options,
            locked=not there and mine is not None,
        ),
    )
    for place, extras in asks.own.items():
        builder.install(place, Asked(itself=True, extras=extras, options=options))


def _next(rest: list[str]) -> str:
    return rest.pop(0) if rest else ""


# ---------------------------------------------------------------- tools with files of their own


class _Options:
    """Options of a tool, by name, all their values; and the words that are none."""

    def __init__(self, words: Sequence[str], valued: Sequence[str]) -> None:
        self.given: dict[str, list[str]] = {}
        self.words: list[str] = []
        rest = list(words)
        while rest:
            word = rest.pop(0)
            name, sign, value = word.partition("=")
            if not word.startswith("-") or self.words:
                self.words.append(word)
            elif name in valued:
                self.given.setdefault(name, []).append(value if sign else _next(rest))
            else:
                self.given.setdefault(name, []).append(value)

    def all(self, *names: str) -> tuple[str, ...]:
        said = [value for name in names for value in self.given.get(name, [])]
        return tuple(one for value in said for one in re.split(r"[,\s]+", value) if one)

    def has(self, *names: str) -> bool:
        return any(name in self.given for name in names)


UV = (
    *("--group", "--only-group", "--no-group", "--extra", "--no-extra", "--package", "--with"),
    *("--python", "-p", "--from", "--config-setting", "--directory", "--project", "--resolution"),
    *("--with-requirements", "--with-editable", "--index-url", "--refresh-package", "--env-file"),
    *("--upgrade-package", "-P", "--exclude-newer", "--index-strategy", "-C", "--color", "--index"),
)


def uv(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`uv sync`, `uv pip`, `uv run`, `uv tool run`."""
    outer = _Options(words, UV)
    kind, rest = (outer.words or [""])[0], outer.words[1:]
    moved = join(command.folder, (outer.all("--directory", "--project") or ("",))[0])
    command = command.model_copy(update={"folder": moved if moved is not None else command.folder})
    if kind == "pip":
        if rest[:1] == ["sync"]:
            files = [word for part in rest[1:] if not part.startswith("-") for word in ("-r", part)]
            rest = ["install", *files]
        pip(builder, command, tuple(rest))
    elif kind == "sync":
        _sync(builder, command, _Options(rest, UV))
    elif kind == "run":
        told = _Options(rest, UV)
        if told.all("--index-url", "--index"):
            builder.unsourced.append(
                Unsourced(name="*", source=", ".join(told.all("--index-url", "--index")))
            )
        fresh = told.has("--group", "--extra", "--all-extras", "--all-groups", "--only-group")
        if not told.has("--no-project") and (fresh or not builder.has_installed):
            _sync(builder, command, told)
        builder.install(command.folder, Asked(lines=told.all("--with")))
        _start(builder, command, told.words)
    elif kind == "tool" and rest[:1] == ["run"]:
        uvx(builder, command, rest[1:])


def uvx(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """A program in an environment of its own."""
    told = _Options(words, (*UV, "--spec"))
    name = told.words[0].partition("@")[0] if told.words else ""
    if name and name not in TOOLS and marked_in(name):
        builder.install(command.folder, Asked(lines=(name, *told.all("--with"))))
    _start(builder, command, [name, *told.words[1:]] if name else [])


def _sync(builder: Builder, command: Command, told: _Options) -> None:
    project = builder.tree.project(command.folder)
    uv_table = table(project.tools, "uv")
    names = project.group_names()
    usual = texts(uv_table.get("default-groups")) or [n for n in names if n == "dev"]
    if uv_table.get("default-groups") == "all" or told.has("--all-groups"):
        usual = list(names)
    if told.has("--no-dev"):
        usual = [name for name in usual if name != "dev"]
    if told.has("--no-default-groups", "--only-group", "--only-dev"):
        usual = ["dev"] if told.has("--only-dev") else []
    left = told.all("--no-group")
    groups = [*usual, *told.all("--group", "--only-group"), *(["dev"] if told.has("--dev") else [])]
    extras = project.extra_names() if told.has("--all-extras") else told.all("--extra")
    _project(
        builder,
        project,
        groups=[name for name in dict.fromkeys(groups) if name not in left],
        extras=extras,
        itself=not told.has("--only-group", "--only-dev", "--no-install-project"),
    )
    root = project.manifest
    members = told.all("--package")
    if told.has("--all-packages"):
        members = _members(builder, command.folder, project)
    for name in members:
        place = root.member(name)
        if place is not None and place != command.folder:
            member = builder.tree.project(place)
            dev = [one for one in member.group_names() if one == "dev"]
            _project(builder, member, groups=dev, extras=extras, itself=True)


def _members(builder: Builder, folder: str, project: PythonProject) -> tuple[str, ...]:
    found = []
    for path in builder.tree.inside(folder, "pyproject.toml")[:60]:
        place = path.rpartition("/")[0]
        name = str(project.manifest.at(place).project.get("name", ""))
        if name and project.manifest.member(name) == place:
            found.append(name)
    return tuple(found)


def _project(
    builder: Builder,
    project: PythonProject,
    *,
    groups: Sequence[str],
    extras: Sequence[str],
    itself: bool,
) -> None:
    """A project as its own tool installs it, in the versions of its lock file."""
    lines = [*project.lines_of(groups), *project.unpackaged()]
    known = project.extra_names()
    builder.install(
        project.folder,
        Asked(
            lines=tuple(dict.fromkeys(lines)),
            extras=tuple(one for one in extras if one in known),
            itself=itself and project.installable,
            locked=True,
        ),
    )


POETRY = (
    *("--with", "--without", "--only", "-E", "--extras", "-C", "--directory", "-P", "--project"),
)


def poetry(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`poetry install`, `poetry run`."""
    outer = _Options(words, POETRY)
    kind, rest = (outer.words or [""])[0], outer.words[1:]
    moved = join(command.folder, (outer.all("-C", "--directory", "-P", "--project") or ("",))[0])
    command = command.model_copy(update={"folder": moved if moved is not None else command.folder})
    if kind in ("install", "sync"):
        told = _Options(rest, POETRY)
        project = builder.tree.project(command.folder)
        usual = [n for n in project.group_names() if n not in told.all("--without")]
        usual = [] if told.has("--no-dev") else usual
        only = [n for n in told.all("--only") if n != "main"]
        extras = project.extra_names() if told.has("--all-extras") else told.all("-E", "--extras")
        _project(
            builder,
            project,
            groups=only if told.has("--only") else [*usual, *told.all("--with")],
            extras=extras,
            itself=not told.has("--no-root", "--no-directory")
            and (not told.has("--only") or "main" in told.all("--only")),
        )
    elif kind == "run":
        _start(builder, command, rest)


def pdm(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`pdm install`, `pdm sync`, `pdm run`, and its scripts."""
    project = builder.tree.project(command.folder)
    outer = _Options(words, ("-p", "--project", "-G", "--group", "--with"))
    kind, rest = (outer.words or ["install"])[0], outer.words[1:]
    if kind in ("install", "sync"):
        told = _Options(rest, ("-G", "--group", "--with", "-L", "--lockfile", "--without"))
        asked = told.all("-G", "--group", "--with")
        every = not asked or ":all" in asked
        dev = [] if told.has("--prod", "--production", "--no-default") else project.group_names()
        groups = [n for n in (dev if every else asked) if n not in told.all("--without")]
        itself = not told.has("--no-self")
        _project(builder, project, groups=groups, extras=asked, itself=itself)
        return
    scripts = table(table(project.tools, "pdm"), "scripts")
    rest = rest if kind == "run" else [kind, *rest]
    while rest and rest[0].startswith("-"):
        rest = rest[1:]
    _script(builder, command, scripts.get(rest[0]) if rest else None, rest)


def _script(builder: Builder, command: Command, said: object, rest: Sequence[str]) -> None:
    """A script of a project's own table, else the program of that name."""
    if isinstance(said, dict):
        said = said.get("cmd", said.get("shell", said.get("composite", said.get("chain"))))
    steps = [said] if isinstance(said, str) else texts(said)
    if isinstance(said, list) and not all(" " in one for one in steps):
        steps = [rest_of(steps)]
    for step in steps:
        builder.run(step.replace("{args}", ""), command.folder, command.env, command.line)
    if not steps:
        _start(builder, command, rest)


def pipenv(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`pipenv install`, `pipenv sync`, `pipenv run`."""
    project = builder.tree.project(command.folder)
    if words[:1] in (("install",), ("sync",)):
        named = [word for word in words[1:] if not word.startswith("-")]
        if named:
            pip(builder, command, ("install", *named))
        else:
            _project(builder, project, groups=(), extras=(), itself=False)
    elif words[:1] == ("run",):
        scripts = table(project.manifest.pipfile, "scripts")
        _script(builder, command, scripts.get(words[1]) if len(words) > 1 else None, words[1:])


def _start(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """The program that an installer's command starts."""
    if words:
        text = rest_of(words)
        builder.take(command.model_copy(update={"words": tuple(words), "text": text}))
