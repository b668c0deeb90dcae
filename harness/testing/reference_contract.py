"""What every store of references promises."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from harness.core.reference_types import Reference, Validators
from harness.ports.references import ReferenceStore

LONG_AGO = 1_700_000_000.0


def kept(source: str, text: str = "words", title: str = "", **more: object) -> Reference:
    """A reference of a test."""
    said = {"kind": "page", "fetched_at": LONG_AGO, "checked_at": LONG_AGO, **more}
    return Reference.model_validate({"source": source, "text": text, "title": title, **said})


ODD_QUERIES = (
    *("", " ", '"', "'", "*", "AND", "NOT", "a AND", "NEAR(", "title:", "{body} : x", "^x"),
    *("-x", "x*", "(", ")", "\0", "\ud800", "a" * 5000, "col-on:x", "😀", "-- ; DROP", "%", "_"),
)


class ReferenceStoreContract(ABC):
    """Every store keeps this."""

    @abstractmethod
    def store(self) -> ReferenceStore: ...

    @pytest.fixture
    def refs(self) -> ReferenceStore:
        return self.store()

    async def test_what_was_put_is_got(self, refs: ReferenceStore) -> None:
        whole = kept(
            "https://a.org/x",
            "# Title\n\nText.\n\n    code",
            "Title",
            sha256="ab",
            published="2024-03-02",
            max_age_s=60.0,
            validators=Validators(etag='"e"', last_modified="Mon"),
            links=("https://b.org/", "https://c.org/"),
            gone=True,
        )
        await refs.put(whole)
        assert await refs.get("https://a.org/x") == whole
        assert await refs.get("https://a.org/") is None

    async def test_a_source_stands_once(self, refs: ReferenceStore) -> None:
        await refs.put(kept("https://a.org/x", "apples"))
        await refs.put(kept("https://a.org/x", "pears"))
        assert len(await refs.sources()) == 1
        assert await refs.search("apples") == ()
        assert [hit.source for hit in await refs.search("pears")] == ["https://a.org/x"]

    async def test_all_words_come_before_some(self, refs: ReferenceStore) -> None:
        await refs.put(kept("https://a.org/1", "timeouts of a session"))
        await refs.put(kept("https://a.org/2", "retries and timeouts of a session"))
        await refs.put(kept("https://a.org/3", "nothing of it"))
        hits = await refs.search("retries timeouts")
        assert [hit.source for hit in hits] == ["https://a.org/2", "https://a.org/1"]
        assert "timeouts" in hits[0].excerpt
        assert hits[0].fetched_at == LONG_AGO
        assert len(await refs.search("retries timeouts", 1)) == 1

    async def test_a_title_is_searched_too(self, refs: ReferenceStore) -> None:
        await refs.put(kept("https://a.org/1", "words", "Pagination"))
        assert [hit.title for hit in await refs.search("pagination")] == ["Pagination"]

    @pytest.mark.parametrize("query", ["설치", "패키지", "관리자", "터를", "문서", "관"])
    async def test_korean_is_found_within_a_sentence(
        self, refs: ReferenceStore, query: str
    ) -> None:
        await refs.put(
            kept(
                "https://a.org/ko", "패키지관리자로 프로그램을 설치합니다. 모니터를 켭니다.", "문서"
            )
        )
        await refs.put(kept("https://a.org/other", "전혀 다른 글", "제목"))
        assert [hit.source for hit in await refs.search(query)] == ["https://a.org/ko"]

    async def test_only_near_sources_are_found_when_asked(self, refs: ReferenceStore) -> None:
        for source in ("python:a==1#m", "python:a==10#m", "https://a.org/"):
            await refs.put(kept(source, "same words"))
        hits = await refs.search("same", near=("python:a==1#",))
        assert [hit.source for hit in hits] == ["python:a==1#m"]
        both = await refs.search("same", near=("python:a==1#", "https://"))
        assert {hit.source for hit in both} == {"python:a==1#m", "https://a.org/"}
        assert await refs.search("same", near=("python:%",)) == ()

    @pytest.mark.parametrize("query", ODD_QUERIES)
    async def test_no_query_raises(self, refs: ReferenceStore, query: str) -> None:
        await refs.put(kept("https://a.org/1", "plain words AND more"))
        assert len(await refs.search(query)) <= 1

    async def test_what_is_removed_is_gone(self, refs: ReferenceStore) -> None:
        await refs.put(kept("https://a.org/1"))
        await refs.put(kept("https://a.org/2"))
        await refs.remove(("https://a.org/1", "https://never.org/"))
        assert await refs.get("https://a.org/1") is None
        assert [one.source for one in await refs.search("words")] == ["https://a.org/2"]
        assert [one.text for one in await refs.sources()] == [""]

    async def test_the_last_used_comes_first(self, refs: ReferenceStore) -> None:
        await refs.put(kept("https://a.org/1"))
        await refs.put(kept("https://a.org/2"))
        assert [one.source for one in await refs.sources()] == [
            "https://a.org/2",
            "https://a.org/1",
        ]
        await refs.get("https://a.org/1")
        assert [one.source for one in await refs.sources()] == [
            "https://a.org/1",
            "https://a.org/2",
        ]
