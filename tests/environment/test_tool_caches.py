"""What tools write below node_modules is led to where they may write."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.environment.tool_caches import writable_caches

NAME = "tsconfig.tmp.tsbuildinfo"


@pytest.mark.parametrize(
    "package",
    ["vitest", ".pnpm/vitest@1.6.1/node_modules/vitest", ".pnpm/vitest@3_x/node_modules/vitest"],
)
def test_a_file_beside_a_tools_own_modules(tmp_path: Path, package: str) -> None:
    for folder in ("dist/vendor", "dist/chunks", "src"):
        (tmp_path / package / folder).mkdir(parents=True)
    (tmp_path / package / "dist" / "chunks" / NAME).write_text("of the package")
    if "/" in package:
        (tmp_path / "vitest").symlink_to(tmp_path / package)
    for _ in range(2):
        writable_caches(tmp_path)
    dist = tmp_path / package / "dist"
    for place in (dist, dist / "vendor"):
        assert (place / NAME).readlink() == Path(f"/tmp/{NAME}")
    assert (dist / "chunks" / NAME).read_text() == "of the package"
    assert not (tmp_path / package / "src" / NAME).is_symlink()
    assert (tmp_path / ".cache").readlink() == Path("/tmp")


def test_a_folder_without_such_tools_has_the_caches_alone(tmp_path: Path) -> None:
    (tmp_path / "left").mkdir()
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "old").write_text("")
    writable_caches(tmp_path)
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == [".cache", ".vite", ".vite-temp", ".vitest", "left"]
    assert (tmp_path / ".vite").readlink() == Path("/tmp")
