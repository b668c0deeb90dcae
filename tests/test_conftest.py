"""The fence around the tests holds."""

from __future__ import annotations

import socket

import pytest


def test_a_test_cannot_reach_beyond_loopback() -> None:
    with socket.socket() as one, pytest.raises(RuntimeError, match="beyond loopback"):
        one.connect(("192.0.2.1", 80))


def test_loopback_is_open() -> None:
    with socket.socket() as server, socket.socket() as one:
        server.bind(("127.0.0.1", 0))
        server.listen()
        one.connect(server.getsockname())
