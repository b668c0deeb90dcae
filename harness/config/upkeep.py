"""The tables of settings about keeping harness itself in order: disk, and being woken."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from harness.config.fields import Operator, Section

_Count = Annotated[int, Field(ge=1)]
_Days = Annotated[float, Field(gt=0)]
_Size = Annotated[float, Field(ge=0)]


class HousekeepingSettings(Section):
    """[housekeeping]: how much is kept of what is over. Nothing unpublished is ever removed: it is
    saved as a git bundle first."""

    disk_gb: Operator[_Size] = 20.0
    """How much the state folder may hold, in GiB, issues and repositories of the embedded forge
    left out; no new run starts above it. 0 means no limit."""
    free_gb: Operator[_Size] = 1.0
    """How much must stay free on that disk, in GiB, for a new run to start. 0 means no limit."""
    keep_runs: Operator[_Count] = 200
    """How many runs that are over keep their folder of pages, over all projects; newest first."""
    keep_days: Operator[_Days] = 90.0
    """How long a run that is over keeps its folder, in days."""
    snapshot_days: Operator[_Days] = 14.0
    """How long the files an agent made stay in our own git after its run is over, in days."""
    environment_days: Operator[_Days] = 14.0
    """How long an environment that nobody used stays, in days."""
    backups: Operator[_Count] = 7
    """How many daily copies of the database stay."""


class WebhookSettings(Section):
    """[webhook]: GitHub may tell that something happened, so that harness looks sooner. Without
    it harness looks by its schedule and needs no open port."""

    listen: Operator[str] = ""
    """Address to listen on, such as 127.0.0.1:8787; empty means that nothing listens."""
    secret_env: Operator[str] = "HARNESS_WEBHOOK_SECRET"
    """Name of the environment variable that holds the webhook's secret. Never the secret itself."""
    secret_file: Operator[Path | None] = None
    """File that holds the secret, readable by you alone. Goes before secret_env."""
