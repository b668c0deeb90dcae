"""Pages are fetched from a real server: what it says of age and change, and what is refused."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.core.errors import LookupUnavailable
from harness.core.hosts import Target
from harness.core.reference_types import Download, Validators
from harness.knowledge.references.answers import Bounds
from harness.knowledge.references.fetching import Fetching, Resolve, addresses_of, same_site
from harness.system.locks import Lock
from tests.knowledge.references.site import BadServer, Site, nginx_site
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.parts
NOTHING = Validators()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with nginx_site(tmp_path_factory.mktemp("nginx")) as found:
        yield found


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    return tmp_path / "locks"


def fetching(
    locks: Path, *ports: int, bounds: Bounds | None = None, resolve: Resolve = addresses_of
) -> Fetching:
    inside = frozenset(Target(host="127.0.0.1", port=port) for port in ports)
    patient = Bounds(visit_s=PATIENCE_S, silence_s=PATIENCE_S)
    return Fetching(locks, inside=inside, bounds=bounds or patient, resolve=resolve)


def why(download: Download) -> str:
    assert download.refused is not None
    assert download.body is None
    return download.refused.key


async def test_a_page_is_downloaded_once_and_then_only_asked_about(site: Site, locks: Path) -> None:
    fetcher = fetching(locks, site.port)
    first = await fetcher.fetch(f"{site.url}/page.html#part", NOTHING)
    assert first.source == f"{site.url}/page.html"
    assert b"A paragraph" in (first.body or b"")
    assert (first.media_type, first.max_age_s) == ("text/html", 0)
    assert first.validators.etag
    assert first.validators.last_modified
    again = await fetcher.fetch(first.source, first.validators)
    assert (again.body, again.refused, again.gone) == (None, None, False)
    by_date = Validators(last_modified=first.validators.last_modified)
    assert (await fetcher.fetch(first.source, by_date)).body is None
    (site.root / "page.html").write_text("<p>changed")
    assert (await fetcher.fetch(first.source, first.validators)).body == b"<p>changed"


async def test_age_is_believed_within_bounds(site: Site, locks: Path) -> None:
    fetcher = fetching(locks, site.port)
    assert (await fetcher.fetch(f"{site.url}/long.html", NOTHING)).max_age_s == 30 * 86400
    assert (await fetcher.fetch(f"{site.url}/never.html", NOTHING)).max_age_s == 3600


@pytest.mark.parametrize("path", ["gone.html", "never-was.html"])
async def test_what_is_gone_is_told(site: Site, locks: Path, path: str) -> None:
    found = await fetching(locks, site.port).fetch(f"{site.url}/{path}", NOTHING)
    assert (found.gone, found.body, found.max_age_s) == (True, None, 86400)


REFUSED = {
    "private.html": "refs.refused_robots",
    "huge.html": "refs.refused_size",
    "bomb.html": "refs.refused_size",
    "odd.html": "refs.refused_packed",
    "picture.png": "refs.refused_type",
    "login.html": "refs.refused_status",
    "there.html": "refs.refused_redirect",
    "inside.html": "refs.refused_redirect",
    "cloud.html": "refs.refused_redirect",
    "file.html": "refs.refused_redirect",
    "round.html": "refs.refused_redirects",
}


@pytest.mark.parametrize("path", REFUSED)
async def test_what_a_server_may_not_do_is_refused(site: Site, locks: Path, path: str) -> None:
    found = await fetching(locks, site.port).fetch(f"{site.url}/{path}", NOTHING)
    assert why(found) == REFUSED[path]
    if path == "private.html":
        assert site.asked("/private.html") == []


@pytest.mark.parametrize("path", ["inside.html", "cloud.html", "there.html"])
async def test_a_redirect_that_may_be_followed_is_held_to_the_network(
    site: Site, locks: Path, path: str
) -> None:
    inside = frozenset({Target(host="127.0.0.1", port=site.port)})
    fetcher = Fetching(locks, inside=inside, follows=lambda _start, _to: True)
    found = await fetcher.fetch(f"{site.url}/{path}", NOTHING)
    assert why(found) in ("refs.refused_inside", "refs.refused_scheme")


async def test_a_redirect_and_a_packed_page_are_read(site: Site, locks: Path) -> None:
    fetcher = fetching(locks, site.port)
    moved = await fetcher.fetch(f"{site.url}/moved.html", NOTHING)
    assert moved.source == f"{site.url}/page.html"
    assert b"A page" in ((await fetcher.fetch(f"{site.url}/packed.html", NOTHING)).body or b"")


CLOSED = (
    *("https://127.0.0.1/", "https://10.1.2.3/", "https://192.168.0.1/", "https://[::1]/"),
    *("https://169.254.169.254/", "https://100.64.0.1/", "https://[fd00::1]/", "https://0.0.0.0/"),
    *("https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/"),
)


@pytest.mark.parametrize("address", CLOSED)
async def test_addresses_of_closed_networks_are_not_dialled(locks: Path, address: str) -> None:
    assert why(await fetching(locks).fetch(address, NOTHING)) == "refs.refused_inside"


@pytest.mark.parametrize("address", ["http://example.org/", "ftp://a.org/", "https://u@a.org/", ""])
async def test_only_https_without_a_login_is_asked(locks: Path, address: str) -> None:
    found = await fetching(locks).fetch(address, NOTHING)
    assert why(found) == "refs.refused_scheme"
    assert found.refused is not None
    assert found.refused.facts["source"] == address


@pytest.mark.parametrize("found", [("10.0.0.1",), ("93.184.215.14", "127.0.0.1"), ("::1",)])
async def test_a_name_for_a_closed_address_is_not_dialled(
    locks: Path, found: tuple[str, ...]
) -> None:
    async def resolve(_: Target) -> tuple[str, ...]:
        return found

    fetcher = fetching(locks, resolve=resolve)
    assert why(await fetcher.fetch("https://rebound.example/", NOTHING)) == "refs.refused_inside"


async def test_the_address_that_was_checked_is_dialled(site: Site, locks: Path) -> None:
    """A name that leads elsewhere as soon as it was checked."""
    asked: list[Target] = []
    named = Target(host="docs.example", port=site.port)

    async def resolve(at: Target) -> tuple[str, ...]:
        asked.append(at)
        return ("127.0.0.1",) if len(asked) < 3 else ("10.0.0.1",)

    fetcher = Fetching(locks, inside=frozenset({named}), resolve=resolve)
    found = await fetcher.fetch(f"http://docs.example:{site.port}/long.html", NOTHING)
    assert b"A page" in (found.body or b"")
    assert asked == [named, named]  # robots.txt and the page, each dialled as it was found


@pytest.mark.parametrize(
    ("head", "endless"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nslow", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\ncut", b""),
    ],
)
async def test_a_silent_server_is_left(locks: Path, head: bytes, endless: bytes) -> None:
    with BadServer(head, endless) as bad:
        fetcher = fetching(locks, bad.port, bounds=Bounds(silence_s=0.3, visit_s=PATIENCE_S))
        with pytest.raises(LookupUnavailable) as said:
            await fetcher.fetch(f"{bad.url}/", NOTHING)
    assert said.value.key == "refs.too_slow"


async def test_a_page_without_end_is_left_when_it_is_too_large(locks: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    with BadServer(head, b"x" * 65536) as bad:
        found = await fetching(locks, bad.port).fetch(f"{bad.url}/", NOTHING)
    assert why(found) == "refs.refused_size"


ODD = (
    b"no http at all\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
    b"Content-Length: 4\r\n\r\nabcd",
    b"HTTP/1.1 304 Not Modified\r\n\r\n",
    b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n",
)


@pytest.mark.parametrize("head", ODD)
async def test_nonsense_is_a_server_that_cannot_be_asked_now(locks: Path, head: bytes) -> None:
    with BadServer(head) as bad, pytest.raises(LookupUnavailable):
        await fetching(locks, bad.port).fetch(f"{bad.url}/", NOTHING)


async def test_a_page_is_not_asked_for_while_nobody_can_say_whether_it_may_be(locks: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\npage"
    down = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
    with BadServer(head, robots=down) as bad:
        address = f"{bad.url}/a"
        with pytest.raises(LookupUnavailable) as said:
            await fetching(locks, bad.port).fetch(address, NOTHING)
        inside = frozenset({Target(host="127.0.0.1", port=bad.port)})
        listed = Fetching(locks, inside=inside, listed=frozenset({address}))
        assert (await listed.fetch(address, NOTHING)).body == b"page"
        with pytest.raises(LookupUnavailable):
            await listed.fetch(f"{bad.url}/b", NOTHING)
    assert said.value.key == "refs.robots_unknown"
    assert said.value.facts == {"source": address, "why": "HTTP 503"}


@pytest.mark.parametrize("coding", ["", "Content-Encoding: gzip\r\n"])
async def test_of_a_robots_txt_without_end_the_beginning_is_read(locks: Path, coding: str) -> None:
    rules = b"User-agent: *\nDisallow: /a\n#" + b"x" * 65536
    head = b"HTTP/1.1 200 OK\r\n" + coding.encode() + b"\r\n"
    start = gzip.compress(rules + bytes(64 << 20)) if coding else rules
    with BadServer(b"", b"x" * 65536, robots=head + start) as bad:
        found = await fetching(locks, bad.port).fetch(f"{bad.url}/a", NOTHING)
    assert why(found) == "refs.refused_robots"


async def test_nobody_listens(locks: Path, site: Site) -> None:
    with BadServer(b"") as bad:
        port = bad.port
    with pytest.raises(LookupUnavailable) as said:
        await fetching(locks, port).fetch(f"http://127.0.0.1:{port}/", NOTHING)
    assert said.value.key == "refs.unavailable"


async def test_one_host_is_visited_by_one_at_a_time(site: Site, locks: Path) -> None:
    """Another process is there already, as far as this one can see."""
    address = f"{site.url}/page.html"
    await fetching(locks, site.port).fetch(address, NOTHING)
    with Lock(next(locks.iterdir())):
        hurried = Bounds(queue_s=0.05, visit_s=PATIENCE_S)
        with pytest.raises(LookupUnavailable) as said:
            await fetching(locks, site.port, bounds=hurried).fetch(address, NOTHING)
        assert said.value.key == "refs.busy"
        waiting = asyncio.create_task(fetching(locks, site.port).fetch(address, NOTHING))
        assert await asyncio.wait({waiting}, timeout=0.1) == (set(), {waiting})
    assert (await waiting).body


def test_the_same_site() -> None:
    assert same_site("https://a.org/x", "https://www.a.org/y")
    assert not same_site("https://a.org/x", "https://b.a.org/y")
    assert not same_site("https://a.org/x", "nonsense")
