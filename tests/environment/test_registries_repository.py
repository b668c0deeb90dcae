"""The hosts that committed files name: proposed with their line, never taken for known."""

from __future__ import annotations

import pytest

from harness.environment.registries.machine import Machine
from harness.environment.registries.proposal import access, propose
from harness.environment.registries.repository import needed
from tests.environment.test_registries_machine import NOTHING, Place

ROWS = [
    ("requirements.txt", "# x\n--extra-index-url https://a.corp:8443/s\n", {"a.corp:8443": 2}),
    ("requirements/dev.txt", "-i https://a.corp/s\n-f https://f.corp/w\n",
     {"a.corp": 1, "f.corp": 2}),
    ("requirements.txt", "a @ https://dl.corp/a.whl\n-e git+https://git.corp/b#egg=b\n",
     {"dl.corp": 1, "git.corp": 2}),
    ("pyproject.toml", '[[tool.poetry.source]]\nname = "c"\nurl = "https://p.corp/s"\n',
     {"p.corp": 3}),
    ("pyproject.toml", '[[tool.uv.index]]\nurl = "https://u.corp/s"\n', {"u.corp": 2}),
    ("pyproject.toml", '[tool.uv]\nextra-index-url = ["https://e.corp/s"]\n', {"e.corp": 2}),
    ("pyproject.toml", 'x = { git = "https://g.corp/x" }\n', {"g.corp": 1}),
    ("pyproject.toml", '[project.urls]\nhome = "https://home.corp"\nurl = "https://x.corp"\n', {}),
    ("Pipfile", '[[source]]\nurl = "https://pf.corp/s"\n', {"pf.corp": 2}),
    ("uv.lock", 'source = { registry = "https://ul.corp/s" }\n', {"ul.corp": 1}),
    ("poetry.lock", '[package.source]\nurl = "https://pl.corp/s"\n', {"pl.corp": 2}),
    ("package-lock.json", '{\n"resolved": "https://n.corp/a.tgz",\n"url": "https://fund.corp"}',
     {"n.corp": 2}),
    ("package.json", '{"homepage": "https://h.corp/x.git",\n"devDependencies": {\n'
     '"a": "https://t.corp/a.tgz"}}', {"t.corp": 3}),
    ("package.json", '{"repository": "ann/x",\n"dependencies": {"a": "github:ann/a"}}',
     {"github.com": 2, "codeload.github.com": 2}),
    ("package.json", '{"dependencies": {"a": "git+ssh://git@g.corp/a.git"}}', {"g.corp": 1}),
    ("package.json", '{"dependencies": {"@s/a": "file:../a", "b": "workspace:*", "c": "^1"}}', {}),
    ("package.json", '{"dependencies": [], "devDependencies": {"a": 1}}', {}),
    ("package.json", "{", {}),
    ("yarn.lock", 'a@1:\n  resolved "https://y.corp/a.tgz#1"\n', {"y.corp": 2}),
    ("pnpm-lock.yaml", "resolution: {tarball: https://pn.corp/a.tgz}\n", {"pn.corp": 1}),
    (".npmrc", "registry=https://r.corp/\n@s:registry = https://s.corp\n",
     {"r.corp": 1, "s.corp": 2}),
    (".yarnrc.yml", "npmScopes:\n  s:\n    npmRegistryServer: https://b.corp\n", {"b.corp": 3}),
    ("Cargo.lock", 'source = "registry+https://github.com/rust-lang/crates.io-index"\n', {}),
    ("Cargo.lock", 'source = "sparse+https://c.corp/i/"\nsource = "git+https://cg.corp/x?b=1"\n',
     {"c.corp": 1, "cg.corp": 2}),
    (".cargo/config.toml", '[source.x]\nregistry = "https://cc.corp/i"\n', {"cc.corp": 2}),
    ("pom.xml", "<distributionManagement><repository>\n<url>https://up.corp</url></repository>"
     "</distributionManagement>\n<url>https://site.corp</url>\n<repository><id>x</id>"
     "<url>https://mr.corp/m2</url></repository>", {"mr.corp": 4}),
    ("gradle/wrapper/gradle-wrapper.properties", "a=b\ndistributionUrl=https\\://gw.corp/g.zip\n",
     {"gw.corp": 2}),
    ("build.gradle.kts", 'maven("https://m1.corp")\nmaven { url = uri("https://m2.corp/x") }\n',
     {"m1.corp": 1, "m2.corp": 2}),
    ("Gemfile", 'source "https://gems.corp"\ngem "a", git: "https://gg.corp/a"\n',
     {"gems.corp": 1, "gg.corp": 2}),
    ("composer.lock", '"source": {"type": "git", "url": "https://s.corp"},\n"dist": {\n'
     '"type": "zip",\n"url": "https://d.corp/x"', {"d.corp": 4}),
    ("nuget.config", '<add key="c" value="https://nu.corp/v3/index.json" />', {"nu.corp": 1}),
    ("mix.exs", '{:a, git: "https://mx.corp/a.git"}', {"mx.corp": 1}),
    ("requirements.txt", "--index-url http://plain.corp/s\n", {}),
    ("requirements.txt", "a @ https://u:p@in.corp/a.whl\n", {"in.corp": 1}),
    ("requirements.txt", "a @ https://bad host/x\nb @ https://-x-/b\nc @ https://0x7f.1/c\n",
     {"bad": 1}),
    ("node_modules/a/package.json", '{"dependencies": {"b": "https://t.corp/b.tgz"}}', {}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "hosts"), ROWS)
