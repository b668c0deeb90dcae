"""A person's folders, empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config.environ import Locations, place
from harness.config.load import Sources


class Home:
    """A HOME of its own: write settings, get Sources."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env = {"HOME": str(root / "home")}
        self.cwd = root / "work"
        self.cwd.mkdir()

    @property
    def place(self) -> Locations:
        return place(self.env, self.cwd)

    def sources(self, **flags: object) -> Sources:
        return Sources(self.place, {k.replace("__", "."): v for k, v in flags.items()})

    def user(self, text: str) -> Path:
        return self._write(self.place.user_file, text)

    def project(self, name: str, text: str = "") -> Path:
        return self._write(self.place.project_file(name), text)

    def _write(self, file: Path, text: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)
