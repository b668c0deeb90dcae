"""harness turns issues into merged pull requests, unattended, and proves each one."""

__version__ = "0.1.0"
