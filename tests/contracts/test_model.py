"""Every model keeps the same promises: both vendors' adapters on our own server, the scripted
one, a recording played back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from benchmarks.model_server import ModelServer
from harness.core.types import Message, Request
from harness.llm.anthropic import Anthropic
from harness.llm.openai import OpenAI
from harness.llm.recorder import RecordingModel, Replaying
from harness.llm.scripted import Scripted
from harness.ports.model import Model, OnStream
from harness.testing.model_contract import ModelContract, ModelWorld
from tests.patience import PATIENCE_S

SERVER_FAULTS: dict[str, dict[str, Any]] = {
    "rate": {
        "status": 429,
        "headers": {"retry-after": "7"},
        "error": {"type": "rate_limit_error", "message": "slow down"},
    },
    "auth": {"status": 401, "error": {"type": "authentication_error", "message": "bad key"}},
    "cut": {"cut_after": 3},
}
SCRIPT_FAULTS: dict[str, dict[str, Any]] = {
    "rate": {"error": "rate", "after_s": 7},
    "auth": {"error": "auth"},
    "cut": {"cut": True},
}


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


class TestAnthropic(ModelContract):
    @pytest.fixture
    def world(self, servers: ExitStack) -> ModelWorld:
        def opened(script: dict[str, Any]) -> Model:
            server = servers.enter_context(ModelServer(script))
            return Anthropic(
                name="claude",
                model="claude-test",
                api_key="test-key-1234",
                base_url=server.address,
                timeout_s=PATIENCE_S,
            )

        return ModelWorld(opened, SERVER_FAULTS.__getitem__)


class TestOpenAI(ModelContract):
    @pytest.fixture
    def world(self, servers: ExitStack) -> ModelWorld:
        def opened(script: dict[str, Any]) -> Model:
            server = servers.enter_context(ModelServer(script))
            return OpenAI(
                name="local",
                model="local-model",
                api_key="",
                base_url=f"{server.address}/v1",
                timeout_s=PATIENCE_S,
            )

        return ModelWorld(opened, SERVER_FAULTS.__getitem__)


def scripted(folder: Path, script: dict[str, Any]) -> Scripted:
    path = folder / "script.json"
    path.write_text(json.dumps(script))
    return Scripted(path)


class TestScripted(ModelContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> ModelWorld:
        return ModelWorld(lambda script: scripted(tmp_path, script), SCRIPT_FAULTS.__getitem__)


class PlayedBack:
    """Records each call, then answers with what a fresh reader of the file plays back."""

    def __init__(self, model: Model, path: Path) -> None:
        self._recording = RecordingModel(model, path)
        self._path = path

    @property
    def name(self) -> str:
        return self._recording.name

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        await self._recording.complete(request)
        return await Replaying(self._path).complete(request, on_stream)

    async def close(self) -> None:
        await self._recording.close()


class TestReplaying(ModelContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> ModelWorld:
        def opened(script: dict[str, Any]) -> Model:
            return PlayedBack(scripted(tmp_path, script), tmp_path / "replies.jsonl")

        return ModelWorld(opened, SCRIPT_FAULTS.__getitem__)
