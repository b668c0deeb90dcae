"""Reading a plan's page back. Every refusal names the line and what was expected there."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.core.run_types import Criterion, ExpectationChange, Plan, Task
from harness.report.plan_marks import (
    BULLET,
    FENCE,
    LABEL,
    SPAN,
    Lines,
    heading,
    join_stripped,
    parse_label,
    refuse,
    section_names,
    spans,
    strip_padding,
)

KINDS = ("bug", "feature", "chore", "docs", "question")
DIFFICULTIES = ("trivial", "small", "medium", "large")
TASK = re.compile(r"^(\S+?)[.:)]?(?:\s+(?:[-–—:]\s+)?(.*))?$")


def find_block(text: str) -> str | None:
    """The first fenced block marked `plan` in a comment, without its fence."""
    lines = text.replace("\r\n", "\n").split("\n")
    for start, line in enumerate(lines):
        opened = FENCE.match(line)
        if not opened or opened[2].casefold() != "plan":
            continue
        for end in range(start + 1, len(lines)):
            closing = FENCE.match(lines[end])
            if closing and not closing[2] and closing[1].startswith(opened[1]):
                return "\n".join(lines[start + 1 : end]) + "\n"
    return None


def parse(text: str) -> Plan:
    """The plan that a page says. UsageError `report.plan_*` with `line` (from 1) when it cannot
    be understood. A missing kind, difficulty or version has the default of Plan."""
    lines = Lines(text)
    head = _preamble(lines)
    sections: dict[str, object] = {}
    at_tasks = 0
    while lines.has_more:
        number, name = _section(lines)
        if name in sections:
            raise refuse("report.plan_twice", number, section=name)
        at_tasks = number if name == "tasks" else at_tasks
        sections[name] = READERS[name](lines)
    if not sections.get("tasks"):
        raise refuse("report.plan_no_tasks", at_tasks or lines.number)
    return Plan.model_validate({**head, **sections})


def _section(lines: Lines) -> tuple[int, str]:
    number, line = lines.take()
    found = heading(line)
    title = found[1] if found else line
    name = section_names().get(title.rstrip(":：").strip().casefold())
    if found is None or found[0] > 2 or name is None:
        expected = ", ".join(section_names())
        raise refuse("report.plan_unknown_section", number, found=title, expected=expected)
    return number, name


def _preamble(lines: Lines) -> dict[str, object]:
    """Title, summary, kind, difficulty, version: all before the first section."""
    head: dict[str, object] = {}
    summary: list[str] = []
    while lines.has_more:
        found = heading(lines.peek)
        if found and not (found[0] == 1 and found[1].casefold() not in section_names()):
            break
        number, line = lines.take()
        bullet = BULLET.match(line)
        if found:
            continue
        if bullet and LABEL.match(bullet[2]):
            _meta(head, number, bullet[2])
        else:
            summary.append(_unquote(line))
    return {**head, "summary": join_stripped(summary)}


def _meta(head: dict[str, object], number: int, text: str) -> None:
    field = parse_label(text)
    if field is None or field[0] in ("files", "depends", "agent", "check"):
        raise refuse(
            "report.plan_unknown_field", number, found=text, expected="kind, difficulty, version"
        )
    name, value = field[0], field[1].strip("` ")
    if name == "version":
        if not (value.isascii() and value.isdigit() and 0 < int(value) < 10**9):
            raise refuse("report.plan_bad_value", number, field=name, found=value, expected="1, 2")
        head[name] = int(value)
    elif name in ("kind", "difficulty"):
        known = KINDS if name == "kind" else DIFFICULTIES
        if value.casefold() not in known:
            expected = ", ".join(known)
            raise refuse(
                "report.plan_bad_value", number, field=name, found=value, expected=expected
            )
        head[name] = value.casefold()


def _unquote(line: str) -> str:
    line = line.rstrip()
    if line.startswith(">"):
        return line[2:] if line[1:2] == " " else line[1:]
    return line


def _tasks(lines: Lines) -> tuple[Task, ...]:
    tasks: list[Task] = []
    places: dict[str, int] = {}
    while lines.has_more:
        found = heading(lines.peek)
        if found and found[0] < 3:
            break
        number, line = lines.take()
        if not line.strip():
            continue
        if not found:
            raise refuse("report.plan_task_heading", number, found=line)
        task = _task(lines, number, found[1])
        if task.id in places:
            raise refuse("report.plan_task_twice", number, task=task.id, first=places[task.id])
        places[task.id] = number
        tasks.append(task)
    _check_order(tasks, places)
    return tuple(tasks)


def _task(lines: Lines, number: int, said: str) -> Task:
    quoted = SPAN.match(said)
    plain = TASK.match(said)
    if quoted:
        id_, title = strip_padding(quoted[2]), said[quoted.end() :].strip()
    elif plain:
        id_, title = plain[1], (plain[2] or "").strip()
    else:
        raise refuse("report.plan_task_heading", number, found=said)
    files: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    agent = ""
    detail: list[str] = []
    while lines.has_more and not heading(lines.peek):
        at, line = lines.take()
        bullet = BULLET.match(line)
        field = parse_label(bullet[2]) if bullet else None
        if field and field[0] == "files":
            files += spans(field[1])
        elif field and field[0] == "depends":
            depends += spans(field[1])
        elif field and field[0] == "agent":
            agent = _agent(at, field[1])
        else:
            detail.append(_unquote(line))
    if not files:
        raise refuse("report.plan_no_files", number, task=id_)
    said = join_stripped(detail)
    return Task(id=id_, title=title, files=files, depends=depends, agent=agent, detail=said)


def _agent(number: int, value: str) -> str:
    """The one name there; "" when nothing stands there."""
    names = spans(value)
    if len(names) > 1:
        expected = "one name"
        raise refuse("report.plan_bad_value", number, field="agent", found=value, expected=expected)
    return names[0] if names else ""


def _check_order(tasks: list[Task], places: dict[str, int]) -> None:
    """Every dependency exists, and none goes round in a circle."""
    for task in tasks:
        for needed in task.depends:
            if needed not in places:
                raise refuse(
                    "report.plan_unknown_task", places[task.id], task=task.id, needed=needed
                )
    left = {t.id: set(t.depends) for t in tasks}
    while left:
        ready = {k for k, needs in left.items() if not needs & left.keys()}
        if not ready:
            first = min(left, key=places.__getitem__)
            raise refuse("report.plan_circle", places[first], tasks=", ".join(left))
        left = {k: v for k, v in left.items() if k not in ready}


class _Item:
    """One entry of a list under way."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text
        self.check = ""


