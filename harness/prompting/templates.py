"""Strict templates over prompts/*.md, which models read. Missing or unused variables are errors."""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import Path

import harness
from harness.core.errors import MissingError

_PLACE = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


class PromptError(ValueError):
    """A template and its variables do not fit: a mistake in our code or in an edited prompt."""


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


def fenced(text: str, name: str = "data") -> str:
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
            self._texts[name] = _FRONT.sub("", raw, count=1).strip()
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

    def _raw(self, name: str) -> str:
        if name not in self._texts:
            raise PromptError(f"no prompt {name}; there are {', '.join(self._texts)}")
        return self._texts[name]
