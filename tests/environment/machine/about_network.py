"""Sockets: servers on loopback, ports that nobody listens on, names."""

from __future__ import annotations

import array
import asyncio
import http.server
import os
import socket
import ssl
import tempfile
import threading
import urllib.request
from pathlib import Path
from typing import Any

LONG_S = 20.0


def _error(connect: Any) -> str:
    try:
        connect()
    except OSError as error:
        return f"{type(error).__name__} {error.errno}"
    return "connected"


def _closed_port(family: int, host: str) -> tuple[str, int]:
    with socket.socket(family) as taken:
        taken.bind((host, 0))
        return host, taken.getsockname()[1]


def closed_port() -> Any:
    return _error(
        lambda: socket.create_connection(_closed_port(socket.AF_INET, "127.0.0.1"), LONG_S)
    )


def closed_port_of_ipv6() -> Any:
    return _error(lambda: socket.create_connection(_closed_port(socket.AF_INET6, "::1"), LONG_S))


def closed_port_of_another_loopback_address() -> Any:
    return _error(
        lambda: socket.create_connection(_closed_port(socket.AF_INET, "127.0.0.2"), LONG_S)
    )


def _talk(server: socket.socket, host: str) -> bool:
    socket.create_connection((host, server.getsockname()[1]), LONG_S).close()
    return True


def _echo(family: int, host: str) -> str:
    with socket.create_server((host, 0), family=family) as server:
        port = server.getsockname()[1]
        with socket.create_connection((host, port), LONG_S) as client:
            accepted, _ = server.accept()
            with accepted:
                client.sendall(b"ping")
                return accepted.recv(4).decode()


def server_on_loopback() -> Any:
    return _echo(socket.AF_INET, "127.0.0.1")


def server_on_ipv6() -> Any:
    return _echo(socket.AF_INET6, "::1")


def server_on_localhost() -> Any:
    return _echo(socket.AF_INET, "localhost")


def server_on_every_address() -> Any:
    with socket.create_server(("", 0)) as server:
        return _talk(server, "127.0.0.1")


def server_of_both_kinds() -> Any:
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        return _talk(server, "127.0.0.1")


def server_at_the_hosts_name() -> Any:
    with socket.create_server((socket.gethostname(), 0)) as server:
        return _talk(server, socket.gethostname())


def port_twice() -> Any:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return _error(lambda: socket.create_server(server.getsockname()))


def port_shared() -> Any:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as server:
        socket.create_server(server.getsockname(), reuse_port=True).close()
        return True


def datagrams() -> Any:
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
        one.bind(("127.0.0.1", 0))
        one.settimeout(LONG_S)
        two.sendto(b"ping", one.getsockname())
        return one.recv(10).decode()


def web_server() -> Any:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with urllib.request.urlopen(f"http://localhost:{server.server_port}/plain.txt") as page:
            found = page.read().decode()
        server.shutdown()
        return found


def unix_socket() -> Any:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(str(Path(folder, "s")))
        server.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(Path(folder, "s")))
            return True


def abstract_socket() -> Any:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(b"\0harness-question-%d" % os.getpid())
        server.listen()
        client.connect(server.getsockname())
        return True


def handed_over_descriptor() -> Any:
    one, two = socket.socketpair()
    with one, two:
        socket.send_fds(one, [b"x"], [0])
        _, handed, _, _ = socket.recv_fds(two, 10, 2)
        os.close(handed[0])
        return len(array.array("i", handed))


def name_of_localhost() -> Any:
    return sorted({row[4][0] for row in socket.getaddrinfo("localhost", 80)} & {"127.0.0.1", "::1"})


def name_of_this_host() -> Any:
    return socket.gethostbyname(socket.gethostname())[:4]


def full_name_of_this_host() -> Any:
    return bool(socket.getfqdn())


def name_that_is_not_there() -> Any:
    return _error(lambda: socket.getaddrinfo("no-such-host.invalid", 80)).split()[0]


def name_of_a_service() -> Any:
    return socket.getservbyname("https"), socket.getprotobyname("tcp")


def interfaces() -> Any:
    return "lo" in [name for _, name in socket.if_nameindex()]


def loop_of_events() -> Any:
    async def talk() -> str:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readline())
            writer.close()

        server = await asyncio.start_server(answer, "localhost", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"ping\n")
            found = await reader.readline()
            writer.close()
            return found.decode()

    return asyncio.run(talk())


def proxies() -> Any:
    return urllib.request.getproxies()


def certificates() -> Any:
    context = ssl.create_default_context()
    return (
        context.cert_store_stats()["x509_ca"] > 10
        or bool(context.get_ca_certs())
        or Path("/etc/ssl/certs").is_dir()
    )
