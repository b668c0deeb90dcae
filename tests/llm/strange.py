"""A server on the loopback that answers with bytes as they are written down here."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from harness.core.errors import ModelError
from harness.core.types import Message, Thinking
from harness.llm.anthropic import Anthropic
from harness.llm.openai import OpenAI
from harness.testing.model_contract import request, user

KEY = "sk-test-0123456789"
SSE = "text/event-stream"
Body = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What is sent back. `cut`: the connection breaks after the body, which was to be longer;
    `until`: only when this is set."""

    body: bytes = b""
    status: int = 200
    type: str = SSE
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    until: threading.Event | None = None


Script = Callable[[str, Body], Answer]
"""(path, request) -> what is answered."""


class Server:
    """`asked` holds every request's path and body."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[tuple[str, Body]] = []
        handler = type("Handler", (_Handler,), {"server_": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def bodies(self) -> list[Body]:
        return [body for _, body in self.asked]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_: ClassVar[Server]

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def _answer(self, body: Body) -> None:
        self.server_.asked.append((self.path, body))
        answer = self.server_.script(self.path, body)
        self.send_response(answer.status)
        self.send_header("content-type", answer.type)
        self.send_header("content-length", str(len(answer.body) + answer.cut * 9))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()
        if answer.until is not None:
            answer.until.wait(60)
        self.close_connection = answer.cut


@contextmanager
def serving(script: Script | Answer) -> Iterator[Server]:
    """A server that answers by the script, or always the same."""
    server = Server(script if callable(script) else lambda path, body: script)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def model_at(
    dialect: str, server: Server, *, silence_s: float = 5.0, claude: str = "claude"
) -> Anthropic | OpenAI:
    """A model of that dialect at the server: "x", or `claude` for Anthropic's."""
    if dialect == "anthropic":
        return Anthropic(
            name="m", model=claude, api_key=KEY, base_url=server.address, timeout_s=silence_s
        )
    return OpenAI(
        name="m", model="x", api_key=KEY, base_url=server.address + "/v1", timeout_s=silence_s
    )


# ------------------------------------------------------------------ the two dialects


def sse(*pieces: object, done: bool = True) -> Answer:
    """Chunks of Chat Completions."""
    lines = [p if isinstance(p, str) else json.dumps(p) for p in pieces]
    text = "".join(f"data: {line}\n\n" for line in [*lines, *(["[DONE]"] if done else [])])
    return Answer(text.encode())


def events(*pieces: Body) -> Answer:
    """Events of Anthropic Messages."""
    text = "".join(
        f"event: {p.get('type', 'x') if isinstance(p, dict) else 'x'}\ndata: {json.dumps(p)}\n\n"
        for p in pieces
    )
    return Answer(text.encode())


def document(value: object, status: int = 200, **headers: str) -> Answer:
    """One piece of JSON."""
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(json.dumps(value).encode(), status, "application/json", names)


def chunk(finish: object = None, **delta: object) -> Body:
    """One choice with a delta."""
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def calls(*entries: object) -> Body:
    """A chunk with tool calls."""
    return chunk(tool_calls=list(entries))


def opened(index: object, block: object) -> Body:
    """A content block's start."""
    return {"type": "content_block_start", "index": index, "content_block": block}


def grown(index: object, delta: object) -> Body:
    """A piece of a content block."""
    return {"type": "content_block_delta", "index": index, "delta": delta}


def begun(usage: object = None) -> Body:
    """The first event."""
    message = {"id": "m", "type": "message", "role": "assistant", "model": "claude", "content": []}
    return {"type": "message_start", "message": {**message, "usage": usage}}


def ended(reason: object = "end_turn", usage: object = None) -> tuple[Body, Body]:
    """The last two events."""
    return (
        {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage},
        {"type": "message_stop"},
    )


# ------------------------------------------------------------------ asking, and what is often said

USAGE = {"prompt_tokens": 50, "completion_tokens": 7}
CLAUDES: Body = {"input_tokens": 50, "output_tokens": 7}
A = {"id": "a", "function": {"name": "bash", "arguments": '{"n":1}'}}
B = {"id": "b", "function": {"name": "bash", "arguments": '{"n":2}'}}
LS = {"name": "bash", "arguments": '{"n":1}'}


async def ask(dialect: str, answer: Answer | Callable[[str, Body], Answer]) -> Message:
    with serving(answer) as server:
        model = model_at(dialect, server)
        try:
            return await model.complete(request(user("go")))
        finally:
            await model.close()


async def fault(dialect: str, answer: Answer | Callable[[str, Body], Answer]) -> ModelError:
    with pytest.raises(ModelError) as failed:
        await ask(dialect, answer)
    return failed.value


def seen(reply: Message) -> tuple[str, str, list[Any]]:
    """(text, thinking, arguments of the calls in order)."""
    thought = "".join(p.text for p in reply.parts if isinstance(p, Thinking))
    return reply.text, thought, [c.arguments if not c.broken else c.broken for c in reply.calls]


def piece(name: str | None = None, arguments: object = None, **more: object) -> Body:
    function = {"name": name, "arguments": arguments}
    return {**more, "function": {k: v for k, v in function.items() if v is not None}}


def whole(message: Body, finish: object = "stop", **more: object) -> Body:
    return {"choices": [{"message": message, "finish_reason": finish}], **more}


Seen = tuple[str, str, list[Any]]
HI: Seen = ("Hi.", "", [])
TWO: Seen = ("", "", [{"n": 1}, {"n": 2}])
ONE: Seen = ("", "", [{"n": 1}])


def tool(**more: object) -> Body:
    return {"type": "tool_use", "id": "a", "name": "bash", "input": {}, **more}


def json_delta(text: object) -> Body:
    return {"type": "input_json_delta", "partial_json": text}


TEXT = (opened(0, {"type": "text", "text": ""}), grown(0, {"type": "text_delta", "text": "Hi."}))
STOPPED = {"type": "content_block_stop", "index": 0}
