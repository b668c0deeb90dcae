"""A person's machine with one public project on it: a home, the network settings of this machine,
a checkout; and what `harness` says there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.outside import outside
from tests.real.sources import Source, reached, registries, unpacked

ROOT = Path(__file__).parent.parent.parent
HARNESS = str(Path(sys.executable).parent / "harness")
LIMIT_S = 3000.0
PERSON = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
YARN = "registry.yarnpkg.com"
# releases leave the file out that the project has
IGNORED = {
    "node": "node_modules/\ncoverage/\n",
    "python": "*.so\n*.egg-info/\nbuild/\n__pycache__/\n",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class History:
    """A public repository as `owner/name`, and which commit of it."""

    name: str
    commit: str


@dataclass(frozen=True)
class Machine:
    """Below `root`; nothing of the real home is seen."""

    root: Path
    name: str

    @property
    def repo(self) -> Path:
        return self.root / self.name

    @property
    def _config(self) -> Path:
        return self.root / "home" / ".config" / "harness"

    @property
    def registered(self) -> str:
        """What `init` called it."""
        (file,) = (self._config / "projects").glob("*.toml")
        return file.stem

    def settle(self, project: Source | History, bare: Path | None = None) -> None:
        """The checkout, and the operator's file."""
        self._config.mkdir(parents=True)
        hosts = json.dumps([*reached(), YARN])
        access = "".join(f"{key} = {json.dumps(text)}\n" for key, text in registries().items())
        (self._config / "config.toml").write_text(
            f"[environment]\nallow = {hosts}\nprivate = {hosts}\n\n[environment.env]\n{access}"
        )
        if isinstance(project, History):
            assert bare is not None, f"no history of {project.name}"
            _git(self.root, "clone", "--quiet", "--no-checkout", "--no-local", str(bare), self.name)
            _git(self.repo, "checkout", "--quiet", "-B", "main", project.commit)
            return
        self.repo.mkdir()
        unpacked(project, self.repo)
        if not (self.repo / ".gitignore").exists():
            (self.repo / ".gitignore").write_text(IGNORED[project.kind])
        _git(self.repo, "init", "--quiet", "--initial-branch=main")
        _git(self.repo, "add", "--all", "--force")
        _git(self.repo, *PERSON, "commit", "--quiet", "--message", project.version)

    def says(self, *words: str) -> Row:
        """`harness WORDS...` in the checkout: what it said, how it ended, how long it took."""
        began = time.monotonic()
        done = self._run(self.repo, HARNESS, *words)
        said = f"{done.stdout}\n{done.stderr}".strip()
        return {"code": done.returncode, "said": said, "seconds": round(time.monotonic() - began)}

    def tried(self, said: str) -> Row:
        """What came of it when `init` tried the project: the recipe that is in its file now, where
        it is from, and the results that it told."""
        text = (self._config / "projects" / f"{self.registered}.toml").read_text()
        table = tomllib.loads(text)
        reason = next((line for line in text.splitlines() if line.startswith("# tried ")), "")
        origin = re.search(r"; from (\S+?);?(?:\s|$)", f"{reason} ")
        results = re.findall(r"(\d+) passed, (\d+) failed, (\d+) skipped in (\d+) s", reason)
        seconds = re.findall(r"^  set up in (\d+) s", said, re.M)
        passed, failed, skipped, suite_s = map(int, results[-1] if results else (0, 0, 0, 0))
        return {
            "setup": table.get("environment", {}).get("setup", []),
            "test": table["test"]["command"],
            "reporter": table["test"]["reporter"],
            "origin": origin[1] if origin else "",
            "reason": reason,
            "setup_s": int(seconds[-1]) if seconds else 0,
            "suite_s": suite_s,
            "counts": {"passed": passed, "failed": failed, "skipped": skipped},
        }

    def inside(self) -> Row:
        """Each test's result in the Box. See tests.real.inside."""
        # not from within: the checkout's own packages would go before ours
        words = ("-m", "tests.real.inside", self.registered, str(self.repo))
        done = self._run(ROOT, sys.executable, *words)
        if done.returncode != 0:
            return {"said": f"broke: {done.stderr[-2000:]}"}
        row: Row = json.loads(done.stdout)
        return row

    def outside(self, recipe: Row) -> Row:
        """What the same recipe does beside it, without a Box."""
        checkout = self.root / "outside" / self.name
        _git(self.root, "clone", "--quiet", "--no-local", str(self.repo), str(checkout))
        return outside(checkout, recipe["setup"], recipe["test"], recipe["reporter"])

    def _run(self, folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
        home = {"HOME": str(self.root / "home"), "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            argv,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **home},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
        )


def _git(folder: Path, *words: str) -> None:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {words}: {done.stderr}"
