"""Documentation of installed packages: exact in version, read and never run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.knowledge.references.packages import InstalledDocs

MODULE = '''"""Sends things."""
import os
raise SystemExit("imported")

def send(what: str, *, times: int = 1) -> bool:
    """Sends it.

    :param what: a thing
    """

def _private():
    """Nobody's."""

class Session(dict):
    """Keeps a connection."""

    def __init__(self, retries: int = 3) -> None: ...

    def close(self) -> None:
        """Ends it."""
'''


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site-packages"
    info = folder / "My_Package-1.2.3.dist-info"
    for path in (info, folder / "mypkg" / "tests"):
        path.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: My-Package\nVersion: 1.2.3\nSummary: Sends\n\n# Long text\n"
    )
    (folder / "mypkg" / "__init__.py").write_text(MODULE)
    (folder / "mypkg" / "broken.py").write_text("def (")
    (folder / "mypkg" / "deep.py").write_text("(" * 100_000)
    (folder / "mypkg" / "fast.pyi").write_text('def quick() -> int:\n    """Fast."""\n')
    (folder / "mypkg" / "guide.md").write_text("# A guide\n\nWords.")
    (folder / "mypkg" / "tests" / "test_it.py").write_text('"""Tests."""')
    (folder / "mypkg" / "secret.py").symlink_to("/etc/passwd")
    (tmp_path / "outside.py").write_text('"""Outside."""')
    listed = ("__init__.py", "broken.py", "deep.py", "fast.pyi", "guide.md", "secret.py")
    rows = [f"mypkg/{name},sha256=x,1" for name in (*listed, "tests/test_it.py", "absent.py")]
    (info / "RECORD").write_text("\n".join([*rows, "../outside.py,,", "/etc/passwd,,", '"a,b"c"']))
    return folder


@pytest.mark.parametrize("name", ["My-Package", "my_package", "mypkg", "MY.PACKAGE"])
async def test_python_documents_itself(site: Path, name: str) -> None:
    found = {one.source: one for one in await InstalledDocs().find(name, [site])}
    start = "python:My-Package==1.2.3#"
    assert [*found] == [
        f"{start}{part}" for part in ("README", "mypkg", "mypkg.fast", "mypkg/guide.md")
    ]
    assert found[f"{start}README"].text == "Sends\n\n# Long text"
    text = found[f"{start}mypkg"].text
    assert (
        "# mypkg\n\nSends things.\n\n## send(what: str, *, times: int=1) -> bool\n\nSends it."
        in text
    )
    assert "## class Session(dict)\n\nKeeps a connection." in text
    assert "### Session.close(self) -> None\n\nEnds it." in text
    assert "private" not in text
    assert {one.kind for one in found.values()} == {"package"}
    assert all(one.fetched_at and one.sha256 for one in found.values())


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    folder = tmp_path / "node_modules"
    stored = folder / ".store" / "linked"
    for path in (folder / "@team" / "kit" / "dist", stored, folder / "kit" / "node_modules" / "x"):
        path.mkdir(parents=True)
    (folder / "@team" / "kit" / "package.json").write_text(
        json.dumps({"name": "@team/kit", "version": "2.0.0-rc.1"})
    )
    (folder / "@team" / "kit" / "README.md").write_text("# Kit\n\nWords.")
    (folder / "@team" / "kit" / "dist" / "index.d.ts").write_text(
        "/** Opens it.\n * @param a what\n */\nexport declare function open(a: string): void;\n"
        "export declare const x: number;\n/** unended"
    )
    (stored / "package.json").write_text(json.dumps({"name": "linked", "version": "1.0.0"}))
    (stored / "README.md").write_text("# Linked")
    (folder / "linked").symlink_to(stored)
    (folder / "outside").symlink_to("/etc")
    (folder / "kit" / "package.json").write_text("{")
    return folder


async def test_npm_documents_itself(modules: Path) -> None:
    found = await InstalledDocs().find("@team/kit", [modules])
    assert [one.source for one in found] == [
        "npm:@team/kit@2.0.0-rc.1#README.md",
        "npm:@team/kit@2.0.0-rc.1#dist/index.d.ts",
    ]
    wanted = "## export declare function open(a: string): void\n\nOpens it.\n@param a what"
    assert wanted in found[1].text
    linked = await InstalledDocs().find("linked", [modules])
    assert [one.source for one in linked] == ["npm:linked@1.0.0#README.md"]


@pytest.mark.parametrize(
    "name", ["", "..", "../outside", "outside", "kit", "absent", "/etc", ".store", "a" * 200, "a b"]
)
async def test_what_is_no_package_documents_nothing(site: Path, modules: Path, name: str) -> None:
    folders = [site, modules, site / "absent"]
    assert await InstalledDocs().find(name, folders) == ()
