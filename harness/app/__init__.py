"""The composition root: the one place that knows every adapter. Heavy ones load by dotted name."""

from harness.app.root import Composed, open_app

__all__ = ["Composed", "open_app"]
