"""The scripts of a package.json: which of their commands run tests, and how those run outside npm.
Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from harness.testruns.detect.part import Reporter

RUNNERS: tuple[tuple[str, Reporter], ...] = (
    (r"\bvitest\b", "vitest"),
    (r"\bjest\b|\breact-scripts test\b", "jest"),
    (r"\bmocha\b", "mocha"),
    (r"\b(?:node|tsx)\b.*\s--test(?![\w-])", "node"),
    (r"(?<![\w./-])tape(?![\w.-])", "tape"),
    (r"(?<![\w./-])ava(?![\w.-])", "ava"),
)
# a script of tests that node itself starts: node's own runner reports whatever it imports of it
BARE = re.compile(
    r"(?:\w+=\S*\s+)*(?:node|tsx|ts-node)\s+(?:-\S+\s+(?:[^-\s]\S*\s+)?)*"
    r"(?:(?:\S*/)?(?:tests?|test-[^\s/]+|[^\s/]+\.test)\.[cm]?[jt]s"
    r"|(?:\./)?(?:[\w.-]+/)*tests?/\S+\.[cm]?[jt]s|(?:\./)?tests?/?)"
)
# what looks at the sources or their size, or writes them another way
CHECKS = re.compile(
    r"lint|prettier|standard|\bxo\b|\btsd\b|--noEmit|(?<!-)format|typecheck|\bcheck\b"
    r"|^(?:npx (?:--\S+ )*)?(?:remark|type-coverage|biome|dprint|oxfmt|cspell|knip|attw|publint"
    r"|depcheck|size-limit|gzip-size|bundlesize|bundlewatch)(?!\S)"
)
TELLS = re.compile(r"(?:date|echo|ls|pwd|rimraf|rm|node -v|node --version)\b")
CALL = re.compile(
    r"(?:npm|pnpm|yarn|bun)(?: run| run-script)?(?: -s| --silent)? ([\w:.-]+)(?: --)?(| [^|&;]*)"
)
MOST_STEPS = 60
# c8 does no more than to measure; nyc may load what the tests need
_MEASURING = re.compile(r"(?:npx )?(c8|nyc)\s")
_MEASURED = re.compile(
    r"\s((npm|pnpm|yarn|node|npx|tsx|ts-node|mocha|ava|tape|jest|vitest) .*)", re.DOTALL
)
_DROPPED = re.compile(r"(?<![\w./-])c8\s")
# npm's own words about which packages a script is run in
_ELSEWHERE = re.compile(r"\s(?:-ws|--workspaces|-w|--workspace|--prefix|-C)(?:[\s=]|$)")
_SETTING = re.compile(r"\w+=(?:'[^']*'|\"[^\"]*\"|\S*)\s+")
_MEASURES = re.compile(r"--coverage|--collectCoverage")
_DEMANDS = re.compile(r"--coverage\.?[tT]hreshold")
# what stays for a person: told to, or by itself where it sees no CI
_WATCHES = re.compile(r"(?<=\s)(?:--watch|--watchAll)(?![\w=-])")
_MAY_WATCH = re.compile(r"(?<![\w./-])react-scripts test(?![\w-])(?!.*--watchAll=false)")


class Test(NamedTuple):
    """A command that runs tests, and how its results are read."""

    command: str
    reporter: Reporter


def scripts_of(package: dict[str, Any]) -> dict[str, str]:
    """Those that are text."""
    found = package.get("scripts")
    given = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in given if isinstance(value, str)}


def tests_of(scripts: dict[str, str], name: str, more: str) -> tuple[Test, ...]:
    """The tests that a script runs: one command, where that is told apart from what else it does;
    several, when they are of several kinds or folders; else the script. `more`: options that its
    caller adds."""
    whole = Test(f"npm {name}" if name == "test" else f"npm run {name}", "none")
    steps = _steps(scripts, name)
    if more and steps:
        steps[-1] += more
    kinds = [runner_of_step(step) for step in steps]
    if set(kinds) == {"none"}:
        kinds = ["node" if BARE.fullmatch(_measured_by(step, "")) else "none" for step in steps]
    found = [at for at, kind in enumerate(kinds) if kind != "none"]
    if not found:
        return (whole,)
    if len(found) > 1:
        return _several(steps, kinds, found)
    at = found[0]
    own = {f"pre{name}", f"post{name}"} & scripts.keys()
    others = steps[:at] + steps[at + 1 :]
    needed = [direct(step) for step in steps[:at] if not _is_aside(step)]
    aside = all(map(_is_aside, others))
    if f"pre{name}" not in scripts and aside and (others or more or _is_for_people(steps[at])):
        return (Test(direct(steps[at]), kinds[at]),)
    if kinds[at] == "node" and len(steps) == 1 and not own:
        return (Test(steps[0] if steps[0].startswith("node ") else direct(steps[0]), "node"),)
    tests = " && ".join([*needed, direct(steps[at])])
    # options after a script that calls another one are that call's own
    calls = steps[at] not in scripts[name] or re.search(r"\b(?:pnpm|yarn|bun)\b", scripts[name])
    if at < len(steps) - 1 or more or calls:
        return (Test(tests, kinds[at]),)
    if f"post{name}" not in scripts and len(needed) == at and not _DROPPED.search(scripts[name]):
        return (Test(whole.command, kinds[at]),)
    # what npm runs after the tests (an audit, a link check) says nothing of them
    before = "npm run pre" + name + " && " if _prepares(scripts, name) else ""
    return (Test(before + tests, kinds[at]),)


def _is_aside(step: str) -> bool:
    """Whether tests can do without it."""
    return CHECKS.search(step) is not None or TELLS.match(step) is not None


def _prepares(scripts: Mapping[str, str], name: str) -> bool:
    """Whether what npm runs before it does more than to check."""
    steps = _steps(scripts, f"pre{name}") if f"pre{name}" in scripts else []
    return not all(map(_is_aside, steps))


def _several(
    steps: Sequence[str], kinds: Sequence[Reporter], found: Sequence[int]
) -> tuple[Test, ...]:
    """Of each kind the step that runs all of it, else each."""
    tests: list[Test] = []
    for kind in dict.fromkeys(kinds[at] for at in found):
        own = [steps[at] for at in found if kinds[at] == kind]
        wide = [step for step in own if _is_wide(step)]
        tests += [Test(direct(step), kind) for step in (wide[:1] or dict.fromkeys(own))]
    return tuple(tests)


def _is_wide(step: str) -> bool:
    """Names no file, folder, project or settings of its own."""
    words = _SETTING.sub("", step).split()
    named = [word for word in words[1:] if "/" in word or re.search(r"\.[cm]?[jt]sx?$", word)]
    return not named and not re.search(r"\s(?:--config|-c|--project|--dir|--root)\b", step)


def runner_of_step(step: str) -> Reporter:
    """The runner that a command of a script starts."""
    return next((name for mark, name in RUNNERS if re.search(mark, step)), "none")


def _steps(scripts: Mapping[str, str], name: str, depth: int = 0) -> list[str]:
    """A script's commands, scripts that it calls in their place."""
    found: list[str] = []
    for step in re.split(r"\s*(?:&&|;)\s*", scripts.get(name, "").strip()):
        env, rest = "", step
        if crossed := re.match(r"cross-env(?:-shell)?\s+((?:\w+=\S*\s+)+)", rest):
            env, rest = crossed[1], rest[crossed.end() :]
        elif settings := re.match(r"(?:\w+=\S*\s+)+", rest):
            env, rest = settings[0], rest[settings.end() :]
        rest = _measured_by(rest, "npm pnpm yarn")
        called = _called(rest)
        if called and called[0] in scripts and depth < 3 and len(found) < MOST_STEPS:
            inner = _steps(scripts, called[0], depth + 1)
            inner[-1:] = [last + called[1] for last in inner[-1:]]
            found += [env + one for one in inner]
        else:
            found.append(env + rest)
    return found


