"""Addresses have one form, whatever wrote them."""

from __future__ import annotations

import pytest

from harness.core.addresses import addresses_in, joined_address, plain_address, target_of

FORMS = {
    "https://Example.ORG": "https://example.org/",
    "https://example.org:443/a#b": "https://example.org/a",
    "HTTPS://example.org/a?b=c#d": "https://example.org/a?b=c",
    "https://example.org:8443/": "https://example.org:8443/",
    "http://127.0.0.1:80/x": "http://127.0.0.1/x",
    "https://example.org/설치": "https://example.org/%EC%84%A4%EC%B9%98",
    "https://example.org/%EC%84%A4": "https://example.org/%EC%84%A4",
    "https://한글.kr/": "https://xn--bj0bj06e.kr/",
    "https://한글.kr:8443/": "https://xn--bj0bj06e.kr:8443/",
    "https://[2001:db8::1]/a": "https://[2001:db8::1]/a",
    "https://example.org./a": "https://example.org/a",
    " https://example.org/a b ": "https://example.org/a%20b",
}
NONE = (
    *("", "example.org", "//example.org/a", "ftp://example.org/", "file:///etc/passwd"),
    *("javascript:alert(1)", "https://", "https://user@example.org/", "https://a:b@example.org/"),
    *("https://exa mple.org/", "https://0x7f.1/", "https://2130706433/", "https://127.1/"),
    *("https://[::1", "https://example.org:99999/", "https://example.org:x/", "data:text/html,a"),
    "https://example.org/" + "a" * 2000,
)


@pytest.mark.parametrize("text", FORMS)
def test_an_address_has_one_form(text: str) -> None:
    found = plain_address(text)
    assert found == FORMS[text]
    assert plain_address(found) == found
    assert target_of(found) is not None


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_address_of_a_page_is_none(text: str) -> None:
    assert plain_address(text) is None


def test_a_link_is_read_from_where_it_stands() -> None:
    base = "https://example.org/docs/a.html"
    assert joined_address(base, "b.html#c") == "https://example.org/docs/b.html"
    assert joined_address(base, "/d") == "https://example.org/d"
    assert joined_address(base, "//other.org/d") == "https://other.org/d"
    assert joined_address(base, "mailto:a@b.org") is None
    assert joined_address(base, "http://[") is None


def test_addresses_end_where_the_sentence_goes_on() -> None:
    text = (
        "See https://a.org/x. (Also https://b.org/y_(z)), [c](https://c.org/), <https://d.org/p>;"
        ' "https://e.org/q?a=b&c=d", https://a.org/x#part and https://f.org/설치를 보세요'
    )
    assert [*addresses_in(text)] == [
        "https://a.org/x",
        "https://b.org/y_(z)",
        "https://c.org/",
        "https://d.org/p",
        "https://e.org/q?a=b&c=d",
        "https://f.org/%EC%84%A4%EC%B9%98%EB%A5%BC",
    ]
