"""Asks the system's keyring, in a process of its own: a backend may wait for a prompt that nobody
sees, start threads, or crash. `get NAME` writes the secret to standard output, `set NAME` reads it
from standard input. Ends with NONE where no keyring is to be had."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final

from harness.system.hardening import harden

SERVICE: Final = "harness"
NONE: Final = 3
_NO_BACKEND: Final = ("keyring.backends.fail", "keyring.backends.null")


def main(argv: list[str]) -> int:
    harden()
    verb, name = argv
    keyring: Any = import_module("keyring")
    backend = keyring.get_keyring()
    if type(backend).__module__ in _NO_BACKEND:
        return NONE
    if verb == "set":
        backend.set_password(SERVICE, name, sys.stdin.read())
        return 0
    sys.stdout.write(backend.get_password(SERVICE, name) or "")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
