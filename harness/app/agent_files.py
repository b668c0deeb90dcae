"""The files of a project's `.claude/agents`, read from the commit that a run began at: what a
session by one is opened with, and what its gate holds it to."""

from __future__ import annotations

from collections.abc import Mapping

from harness.app.project_skills import PLAIN, TreeFiles
from harness.config.sections import ModelSettings
from harness.core.errors import ConfigError
from harness.core.types import AgentRole
from harness.guard.agent_files import AgentFile, read_agent
from harness.guard.visible import visible
from harness.knowledge.front_matter import FrontMatterError, front_matter

FOLDER = ".claude/agents"
MOST_BYTES = 64 << 10
MOST_KNOWN = 200
TOOLS = ("bash", "read", "edit", "write", "search", "todo", "note", "task", "reference")


class AgentFiles:
    """One project's. Each file is read once a commit."""

    def __init__(self, trees: TreeFiles, models: Mapping[str, ModelSettings]) -> None:
        self._trees = trees
        self._models = models
        self._known: dict[tuple[str, str], AgentFile] = {}

    async def file(self, commit: str, name: str) -> AgentFile:
        """The file whose name that is. ConfigError when it is not there or cannot be read: a
        limit that is not known is not lifted."""
        if (commit, name) not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[commit, name] = await self._read(commit, name)
        return self._known[commit, name]

    async def role(self, commit: str, name: str) -> AgentRole:
        """What a session by it is opened with. ConfigError."""
        file = await self.file(commit, name)
        model = _model(file.model, self._models)
        wrong = [f"{key}: {what}".rstrip(": ") for key, what in file.wrong]
        if file.model and not model:
            wrong.append(f"model: {file.model}")
        return AgentRole(
            name=name,
            words=file.words,
            tools=tuple(tool for tool in TOOLS if file.has(tool)),
            model=model,
            turns=file.turns,
            skills=file.skills,
            unused=tuple(wrong),
        )

    async def _read(self, commit: str, name: str) -> AgentFile:
        tree = await self._trees.tree_of(commit)
        paths = [path for path in await self._trees.files(tree) if path.startswith(f"{FOLDER}/")]
        why = ""
        for path in sorted(paths, key=lambda path: (path.count("/"), path)):
            entry = await self._trees.entry(tree, path) if path.endswith(".md") else None
            if entry is None or entry.mode not in PLAIN or entry.size > MOST_BYTES:
                continue
            text = (await self._trees.file(tree, path) or b"").decode("utf-8", "replace")
            try:
                said, words = front_matter(text)
            except FrontMatterError as error:
                if path.endswith(f"/{name}.md"):
                    why = str(error)
                continue
            if said.get("name") == name:
                return read_agent(said, visible(words, MOST_BYTES).text)
        if why:
            raise ConfigError("config.agent_file", name=name, why=why)
        raise ConfigError("config.no_agent_file", name=name)


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
