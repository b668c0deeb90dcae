"""How much disk the base install takes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes, Table

ROOT = Path(__file__).parent.parent
MIB = 1 << 20
TOOLS = ("pip", "setuptools", "wheel", "_distutils_hack", "pkg_resources")
"""What a new virtual environment holds by itself."""


def _size(folder: Path) -> int:
    """Bytes as `du` counts them, without bytecode."""
    files = (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    return sum(p.stat().st_blocks * 512 for p in files if p.suffix != ".pyc")


def measure(sizes: Sizes) -> Result:
    """Installs into a fresh virtual environment; with `install` 0, measures ours instead."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        venv, began = Path(sys.prefix), time.monotonic()
        if sizes["install"]:
            venv = Path(folder) / "venv"
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
            pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
            subprocess.run([*pip, "install", "--quiet", "--no-compile", str(ROOT)], check=True)
        seconds = time.monotonic() - began
        (packages,) = venv.glob("lib/python*/site-packages")
        sizes_by_name = {
            path.name: _size(path)
            for path in packages.iterdir()
            if path.is_dir() and not path.name.startswith(TOOLS)
        }
    whole = sum(sizes_by_name.values()) / MIB
    largest = sorted(sizes_by_name.items(), key=lambda pair: -pair[1])[:8]
    rows = tuple((name, f"{size / MIB:.1f} MB") for name, size in largest)
    note = "fresh environment, its own pip left out" if sizes["install"] else "what runs this"
    return Result(
        (
            Figure("installed, without bytecode", whole, "MB", 130, note),
            Figure("the install took", seconds, "s"),
        ),
        (Table("The largest:", ("package", "size"), rows),),
    )


BENCHMARK = Benchmark("the base install", measure, sizes={"install": 1}, tiny={"install": 0})
