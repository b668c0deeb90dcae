"""What stands around the code is true: commands, targets, wheel, plan, skills, settings."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import NAMES, found
from harness.cli.main import COMMANDS
from harness.config.schema import rows
from harness.core.run_types import Stage
from harness.forge.github.powers import ASKED
from harness.i18n.catalogue import Catalogue
from harness.knowledge.front_matter import front_matter
from harness.knowledge.skill_standard import check_skill
from harness.knowledge.skills import is_for_people
from harness.pipeline.agents.skills import GIVEN
from harness.report.plan_page import parse, render, tidy
from scripts.suites import counted
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = ("README.md", "CLAUDE.md", "CHANGELOG.md", *(f"docs/{p.name}" for p in DOCS))
SKILLS = sorted((ROOT / "skills").glob("*/SKILL.md"))
LINE = re.compile(r"- (\d+) \| (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) \| ([^|]+) \| (\S.*)")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def front(path: Path) -> tuple[dict[str, Any], str]:
    """Front matter and body of a page for agents."""
    return front_matter(path.read_text(encoding="utf-8"))


def commands(page: str) -> set[tuple[str, ...]]:
    """Every `harness ...` in code of a page, without comment."""
    fenced = re.findall(r"^```sh\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    lines = [line for block in fenced for line in block.splitlines()]
    lines += re.findall(r"`(harness [^`\n]+)`", page)
    words = (shlex.split(line.partition("  #")[0]) for line in lines)
    return {tuple(found) for found in words if found[:1] == ["harness"]}


def test_every_command_that_a_page_names_is_there_with_its_options() -> None:
    named = {words for page in PAGES for words in commands(read(page))}
    assert {words[1] for words in named} >= {"init", "doctor", "issue", "run", "status", "pull"}
    for words in named:
        assert words[1] in COMMANDS or words[1].startswith("-"), words
    for command in sorted({command_of(words) for words in named}):
        done = harness(*command, "--help")
        assert done.returncode == 0, (command, done.stderr)
        for words in named:
            if command_of(words) == command:
                for option in (w.partition("=")[0] for w in words if w.startswith("--")):
                    assert option in done.stdout, (words, option)


def command_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """With its sub-command."""
    grouped = words[1] in ("issue", "pr", "config", "service", "refs", "skills")
    return words[1:3] if grouped else words[1:2]


def harness(*words: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from harness.cli.main import main; sys.exit(main())"
    argv = [sys.executable, "-c", code, *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)


def test_every_target_that_a_page_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))
    pages = [*PAGES, ".pre-commit-config.yaml", ".ci/run", *(str(p) for p in SKILLS)]
    pages += [str(p) for p in (ROOT / ".claude").rglob("*.md")]
    code = "\n".join(
        re.findall(r"`make [^`\n]+`|^make .*|^ +entry:.*", "\n".join(map(read, pages)), re.M)
    )
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", code))
    assert {"demo", "test", "check", "bench", "crash", "security", "fmt"} <= targets
    assert named <= targets
    assert named >= {"demo", "test", "check"}


def test_every_setting_that_a_page_names_is_there() -> None:
    known = {row.key for row in rows()}
    tables = {key.split(".")[0] for key in known}
    designs = [f"docs/design/{path.name}" for path in (ROOT / "docs/design").glob("*.md")]
    named = {
        key
        for page in (*PAGES, *designs)
        for key in re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)(?: = [^`]+)?`", read(page))
        if key.split(".")[0] in tables
    }
    assert {"policy.merge", "limits.session", "sandbox.kind"} <= named
    whole = {".".join(key.split(".")[:n]) for key in known for n in range(1, 5)}
    assert named - whole == set()


def test_every_file_of_settings_that_a_page_shows_can_be_read() -> None:
    wanted = [
        re.escape(row.key).replace("<name>", "[^.]+")
        + (r"\.[^.]+" if row.type.startswith("table of ") else "")
        for row in rows()
    ]
    for page in PAGES:
        for block in re.findall(r"^```toml\n(.*?)^```", read(page), re.DOTALL | re.MULTILINE):
            for key in leaves(tomllib.loads(block)):
                assert any(re.fullmatch(one, key) for one in wanted), (page, key)


def leaves(data: dict[str, Any], above: str = "") -> Iterator[str]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}"


def test_every_benchmark_is_in_the_table_and_takes_the_sizes_that_the_page_gives_it() -> None:
    page = read("docs/benchmarks.md")
    table = page.partition("| name | what |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(NAMES)
    given = re.findall(r"^    python -m benchmarks ([^#\n]*)", page, re.MULTILINE)
    assert len(given) > 3
    for line in given:
        words = line.split()
        names = [
            word for at, word in enumerate(words) if word in NAMES and words[at - 1] != "--set"
        ]
        sizes = [
            word.partition("=")[0] for at, word in enumerate(words) if words[at - 1] == "--set"
        ]
        assert set(words) <= {*names, "--tiny", "--set", *(w for w in words if "=" in w)}
        for name in names:
            assert set(sizes) <= set(found(name).sizes), line


def test_the_commands_that_the_changelog_counts_up_are_there() -> None:
    page = " ".join(read("CHANGELOG.md").split())
    told = re.search(r"- Commands: ([\w, ]+)\.", page)
    assert told
    assert set(told[1].split(", ")) <= set(COMMANDS)


def test_the_plan_is_a_page_that_harness_reads_and_writes() -> None:
    page = read("PLAN.md")
    plan = parse(page)
    assert len(plan.tasks) >= 3
    assert all(c.check for c in plan.criteria)
    title = page.splitlines()[0].partition(": ")[2]
    assert render(tidy(plan), title, Catalogue("en")) == page


def test_progress_is_written_as_harness_writes_it() -> None:
    words = Catalogue("en")
    head, blank, *lines = read("PROGRESS.md").splitlines()
    assert re.match(rf"# {words('view.course')}: #\d+ \S", head)
    assert (blank, bool(lines)) == ("", True)
    stages = {words(f"view.stage.{stage.value}") for stage in Stage}
    for number, line in enumerate(lines, 1):
        found = LINE.fullmatch(line)
        assert found, line
        assert int(found[1]) == number
        assert datetime.fromisoformat(found[2])
        assert found[3] in stages


def test_the_guide_to_github_names_every_permission_and_what_it_is_for() -> None:
    words, rows = Catalogue("en"), read("docs/github.md").splitlines()
    for asked in ASKED:
        need = "yes" if asked.needed else "better with"
        only = " (Apps only)" if asked.app_only else ""
        assert f"| {asked.name} | {need} | {words(asked.use)}{only} |" in rows


@pytest.mark.parametrize("path", SKILLS, ids=lambda p: p.parent.name)
def test_a_skill_keeps_the_standard(path: Path) -> None:
    fields, body = front(path)
    assert fields["name"] == path.parent.name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fields["name"])
    assert check_skill(path.parent) == ()
    assert 5 <= len(body.splitlines()) <= 60


def test_the_skills_of_the_stages_are_there() -> None:
    names = {path.parent.name for path in SKILLS}
    assert names >= {"reproduce-bug", "write-plan", "review-change", "split-work"}
    people = {path.parent.name for path in SKILLS if is_for_people(path.read_text("utf-8"))}
    # each is given by a stage by its name, or says that it is for people to ask for
    assert names == GIVEN | people
    assert not GIVEN & people


def test_settings_agents_and_commands_for_claude_code_are_valid() -> None:
    settings = json.loads(read(".claude/settings.json"))
    assert set(settings["permissions"]) <= {"allow", "ask", "deny"}
    for hooks in settings["hooks"].values():
        for hook in (h for group in hooks for h in group["hooks"]):
            script = re.search(r"\$CLAUDE_PROJECT_DIR/([\w./-]+)", hook["command"])
            assert script, hook
            assert (ROOT / script[1]).is_file()
    for path in (ROOT / ".claude" / "agents").glob("*.md"):
        fields, body = front(path)
        assert fields["name"] == path.stem
        assert fields["description"]
        assert body
    for path in (ROOT / ".claude" / "commands").glob("*.md"):
        assert front(path)[0]["description"]


def test_the_format_hook_formats_python_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    hook = tmp_path / "scripts" / "format_hook.sh"
    hook.write_text(read("scripts/format_hook.sh"))
    scripts = tmp_path / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "python").symlink_to(sys.executable)
    (scripts / "ruff").write_text('#!/bin/sh\nfor last; do :; done\necho formatted > "$last"\n')
    (scripts / "ruff").chmod(0o755)
    for name, expected in (("a.py", "formatted\n"), ("b.md", "x=1")):
        file = tmp_path / name
        file.write_text("x=1")
        told = json.dumps({"tool_input": {"file_path": str(file)}})
        subprocess.run(["sh", str(hook)], input=told, text=True, check=True, timeout=PATIENCE_S)
        assert file.read_text() == expected


def test_the_machine_check_names_what_is_missing(tmp_path: Path) -> None:
    for name in ("sh", "git", "id", "dirname", "true"):
        found = next(p for d in os.defpath.split(":") if (p := Path(d, name)).exists())
        (tmp_path / name).symlink_to(found)
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "scripts" / "system.sh")],
        env={"PATH": str(tmp_path), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 4
    assert "missing bubblewrap" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_wheel_carries_what_people_edit(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, timeout=100)
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
        names = set(archive.namelist())
    for kind, folder in (("prompts", "prompts"), ("skills", "skills"), ("claude", ".claude")):
        files = [p for p in (ROOT / folder).rglob("*") if p.suffix in (".md", ".json")]
        assert files
        for file in files:
            assert f"harness/_data/{kind}/{file.relative_to(ROOT / folder)}" in names
    revisions = [*(ROOT / "harness/engine/migrations").rglob("*.[pm]*")]
    assert {"env.py", "script.py.mako"} < {p.name for p in revisions}
    missing = [p for p in revisions if p.suffix != ".pyc" and str(p.relative_to(ROOT)) not in names]
    assert missing == []
    code = "from harness.prompting.templates import *; r = prompts_root(); Prompts(r); print(r)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={"PYTHONPATH": str(unpacked), "PATH": os.defpath},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == str(unpacked / "harness" / "_data" / "prompts")


def test_a_rule_of_the_house_is_one_test_however_many_files_it_looks_at(tmp_path: Path) -> None:
    cases = [
        ("tests.test_layers", "test_sizes[a.py]", ""),
        ("tests.test_layers", "test_sizes[b.py]", ""),
        ("tests.test_layers", "test_sizes[c.py]", "<failure/>"),
        ("tests.test_layers", "test_sizes[d.py]", "<skipped/>"),
        ("tests.test_layers", "test_whole", ""),
        ("tests.core.test_a", "test_a[1]", ""),
        ("tests.core.test_a", "test_a[2]", ""),
    ]
    rows = "".join(f'<testcase classname="{c}" name="{n}">{x}</testcase>' for c, n, x in cases)
    page = tmp_path / "junit.xml"
    page.write_text(f'<testsuite tests="7" failures="1" errors="0" skipped="1">{rows}</testsuite>')
    ran = counted("unit", 1.0, 1, page)
    assert (ran.passed, ran.failed, ran.skipped) == (4, 1, 1)


def without_encoding(tree: ast.Module) -> Iterator[int]:
    """Lines that read or write text in whatever encoding the locale has."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = {word.arg for word in node.keywords}
        modes = [one.value for one in node.args if isinstance(one, ast.Constant)]
        text = name in ("read_text", "write_text") and len(node.args) < 2
        text |= name == "open" and any(mode in ("r", "w", "a", "x", "r+", "w+") for mode in modes)
        text |= name in ("run", "Popen", "check_output") and "text" in given
        if text and "encoding" not in given and not (name == "read_text" and node.args):
            yield node.lineno


def test_every_file_is_read_and_written_in_a_named_encoding() -> None:
    for line in ("p.read_text()", "p.write_text(t)", "p.open('w')", "run(a, text=True)"):
        assert list(without_encoding(ast.parse(line))), line
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "harness").rglob("*.py"))
        for line in without_encoding(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []
