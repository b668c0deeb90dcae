"""What is kept of GitHub's answers: bounded, shared, and never in the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.forge.github.cache import Cache, CachedAnswer
from harness.forge.github.waits import Waits


def kept(body: bytes) -> CachedAnswer:
    return CachedAnswer('"e"', "", "", body)


def noise(number: int) -> bytes:
    return b"".join((number * 7919 + n).to_bytes(8, "little") for n in range(400))


def test_the_oldest_goes_first_when_it_is_full(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "a" / "answers.db", bound=20_000)
    for number in range(100):
        cache.put(f"{number}", kept(noise(number)))
    cache.put("0", kept(b"again"))
    found = [n for n in range(100) if cache.get(f"{n}")]
    assert 0 in found
    assert found[1:] == list(range(found[1], 100))
    assert 5 < len(found) < 50
    cache.close()


def test_what_is_too_large_is_not_kept_and_drops_what_was(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "answers.db", bound=300)
    cache.put("k", kept(b"small"))
    cache.put("k", kept(noise(1)))
    assert cache.get("k") is None
    cache.close()
    cache.close()


def test_two_processes_and_many_threads_share_it(tmp_path: Path) -> None:
    ours, theirs = (Cache(tmp_path / "answers.db") for _ in range(2))

    def work(number: int) -> bool:
        ours.put(f"{number}", kept(noise(number)))
        found = theirs.get(f"{number}")
        return found is not None and found.body == noise(number)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(100)))
    ours.close()
    theirs.close()


def test_a_cache_that_breaks_under_us_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    cache = Cache(path)
    cache.put("k", kept(b"x" * 100))
    cache.close()
    raw = bytearray(path.read_bytes())
    raw[100:] = b"\xff" * (len(raw) - 100)
    path.write_bytes(raw)
    assert cache.get("k") is None
    cache.put("k", kept(b"new"))
    assert cache.get("k") == kept(b"new")
    cache.close()


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = Cache(tmp_path / "file" / "answers.db")
    cache.put("k", kept(b"1"))
    assert cache.get("k") is None
    cache.close()
    waits = Waits(tmp_path / "file" / "waits")
    waits.write({})
    assert waits.read() == {}
