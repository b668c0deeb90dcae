"""A command with a mistake in it, for the frame to catch."""

from __future__ import annotations

import os
import threading
import warnings


def crash() -> None:
    print(1 // 0)


class _Dropped:
    def __del__(self) -> None:
        raise ValueError(f"dropped {os.environ['GITHUB_TOKEN']}")


def spill() -> None:
    """Says a secret in every way that Python itself prints."""
    secret = os.environ["GITHUB_TOKEN"]
    warnings.warn(f"warned {secret}", stacklevel=1)

    def thread() -> None:
        raise ValueError(f"threaded {secret}")

    worker = threading.Thread(target=thread)
    worker.start()
    worker.join()
    _Dropped()
    raise RuntimeError(f"raised {secret}") from KeyError({"Authorization": f"token {secret}"})
