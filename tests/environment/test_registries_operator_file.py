"""What was let in goes into the operator's file, and every other line stays."""

from __future__ import annotations

import tomllib

import pytest

from harness.environment.registries.operator_file import with_access
from harness.environment.registries.proposal import Access

ACCESS = Access(allow=("pypi.org",), private=("pip.corp",), env={"PIP_CERT": "/a"}, files=("/f",))


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# mine\n[project]\nname = 'x'",
        "[environment]\nsetup = ['a'] # why\n\n[limits]\nturns = 7\n",
        "[environment]\nallow = ['old.example']\n[limits]\nturns = 7\n",
        "[environment]\nallow = [\n  'old.example', # ours\n]\nprivate = []\n",
        "[environment]\nsetup = ['a']\n[environment.env]\nPIP_CERT = '/mine'\nX = '1'\n",
        "[environment.env]\nX = '1'\n[test]\ncommand = 'x'\n",
    ],
)
def test_it_is_added_and_nothing_else_changed(before: str) -> None:
    after = with_access(before, ACCESS)
    assert after is not None
    old, new = tomllib.loads(before), tomllib.loads(after)
    own = old.get("environment", {})
    assert new["environment"]["allow"] == [*own.get("allow", []), "pypi.org"]
    assert new["environment"]["private"] == ["pip.corp"]
    assert new["environment"]["env"] == {"PIP_CERT": "/a", **own.get("env", {})}
    assert {k: v for k, v in new.items() if k != "environment"} == {
        k: v for k, v in old.items() if k != "environment"
    }
    assert with_access(after, ACCESS) == after
    kept = [line for line in before.splitlines() if "allow" not in line and "private" not in line]
    assert [line for line in kept if line in after] == [x for x in kept if "old.example" not in x][
        : len(kept)
    ] or "old.example" in before


@pytest.mark.parametrize(
    "before",
    [
        "environment = { setup = ['a'] }\n",
        "environment.setup = ['a']\n",
        "[environment]\nenv = { X = '1' }\n",
        "[ environment ]\nsetup = ['a']\n",
        "[environment\n",
        'x = """\n[environment]\n"""\n',
    ],
)
def test_what_is_written_in_a_way_of_its_own_is_left_to_its_writer(before: str) -> None:
    after = with_access(before, ACCESS)
    assert after is None or tomllib.loads(after)["environment"]["allow"] == ["pypi.org"]
