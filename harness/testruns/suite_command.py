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
# python -m unittest, python manage.py test: Python, and the words before the command's own
_UNITTEST = re.compile(
    r"((?:^|[\s/])python[\d.]*(?:\s+-[bBu]+)*\s+)(?:-m\s+)?(unittest|\S*manage\.py\s+test)(?=\s|$)"
)
_UNITTEST_VALUED = frozenset(
    [
        *("-k", "-s", "-p", "-t", "--start-directory", "--pattern", "--top-level-directory"),
        *("--settings", "--tag", "--exclude-tag", "--testrunner", "--pythonpath", "--verbosity"),
    ]
)
_SCRIPT_VALUED = frozenset(
    [
        *("--import", "--require", "-r", "--loader", "--timeout", "-t", "--ui", "-u", "-C"),
        *("--conditions", "--test-name-pattern", "--test-reporter", "--test-concurrency"),
    ]
)
QUIET = "probe/argv.cjs"
"""File of the reports' folder that jest and mocha load."""
# stopping at the first failure would leave the rest without a result
_BAIL = re.compile(r"\s(?:--bail(?:[= ]\d+)?|-b)(?=\s|$)")


def together(commands: Sequence[str]) -> str:
    """One command that runs all of them and fails when any does, whatever the others did."""
    if len(commands) < 2:
        return "".join(commands)
    lines = [f"({command}) || fail=$?" for command in commands]
    return "\n".join(["fail=0", *lines, "exit $fail"])


def instrument(
    command: str, reporter: str, out: str, probe: str = ""
) -> tuple[str, dict[str, str]]:
    """The command and the extra environment that also leave machine-readable reports in the
    folder `out`. `reporter` names one kind, or one for each part of a joined command ("jest+pytest"
    in the order of the parts). What the command prints for people stays, where its tool can do
    both. `probe`: a module of ours for Python's runners, which their Python can import; with it
    jest and mocha load the file QUIET of `out`, which may take our options off their argv."""
    if not _is_joined(command):
        return _instrument_part(command, reporter, (out, probe), 1)
    kinds = reporter.split("+")

    def part(text: str, number: int) -> str:
        kind = kinds[number] if number < len(kinds) else kinds[-1]
        changed, extra = _instrument_part(text, kind, (out, probe), number + 1)
        given = "".join(f"export {k}={shlex.quote(v)}; " for k, v in extra.items())
        return given + changed

    return _each(command, part), {}


def single(command: str, reporter: str, test_ids: Sequence[str]) -> str:
    """The command that runs these tests alone, by the ids that reports give; the command itself
    where the tool cannot be told."""
    return _narrow_parts(command, reporter, test_ids, _single) if test_ids else command


def by_file(command: str, reporter: str, files: Sequence[str]) -> str:
    """The command that runs the tests of these files of the tree alone; "" where none can be
    built from it."""
    changed = _narrow_parts(command, reporter, files, _by_file) if files else ""
    return "" if changed == command else changed


Narrow = Callable[[str, str, Sequence[str], bool], str]


def _narrow_parts(command: str, reporter: str, tests: Sequence[str], narrow: Narrow) -> str:
    """Each part with those of the tests that are its own, relative to its folder; a part that has
    none runs nothing."""
    kinds = reporter.split("+")
    if not _is_joined(command):
        folder = _folder(command)
        return narrow(command, kinds[0], _own(tests, folder, [folder]), False)
    folders = folders_of(command)

    def part(text: str, number: int) -> str:
        kind = kinds[number] if number < len(kinds) else kinds[-1]
        others = [f for f in folders if f and f != folders[number]]
        own = [t for t in _own(tests, folders[number], others) if _speaks(kind, t)]
        return narrow(text, kind, own, True) if own else "true"

    return _each(command, part)


def folders_of(command: str) -> tuple[str, ...]:
    """The folder of each part of a command, "" for the top of the tree."""
    if not _is_joined(command):
        return (_folder(command),)
    parts = [found[1] for line in command.split("\n") if (found := _PART.match(line))]
    return tuple(_folder(text) for text in parts)


def _folder(command: str) -> str:
    """The folder of the tree that a command goes to before it runs its tests."""
    found = re.match(r"cd (\S+|'[^']*') && ", command)
    return found[1].strip("'").removeprefix("./").rstrip("/") if found else ""


def _own(tests: Sequence[str], folder: str, others: Sequence[str]) -> list[str]:
    found = []
    for test in tests:
        if folder and test.startswith(f"{folder}/"):
            found.append(test[len(folder) + 1 :])
        elif not any(test.startswith(f"{other}/") for other in others):
            found.append(test)
    return found


def _speaks(kind: str, test: str) -> bool:
    """Whether a runner of this kind can have a test of that name."""
    return test.partition("::")[0].endswith(".py") == (kind in ("pytest", "unittest"))


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


