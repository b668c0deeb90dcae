"""The log: JSON lines without secrets, without escapes, bounded."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

from harness.system.log import about, log_to
from harness.system.redact import Redactor


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_is_an_object_with_its_issue_run_and_session(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "harness.log"
    with log_to(path, str), about(issue=7, run="p/7/1"):
        with about(session="s1"):
            logging.getLogger("harness.agent").info("turn %d", 3)
        logging.getLogger("harness").warning("두 번째")
    first, second = lines(path)
    assert first["say"] == "turn 3"
    assert (first["issue"], first["run"], first["session"]) == (7, "p/7/1", "s1")
    assert (first["level"], first["from"]) == ("info", "harness.agent")
    assert str(first["at"]).endswith("+00:00")
    assert "session" not in second
    assert second["say"] == "두 번째"


async def test_fields_follow_tasks(tmp_path: Path) -> None:
    path = tmp_path / "harness.log"

    async def work(number: int) -> None:
        with about(issue=number):
            await asyncio.sleep(0)
            logging.getLogger("harness").info("at %d", number)

    async def both() -> None:
        await asyncio.gather(work(1), work(2))

    with log_to(path, str):
        await both()
    assert [(line["issue"], line["say"]) for line in lines(path)] == [(1, "at 1"), (2, "at 2")]


def test_secrets_and_escapes_reach_no_file_not_even_in_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "harness.log"
    secret = 'tok"en\\12345'
    with log_to(path, Redactor([secret])) as logger, about(run=f"r-{secret}"):
        logger.info("push to %s failed \x1b[31mred\x1b[0m\nnext", secret)
        try:
            raise ValueError(f"bad header {secret}")
        except ValueError:
            logger.exception("it broke")
    raw = path.read_bytes()
    assert secret.encode() not in raw
    assert json.dumps(secret)[1:-1].encode() not in raw
    assert b"\x1b" not in raw
    assert len(raw.splitlines()) == 2
    assert "ValueError" in str(lines(path)[1]["trace"])


def test_it_is_rotated_bounded_private_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "harness.log"
    with log_to(path, str, max_bytes=2000, kept=2) as logger:
        for number in range(200):
            logger.info("line %d", number)
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == ["harness.log", "harness.log.1", "harness.log.2"]
    assert all(f.stat().st_size <= 2000 and f.stat().st_mode & 0o777 == 0o600 for f in files)
    assert lines(path)[-1]["say"] == "line 199"
    assert not logging.getLogger("harness").handlers


def test_below_the_level_nothing_is_written(tmp_path: Path) -> None:
    with log_to(tmp_path / "harness.log", str, level=logging.WARNING) as logger:
        logger.info("no")
    assert not (tmp_path / "harness.log").exists()


def test_ten_thousand_lines_of_many_runs_stay_below_the_cap(tmp_path: Path) -> None:
    """R29: what a life writes is bounded, each line still says whose it is, no secret is in any."""
    path, secret = tmp_path / "harness.jsonl", "ghs_canary0123456789"
    with log_to(path, Redactor([secret]), max_bytes=100_000, kept=3) as logger:
        for number in range(10_000):
            with about(project="p", issue=number % 300, run=f"p/{number % 300}/1", session="s"):
                logger.info("looked with %s at %d", secret, number)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 4
    assert sum(f.stat().st_size for f in files) <= 4 * 100_000
    assert all(secret not in f.read_text() for f in files)
    for line in lines(path):
        assert {"project", "issue", "run", "session"} <= line.keys()
