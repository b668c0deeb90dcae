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
    (r"\bnode\b.*\s--test\b", "node"),
    (r"(?<![\w./-])tape(?![\w.-])", "tape"),
    (r"(?<![\w./-])ava(?![\w.-])", "ava"),
)
# a script of tests that node itself starts: node's own runner reports whatever it imports of it
BARE = re.compile(
    r"(?:\w+=\S*\s+)*node\s+(?:-\S+\s+(?:\w+\s+)?)*"
    r"(?:\./)?(?:tests?/\S+|(?:\S+/)?(?:tests?|test-\S+|\S+\.test))\.[cm]?[jt]s"
)
CHECKS = re.compile(r"lint|prettier|standard|\bxo\b|\btsd\b|--noEmit|format|typecheck|\bcheck\b")
TELLS = re.compile(r"(?:date|echo|ls|pwd|rimraf|rm|node -v|node --version)\b")
CALL = re.compile(
    r"(?:npm|pnpm|yarn|bun)(?: run| run-script)?(?: -s| --silent)? ([\w:.-]+)(?: --)?(| [^|&;]*)"
)
MOST_STEPS = 60
# what measures a command that it runs
_WRAPPED = re.compile(
    r"^(?:npx )?(?:nyc|c8)\s+(?:-\S+\s+(?:(?!(?:npm|pnpm|yarn|node|npx|mocha|ava|tape|jest)\b)"
    r"[^-\s]\S*\s+)?)*(?=(?:npm|pnpm|yarn) )"
)
_SETTING = re.compile(r"\w+=(?:'[^']*'|\"[^\"]*\"|\S*)\s+")
_MEASURES = re.compile(r"--coverage|--collectCoverage")
_DEMANDS = re.compile(r"--coverage\.?[tT]hreshold")


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
        kinds = ["node" if BARE.fullmatch(step) else "none" for step in steps]
    found = [at for at, kind in enumerate(kinds) if kind != "none"]
    if not found:
        return (whole,)
    if len(found) > 1:
        return _several(steps, kinds, found)
    at = found[0]
    own = {f"pre{name}", f"post{name}"} & scripts.keys()
    others = steps[:at] + steps[at + 1 :]
    aside = all(CHECKS.search(step) or TELLS.match(step) for step in others)
    if f"pre{name}" not in scripts and aside and (others or more or _is_measured(steps[at])):
        return (Test(direct(steps[at]), kinds[at]),)
    if kinds[at] == "node" and len(steps) == 1 and not own:
        return (Test(steps[0] if steps[0].startswith("node ") else direct(steps[0]), "node"),)
    if f"post{name}" in scripts and at == len(steps) - 1:
        # what npm runs after the tests (an audit, a link check) says nothing of them
        before = [f"npm run pre{name}"] if _prepares(scripts, name) else []
        return (Test(" && ".join([*before, *map(direct, steps)]), kinds[at]),)
    if at == len(steps) - 1 and not more and not re.search(r"\b(?:pnpm|yarn|bun)\b", scripts[name]):
        return (Test(whole.command, kinds[at]),)
    return (Test(" && ".join([*map(direct, steps[:at]), direct(steps[at])]), kinds[at]),)


def _prepares(scripts: Mapping[str, str], name: str) -> bool:
    """Whether what npm runs before it does more than to check."""
    steps = _steps(scripts, f"pre{name}") if f"pre{name}" in scripts else []
    return not all(CHECKS.search(step) or TELLS.match(step) for step in steps)


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
        rest = _WRAPPED.sub("", rest)
        called = CALL.fullmatch(rest)
        if called and called[1] in scripts and depth < 3 and len(found) < MOST_STEPS:
            inner = _steps(scripts, called[1], depth + 1)
            inner[-1:] = [last + called[2] for last in inner[-1:]]
            found += [env + one for one in inner]
        else:
            found.append(env + rest)
    return found


def _is_measured(step: str) -> bool:
    return _DEMANDS.search(step) is not None


def direct(step: str) -> str:
    """One command of a script as it runs outside npm: programs of node_modules through npx."""
    found = re.match(r"(?:\w+=\S*\s+)*", step)
    start = found[0] if found else ""
    rest = _unmeasured(step[len(start) :])
    return start + (
        rest if rest.startswith(("node ", "npm ", "npx ")) else f"npx --no-install {rest}"
    )


def _unmeasured(step: str) -> str:
    """Without coverage where it must be a certain share: some of the tests alone never reach it."""
    if not _is_measured(step):
        return step
    try:
        words = shlex.split(step)
    except ValueError:
        return step
    kept = [word for word in words if not _MEASURES.match(word)]
    kept += ["--coverage=false"] if runner_of_step(step) == "jest" else []
    return " ".join(w if re.fullmatch(r"[\w@%+=:,./*?-]+", w) else shlex.quote(w) for w in kept)