def test_a_host_is_named_with_its_line(path: str, text: str, hosts: dict[str, int]) -> None:
    found = needed((path,), {path: text}.get)
    assert {host.name: host.origin.line for host in found.hosts} == hosts
    assert {host.by for host in found.hosts} <= {"repository"}
    assert "u:p" not in found.model_dump_json()


def test_a_public_registry_is_known_whoever_names_it() -> None:
    text = "--extra-index-url https://download.pytorch.org/whl/cpu\n-i https://PyPI.org/simple\n"
    found = needed(("requirements.txt",), {"requirements.txt": text}.get)
    assert {host.name: host.by for host in found.hosts} == {
        "download.pytorch.org": "public",
        "pypi.org": "public",
    }


@pytest.mark.parametrize(
    "near", ["pypi.org.evil.example", "evilpypi.org", "pypi.org:444", "xn--pypi-org.example"]
)
def test_what_only_looks_like_one_is_not(near: str) -> None:
    path = "requirements.txt"
    found = needed((path,), {path: f"-i https://{near}/simple\n"}.get)
    assert [(host.name, host.by) for host in found.hosts] == [(near, "repository")]


def test_the_set_up_commands_count() -> None:
    found = needed((), NOTHING.get, ("curl -sSf https://get.corp/x | sh",))
    assert [host.name for host in found.hosts] == ["get.corp"]


def test_what_the_repository_alone_names_needs_a_word_of_its_own(place: Place) -> None:
    files = {"requirements.txt": "-i https://evil.example/simple\n"}
    needs = needed(tuple(files), files.get)
    found = propose(needs, Machine({}, place.home, place.root))
    by_flag = access(found, vouched=True, others=False)
    assert by_flag.allow == ("pypi.org", "files.pythonhosted.org")
    by_word = access(found, vouched=False, others=False, named=("evil.example",))
    assert by_word.allow == ("evil.example",)
    assert by_word.env == {}


def test_a_host_that_the_machine_names_too_is_the_machines(place: Place) -> None:
    place.write("~/.config/pip/pip.conf", "[global]\nindex-url = https://pip.corp/simple\n")
    files = {"requirements.txt": "-i https://pip.corp/simple\n"}
    found = propose(needed(tuple(files), files.get), Machine({}, place.home, place.root))
    assert [(host.name, host.by) for host in found.hosts] == [("pip.corp", "machine")]


def test_thousands_of_addresses_and_of_hosts() -> None:
    lock = "".join(f'"resolved": "https://n.corp/{n}.tgz",\n' for n in range(20_000))
    hosts = "".join(f"a{n} @ https://h{n}.corp/a\n" for n in range(300))
    files = {"package-lock.json": lock, "requirements.txt": hosts}
    found = needed(tuple(files), files.get)
    assert len(found.hosts) == 40
    assert found.more == 261


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("machine"))
