"""How a Python project is set up and tested, from its files. Pure; broken files are no error."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from harness.core.base import Value
from harness.testruns.detect.lock import CONSTRAINTS, constraining, lock_of
from harness.testruns.detect.manifest import Manifest, name_of
from harness.testruns.detect.part import ProjectPart, Read, Unsourced, folders_with, inside, within
from harness.testruns.detect.released import last_released
from harness.testruns.detect.sources import locate

MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements*.txt", "Pipfile", "tox.ini")
MARKS = (*MANIFESTS, "pytest.ini", "conftest.py", "manage.py")
TEST_GLOBS = ("**/test_*.py", "**/*_test.py", "**/conftest.py", "tests/**", "test/**")
FOR_TESTS = ("test", "tests", "testing", "unittest", "unit")
FOR_WORK = ("dev", "develop", "development", "ci", "all")
VENV = '"$HARNESS_ENV/venv"'
MOST_DEEP = 40
UNRELEASED = "9999.0"
MAKE_VENV = f"test -d {VENV} || python3 -m venv {VENV}"
PYTHON = f"{VENV}/bin/python"
PIP = f"{PYTHON} -m pip install --disable-pip-version-check --no-input"
# an option in the project's pytest settings that only a plugin understands
PLUGINS = {
    r"--cov\b": "pytest-cov",
    r"(?:^|\s)-n\s*(?:\d|auto|logical)|--dist\b": "pytest-xdist",
    r"\basyncio_mode\b|\basyncio_default": "pytest-asyncio",
    r"--timeout\b|^\s*timeout\s*=": "pytest-timeout",
    r"\bDJANGO_SETTINGS_MODULE\b": "pytest-django",
    r"--benchmark": "pytest-benchmark",
    r"--randomly|-p\s+randomly": "pytest-randomly",
}
_REQUIREMENTS = re.compile(
    r"(?:^|/)(?:requirements|reqs)(?:[-_./].*)?\.(?:txt|in)$|requirements\.txt$"
)


def parts(files: Sequence[str], read: Read) -> tuple[ProjectPart, ...]:
    """One part for the top when it is a project; else one for each folder that is."""
    folders = folders_with(files, MARKS)
    if "" in folders and (_is_project("", files, read) or len(folders) == 1):
        return (_part("", files, read),)
    found = tuple(_part(f, files, read) for f in folders if f and _is_project(f, files, read))
    if not found and any(_is_test(path) for path in inside("", files)):
        return (_part("", files, read),)
    return found


def _is_project(folder: str, files: Sequence[str], read: Read) -> bool:
    names = {path for path in inside(folder, files) if "/" not in path}
    if names & {"setup.py", "Pipfile", "pytest.ini", "tox.ini", "manage.py", "conftest.py"}:
        return True
    project = PythonProject(folder, files, read)
    return project.has_name or "pytest" in project.tools or bool(project.requirements())


def _is_test(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def _part(folder: str, files: Sequence[str], read: Read) -> ProjectPart:
    project = PythonProject(folder, files, read)
    has_tests = any(_is_test(path) or path in ("tests.py", "test.py") for path in project.files)
    django = "manage.py" in project.files and not project.pytest_settings()
    command = "python3 manage.py test" if django else "python3 -m pytest"
    start = f"{folder}/" if folder else ""
    setup, unsourced = project.setup()
    if project.layout == "src" and not setup:
        command = f'PYTHONPATH="src:$PYTHONPATH" {command}'
    return ProjectPart(
        folder=folder,
        language="python",
        setup=setup,
        unsourced=unsourced,
        test=within(folder, command) if has_tests or django else "",
        reporter="unittest" if django else ("pytest" if has_tests else "none"),
        manifests=tuple(start + p for p in project.files if "/" not in p and _manifest(p)),
        test_globs=tuple(start + glob for glob in TEST_GLOBS),
    )


def _manifest(name: str) -> bool:
    return name in MANIFESTS or name.endswith(".lock") or bool(_REQUIREMENTS.search(name))


class Asked(Value):
    """What is to be installed of a project: requirement files and lines, the project `itself` with
    `extras`, `locked`: in the versions of its lock file. `options`: pip's own."""

    files: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    itself: bool = False
    options: tuple[str, ...] = ()
    locked: bool = False


