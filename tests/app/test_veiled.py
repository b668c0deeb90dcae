"""What a model, a command or a person says of our own keys is in no row, and nothing else is
changed by that."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.app.redacting import RedactedModel, RedactedSandbox, RedactedStore, veiled_body
from harness.core.base import Json
from harness.core.errors import ModelError
from harness.core.types import (
    Actor,
    BoxLimits,
    Command,
    IssueSnapshot,
    Layout,
    Message,
    Request,
    Text,
    Thinking,
    ToolCall,
)
from harness.engine.database import Database
from harness.pipeline.slots import NOTES
from harness.ports.durable import Flow
from harness.ports.model import OnStream
from harness.system.redact import MARK, Redactor
from harness.testing.durable import MemoryDurable
from harness.testing.folder_box import FolderSandbox

KEY = "sk-ant-api03-canary0123456789"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ASKED = Request(session="s", turn=1, system="", messages=(), tools=(), max_tokens=1)


class Parrot:
    """A model that says what it was made with."""

    name = "parrot"

    def __init__(self, said: Message | ModelError) -> None:
        self._said = said

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        if isinstance(self._said, ModelError):
            raise self._said
        return self._said

    async def close(self) -> None:
        """Nothing is open."""


async def reply(said: Message | ModelError) -> Message:
    return await RedactedModel(Parrot(said), Redactor([KEY])).complete(ASKED)


async def test_a_reply_without_a_secret_is_the_very_same() -> None:
    said = Message(
        role="assistant",
        parts=(Thinking(text="hm", signature="x", provider="p"), Text(text="fine")),
    )
    assert await reply(said) is said


async def test_a_reply_loses_the_secret_and_a_signed_thought_goes_whole() -> None:
    call = ToolCall(id="1", name="bash", arguments={"command": f"echo {KEY}", "n": 1})
    said = Message(
        role="assistant",
        parts=(
            Thinking(text=f"the key is {KEY}", signature="x", provider="p"),
            Thinking(text="kept", signature="y", provider="p"),
            Text(text=f"it is {KEY}."),
            call,
        ),
        model="m",
    )
    clean = await reply(said)
    assert clean.model == "m"
    assert clean.parts == (
        Thinking(text="kept", signature="y", provider="p"),
        Text(text=f"it is {MARK}."),
        call.model_copy(update={"arguments": {"command": f"echo {MARK}", "n": 1}}),
    )


async def test_a_servers_complaint_that_quotes_the_key_does_not() -> None:
    fault = ModelError("llm.refused", sort="auth", retry=False, detail=f"bad key {KEY}")
    with pytest.raises(ModelError) as caught:
        await reply(fault)
    assert caught.value.facts == {"detail": f"bad key {MARK}"}
    assert KEY not in repr(caught.value) + str(caught.value)
    assert (caught.value.sort, caught.value.retry) == ("auth", False)


async def test_a_commands_output_is_clean_and_a_file_is_itself(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()

    async def main() -> tuple[str, bytes]:
        box = await RedactedSandbox(FolderSandbox(tmp_path / "private"), Redactor([KEY])).open(
            Layout(tree=tmp_path / "tree"), BoxLimits()
        )
        try:
            await box.write("notes", f"a {KEY} b".encode())
            return (await box.exec("cat notes")).output, await box.read("notes")
        finally:
            await box.close()

    assert await main() == (f"a {MARK} b", f"a {KEY} b".encode())


async def test_rows_hold_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    database = Database(path)
    await database.open()
    store = RedactedStore(database, Redactor([KEY]))
    try:
        ann = Actor(id=1, login="ann")
        text = IssueSnapshot(
            number=1, title="t", body=f"use {KEY}", author=ann, trigger=ann, taken_at=AT
        )
        run, _ = await store.open_run("p", text, AT)
        assert run.snapshot.body == f"use {MARK}"
        assert await store.run(run.id) == run
        await store.put(NOTES, run.id, (KEY, "1"))
        assert await store.get(NOTES, run.id) == (MARK, "1")
        word = Command(verb="answer", project="p", issue=1, by="ann", text=f"try {KEY}", at=AT)
        posted = await store.post(word)
        assert posted.text == f"try {MARK}"
        await store.inbox_done(posted.id, f"{KEY}?")
        assert await store.inbox_answer(posted.id) == f"{MARK}?"
    finally:
        await database.close()
    assert not any(KEY.encode() in file.read_bytes() for file in tmp_path.iterdir())


async def test_a_steps_answer_is_written_down_clean() -> None:
    async def body(flow: Flow, argument: Json) -> Json:
        async def step() -> Json:
            return {"why": f"it said {KEY}", "given": argument}

        return await flow.step("one", step)

    async def main() -> Json:
        durable = MemoryDurable({})
        durable.define("w", veiled_body(body, Redactor([KEY])))
        await durable.launch()
        await durable.start("w", "id", 7)
        try:
            return await durable.join("id")
        finally:
            await durable.close(grace_s=0)

    assert await main() == {"why": f"it said {MARK}", "given": 7}
