"""Our tool calls in Claude Code's names and arguments, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.core.addresses import plain_address
from harness.core.base import Json, Value

Arguments = Mapping[str, Json]
NAMES: Mapping[str, str] = {
    "bash": "Bash",
    "read": "Read",
    "edit": "Edit",
    "write": "Write",
    "search": "Grep",
    "todo": "TodoWrite",
    "task": "Task",
    "web_fetch": "WebFetch",
    "web_search": "WebSearch",
    "skill": "Skill",
}
LOOKING = "reference"
"""One tool of ours for two of theirs: it opens what has a source, else it searches."""
_RENAMED: Mapping[str, Mapping[str, str]] = {
    "bash": {"timeout_s": "timeout"},
    "read": {"path": "file_path"},
    "write": {"path": "file_path"},
    "edit": {"path": "file_path"},
    LOOKING: {"source": "url"},
}
_SCALE = {"timeout_s": 1000}  # Claude Code counts in milliseconds


class ClaudeCall(Value):
    """One of our calls under one of Claude Code's names: what a hook reads, call by call."""

    name: str
    inputs: tuple[dict[str, Json], ...]


def calls_of(tool: str, arguments: Arguments, root: str) -> tuple[ClaudeCall, ...]:
    """One call of ours as Claude Code would make it, in the name of today first, then in those
    that settings of before may have. Several replacements are as many calls of Edit; they were
    one of MultiEdit."""
    whole = input_of(tool, arguments, root)
    edits = whole.get("edits")
    if tool == "edit" and isinstance(edits, list) and len(edits) > 1:
        rest = {key: value for key, value in whole.items() if key != "edits"}
        single = tuple({**rest, **edit} for edit in edits if isinstance(edit, dict))
        return ClaudeCall(name="Edit", inputs=single), ClaudeCall(name="MultiEdit", inputs=(whole,))
    names = [name_of(tool, arguments)]
    if tool == "search" and not arguments.get("pattern"):
        listed = {**whole, "pattern": whole.get("glob", "")}
        listed.pop("glob", None)
        return ClaudeCall(name="Glob", inputs=(listed,)), ClaudeCall(name="Grep", inputs=(whole,))
    if tool == "task":
        names = ["Agent", "Task"]
    return tuple(ClaudeCall(name=name, inputs=(whole,)) for name in names)


def name_of(tool: str, arguments: Arguments) -> str:
    """What Claude Code calls this use of a tool of ours; a tool that it has not keeps its name."""
    if tool == LOOKING:
        return "WebFetch" if has_source(arguments) else "WebSearch"
    return NAMES.get(tool, tool)


def has_source(arguments: Arguments) -> bool:
    """Whether that use of `reference` opens a source."""
    source = arguments.get("source")
    return isinstance(source, str) and bool(source.strip())


def url_of(source: str) -> str:
    """The address that will be asked for, whatever it is written like."""
    return plain_address(source) or source


def join_inputs(
    updates: Sequence[Arguments | None], inputs: Sequence[Arguments]
) -> Arguments | None:
    """What hooks made of the calls of `calls_of` in one name, as one input again; None: nothing
    was changed. ValueError: one replacement was moved to another file than the rest."""
    if not any(update is not None for update in updates):
        return None
    said = [given if update is None else update
            for update, given in zip(updates, inputs, strict=True)]  # fmt: skip
    if len(said) == 1:
        return said[0]
    if len({str(one.get("file_path")) for one in said}) > 1:
        raise ValueError("a hook changed the file of one replacement among several")
    fields = ("old_string", "new_string", "replace_all")
    edits: list[Json] = [{key: one[key] for key in fields if key in one} for one in said]
    return {**{key: said[0][key] for key in said[0] if key not in fields}, "edits": edits}


def input_of(tool: str, arguments: Arguments, root: str) -> dict[str, Json]:
    """What a hook reads as `tool_input`; paths are absolute."""
    renamed = _RENAMED.get(tool, {})
    made: dict[str, Json] = {}
    for key, value in arguments.items():
        if key in _SCALE and isinstance(value, int | float):
            value = value * _SCALE[key]
        made[renamed.get(key, key)] = value
    path = made.get("file_path")
    if isinstance(path, str) and not path.startswith("/"):
        made["file_path"] = f"{root.rstrip('/')}/{path.removeprefix('./')}"
    if tool == LOOKING:
        given = made.pop("url", "")
        if has_source(arguments) and isinstance(given, str):
            made = {"url": url_of(given), "prompt": ""}
    if tool == "search":
        made.setdefault("path", root)
    edits = made.pop("edits", None)
    if tool == "edit" and isinstance(edits, list):
        said = [_edit(edit) for edit in edits if isinstance(edit, dict)]
        made |= said[0] if len(said) == 1 else {"edits": list(said)}
    return made


def response_of(tool: str, arguments: Arguments, text: str, root: str) -> dict[str, Json]:
    """What a hook reads as `tool_response` of a call that went well."""
    made: dict[str, Json] = {"success": True, "text": text}
    if tool == "bash":
        return {**made, "stdout": text, "stderr": "", "interrupted": False, "isImage": False}
    path = input_of(tool, arguments, root).get("file_path")
    return {**made, "filePath": path} if path else made


def ours_of(tool: str, given: Arguments, root: str) -> dict[str, Json]:
    """`updatedInput` of a hook as our arguments: what our tool does not know stays as it is, and
    is refused by the tool itself."""
    back = {theirs: own for own, theirs in _RENAMED.get(tool, {}).items()}
    made: dict[str, Json] = {}
    for key, value in given.items():
        own = back.get(key, key)
        if own in _SCALE and isinstance(value, int | float):
            value = value / _SCALE[own]
        made[own] = value
    path = made.get("path")
    if isinstance(path, str) and (path + "/").startswith(root.rstrip("/") + "/"):
        made["path"] = path.removeprefix(root.rstrip("/")).lstrip("/") or "."
    if tool == LOOKING:
        made.pop("prompt", None)
    if tool == "search":
        made.pop("path", None)
    if tool == "edit":
        edits = made.pop("edits", None)
        if "old_string" in made:
            edits = [{key: made.pop(key) for key in ("old_string", "new_string", "replace_all")
                      if key in made}]  # fmt: skip
        if isinstance(edits, list):
            made["edits"] = [_back(edit) for edit in edits if isinstance(edit, dict)]
    return made


def _edit(edit: Mapping[str, Json]) -> dict[str, Json]:
    made = {"old_string": edit.get("old", ""), "new_string": edit.get("new", "")}
    return {**made, "replace_all": True} if edit.get("all") else made


def _back(edit: Mapping[str, Json]) -> dict[str, Json]:
    made: dict[str, Json] = {
        "old": edit.get("old_string", edit.get("old", "")),
        "new": edit.get("new_string", edit.get("new", "")),
    }
    return {**made, "all": True} if edit.get("replace_all", edit.get("all")) else made
