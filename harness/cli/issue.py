"""`harness issue`: a person's writes to the embedded forge."""

from __future__ import annotations

from typing import Annotated, Literal

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
    BodyFlag,
    Number,
    Words,
    choose,
    forge_for,
    given_text,
    local_settings,
    visible,
    write,
    write_comments,
    write_field,
)
from harness.core.errors import UsageError
from harness.core.forge_types import Comment, Issue, Permission
from harness.core.naming import fold_name
from harness.forge.embedded.admin import EmbeddedAdmin, Member
from harness.forge.embedded.forge import EmbeddedForge

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
LabelFlag = Annotated[
    list[str] | None, typer.Option("--label", help="forge.opt.label", metavar="LABEL")
]


@app.command("new", help="forge.help.issue.new")
def new(
    ctx: typer.Context,
    title: Annotated[str | None, typer.Argument(help="forge.opt.title", metavar="TITLE")] = None,
    body: BodyFlag = None,
    body_file: BodyFileFlag = None,
    label: LabelFlag = None,
    acting_as: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    text = given_text(body, body_file) or ""
    named, rest = (title, text) if title is not None else split_title(text)
    issue = run_async(forge_for(cli, acting_as).create_issue(named, rest, label or ()))
    _tell(cli, issue, "forge.issue_created")


def split_title(text: str) -> tuple[str, str]:
    """The first line that says something, as title, and what follows it. UsageError without."""
    lines = text.splitlines(keepends=True)
    for i, line in enumerate(lines):
        title = line.strip().lstrip("#").strip()
        if title:
            return title, "".join(lines[i + 1 :]).lstrip("\r\n")
    raise UsageError("forge.no_title")


@app.command("list", help="forge.help.issue.list")
def list_issues(
    ctx: typer.Context,
    state: Annotated[str, typer.Option("--state", help="forge.opt.issue_state")] = "open",
    label: LabelFlag = None,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    choose(state, ("open", "closed", "all"), "--state")
    wanted = {fold_name(name) for name in label or ()}
    found = [
        issue
        for issue in run_async(_all_issues(forge_for(cli)))
        if state in ("all", issue.state) and wanted <= {fold_name(name) for name in issue.labels}
    ]
    if as_json:
        emit(found)
    elif not found:
        cli.say("forge.no_issues")
    else:
        columns = ("number", "state", "title", "labels", "author", "updated")
        rows = (_row(cli, issue) for issue in found)
        table(cli, [f"forge.column.{name}" for name in columns], rows)


async def _all_issues(forge: EmbeddedForge) -> list[Issue]:
    page = await forge.issues()
    found: dict[int, Issue] = {}
    while page.issues:
        found |= {issue.number: issue for issue in page.issues}
        page = await forge.issues(page.cursor)
    return sorted(found.values(), key=lambda issue: issue.number, reverse=True)


def _row(cli: Context, issue: Issue) -> tuple[object, ...]:
    return (
        f"#{issue.number}",
        cli.words(f"forge.state.{issue.state}"),
        one_line(issue.title, 80),
        ", ".join(issue.labels),
        issue.author.login,
        f"{issue.updated_at:%Y-%m-%d %H:%M}",
    )


@app.command("show", help="forge.help.issue.show")
def show(ctx: typer.Context, number: Number, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    forge = forge_for(cli)
    issue, comments = run_async(_look(forge, number))
    if as_json:
        events = run_async(forge.timeline(number))
        emit({"issue": issue, "comments": comments, "timeline": events})
        return
    write(cli, f"#{issue.number} {one_line(issue.title)}", "bold")
    state, reason = cli.words(f"forge.state.{issue.state}"), ""
    if issue.state_reason:
        reason = f" ({cli.words(f'forge.reason.{issue.state_reason}')})"
    locked = f", {cli.words('forge.locked')}" if issue.locked else ""
    write_field(cli, "forge.column.state", f"{state}{reason}{locked}")
    write_field(cli, "forge.column.author", issue.author.login)
    write_field(cli, "forge.column.labels", ", ".join(issue.labels))
    write_field(cli, "forge.column.assignees", ", ".join(issue.assignees))
    write_field(cli, "forge.column.milestone", issue.milestone)
    write_field(cli, "forge.column.created", f"{issue.created_at:%Y-%m-%d %H:%M}")
    if issue.edited_at:
        write_field(cli, "forge.column.edited", f"{issue.edited_at:%Y-%m-%d %H:%M}")
    if visible(issue.body):
        write(cli, f"\n{visible(issue.body)}")
    write_comments(cli, comments)


async def _look(forge: EmbeddedForge, number: int) -> tuple[Issue, tuple[Comment, ...]]:
    return await forge.issue(number), await forge.comments(number)


@app.command("comment", help="forge.help.issue.comment")
def comment(
    ctx: typer.Context,
    number: Number,
    text: Words = None,
    body_file: BodyFileFlag = None,
    acting_as: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    body = given_text(text, body_file) or ""
    made = run_async(_comment(forge_for(cli, acting_as), number, body))
    if as_json:
        emit(made)
    else:
        cli.say("forge.commented", number=number)


async def _comment(forge: EmbeddedForge, number: int, body: str) -> Comment:
    await forge.issue(number)
    return await forge.add_comment(number, body)


@app.command("close", help="forge.help.issue.close")
def close(
    ctx: typer.Context,
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="forge.opt.reason")] = "completed",
    acting_as: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    choose(reason, ("completed", "not-planned"), "--reason")
    stored: Literal["completed", "not_planned"] = (
        "completed" if reason == "completed" else "not_planned"
    )
    issue = run_async(forge_for(cli, acting_as).close(number, stored))
    _tell(cli, issue, "forge.issue_closed")


@app.command("reopen", help="forge.help.issue.reopen")
def reopen(
    ctx: typer.Context, number: Number, acting_as: AsFlag = "", as_json: JsonFlag = False
) -> None:
    cli = context(ctx, as_json)
    _tell(cli, run_async(forge_for(cli, acting_as).reopen(number)), "forge.issue_reopened")


@app.command("lock", help="forge.help.issue.lock")
def lock(
    ctx: typer.Context, number: Number, acting_as: AsFlag = "", as_json: JsonFlag = False
) -> None:
    cli = context(ctx, as_json)
    _tell(cli, run_async(forge_for(cli, acting_as).lock(number)), "forge.issue_locked")


@app.command("unlock", help="forge.help.issue.unlock")
def unlock(
    ctx: typer.Context, number: Number, acting_as: AsFlag = "", as_json: JsonFlag = False
) -> None:
    cli = context(ctx, as_json)
    issue = run_async(forge_for(cli, acting_as).lock(number, locked=False))
    _tell(cli, issue, "forge.issue_unlocked")


@app.command("edit", help="forge.help.issue.edit")
def edit(
    ctx: typer.Context,
    number: Number,
    title: Annotated[str | None, typer.Option("--title", help="forge.opt.title")] = None,
    body: BodyFlag = None,
    body_file: BodyFileFlag = None,
    acting_as: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    text = given_text(body, body_file)
    if title is None and text is None:
        raise UsageError("forge.nothing_to_edit")
    forge = forge_for(cli, acting_as)
    _tell(cli, run_async(forge.edit_issue(number, title=title, body=text)), "forge.issue_edited")


@app.command("label", help="forge.help.issue.label")
def label(
    ctx: typer.Context,
    number: Number,
    add: Annotated[list[str] | None, typer.Argument(metavar="LABEL")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", help="forge.opt.remove")] = None,
    acting_as: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    if not add and not remove:
        raise UsageError("forge.nothing_to_edit")
    forge = forge_for(cli, acting_as)
    changed = run_async(forge.labels(number, add=add or (), remove=remove or ()))
    _tell(cli, changed, "forge.issue_edited")


@app.command("assign", help="forge.help.issue.assign")
def assign(
    ctx: typer.Context,
    number: Number,
    logins: Annotated[list[str] | None, typer.Argument(metavar="USER")] = None,
    acting_as: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    issue = run_async(forge_for(cli, acting_as).assign(number, logins or ()))
    _tell(cli, issue, "forge.issue_edited")


@app.command("user", help="forge.help.issue.user")
def user(
    ctx: typer.Context,
    login: Annotated[str, typer.Argument(metavar="USER")],
    permission: Annotated[str, typer.Option("--permission", help="forge.opt.permission")] = "read",
    bot: Annotated[bool, typer.Option("--bot", help="forge.opt.bot")] = False,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    settings = local_settings(cli)
    granted = choose(permission, list(Permission), "--permission")
    host = EmbeddedAdmin(settings.paths.forge)
    kind: Literal["user", "bot"] = "bot" if bot else "user"
    actor = run_async(host.add_user(settings.forge.repository, login, granted, kind))
    if as_json:
        emit(actor)
    else:
        cli.say("forge.user_set", login=actor.login, permission=granted.value)


@app.command("users", help="forge.help.issue.users")
def users(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    settings = local_settings(cli)
    members = run_async(EmbeddedAdmin(settings.paths.forge).users(settings.forge.repository))
    if as_json:
        emit(members)
        return
    columns = ("login", "permission", "kind")
    table(cli, [f"forge.column.{name}" for name in columns], map(_member, members))


def _member(member: Member) -> tuple[object, ...]:
    return member.actor.login, member.permission.value, member.actor.kind


def _tell(cli: Context, issue: Issue, key: str) -> None:
    if cli.as_json:
        emit(issue)
    else:
        cli.say(key, number=issue.number, title=one_line(issue.title))
