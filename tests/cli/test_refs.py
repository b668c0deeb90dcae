"""`harness refs`: what a person keeps, finds, renews, removes and shares."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Call, Person
from tests.knowledge.references.site import BadServer
from tests.loopback_site import Site, serving

PAGE = "<html><head><title>Sessions</title></head><body><h1>Sessions</h1><p>{}</p></body></html>"


@pytest.fixture
def site(person: Person) -> Iterator[Site]:
    with serving(
        Site(pages={"/x": PAGE.format("How retries are counted, in a few words.")})
    ) as site:
        config = person.home / ".config" / "harness" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f'[references]\nprivate = ["{site.host}"]\n')
        person.env |= {"NO_PROXY": "*"}
        yield site


@pytest.fixture
def docs(person: Person) -> Path:
    folder = person.cwd / "docs"
    (folder / ".hidden").mkdir(parents=True)
    (folder / "guide.md").write_text("# Guide\n\n패키지를 설치합니다.\n")
    (folder / "api.rst").write_text("API\n===\n\nRetries again.\n")
    (folder / "data.bin").write_text("x")
    (folder / ".hidden" / "x.md").write_text("# No")
    return folder


def test_a_page_is_kept_and_asked_about_when_a_person_says_so(site: Site, call: Call) -> None:
    address = site.at("/x")
    added = call("refs", "add", address)
    assert (added.code, added.out) == (0, f"{address}: kept (Sessions)\n")
    assert call("refs", "add", address).out == f"{address}: kept already (Sessions)\n"
    assert site.asked == [("/x", 200)]
    assert call("refs", "refresh").out == f"{address}: not changed (Sessions)\n"
    assert site.asked == [("/x", 200), ("/x", 304)]
    shown = call("refs", "show", f"{address}#part")
    assert f"source: {address}\ntitle: Sessions\n" in shown.out
    assert "How retries are counted" in shown.out
    site.pages.clear()
    assert call("refs", "refresh").out == f"{address}: gone (Sessions)\n"
    assert json.loads(call("refs", "list", "--json").out)[0]["gone"] is True
    assert call("refs", "add", site.at("/absent")).out == f"{site.at('/absent')}: gone ()\n"
    site.down = True
    assert call("refs", "add", site.at("/never")).code == 1
    down = call("refs", "refresh", address)
    assert down.code == 1
    assert "could not be asked" in down.err
    assert "removed" in call("refs", "prune", "--gone").out
    assert json.loads(call("refs", "list", "--json").out) == []


def test_where_robots_txt_is_broken_a_person_stands_for_what_they_list(
    person: Person, call: Call
) -> None:
    body = PAGE.format("Words.").encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
    down = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
    config = person.home / ".config" / "harness" / "config.toml"
    config.parent.mkdir(parents=True)
    with BadServer(head % len(body) + body, robots=down) as server:
        address = f"{server.url}/x"
        near = f'[references]\nprivate = ["127.0.0.1:{server.port}"]\n'
        config.write_text(near)
        refused = call("refs", "add", address)
        assert refused.code == 1
        assert "robots.txt of its server cannot be read (HTTP 503)" in refused.err
        assert f"`harness refs add {address}`" in refused.err
        config.write_text(f'{near}addresses = ["{address}"]\n')
        assert call("refs", "add", address).out == f"{address}: kept (Sessions)\n"
        assert call("refs", "add", f"{server.url}/y").code == 1


def test_a_folder_is_searched_without_a_network(docs: Path, call: Call) -> None:
    added = call("refs", "add", "docs")
    assert added.out == "docs/api.rst: kept (API)\ndocs/guide.md: kept (Guide)\n"
    found = json.loads(call("refs", "search", "설치", "--json").out)
    assert [hit["source"] for hit in found] == ["docs/guide.md"]
    (docs / "guide.md").write_text("# Guide\n\n다른 글\n")
    call("refs", "refresh", "docs/guide.md")
    assert json.loads(call("refs", "search", "설치", "--json").out) == []
    assert "다른 글" in call("refs", "show", "docs/guide.md").out
    assert call("refs", "prune", "docs/guide.md", "--older", "9").code == 0
    assert len(json.loads(call("refs", "list", "--json").out)) == 1
    assert json.loads(call("refs", "prune", "--size", "0", "--json").out) == {"removed": 1}


def test_a_team_reviews_what_is_kept(docs: Path, person: Person, call: Call) -> None:
    call("refs", "add", "docs")
    assert call("refs", "export", "shared").code == 0
    files = sorted((person.cwd / "shared").rglob("*.md"))
    assert len(files) == 2
    assert "0 sources were taken in" in call("refs", "import", "shared").out
    files[0].write_text(files[0].read_text().replace("Retries again", "Retries, reviewed"))
    files[1].write_text("# no front matter")
    taken = call("refs", "import", "shared")
    assert taken.code == 1
    assert "edited by somebody" in taken.out
    assert "is no reference: no front matter" in taken.err
    assert "reviewed" in call("refs", "show", "docs/api.rst").out


BAD = {
    ("show", "https://absent.example/"): (2, "is not kept"),
    ("refresh", "absent"): (2, "is not kept"),
    ("prune", "absent"): (2, "is not kept"),
    ("prune",): (2, "Say what is to be removed"),
    ("add", "absent.md"): (1, "There is no absent.md"),
    ("add", "http://example.org/"): (1, "only addresses that begin with https://"),
    ("add", "https://user:word@example.org/"): (1, "without a login"),
    ("add", "https://10.0.0.1/"): (1, "private network"),
    ("add", "docs/data.bin"): (1, "is no document"),
    ("import", "absent"): (4, "There is no"),
    ("list", "--limit", "3"): (2, "--limit"),
}


@pytest.mark.parametrize("words", BAD)
def test_a_mistake_is_one_sentence(docs: Path, call: Call, words: tuple[str, ...]) -> None:
    code, said = BAD[words]
    ended = call("refs", *words)
    assert ended.code == code
    assert said in ended.err
    assert ended.err.count("\n") == 1
