"""Our model server as a process of its own, in one piece and as a stream."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.model_server import ModelServer
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parent.parent.parent
SCRIPT = {
    "conversations": [
        {"match": {"contains": "crash"}, "turns": [{"text": "crash!"}]},
        {
            "turns": [
                {
                    "text": "look",
                    "calls": [{"name": "bash", "arguments": {"command": "ls"}}],
                    "alternatives": [{"when": {"last_contains": "please"}, "text": "polite"}],
                }
            ]
        },
    ]
}


def post(address: str, path: str, body: object) -> Any:
    asked = urllib.request.Request(address + path, json.dumps(body).encode())
    with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:
        return json.loads(answer.read())


@pytest.fixture
def process(tmp_path: Path) -> Iterator[str]:
    script = tmp_path / "script.json"
    script.write_text(json.dumps(SCRIPT))
    command = [sys.executable, "-m", "benchmarks.model_server", str(script), "--longest-s", "60"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


def said(text: str) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": text}]}


def test_both_dialects_answer_in_one_piece_from_another_process(process: str) -> None:
    reply = post(process, "/v1/messages", said("go"))
    assert [b["type"] for b in reply["content"]] == ["text", "tool_use"]
    assert reply["content"][1]["input"] == {"command": "ls"}
    assert reply["stop_reason"] == "tool_use"
    reply = post(process, "/v1/chat/completions", said("go"))
    message = reply["choices"][0]["message"]
    assert (message["content"], message["tool_calls"][0]["function"]["name"]) == ("look", "bash")
    reply = post(process, "/v1/chat/completions", said("a crash"))
    assert reply["choices"][0]["message"]["content"] == "crash!"
    reply = post(process, "/v1/messages", said("go please"))
    assert reply["content"] == [{"type": "text", "text": "polite"}]
    with urllib.request.urlopen(process + "/_requests", timeout=PATIENCE_S) as answer:
        asked = json.loads(answer.read())["requests"]
    assert [a["body"]["messages"][0]["content"] for a in asked] == [
        "go",
        "go",
        "a crash",
        "go please",
    ]


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ([{"role": "assistant", "content": "x"}], "first and last"),
        ([{"role": "user", "content": " "}], "non-whitespace"),
        ([{"role": "user", "content": []}], "must not be empty"),
        (
            [
                {"role": "user", "content": "x"},
                {
                    "role": "assistant",
                    "content": [{"type": "tool_use", "id": "a", "name": "b", "input": {}}],
                },
                {"role": "user", "content": "no result"},
            ],
            "tool_result",
        ),
    ],
)
def test_it_refuses_what_the_vendor_refuses(messages: list[Any], complaint: str) -> None:
    with ModelServer(SCRIPT) as server:
        body = {"model": "m", "max_tokens": 9, "messages": messages}
        with pytest.raises(urllib.error.HTTPError) as failed:
            post(server.address, "/v1/messages", body)
        assert failed.value.code == 400
        assert complaint in failed.value.read().decode()
        failed.value.close()
