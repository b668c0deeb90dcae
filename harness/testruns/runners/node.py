"""node's own runner, by its JUnit XML."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.formats.junit import read_junit
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.runners import scripts
from harness.testruns.words import is_fine, options

OPTIONS = options(
    "--test --test-only --enable-source-maps --no-warnings",
    "--import --test-name-pattern --test-concurrency",
)
_GIVEN = re.compile(r"(?:(?<=\s)|^)NODE_OPTIONS=(?!\"\$)")


def add(call: Call) -> Added:
    """By an environment variable, which reaches it through any script; beside what the command
    itself says in it."""
    file = f"{call.out}/node-{call.number}.xml".replace("\\", "\\\\").replace('"', '\\"')
    spec = "--test-reporter=spec --test-reporter-destination=stdout"
    report = f'--test-reporter=junit "--test-reporter-destination={file}"'
    command = _GIVEN.sub('NODE_OPTIONS="$NODE_OPTIONS "', call.command)
    return command, {"NODE_OPTIONS": f"{spec} {report}"}


def is_plain(words: list[str]) -> bool:
    """`node --test` with its options."""
    return words[:1] == ["node"] and "--test" in words and is_fine(words[1:], OPTIONS)


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """Before the files of the command: behind them an option would be a file."""
    titles = scripts.titles_of(tests)
    names = "|".join(scripts.pattern(title.rpartition(" > ")[2]) for title in titles)
    option = shlex.quote(f"--test-name-pattern=/^(?:{names})$/")
    return re.sub(
        r"(\b(?:node|tsx)\b[^|;&]*\s--test)(?=\s|$)", lambda m: f"{m[1]} {option}", command, count=1
    )


def by_file(command: str, files: Sequence[str], guarded: bool) -> str:
    """Its paths replaced."""
    return scripts.instead(command, r"\b(?:node|tsx)\b[^|;&]*?\s--test", files) or command


NODE = Runner(
    name="node",
    mark=r"\b(?:node|tsx)\b[^|;&]*\s--test(?![\w-])",
    read=read_junit,
    add=add,
    is_plain=is_plain,
    single=single,
    by_file=by_file,
    patterns=scripts.NODES,
    folders=("test",),
    script=True,
    exact=False,
)
