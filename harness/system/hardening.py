"""This process made opaque: it holds keys, and neither a crash nor a neighbour may show them."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def harden() -> bool:
    """No core is ever dumped of this process or of what it starts, and what it writes is for us
    alone. On Linux no process of the same user may read its memory or environment or attach to it
    either: then True. What it starts is an ordinary process again as soon as it runs another
    program. May be called twice; cannot be taken back."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return False
    # a core that is piped to a program ignores the limit; this stops it
    return bool(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
