"""Actions that workflows use: which versions they set up, and which stand for a command. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.testruns.recipes.builder import Builder

# action -> (program, the input that says its version)
SETS_UP = {
    "actions/setup-python": ("python", "python-version"),
    "actions/setup-node": ("node", "node-version"),
    "actions/setup-go": ("go", "go-version"),
    "actions/setup-java": ("java", "java-version"),
    "actions/setup-dotnet": ("dotnet", "dotnet-version"),
    "astral-sh/setup-uv": ("python", "python-version"),
    "ruby/setup-ruby": ("ruby", "ruby-version"),
    "shivammathur/setup-php": ("php", "php-version"),
    "dtolnay/rust-toolchain": ("rust", "toolchain"),
    "actions-rs/toolchain": ("rust", "toolchain"),
    "pnpm/action-setup": ("pnpm", "version"),
    "oven-sh/setup-bun": ("bun", "bun-version"),
    "erlef/setup-beam": ("elixir", "elixir-version"),
    "pdm-project/setup-pdm": ("python", "python-version"),
    "mamba-org/setup-micromamba": ("python", "python-version"),
}
# what it has is of another job, and not in the tree
FETCHES = ("actions/download-artifact", "re-actors/checkout-python-sdist")
RUNS = {
    "nick-fields/retry": "command",
    "nick-invision/retry": "command",
    "coactions/setup-xvfb": "run",
    "gabrielbb/xvfb-action": "run",
}
FILE = "requirements.txt"
_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(?:\.[x*])?(?:-dev)?t?$")


def use(builder: Builder, name: str, given: Mapping[str, str], folder: str) -> str:
    """Notes what it sets up; the command that it stands for, "" for none."""
    action, _, reference = name.lower().partition("@")
    if action in SETS_UP:
        program, key = SETS_UP[action]
        told = given.get(key, "")
        if action == "dtolnay/rust-toolchain":
            told = told or reference
        version = _VERSION.match(told.strip().splitlines()[-1].strip()) if told.strip() else None
        if version is not None:
            builder.wants[program] = version[1]
    if action in FETCHES:
        builder.doubts += 1
    if action == "actions/checkout":
        asked = given.get("submodules", "") in ("true", "recursive")
        builder.submodules = builder.submodules or asked
        builder.doubts += bool(given.get("repository")) and "path" not in given
    return _command(action, given)


def _command(action: str, given: Mapping[str, str]) -> str:
    """What it does as a command."""
    asked = {
        "ruby/setup-ruby": given.get("bundler-cache", "") == "true",
        "pnpm/action-setup": given.get("run_install", "false") not in ("false", ""),
        "gradle/gradle-build-action": bool(given.get("arguments")),
    }
    commands = {
        "py-actions/py-dependency-install": f"pip install -r {given.get('path', FILE) or FILE}",
        "bahmutov/npm-install": "npm ci",
        "ruby/setup-ruby": "bundle install",
        "ramsey/composer-install": "composer install",
        "pnpm/action-setup": "pnpm install",
        "gradle/gradle-build-action": f"./gradlew {given.get('arguments')}",
    }
    if action in RUNS:
        return given.get(RUNS[action], "")
    return commands.get(action, "") if asked.get(action, True) else ""
