"""Memory and CPU of a process and everything below it, from /proc."""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path
from types import TracebackType

PSS = re.compile(r"^Pss:\s+(\d+)", re.MULTILINE)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it ended meanwhile


def below(pid: int) -> list[int]:
    """The process and its descendants."""
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        tasks = Path(f"/proc/{one}/task")
        try:
            threads = list(tasks.iterdir())
        except OSError:
            continue
        for thread in threads:
            queue += map(int, _text(thread / "children").split())
    return found


def pss_mb(pid: int) -> float:
    """Proportional memory of the tree: shared pages are divided among those that map them."""
    found = (PSS.search(_text(Path(f"/proc/{one}/smaps_rollup"))) for one in below(pid))
    return sum(int(match[1]) for match in found if match) / 1024


def cpu_s(pid: int) -> float:
    """User and system time of one process and the children it waited for."""
    fields = _text(Path(f"/proc/{pid}/stat")).rsplit(")", 1)[-1].split()
    if len(fields) < 15:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


class Watch:
    """`with Watch(pid, every_s) as watch:` keeps the peak; `every_s` 0 looks never."""

    def __init__(self, pid: int, every_s: float) -> None:
        self.peak_mb = 0.0
        self._pid = pid
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while self._every_s and not self._over.wait(self._every_s):
            self.peak_mb = max(self.peak_mb, pss_mb(self._pid))

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()


def cpu_share(pid: int, seconds: float) -> float:
    """Percent of one core that it uses while we wait."""
    before, began = cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    return 100 * (cpu_s(pid) - before) / (time.monotonic() - began)
