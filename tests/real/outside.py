"""The same recipe on the machine itself: a plain checkout, the person's own tools, no Box."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.pipeline.verification.left_reports import LeftReports
from harness.testruns import v8
from harness.testruns.detect.detection import instrument
from harness.testruns.probe_lines import read_probe
from harness.testruns.reports import read_reports
from harness.testruns.suite_command import folders_of
from tests.real.inside import OUTPUT, counts
from tests.real.sources import registries

LIMIT_S = 1500.0
Row = dict[str, Any]


def outside(checkout: Path, setup: Sequence[str], test: str, reporter: str) -> Row:
    """What set-up and suite do in that checkout; `said` when the set-up fails."""
    with tempfile.TemporaryDirectory(prefix="outside-") as folder:
        env = _env(Path(folder))
        began = time.monotonic()
        for line in setup:
            done = _run(line, checkout, env)
            if done.returncode != 0:
                return {"said": f"set-up: {(done.stdout + done.stderr)[-OUTPUT:]}"}
        row: Row = {"setup_s": round(time.monotonic() - began, 1)}
        return row | _suite(checkout, Path(folder), env, test, reporter)


def _suite(checkout: Path, folder: Path, env: dict[str, str], test: str, reporter: str) -> Row:
    out = folder / "out"
    out.mkdir()
    left = LeftReports(checkout, reporter, folders_of(test))
    probed = _probe(folder, out, checkout) if "unittest" in reporter.split("+") else {}
    changed, extra = instrument(test, reporter, str(out), "probe" if probed else "")
    began = time.monotonic()
    done = _run(changed, checkout, env | extra | probed)
    seconds = round(time.monotonic() - began, 1)
    pages = {page.name: page.read_bytes() for page in sorted(out.iterdir()) if page.is_file()}
    lines = read_probe(pages.pop("probe.jsonl", b""), str(checkout))
    tally = read_reports(pages | left.written())
    outcomes = {**tally.outcomes, **lines.tally.outcomes}
    return {
        "suite_s": seconds,
        "exit": done.returncode,
        "counts": counts(outcomes),
        "outcomes": outcomes,
        "output": (done.stdout + done.stderr)[-OUTPUT:],
    }


def _probe(folder: Path, out: Path, checkout: Path) -> dict[str, str]:
    """The probe for unittest, which writes no report of its own."""
    place = folder / "probe"
    place.mkdir()
    text = Path(v8.__file__).with_name("unittest_probe.py").read_text("utf-8")
    (place / "probe_unittest.py").write_text(text, "utf-8")
    given = {"out": str(out / "probe.jsonl"), "root": str(checkout)}
    (place / "settings.json").write_text(json.dumps(given), "utf-8")
    return {"PYTHONPATH": str(place)}


def _env(folder: Path) -> dict[str, str]:
    """The person's search path with their Python's own folder first (a shim would look into the
    checkout), before it what set-up puts into its folder."""
    home, kept = folder / "home", folder / "env"
    home.mkdir()
    kept.mkdir()
    asked = ("python3", "-c", "import sys; print(sys.base_prefix)")
    prefix = subprocess.run(asked, cwd="/", check=True, capture_output=True, text=True).stdout
    path = f"{kept}/venv/bin:{kept}/bin:{prefix.strip()}/bin:{os.environ['PATH']}"
    own = {"HARNESS_ENV": str(kept), "HOME": str(home), "PATH": path, "LANG": "C.UTF-8"}
    return {**own, **registries(), "npm_config_update_notifier": "false"}


def _run(line: str, folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired as late:
        sys.stderr.write(f"{line}: {late}\n")
        return subprocess.CompletedProcess(line, 124, "", f"no end within {LIMIT_S:.0f} s")