def _instrument_part(
    command: str, kind: str, place: tuple[str, str], number: int
) -> tuple[str, dict[str, str]]:
    out, probe = place
    if kind == "unittest":
        return (_UNITTEST.sub(rf"\1-m {probe}_unittest \2", command) if probe else command), {}

    def to(name: str) -> str:
        return shlex.quote(f"{out}/{name}")

    if kind == "pytest":
        options = f"--junitxml={to(f'junit-{number}.xml')} -o junit_family=xunit1"
        # its cache would be a change of the tree; without the plugin --lf is no option any more
        loaded = f" -p {probe}" if probe else ""
        return command, {"PYTEST_ADDOPTS": f"{options} -o cache_dir={to('.cache')}{loaded}"}
    if kind == "node":
        file = f"{out}/node-{number}.xml".replace("\\", "\\\\").replace('"', '\\"')
        spec = "--test-reporter=spec --test-reporter-destination=stdout"
        report = f'--test-reporter=junit "--test-reporter-destination={file}"'
        return command, {"NODE_OPTIONS": f"{spec} {report}"}
    if kind == "jest":
        env = {"CI": "true"} if "react-scripts" in command else {}
        command = _BAIL.sub("", command)
        # a reporter is loaded when the options were read, and before the tests are
        quiet = f" --reporters=default --reporters={to(QUIET)}" if probe else ""
        return _with(command, f"--json --outputFile={to(f'jest-{number}.json')}{quiet}"), env
    if kind == "vitest":
        file = to(f"vitest-{number}.xml")
        command = _BAIL.sub("", command)
        options = f"--reporter=default --reporter=junit --outputFile.junit={file}"
        return _with(command, options), {}
    if kind == "mocha":
        file = to(f"mocha-{number}.xml")
        command = _BAIL.sub("", command)
        quiet = f" --require {to(QUIET)}" if probe else ""
        changed = _with(command, f"--reporter xunit --reporter-option output={file}{quiet}")
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


def _single(command: str, kind: str, tests: Sequence[str], guarded: bool) -> str:
    files = tuple(dict.fromkeys(test.partition("::")[0] for test in tests if "::" in test))
    titles = [test.partition("::")[2] or test for test in tests]
    if kind == "pytest":
        return _pytest(command, tests, files if guarded else ())
    if kind == "unittest":
        return _unittest(command, tests)
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


def _by_file(command: str, kind: str, files: Sequence[str], guarded: bool) -> str:
    if kind == "pytest":
        return _pytest(command, files, files if guarded else ())
    if kind == "unittest":
        return _unittest(command, files)
    paths = " ".join(map(shlex.quote, files))
    if kind == "jest":
        return _with(command, f"--runTestsByPath {paths}")
    if kind == "vitest":
        return _with(command, paths)
    if kind in ("mocha", "node"):
        return _instead(command, kind, paths)
    return command


def _instead(command: str, kind: str, paths: str) -> str:
    """Paths in place of those that a direct call of node or mocha names."""
    begin = r"\bnode\b[^|;&]*?\s--test" if kind == "node" else r"(?:^|\s|/)mocha"
    found = re.search(rf"({begin})((?:\s+[^\s|;&<>`$()]+)*)\s*$", command)
    if found is None:
        return _with(command, paths) if kind == "mocha" else command
    kept: list[str] = []
    for word in found[2].split():
        if word.startswith("-") or (kept and kept[-1] in _SCRIPT_VALUED):
            kept.append(word)
    return " ".join([command[: found.end(1)], *kept, paths])


def _unittest(command: str, tests: Sequence[str]) -> str:
    """Django's and unittest's own command line, with these files or tests in place of its own."""
    found = _UNITTEST.search(command)
    if found is None or re.search(r"[|;&<>`$()]", command[found.end() :]):
        return command
    try:
        words = shlex.split(command[found.end() :])
    except ValueError:
        return command
    kept: list[str] = []
    discovers = found[2] == "unittest" and (not words or words[0] in ("discover", "-s", "-t", "-p"))
    for word in words:
        follows = bool(kept) and (
            kept[-1] in _UNITTEST_VALUED or (kept[-1] == "-v" and word.isdigit())
        )
        if word.startswith("-") or follows or (discovers and word == "discover"):
            kept.append(word)
    if not discovers or "-s" not in kept:
        names = [_dotted_id(test) for test in tests]
        kept = [word for word in kept if word != "discover"]
        return " ".join([command[: found.end()], *map(shlex.quote, [*kept, *names])])
    if len(tests) != 1:
        return command
    file, _, name = tests[0].partition("::")
    chosen = ["-p", file.rpartition("/")[2]]
    chosen += ["-k", f"*{name.replace('::', '.')}"] if name else []
    start = command[: found.end()] + ("" if kept[:1] == ["discover"] else " discover")
    return " ".join([start, *map(shlex.quote, [*kept, *chosen])])


def _dotted_id(test: str) -> str:
    """How unittest writes it: `a/test_b.py::C::test_d` is a.test_b.C.test_d."""
    file, _, name = test.partition("::")
    module = file.removesuffix(".py").replace("/", ".")
    return f"{module}.{name.replace('::', '.')}" if name else module


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
