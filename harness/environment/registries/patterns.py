"""Where committed files name the addresses that packages come from, and the public registries.
Data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

GITHUB: Final = ("github.com", "codeload.github.com")
PUBLIC: Final[Mapping[str, tuple[str, ...]]] = {
    "python": ("pypi.org", "files.pythonhosted.org"),
    "node": ("registry.npmjs.org",),
    "yarn": ("registry.yarnpkg.com", "registry.npmjs.org"),
    "berry": ("registry.yarnpkg.com", "repo.yarnpkg.com", "registry.npmjs.org"),
    "rust": ("index.crates.io", "static.crates.io"),
    "go": ("proxy.golang.org", "sum.golang.org"),
    "java": ("repo.maven.apache.org",),
    "gradle": (
        *("services.gradle.org", "plugins.gradle.org", "plugins-artifacts.gradle.org"),
        "repo.maven.apache.org",
    ),
    "ruby": ("rubygems.org", "index.rubygems.org"),
    "php": ("repo.packagist.org",),
    "dotnet": ("api.nuget.org",),
    "elixir": ("repo.hex.pm", "builds.hex.pm"),
}
"""Ecosystem -> hosts of its public registry."""
BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "pypi.org": ("files.pythonhosted.org",),
    "index.crates.io": ("static.crates.io",),
    "registry.yarnpkg.com": ("registry.npmjs.org",),
}
"""Where a public registry sends its clients for the packages themselves."""
KNOWN: Final = frozenset(
    [
        *(host for hosts in PUBLIC.values() for host in hosts),
        *("hex.pm", "packagist.org", "repo1.maven.org", "downloads.gradle.org", "dl.google.com"),
        *("maven.google.com", "download.pytorch.org", "static.rust-lang.org", "crates.io"),
    ]
)
"""Nobody but their keepers says what they serve; what anybody can upload files to is not one."""
SIGNS: Final[Mapping[str, tuple[str, ...]]] = {
    "python": (
        *("pyproject.toml", "setup.py", "setup.cfg", "*requirements*.txt", "Pipfile", "tox.ini"),
        *("uv.lock", "poetry.lock", "pdm.lock", "noxfile.py"),
    ),
    "node": ("package.json",),
    "berry": (".yarnrc.yml",),
    "yarn": ("yarn.lock",),
    "rust": ("Cargo.toml",),
    "go": ("go.mod",),
    "java": ("pom.xml",),
    "gradle": ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"),
    "ruby": ("Gemfile", "*.gemspec"),
    "php": ("composer.json",),
    "dotnet": ("*.csproj", "*.fsproj", "*.sln"),
    "elixir": ("mix.exs",),
}
_A: Final = r"""(?P<url>(?:git\+|sparse\+|registry\+)?(?:https|ssh)://[^\s"'<>,;\])}]+)"""
# the index of crates.io as lock files write it is no repository that is asked
_LOCKED: Final = rf"(?!registry\+https://github\.com/rust-lang/){_A}"
_REPOSITORY: Final = r"(?:pluginRepository|repository|mirror)"
GRADLE: Final = ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")
WRAPPERS: Final = (
    ".mvn/wrapper/maven-wrapper.properties",
    "gradle/wrapper/gradle-wrapper.properties",
)
PINS: Final = ("*requirements*.txt", "*requirements*.in", "constraints*.txt", "requirements/*.txt")
RULES: Final = (
    (PINS, rf"^\s*(?:(?:-i|-f|--(?:extra-)?index-url|--find-links)[\s=]+|(?:-e\s+|\S.*@\s*)?){_A}"),
    (
        ("pyproject.toml",),
        rf"""^\[\[tool\.(?:poetry\.source|pdm\.source|uv\.index)\]\][^\[]*?\burl\s*=\s*["']{_A}""",
    ),
    (
        ("pyproject.toml", "uv.toml", "Pipfile", "setup.py", "setup.cfg"),
        rf"""(?:\b(?:git|(?:extra-)?index-url|find-links)\s*=\s*(?:\[\s*)?["']|@\s*){_A}""",
    ),
    (("Pipfile",), rf"""^\s*url\s*=\s*["']{_A}"""),
    (("uv.lock",), rf"""\b(?:registry|url|git)\s*=\s*"{_A}"""),
    (("poetry.lock", "pdm.lock"), rf"""^(?:url|git)\s*=\s*"{_A}"""),
    (("Pipfile.lock",), rf""""(?:url|git)":\s*"{_A}"""),
    (("tox.ini",), rf"""(?:\w*INDEX_URL\s*=\s*|^\s*(?:pypi|default)\s*=\s*|@\s*){_A}"""),
    (("package-lock.json", "npm-shrinkwrap.json"), rf""""resolved":\s*"{_A}"""),
    (("yarn.lock",), rf"""^\s+(?:resolved "|resolution: "[^"]*?@(?=https://|ssh://|git\+)){_A}"""),
    (("pnpm-lock.yaml",), rf"""\b(?:tarball|repo): ['"]?{_A}"""),
    (("bun.lock",), rf"""", "{_A}"""),
    ((".npmrc",), rf"""^\s*(?:@[\w.-]+:)?registry\s*=\s*["']?{_A}"""),
    ((".yarnrc",), rf"""^\s*"?(?:@[\w.-]+:)?registry"?\s+["']?{_A}"""),
    ((".yarnrc.yml",), rf"""^\s*npmRegistryServer:\s*["']?{_A}"""),
    (("bunfig.toml",), rf"""\b(?:registry|url)\s*=\s*["']{_A}"""),
    (("Cargo.lock",), rf"""^source = "{_LOCKED}"""),
    (
        ("Cargo.toml", ".cargo/config.toml", ".cargo/config"),
        rf"""\b(?:git|index|registry)\s*=\s*"{_LOCKED}""",
    ),
    (
        ("pom.xml", ".mvn/settings.xml", "settings.xml"),
        rf"<{_REPOSITORY}>(?:(?!</{_REPOSITORY}>)[\s\S])*?<url>\s*{_A}",
    ),
    (WRAPPERS, r"^(?:distributionUrl|wrapperUrl)\s*=\s*(?P<url>https\\?://[^\s]+)"),
    (GRADLE, rf"""\b(?:url|maven)\s*[=(]?\s*(?:uri\s*\(\s*)?["']{_A}"""),
    (("Gemfile", "Gemfile.lock", "*.gemspec"), rf"""(?:\bsource|remote:|\bgit:)\s*\(?["']?{_A}"""),
    (("composer.json",), rf""""url":\s*"{_A}"""),
    (("composer.lock",), rf""""dist":\s*\{{\s*"type":\s*"\w+",\s*"url":\s*"{_A}"""),
    (("nuget.config", "NuGet.Config", "NuGet.config"), rf"""\bvalue="{_A}"""),
    (("mix.exs", "mix.lock"), rf"""\bgit(?::|,)\s*"{_A}"""),
)
"""What files are called -> where in them `url` is an address that set-up asks."""
PLACES: Final = tuple(
    (name, re.compile(pattern, re.MULTILINE)) for names, pattern in RULES for name in names
)
SHORTHAND: Final = (
    ("Gemfile", re.compile(r"""\bgithub:\s*["']""")),
    ("mix.exs", re.compile(r"""\bgithub:\s*["']""")),
)
"""GitHub by an owner and a name."""
