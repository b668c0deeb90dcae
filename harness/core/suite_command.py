"""Shell commands that run tests: several as one, one that also writes a report, one for named
tests alone. Pure text in, text out; a command whose shape is not understood stays as it is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence

_PART = re.compile(r"\((.*)\) \|\| fail=\$\?$")
_NPM = re.compile(r"(?:^|\s)(npm|pnpm|yarn)(?: run)? (?:test|t)\b[\w:.-]*")
_PYTEST = re.compile(r"(?:^|[\s/])(?:pytest|py\.test)(?=\s|$)")
# pytest's options whose value is the next word
_VALUED = frozenset(("-k", "-m", "-n", "-c", "-p", "-o", "-r", "-W", "--tb", "--maxfail", "--cov"))


def together(commands: Sequence[str]) -> str:
    """One command that runs all of them and fails when any does, whatever the others did."""
    if len(commands) < 2:
        return "".join(commands)
    lines = [f"({command}) || fail=$?" for command in commands]
    return "\n".join(["fail=0", *lines, "exit $fail"])


def instrumented(command: str, reporter: str, out: str) -> tuple[str, dict[str, str]]:
    """The command and the extra environment that also leave machine-readable reports in the
    folder `out`. `reporter` names one kind, or one for each part of a joined command ("jest+pytest"
    in the order of the parts). What the command prints for people stays, where its tool can do
    both."""
    if not _is_joined(command):
        return _instrumented(command, reporter, out, 1)
    kinds = reporter.split("+")

    def part(text: str, number: int) -> str:
        kind = kinds[number] if number < len(kinds) else kinds[-1]
        changed, extra = _instrumented(text, kind, out, number + 1)
        given = "".join(f"export {k}={shlex.quote(v)}; " for k, v in extra.items())
        return given + changed

    return _each(command, part), {}


def single(command: str, reporter: str, test_ids: Sequence[str]) -> str:
    """The command that runs these tests alone, by the ids that reports give; the command itself
    where the tool cannot be told."""
    if not test_ids or not _is_joined(command):
        return _single(command, reporter, test_ids) if test_ids else command
    kinds = reporter.split("+")

    def part(text: str, number: int) -> str:
        kind = kinds[number] if number < len(kinds) else kinds[-1]
        return _single(text, kind, test_ids, guarded=True)

    return _each(command, part)


def _is_joined(command: str) -> bool:
    return command.startswith("fail=0\n(")


def _each(command: str, change: Callable[[str, int], str]) -> str:
    lines, number = [], 0
    for line in command.split("\n"):
        if found := _PART.match(line):
            line = f"({change(found[1], number)}) || fail=$?"
            number += 1
        lines.append(line)
    return "\n".join(lines)


def _instrumented(command: str, kind: str, out: str, number: int) -> tuple[str, dict[str, str]]:
    def to(name: str) -> str:
        return shlex.quote(f"{out}/{name}")

    if kind == "pytest":
        options = f"--junitxml={to(f'junit-{number}.xml')} -o junit_family=xunit1"
        # its cache would be a change of the tree; without the plugin --lf is no option any more
        return command, {"PYTEST_ADDOPTS": f"{options} -o cache_dir={to('.cache')}"}
    if kind == "node":
        file = f"{out}/node-{number}.xml".replace("\\", "\\\\").replace('"', '\\"')
        spec = "--test-reporter=spec --test-reporter-destination=stdout"
        report = f'--test-reporter=junit "--test-reporter-destination={file}"'
        return command, {"NODE_OPTIONS": f"{spec} {report}"}
    if kind == "jest":
        env = {"CI": "true"} if "react-scripts" in command else {}
        return _with(command, f"--json --outputFile={to(f'jest-{number}.json')}"), env
    if kind == "vitest":
        file = to(f"vitest-{number}.xml")
        options = f"--reporter=default --reporter=junit --outputFile.junit={file}"
        return _with(command, options), {}
    if kind == "mocha":
        file = to(f"mocha-{number}.xml")
        changed = _with(command, f"--reporter xunit --reporter-option output={file}")
        # this reporter prints nothing: a person reads the failures from the file
        shown = f"code=$?; [ $code = 0 ] || head -c 20000 {file}; (exit $code)"
        return (f"{changed}; {shown}" if changed != command else command), {}
    return command, {}


def _with(command: str, options: str) -> str:
    """Options added to the last simple command, when that is a test runner or a script of one."""
    last = re.split(r"&&|\|\||[;\n]", command)[-1]
    if "|" in last or last.rstrip().endswith((")", "&", "}")):
        return command
    script = _NPM.search(last)
    if script:
        apart = " -- " if script[1] == "npm" and " -- " not in last else " "
        return command.rstrip() + apart + options
    if re.search(r"\b(?:npx|jest|vitest|mocha|react-scripts)\b", last):
        return f"{command.rstrip()} {options}"
    return command


def _single(command: str, kind: str, tests: Sequence[str], guarded: bool = False) -> str:
    files = tuple(dict.fromkeys(test.partition("::")[0] for test in tests if "::" in test))
    titles = [test.partition("::")[2] or test for test in tests]
    if kind == "pytest":
        return _pytest(command, tests, files if guarded else ())
    if kind == "node":
        return _node(command, titles)
    whole = "|".join(_pattern(title.replace(" > ", " ")) for title in titles)
    named = shlex.quote(f"^({whole})$" if len(titles) > 1 else f"^{whole}$")
    if kind == "jest":
        paths = f"--runTestsByPath {' '.join(map(shlex.quote, files))} " if files else ""
        return _with(command, f"{paths}-t {named}")
    if kind == "vitest":
        paths = "".join(f"{shlex.quote(path)} " for path in files)
        return _with(command, f"{paths}-t {named}")
    return _with(command, f"-g {named}") if kind == "mocha" else command


def _pattern(text: str) -> str:
    """A JavaScript regular expression for this text."""
    return re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", text)


def _node(command: str, titles: Sequence[str]) -> str:
    """Before the files of the command: behind them an option would be a file."""
    names = "|".join(_pattern(title.rpartition(" > ")[2]) for title in titles)
    option = shlex.quote(f"--test-name-pattern=/^(?:{names})$/")
    return re.sub(
        r"(\bnode\b[^|;&]*\s--test)(?=\s|$)", lambda m: f"{m[1]} {option}", command, count=1
    )


def _pytest(command: str, tests: Sequence[str], guarded: Sequence[str]) -> str:
    """Ids in place of the paths the command names."""
    found = list(_PYTEST.finditer(command))
    if not found:
        return command
    start, rest = command[: found[-1].end()], command[found[-1].end() :]
    if re.search(r"[|;&<>`$()]", rest):
        return command
    try:
        words = shlex.split(rest)
    except ValueError:
        return command
    kept: list[str] = []
    for word in words:
        follows = bool(kept) and kept[-1] in _VALUED
        if word.startswith("-") or follows:
            kept.append(word)
    line = " ".join([start, *map(shlex.quote, [*kept, *tests])])
    if not guarded:
        return line
    here = " && ".join(f"[ ! -e {shlex.quote(path)} ]" for path in guarded)
    folder, apart, command = line.partition(" && ")
    return f"{folder}{apart}{{ {here} || {command}; }}" if apart else f"{{ {here} || {line}; }}"
