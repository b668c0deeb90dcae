"""Which functions and lines of some files run, beside whoever else traces: for the probes of
Python's runners, which load it by its path. No part of harness when it runs: Python 3.8 and
nothing else."""

from __future__ import annotations

import ast
import os
import sys
import threading
from pathlib import Path
from typing import Any

NAME = "harness-probe"
CAUSES = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec")


def watch(given: dict[str, Any]) -> ExecutionWatch:
    """By what this Python has. `given`: root, files, lines, by_test."""
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
        self.by_test = bool(given.get("by_test"))
        self.on = self.hit = self.apart = self.lost = False
        self.ran: set[str] = set()
        self.touched: set[tuple[str, int, int]] = set()
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
        self.record_line(path, first)

    def record_line(self, path: str, line: int) -> None:
        span = self.lines.get(path, {}).get(line)
        if span is not None:
            self.hit = True
            self.touched.add((path, *span))

    def begin(self) -> None:
        self.ran, self.hit, self.apart, self.on = set(), False, False, True
        self.touched = set()
        self.start()

    def end(self) -> dict[str, Any]:
        """What ran; nothing where another process or another tracer may have hidden some."""
        kept = self.stop()
        self.on = False
        said = self.told(self.touched, kept) if self.by_test else {}
        if (self.apart or not kept) and not self.hit:
            return {**said, "ran": sorted(self.ran)} if self.ran else said
        return {**said, "ran": sorted(self.ran), "hit": self.hit}

    def take(self) -> set[tuple[str, int, int]]:
        """What was touched up to now; from here on anew."""
        found, self.touched = self.touched, set()
        self.look_again()
        return found

    def give(self, touched: set[tuple[str, int, int]]) -> None:
        self.touched |= touched

    def told(self, touched: set[tuple[str, int, int]], kept: bool = True) -> dict[str, Any]:
        """Lines by file, and whether they are all there are."""
        lines: dict[str, Any] = {}
        for path, first, last in sorted(touched):
            lines.setdefault(path, []).append([first, last])
        return {"lines": lines, "told": kept and not self.apart and not self.lost}

    def look_again(self) -> None:
        """What was seen once is told once more."""

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
        if kept or not self.by_test:  # another tracer that began meanwhile goes on
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
        if event == "line":
            self.record_line(self.path(frame.f_code), frame.f_lineno)
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
        self.look_again()

    def look_again(self) -> None:
        self._api.restart_events()

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

    def _line(self, code: Any, line: int) -> Any:
        if not self.on:
            return None
        self.record_line(self.path(code), line)
        return self._api.DISABLE


def _parse(path: str) -> ast.Module:
    try:
        return ast.parse(Path(path).read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError):
        return ast.Module(body=[], type_ignores=[])


def _statements(path: str, ranges: list[list[int]]) -> dict[int, tuple[int, int]]:
    """The lines asked about, with all lines of the statement that each is a part of: Python
    names a statement by a few of its lines only. Line -> its statement's first and last line."""
    wanted = {n for first, last in ranges[:5000] for n in range(first, min(last, first + 5000) + 1)}
    grown = {n: (n, n) for n in wanted}
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.stmt):
            span = _head(node)
            if not wanted.isdisjoint(span):
                grown.update(dict.fromkeys(span, (span[0], span[-1])))
    return grown


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
