"""Asks the escape suite's questions of four sandboxes and writes docs/security-sandboxes.md.

`python scripts/escape_table.py --srt FOLDER`: FOLDER holds node_modules with
@anthropic-ai/sandbox-runtime. As root, with podman, runc, socat and ripgrep; takes a minute or two.
sandbox-runtime runs as an ordinary user, as it is meant to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness.ports.sandbox import Box, Sandbox  # noqa: E402
from harness.sandbox.bubblewrap import Bubblewrap  # noqa: E402
from harness.testing.escape_attempts import GROUPS, Attempt  # noqa: E402
from harness.testing.escape_contract import (  # noqa: E402
    EscapeWorld,
    judge_codes,
    ran_in,
    run_in_box,
    try_attempt,
    world,
)
from tests.containers import container, plain_run  # noqa: E402

PAGE = ROOT / "docs" / "security-sandboxes.md"
NOBODY = 65534
DRIVER = """
import json, subprocess, sys
found = []
for command in json.load(open(sys.argv[1])):
    try:
        done = subprocess.run(["/bin/bash", "-c", command], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=8)
        found.append(done.returncode)
    except subprocess.TimeoutExpired:
        found.append(137)
json.dump(found, open(sys.argv[2], "w"))
"""
HEAD = """# The same attempts in four sandboxes

An independent opinion on ours: every attempt of the escape suite
(`harness/testing/escape_attempts.py`), made inside our two sandboxes, inside Anthropic's
sandbox-runtime (as an ordinary user, no network, writes in the tree alone, the protected folder
denied) and inside a Podman container without any argument of ours but the tree and no network.

- `refused`: it failed, and its benign twin works. `absent`: the program is not there.
- **open**: it worked; for a system call: the kernel's own code answered, not the wall before it.
- **broken**: refused, but the benign twin does not work either. **stopped**: no answer in 8 s (a
  search of everything that can be read finds a whole machine).

What is open in another sandbox is often its promise. sandbox-runtime leaves reads open, and takes
the network and what a developer's own tools would run as its boundary; a container engine keeps
capabilities and lets a container write to its own layer (`write outside of the tree` meets that
layer, not the host). What is open in both and closed in ours is reach into the kernel. Made by
`scripts/escape_table.py`; a test holds our two columns to it.
"""
Answers = Mapping[str, str]


def ours(sandbox: Sandbox, group: str) -> Answers:
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as made:

        async def work(box: Box) -> dict[str, str]:
            return {a.name: await try_attempt(ran_in(box), made, a) for a in GROUPS[group]}

        return asyncio.run(run_in_box(sandbox, made, work))


def carried(
    argv: Sequence[str], made: EscapeWorld, attempts: Sequence[Attempt], uid: int
) -> Answers:
    """All in one start of a sandbox that runs one command: the attempts, then their twins."""
    words = [made.fill(c) for a in attempts for c in (a.command, a.twin or "true")]
    (made.tree / "asked.json").write_text(json.dumps(words))
    (made.tree / "driver.py").write_text(DRIVER)
    for path in (made.tree.parent, *made.tree.parent.rglob("*")):
        os.chown(path, uid, uid, follow_symlinks=False)
    subprocess.run(
        [*argv, "python3 driver.py asked.json codes.json; exit $?"],
        cwd=made.tree,
        env={"PATH": os.defpath + ":/usr/local/bin", "HOME": made.facts["home"]},
        user=uid,
        group=uid,
        extra_groups=[],
        check=False,  # an attempt may have stopped process 1 for good
        timeout=150,
    )
    codes = json.loads((made.tree / "codes.json").read_text())
    pairs = zip(codes[::2], codes[1::2], strict=True)
    return {
        a.name: judge_codes(code, twin) for a, (code, twin) in zip(attempts, pairs, strict=True)
    }


def runtime(packages: Path, group: str) -> Answers:
    """sandbox-runtime with the nearest settings it has: no network, writes in the tree alone, the
    protected folder denied."""
    base = Path(tempfile.mkdtemp(prefix="harness-srt-", dir="/var/tmp"))
    base.chmod(0o755)
    try:
        shutil.copytree(packages / "node_modules", base / "node_modules", symlinks=True)
        (base / "world").mkdir()
        with world(base / "world") as made:
            shutil.copytree(made.shown, made.tree / ".claude")
            made.facts["shown"] = str(made.tree / ".claude")
            settings = base / "settings.json"
            filesystem = {"denyRead": [], "allowWrite": ["."], "denyWrite": [made.facts["shown"]]}
            network: dict[str, list[str]] = {"allowedDomains": [], "deniedDomains": []}
            settings.write_text(json.dumps({"network": network, "filesystem": filesystem}))
            srt = str(base / "node_modules" / ".bin" / "srt")
            argv = ("node", srt, "--settings", str(settings), "-c")
            return carried(argv, made, GROUPS[group], NOBODY)
    finally:
        shutil.rmtree(base)


def plain(group: str) -> Answers:
    """The container engine as it comes: no argument of ours but the tree and no network."""
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as made:
        argv = plain_run({str(made.tree): "/work", str(made.shown): "/work/.claude:ro"})
        return carried(argv, made, GROUPS[group], 0)


def first_line(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[0]


def page(columns: Mapping[str, Mapping[str, Answers]], facts: Sequence[str]) -> str:
    lines = [HEAD, f"Measured with {', '.join(facts)}.", ""]
    for group, attempts in GROUPS.items():
        lines += [f"## {group.capitalize()}", "", f"| attempt | {' | '.join(columns)} |"]
        lines.append("|---" * (len(columns) + 1) + "|")
        for attempt in attempts:
            cells = [columns[name][group][attempt.name] for name in columns]
            cells = ["open" if cell == "BREACH" else cell for cell in cells]
            marked = [c if c in ("refused", "absent") else f"**{c}**" for c in cells]
            lines.append(f"| {attempt.name} | {' | '.join(marked)} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--srt", type=Path, required=True)
    packages = words.parse_args().srt
    columns = {
        "bubblewrap (ours)": {g: ours(Bubblewrap(), g) for g in GROUPS},
        "container (ours)": {g: ours(container(), g) for g in GROUPS},
        "sandbox-runtime": {g: runtime(packages, g) for g in GROUPS},
        "Podman as it comes": {g: plain(g) for g in GROUPS},
    }
    package = packages / "node_modules" / "@anthropic-ai" / "sandbox-runtime" / "package.json"
    facts = (
        first_line("bwrap", "--version"),
        f"sandbox-runtime {json.loads(package.read_text())['version']}",
        first_line("podman", "--version"),
        first_line("runc", "--version"),
        f"Linux {os.uname().release.split('-')[0]} {os.uname().machine}",
    )
    PAGE.write_text(page(columns, facts), encoding="utf-8")


if __name__ == "__main__":
    main()
