"""vitest, by its JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence

from harness.testruns.formats.junit import read_junit
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.runners import scripts
from harness.testruns.shell import without_bail
from harness.testruns.words import npx


def add(call: Call) -> Added:
    """Beside what it prints for people."""
    report = call.file(f"vitest-{call.number}.xml")
    # without `run` it may stay to watch the files
    given = f"--run --reporter=default --reporter=junit --outputFile.junit={report}"
    return scripts.add(without_bail(call.command), given), {}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By path and title."""
    chosen = "".join(f"{file} " for file in scripts.files_of(tests))
    return scripts.add(command, f"{chosen}-t {scripts.titles_pattern(tests)}")


def by_file(command: str, files: Sequence[str], guarded: bool) -> str:
    """By path."""
    return scripts.add(command, scripts.paths(files))


def order(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By chance, within files too."""
    files = " ".join(scripts.files_of(tests))
    return scripts.add(command, f"{files} --sequence.shuffle --sequence.seed={scripts.SEED}")


VITEST = Runner(
    name="vitest",
    mark=r"(?<![\w.-])vitest(?![\w-])",
    read=read_junit,
    add=add,
    is_plain=npx("vitest", scripts.OPTIONS, also="run"),
    single=single,
    by_file=by_file,
    order=order,
    by_path=True,
    patterns=(*scripts.SPECS, "*.test.[cm]ts", "*.spec.[cm][jt]s"),
    script=True,
    exact=False,
)
