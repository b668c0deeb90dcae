"""How names on a forge compare: labels, logins, repositories."""

from __future__ import annotations

import string
from typing import Final

_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold_name(name: str) -> str:
    """Equal for names that a forge takes for one: the case of ASCII letters alone is no
    difference. `ß` is not `ss`, and the sign for Kelvin is no `k`."""
    return name.translate(_LOWER)
