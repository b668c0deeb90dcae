"""Rules of several `.gitignore` files as one list. Pure."""

from __future__ import annotations

from collections.abc import Mapping

LITTER = b"""__pycache__/
*.py[cod]
*.egg-info/
*.so
.pytest_cache/
.mypy_cache/
.ruff_cache/
.hypothesis/
.coverage
node_modules/
.DS_Store
"""
"""What tools drop and nobody commits; a rule of the base commit overrides it."""


def ignore_rules(ignores: Mapping[str, bytes]) -> bytes:
    """One list that says the same as these `.gitignore` files (path -> content) together.

    A rule of `sub/.gitignore` becomes a rule below /sub; deeper files come later and win, as
    git has it."""
    lines = LITTER.splitlines()
    for path in sorted(ignores, key=lambda path: (path.count("/"), path)):
        folder = path.rpartition("/")[0].encode("utf-8", "surrogateescape")
        for line in ignores[path].removeprefix(b"\xef\xbb\xbf").split(b"\n"):
            rule = line.removesuffix(b"\r")
            if rule.strip() and not rule.startswith(b"#"):
                lines.append(_below(folder, rule) if folder else rule)
    return b"\n".join(lines) + b"\n"


def _below(folder: bytes, rule: bytes) -> bytes:
    sign, rule = (b"!", rule[1:]) if rule.startswith(b"!") else (b"", rule)
    literal = b"".join(b"\\" + bytes([c]) if c in b"*?[\\" else bytes([c]) for c in folder)
    anchored = b"/" in rule.rstrip(b" ")[:-1]
    middle = b"/" if anchored else b"/**/"
    return sign + b"/" + literal + middle + rule.removeprefix(b"/")
