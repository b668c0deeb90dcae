"""Versions that projects ask for."""

from __future__ import annotations

import pytest

from harness.testruns.recipes.versions import satisfies, wanted

ASKED = [
    ({".python-version": "3.11.7\n"}, {"python": "3.11.7"}),
    ({".python-version": "# ours\n3.12\n3.11\n"}, {"python": "3.12 || 3.11"}),
    ({".python-version": "system\n"}, {}),
    ({".python-version": "3.9", "pyproject.toml": '[project]\nrequires-python = ">=3.8"'},
     {"python": "3.9"}),
    ({"pyproject.toml": '[project]\nrequires-python = ">=3.8,<4"'}, {"python": ">=3.8,<4"}),
    ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.10"'}, {"python": "^3.10"}),
    ({"setup.cfg": "[options]\npython_requires = >=3.7\n"}, {"python": ">=3.7"}),
    ({".nvmrc": "v20.11.0\n"}, {"node": "20.11.0"}),
    ({".nvmrc": "lts/iron"}, {"node": "20"}),
    ({".nvmrc": "lts/*"}, {}),
    ({".node-version": "18"}, {"node": "18"}),
    ({"package.json": '{"engines": {"node": ">=18 <23"}}'}, {"node": ">=18 <23"}),
    ({"package.json": '{"volta": {"node": "20.1.0"}, "engines": {"node": ">=18"}}'},
     {"node": "20.1.0"}),
    ({"package.json": '{"engines": ["node"]}'}, {}),
    ({"package.json": "{"}, {}),
    ({".tool-versions": "nodejs 20.1.0\npython 3.12.1 3.11.2 # both\nruby ref:main\nother 1\n"},
     {"node": "20.1.0", "python": "3.12.1 || 3.11.2"}),
    ({"mise.toml": '[tools]\nnode = "22"\npython = ["3.12", "3.11"]\ngo = {version = "1.22"}'},
     {"node": "22", "python": "3.12 || 3.11", "go": "1.22"}),
    ({"rust-toolchain": "1.75.0\n"}, {"rust": "1.75.0"}),
    ({"rust-toolchain.toml": '[toolchain]\nchannel = "nightly-2024-01-01"'},
     {"rust": "nightly-2024-01-01"}),
    ({"Cargo.toml": '[package]\nname = "x"\nrust-version = "1.70"'}, {"rust": ">=1.70"}),
    ({"go.mod": "module x\n\ngo 1.21\n"}, {"go": ">=1.21"}),
    ({".ruby-version": "ruby-3.2.2\n"}, {"ruby": "3.2.2"}),
    ({"Gemfile": 'source "x"\nruby "~> 3.1"\n'}, {"ruby": "~> 3.1"}),
    ({".java-version": "temurin-17.0.2\n"}, {"java": "17.0.2"}),
    ({".java-version": "1.8\n"}, {"java": "8"}),
    ({".sdkmanrc": "java=21.0.1-tem\nmaven=3.9.6\n"}, {"java": "21.0.1", "maven": "3.9.6"}),
    ({"pom.xml": "<maven.compiler.source>1.8</maven.compiler.source>"}, {"java": ">=8"}),
    ({"pom.xml": "<maven.compiler.source>${v}</maven.compiler.source>"}, {}),
    ({"build.gradle": "languageVersion = JavaLanguageVersion.of(17)"}, {"java": "17"}),
    ({"build.gradle": "sourceCompatibility = JavaVersion.VERSION_11"}, {"java": ">=11"}),
    ({"build.gradle.kts": "kotlin { jvmToolchain(21) }"}, {"java": "21"}),
    ({"composer.json": '{"require": {"php": "^8.1|^8.2"}}'}, {"php": "^8.1||^8.2"}),
    ({"packages/a/.nvmrc": "16"}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("files", "asked"), ASKED)
def test_what_files_ask_for(files: dict[str, str], asked: dict[str, str]) -> None:
    assert wanted(tuple(files), files.get) == asked


@pytest.mark.parametrize(
    ("version", "asked", "judged"),
    [
        ("3.11.7", "3.11", True),
        ("3.11", "3.11.7", True),
        ("3.1.0", "3.11", False),
        ("3.11.7", "3.12 || 3.11", True),
        ("3.12.1", ">=3.8,<4", True),
        ("3.12.1", ">=3.8,<3.12", False),
        ("3.9.18", "!=3.9.*,>=3.8", False),
        ("3.9.18", "==3.9.*", True),
        ("3.9.18", "~=3.8", True),
        ("3.9.18", "~=3.8.2", False),
        ("18.2.0", "^18 || ^20", True),
        ("19.2.0", "^18 || ^20", False),
        ("20.1.0", "20.x", True),
        ("0.3.1", "^0.2.3", False),
        ("18.4.0", ">=14 <19", True),
        ("16.0.0", "14 - 18", True),
        ("3.2.2", "~> 3.1", True),
        ("4.0.0", "~> 3.1", False),
        ("1.22", ">=1.21", True),
        ("1.19", ">=1.21", False),
        ("17.0.9", "17", True),
        ("21.0.1", ">=8", True),
        ("stable", "stable", True),
        ("nightly", "stable", False),
        ("stable", ">=1.70", None),
        ("1.75.0", "1.75.0", True),
        ("20.0.0", "whatever", None),
        ("20.0.0", "*", True),
        ("20.0.0", "", None),
        ("20.0.0", "workspace:^1", None),
    ],
)
def test_whether_a_version_is_asked_for(version: str, asked: str, judged: bool | None) -> None:
    assert satisfies(version, asked) is judged
