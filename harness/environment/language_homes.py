"""Where each language's tools keep what they fetch: below $HARNESS_ENV while set-up runs, read
there and without a network while tests run. Pure data, the one table for both."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from harness.core.base import Value

ENV: Final = "{env}"
TMP: Final = "{tmp}"


class LanguageHome(Value):
    """One family of tools. In each text `{env}` stands for $HARNESS_ENV, `{tmp}` for a folder that
    may be written and is gone afterwards.

    `always` holds at set-up and at tests; `setup` and `tests` go before it at theirs. At tests they
    hold only when set-up left `folder` below $HARNESS_ENV, so that a project is not given variables
    of tools that it never used; "" is always. `programs` are folders that go on PATH.
    """

    name: str
    folder: str = ""
    always: dict[str, str] = {}
    setup: dict[str, str] = {}
    tests: dict[str, str] = {}
    programs: tuple[str, ...] = ()


LANGUAGE_HOMES: Final = (
    LanguageHome(
        name="rust",
        folder="cargo",
        always={"CARGO_HOME": f"{ENV}/cargo"},
        tests={"CARGO_NET_OFFLINE": "true"},
        programs=("cargo/bin",),
    ),
    # no -mod: a workspace refuses it, and with a vendor folder it would look past that
    LanguageHome(
        name="go",
        folder="go",
        always={"GOPATH": f"{ENV}/go", "GOMODCACHE": f"{ENV}/go/pkg/mod"},
        setup={"GOCACHE": f"{TMP}/go-build", "GOFLAGS": "-modcacherw"},
        tests={"GOCACHE": f"{TMP}/go-build", "GOPROXY": "off"},
        programs=("go/bin",),
    ),
    # MAVEN_ARGS is heard from 3.9 on; before, `-o` stands in the command
    LanguageHome(
        name="maven",
        folder="m2",
        always={"MAVEN_OPTS": f"-Dmaven.repo.local={ENV}/m2"},
        tests={"MAVEN_ARGS": "-o"},
    ),
    # its home is written whenever it runs: what was fetched is read from beside
    LanguageHome(
        name="gradle",
        folder="gradle",
        always={"GRADLE_OPTS": "-Dorg.gradle.daemon=false"},
        setup={"GRADLE_USER_HOME": f"{ENV}/gradle"},
        tests={"GRADLE_USER_HOME": f"{TMP}/gradle", "GRADLE_RO_DEP_CACHE": f"{ENV}/gradle/caches"},
    ),
    LanguageHome(
        name="ruby",
        folder="gems",
        always={"GEM_HOME": f"{ENV}/gems"},
        programs=("gems/bin",),
    ),
    LanguageHome(name="bundler", folder="bundle", always={"BUNDLE_PATH": f"{ENV}/bundle"}),
    LanguageHome(
        name="php",
        folder="composer",
        always={"COMPOSER_HOME": f"{ENV}/composer"},
        setup={"COMPOSER_CACHE_DIR": f"{TMP}/composer", "COMPOSER_NO_INTERACTION": "1"},
        tests={"COMPOSER_CACHE_DIR": f"{TMP}/composer", "COMPOSER_DISABLE_NETWORK": "1"},
        programs=("composer/vendor/bin",),
    ),
    LanguageHome(
        name="npm",
        setup={"npm_config_cache": f"{TMP}/npm", "npm_config_prefix": f"{ENV}/npm"},
        tests={"npm_config_cache": f"{TMP}/npm"},
        programs=("npm/bin",),
    ),
    LanguageHome(
        name="corepack",
        folder="corepack",
        always={"COREPACK_HOME": f"{ENV}/corepack", "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0"},
        tests={"COREPACK_ENABLE_NETWORK": "0"},
    ),
    LanguageHome(
        name="yarn",
        folder="yarn",
        always={"YARN_GLOBAL_FOLDER": f"{ENV}/yarn", "YARN_ENABLE_TELEMETRY": "0"},
        setup={"YARN_CACHE_FOLDER": f"{TMP}/yarn"},
        tests={"YARN_ENABLE_NETWORK": "0"},
    ),
    LanguageHome(
        name="bun", setup={"BUN_INSTALL_CACHE_DIR": f"{TMP}/bun", "BUN_INSTALL": f"{ENV}/bun"}
    ),
    LanguageHome(name="deno", folder="deno", always={"DENO_DIR": f"{ENV}/deno"}),
    LanguageHome(
        name="browsers",
        folder="browsers",
        always={"PLAYWRIGHT_BROWSERS_PATH": f"{ENV}/browsers"},
    ),
    # `uv run` must neither fetch nor write: what it would install is there
    LanguageHome(
        name="uv",
        always={"UV_PYTHON_INSTALL_DIR": f"{ENV}/python"},
        setup={"UV_CACHE_DIR": f"{TMP}/uv", "UV_LINK_MODE": "copy"},
        tests={"UV_CACHE_DIR": f"{TMP}/uv", "UV_OFFLINE": "1", "UV_NO_SYNC": "1"},
    ),
    LanguageHome(
        name="poetry",
        folder="poetry",
        always={"POETRY_VIRTUALENVS_PATH": f"{ENV}/poetry"},
        setup={"POETRY_CACHE_DIR": f"{TMP}/poetry", "POETRY_NO_INTERACTION": "1"},
    ),
    LanguageHome(name="pipenv", folder="pipenv", always={"WORKON_HOME": f"{ENV}/pipenv"}),
    LanguageHome(name="hatch", folder="hatch", always={"HATCH_DATA_DIR": f"{ENV}/hatch"}),
    LanguageHome(name="tox", folder="tox", always={"TOX_WORK_DIR": f"{ENV}/tox"}),
    LanguageHome(name="pip", setup={"PIP_CACHE_DIR": f"{TMP}/pip"}),
    LanguageHome(
        name="dotnet",
        folder="nuget",
        always={
            "NUGET_PACKAGES": f"{ENV}/nuget",
            "DOTNET_CLI_HOME": f"{TMP}/dotnet",
            "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
            "DOTNET_NOLOGO": "1",
        },
    ),
    LanguageHome(
        name="elixir",
        folder="mix",
        always={"MIX_HOME": f"{ENV}/mix", "HEX_HOME": f"{ENV}/mix/hex"},
        tests={"HEX_OFFLINE": "1"},
    ),
)


_STORE = re.compile(r"-Djavax\.net\.ssl\.(?:trust|key)Store=(/\S+)")
JAVA_OPTIONS = ("MAVEN_OPTS", "GRADLE_OPTS")


def stores_in(given: Mapping[str, str]) -> tuple[str, ...]:
    """The files of certificates and keys that options of Java's tools name."""
    texts = (given.get(name, "") for name in JAVA_OPTIONS)
    return tuple(file for text in texts for file in _STORE.findall(text))


