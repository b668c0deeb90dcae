"""`harness pr`: a person's view of, and writes to, pull requests of the embedded forge."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from harness.cli.common import (
    AsFlag,
    Context,
    JsonFlag,
    context,
    emit,
    one_line,
    run_async,
    table,
)
from harness.cli.local_forge import (
    BodyFileFlag,
    PullNumber,
    Words,
    choose,
    forge_for,
    given_text,
    plain,
    visible,
    write,
    write_comments,
    write_field,
)
from harness.core.base import Value
from harness.core.errors import UsageError
from harness.core.forge_types import Check, Comment, MergeMethod, PullRequest, Review, Thread
from harness.forge.embedded.forge import CheckConclusion, EmbeddedForge, PullState
from harness.forge.embedded.reviews import ReviewState

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
STATES: tuple[PullState, ...] = ("open", "closed", "merged", "all")
METHODS: tuple[MergeMethod, ...] = ("merge", "squash", "rebase")
CONCLUSIONS: tuple[CheckConclusion, ...] = (
    "success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required",
)  # fmt: skip


class Whole(Value):
    """A pull request with all that was said about it."""

    pull_request: PullRequest
    checks: tuple[Check, ...]
    reviews: tuple[Review, ...]
    threads: tuple[Thread, ...]
    comments: tuple[Comment, ...]


@app.command("list", help="forge.help.pr.list")
def list_pulls(
    ctx: typer.Context,
    state: Annotated[str, typer.Option("--state", help="forge.opt.pr_state")] = "open",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    wanted = choose(state, STATES, "--state")
    found = run_async(forge_for(cli).pulls(wanted))
    if as_json:
        emit(found)
    elif not found:
        cli.say("forge.no_prs")
    else:
        columns = ("number", "state", "title", "head", "base", "author", "updated")
        rows = (_row(cli, pull) for pull in found)
        table(cli, [f"forge.column.{name}" for name in columns], rows)


def _row(cli: Context, pull: PullRequest) -> tuple[object, ...]:
    return (
        f"#{pull.number}",
        _state(cli, pull),
        one_line(pull.title, 80),
        one_line(pull.head),
        one_line(pull.base),
        pull.author.login,
        f"{pull.updated_at:%Y-%m-%d %H:%M}",
    )


def _state(cli: Context, pull: PullRequest) -> str:
    state = cli.words(f"forge.state.{pull.state}")
    draft = pull.draft and pull.state == "open"
    return f"{state} ({cli.words('forge.is_draft')})" if draft else state


@app.command("show", help="forge.help.pr.show")
def show(ctx: typer.Context, number: PullNumber, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    whole = run_async(_whole(forge_for(cli), number))
    if as_json:
        emit(whole)
        return
    pull = whole.pull_request
    write(cli, f"#{pull.number} {one_line(pull.title)}", "bold")
    write_field(cli, "forge.column.state", _state(cli, pull))
    write_field(cli, "forge.column.author", pull.author.login)
    write_field(cli, "forge.column.head", f"{one_line(pull.head)} {pull.head_sha[:10]}")
    write_field(cli, "forge.column.base", f"{one_line(pull.base)} {pull.base_sha[:10]}")
    if pull.state == "open":
        fits = cli.words("forge.yes") if pull.mergeable else cli.words("forge.no")
        write_field(cli, "forge.column.mergeable", fits)
    write_field(cli, "forge.column.merged", (pull.merged_sha or "")[:10])
    if visible(pull.body):
        write(cli, f"\n{visible(pull.body)}")
    _write_verdicts(cli, whole)
    write_comments(cli, whole.comments)


async def _whole(forge: EmbeddedForge, number: int) -> Whole:
    pull = await forge.pr(number)
    return Whole(
        pull_request=pull,
        checks=await forge.checks(pull.head_sha),
        reviews=await forge.reviews(number),
        threads=await forge.threads(number),
        comments=await forge.comments(number),
    )


def _write_verdicts(cli: Context, whole: Whole) -> None:
    if whole.checks:
        write(cli, f"\n{cli.words('forge.checks')}", "bold")
    for check in whole.checks:
        said = cli.words(f"forge.check.{check.conclusion or check.status}")
        write(cli, f"  {one_line(check.name)}: {said} {one_line(check.summary)}".rstrip())
    if whole.reviews:
        write(cli, f"\n{cli.words('forge.reviews')}", "bold")
    for review in whole.reviews:
        said = cli.words(f"forge.review.{review.state}")
        old = "" if review.commit == whole.pull_request.head_sha else cli.words("forge.outdated")
        write(cli, f"  {review.author.login}: {said} {old}".rstrip())
        if visible(review.body):
            write(cli, f"    {visible(review.body)}")
    for thread in whole.threads:
        done = cli.words("forge.resolved") if thread.resolved else ""
        place = f"{one_line(thread.path)}:{thread.line}"
        write(cli, f"\n{cli.words('forge.thread')} {thread.id} {place} {done}".rstrip(), "bold")
        write_comments(cli, thread.comments)


@app.command("diff", help="forge.help.pr.diff")
def diff(ctx: typer.Context, number: PullNumber, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    text = run_async(forge_for(cli).diff(number))
    if as_json:
        emit({"number": number, "diff": text})
    elif cli.out.is_terminal:
        for line in plain(text).splitlines():
            write(cli, line, {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], ""))
    else:
        # for `git apply`: every byte as it stands
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()


@app.command("review", help="forge.help.pr.review")
def review(
    ctx: typer.Context,
    number: PullNumber,
    approve: Annotated[
        bool | None, typer.Option("--approve/--request-changes", help="forge.opt.approve")
    ] = None,
    comment: Annotated[str, typer.Option("--comment", help="forge.opt.comment")] = "",
    path: Annotated[str, typer.Option("--path", help="forge.opt.path")] = "",
    line: Annotated[int, typer.Option("--line", min=0, help="forge.opt.line")] = 0,
    acting_as: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    if approve is None and not comment:
        raise UsageError("forge.review_nothing")
    if (path or line) and not (path and comment):
        raise UsageError("forge.line_needs")
    said = run_async(_review(forge_for(cli, acting_as), number, approve, comment, (path, line)))
    if as_json:
        emit(said)
    else:
        cli.say("forge.reviewed", number=number)


async def _review(
    forge: EmbeddedForge, number: int, approve: bool | None, text: str, place: tuple[str, int]
) -> tuple[Review | Thread, ...]:
    path, line = place
    said: list[Review | Thread] = []
    # the verdict first: when it is refused, nothing was written
    if approve is not None:
        verdict: ReviewState = "approved" if approve else "changes_requested"
        said.append(await forge.add_review(number, verdict, text))
    elif not path:
        said.append(await forge.add_review(number, "commented", text))
    if path:
        said.append(await forge.add_thread(number, path, line, text))
    return tuple(said)


@app.command("merge", help="forge.help.pr.merge")
def merge(
    ctx: typer.Context,
    number: PullNumber,
    method: Annotated[str, typer.Option("--method", help="forge.opt.method")] = "merge",
    message: Annotated[str, typer.Option("--message", help="forge.opt.message")] = "",
    acting_as: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    how = choose(method, METHODS, "--method")
    pull = run_async(_merge(forge_for(cli, acting_as), number, how, message))
    if as_json:
        emit(pull)
    else:
        cli.say(
            "forge.pr_merged", number=number, base=pull.base, commit=(pull.merged_sha or "")[:10]
        )


async def _merge(
    forge: EmbeddedForge, number: int, method: MergeMethod, message: str
) -> PullRequest:
    pull = await forge.pr(number)
    return await forge.merge(number, pull.head_sha, method, message)


@app.command("close", help="forge.help.pr.close")
def close(
    ctx: typer.Context, number: PullNumber, acting_as: AsFlag = "", as_json: JsonFlag = False
) -> None:
    cli = context(ctx, as_json)
    pull = run_async(forge_for(cli, acting_as).close_pr(number))
    if as_json:
        emit(pull)
    else:
        cli.say("forge.pr_state", number=number, state=_state(cli, pull))


@app.command("ready", help="forge.help.pr.ready")
def ready(
    ctx: typer.Context, number: PullNumber, acting_as: AsFlag = "", as_json: JsonFlag = False
) -> None:
    cli = context(ctx, as_json)
    pull = run_async(forge_for(cli, acting_as).ready(number))
    if as_json:
        emit(pull)
    else:
        cli.say("forge.pr_ready", number=number)


@app.command("comment", help="forge.help.pr.comment")
def comment(
    ctx: typer.Context,
    number: PullNumber,
    text: Words = None,
    body_file: BodyFileFlag = None,
    thread: Annotated[str, typer.Option("--thread", help="forge.opt.thread")] = "",
    acting_as: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    body = given_text(text, body_file) or ""
    made = run_async(_comment(forge_for(cli, acting_as), number, thread, body))
    if as_json:
        emit(made)
    else:
        cli.say("forge.commented", number=number)


async def _comment(forge: EmbeddedForge, number: int, thread: str, body: str) -> Comment:
    await forge.pr(number)
    if thread:
        return await forge.reply(number, thread, "", body)
    return await forge.add_comment(number, body)


@app.command("resolve", help="forge.help.pr.resolve")
def resolve(
    ctx: typer.Context,
    number: PullNumber,
    thread: Annotated[str, typer.Argument(metavar="THREAD")],
    acting_as: AsFlag = "",
) -> None:
    cli = context(ctx)
    run_async(forge_for(cli, acting_as).resolve(number, thread))
    cli.say("forge.thread_resolved", thread=one_line(thread), number=number)


@app.command("check", help="forge.help.pr.check")
def check(
    ctx: typer.Context,
    number: PullNumber,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    conclusion: Annotated[str, typer.Argument(metavar="CONCLUSION")],
    summary: Annotated[str, typer.Option("--summary", help="forge.opt.summary")] = "",
    log_file: Annotated[str | None, typer.Option("--log-file", help="forge.opt.log_file")] = None,
    acting_as: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    ended = choose(conclusion, CONCLUSIONS, "CONCLUSION")
    log = given_text(None, log_file)
    made = run_async(_check(forge_for(cli, acting_as), number, (name, ended, summary, log)))
    if as_json:
        emit(made)
    else:
        cli.say(
            "forge.check_set",
            name=made.name,
            conclusion=cli.words(f"forge.check.{ended}"),
            commit=made.commit[:10],
        )


async def _check(
    forge: EmbeddedForge, number: int, said: tuple[str, CheckConclusion, str, str | None]
) -> Check:
    name, conclusion, summary, log = said
    pull = await forge.pr(number)
    return await forge.set_check(pull.head_sha, name, "completed", conclusion, summary, log)
