"""For every test: the network ends at loopback, and Ctrl-C reaches what tests start."""

from __future__ import annotations

import ipaddress
import signal
import sys


def _refuse(event: str, args: tuple[object, ...]) -> None:
    """An audit hook: connecting beyond this machine is an error in the test process itself."""
    if event != "socket.connect":
        return
    address = args[1]
    if not isinstance(address, tuple):
        return  # a Unix socket
    host = str(address[0])
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = host == "localhost"
    if not inside:
        raise RuntimeError(f"a test reached for {host}: no test goes beyond loopback")


sys.addaudithook(_refuse)
# started in the background by a shell, we ignore Ctrl-C, and so would every process of ours
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
