"""Projects in other languages than Python and JavaScript: how each is tested, from the file at the
top that describes it. What they need is set up by their own tools. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from harness.testruns.detect.part import Language, ProjectPart, Read, Reporter


class _Kind(NamedTuple):
    """One kind of project."""

    manifests: tuple[str, ...]
    language: Language
    command: str
    reporter: Reporter
    globs: tuple[str, ...]
    says: str = ""
    """What the manifest must say for there to be tests."""


PHPUNIT = ("phpunit.xml", "phpunit.xml.dist")
CMAKE = "cmake -S . -B build && cmake --build build && ctest --test-dir build"
JAVA = ("**/src/test/**",)
KINDS = (
    _Kind(("go.mod",), "go", "go test ./...", "go", ("**/*_test.go", "**/testdata/**")),
    _Kind(("Cargo.toml",), "rust", "cargo test", "cargo", ("tests/**", "**/tests/**")),
    _Kind(("pom.xml",), "java", "mvn -B test", "maven", JAVA),
    _Kind(("build.gradle", "build.gradle.kts"), "java", "./gradlew test", "gradle", JAVA),
    _Kind(PHPUNIT, "php", "vendor/bin/phpunit", "phpunit", ("tests/**",)),
    _Kind((".rspec", "spec/spec_helper.rb"), "ruby", "bundle exec rspec", "rspec", ("spec/**",)),
    _Kind(("Rakefile",), "ruby", "bundle exec rake test", "minitest", ("test/**",),
          r"\bTestTask\b"),
    _Kind(("CMakeLists.txt",), "cpp", CMAKE, "ctest", ("test/**", "tests/**"),
          r"(?im)^\s*(?:enable_testing\s*\(|include\s*\(\s*CTest\b)"),
)  # fmt: skip


def parts(files: Sequence[str], read: Read) -> tuple[ProjectPart, ...]:
    """The first kind whose file is at the top; what a project's own wrapper starts goes first."""
    there = frozenset(files)
    for kind in KINDS:
        found = next((name for name in kind.manifests if name in there), "")
        if found and re.search(kind.says, read(found) or ""):
            return (_part(kind, found, there, read(found) or ""),)
    return ()


def _part(kind: _Kind, found: str, there: frozenset[str], text: str) -> ProjectPart:
    command = kind.command
    if kind.reporter == "maven" and "mvnw" in there:
        command = command.replace("mvn", "./mvnw", 1)
    if kind.reporter == "gradle" and "gradlew" not in there:
        command = command.removeprefix("./").replace("gradlew", "gradle")
    if kind.language == "ruby" and "Gemfile" not in there:
        command = command.removeprefix("bundle exec ")
    if kind.language == "php" and "composer.json" not in there:
        command = command.removeprefix("vendor/bin/")
    if kind.reporter == "cargo" and re.search(r"(?m)^\s*\[workspace\b", text):
        command = f"{command} --workspace"
    return ProjectPart(
        folder="",
        language=kind.language,
        test=command,
        reporter=kind.reporter,
        manifests=(found,),
        test_globs=kind.globs,
    )
