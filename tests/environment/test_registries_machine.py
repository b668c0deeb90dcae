"""This machine's own settings of package managers, as a set-up is given them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.environment.registries.logins import registry_logins
from harness.environment.registries.machine import Machine
from harness.environment.registries.proposal import Access, Proposal, access, look, propose
from harness.environment.registries.repository import needed

SECRET = "hunter2hunter2"
NOTHING: dict[str, str] = {}


class Place:
    """A machine with a home of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.home = root, root / "home/ann"
        self.home.mkdir(parents=True)
        self.env: dict[str, str] = {}
        self.ca = self.write("etc/corp.pem", "certificates")

    def write(self, path: str, text: str) -> Path:
        file = self.root / path.replace("~", "home/ann")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def propose(self, *files: str) -> Proposal:
        return propose(needed(files, NOTHING.get), Machine(self.env, self.home, self.root))

    def access(self, *files: str) -> Access:
        return access(self.propose(*files), vouched=True, others=False)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_machine_that_says_nothing_asks_the_public_registries(place: Place) -> None:
    found = place.propose("pyproject.toml", "web/package.json")
    assert [(h.name, h.by, str(h.origin)) for h in found.hosts] == [
        ("pypi.org", "public", "pyproject.toml"),
        ("files.pythonhosted.org", "public", "pyproject.toml"),
        ("registry.npmjs.org", "public", "web/package.json"),
    ]
    assert (found.env, found.files, found.untold) == ((), (), ())
    assert place.propose("README.md").hosts == ()


@pytest.mark.parametrize("file", ["etc/pip.conf", "etc/xdg/pip/pip.conf", "~/.pip/pip.conf",
                                  "~/.config/pip/pip.conf"])  # fmt: skip
def test_an_index_of_every_level_stands_in_for_the_public_one(place: Place, file: str) -> None:
    place.env["XDG_CONFIG_DIRS"] = "/etc/xdg"
    at = place.write(
        file, f"# ours\n[global]\nindex_url: https://pip.corp/simple\ncert={place.ca}\n"
    )
    found = place.propose("setup.py")
    assert [(h.name, h.by, str(h.origin)) for h in found.hosts] == [
        ("pip.corp", "machine", f"{at}:3")
    ]
    assert {one.name: one.value for one in found.env} == {
        "PIP_INDEX_URL": "https://pip.corp/simple",
        "PIP_CERT": str(place.ca),
    }


def test_the_nearer_level_counts_and_a_variable_before_all(place: Place) -> None:
    place.write("etc/pip.conf", "[global]\nindex-url = https://far.corp/simple\n")
    place.write("~/.config/pip/pip.conf", "[global]\nindex-url = https://near.corp/simple\n")
    assert place.access("setup.py").allow == ("near.corp",)
    place.write("etc/pip.conf", "[install]\nindex-url = https://install.corp/simple\n")
    assert place.access("setup.py").allow == ("install.corp",)
    place.env["PIP_INDEX_URL"] = "https://said.corp:8443/simple"
    assert place.access("setup.py").allow == ("said.corp:8443",)
    place.env["PIP_CONFIG_FILE"] = "/dev/null"
    del place.env["PIP_INDEX_URL"]
    assert place.access("setup.py").allow == ("pypi.org", "files.pythonhosted.org")


def test_a_second_index_is_asked_beside_the_public_one(place: Place) -> None:
    text = "[global]\nextra-index-url =\n  https://a.corp/simple\n  https://b.corp/simple\n"
    place.write("~/.config/pip/pip.conf", text)
    got = place.access("requirements.txt")
    assert got.allow == ("a.corp", "b.corp", "pypi.org", "files.pythonhosted.org")
    assert got.env == {"PIP_EXTRA_INDEX_URL": "https://a.corp/simple https://b.corp/simple"}


def test_a_folder_of_packages_is_shown(place: Place) -> None:
    wheels = place.write("wheels/a.whl", "").parent
    text = f"[global]\nno-index = true\nfind-links = {wheels}\n"
    place.write("~/.config/pip/pip.conf", text)
    got = place.access("setup.py")
    assert (got.allow, got.files) == ((), (str(wheels),))
    assert got.env == {"PIP_FIND_LINKS": str(wheels), "PIP_NO_INDEX": "1"}


