"""A plugin for the pytest of a project: it writes down what each test did, line by line, so that a
killed interpreter leaves what was before. No part of harness when it runs: Python 3.8, pytest 6 and
later, nothing else. Beside it lies settings.json: out, root, files, lines.

It makes a run comparable (all tests run, whatever failed before) and changes nothing else.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

NAME = "harness-probe"
TEXT = 4000
FRAMES = 60
CAUSES = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec")


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config: Any) -> Any:
    probe = _probe(early_config)
    probe.write({"e": "loaded"})
    known = early_config.known_args_namespace
    if probe.watch is not None and hasattr(known, "no_cov"):
        known.no_cov = True
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: Any) -> None:
    probe = _probe(config)
    probe.silent = hasattr(config, "workerinput")
    option = config.option
    option.maxfail = 0
    option.continue_on_collection_errors = True
    for name in ("stepwise", "stepwise_skip", "exitfirst"):
        if hasattr(option, name):
            setattr(option, name, False)
    if probe.watch is not None and hasattr(option, "no_cov"):
        option.no_cov = True


def _probe(config: Any) -> ProbePlugin:
    found = config.pluginmanager.get_plugin(NAME)
    if found is None:
        given = json.loads(Path(__file__).with_name("settings.json").read_text("utf-8"))
        found = ProbePlugin(given)
        config.pluginmanager.register(found, NAME)
    return found  # type: ignore[no-any-return]


class ProbePlugin:
    """The hooks. In a worker of xdist it only marks reports; the controller writes them."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.silent = False
        self.root = given["root"]
        self.watch = _watch(given) if given.get("files") else None
        self._out = given["out"]
        # held here: a test may replace what `os` offers, or close every file
        self._open, self._write, self._dumps = os.open, os.write, json.dumps
        self._file = -1

    def write(self, line: dict[str, Any]) -> None:
        if self.silent:
            return
        data = (self._dumps(line) + "\n").encode("ascii")
        for _ in (1, 2):
            try:
                self._write(self._file, data)
            except OSError:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
                self._file = self._open(self._out, flags, 0o644)
            else:
                return

    def pytest_sessionstart(self, session: Any) -> None:
        config = session.config
        self.write({"e": "session", "root": str(getattr(config, "rootpath", "") or config.rootdir)})

    def pytest_collectstart(self, collector: Any) -> None:
        if isinstance(collector, pytest.File):
            self.write({"e": "collecting", "id": collector.nodeid})

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector: Any) -> Any:
        outcome = yield
        report = outcome.get_result()
        call = getattr(report, "call", None)
        if report.failed and call is not None and call.excinfo is not None:
            report.harness_probe = _failure(call.excinfo, self.root)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            marked = getattr(report, "harness_probe", {})
            self.write({"e": "uncollected", "id": report.nodeid, "text": _text(report), **marked})
        elif report.skipped:
            self.write({"e": "set aside", "id": report.nodeid})

    def pytest_collection_finish(self, session: Any) -> None:
        counts: dict[str, int] = {}
        for nodeid in {item.nodeid for item in session.items}:
            file = nodeid.partition("::")[0]
            counts[file] = counts.get(file, 0) + 1
        for file, count in counts.items():
            self.write({"e": "items", "id": file, "count": count})
        self.write({"e": "collected"})

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.write({"e": "start", "id": nodeid})

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: Any) -> Any:
        if self.watch is None:
            yield
            return
        self.watch.begin()
        try:
            yield
        finally:
            item.harness_probe = self.watch.end()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
        outcome = yield
        report = outcome.get_result()
        marks: dict[str, Any] = {}
        if report.failed and call.excinfo is not None:
            marks = _failure(call.excinfo, self.root)
        if report.when == "call":
            marks.update(getattr(item, "harness_probe", None) or {})
        report.harness_probe = marks

    def pytest_runtest_logreport(self, report: Any) -> None:
        line = {"e": "phase", "id": report.nodeid, "when": report.when, "outcome": report.outcome}
        if hasattr(report, "wasxfail"):
            line["xfail"] = True
        if type(report).__name__.lower() == "subtestreport":
            line["sub"] = True
        if report.failed:
            line["text"] = _text(report)
        self.write({**line, **getattr(report, "harness_probe", {})})

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.write({"e": "end", "id": nodeid})

    def pytest_sessionfinish(self, exitstatus: Any) -> None:
        self.write({"e": "finish", "exit": int(exitstatus)})