class PythonProject:
    """The files of one Python project, read once."""

    def __init__(self, folder: str, files: Sequence[str], read: Read) -> None:
        self.folder = folder
        self.files = inside(folder, files)
        start = f"{folder}/" if folder else ""
        self._text = {
            name: (read(start + name) or "") if name in self.files else ""
            for name in ("pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini")
        }
        self.toml = _toml(self._text["pyproject.toml"])
        self.tools = _table(self.toml, "tool")
        self.cfg = _ini(self._text["setup.cfg"])
        self.tox = _ini(self._text["tox.ini"])
        self.manifest = Manifest(folder, frozenset(files), read)
        self._read = read
        self.project = _table(self.toml, "project")
        self.poetry = _table(self.tools, "poetry")

    @property
    def has_name(self) -> bool:
        """Says what package it is."""
        return bool(self.project or self.poetry) or self.cfg.has_section("metadata")

    @property
    def installable(self) -> bool:
        package = self.poetry.get("package-mode", _table(self.tools, "uv").get("package", True))
        return bool(package) and (self.has_name or "setup.py" in self.files)

    @property
    def layout(self) -> str:
        deep = any(p.startswith("src/") and p.endswith("/__init__.py") for p in self.files)
        return "src" if deep else "flat"

    def pytest_settings(self) -> str:
        """The project's pytest options as text, "" when it has none."""
        ini = _table(_table(self.tools, "pytest"), "ini_options")
        lines = [f"{key} = {value}" for key, value in ini.items()]
        for file, section in ((self.cfg, "tool:pytest"), (self.tox, "pytest")):
            if file.has_section(section):
                lines += [f"{key} = {value}" for key, value in file.items(section, raw=True)]
        return "\n".join([*lines, self._text["pytest.ini"]]).strip()

    def requirements(self) -> tuple[str, ...]:
        """Requirement files to install: the plain one, then those for tests, else for work."""
        found = [p for p in self.files if p.count("/") <= 1 and _REQUIREMENTS.search(p)]
        text = [p for p in found if p.endswith(".txt")]
        plain = [p for p in text if p in ("requirements.txt", "requirements/base.txt")]
        tests = [p for p in text if _about(p, FOR_TESTS)]
        work = [p for p in text if _about(p, FOR_WORK)]
        return tuple(dict.fromkeys([*plain, *(tests or work)]))

    def extras(self) -> tuple[str, ...]:
        """Names of the package's extras that tests need."""
        names = self.extra_names()
        tests = [name for name in names if name.lower() in FOR_TESTS]
        work = [name for name in names if name.lower() in FOR_WORK[:3]]
        return tuple(dict.fromkeys(tests or work[:1]))

    def groups(self) -> tuple[str, ...]:
        """Requirements of dependency groups, of whichever tool wrote them."""
        groups: dict[str, Any] = {**_table(self.toml, "dependency-groups")}
        groups.update(_table(_table(self.tools, "pdm"), "dev-dependencies"))
        if "dev-dependencies" in _table(self.tools, "uv"):
            groups.setdefault("dev", _table(self.tools, "uv")["dev-dependencies"])
        wanted = [name for name in groups if name.lower() in FOR_TESTS]
        wanted = wanted or [name for name in groups if name.lower() in FOR_WORK[:3]][:1]
        found = [line for name in wanted for line in _expand_group(groups, name)]
        return tuple(dict.fromkeys([*found, *self._poetry_groups(), *self._tox()]))

    def _poetry_tables(self) -> dict[str, dict[str, Any]]:
        tables = _table(self.poetry, "group")
        named = {name: _table(_table(tables, name), "dependencies") for name in tables}
        named["dev"] = {**named.get("dev", {}), **_table(self.poetry, "dev-dependencies")}
        return named

    def _poetry_groups(self) -> list[str]:
        named = self._poetry_tables()
        wanted = [named[n] for n in named if n.lower() in FOR_TESTS] or [named["dev"]]
        return [_pip(name, rule) for table in wanted for name, rule in table.items()]

    def _tox(self) -> list[str]:
        """Plain requirements of tox's own environment; conditional lines need tox itself."""
        if not self.tox.has_option("testenv", "deps"):
            return []
        lines = self.tox.get("testenv", "deps", raw=True).splitlines()
        plain = [line.strip() for line in lines]
        return [line for line in plain if re.fullmatch(r"[A-Za-z0-9][\w.\-\[\],<>=!~ ]*", line)]

    def setup(self) -> tuple[tuple[str, ...], tuple[Unsourced, ...]]:
        """Commands that fill the environment, none when nothing has to be installed; and what
        stands against every one."""
        files, lines = self.requirements(), [*self.groups(), *self.unpackaged(), *self._plugins()]
        itself = self.installable and bool(files or lines or self.extras() or self._must_install())
        if not files and not itself and not lines:
            return (), ()
        if not any(re.match(r"pytest\b(?!-)", line) for line in lines):
            lines.append("pytest")
        asked = Asked(
            files=files, lines=tuple(lines), extras=self.extras(), itself=itself, locked=not files
        )
        install, unsourced = self.install(asked)
        return ((), unsourced) if unsourced else ((MAKE_VENV, install), ())

    def install(self, asked: Asked) -> tuple[str, tuple[Unsourced, ...]]:
        """The command, run at the top of the tree, that has all of it in the environment; and what
        stands against it."""
        words = [word for path in asked.files for word in ("-r", path)]
        if asked.itself:
            extras = ",".join(asked.extras)
            words.append(f"-e.[{extras}]" if extras else "-e.")
        located = locate(self.manifest, asked.lines, self._asked(asked.files))
        if located.unsourced:
            return "", located.unsourced
        words += [word for one in located.words for word in one]
        install = f"{self.version()}{PIP} {shlex.join([*words, *asked.options])}"
        lock = lock_of(self.manifest) if asked.locked else ""
        if lock:
            # a requirement file says its versions itself
            install = f"{constraining(PYTHON, lock)} && {install} -c {CONSTRAINTS}"
        return within(self.folder, install), ()

    def lines_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """Requirements of these dependency groups, of whichever tool wrote them."""
        own = {**_table(self.toml, "dependency-groups")}
        own.update(_table(_table(self.tools, "pdm"), "dev-dependencies"))
        if "dev-dependencies" in _table(self.tools, "uv"):
            own.setdefault("dev", _table(self.tools, "uv")["dev-dependencies"])
        theirs = self._poetry_tables()
        found = [line for name in names for line in _expand_group(own, name)]
        found += [_pip(n, rule) for name in names for n, rule in theirs.get(name, {}).items()]
        return tuple(dict.fromkeys(found))

    def group_names(self) -> tuple[str, ...]:
        """Every group that `lines_of` knows, but for poetry's optional ones."""
        theirs = _table(self.poetry, "group")
        left = {n for n in theirs if _table(theirs, n).get("optional") is True}
        names = [*_table(self.toml, "dependency-groups")]
        names += _table(_table(self.tools, "pdm"), "dev-dependencies")
        names += ["dev"] if "dev-dependencies" in _table(self.tools, "uv") else []
        names += [n for n, rules in self._poetry_tables().items() if rules and n not in left]
        return tuple(dict.fromkeys(names))

    def extra_names(self) -> tuple[str, ...]:
        """Names of the package's extras."""
        names = list(_table(self.project, "optional-dependencies"))
        names += list(_table(self.poetry, "extras"))
        if self.cfg.has_section("options.extras_require"):
            names += self.cfg.options("options.extras_require")
        names += re.findall(r"""["'](\w+)["']\s*[:=]\s*\[""", self._text["setup.py"])
        return tuple(dict.fromkeys(names))

    def text(self) -> str:
        """Of the files that say what it needs."""
        return "\n".join(self._text.values())

    def unpackaged(self) -> tuple[str, ...]:
        """What a project that is no package, or has a Pipfile, needs itself."""
        if self.installable:
            return self.manifest.pins()
        poetry = _table(self.poetry, "dependencies").items()
        own = self.project.get("dependencies", [])
        lines = [line for line in own if isinstance(line, str)] if isinstance(own, list) else []
        lines += [_pip(name, rule) for name, rule in poetry if name != "python" and not own]
        return (*lines, *self.manifest.pins())

    def _asked(self, files: Sequence[str]) -> tuple[str, ...]:
        """Names that requirement files ask for."""
        start = f"{self.folder}/" if self.folder else ""
        texts = [self._read(start + path) or "" for path in files]
        return tuple(name_of(line) for text in texts for line in text.splitlines())

    def _plugins(self) -> tuple[str, ...]:
        text = self.pytest_settings()
        return tuple(p for mark, p in PLUGINS.items() if re.search(mark, text, re.MULTILINE))

    def _must_install(self) -> bool:
        """More than being importable from the tree: dependencies, commands, metadata."""
        setup = self._text["setup.py"] + self._text["setup.cfg"]
        return bool(
            any(self.project.get(k) for k in ("dependencies", "scripts", "entry-points", "dynamic"))
            or self.poetry
            or re.search(r"install_requires|entry_points|ext_modules|cffi_modules", setup)
        )

    def version(self) -> str:
        """Versions that are read from git cannot be: the set-up sees a tree alone. The last that
        the project's log names, for something else may ask for a range of them."""
        text = self._text["pyproject.toml"] + self._text["setup.py"] + self._text["setup.cfg"]
        start = f"{self.folder}/" if self.folder else ""
        told = last_released(self.files, lambda path: self._read(start + path)) or UNRELEASED
        if re.search(r"setuptools[-_]scm|hatch-vcs|vcs[-_]version|pdm.*scm", text):
            return f"SETUPTOOLS_SCM_PRETEND_VERSION={told} PDM_BUILD_SCM_VERSION={told} "
        if "poetry-dynamic-versioning" in text:
            return f"POETRY_DYNAMIC_VERSIONING_BYPASS={told} "
        return f"PBR_VERSION={told} " if re.search(r"\bpbr\b", text) else ""


