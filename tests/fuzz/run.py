"""Fuzzes one target for so long: `python -m tests.fuzz.run TARGET SECONDS`; `all` for each in turn,
two at a time. Prints what was done; exit code 1 and the input when something was found."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import ASKED, TARGETS
from tests.fuzz.wheel import folder, why_not

ROOT = Path(__file__).resolve().parents[2]
LONGEST_INPUT = 4096
HANG_S = 30
MEMORY_MB = 1500
START_S = 120
TAIL = 4000
_DONE = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_STATE = re.compile(r"cov: (\d+) ft: \d+ corp: (\d+)")


@dataclass(frozen=True)
class Fuzzed:
    """One target's end. `found` is the input that did not pass, `said` the end of its output."""

    name: str
    executions: int
    coverage: int
    corpus: int
    found: bytes | None = None
    said: str = ""

    def __str__(self) -> str:
        text = (
            f"{self.name:<10} {self.executions:>8} executions, {self.coverage} edges,"
            f" {self.corpus} inputs kept"
        )
        if self.found is None:
            return f"{text}, nothing found"
        return f"{self.said}\n{text}, FOUND (base64): {base64.b64encode(self.found).decode()}"


def fuzz(name: str, seconds: int, *, planted: bool = False, seed: int = 0) -> Fuzzed:
    """In a process of its own, with a temporary corpus; nothing of it stays. With a `seed` the
    same inputs come in the same order, as many as the time allows; 0 is by chance."""
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as place:
        corpus = Path(place, "corpus")
        corpus.mkdir()
        for number, example in enumerate(TARGETS[name].short):
            (corpus / f"seed-{number:03}").write_bytes(example)
        words = Path(place, "words")
        words.write_text("".join(f'"{quoted(w)}"\n' for w in TARGETS[name].words))
        argv = [sys.executable, "-m", "tests.fuzz.child", name, "planted" if planted else "real"]
        argv += [f"-max_total_time={seconds}", f"-timeout={HANG_S}", f"-rss_limit_mb={MEMORY_MB}"]
        argv += [f"-seed={seed}"]
        argv += [f"-max_len={LONGEST_INPUT}", f"-artifact_prefix={place}/found-", "-len_control=0"]
        argv += [f"-dict={words}", "-print_final_stats=1", "-detect_leaks=0", str(corpus)]
        env = {**os.environ, "TMPDIR": place, "PYTHONWARNINGS": "error"}
        env |= {"PYTHONHASHSEED": str(seed)} if seed else {}
        limit = seconds + HANG_S + START_S
        ended = subprocess.run(
            argv, cwd=ROOT, env=env, capture_output=True, timeout=limit, check=False
        )
        said = ended.stderr.decode("utf-8", "replace")
        said += ended.stdout.decode("utf-8", "replace")
        inputs = sorted(Path(place).glob("found-*"))
        return _read(name, said, inputs[0].read_bytes() if inputs else None, ended.returncode)


def _read(name: str, said: str, found: bytes | None, code: int) -> Fuzzed:
    states = _STATE.findall(said)
    done = _DONE.search(said)
    if found is None and (code or not done):
        # it could not start, or died without an input: that is a finding too
        found = b""
    coverage, corpus = states[-1] if states else ("0", "0")
    executions = int(done[1]) if done else 0
    tail = said[-TAIL:] if found is not None else ""
    return Fuzzed(name, executions, int(coverage), int(corpus), found, tail)


def quoted(word: bytes) -> str:
    """As libFuzzer's dictionaries have it."""
    return "".join(chr(c) if 32 < c < 127 and c not in b'"\\' else f"\\x{c:02x}" for c in word)


def main(words: Sequence[str]) -> int:
    if len(words) != 2 or not words[1].isdigit() or words[0] not in (*TARGETS, "all", "asked"):
        print(f"python -m tests.fuzz.run TARGET SECONDS; targets: all, asked, {', '.join(TARGETS)}")
        return 2
    if reason := why_not():
        print(reason)
        return 0
    if not folder().is_dir():
        print("the fuzzer is not installed: run `make test-parts`", file=sys.stderr)
        return 4
    groups = {"all": tuple(TARGETS), "asked": ASKED}
    names = groups.get(words[0], (words[0],))
    code = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for ran in pool.map(lambda name: fuzz(name, int(words[1])), names):
            print(ran, flush=True)
            code = code or int(ran.found is not None)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