@pytest.mark.parametrize(
    ("ecosystem", "file", "text", "variable"),
    [
        ("setup.py", "~/.config/pip/pip.conf",
         f"[global]\nindex-url = https://ann:{SECRET}@corp.example/simple\n", "PIP_CONFIG_FILE"),
        ("setup.py", "~/.config/pip/pip.conf",
         f"[global]\nextra-index-url = https://__token__:{SECRET}@corp.example/\n",
         "PIP_CONFIG_FILE"),
        ("package.json", "~/.npmrc",
         f"registry=https://corp.example/npm/\n//corp.example/npm/:_authToken={SECRET}\n",
         "NPM_CONFIG_USERCONFIG"),
        ("package.json", "~/.npmrc",
         f"@ours:registry=https://corp.example/npm/\n//corp.example/npm/:_password={SECRET}\n",
         "NPM_CONFIG_USERCONFIG"),
        ("uv.lock", "~/.config/uv/uv.toml",
         f'[[index]]\nurl = "https://ann:{SECRET}@corp.example/simple"\ndefault = true\n', ""),
        (".yarnrc.yml", "~/.yarnrc.yml",
         f'npmRegistryServer: "https://corp.example"\nnpmAuthToken: "{SECRET}"\n', ""),
        ("pom.xml", "~/.m2/settings.xml",
         "<settings><servers><server><id>c</id><password>" + SECRET + "</password></server>"
         "</servers><mirrors><mirror><mirrorOf>*</mirrorOf>\n<url>https://corp.example/m</url>"
         "</mirror></mirrors></settings>", ""),
        ("Gemfile", "~/.bundle/config",
         f'BUNDLE_MIRROR__ALL: "https://ann:{SECRET}@corp.example/"\n', ""),
        ("Cargo.toml", "~/.cargo/config.toml",
         "[source.crates-io]\nreplace-with = 'c'\n[source.c]\n"
         f"registry = \"sparse+https://corp.example/\"\n[registries.c]\ntoken = '{SECRET}'\n", ""),
    ],
)  # fmt: skip
def test_a_login_stays_in_its_file_which_set_up_is_shown(
    place: Place, ecosystem: str, file: str, text: str, variable: str
) -> None:
    at = str(place.write(file, text))
    found = place.propose(ecosystem)
    got = place.access(ecosystem)
    assert "corp.example" in got.allow
    assert SECRET not in found.model_dump_json()
    assert SECRET not in got.model_dump_json()
    if variable:
        assert got.env[variable] == at
    else:
        assert at in got.files
    files = [Path(file) for file in got.files]
    assert SECRET in registry_logins(got.env, files), "what is known can be kept off every page"


def test_a_netrc_with_a_login_for_the_index_goes_with_it(place: Place) -> None:
    place.write("~/.config/pip/pip.conf", "[global]\nindex-url = https://pip.corp/simple\n")
    other = place.write("~/.netrc", f"machine elsewhere login a password {SECRET}\n")
    assert "NETRC" not in place.access("setup.py").env
    place.write("~/.netrc", f"machine pip.corp login a password {SECRET}\n")
    got = place.access("setup.py")
    assert got.env["NETRC"] == str(other)
    assert SECRET in registry_logins(got.env, ())