def _about(path: str, words: Sequence[str]) -> bool:
    return any(word in words for word in re.split(r"[-_./]", path.lower().removesuffix(".txt")))


def _expand_group(groups: Mapping[str, Any], name: str, seen: tuple[str, ...] = ()) -> list[str]:
    """The requirements of one group and of those that it includes."""
    found: list[str] = []
    lines = groups.get(name)
    known = name in seen or len(seen) > MOST_DEEP
    for line in lines if isinstance(lines, list) and not known else []:
        if isinstance(line, str):
            found.append(line)
        elif isinstance(line, dict) and isinstance(line.get("include-group"), str):
            found += _expand_group(groups, line["include-group"], (*seen, name))
    return found


def _pip(name: str, rule: Any) -> str:
    """A poetry requirement as pip writes it; caret and tilde become a lower bound."""
    version = rule.get("version", "*") if isinstance(rule, dict) else rule
    if not isinstance(version, str) or version in ("*", ""):
        return name
    if version[0] in "^~" and version[1:2].isdigit():
        return f"{name}>={version[1:]}"
    return f"{name}{version}" if version[0] in "<>=!" else f"{name}=={version}"


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _table(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = table.get(key)
    return found if isinstance(found, dict) else {}


def _ini(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser(interpolation=None)
    return parser
