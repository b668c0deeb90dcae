"""`harness lessons`: what the runs of a project taught, and what was proposed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.common import (
    CliError,
    Context,
    JsonFlag,
    context,
    emit,
    one_line,
    open_app,
    run_async,
    table,
)
from harness.cli.snapshot_reader import stored_sentence
from harness.core.base import LocalizedText
from harness.core.lesson_types import Lesson
from harness.pipeline.lessons.keeping import sentence

if TYPE_CHECKING:
    from harness.config.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="N", min=1, help="cli.opt.lesson")]
COLUMNS = ("number", "when", "issues", "how", "what")


@app.command("list", help="cli.help.lessons.list")
def list_lessons(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    settings = cli.settings()
    found = run_async(_lessons(cli, settings))
    if as_json:
        emit([_document(cli, lesson) for lesson in found])
        return
    if settings.policy.lessons == "off":
        cli.note("cli.lessons.off")
    if not found:
        cli.say("cli.lessons.none", project=settings.project.name)
        return
    newest = sorted(found, key=lambda one: (one.newest is None, one.newest), reverse=True)
    table(cli, [f"cli.lessons.{name}" for name in COLUMNS], (_row(cli, one) for one in newest))


@app.command("show", help="cli.help.lessons.show")
def show(ctx: typer.Context, number: Number, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    settings = cli.settings()
    found = {lesson.id: lesson for lesson in run_async(_lessons(cli, settings))}
    if number not in found:
        project = settings.project.name
        raise CliError(1, "cli.lessons.unknown", project=project, number=number)
    lesson = found[number]
    if as_json:
        emit(_document(cli, lesson))
        return
    cli.say("cli.lessons.title", number=number, what=_say(cli, sentence(lesson)))
    cli.say("cli.lessons.state", state=cli.words(f"lesson.state.{lesson.state}"))
    made = lesson.proposal
    if made is not None and made.pr:
        cli.say("cli.lessons.pr", pr=made.pr, path=made.path)
    for seen in lesson.sightings:
        date = seen.at.date().isoformat()
        where = cli.words("lesson.seen", issue=seen.issue, run=seen.run, date=date)
        quote = _say(cli, seen.quote)
        cli.out.print(f"- {where}" + (f": {quote}" if quote else ""), soft_wrap=True, markup=False)


async def _lessons(cli: Context, settings: Settings) -> tuple[Lesson, ...]:
    async with open_app(cli, settings) as opened:
        return await opened.store.lessons(settings.project.name)


def _row(cli: Context, lesson: Lesson) -> tuple[object, ...]:
    made = lesson.proposal
    state = cli.words(f"lesson.state.{lesson.state}")
    return (
        lesson.id,
        f"{lesson.newest:%Y-%m-%d}" if lesson.newest is not None else "",
        ", ".join(f"#{issue}" for issue in lesson.issues),
        f"{state} (#{made.pr})" if made is not None and made.pr else state,
        _say(cli, sentence(lesson)),
    )


def _document(cli: Context, lesson: Lesson) -> dict[str, object]:
    says = _say(cli, sentence(lesson))
    return {**lesson.model_dump(mode="json"), "issues": list(lesson.issues), "says": says}


def _say(cli: Context, said: LocalizedText | str) -> str:
    """As one line: a quote may be of anybody."""
    if isinstance(said, str):
        return one_line(said)
    return one_line(stored_sentence(cli, said.model_dump(mode="json")), 600)
