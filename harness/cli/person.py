"""A person's word: approve, reject, agree, answer, pause, resume, cancel, retry, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.common import (
    AsFlag,
    CliError,
    Context,
    JsonFlag,
    context,
    emit,
    open_app,
    run_async,
)
from harness.cli.completing import issues
from harness.cli.work import require_run, text_of, word

if TYPE_CHECKING:
    from harness.config.settings import Settings

Number = Annotated[
    int, typer.Argument(metavar="N", min=1, autocompletion=issues, help="cli.opt.number")
]
Words = Annotated[str, typer.Argument(metavar="TEXT", help="cli.opt.text")]

FromFlag = Annotated[str, typer.Option("--from", metavar="STAGE", help="cli.opt.from")]
STAGES = ("reproduce", "plan", "implement", "verify")


def approve(
    ctx: typer.Context, number: Number, text: Words = "", by: AsFlag = "", as_json: JsonFlag = False
) -> None:
    _say(context(ctx, as_json), "approve", number, text, by)


def reject(
    ctx: typer.Context, number: Number, text: Words = "", by: AsFlag = "", as_json: JsonFlag = False
) -> None:
    _say(context(ctx, as_json), "reject", number, text, by)


def agree(
    ctx: typer.Context, number: Number, text: Words = "", by: AsFlag = "", as_json: JsonFlag = False
) -> None:
    _say(context(ctx, as_json), "agree", number, text, by)


def answer(
    ctx: typer.Context, number: Number, text: Words, by: AsFlag = "", as_json: JsonFlag = False
) -> None:
    cli = context(ctx, as_json)
    spoken = text_of(cli, text)
    if not spoken:
        raise CliError(2, "cli.answer_empty")
    _say(cli, "answer", number, spoken, by)


def pause(
    ctx: typer.Context, number: Number, text: Words = "", by: AsFlag = "", as_json: JsonFlag = False
) -> None:
    _say(context(ctx, as_json), "pause", number, text, by)


def resume(
    ctx: typer.Context, number: Number, text: Words = "", by: AsFlag = "", as_json: JsonFlag = False
) -> None:
    _say(context(ctx, as_json), "resume", number, text, by)


def cancel(
    ctx: typer.Context, number: Number, text: Words = "", by: AsFlag = "", as_json: JsonFlag = False
) -> None:
    _say(context(ctx, as_json), "cancel", number, text, by)


def retry(
    ctx: typer.Context,
    number: Number,
    text: Words = "",
    begin: FromFlag = "",
    by: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    if begin and begin.casefold() not in STAGES:
        raise CliError(2, "cli.retry_from", said=begin, known=", ".join(STAGES))
    # a word that only happens to begin with a stage's name is not meant, when one is named apart
    _say(cli, "retry", number, f"{begin}: {text_of(cli, text)}" if begin else text, by)


def undo(
    ctx: typer.Context, number: Number, text: Words = "", by: AsFlag = "", as_json: JsonFlag = False
) -> None:
    _say(context(ctx, as_json), "undo", number, text, by)


def _say(cli: Context, verb: str, number: int, text: str, by: str) -> None:
    settings = cli.settings()
    answer, then = run_async(_speak(cli, settings, verb, number, text_of(cli, text), by))
    if cli.as_json:
        emit({"issue": number, "verb": verb, "answer": answer, "next": then})
    elif answer is None:
        cli.say("cli.posted_waits", issue=number)
    else:
        for sentence in filter(None, (answer, then)):
            cli.out.print(sentence, soft_wrap=True, markup=False)


async def _speak(
    cli: Context, settings: Settings, verb: str, number: int, text: str, by: str
) -> tuple[str | None, str]:
    """What was done, and who goes on from there and when; "" when nothing does."""
    project = settings.project.name
    async with open_app(cli, settings) as app:
        await require_run(app, project, number)
        said = {"verb": verb, "issue": number, "by": cli.user(settings, by), "text": text}
        answer = await word(cli, app, project, said)
        run = await require_run(app, project, number)
        if answer is None or run.state.value != "active" or run.paused:
            return answer, ""
        if await app.take():
            return answer, cli.words("cli.next_later")
        return answer, cli.words("cli.next_now", holder=app.holder() or "?")
