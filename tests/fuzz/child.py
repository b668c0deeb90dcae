"""The process that fuzzes: `python -m tests.fuzz.child TARGET planted|real LIBFUZZER-OPTIONS...`.

What the target is about is instrumented before it is loaded; libFuzzer never returns.
"""

from __future__ import annotations

import faulthandler
import importlib
import sys
from typing import Any

from tests.fuzz.wheel import folder

SLACK = 4.0
"""What instrumentation costs at most; inputs that are slow are judged again without it."""
LONGEST = 8 << 10
"""Of a stretched input: the fuzzer has little time."""
WATCHED = {
    "config": [
        "harness.config.layers",
        "harness.config.toml_lines",
        "harness.config.load",
        "tomllib",
    ],
    "plan": [
        "harness.report.plan_reading",
        "harness.report.plan_marks",
        "harness.report.plan_page",
    ],
    "hooks": [
        *("harness.guard.claude_format", "harness.guard.hooks", "harness.guard.matchers"),
        *("harness.guard.permission_rules", "harness.guard.command_parts"),
        *("harness.guard.command_files", "harness.guard.command_words"),
    ],
    "webhook": ["harness.web"],
    "skill": ["harness.knowledge"],
    "pr_text": ["harness.guard.outgoing_text", "harness.guard.hidden", "markdown_it"],
    "issue_text": ["harness.guard.visible", "harness.guard.hidden", "markdown_it.rules_block"],
    "reports": ["harness.testruns.reports"],
    "box": ["harness.sandbox.box", "harness.system.text"],
    "connect": ["harness.sandbox.egress", "harness.core.client_hello", "harness.core.hosts"],
    "terminal": ["harness.system.text"],
}
"""Target -> the modules that it is about: only they are instrumented, which takes its time."""


def main() -> None:
    name, kind, *options = sys.argv[1:]
    sys.path.insert(0, str(folder()))
    # not installed where it has no wheel: known by its name alone
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=WATCHED[name]):
        targets: Any = importlib.import_module("tests.fuzz.targets")
    judging: Any = importlib.import_module("tests.fuzz.judging")
    target = targets.TARGETS[name]
    check = target.planted if kind == "planted" else target.check
    most_s = judging.MOST_S * target.times * SLACK

    def one(data: bytes) -> None:
        judging.judged(check, data, most_s, LONGEST)

    faulthandler.enable()
    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
