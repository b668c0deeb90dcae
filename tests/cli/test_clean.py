"""`harness clean`: says what would go, then clears it away; the lock is respected."""

from __future__ import annotations

import json
import os
from pathlib import Path

from harness.config.paths import Paths
from harness.engine.lock import StateLock
from harness.i18n.catalogue import Catalogue
from harness.system.clock import SystemClock
from tests.cli.conftest import Call, Git, Person


def begin_run(person: Person, git: Git, call: Call) -> None:
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")
    script = person.home / "script.json"
    script.write_text('{"conversations": []}')
    config = person.home / ".config" / "harness" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[models.s]\ndialect = "scripted"\nscript = "{script}"\n')
    assert call("init").code == 0


def old_copy(person: Person) -> Path:
    folder = person.state / "workspaces" / "here" / "copies" / "here%2F1%2F1-worker-1"
    folder.mkdir(parents=True)
    (folder / "big").write_bytes(b"x" * (1 << 20))
    os.utime(folder, (0, 0))
    return folder


def test_it_says_what_would_go_and_then_it_goes(person: Person, git: Git, call: Call) -> None:
    begin_run(person, git, call)
    copy = old_copy(person)
    would = call("clean", "--dry-run")
    assert would.code == 0, would.err
    assert str(copy) in would.out
    assert Catalogue("en")("disk.kind.copy") in would.out
    assert copy.exists()
    data = json.loads(call("clean", "--json").out)
    assert [r["item"]["path"] for r in data["removed"]] == [str(copy)]
    assert data["freed"] >= 1 << 20
    assert not copy.exists()
    assert "0" in call("clean").out


def test_while_another_harness_acts_only_the_preview_works(
    person: Person, git: Git, call: Call
) -> None:
    begin_run(person, git, call)
    copy = old_copy(person)
    assert call("clean", "--dry-run").code == 0  # whoever acts has made its database before
    lock = StateLock(Paths(person.state).lock)
    lock.acquire(SystemClock().now())
    try:
        assert call("clean", "--dry-run").code == 0
        assert call("clean").code == 5
    finally:
        lock.release()
    assert copy.exists()
