"""The suite of several packages within one time: each has its results, or is said to have none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from harness.core.types import BoxLimits, CommandResult, LocalizedText, Tally
from harness.pipeline.verification.bench import Bench, Parts, Trial
from harness.pipeline.verification.packagewise import Forgetful, Ran, packagewise
from harness.testruns.packages import Package, packages_of
from harness.testruns.reports import compare
from harness.testruns.showing import Showing
from harness.testruns.suite_command import together

TIME = 100.0
TIMED_OUT = LocalizedText(key="unseen.timed_out")
NOTHING = LocalizedText(key="unseen.nothing_ran")


class Files:
    """What of a Workspace is asked here."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)

    async def files(self, tree: str) -> tuple[str, ...]:
        return self.paths


@dataclass(frozen=True)
class Scripted(Bench):
    """A bench on which a package's tests take so many seconds. `codes`: what they end with."""

    takes: Mapping[str, float] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    calls: list[tuple[str, float]] = field(default_factory=list)

    async def run(
        self, trial: Trial, command: str, files: Sequence[str] = (), timeout_s: float = 0.0
    ) -> tuple[CommandResult, Showing | None]:
        folder = command.split()[1]
        self.calls.append((folder, timeout_s))
        needs, code = self.takes.get(folder, 1.0), self.codes.get(folder, 0)
        late = needs > timeout_s
        result = CommandResult(
            exit_code=124 if late else code,
            output=f"{folder} ran",
            timed_out=late,
            cwd="",
            duration_s=min(needs, timeout_s),
        )
        if late:
            tally = Tally(outcomes={}, collected=False)
            return result, Showing(tally=tally, missing={"": TIMED_OUT})
        known = await self.parts.workspace.files(self.tree)
        tests = [path for path in known if re.match(rf"{folder}/.*test_x", path)]
        outcomes = {f"{path}::test_it": "failed" if code else "passed" for path in tests}
        missing = {} if outcomes else {"": NOTHING}
        return result, Showing(tally=Tally(outcomes=outcomes), missing=missing)


@dataclass
class Remembering:
    """A memory of packages."""

    kept: dict[str, Ran] = field(default_factory=dict)

    async def find(self, package: Package) -> Ran | None:
        return self.kept.get(package.folder)

    async def keep(self, package: Package, ran: Ran) -> None:
        self.kept[package.folder] = ran


def bench(
    folders: Sequence[str],
    takes: Mapping[str, float] | None = None,
    codes: Mapping[str, int] | None = None,
    empty: Sequence[str] = (),
    gone: Sequence[str] = (),
) -> tuple[Scripted, Trial, tuple[Package, ...]]:
    names = {one: "notes.txt" if one in empty else "test_x.py" for one in folders}
    files = Files([f"{folder}/{name}" for folder, name in names.items() if folder not in gone])
    none = cast(Any, None)
    parts = Parts(cast(Any, files), none, BoxLimits(command_s=TIME))
    place = Scripted(parts, "t", none, none, Path(), "/out", takes or {}, codes or {})
    command = together([f"cd {folder} && python -m pytest" for folder in folders])
    trial = Trial(kind="tests", side="base", tree="t", command=command, reporter="pytest")
    return place, trial, packages_of(command, "pytest")


async def test_every_package_has_its_results() -> None:
    place, trial, packages = bench("abc", codes={"b": 1})
    ran, showing = await packagewise(place, trial, packages, (), Forgetful())
    assert showing.whole
    assert showing.tally.outcomes == {
        "a/test_x.py::test_it": "passed",
        "b/test_x.py::test_it": "failed",
        "c/test_x.py::test_it": "passed",
    }
    assert (ran.exit_code, ran.timed_out, ran.duration_s) == (1, False, 3.0)
    assert ran.output == "a ran\nb ran\nc ran"
    assert [folder for folder, _ in place.calls] == ["a", "b", "c"]


