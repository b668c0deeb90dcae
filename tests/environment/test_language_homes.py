"""What tools of a language fetch is kept below $HARNESS_ENV, and read there without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.types import BoxLimits, Layout
from harness.environment.language_homes import (
    LANGUAGE_HOMES,
    program_folders,
    setup_variables,
)
from harness.environment.language_homes import (
    test_variables as variables_of_tests,
)
from harness.environment.setup import Environments
from harness.ports.sandbox import Sandbox
from harness.sandbox.bare import BareSandbox
from harness.sandbox.bubblewrap import Bubblewrap

PLACES = {
    "rust": ("CARGO_HOME", "cargo", {"CARGO_NET_OFFLINE": "true"}),
    "go": ("GOMODCACHE", "go/pkg/mod", {"GOPROXY": "off"}),
    "ruby": ("GEM_HOME", "gems", {}),
    "php": ("COMPOSER_HOME", "composer", {"COMPOSER_DISABLE_NETWORK": "1"}),
    "corepack": ("COREPACK_HOME", "corepack", {"COREPACK_ENABLE_NETWORK": "0"}),
    "dotnet": ("NUGET_PACKAGES", "nuget", {}),
}


def test_no_two_families_name_one_variable() -> None:
    for kind in ("always", "setup", "tests"):
        names = [name for home in LANGUAGE_HOMES for name in getattr(home, kind)]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("family", PLACES)
def test_what_is_fetched_is_kept_and_read_where_it_lies(family: str) -> None:
    variable, place, offline = PLACES[family]
    assert setup_variables("/env", "/tmp")[variable] == f"/env/{place}"
    read = variables_of_tests("/env", "/tmp", lambda _: True)
    assert read[variable] == f"/env/{place}"
    assert offline.items() <= read.items()
    assert not offline.keys() & setup_variables("/env", "/tmp").keys()


def test_a_tool_that_set_up_never_used_gives_tests_no_variable() -> None:
    read = variables_of_tests("/env", "/tmp", lambda _: False)
    assert not {place[0] for place in PLACES.values()} & read.keys()


@pytest.mark.parametrize("kind", [Bubblewrap, BareSandbox])
@pytest.mark.parametrize("folder", program_folders())
async def test_a_program_that_set_up_installed_is_found_by_tests(
    kind: type[Sandbox], folder: str, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    place = f'"$HARNESS_ENV/{folder}"'
    setup = (
        f"mkdir -p {place} && printf '#!/bin/sh\\necho found\\n' > {place}/own-program",
        f"chmod +x {place}/own-program && own-program",
    )
    sandbox = kind()
    made = await Environments(tmp_path / "env", sandbox, setup).make("k", tree)
    box = await sandbox.open(
        Layout(tree=tree, read_only=made.read_only, env=made.env), BoxLimits(command_s=60)
    )
    try:
        ran = await box.exec("own-program")
    finally:
        await box.close()
    assert (ran.exit_code, ran.output) == (0, "found\n")
