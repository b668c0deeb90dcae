"""Whatever the locale says, files hold UTF-8 and nothing ends at a character; the screen shows
what it can."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.test_bad_input import MERGED, outcome
from tests.e2e.world import BUG, HARNESS, TERSE, World

C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
POSIX = {"LANG": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LOCALES = {
    "C": C,
    "C, latin-1": {**C, "PYTHONIOENCODING": "latin-1"},
    "POSIX, ascii": {**POSIX, "PYTHONIOENCODING": "ascii"},
    "C, Korean screen": {**C, "PYTHONIOENCODING": "euc-kr"},
    "UTF-8, ascii screen": {"PYTHONIOENCODING": "ascii"},
    "UTF-8, strict latin-1": {"PYTHONIOENCODING": "latin-1:strict"},
    "a locale that is not there": {"LC_ALL": "ko_KR.eucKR", "PYTHONUTF8": "0"},
}
TITLE = "더하기가 뺄셈을 한다 é 🙂"
SAID = "첫째 줄\n둘째 줄 🙂"


def harness(world: World, env: dict[str, str], *words: str, said: str = "") -> tuple[int, str, str]:
    """Exit code and both streams of the real command, in that locale."""
    done = subprocess.run(
        [*HARNESS, *words],
        cwd=world.repo,
        env={**world.env, **env},
        input=said.encode(),
        capture_output=True,
        check=False,
        timeout=110,
    )
    shown = env.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
    out, err = done.stdout.decode(shown, "replace"), done.stderr.decode(shown, "replace")
    assert "Traceback" not in err, err
    assert "Error" not in err, err
    return done.returncode, out, err


@pytest.mark.parametrize("name", ["C", "C, latin-1", "POSIX, ascii", "UTF-8, strict latin-1"])
def test_a_korean_project_is_worked_on_to_its_end(tmp_path: Path, name: str) -> None:
    env = LOCALES[name]
    world = World(tmp_path / "집", settings='language = "ko"\n')
    (world.repo / "설명.md").write_text("# 셈\n", encoding="utf-8")
    (world.repo / "harness.toml").write_text(
        "[environment]\nsetup = [\"echo '준비 🙂' && touch $HARNESS_ENV/있음\"]\n", encoding="utf-8"
    )
    world.commit("첫 커밋")
    world.script({**TERSE, "match": {"contains": TITLE, "session": "-worker"}}, *_others(world))
    for words, said in (
        (("init",), ""),
        (("issue", "new", TITLE, "--body-file", "-"), f"{SAID}\n{BUG[1]}"),
        (("run", "--once"), ""),
        (("status",), ""),
        (("why", "1"), ""),
        (("report", "1"), ""),
        (("plan", "1"), ""),
        (("logs", "1"), ""),
        (("issue", "show", "1"), ""),
        (("pr", "list", "--state", "all"), ""),
    ):
        code, out, err = harness(world, env, *words, said=said)
        assert code == 0, (words, out, err)
        assert out.strip(), words
    assert outcome(world) == MERGED
    assert world.issue().title == TITLE
    assert world.issue().body.startswith(SAID)
    _check_files(world, env)


def _others(world: World) -> list[object]:
    """The conversations of the reviewer, as the world made them."""
    told = json.loads((world.config / "script.json").read_text("utf-8"))["conversations"]
    return [one for one in told if "-review-" in one["match"]["session"]]


def _check_files(world: World, env: dict[str, str]) -> None:
    for file in (world.folder() / "REPORT.md", world.folder() / "PLAN.md"):
        text = file.read_bytes().decode("utf-8")
        assert TITLE in text, file
    for command in ("status", "why"):
        words = (command, "--json") if command == "status" else (command, "1", "--json")
        _, out, _ = harness(world, env, *words)
        assert TITLE in json.dumps(json.loads(out), ensure_ascii=False)
    page = world.root / "보고.html"
    assert harness(world, env, "report", "1", "--html", str(page))[0] == 0
    assert TITLE in page.read_bytes().decode("utf-8")


@pytest.mark.parametrize("name", sorted(LOCALES))
def test_a_mistake_is_one_sentence(tmp_path: Path, name: str) -> None:
    world = World(tmp_path, settings='language = "ko"\n')
    for words in (("issue", "보기"), ("run", "--project", "없음 🙂"), ("없는-명령",)):
        code, out, err = harness(world, LOCALES[name], *words)
        assert (code, out) == (2, "")
        assert err.startswith("harness: ")
        assert err.count("\n") == 1


def test_a_screen_that_knows_korean_shows_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    harness(world, {}, "init")
    harness(world, {}, "issue", "new", "더하기", "--body", "b")
    assert "더하기" in harness(world, LOCALES["C, Korean screen"], "issue", "list")[1]
    assert "더하기" in harness(world, {}, "issue", "list")[1]
    assert "\\ub354" in harness(world, LOCALES["UTF-8, ascii screen"], "issue", "list")[1]