async def test_one_that_never_ends_leaves_the_others_their_time() -> None:
    place, trial, packages = bench("abcd", takes={"b": 1e9})
    ran, showing = await packagewise(place, trial, packages, (), Forgetful())
    assert showing.missing == {"b/test_x.py": TIMED_OUT}
    assert {key[0] for key in showing.tally.having("passed")} == {"a", "c", "d"}
    assert (ran.exit_code, ran.timed_out) == (124, False)
    assert ran.duration_s <= 2 * TIME


async def test_what_no_time_was_left_for_is_unseen_and_never_passed() -> None:
    place, trial, packages = bench("abcdefgh", takes=dict.fromkeys("abcdefgh", 60.0))
    ran, showing = await packagewise(place, trial, packages, (), Forgetful())
    seen = {key[0] for key in showing.tally.outcomes}
    assert {"a", "b"} <= seen < set("abcdefgh")
    assert {path[0] for path in showing.missing} == set("abcdefgh") - seen
    assert {why.key for why in showing.missing.values()} <= {
        "unseen.timed_out",
        "unseen.time_used_up",
        "unseen.package_not_run",
    }
    assert ran.duration_s <= 2 * TIME


async def test_a_package_whose_files_nobody_knows_is_named() -> None:
    command = together(["cd a && go test ./...", "cd b && go test ./..."])
    place, trial, _ = bench("ab", takes={"a": 1e9, "b": 1e9}, empty="ab")
    trial = trial.model_copy(update={"command": command, "reporter": "go"})
    _, showing = await packagewise(place, trial, packages_of(command, "go"), (), Forgetful())
    assert showing.missing == {"a/": TIMED_OUT, "b/": TIMED_OUT, "": NOTHING}


async def test_a_package_without_tests_lacks_nothing() -> None:
    place, trial, packages = bench("abc", codes={"b": 5}, empty="b")
    ran, showing = await packagewise(place, trial, packages, (), Forgetful())
    assert showing.whole
    assert ran.exit_code == 5
    place, trial, packages = bench("ab", empty="ab")
    _, showing = await packagewise(place, trial, packages, (), Forgetful())
    assert showing.missing == {"": NOTHING}


async def test_a_file_that_another_package_ran_has_a_result() -> None:
    place, trial, packages = bench(["a", "a/b"], takes={"a": 1e9})
    _, showing = await packagewise(place, trial, packages, (), Forgetful())
    assert set(showing.missing) == {"a/test_x.py"}
    assert showing.tally.outcomes == {"a/b/test_x.py::test_it": "passed"}


async def test_what_is_known_is_not_run_and_what_lacked_time_is_not_known() -> None:
    memory = Remembering()
    slow = {"b": 1e9, "d": 70.0}
    place, trial, packages = bench("abcd", takes=slow)
    await packagewise(place, trial, packages, (), memory)
    # b was cut off with less than a command's whole time: another order gives it more
    assert set(memory.kept) >= {"a", "c"}
    assert "b" not in memory.kept
    place, trial, packages = bench("bacd", takes=slow)
    _, showing = await packagewise(place, trial, packages, (), memory)
    assert not {"a", "c"} & {folder for folder, _ in place.calls}
    assert place.calls[0] == ("b", TIME)
    assert {key[0] for key in showing.tally.having("passed")} == {"a", "c", "d"}
    # now it had all the time there is
    assert memory.kept["b"].showing.missing


async def test_tests_of_a_folder_that_is_gone_are_lost_and_not_unseen() -> None:
    place, trial, packages = bench("ab")
    _, base = await packagewise(place, trial, packages, (), Forgetful())
    place, trial, packages = bench("ab", takes={"b": 1e9}, gone="b")
    _, change = await packagewise(place, trial, packages, (), Forgetful())
    assert compare(base.tally, change.tally).lost == {"b/test_x.py::test_it"}
    # what is said of a whole folder hides nothing of another one
    told = Tally(outcomes={"c::x": "passed"}, unseen={"b/": TIMED_OUT})
    both = compare(base.tally, told)
    assert both.lost == {"a/test_x.py::test_it"}
    assert both.unseen == {"b/": TIMED_OUT}
