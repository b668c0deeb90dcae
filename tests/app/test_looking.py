"""A package of the project's own environment answers from its own files: no server is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from harness.app.looking import package_folders
from harness.core.types import Environment
from harness.engine.database import Database
from harness.knowledge.references.packages import InstalledDocs
from harness.knowledge.references.store import KeptReferences
from harness.pipeline.lookup.library import Library
from harness.pipeline.lookup.packages import PackageShelf
from harness.ports.workspace import Workspace
from harness.testing.references import PlainPages
from tests.pipeline.lookup.library_card import Card


class Prepared:
    """A workspace whose environment shows these folders."""

    def __init__(self, *shown: Path) -> None:
        self._shown = {str(folder): f"/shown/{n}" for n, folder in enumerate(shown)}

    async def environment(self, base_sha: str) -> Environment:
        return Environment(id="e", read_only=self._shown)


def install(site: Path, name: str, version: str, text: str) -> None:
    (site / name).mkdir(parents=True)
    told = f'"""{text}"""\n\n\ndef retry(times: int) -> None:\n    """Tries again."""\n'
    (site / name / "__init__.py").write_text(told)
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text(f"{name}/__init__.py,,\n")


@pytest.fixture
async def card(tmp_path: Path) -> AsyncIterator[Card]:
    database = Database(tmp_path / "state.db")
    await database.open()
    made = Card(database, hits=())
    made.library = Library(KeptReferences(tmp_path), PlainPages(), cast(Any, made.clock))
    yield made
    await database.close()


async def test_a_package_answers_in_the_version_that_is_installed(
    card: Card, tmp_path: Path
) -> None:
    env, tools = tmp_path / "env", tmp_path / "tools"
    install(env / "venv/lib/python3.12/site-packages", "patience", "2.5.1", "How to wait well.")
    install(tmp_path / "other/site-packages", "patience", "1.0", "Of another project.")
    (tools / "bin").mkdir(parents=True)
    folders = await package_folders(
        cast(Workspace, Prepared(env, tools, tmp_path / "gone")), await card.begin()
    )
    assert folders == (env / "venv/lib/python3.12/site-packages",)

    shelf = PackageShelf(InstalledDocs(), card.library.store)
    near = await shelf.fill("how to wait with patience", folders)
    assert near == ("python:patience==2.5.1#",)
    found = await card.library.store.search("wait retry", near=near)
    assert found
    assert await shelf.belongs(found[0].source, folders)
    assert not await shelf.belongs("python:patience==1.0#patience", folders)
    kept = await card.library.store.get(found[0].source)
    assert kept is not None
    assert kept.kind == "package"
    assert "Tries again" in kept.text
    assert card.sites.asked == []