def with_given(own: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Ours and the operator's, who wins; options of Java's tools stand beside ours: those say where
    what is fetched is kept."""
    beside = {
        name: f"{own[name]} {given[name]}"
        for name in JAVA_OPTIONS
        if own.get(name) and name in given
    }
    return {**own, **given, **beside}


def setup_variables(env: str, scratch: str) -> dict[str, str]:
    """What set-up commands get. The places as they are called inside."""
    return _filled(lambda home: {**home.always, **home.setup}, lambda _: True, env, scratch)


def test_variables(env: str, scratch: str, left: Callable[[str], bool]) -> dict[str, str]:
    """What commands of tests and agents get. `left`: whether set-up left this path below
    $HARNESS_ENV."""
    return _filled(lambda home: {**home.always, **home.tests}, left, env, scratch)


def program_folders() -> tuple[str, ...]:
    """Folders below $HARNESS_ENV where the tools put programs."""
    return tuple(folder for home in LANGUAGE_HOMES for folder in home.programs)


def _filled(
    chosen: Callable[[LanguageHome], Mapping[str, str]],
    left: Callable[[str], bool],
    env: str,
    scratch: str,
) -> dict[str, str]:
    return {
        name: text.replace(ENV, env).replace(TMP, scratch)
        for home in LANGUAGE_HOMES
        if not home.folder or left(home.folder)
        for name, text in chosen(home).items()
    }
