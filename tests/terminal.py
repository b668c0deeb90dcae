"""A command as a person types it, in this process: ten times faster than one of its own."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from harness.cli.main import main


def type_command(
    *arguments: str, cwd: Path, env: Mapping[str, str], stdin: bytes = b""
) -> tuple[int, str, str]:
    """`harness ARGUMENTS...` in that folder and nothing but that environment: its exit code, its
    output, its errors. Nothing else may run in this process meanwhile: folder, environment and
    streams are the process's own."""
    out, err = _stream(), _stream()
    before = dict(os.environ), sys.stdin, sys.excepthook
    mask = os.umask(0o077)  # as a process of its own has it
    os.environ.clear()
    os.environ.update(env)
    sys.stdin = _stream(stdin)
    try:
        with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
            code = main(arguments)
    finally:
        os.environ.clear()
        os.environ.update(before[0])
        sys.stdin, sys.excepthook = before[1:]
        os.umask(mask)
    return code, _written(out), _written(err)


def _stream(data: bytes = b"") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", write_through=True)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
