"""nginx, fcgiwrap and git's own http-backend over a folder of bare repositories, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts import ended_process, free_port

PATHS = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
READY_S = 10.0
CONFIG = """
daemon off;
master_process off;
pid "{folder}/nginx.pid";
error_log "{folder}/error.log" info;
events {{ worker_connections 64; }}
http {{
    access_log "{folder}/access.log";
    client_body_temp_path "{folder}/body";
    fastcgi_temp_path "{folder}/fastcgi";
    proxy_temp_path "{folder}/proxy";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    client_max_body_size 0;
    server {{
        listen 127.0.0.1:{port};
        location ~ \\.git/(info/refs|git-upload-pack|git-receive-pack)$ {{
            auth_basic "git";
            auth_basic_user_file "{folder}/people";
            fastcgi_pass "unix:{folder}/cgi.sock";
            fastcgi_param SCRIPT_FILENAME "{backend}";
            fastcgi_param GIT_PROJECT_ROOT "{root}";
            fastcgi_param GIT_HTTP_EXPORT_ALL "1";
            fastcgi_param GIT_PROTOCOL $http_git_protocol;
            fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
            fastcgi_param PATH_INFO $uri;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param REMOTE_USER $remote_user;
            fastcgi_param REMOTE_ADDR $remote_addr;
        }}
        {rest}
    }}
}}
"""


@dataclass(frozen=True)
class GitServer:
    """Where it listens, and what it wrote about it."""

    url: str
    folder: Path

    def logs(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))


def program(name: str) -> str:
    found = shutil.which(name, path=PATHS)
    assert found, f"{name} is missing: run `sh scripts/system.sh tests`"
    return found


@contextmanager
def git_server(folder: Path, root: Path, token: str, forward: str = "") -> Iterator[GitServer]:
    """The repositories below `root`, for whoever has the token. What is not git's goes to
    `forward`, when there is one."""
    folder.mkdir()
    (folder / "people").write_text(f"x-access-token:{{PLAIN}}{token}\n")
    done = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True)
    backend = Path(done.stdout.strip(), "git-http-backend")
    port = free_port()
    # the client's own name of the server must go on: links in answers are made of it
    rest = f"location / {{ proxy_pass {forward}; proxy_set_header Host $http_host; }}"
    text = CONFIG.format(
        folder=folder, port=port, root=root, backend=backend, rest=rest if forward else ""
    )
    config = folder / "nginx.conf"
    config.write_text(text)
    commands = (
        [program("fcgiwrap"), "-s", f"unix:{folder}/cgi.sock"],
        [program("nginx"), "-e", f"{folder}/error.log", "-p", str(folder), "-c", str(config)],
    )
    with ExitStack() as stack:
        running = [stack.enter_context(_running(command, folder)) for command in commands]
        _wait(port, folder, running)
        yield GitServer(f"http://127.0.0.1:{port}", folder)


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "programs.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": PATHS}
        )
    try:
        yield process
    finally:
        ended_process(process)


def _wait(port: int, folder: Path, running: Sequence[subprocess.Popen[bytes]]) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and all(one.poll() is None for one in running):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 and (folder / "cgi.sock").exists():
                return
        time.sleep(0.02)
    said = "".join(path.read_text() for path in folder.glob("*.log"))
    raise AssertionError(f"nginx is not ready: {said[-2000:]}")
