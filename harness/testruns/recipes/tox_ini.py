"""tox in the form of an ini file. Pure."""

from __future__ import annotations

import configparser
import re

from harness.testruns.recipes.tox_names import Environment, expand, holds, split_names
from harness.testruns.registry import marked_in

MOST_DEEP = 6
SUITE = re.compile(r"\b(?:run_?tests?|tests?)(?:\.py|\.sh)?\b|\btrial\b|\bnose2?\b")
_CONDITION = re.compile(r"^([\w.!{},-]+):(?:\s+(.*)|$)")
_PLACES = {
    "toxinidir": ".", "tox_root": ".", "toxworkdir": "/tmp/tox", "work_dir": "/tmp/tox",
    "envtmpdir": "/tmp/tox", "env_tmp_dir": "/tmp/tox", "envdir": "/tmp/tox",
    "env_dir": "/tmp/tox", "envlogdir": "/tmp/tox", "env_log_dir": "/tmp/tox",
    "distdir": "/tmp/tox", "temp_dir": "/tmp/tox", "homedir": "$HOME", "/": "/", ":": ":",
    "basepython": "python", "base_python": "python", "envpython": "python",
    "env_python": "python", "py_impl": "cpython", "changedir": ".", "change_dir": ".",
}  # fmt: skip
_SITE = re.compile(r"\{(?:envsitepackagesdir|env_site_packages_dir)\}(?:/([\w./-]+))?")
_BIN = re.compile(r"\{(?:envbindir|env_bin_dir)\}/")
_INNERMOST = re.compile(r"(?<!\\)\{([^{}]*)\}")


def read_ini(text: str) -> configparser.ConfigParser:
    """Empty when it is broken."""
    parser = configparser.ConfigParser(
        interpolation=None, strict=False, comment_prefixes=("#", ";"), delimiters=("=",)
    )
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser(interpolation=None)
    return parser


class IniTox:
    """A file with `[tox]` and `[testenv]`; `section`: the first one's name there."""

    def __init__(self, text: str, section: str) -> None:
        self._text = text
        self._file = read_ini(text)
        self._main = section

    def names(self) -> list[str]:
        """Of the environments that it runs by default."""
        for key in ("envlist", "env_list"):
            if self._file.has_option(self._main, key):
                return split_names(self._file.get(self._main, key, raw=True))
        return []

    def own_names(self) -> list[str]:
        """Of those with settings of their own."""
        return [
            name
            for section in self._file.sections()
            if section.startswith("testenv:")
            for name in expand(section.removeprefix("testenv:"))
        ]

    def is_test(self, name: str) -> bool:
        """Whether one of its commands runs tests."""
        return any(
            marked_in(text) or SUITE.search(text) for text, _ in self.environment(name, ()).commands
        )

    def environment(self, name: str, more: tuple[str, ...]) -> Environment:
        """What it says of one; `more`: what stands in the place of `{posargs}`."""
        told = " ".join(more)
        sections = self._sections(name)

        def lines(*keys: str) -> list[str]:
            return self._lines(sections, keys, name, told)

        skips = [line.lower() for line in lines("skip_install", "package")]
        main = self._file.get(self._main, "skipsdist", fallback="")
        main = self._file.get(self._main, "no_package", fallback=main)
        develops = any(line.lower() in ("true", "1") for line in lines("usedevelop", "use_develop"))
        left = main.strip().lower() == "true" and not develops
        commands = [*lines("commands_pre"), *lines("commands")]
        return Environment(
            deps=tuple(line for line in lines("deps") if "{" not in line),
            extras=tuple(one for line in lines("extras") for one in re.split(r"[,\s]+", line)),
            groups=tuple(
                one for line in lines("dependency_groups") for one in re.split(r"[,\s]+", line)
            ),
            commands=tuple((line.lstrip("- "), self._line(sections, line)) for line in commands),
            env={
                key.strip(): value.strip()
                for line in lines("setenv", "set_env")
                for key, sign, value in [line.partition("=")]
                if sign and "{" not in value and "/tmp/tox" not in value
            },
            folder="".join(lines("changedir", "change_dir")[:1]),
            skip=left or bool({"true", "skip", "1"} & set(skips)),
        )

    def _sections(self, name: str) -> list[str]:
        """Where it may be said, the nearest first."""
        own = [
            section
            for section in self._file.sections()
            if section.startswith("testenv:") and name in expand(section.removeprefix("testenv:"))
        ]
        return [*own, "testenv"]

    def _lines(self, sections: list[str], keys: tuple[str, ...], name: str, told: str) -> list[str]:
        for section in sections:
            for key in keys:
                if self._file.has_option(section, key):
                    value = self._file.get(section, key, raw=True)
                    return self._open(value, name, told, 0)
        return []

    def _open(self, value: str, name: str, told: str, deep: int) -> list[str]:
        """The lines of a value that count for the environment, with what they stand for."""
        found: list[str] = []
        joined = re.sub(r"\\\n\s*", " ", value)
        for raw in joined.splitlines():
            line = re.sub(r"(?:^|\s)#.*$", "", raw).strip()
            condition = _CONDITION.match(line)
            if condition is not None and not re.match(r"\w+:/?/", line):
                if not holds(condition[1], name):
                    continue
                line = (condition[2] or "").strip()
            reference = re.fullmatch(r"\{\[([\w:.-]+)\]([\w-]+)\}", line)
            if reference is not None and deep < MOST_DEEP:
                if self._file.has_option(reference[1], reference[2]):
                    inner = self._file.get(reference[1], reference[2], raw=True)
                    found += self._open(inner, name, told, deep + 1)
            elif line:
                found.append(self.substitute(line, name, told))
        return [line for line in found if line]

    def substitute(self, line: str, name: str, told: str) -> str:
        """With the values of what stands in braces; what is not known stays there."""
        line = _BIN.sub("", _SITE.sub(lambda site: site[1] or ".", line))
        for _ in range(MOST_DEEP):
            changed = _INNERMOST.sub(lambda found: self._value(found[1], name, told), line)
            if changed == line:
                break
            line = changed
        return line

    def _value(self, inner: str, name: str, told: str) -> str:
        if inner == "posargs" or inner.startswith("posargs:"):
            return told or inner.partition(":")[2]
        if inner.startswith("env:"):
            return inner.removeprefix("env:").partition(":")[2]
        if inner in ("envname", "env_name"):
            return name or "py"
        reference = re.fullmatch(r"\[([\w:.-]+)\]([\w-]+)", inner)
        if reference is not None:
            value = self._file.get(reference[1], reference[2], raw=True, fallback="")
            return " ".join(value.split())[:2000]
        return _PLACES.get(inner, f"{{{inner}}}" if inner else "{}")

    def _line(self, sections: list[str], command: str) -> int:
        """Of the file, of the command in one of these sections, else of the first ones there."""
        first, section, begun = next(iter(command.lstrip("- ").split()), ""), "", 0
        for number, line in enumerate(self._text.splitlines(), 1):
            header = re.match(r"\[([^]]+)\]", line)
            section = header[1] if header else section
            own = bool(first) and section in sections and not re.match(r"deps|\[|#", line.strip())
            if own and re.search(rf"(?<![\w-]){re.escape(first)}\b", line):
                return number
            if section in sections and re.match(r"commands\s*=", line):
                begun = begun or number
        return begun
