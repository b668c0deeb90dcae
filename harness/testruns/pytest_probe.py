"""A plugin for the pytest of a project: it writes down what each test did, line by line, so that a
killed interpreter leaves what was before. No part of harness when it runs: Python 3.8, pytest 6 and
later, nothing else. Beside it lies settings.json: out, root, files, lines.

It makes a run comparable (all tests run, whatever failed before) and changes nothing else.
"""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import Any

import pytest

NAME = "harness-probe"
TEXT = 4000
FRAMES = 60


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config: Any) -> Any:
    probe = _probe(early_config)
    probe.write({"e": "loaded"})
    if probe.by_test is not None:
        probe.by_test.begin()
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
        self.shared: dict[str, Any] = {}
        self.root = given["root"]
        self.watch = _watch(given) if given.get("files") else None
        self.by_test = self.watch if given.get("by_test") else None
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
        if self.by_test is not None:
            self._share(self.by_test.end() if self.by_test.on else {})
        counts: dict[str, int] = {}
        for nodeid in {item.nodeid for item in session.items}:
            file = nodeid.partition("::")[0]
            counts[file] = counts.get(file, 0) + 1
        for file, count in counts.items():
            self.write({"e": "items", "id": file, "count": count})
        self.write({"e": "collected"})

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.write({"e": "start", "id": nodeid})

    def _share(self, told: dict[str, Any]) -> None:
        """What ran for no one test; once some of it is not known, nothing of any test is."""
        for path, spans in told.get("lines", {}).items():
            self.shared.setdefault(path, []).extend(spans)
        if self.by_test is not None and not told.get("told"):
            self.by_test.lost = True

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        if self.by_test is None or fixturedef.scope == "function":
            yield
            return
        before = self.by_test.take()
        yield
        self._share(self.by_test.told(self.by_test.take()))
        self.by_test.give(before)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self, item: Any) -> Any:
        if self.by_test is None:
            yield
            return
        self.by_test.begin()
        try:
            yield
        finally:
            item.harness_probe_setup = self.by_test.end()

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
        if report.when == "setup" and self.by_test is not None:
            of_setup = getattr(item, "harness_probe_setup", {})
            marks.update({name: of_setup[name] for name in ("lines", "told") if name in of_setup})
            if self.shared:
                marks["shared"], self.shared = self.shared, {}
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


def _watch(given: dict[str, Any]) -> Any:
    """By its path: no file of the tree can stand in its place."""
    path = Path(__file__).with_name("execution_watch.py")
    spec = importlib.util.spec_from_file_location(f"{__name__}_watch", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.watch(given)
