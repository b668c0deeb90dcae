"""Strict templates over prompts/*.md, which models read. Missing or unused variables are errors."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import harness
from harness.core.base import Value
from harness.core.errors import MissingError

_PLACE = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
ANSWERS = "answers"
"""The folder whose files hold many short texts, each under a heading: `## too_early` in
`answers/verdicts.md` is the prompt "verdicts/too_early"."""
_HEADING = re.compile(r"^##(?!#)(.*)$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


class PromptError(ValueError):
    """A template and its variables do not fit: a mistake in our code or in an edited prompt."""


class PromptText(Value):
    """A prompt that pure code chose, with its variables; a variable may be such a text itself.
    Whoever holds the `Prompts` writes it out."""

    template: str
    variables: dict[str, str | PromptText] = {}


def prompt_text(template: str, /, **variables: str | PromptText) -> PromptText:
    """The shortest way to choose one."""
    return PromptText(template=template, variables=variables)


def prompts_root() -> Path:
    """The prompts carried by the wheel, else the checkout's. MissingError when neither is there."""
    package = Path(harness.__file__).parent
    for root in (package / "_data" / "prompts", package.parent / "prompts"):
        if root.is_dir():
            return root
    raise MissingError("agent.prompts_missing", path=str(package / "_data" / "prompts"))


def new_fence(*texts: str) -> str:
    """A random word that none of these untrusted texts holds, to mark where they begin and end."""
    while True:
        word = secrets.token_hex(6)
        if not any(word in text for text in texts):
            return word


def fence_text(text: str, name: str = "data") -> str:
    """Untrusted text between two marks that it cannot hold."""
    word = new_fence(text)
    return f"<{name}-{word}>\n{text}\n</{name}-{word}>"


class Prompts:
    """Every prompt under `root`, read once. Names have no suffix: "worker", "tools/bash"."""

    def __init__(self, root: Path) -> None:
        self._texts: dict[str, str] = {}
        digest = hashlib.sha256()
        for path in sorted(root.rglob("*.md")):
            name = path.relative_to(root).with_suffix("").as_posix()
            raw = path.read_text(encoding="utf-8")
            digest.update(f"{name}\0{raw}\0".encode())
            text = _FRONT.sub("", raw, count=1)
            parts = (
                _under_headings(name, text) if name.startswith(f"{ANSWERS}/") else [(name, text)]
            )
            for part, said in parts:
                if part in self._texts:
                    raise PromptError(f"prompt {part} stands twice")
                self._texts[part] = said.strip()
        if not self._texts:
            raise MissingError("agent.prompts_missing", path=str(root))
        self.version = digest.hexdigest()[:12]
        """Hash of all prompts: a session keeps the one it was opened with."""

    @property
    def names(self) -> tuple[str, ...]:
        """All templates, sorted."""
        return tuple(self._texts)

    def variables(self, name: str) -> frozenset[str]:
        """What a template needs."""
        return frozenset(_PLACE.findall(self._raw(name)))

    def text(self, template: str, /, **variables: str) -> str:
        """The template filled in. PromptError for an unknown template, a variable that is
        missing, or one that the template does not use. Values are not templates themselves."""
        raw = self._raw(template)
        wanted = frozenset(_PLACE.findall(raw))
        given = frozenset(variables)
        if wanted != given:
            missing, unused = sorted(wanted - given), sorted(given - wanted)
            raise PromptError(f"prompt {template}: missing {missing}, unused {unused}")
        return _PLACE.sub(lambda found: variables[found.group(1)], raw)

    def fill(self, chosen: PromptText) -> str:
        """A chosen text filled in; those among its variables first."""
        variables = {
            name: value if isinstance(value, str) else self.fill(value)
            for name, value in chosen.variables.items()
        }
        return self.text(chosen.template, **variables)

    def _raw(self, name: str) -> str:
        if name not in self._texts:
            raise PromptError(f"no prompt {name}; there are {', '.join(self._texts)}")
        return self._texts[name]


def _under_headings(file: str, text: str) -> Iterator[tuple[str, str]]:
    """Each text of such a file with its name; what stands before the first heading is for those
    who edit it."""
    _, *parts = _HEADING.split(text)
    for heading, said in zip(parts[::2], parts[1::2], strict=True):
        if not _NAME.fullmatch(heading.strip()) or not said.strip():
            raise PromptError(f"{file}: {heading.strip()!r} is no name of a text, or has no text")
        yield f"{file.removeprefix(f'{ANSWERS}/')}/{heading.strip()}", said
