"""One file, several processes."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.core.errors import RefusedError, Unavailable
from harness.forge.embedded.admin import EmbeddedAdmin
from harness.forge.embedded.forge import EmbeddedForge
from tests.forge.world import Local, make_local

ROOT = Path(__file__).parents[3]
WRITER = """
import asyncio, sys
from pathlib import Path
from harness.forge.embedded.forge import EmbeddedForge
from harness.forge.embedded.admin import EmbeddedAdmin

async def write(root, me, count):
    host = EmbeddedAdmin(root)
    await host.create_repository("o/p", "main", "ada")
    await host.add_user("o/p", me)
    forge = EmbeddedForge(root, "o/p", me)
    for i in range(count):
        issue = await forge.create_issue(f"{me} {i}", "")
        await forge.add_comment(issue.number, "said")

asyncio.run(write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
"""


@pytest.fixture
async def local(tmp_path: Path) -> Local:
    return await make_local(tmp_path)


async def test_processes_that_start_together_share_one_forge(tmp_path: Path) -> None:
    def start(who: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", WRITER, str(tmp_path / "f"), who, "10"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(start, ["a", "b", "c"]))
    assert [done.stderr for done in ended] == ["", "", ""]
    forge = EmbeddedForge(tmp_path / "f", "o/p", "ada")
    issues = (await forge.issues()).issues
    assert sorted(i.number for i in issues) == list(range(1, 31))
    assert len({i.title for i in issues}) == 30


async def test_tasks_of_one_loop_write_at_once(local: Local) -> None:
    forge = local.forge("ada")
    made = await asyncio.gather(*(forge.create_issue(f"T{i}", "") for i in range(20)))
    assert sorted(i.number for i in made) == list(range(1, 21))
    keyed = await asyncio.gather(
        *(local.forge("ada").create_issue("K", "", key="k") for _ in range(5))
    )
    assert len({i.number for i in keyed}) == 1


async def test_a_newer_database_is_refused(local: Local) -> None:
    with sqlite3.connect(local.root / "forge.db") as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(RefusedError) as caught:
        await local.forge("ada").issues()
    assert caught.value.key == "forge.newer_database"


async def test_a_database_from_before_issues_could_be_locked_is_opened(local: Local) -> None:
    made = await local.forge("ada").create_issue("Kept", "text")
    number = (await local.forge("ada").repository()).id
    with sqlite3.connect(local.root / "forge.db") as db:
        db.execute("ALTER TABLE items DROP COLUMN locked")
        db.execute("PRAGMA user_version=1")
    db.close()
    for _ in ("once", "again"):
        forge = local.forge("ada")
        assert await forge.issue(1) == made
        assert not made.locked
        assert (await forge.repository()).id == number
    assert (await local.forge("ada").lock(1)).locked
    assert (await local.forge("ada").create_issue("Next", "")).number == 2


async def test_a_broken_database_is_one_sentence(local: Local) -> None:
    for file in local.root.glob("forge.db*"):
        file.unlink()
    (local.root / "forge.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Unavailable) as caught:
        await local.forge("ada").issues()
    assert caught.value.key == "forge.database"


async def test_every_write_is_flushed_and_readers_do_not_wait(local: Local) -> None:
    with sqlite3.connect(local.root / "forge.db") as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        db.execute("BEGIN IMMEDIATE")
        assert (await local.forge("ada").issues()).issues == ()
        db.execute("ROLLBACK")
    db.close()


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from harness.core.errors import Unavailable
from harness.forge.embedded.forge import EmbeddedForge

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
forge = EmbeddedForge(Path(sys.argv[1]), "owner/project", "ada")
try:
    asyncio.run(forge.create_issue("Big", "x" * 900_000))
except Unavailable as error:
    print(error.key)
"""


async def test_a_full_disk_loses_nothing_that_was_there(local: Local) -> None:
    forge = local.forge("ada")
    await forge.create_issue("Kept", "text")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(local.root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("forge.database\n", "")
    assert [i.title for i in (await forge.issues()).issues] == ["Kept"]
    assert (await forge.create_issue("Next", "")).number == 2


async def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as caught:
        await EmbeddedAdmin(tmp_path / "file" / "forge").create_repository("o/p")
    assert caught.value.key == "forge.database"


async def test_a_failed_write_leaves_nothing(local: Local) -> None:
    forge = local.forge("ada")
    with pytest.raises(Exception, match="bad_label"):
        await forge.create_issue("Title", "", ("x" * 60,))
    assert (await forge.issues()).issues == ()
    assert (await forge.create_issue("Next", "")).number == 1
