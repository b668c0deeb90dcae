"""Where the fuzzer is, and whether it can be had for this Python and machine. Standard library
only: `scripts/test_parts.sh` asks too (`python tests/fuzz/wheel.py` prints why not, or nothing)."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

PARTS = Path(__file__).resolve().parents[2] / ".parts"
LAST = (3, 14)
"""The newest Python that atheris 3 has a wheel for."""


def folder() -> Path:
    """Where it is installed, apart from what harness itself needs."""
    return PARTS / f"atheris-{sys.implementation.cache_tag}"


def why_not() -> str:
    """One sentence where there is no wheel of atheris; "" where there is one."""
    here = f"{platform.python_implementation()} {platform.python_version()}"
    machine = f"{platform.system()} {platform.machine()} {platform.libc_ver()[0] or 'no glibc'}"
    fits = sys.implementation.name == "cpython" and (3, 11) <= sys.version_info[:2] <= LAST
    if fits and machine == "Linux x86_64 glibc":
        return ""
    return (
        f"no fuzzing here: atheris is built for CPython 3.11 to {LAST[0]}.{LAST[1]} on Linux"
        f" x86_64 with glibc, and this is {here} on {machine}."
    )


if __name__ == "__main__":
    print(why_not())
