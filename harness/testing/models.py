"""A Model that is a plain function: for tests and rehearsals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from harness.core.base import Json
from harness.core.types import Message, Part, Request, Stop, Text, ToolCall, Usage
from harness.ports.model import OnStream

Reply = Message | Exception
_NUMBERS: Iterator[int] = count(1)


def say(text: str, *calls: tuple[str, dict[str, Json]], stop: Stop | None = None) -> Message:
    """A reply: text and calls (name, arguments). Call ids are c<number>, unique in the process."""
    parts: list[Part] = [Text(text=text)] if text else []
    parts += [
        ToolCall(id=f"c{next(_NUMBERS)}", name=name, arguments=arguments)
        for name, arguments in calls
    ]
    return Message(
        role="assistant",
        parts=tuple(parts),
        usage=Usage(fresh=100, output=10),
        model="scripted",
        stop=stop or ("tool_calls" if calls else "end"),
    )


class Called:
    """The Model port over `answer(request)`; an exception that it returns is raised. `requests`
    keeps what was asked."""

    def __init__(self, answer: Callable[[Request], Reply], name: str = "scripted") -> None:
        self._answer = answer
        self._name = name
        self.requests: list[Request] = []

    @property
    def name(self) -> str:
        return self._name

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        self.requests.append(request)
        reply = self._answer(request)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def close(self) -> None:
        """Nothing is held."""


def replies(*script: Reply) -> Called:
    """Answers turn n with script[n - 1]; after its end with a plain "nothing left to say". Turn
    by number, not by call, so that a second process goes on where the first was."""
    sent: dict[int, int] = {}

    def answer(request: Request) -> Reply:
        faults = [r for r in script if isinstance(r, Exception)]
        if faults:
            at = sum(sent.values())
            sent[request.turn] = sent.get(request.turn, 0) + 1
            return script[at] if at < len(script) else say("nothing left to say")
        return script[request.turn - 1] if request.turn <= len(script) else say("nothing left")

    return Called(answer)