@pytest.mark.parametrize(
    ("ecosystem", "file", "text", "why"),
    [
        ("setup.py", "~/.config/pip/pip.conf", "[global]\nproxy = http://p:1\n", "proxy"),
        ("setup.py", "etc/pip.conf", "[global]\nindex-url = http://pip.corp/\n", "plain"),
        ("setup.py", "etc/pip.conf", "[global]\ncert = /nowhere/ca.pem\n", "no_file"),
        ("package.json", "~/.npmrc", "https-proxy = http://p:1\n", "proxy"),
        ("package.json", "~/.npmrc", "//c/:_authToken=${TOKEN}\n", "by_variable"),
        ("package.json", "~/.npmrc", "registry=http://npm.corp\n", "plain"),
        ("pom.xml", "~/.m2/settings.xml", "<proxy/><url>https://m.corp</url><proxy>\n", "proxy"),
    ],
)
def test_what_is_not_taken_is_said_with_its_line(
    place: Place, ecosystem: str, file: str, text: str, why: str
) -> None:
    at = place.write(file, text)
    told = place.propose(ecosystem).untold
    assert [one.key for one in told] == [f"cli.registries.{why}"]
    assert str(told[0].facts["origin"]).startswith(f"{at}:")


def test_a_login_in_a_variable_is_not_taken(place: Place) -> None:
    place.env["PIP_INDEX_URL"] = f"https://ann:{SECRET}@pip.corp/simple"
    found = place.propose("setup.py")
    assert [one.key for one in found.untold] == ["cli.registries.login"]
    assert SECRET not in found.model_dump_json()
    assert found.env == ()


def test_other_tools_indexes_and_certificates(place: Place) -> None:
    place.write("~/.yarnrc", 'registry "https://yarn.corp/"\n"@x:registry" "https://x.corp/"\n')
    place.write("~/.config/go/env", "GOPROXY=https://go.corp,direct\nGONOSUMDB=*\n")
    place.env |= {"UV_DEFAULT_INDEX": "https://uv.corp/simple", "UV_INDEX": "t=https://t.corp/s"}
    place.env |= {"NODE_EXTRA_CA_CERTS": str(place.ca), "GIT_SSL_CAINFO": "/nowhere"}
    got = place.access("yarn.lock", "go.mod", "uv.lock")
    assert set(got.allow) == {"yarn.corp", "x.corp", "go.corp", "uv.corp", "t.corp"}
    assert got.env == {
        "GOPROXY": "https://go.corp,direct",
        "GONOSUMDB": "*",
        "UV_DEFAULT_INDEX": "https://uv.corp/simple",
        "UV_INDEX": "t=https://t.corp/s",
        "NODE_EXTRA_CA_CERTS": str(place.ca),
    }
    assert got.files == (str(place.home / ".yarnrc"),)


def test_the_sums_of_go_are_asked_for_beside_another_proxy(place: Place) -> None:
    place.env["GOPROXY"] = "https://go.corp"
    assert place.access("go.mod").allow == ("go.corp", "sum.golang.org")
    place.env["GOSUMDB"] = "off"
    assert place.access("go.mod").allow == ("go.corp",)
    place.env["GOPROXY"] = "https://go.corp,https://proxy.golang.org,direct"
    assert place.access("go.mod").allow == ("go.corp", "proxy.golang.org", "sum.golang.org")


@pytest.mark.parametrize(
    "text",
    ["", "[global", "index-url = https://no.section/", "[global]\nindex-url\n", "\0\0", "[global]\n"
     "index-url = https://[::bad/\n", "[global]\nindex-url = ftp://pip.corp/\n"],
)  # fmt: skip
def test_a_broken_file_says_nothing(place: Place, text: str) -> None:
    place.write("~/.config/pip/pip.conf", text)
    assert place.access("setup.py").allow == ("pypi.org", "files.pythonhosted.org")


def test_what_lies_in_a_private_network_is_seen_by_this_machine(place: Place) -> None:
    more = "https://out.corp/s https://10.0.0.7/s https://gone.corp/s"
    text = f"[global]\nindex-url = https://pip.corp/simple\nextra-index-url = {more}\n"
    place.write("~/.config/pip/pip.conf", text)
    told = {"pip.corp": ["192.168.7.1"], "out.corp": ["93.184.216.34"], "10.0.0.7": ["10.0.0.7"]}

    def resolve(host: str, port: int) -> list[str]:
        if host not in told:
            raise OSError(host)
        return told[host]

    found = look(place.propose("setup.py"), resolve)
    got = access(found, vouched=True, others=False)
    assert got.private == ("pip.corp", "10.0.0.7")
    assert set(got.private) < set(got.allow)
