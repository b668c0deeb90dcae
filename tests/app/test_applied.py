"""What `harness agent --apply` takes over has the rights that a person's tree has, though what we
write for ourselves is for us alone."""

from __future__ import annotations

import os
from pathlib import Path

from harness.app.one_off import _write_file
from harness.core.types import FileChange


def test_an_applied_file_is_theirs(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir(mode=0o750)
    before = os.umask(0o077)
    try:
        for path in ("new/deep/a.py", "kept/b.py"):
            change = FileChange(path=path, status="added", new_mode="100644", added=1, removed=0)
            _write_file(tmp_path, change, b"x = 1\n")
    finally:
        os.umask(before)
    modes = {p.name: p.stat().st_mode & 0o777 for p in tmp_path.rglob("*")}
    wanted = {"new": 0o755, "deep": 0o755, "a.py": 0o644, "kept": 0o750, "b.py": 0o644}
    assert modes == wanted