def _text(report: Any) -> str:
    text = str(getattr(report, "longreprtext", "") or report.longrepr or "")
    return text if len(text) <= TEXT else f"{text[: TEXT // 4]}\n...\n{text[-3 * TEXT // 4 :]}"


def _failure(excinfo: Any, root: str) -> dict[str, Any]:
    """Class of the exception, and where in the tree it passed. What pytest made of an error in a
    module is named by that error."""
    kind, step = excinfo.type.__name__, excinfo.tb
    cause = getattr(excinfo.value, "__cause__", None)
    if kind == "CollectError" and cause is not None:
        kind, step = type(cause).__name__, cause.__traceback__
    frames = []
    while step is not None:
        code = step.tb_frame.f_code
        name = code.co_filename
        if name.startswith(root + "/") and "/site-packages/" not in name:
            frames.append(f"{name[len(root) + 1 :]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    cut = frames if len(frames) <= FRAMES else frames[: FRAMES // 2] + frames[-FRAMES // 2 :]
    return {"kind": kind, "frames": cut}


# ---------------------------------------------------------------- which functions and lines ran


def _watch(given: dict[str, Any]) -> ExecutionWatch:
    monitoring = vars(sys).get("monitoring")
    free = [n for n in (4, 3, 2, 5) if monitoring is not None and monitoring.get_tool(n) is None]
    return Monitored(given, monitoring, free[0]) if free else Traced(given)


class ExecutionWatch:
    """What of the files asked about runs between `begin` and `end`."""

    def __init__(self, given: dict[str, Any]) -> None:
        root = given["root"]
        self._files = {f"{root}/{path}": path for path in given["files"]}
        self._bases = {path.rpartition("/")[2] for path in given["files"]}
        self._names: dict[str, str] = {}
        self.lines = {
            path: _statements(f"{root}/{path}", ranges)
            for path, ranges in given.get("lines", {}).items()
        }
        self.qualified = {path: _qualified_names(f"{root}/{path}") for path in given["files"]}
        self.on = self.hit = self.apart = False
        self.ran: set[str] = set()
        sys.addaudithook(self._audit)

    def _audit(self, event: str, _: Any) -> None:
        if self.on and event in CAUSES:
            self.apart = True

    def path(self, code: Any) -> str:
        """Path in the tree of a function of a file asked about; "" for everything else."""
        name = code.co_filename
        found = self._names.get(name)
        if found is None:
            found = self._files.get(name, "")
            if not found and name.rpartition("/")[2] in self._bases:
                found = self._files.get(os.path.realpath(name), "")
            self._names[name] = found
        # module and class bodies are no functions: they lack the flag CO_OPTIMIZED
        return found if code.co_flags & 1 else ""

    def record_call(self, path: str, code: Any) -> None:
        first = code.co_firstlineno
        name = getattr(code, "co_qualname", "") or self.qualified[path].get(first, code.co_name)
        self.ran.add(f"{path}::{name}")
        if first in self.lines.get(path, ()):
            self.hit = True

    def begin(self) -> None:
        self.ran, self.hit, self.apart, self.on = set(), False, False, True
        self.start()

    def end(self) -> dict[str, Any]:
        """What ran; nothing where another process or another tracer may have hidden some."""
        kept = self.stop()
        self.on = False
        if (self.apart or not kept) and not self.hit:
            return {"ran": sorted(self.ran)} if self.ran else {}
        return {"ran": sorted(self.ran), "hit": self.hit}

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> bool:
        raise NotImplementedError


class Traced(ExecutionWatch):
    """By sys.settrace, whose slot is given back as it was."""

    def start(self) -> None:
        self._old = sys.gettrace()
        self._old_thread = getattr(threading, "_trace_hook", None)
        self._mine = self._call
        threading.settrace(self._mine)
        sys.settrace(self._mine)

    def stop(self) -> bool:
        kept = sys.gettrace() is self._mine
        sys.settrace(self._old)
        threading.settrace(self._old_thread)
        return kept

    def _call(self, frame: Any, event: str, _: Any) -> Any:
        path = self.path(frame.f_code) if event == "call" else ""
        if not path:
            return None
        self.record_call(path, frame.f_code)
        return self._line if path in self.lines else None

    def _line(self, frame: Any, event: str, _: Any) -> Any:
        if event == "line" and frame.f_lineno in self.lines[self.path(frame.f_code)]:
            self.hit = True
        return self._line


class Monitored(ExecutionWatch):
    """By sys.monitoring, under a number nobody else uses."""

    def __init__(self, given: dict[str, Any], monitoring: Any, tool: int) -> None:
        super().__init__(given)
        self._api, self._tool = monitoring, tool
        events = monitoring.events
        monitoring.use_tool_id(tool, NAME)
        monitoring.register_callback(tool, events.PY_START, self._start)
        monitoring.register_callback(tool, events.PY_RESUME, self._start)
        monitoring.register_callback(tool, events.LINE, self._line)

    def start(self) -> None:
        events = self._api.events
        self._api.set_events(self._tool, events.PY_START | events.PY_RESUME)

    def stop(self) -> bool:
        kept = self._api.get_tool(self._tool) == NAME
        if kept:
            self._api.set_events(self._tool, 0)
        return bool(kept)

    def _start(self, code: Any, _: int) -> Any:
        path = self.path(code)
        if not path:
            return self._api.DISABLE
        if self.on:
            self.record_call(path, code)
            if path in self.lines:
                self._api.set_local_events(self._tool, code, self._api.events.LINE)
        return None

    def _line(self, code: Any, line: int) -> None:
        if self.on and line in self.lines.get(self.path(code), ()):
            self.hit = True


def _parse(path: str) -> ast.Module:
    try:
        return ast.parse(Path(path).read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError):
        return ast.Module(body=[], type_ignores=[])


def _statements(path: str, ranges: list[list[int]]) -> frozenset[int]:
    """The lines asked about, with all lines of the statement that each is a part of: Python
    names a statement by a few of its lines only."""
    wanted = {n for first, last in ranges[:5000] for n in range(first, min(last, first + 5000) + 1)}
    grown = set(wanted)
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.stmt):
            span = _head(node)
            if not wanted.isdisjoint(span):
                grown.update(span)
    return frozenset(grown)


def _head(node: Any) -> range:
    """A statement's own lines, without the statements inside it."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    last = node.end_lineno
    if getattr(node, "body", None):
        last = max(node.lineno, node.body[0].lineno - 1)
    elif getattr(node, "cases", None):
        last = node.lineno
    return range(first, last + 1)


def _qualified_names(path: str) -> dict[int, str]:
    """First line of a function -> its qualified name, for Pythons whose code does not tell."""
    found: dict[int, str] = {}
    todo: list[tuple[ast.AST, str]] = [(_parse(path), "")]
    while todo:
        node, above = todo.pop()
        for child in ast.iter_child_nodes(node):
            inner = above
            if isinstance(child, ast.ClassDef):
                inner = f"{above}{child.name}."
            elif hasattr(child, "args") and hasattr(child, "name"):
                found[_head(child)[0]] = above + child.name
                inner = f"{above}{child.name}.<locals>."
            todo.append((child, inner))
    return found
