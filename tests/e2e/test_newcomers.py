"""Projects that are registered while the daemon runs."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.world import HARNESS, World


@contextmanager
def running(world: World) -> Iterator[Path]:
    """A daemon whose next look is an hour away; where it says its lines."""
    said = world.root / "said"
    with said.open("wb") as out:
        daemon = subprocess.Popen(
            [*HARNESS, "run", "--every", "1h"],
            cwd=world.repo,
            env=world.env,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        assert world.until((world.state / "snapshot.json").exists, seconds=60)
        yield said
        assert daemon.poll() is None, said.read_text()
    finally:
        daemon.send_signal(signal.SIGTERM)
        code = daemon.wait(20)
    assert code == 0, said.read_text()
    assert "Traceback" not in said.read_text()
    assert "already another workflow" not in said.read_text()


def begin_and_wait(world: World, said: Path) -> None:
    """Registered with an issue; it is worked on to its end by whoever runs."""
    world.run("init")
    world.run("--project", world.name, "issue", "new", "add subtracts", "--body", "add is wrong")
    assert world.until(lambda: state_of(world) == "done", 90), said.read_text()


def state_of(world: World) -> str:
    rows = world.run("--project", world.name, "status", "--json").stdout
    found = [row for row in json.loads(rows)["runs"] if row["project"] == world.name]
    return str(found[0]["state"]) if found else ""


def test_a_project_that_is_registered_meanwhile_is_worked_on(tmp_path: Path) -> None:
    first = World(tmp_path, name="first")
    first.run("init")
    with running(first) as said:
        second = World(tmp_path, name="second")
        begin_and_wait(second, said)
        third = World(tmp_path, name="third")
        begin_and_wait(third, said)
        assert first.run("status").returncode == 0
    assert said.read_text().count("was registered") == 2


def test_one_that_cannot_be_worked_on_holds_up_nobody(tmp_path: Path) -> None:
    first = World(tmp_path, name="first")
    first.run("init")
    with running(first) as said:
        broken = first.config / "projects" / "broken.toml"
        broken.write_text("[project\n")
        assert first.until(lambda: "broken" in said.read_text(), 30)
        second = World(tmp_path, name="second")
        begin_and_wait(second, said)
        told = said.read_text().count("broken.toml")
        broken.write_text("[project\nmore")
        (first.config / "projects" / "half.toml.new").write_text("half a ta")
        assert first.run("--project", "second", "status").returncode == 0
        broken.unlink()
        third = World(tmp_path, name="third")
        begin_and_wait(third, said)
        assert said.read_text().count("half") == 0
        assert told <= 2


def test_one_that_is_removed_meanwhile_is_left_alone_until_it_is_back(tmp_path: Path) -> None:
    first, second = World(tmp_path, name="first"), World(tmp_path, name="second")
    first.run("init")
    second.run("init")
    # its issue is there before anybody looks: the next look is an hour away
    second.run("--project", "second", "issue", "new", "add subtracts", "--body", "add is wrong")
    file, away = first.config / "projects" / "second.toml", tmp_path / "second.toml"
    file.rename(away)
    with running(first) as said:
        away.rename(file)
        assert first.until(lambda: rows(first).get("second") == "active"), said.read_text()
        file.rename(away)
        assert first.until(lambda: "second is registered no more" in said.read_text())
        assert first.run("status").returncode == 0
        away.rename(file)
        assert first.until(lambda: rows(first)["second"] == "done"), said.read_text()
        file.unlink()
        assert first.until(lambda: said.read_text().count("registered no more") == 2)
    assert "broke off" not in said.read_text()
    assert said.read_text().count("second was registered") == 2


def test_a_registration_that_changes_meanwhile_is_read_again(tmp_path: Path) -> None:
    first = World(tmp_path, name="first")
    first.run("init")
    with running(first) as said:
        second = World(tmp_path, name="second")
        second.run("init")
        file = first.config / "projects" / "second.toml"
        assert first.until(lambda: "second was registered" in said.read_text())
        before = file.read_text()
        file.write_text(f"{before}\n[policy\n")
        assert first.until(lambda: "goes on with the settings of before" in said.read_text())
        file.write_text(f"# as it was\n{before}")
        file.write_text(f'{before}\n[policy]\nmerge = "ask"\n')
        assert first.until(lambda: "registration of second changed; what" in said.read_text())
        new = ("issue", "new", "add subtracts", "--body", "add is wrong")
        second.run("--project", "second", *new)
        # whoever is taken up is looked at, and the next look is an hour away
        file.write_text(f'{before}\n[policy]\nmerge = "never"\n')
        assert first.until(lambda: said.read_text().count("changed; what") == 2)
        assert first.until(lambda: rows(first).get("second") in ("held", "waiting"), 90)
    assert "no more" not in said.read_text()
    assert "broke off" not in said.read_text()


def rows(world: World) -> dict[str, str]:
    """Project -> the state of its run."""
    data = json.loads((world.state / "snapshot.json").read_text())
    return {str(run["project"]): str(run["state"]) for run in data["runs"]}
