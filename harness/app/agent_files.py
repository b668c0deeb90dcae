"""The files of a project's `.claude/agents`, read from the commit that a run began at: what a
session by one is opened with, and what its gate holds it to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from harness.app.project_skills import PLAIN, TreeFiles
from harness.config.sections import ModelSettings
from harness.core.errors import ConfigError
from harness.core.types import AgentRole
from harness.guard.agent_files import AgentFile, read_agent
from harness.guard.visible import visible
from harness.knowledge.front_matter import FrontMatterError, front_matter

FOLDER = ".claude/agents"
MOST_BYTES = 64 << 10
MOST_FILES = 200
MOST_KNOWN = 64
"""Commits."""
TOOLS = ("bash", "read", "edit", "write", "search", "todo", "note", "task", "reference")


class FoundAgent(NamedTuple):
    """One file there. `file` None: it cannot be used, and `why`."""

    path: str
    name: str
    file: AgentFile | None
    why: str = ""


class AgentFiles:
    """One project's. Its files are read once a commit."""

    def __init__(self, trees: TreeFiles, models: Mapping[str, ModelSettings]) -> None:
        self._trees = trees
        self._models = models
        self._known: dict[str, tuple[FoundAgent, ...]] = {}

    async def found(self, commit: str) -> tuple[FoundAgent, ...]:
        """Every file at the commit; of those of one name the first counts."""
        if commit not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[commit] = await self._read(commit)
        return self._known[commit]

    async def file(self, commit: str, name: str) -> AgentFile:
        """The file whose name that is. ConfigError when it is not there or cannot be read: a
        limit that is not known is not lifted."""
        found = await self.found(commit)
        for one in found:
            if one.file is not None and one.name == name:
                return one.file
        why = [one.why for one in found if one.why and one.path.endswith(f"/{name}.md")]
        if why:
            raise ConfigError("config.agent_file", name=name, why=why[-1])
        raise ConfigError("config.no_agent_file", name=name)

    async def names(self, commit: str) -> tuple[str, ...]:
        """Of those that can be used, each once."""
        names = [one.name for one in await self.found(commit) if one.file is not None]
        return tuple(dict.fromkeys(names))

    def unused(self, file: AgentFile) -> tuple[str, ...]:
        """What of a file does not hold here."""
        wrong = [f"{key}: {what}".rstrip(": ") for key, what in file.wrong]
        if file.model and not _model(file.model, self._models):
            wrong.append(f"model: {file.model}")
        return tuple(wrong)

    async def role(self, commit: str, name: str) -> AgentRole:
        """What a session by it is opened with. ConfigError."""
        file = await self.file(commit, name)
        return AgentRole(
            name=name,
            words=file.words,
            tools=tuple(tool for tool in TOOLS if file.has(tool)),
            model=_model(file.model, self._models),
            turns=file.turns,
            skills=file.skills,
            unused=self.unused(file),
        )

    async def _read(self, commit: str) -> tuple[FoundAgent, ...]:
        tree = await self._trees.tree_of(commit)
        paths = [path for path in await self._trees.files(tree) if _is_agent(path)]
        paths.sort(key=lambda path: (path.count("/"), path))
        return tuple([await self._read_one(tree, path) for path in paths[:MOST_FILES]])

    async def _read_one(self, tree: str, path: str) -> FoundAgent:
        entry = await self._trees.entry(tree, path)
        if entry is None or entry.mode not in PLAIN or entry.size > MOST_BYTES:
            return FoundAgent(path, "", None, f"it is no plain file of at most {MOST_BYTES} bytes")
        text = (await self._trees.file(tree, path) or b"").decode("utf-8", "replace")
        try:
            said, words = front_matter(text)
        except FrontMatterError as error:
            return FoundAgent(path, "", None, str(error))
        name = said.get("name")
        if not isinstance(name, str) or not name.strip():
            return FoundAgent(path, "", None, "its front matter has no name")
        return FoundAgent(path, name, read_agent(said, visible(words, MOST_BYTES).text))


def _is_agent(path: str) -> bool:
    return path.startswith(f"{FOLDER}/") and path.endswith(".md")


def _model(said: str, models: Mapping[str, ModelSettings]) -> str:
    """The configured model that a file means: by its name here, by the vendor's, or by a word of
    the vendor's (`sonnet`); "": none of them."""
    if not said:
        return ""
    for fits in (
        lambda name, one: name == said,
        lambda name, one: one.model == said,
        lambda name, one: said in one.model.replace("/", "-").split("-"),
    ):
        found = sorted(name for name, one in models.items() if fits(name, one))
        if found:
            return found[0]
    return ""
