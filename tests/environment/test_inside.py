"""Inside is as outside: what a suite asks of its machine has the same answer in a Box as in a
person's own checkout, or one that is explained here."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.core.types import BoxLimits
from harness.environment.setup import Environments
from harness.sandbox.bubblewrap import Bubblewrap
from harness.system.process import own_python
from tests.environment.projects import ENV, Project, git

MACHINE = Path(__file__).parent / "machine"
PATIENCE_S = 240.0
FILES: dict[str, bytes | str] = {
    "plain.txt": "plain\n",
    "tool.py": "#!/usr/bin/env python3\nprint('tool ran')\n",
    "folder/deep/x": "deep",
    "folder_of_code/module.py": "VALUE = 7\n",
    "ends/.gitattributes": "*.crlf text eol=crlf\n*.lf text eol=lf\n*.bin -text\n",
    "ends/one.crlf": "a\nb\n",
    "ends/one.lf": "a\nb\n",
    "ends/one.bin": b"a\r\nb\n\0",
    "größe 한글.txt": "x",
    "trailing space ": "x",
    'quoted "name"\tand tab': "x",
}


EXPLAINED = {
    "bounds": "no core is ever dumped in a Box, and nothing in it can lift that",
    "inherited_descriptors": "the shell of a command tells by one of its own where it ended",
    "home_of_the_password_file": "outside, the test gives a home that is not the user's",
    "home_of_the_user_by_name": "the same",
}
"""Question -> why its answers differ."""


@pytest.fixture(autouse=True)
def as_the_daemon() -> Iterator[None]:
    """What the daemon writes is for itself alone."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture
async def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.push({"plain.txt": "old\n"}, "First")
    git(project.user, "tag", "-a", "v1.0", "-m", "One")
    for file in MACHINE.glob("*.py"):
        shutil.copy(file, project.user)
    for name, target in (("link", "plain.txt"), ("dangling", "absent"), ("to-folder", "folder")):
        (project.user / name).symlink_to(target)
    (project.user / "tool.py").parent.mkdir(exist_ok=True)
    (project.user / "tool.py").write_text("")
    (project.user / "tool.py").chmod(0o755)
    project.push(FILES, "Second")
    git(project.user, "tag", "light")
    project.push({"plain.txt": "plain\n\n"}, "Third")
    git(project.user, "push", "--quiet", "--tags", "origin")
    return project


def outside(project: Project, tmp_path: Path) -> dict[str, Any]:
    """The answers in a person's clone."""
    me = pwd.getpwuid(os.getuid()).pw_name
    more = {"HOME": str(tmp_path), "LANG": "C.UTF-8", "USER": me, "LOGNAME": me}
    env = {**ENV, **more, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        ["git", "clone", "--quiet", str(project.forge), str(tmp_path / "clone")],
        env=env,
        umask=0o022,
        check=True,
        timeout=60,
    )
    done = subprocess.run(
        [own_python(), "questions.py"],
        cwd=tmp_path / "clone",
        env=env,
        umask=0o022,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )
    return answers(done.stdout.decode(), done.stderr.decode())


async def inside(project: Project, tmp_path: Path) -> dict[str, Any]:
    clone, _, _ = await project.copy()
    environment = await Environments(tmp_path / "env", Bubblewrap(), ()).make("k", clone.path)
    layout = await project.workspace.layout(clone, environment)
    box = await Bubblewrap().open(layout, BoxLimits(command_s=PATIENCE_S))
    try:
        ran = await box.exec(f"{own_python()} questions.py")
    finally:
        await box.close()
    return answers(ran.output, "")


def answers(output: str, beside: str) -> dict[str, Any]:
    lines = [line for line in output.splitlines() if line.startswith("ANSWERS ")]
    assert lines, output + beside
    found: dict[str, Any] = json.loads(lines[-1].removeprefix("ANSWERS "))
    return found


async def test_inside_is_as_outside(project: Project, tmp_path: Path) -> None:
    there, here = outside(project, tmp_path), await inside(project, tmp_path)
    assert there.keys() == here.keys()
    assert len(there) > 110
    different = {n: (there[n], here[n]) for n in there if there[n] != here[n]}
    assert {n: both for n, both in different.items() if n not in EXPLAINED} == {}
