"""Files that a project's hooks wrote, as a formatter does after an edit: nobody blames the agent
for them. What they hold is judged like all of a change."""

from __future__ import annotations

from collections.abc import Iterable

from harness.agent import slots
from harness.core.slot import Slots
from harness.ports.workspace import Workspace


async def record_hook_files(
    store: Slots, workspace: Workspace, session: str, base: str, before: str, after: str
) -> None:
    """What hooks changed between these trees, where the file was the base's until then or a
    hook's: a file that the agent changed itself stays the agent's."""
    changes = await workspace.changes(before, after) if before != after else ()
    if not changes:
        return
    stored = await store.get(slots.HOOK_FILES, session)
    known = dict(stored or {})
    for path in (change.path for change in changes):
        was = await workspace.blob(before, path)
        if was == await workspace.blob(base, path) or (path in known and known[path] == was):
            known[path] = await workspace.blob(after, path)
        else:
            known.pop(path, None)
    await store.put(slots.HOOK_FILES, session, known)


async def find_hook_files(
    store: Slots, workspace: Workspace, sessions: Iterable[str], tree: str
) -> frozenset[str]:
    """Paths that are in this tree as a hook left them."""
    found: set[str] = set()
    for session in sessions:
        known = await store.get(slots.HOOK_FILES, session) or {}
        for path, blob in known.items():
            if await workspace.blob(tree, path) == blob:
                found.add(path)
    return frozenset(found)
