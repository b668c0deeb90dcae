"""What a suite can ask of the machine that it runs on. Run as a program in the top folder of a
project it prints one JSON object, question -> answer; what a question raises is its answer.
Standard library only: it runs outside harness, and inside a Box."""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

ERRORS = (OSError, ValueError, LookupError, RuntimeError, AttributeError, SubprocessError)
HERE = Path(__file__).parent
ABOUT = ("about_files", "about_network", "about_people", "about_processes")


def loaded_library() -> Any:
    return bool(ctypes.util.find_library("c")) and bool(ctypes.CDLL(None).getpid())


def questions() -> dict[str, Callable[[], Any]]:
    found: dict[str, Callable[[], Any]] = {"loaded_library": loaded_library}
    sys.path.insert(0, str(HERE))
    for module in map(import_module, ABOUT):
        for name, ask in vars(module).items():
            if (
                callable(ask)
                and getattr(ask, "__module__", "") == module.__name__
                and name[0] != "_"
            ):
                found[name] = ask
    return found


def answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except ERRORS as error:
        return f"{type(error).__name__} {getattr(error, 'errno', '')}"


if __name__ == "__main__":
    print("ANSWERS " + json.dumps({name: answer(ask) for name, ask in questions().items()}))
