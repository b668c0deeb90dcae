"""Runs unittest, Django's `manage.py test` or `python -m django test`, or a script that runs one of
them, and writes down what each test did, line by line, in the form of pytest_probe. No part of
harness when it runs: Python 3.8 and nothing else. Beside it lies settings.json: out, root, what to
watch. Called as `python -m <this> unittest ...`, `... django test` or `... manage.py test`.

No test is left out because another failed; nothing else changes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import runpy
import sys
import traceback
import unittest
from pathlib import Path
from typing import Any

TEXT = 4000


class Log:
    """The file of lines; what `os` offers is held here, since a test may replace it."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.root = given["root"]
        self._out = given["out"]
        self._open, self._write, self._dumps = os.open, os.write, json.dumps
        self._file = -1
        self._owner = os.getpid()

    def write(self, line: dict[str, Any]) -> None:
        if os.getpid() != self._owner:
            return  # a child of a test; Django's workers tell their parent
        data = (self._dumps(line) + "\n").encode("ascii")
        for _ in (1, 2):
            try:
                self._write(self._file, data)
            except OSError:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
                self._file = self._open(self._out, flags, 0o644)
            else:
                return

    def phase(self, test: Any, when: str, outcome: str, err: Any = None, **more: Any) -> None:
        line = {"e": "phase", "id": self.id(test), "when": when, "outcome": outcome, **more}
        if err is not None:
            kind, value, trace = err
            text = "".join(traceback.format_exception(kind, value, trace))
            cut = (
                text if len(text) <= TEXT else f"{text[: TEXT // 4]}\n...\n{text[-3 * TEXT // 4 :]}"
            )
            line.update(kind=kind.__name__, text=cut, frames=self._frames(trace))
        self.write(line)

    def _frames(self, trace: Any) -> list[str]:
        frames = []
        for step in traceback.extract_tb(trace)[-60:]:
            if step.filename.startswith(self.root + "/") and "/site-packages/" not in step.filename:
                frames.append(f"{step.filename[len(self.root) + 1 :]}:{step.lineno} {step.name}")
        return frames

    def id(self, test: Any) -> str:
        """`path::Class::test`; for what stands in for a class or module that broke, its own."""
        kind = type(test)
        if kind.__name__ == "_SubTest":
            return self.id(test.test_case)
        text = test.id() if hasattr(test, "id") else str(test)
        if kind.__name__ == "_FailedTest":
            return self._place(text.partition("_FailedTest.")[2])
        if kind.__name__ == "_ErrorHolder":
            inner = text.partition("(")[2].rstrip(")") or text
            return self._holder(inner)
        file = self._path(kind.__module__)
        method = getattr(test, "_testMethodName", "") or text
        return f"{file}::{kind.__qualname__.replace('.', '::')}::{method}"

    def _holder(self, dotted: str) -> str:
        rest: list[str] = []
        module = dotted
        while module and module not in sys.modules:
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
        return "::".join([self._path(module or dotted), *rest])

    def _path(self, module: str) -> str:
        name = getattr(sys.modules.get(module), "__file__", None) or ""
        if name.startswith(self.root + "/"):
            return name[len(self.root) + 1 :]
        return self._place(module)

    def _place(self, module: str) -> str:
        """Where a module that did not load would be: the longest beginning of it that is there."""
        here = str(Path.cwd())
        inside = here[len(self.root) + 1 :] + "/" if here.startswith(self.root + "/") else ""
        for start in (inside, *(f"{inside}{p.name}/" for p in Path.cwd().glob("*/"))):
            path = start + module.replace(".", "/")
            for name in (f"{path}.py", f"{path}/__init__.py"):
                if Path(self.root, name).exists():
                    return name
        return inside + module.replace(".", "/") + ".py"


