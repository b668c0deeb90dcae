"""The inside's way to the proxy: connections to a port of the Box's own loopback are carried to
the proxy's socket. It decides nothing: whoever goes past it, or ends it, meets the same proxy or
nothing. Standard library only, Python 3.9 or later."""

from __future__ import annotations

import contextlib
import selectors
import signal
import socket
import threading

HOST, PORT = "127.0.0.1", 3128
CHUNK = 1 << 16
MOST = 128


class Side:
    """One end of a carried connection, and what waits to be sent there."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.other = self
        self.waiting = b""
        self.reads = True
        self.over = False  # all that will come for it came, and it is not told yet

    @property
    def events(self) -> int:
        wanted = selectors.EVENT_WRITE if self.waiting else 0
        # what is not taken there is not read here: a bounded amount is held
        if self.reads and not self.other.waiting:
            wanted |= selectors.EVENT_READ
        return wanted


class Relay:
    """One thread carries all: a Box that is full of processes has no room for more."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server((HOST, PORT), backlog=MOST)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.count = 0

    def serve(self) -> None:
        # signals are the main thread's, which waits for its children by them
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            for key, events in self.selector.select():
                if key.data is None:
                    self.take()
                elif key.data.end.fileno() >= 0:
                    self.carry(key.data, events)

    def take(self) -> None:
        try:
            here, _ = self.listener.accept()
        except OSError:
            return
        there = socket.socket(socket.AF_UNIX)
        there.setblocking(False)
        try:
            if self.count >= MOST:
                raise ConnectionRefusedError
            there.connect(self.path)  # of this machine: at once, or not at all
        except OSError:
            here.close()
            there.close()
            return
        sides = (Side(here), Side(there))
        sides[0].other, sides[1].other = sides[1], sides[0]
        self.count += 1
        here.setblocking(False)
        for side in sides:
            self.selector.register(side.end, selectors.EVENT_READ, side)

    def carry(self, side: Side, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                side.waiting = side.waiting[side.end.send(side.waiting) :]
            if events & selectors.EVENT_READ:
                data = side.end.recv(CHUNK)
                side.reads = bool(data)
                side.other.over = not data
                side.other.waiting += data
            for one in (side, side.other):
                if one.over and not one.waiting:
                    one.over = False
                    one.end.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            self.drop(side)
            return
        if not any(one.reads or one.waiting for one in (side, side.other)):
            self.drop(side)
            return
        for one in (side, side.other):
            self.want(one)

    def want(self, side: Side) -> None:
        known = side.end in self.selector.get_map()
        if side.events and known:
            self.selector.modify(side.end, side.events, side)
        elif side.events:
            self.selector.register(side.end, side.events, side)
        elif known:
            self.selector.unregister(side.end)

    def drop(self, side: Side) -> None:
        self.count -= 1
        for one in (side, side.other):
            with contextlib.suppress(KeyError, ValueError):
                self.selector.unregister(one.end)
            one.end.close()


def relay(path: str) -> None:
    """Carries from now on, until this process ends. OSError when the port cannot be had."""
    threading.Thread(target=Relay(path).serve, daemon=True).start()
