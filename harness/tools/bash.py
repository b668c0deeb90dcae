"""bash: a command in the session's Box; its working directory lasts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import Field

from harness.core.types import CommandResult, Turn
from harness.ports.sandbox import Box
from harness.tools.context import ToolContext
from harness.tools.declare import Arguments, DeclaredTool, ToolRefused
from harness.tools.output import clean, clip
from harness.tools.summary import summary

_SUMMARY_AFTER_LINES = 15
_KEPT = "/tmp/harness-output"
_HARMLESS = re.compile(
    r"""(?:echo|printf|pwd|ls|cat|head|tail|wc|grep|stat|which|true|false|nl|cut|basename|dirname|
    realpath|cmp|whoami|id|uname|git\ (?:log|show|blame|ls-files|rev-parse))
    (?:\ (?!.*--output)[^;&|<>`$(){}\n\\]*)?""",
    re.VERBOSE,
)
_STATE = re.compile(r"exit \d+(?: \([^)\n]*\))?(?: \[cwd (?P<cwd>[^\n]+)\])?(?:\n|\Z)")


class BashArguments(Arguments):
    """Arguments of bash."""

    command: str = Field(min_length=1)
    timeout_s: float | None = Field(default=None, gt=0)


def reads_only(command: str) -> bool:
    """True for a pipe-less chain of well-known commands that cannot change a file. Used only to
    spare a snapshot; False when in doubt."""
    parts = re.split(r"&&|\||;", command)
    return all(_HARMLESS.fullmatch(part.strip()) for part in parts)


def bash(bench: ToolContext) -> DeclaredTool[BashArguments]:
    """The tool over this bench."""
    kept = 0

    async def run(arguments: BashArguments) -> str:
        nonlocal kept
        if "\0" in arguments.command:
            raise ToolRefused("calls/nul")
        box = await bench.box()
        ran = await box.exec(arguments.command, timeout_s=arguments.timeout_s)
        output = clean(ran.output).rstrip("\n")
        where = ""
        if not clip(output).whole:
            kept += 1
            where = await _keep(box, kept, output)
        return describe_run(ran, output, where, cwd="" if bench.at_root(ran.cwd) else ran.cwd)

    return DeclaredTool(
        "bash", prompts=bench.prompts, arguments=BashArguments, effects="tree", body=run
    )


def latest_cwd(turns: Sequence[Turn]) -> str:
    """Where the last command of this transcript ended; empty: the tree's own folder."""
    for turn in reversed(turns):
        names = {call.id: call.name for call in turn.reply.calls}
        for result in reversed(turn.results):
            if names.get(result.call_id) == "bash" and not result.is_error:
                return cwd_in(result.text)
    return ""


def cwd_in(text: str) -> str:
    """Where a command ended, by the first line of its result; empty: the tree's own folder."""
    found = _STATE.match(text)
    return (found["cwd"] or "") if found else ""


async def _keep(box: Box, number: int, output: str) -> str:
    path = f"{_KEPT}/{number}.txt"
    try:
        await box.write(path, output.encode())
    except OSError:
        return ""  # a full /tmp must not hide the command's own answer
    return path


def describe_run(ran: CommandResult, output: str, where: str = "", cwd: str = "") -> str:
    """Exit code first, then what the tests said, then the output. `cwd`: where the next command
    starts, when that is not the tree's own folder."""
    state = f"exit {ran.exit_code}"
    if ran.timed_out:
        state += f" (stopped after {ran.duration_s:.0f} s: time limit)"
    elif ran.killed:
        state += f" (killed: {ran.killed} limit)"
    first = [f"{state} [cwd {cwd}]" if cwd else state]
    if output.count("\n") >= _SUMMARY_AFTER_LINES:
        lines = summary(output)
        if lines:
            first += ["test summary:", *(f"  {line}" for line in lines), "output:"]
    if ran.cut:
        first.append(f"[{ran.cut} bytes in the middle of the output were not kept]")
    return "\n".join([*first, clip(output, where=where).text]) if output else "\n".join(first)