def _measured_by(step: str, by_nyc: str) -> str:
    """The command whose coverage c8 would tell, or nyc where it is one of `by_nyc` ("": any)."""
    tool, run = _MEASURING.match(step), _MEASURED.search(step)
    if tool is None or run is None:
        return step
    return run[1] if tool[1] == "c8" or not by_nyc or run[2] in by_nyc.split() else step


def _called(step: str) -> tuple[str, str] | None:
    """The script of the same package that a step calls, and what it is given."""
    found = CALL.fullmatch(step)
    if found is None or not step.startswith("npm ") or re.search(r"\s--(?:\s|$)", step):
        return (found[1], found[2]) if found else None
    # without " -- " options are npm's own
    words = [word for word in found[2].split() if not word.startswith("-")]
    return None if _ELSEWHERE.search(found[2]) else (found[1], "".join(f" {w}" for w in words))


def _is_for_people(step: str) -> bool:
    """Whether it asks for a share of coverage, or stays to watch the files."""
    return any(mark.search(step) for mark in (_DEMANDS, _WATCHES, _MAY_WATCH))


def direct(step: str) -> str:
    """One command of a script as it runs outside npm: programs of node_modules through npx."""
    found = re.match(r"(?:\w+=\S*\s+)*", step)
    start = found[0] if found else ""
    rest = _plain(step[len(start) :])
    return start + (
        rest if rest.startswith(("node ", "npm ", "npx ")) else f"npx --no-install {rest}"
    )


def _plain(step: str) -> str:
    """Without coverage where it must be a certain share: some of the tests alone never reach it.
    Without staying when the tests are over."""
    if not _is_for_people(step):
        return step
    try:
        words = shlex.split(step)
    except ValueError:
        return step
    jest = runner_of_step(step) == "jest"
    measured = _DEMANDS.search(step) is not None
    kept = [word for word in words if not (measured and _MEASURES.match(word))]
    kept = [word for word in kept if not _WATCHES.fullmatch(f" {word}", 1)]
    kept += ["--coverage=false"] if measured and jest else []
    kept += ["--watchAll=false"] if _MAY_WATCH.search(step) else []
    return " ".join(w if re.fullmatch(r"[\w@%+=:,./*?-]+", w) else shlex.quote(w) for w in kept)