class LinesWatch:
    """Which of the asked lines each test runs; what runs between two tests is no one test's."""

    def __init__(self, log: Log, given: dict[str, Any]) -> None:
        path = Path(__file__).with_name("execution_watch.py")
        spec = importlib.util.spec_from_file_location(f"{__name__}_watch", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self._log, self._watch = log, module.watch(given)
        self._watch.begin()

    def start(self, test: Any) -> None:
        self._end("shared", test)

    def stop(self, test: Any) -> None:
        self._end("lines", test)

    def _end(self, name: str, test: Any) -> None:
        """Between two calls something ran; once some of it is hidden, all that follows is."""
        said = self._watch.end()
        self._watch.begin()
        if name == "shared" and not said["told"]:
            self._watch.lost = True
        line = {"e": "lines", "id": self._log.id(test), name: said["lines"]}
        self._log.write({**line, "told": said["told"]})


def watch_results(log: Log, lines: LinesWatch | None = None) -> None:
    """Every result of unittest, whoever derives from it, tells the log first."""
    base = unittest.TestResult
    told = {
        "addSuccess": lambda test: log.phase(test, "call", "passed"),
        "addError": lambda test, err: _record_error(log, test, err),
        "addFailure": lambda test, err: log.phase(test, "call", "failed", err),
        "addSkip": lambda test, reason: log.phase(test, "setup", "skipped"),
        "addExpectedFailure": lambda test, err: log.phase(test, "call", "skipped", xfail=True),
        "addUnexpectedSuccess": lambda test: log.phase(test, "call", "failed"),
        "addSubTest": lambda test, sub, err: _part(log, test, err),
        "startTest": lambda test: _start(log, lines, test),
        "stopTest": lambda test: lines.stop(test) if lines is not None else None,
    }
    for name, tell in told.items():
        setattr(base, name, _both(getattr(base, name), tell))
    # nothing stops the rest
    base.failfast = property(lambda self: False, lambda self, value: None)  # type: ignore[assignment]


def _start(log: Log, lines: LinesWatch | None, test: Any) -> None:
    log.write({"e": "start", "id": log.id(test)})
    if lines is not None:
        lines.start(test)


def _both(real: Any, tell: Any) -> Any:
    def method(self: Any, *given: Any) -> Any:
        tell(*given)
        return real(self, *given)

    return method


def _record_error(log: Log, test: Any, err: Any) -> None:
    """An exception that is no failed assertion: in the test's own call it is a failure all the
    same, as pytest counts it; in a set-up, a class or a module it is an error."""
    name = type(test).__name__
    if name == "_FailedTest":
        text = str(err[1])
        log.write({"e": "uncollected", "id": log.id(test), "kind": _cause(text), "text": text})
        return
    method = getattr(test, "_testMethodName", "")
    frames = traceback.extract_tb(err[2])
    ours = any(step.name == method for step in frames)
    log.phase(test, "call" if method and ours else "setup", "failed", err)


def _part(log: Log, test: Any, err: Any) -> None:
    if err is not None:
        log.phase(test, "call", "failed", err)


def _cause(text: str) -> str:
    """The class that the last line of a traceback names."""
    last = [line for line in text.splitlines() if line.strip()][-1:]
    return last[0].partition(":")[0].rpartition(".")[2].strip() if last else ""


def main() -> None:
    given = json.loads(Path(__file__).with_name("settings.json").read_text("utf-8"))
    log = Log(given)
    log.write({"e": "session", "root": given["root"]})
    watch_results(log, LinesWatch(log, given) if given.get("by_test") else None)
    target, sys.argv = sys.argv[1], sys.argv[1:]
    try:
        _run(target)
    except SystemExit:
        log.write({"e": "finish"})
        raise
    # an error that ends the runner itself is no end of the session
    log.write({"e": "finish"})


def _run(target: str) -> None:
    if target == "unittest":
        sys.argv[0] = "python -m unittest"
        unittest.main(module=None)
        return
    if target == "django":
        runpy.run_module(target, run_name="__main__", alter_sys=True)
        return
    sys.path.insert(0, str(Path(target).resolve().parent))
    runpy.run_path(target, run_name="__main__")


if __name__ == "__main__":
    main()
