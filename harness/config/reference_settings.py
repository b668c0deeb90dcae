"""Settings of what agents may look up outside of a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from harness.config.fields import Operator, Section, Union

Seconds = Annotated[float, Field(gt=0)]
Positive = Annotated[int, Field(ge=1)]
Queries = Annotated[int, Field(ge=0, le=20)]
Pages = Annotated[int, Field(ge=0, le=500)]


class ReferenceSettings(Section):
    """[references]: what agents may look up outside of the project, and what is kept of it
    (docs/references.md)."""

    enabled: Operator[bool] = False
    """Whether agents get the tool `reference`. harness asks the servers itself; the sandbox has no
    more network than before."""
    hosts: Operator[tuple[str, ...]] = ()
    """Hosts whose every address may be asked for, such as "docs.python.org", "a.example.org:8443",
    or ".example.org" for what is below it. What an agent knows can be sent there in an address."""
    addresses: Operator[tuple[str, ...]] = ()
    """Whole addresses that may always be asked for."""
    private: Operator[tuple[str, ...]] = ()
    """Hosts with their ports that may lie in a private network, such as "wiki.corp.example:443"."""
    provider: Operator[Literal["", "searxng", "brave"]] = ""
    """Who searches the web; empty means that only what is kept here is searched."""
    search_url: Operator[str] = ""
    """Address of your SearXNG, which must answer in JSON; of another provider: empty, its own."""
    api_key_env: Operator[str] = ""
    """Name of the environment variable that holds the provider's key."""
    api_key_file: Operator[Path | None] = None
    """File that holds the key, readable by you alone. Goes before api_key_env."""
    queries: Operator[Queries] = 20
    """Most searches of one run that leave for the provider, at most 20."""
    pages: Operator[Pages] = 60
    """How often one run may ask servers for a page; what is kept here does not count."""
    fresh_s: Operator[Seconds] = 86_400.0
    """How long a page is believed without asking its server, where that names no time, in
    seconds."""
    max_mb: Operator[Positive] = 512
    """How much is kept, in MiB; what was not used for longest goes first."""
    local_paths: Union[tuple[str, ...]] = ()
    """Globs: work on such files stays here. Nothing is asked outside for a run before its plan
    names its files, and none for one that names such a file. A project adds to them."""
    local_labels: Union[tuple[str, ...]] = ()
    """Nothing is asked outside for issues with one of these labels. A project adds to them."""
