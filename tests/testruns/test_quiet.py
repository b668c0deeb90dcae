"""Our options are not on the command line that a project's tests see."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.core.types import Evidence
from harness.pipeline.verification.evidence import Suite, base_tests
from harness.testruns.quiet import SOURCE
from harness.testruns.suite_command import QUIET, by_file, instrument, single
from tests.testruns.suites import job

NODE = shutil.which("node", path=f"{os.environ.get('PATH', '')}:{os.defpath}")


@pytest.mark.skipif(NODE is None, reason="no node here")
@pytest.mark.parametrize(
    ("own", "kind"),
    [
        ([], "jest"),
        (["--ci", "-t", "x"], "jest"),
        (["--coverage", "src"], "jest"),
        (["test"], "mocha"),
        (["--reporter", "dot", "--exit"], "mocha"),
    ],
)
def test_what_the_tests_see_is_what_the_project_wrote(
    own: list[str], kind: str, tmp_path: Path
) -> None:
    (tmp_path / "probe").mkdir()
    (tmp_path / QUIET).write_text(SOURCE, "utf-8")
    (tmp_path / "show.js").write_text(
        f"require({json.dumps(str(tmp_path / QUIET))});\n"
        "console.log(JSON.stringify(process.argv.slice(2)));\n"
    )
    plain = shlex.join(["npx", kind, *own])
    commands = [plain, single(plain, kind, ["t/a.test.js::a > b"])]
    commands += [single(plain, kind, ["a b"])]
    commands += [by_file(plain, kind, ["t/a.test.js", "t/b.js"])] if kind == "jest" else []
    for command in commands:
        changed = instrument(command, kind, str(tmp_path), "probe")[0].partition(";")[0]
        words = shlex.split(changed)[2:]
        assert words != own
        done = subprocess.run(
            [str(NODE), str(tmp_path / "show.js"), *words],
            capture_output=True,
            timeout=60,
            check=True,
        )
        assert json.loads(done.stdout) == own


OLD = """\
case "$*" in *--reporters*) echo 'Could not resolve a module for a custom reporter.'; exit 1;; esac
for word; do case "$word" in --outputFile=*) cat report.json > "${word#*=}";; esac; done
"""
NEW = """\
test -s /out/probe/argv.cjs || exit 3
for word; do case "$word" in --outputFile=*) cat report.json > "${word#*=}";; esac; done
exit 1
"""
REPORT = {
    "testResults": [
        {
            "name": "/work/a.test.js",
            "status": "passed",
            "assertionResults": [{"ancestorTitles": [], "title": "adds", "status": "passed"}],
        }
    ]
}


@pytest.mark.parametrize("script", [OLD, NEW])
async def test_a_runner_that_does_not_load_it_is_run_without(tmp_path: Path, script: str) -> None:
    files = {"jest": script, "report.json": json.dumps(REPORT), "a.test.js": ""}

    async def go() -> Evidence:
        async with job(tmp_path, files, has_pytest=False) as (work, _):
            return await base_tests(work, Suite(command="sh ./jest", reporter="jest"))

    seen = await go()
    assert seen.tests is not None
    assert seen.tests.outcomes == {"a.test.js::adds": "passed"}
    assert seen.exit_code == (0 if script is OLD else 1)
