"""robots.txt as RFC 9309 has it."""

from __future__ import annotations

import pytest

from harness.knowledge.references.robots import Robots

ROWS = {
    "nothing": ("", "/a", True),
    "all": ("User-agent: *\nDisallow: /", "/a", False),
    "an empty rule": ("User-agent: *\nDisallow:", "/a", True),
    "ours before all": ("User-agent: *\nDisallow: /\nUser-agent: harness\nAllow: /", "/a", True),
    "ours alone": ("User-agent: Harness/2.0\nDisallow: /a", "/a/b", False),
    "another's": ("User-agent: harness-bot\nDisallow: /", "/a", True),
    "several names": ("User-agent: x\nUser-agent: harness\nDisallow: /a", "/a", False),
    "groups of one name": (
        "User-agent: harness\nDisallow: /a\n\nUser-agent: y\nAllow: /\n\n"
        "User-agent: harness\nDisallow: /b",
        "/b",
        False,
    ),
    "the longest": ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
    "equal": ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
    "a star": ("User-agent: *\nDisallow: /*.pdf", "/x/y.pdf?z", False),
    "an end": ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True),
    "an end that is met": ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
    "a star and an end": ("User-agent: *\nDisallow: /a*$", "/abc", False),
    "an end without a star": ("User-agent: *\nDisallow: /a$", "/ab", True),
    "a query": ("User-agent: *\nDisallow: /*?q=", "/s?q=1", False),
    "letters": ("User-agent: *\nDisallow: /설치", "/%EC%84%A4%EC%B9%98", False),
    "a comment": ("User-agent: * # all\nDisallow: /a # here", "/a", False),
    "other lines": ("Sitemap: x\nUser-agent: *\nCrawl-delay: 9\nDisallow: /a", "/a", False),
    "rules of nobody": ("Disallow: /a", "/a", True),
    "itself": ("User-agent: *\nDisallow: /", "/robots.txt", True),
    "line ends": ("User-agent: *\r\nDisallow: /a\r\n", "/a", False),
    "stars": ("User-agent: *\nDisallow: /" + "*a" * 500 + "b", "/" + "a" * 2000, True),
}


@pytest.mark.parametrize("name", ROWS)
def test_rules(name: str) -> None:
    text, path, allowed = ROWS[name]
    assert Robots(text, "harness").allows(f"https://a.org{path}") is allowed