def _items(lines: Lines, *, checks: bool = False) -> list[_Item]:
    """The entries of a list; a wrapped line is joined to its entry."""
    items: list[_Item] = []
    while lines.has_more and not heading(lines.peek):
        number, line = lines.take()
        if not line.strip():
            continue
        bullet = BULLET.match(line)
        field = parse_label(bullet[2]) if bullet else None
        if checks and items and field and field[0] == "check":
            items[-1].check = _check(lines, number, field[1])
        elif bullet:
            items.append(_Item(number, bullet[2].strip()))
        elif items:
            items[-1].text += " " + line.strip()
        else:
            raise refuse("report.plan_no_bullet", number, found=line.strip())
    return items


def _check(lines: Lines, number: int, value: str) -> str:
    if value:
        found = SPAN.match(value)
        return strip_padding(found[2]) if found else value
    while lines.has_more and not lines.peek.strip():
        lines.take()
    opened = FENCE.match(lines.peek) if lines.has_more else None
    if not opened:
        raise refuse("report.plan_no_check", number)
    lines.take()
    body: list[str] = []
    while lines.has_more:
        _, line = lines.take()
        closing = FENCE.match(line)
        if closing and not closing[2] and closing[1].startswith(opened[1]):
            indent = min((len(x) - len(x.lstrip()) for x in body if x.strip()), default=0)
            return join_stripped([x[indent:].rstrip() for x in body]).strip()
        body.append(line)
    raise refuse("report.plan_open_fence", number)


def _plain(text: str) -> str:
    return text[1:] if text.startswith("\\") else text


def _criteria(lines: Lines) -> tuple[Criterion, ...]:
    return tuple(Criterion(text=_plain(i.text), check=i.check) for i in _items(lines, checks=True))


def _texts(lines: Lines) -> tuple[str, ...]:
    return tuple(_plain(i.text) for i in _items(lines))


def _changes(lines: Lines) -> tuple[ExpectationChange, ...]:
    changes = []
    for item in _items(lines):
        quoted = SPAN.match(item.text)
        if quoted:
            test, rest = strip_padding(quoted[2]), item.text[quoted.end() :]
        else:
            test, _, rest = item.text.partition(": ")
            rest = ": " + rest
        why = rest.strip().removeprefix(":").removeprefix("：").strip()
        if not test.strip() or not why or not re.match(r"\s*[:：]", rest):
            raise refuse("report.plan_no_why", item.number, found=item.text)
        changes.append(ExpectationChange(test=test.strip(), why=why))
    return tuple(changes)


READERS: dict[str, Callable[[Lines], object]] = {
    "tasks": _tasks,
    "criteria": _criteria,
    "risks": _texts,
    "alternatives": _texts,
    "test_changes": _changes,
}
