"""Where a command runs and how it speaks, from the environment alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.config.environ import checkouts, place, registered_projects
from tests.config.conftest import Home


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "ko_KR"}, "ko"),
        ({"LANG": "fr_FR"}, "en"),
        ({"LANG": "ko_KR", "HARNESS_LANGUAGE": "en"}, "en"),
    ],
)
def test_language_comes_from_the_locale_unless_set(
    env: dict[str, str], said: str, tmp_path: Path
) -> None:
    assert place({"HOME": str(tmp_path), **env}, tmp_path).language == said


def test_a_flag_goes_before_the_user_file_and_that_before_the_locale(home: Home) -> None:
    home.user('language = "ko"\n')
    assert home.place.language == "ko"
    assert place(home.env, home.cwd, language="en").language == "en"


def test_state_folder_follows_flag_variable_file_and_xdg(home: Home, tmp_path: Path) -> None:
    assert home.place.state_dir == tmp_path / "home" / ".local" / "state" / "harness"
    home.env["XDG_STATE_HOME"] = "/srv/state"
    assert home.place.state_dir == Path("/srv/state/harness")
    home.user('state_dir = "/srv/other"\n')
    assert home.place.state_dir == Path("/srv/other")
    home.env["HARNESS_STATE_DIR"] = "here"
    assert home.place.state_dir == home.cwd / "here"
    assert place(home.env, home.cwd, state_dir=Path("/flag")).state_dir == Path("/flag")


def test_a_relative_xdg_folder_is_ignored(home: Home, tmp_path: Path) -> None:
    home.env["XDG_CONFIG_HOME"] = "relative"
    assert home.place.config_dir == tmp_path / "home" / ".config" / "harness"


def test_a_broken_user_file_does_not_stop_help(home: Home) -> None:
    home.user("this is = = not toml")
    assert home.place.language == "en"


def test_registered_projects_and_their_checkouts(home: Home) -> None:
    home.project("b", '[project]\npath = "/src/b"\n')
    home.project("a", "broken = =")
    folder = home.place.projects_dir
    assert registered_projects(folder) == ("a", "b")
    assert checkouts(folder) == {"b": Path("/src/b")}


def test_reading_the_place_imports_nothing_heavy() -> None:
    code = (
        "import sys, harness.config.environ, harness.config.paths\n"
        "print(sorted({'pydantic', 'rich', 'typer'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_secret_shows_in_the_places_text(home: Home) -> None:
    home.env["ANTHROPIC_API_KEY"] = "sk-secret-value"
    assert "sk-secret-value" not in repr(home.place)
