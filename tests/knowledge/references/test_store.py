"""What the store of this machine does beyond its contract: files for people, a bound, many at once,
a disk that is broken."""

from __future__ import annotations

import asyncio
import multiprocessing
from pathlib import Path

import pytest

from harness.core.errors import EngineError
from harness.core.reference_types import Validators
from harness.knowledge.references.page_files import (
    PageFileError,
    digest,
    file_of,
    read_file,
    written,
)
from harness.knowledge.references.sharing import export_to, import_from
from harness.knowledge.references.store import FILE, FOLDER, KeptReferences
from harness.knowledge.references.words import excerpt, terms
from harness.testing.reference_contract import kept

SOURCES = (
    *("https://a.org/", "https://a.org/x/y.html?q=1", "https://a.org/x/y.html?q=2"),
    *("https://a.org/x/", "https://A.org:8443/../..", "python:a==1#a.b", "npm:@a/b@1#README.md"),
    *("docs/../../etc/passwd", "/etc/passwd", "설치/안내.md", "..", "https://a.org/" + "é" * 300),
)


def test_each_source_has_a_file_of_its_own_inside() -> None:
    files = [file_of(source) for source in SOURCES]
    assert len({*files}) == len(SOURCES)
    for file in files:
        parts = Path(file).parts
        assert len(parts) == 2
        assert not {"..", "."}.intersection(parts)
        assert all(not part.startswith(".") and len(part.encode()) < 255 for part in parts)


async def test_a_source_is_a_file_that_a_person_reads(tmp_path: Path) -> None:
    store = KeptReferences(tmp_path)
    await store.put(kept("https://a.org/docs/x.html", "# Words", "A: title", sha256="ab"))
    file = tmp_path / FOLDER / file_of("https://a.org/docs/x.html")
    assert file.parts[-2] == "a.org"
    assert file.name.startswith("docs-x.html-")
    assert "source: https://a.org/docs/x.html\ntitle: 'A: title'\n" in file.read_text()
    await store.put(kept("python:a==1#a", "words", kind="package"))
    await store.remove(["https://a.org/docs/x.html"])
    assert [*(tmp_path / FOLDER).iterdir()] == []


async def test_what_was_not_used_for_longest_makes_room(tmp_path: Path) -> None:
    times = iter(range(1_800_000_000, 1_900_000_000, 1000))
    store = KeptReferences(tmp_path, most_bytes=250, now=lambda: float(next(times)))
    for name in "abc":
        await store.put(kept(f"https://{name}.org/", "x" * 100))
        await store.get("https://a.org/")
    assert [one.source for one in await store.sources()] == ["https://a.org/", "https://c.org/"]
    assert (await store.trim(1000), await store.trim(100)) == (0, 1)
    assert [one.source for one in await store.sources()] == ["https://a.org/"]
    await store.put(kept("https://d.org/", "y" * 1000))  # alone too large: kept all the same
    assert [one.source for one in await store.sources()] == ["https://d.org/"]


def _put_many(folder: Path, name: str) -> None:
    async def work() -> None:
        store = KeptReferences(folder)
        for number in range(5):
            await store.put(kept(f"https://{name}.org/{number}", f"words of {name}"))
            await store.search("words")

    asyncio.run(work())


async def test_many_processes_keep_at_once(tmp_path: Path) -> None:
    spawned = multiprocessing.get_context("spawn")
    processes = [spawned.Process(target=_put_many, args=(tmp_path, name)) for name in "ab"]
    for one in processes:
        one.start()
    await asyncio.to_thread(_put_many, tmp_path, "c")
    for one in processes:
        one.join()
    assert [one.exitcode for one in processes] == [0, 0]
    assert len(await KeptReferences(tmp_path).sources()) == 15


async def test_looking_makes_nothing(tmp_path: Path) -> None:
    store = KeptReferences(tmp_path / "state")
    assert (await store.get("x"), await store.search("x"), await store.sources()) == (None, (), ())
    await store.remove(["x"])
    assert not (tmp_path / "state").exists()


async def test_a_torn_file_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(EngineError) as said:
        await KeptReferences(tmp_path).sources()
    assert said.value.key == "refs.torn"


# ------------------------------------------------------------ files


def test_a_file_is_read_as_it_was_written() -> None:
    whole = kept(
        "https://a.org/x",
        "# T\n\nSee https://b.org/.\n\n---\nno: front\n---",
        'odd: "title" # {x} \u202e',
        sha256=digest("# T\n\nSee https://b.org/.\n\n---\nno: front\n---"),
        published="2024-03-02",
        validators=Validators(etag='W/"x"', last_modified="Mon, 01 Jan 2024 00:00:00 GMT"),
        links=("https://b.org/",),
    )
    found, edited = read_file(written(whole))
    assert not edited
    assert found.model_copy(update={"title": ""}) == whole.model_copy(update={"title": ""})
    assert found.title == 'odd: "title" # {x}'


def test_what_was_edited_counts_and_is_asked_for_anew() -> None:
    text = written(kept("https://a.org/x", "old words", sha256=digest("old words"), validators=TAG))
    found, edited = read_file(text.replace("old words", "new words"))
    assert edited
    assert (found.text, found.sha256) == ("new words", digest("new words"))
    assert found.validators == Validators()


TAG = Validators(etag='"e"')
WRONG = {
    "no front matter": "# words",
    "no source": "---\ntitle: x\n---\nwords",
    "no text": "---\nsource: https://a.org/\n---\n",
    "a list": "---\nsource: [a]\n---\nwords",
    "no kind": "---\nsource: a\nkind: song\n---\nwords",
    "another key": "---\nsource: a\nexec: b\n---\nwords",
    "no time": "---\nsource: a\nfetched: soon\n---\nwords",
    "an alias": "---\nsource: &a b\n---\nwords",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_reference_is_told(name: str) -> None:
    with pytest.raises(PageFileError):
        read_file(WRONG[name])


def test_an_export_is_read_again(tmp_path: Path) -> None:
    one = kept("https://a.org/x", "words", sha256=digest("words"))
    path = export_to(tmp_path, one)
    path.with_name("wrong.md").write_text("nothing")
    (tmp_path / "link.md").symlink_to("/etc/passwd")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.md").write_text("nothing")
    found = {file.name: (what, edited) for file, what, edited in import_from(tmp_path)}
    assert found.pop(path.name) == (one, False)
    assert [*found] == ["wrong.md"]


# ------------------------------------------------------------ words


def test_words_of_a_query_are_never_syntax() -> None:
    assert terms('a" OR b*') == (
        '{title body} : "a" *',
        '{title body} : "OR" *',
        '{title body} : "b" *',
    )
    assert terms("설치하기 v2") == ('{pairs} : "설치 치하 하기"', '{title body} : "v2" *')
    assert terms("snake_case") == ('{title body} : "snake" *', '{title body} : "case" *')
    assert len(terms(" ".join(f"w{n}" for n in range(100)))) == 16


def test_an_excerpt_is_the_place_where_most_is_said() -> None:
    text = (
        "begin " * 200 + "retries only. " + "x " * 300 + "retries and\ntimeouts here " + "y " * 300
    )
    found = excerpt(text, "timeouts retries")
    assert "retries and timeouts here" in found
    assert found.startswith("…")
    assert found.endswith("…")
    assert "\n" not in found
    assert excerpt("short text", "absent") == "short text"
