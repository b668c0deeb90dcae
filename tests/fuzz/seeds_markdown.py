"""Markdown that the fuzzer starts from: what harness writes, what strangers write."""

from __future__ import annotations

from tests.fuzz.judging import stretch

MARKDOWN = (
    b"## What\n\nAs [the guide](docs/a.md) and https://docs.example.org/x.\n\nCloses #7\n",
    b"- [x] done **bold** _em_ ~~s~~ `code`\n  1. deep\n\n> said\n>\n> /merge\n",
    b"| a | @b |\n|---|:-:|\n| /x | ![i](http://evil.test) |\n",
    b"Fixes #1, **closes** org/x#9 and GH-8; mail a@b.test @org/team\n/approve\n",
    b"<!-- x --> <img src=a> <details>\n\n<b onclick=x>t</b>\n",
    b"[r] ![r]\n\n[r]: https://evil.test 't'\n",
    "```sh\n/deploy\n```\n\n    @in code\n\n&#64;a &lt;b&gt; \\@c \u200b/x 한국어\n".encode(),
    b"[a](javascript:x) <https://evil.test> www.evil.test [b](//evil.test) [c](\\\\evil)\n",
)
WRITTEN = (
    *MARKDOWN,
    stretch(b"", b"a"),
    stretch(b"", b"."),
    stretch(b"", b"*a_ "),
    stretch(b"", b"![["),
    stretch(b"fixes ", b"#1 "),
    stretch(b"fix", b" ", b"x #8"),
    stretch(b"", b"@a "),
    stretch(b"", b"a@b."),
    stretch(b"|a|\n|-|\n", b"|x|\n"),
    stretch(b"<", b"a"),
    stretch(b"", b"**a"),
)
READ = (
    *MARKDOWN,
    stretch(b"", b"a"),
    stretch(b"", b"a "),
    stretch(b"", b"."),
    stretch(b"", b"*a_ "),
    stretch(b"", b"[a]("),
    stretch(b"", b"![["),
    stretch(b"", b"`a``"),
    stretch(b"", b"<a "),
    stretch(b"", b"> "),
    stretch(b"", b"- "),
    stretch(b"fixes ", b"#1 "),
    stretch(b"fix", b" ", b"x #8"),
    stretch(b"", b"fix:\t", b"#8"),
    stretch(b"", b"@a "),
    stretch(b"", b"a@b."),
    stretch(b"|a|\n|-|\n", b"|x|\n"),
    stretch(b"", b"<!--"),
    stretch(b"", b"<b hidden>"),
    stretch(b"", b"&#"),
    stretch(b"", b"![a](b"),
    stretch(b"", b"]( <a"),
    stretch(b"", b"[x]: y\n"),
    stretch(b"", b"<script>"),
    stretch(b"", b"<?"),
    stretch(b"<a", b" b"),
    stretch(b"<a", b" "),
    stretch(b"<", b"a"),
    stretch(b"](", b" "),
    stretch(b"", b"<![CDATA["),
    stretch(b"", b"<!A"),
    stretch(b"", b"<"),
    stretch(b"", b"<", b"b>" * 60),
    stretch(b"", b"`a"),
    stretch(b"", b"```a"),
    stretch(b"", b"    a\n"),
    stretch(b"[a]: ", b" "),
    stretch(b"", b"_"),
    stretch(b"", b"**a"),
    stretch(b"", b"&#x41;"),
    stretch(b"", b"\xcc\x81"),
)
WORDS = tuple(
    word.encode()
    for word in (
        *("![", "](", "<!--", "-->", "<img src=x>", "<b hidden>", "</b>", "<script>", "&#64;"),
        *("&ZeroWidthSpace;", "&#x200b;", "&amp;#8203;", "\u200b", "\u202e", "\U000e0041", "```"),
        *("\n\n", "\\", "@a", "#8", "fixes ", "closes: ", "GH-8", "http://e", "www.e.test", "/x"),
        *(
            "[a]: ",
            "[a]",
            "javascript:",
            "| a |\n|---|\n",
            "<?",
            "?>",
            "<![CDATA[",
            "]]>",
            "<!A",
            "  ",
        ),
    )
)
