"""Where a project's commands run: its environment, what may be reached, the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from harness.config.fields import (
    Least,
    Operator,
    Project,
    Section,
    ServiceText,
    Within,
)
from harness.config.sections import Positive, Seconds


class EnvironmentSettings(Section):
    """[environment]: what the project's commands need beside its tree."""

    setup: Project[tuple[str, ...]] = ()
    """Commands that fill $HARNESS_ENV, run once per lock file; empty means detected."""
    network: Operator[Literal["none", "allow"]] = "allow"
    """`allow` lets set-up reach the hosts of `allow`, `none` reaches nothing whatever is listed."""
    allow: Within[tuple[str, ...]] = ()
    """Hosts that set-up may reach by TLS, such as "pypi.org"; port 443 unless "host:port" names
    one. Each name stands for itself alone; an empty list is nothing."""
    private: Operator[tuple[str, ...]] = ()
    """Those of `allow` that may lie in a private network, such as a package index of your own."""
    env: Operator[dict[str, str]] = {}
    """Environment variables for set-up, such as a package index. Never shown to an agent."""
    versions: Project[dict[str, str]] = {}
    """Versions of tools and services, such as python = "3.12" or postgresql = "16", that go before
    what the files of the project ask for (.python-version, engines, go.mod, ...)."""
    services: Project[tuple[Annotated[str, ServiceText()], ...]] = ()
    """Servers that tests talk to, started in each sandbox from the machine's own programs or those
    of sandbox.service_images: postgresql, mysql (or mariadb), redis (or valkey), memcached; with a
    user, a database, a port as an address: "postgresql://app:secret@localhost:5432/app_test"."""
    files: Operator[tuple[Path, ...]] = ()
    """Files and folders of yours that set-up reads, such as ~/.m2/settings.xml: at the same place
    below its own home, or by the same path. Never shown to an agent."""
    submodules: Operator[tuple[str, ...]] = ()
    """Hosts that the repository's submodules are fetched from, such as "github.com", at the commits
    that it names and without a login; an empty list leaves them empty."""
    timeout_s: Operator[Seconds] = 1800.0
    """Longest time for the whole set-up, in seconds."""


class EgressSettings(Section):
    """[egress]: what an agent's sandbox may reach, and how much any sandbox may move."""

    allow: Within[tuple[str, ...]] = ()
    """Hosts that an agent's commands may reach by TLS; an empty list is no network. Whatever is
    in the sandbox can be sent there."""
    private: Operator[tuple[str, ...]] = ()
    """Those of `allow` that may lie in a private network."""
    total_mb: Least[Positive] = 2048
    """How much one sandbox may send and receive, set-up too, in MiB."""
    connections: Least[Positive] = 5000
    """How many connections one sandbox may make, set-up too."""


class SandboxSettings(Section):
    """[sandbox]: where agents and tests run."""

    kind: Operator[Literal["bubblewrap", "container", "none"]] = "bubblewrap"
    """`none` runs commands on the machine itself; every report then says so."""
    engine: Operator[tuple[str, ...]] = ("docker",)
    """The container engine's command: docker or podman, with its global options."""
    image: Operator[str] = ""
    """Image of a container sandbox: with python3, a shell and the project's tools. Never fetched
    by harness."""
    container_args: Operator[tuple[str, ...]] = ()
    """Further arguments of the engine's `run`."""
    tools: Operator[tuple[Path, ...]] = ()
    """Folders of tools of this machine that are shown read-only at their own place, their `bin` on
    PATH, such as "/opt/zig"; beside what is found by itself."""
    service_images: Operator[tuple[str, ...]] = ()
    """Images that services may be started from where this machine has no such program or version,
    such as "postgres:16": unpacked by podman or docker, run inside a sandbox, never fetched."""
    memory_mb: Least[Positive] = 4096
    """Memory of one Box, in MiB."""
    disk_mb: Least[Positive] = 8192
    """How much one Box may write, in MiB."""
    processes: Least[Positive] = 512
    """Processes of one Box at once."""
    command_s: Least[Seconds] = 600.0
    """Longest time for one command of an agent, in seconds."""
    output_kb: Least[Positive] = 256
    """How much of a command's output is kept, in KiB; the middle is cut."""
