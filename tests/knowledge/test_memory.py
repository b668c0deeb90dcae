"""A project's own instructions: which files count, what they bring in, and how much of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from harness.core.types import Instructions, TreeEntry
from harness.knowledge.memory import (
    MOST_BYTES,
    MOST_FILES,
    MOST_IMPORTS,
    MOST_READ,
    beside,
    compose,
    folders,
    gather,
    imports,
)

LINK = "-> "


class Paper:
    """A tree of texts; one that begins with an arrow is a link. `asked` is what was looked for."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.files = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
        self.asked: list[str] = []

    async def entry(self, path: str) -> TreeEntry | None:
        self.asked.append(path)
        data = self.files.get(path)
        if data is None:
            return None
        mode = "120000" if data.startswith(LINK.encode()) else "100644"
        return TreeEntry(mode=mode, size=len(data))

    async def file(self, path: str) -> bytes | None:
        data = self.files.get(path)
        return None if data is None else data.removeprefix(LINK.encode())


def as_it_is(text: str) -> tuple[str, int]:
    return text, 0


async def told(files: Mapping[str, str | bytes], *paths: str) -> Instructions:
    return compose(await gather(Paper(files), paths), as_it_is)


async def test_a_project_without_any_tells_nothing() -> None:
    assert await told({"README.md": "use tabs", "docs/AGENTS.md": "x"}) == Instructions()


async def test_both_files_count_and_each_is_named() -> None:
    found = await told({"AGENTS.md": "Use tabs.", "CLAUDE.md": "Run make."})
    assert found.text == "[AGENTS.md]\nUse tabs.\n\n[CLAUDE.md]\nRun make."
    assert found.files == ("AGENTS.md", "CLAUDE.md")
    assert (await told({".claude/CLAUDE.md": "A."})).files == (".claude/CLAUDE.md",)
    both = {"CLAUDE.md": "A.", ".claude/CLAUDE.md": "B."}
    assert (await told(both)).files == ("CLAUDE.md",)


@pytest.mark.parametrize(
    "claude",
    ["-> AGENTS.md", "-> ./AGENTS.md", "-> docs/../AGENTS.md", "@AGENTS.md\n", "Use tabs.\n"],
)
async def test_one_text_under_two_names_is_shown_once(claude: str) -> None:
    found = await told({"AGENTS.md": "Use tabs.", "CLAUDE.md": claude})
    assert (found.text, found.files) == ("[AGENTS.md]\nUse tabs.", ("AGENTS.md",))


async def test_a_file_brings_in_others_from_its_own_folder_two_files_deep() -> None:
    files = {
        "CLAUDE.md": "See @docs/style.md, and @package.json.",
        "docs/style.md": "Short lines. @more/names.md",
        "docs/more/names.md": "Nouns. @deeper.md",
        "docs/more/deeper.md": "never",
        "package.json": "{}",
        "more/names.md": "of the wrong folder",
    }
    found = await told(files)
    assert found.files == ("CLAUDE.md", "docs/style.md", "docs/more/names.md", "package.json")
    assert "never" not in found.text


async def test_files_that_bring_in_each_other_end() -> None:
    found = await told({"CLAUDE.md": "a @x.md", "x.md": "b @CLAUDE.md @x.md"})
    assert found.files == ("CLAUDE.md", "x.md")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("@a.md", ("a.md",)),
        ("see @a/b and (@c.md)", ("a/b",)),
        ("@a.md. @a.md, @b.md!", ("a.md", "b.md")),
        ("mail ada@example.org or @ada", ()),
        ("`@a.md` and ``@b.md``", ()),
        ("```\n@a.md\n```\n@b.md", ("b.md",)),
        ("~~~\n```\n@a.md\n~~~\n@b.md", ("b.md",)),
        ("````\n```\n@a.md\n````\n@b.md", ("b.md",)),
        ("", ()),
    ],
)
def test_what_is_an_import(text: str, paths: tuple[str, ...]) -> None:
    assert imports(text) == paths


OUTSIDE = (
    *("../secret.md", "/etc/passwd", "~/.claude/x.md", "a/../../secret.md", "..", ".", ""),
    *(".git/config", "a/.GIT/x", "docs/../.git/hooks/x", "\0.md", "c:\\x.md"),
)


@pytest.mark.parametrize("outside", OUTSIDE)
async def test_nothing_leads_out_of_the_tree(outside: str) -> None:
    assert beside("", outside) is None
    paper = Paper({"CLAUDE.md": f"Read @{outside}", "AGENTS.md": f"{LINK}{outside}"})
    found = compose(await gather(paper), as_it_is)
    assert found.files == ("CLAUDE.md",)
    assert all(not p.startswith(("/", "~", "..")) and ".git" not in p.lower() for p in paper.asked)


async def test_a_link_is_followed_inside_the_tree_and_not_in_circles() -> None:
    chain = {"CLAUDE.md": "-> a", "a": "-> docs/b", "docs/b": "-> c", "docs/c": "Found."}
    assert (await told(chain)).text == "[docs/c]\nFound."
    assert await told({"CLAUDE.md": "-> AGENTS.md", "AGENTS.md": "-> CLAUDE.md"}) == Instructions()
    assert await told({"CLAUDE.md": "-> docs"}) == Instructions()


async def test_folders_on_the_way_to_the_files_of_a_plan_come_last() -> None:
    files = {
        "AGENTS.md": "root",
        "src/AGENTS.md": "src",
        "src/CLAUDE.md": "second choice",
        "src/api/CLAUDE.md": "api",
        "other/AGENTS.md": "other",
    }
    found = await told(files, "src/api/**/*.py", "README.md")
    assert found.files == ("AGENTS.md", "src/AGENTS.md", "src/api/CLAUDE.md")


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (("a/b/c.py",), ("a", "a/b")),
        (("a/*/c.py", "a/b/x", "z/y"), ("a", "z", "a/b")),
        (("**", "*.py", "x.py"), ()),
        (("../x/y.py", "/etc/x", "./a/x"), ("a", "etc")),
    ],
)
def test_folders_of_globs(paths: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert folders(paths) == found


async def test_what_does_not_fit_is_counted_where_it_was_cut() -> None:
    lines = "\n".join(f"line {n}" for n in range(4_000))
    found = await told({"AGENTS.md": lines, "CLAUDE.md": "Run make."})
    shown, note = found.text.split("\n\n")[0].rsplit("\n", 1)
    assert len(shown.encode()) <= MOST_BYTES + len("[AGENTS.md]\n")
    rest = len(lines) - (len(shown) - len("[AGENTS.md]\n"))
    assert note == f"[{rest} bytes of AGENTS.md left out]"
    assert shown.rsplit("\n", 1)[1] in lines.split("\n")
    assert "[CLAUDE.md]\n[9 bytes of CLAUDE.md left out]" in found.text
    assert found.left_out == rest + 9


async def test_one_endless_line_is_cut_too() -> None:
    found = await told({"AGENTS.md": "가" * 40_000})
    assert len(found.text.encode()) < MOST_BYTES + 100
    assert found.left_out > 100_000


async def test_a_huge_file_is_not_read() -> None:
    class Careful(Paper):
        async def file(self, path: str) -> bytes | None:
            raise AssertionError(path)

    paper = Careful({"AGENTS.md": "x" * (MOST_READ + 1)})
    found = compose(await gather(paper), as_it_is)
    assert found.text == f"[AGENTS.md]\n[{MOST_READ + 1} bytes of AGENTS.md left out]"


async def test_a_thousand_imports_are_few_files_and_few_looks() -> None:
    files: dict[str, str | bytes] = {f"{n}.md": f"text {n}" for n in range(1_000)}
    files["CLAUDE.md"] = " ".join(f"@{n}.md" for n in range(1_000))
    paper = Paper(files)
    assert len(compose(await gather(paper), as_it_is).files) == MOST_FILES
    nothing = Paper({"CLAUDE.md": " ".join(f"@x{n}.md" for n in range(1_000))})
    await gather(nothing)
    assert len(nothing.asked) <= MOST_IMPORTS + 3


async def test_bytes_that_are_no_text_harm_nothing() -> None:
    found = await told({"AGENTS.md": b"\xef\xbb\xbfUse \xff tabs."})
    assert found.text == "[AGENTS.md]\nUse � tabs."


async def test_what_is_removed_is_counted() -> None:
    def clean(text: str) -> tuple[str, int]:
        return text.replace("!", ""), text.count("!")

    parts = await gather(Paper({"AGENTS.md": "a!!", "CLAUDE.md": "b! @x!y.md", "x!y.md": "c"}))
    found = compose(parts, clean)
    assert (found.hidden, "!" in found.text) == (3 + 1, False)
    assert found.files == ("AGENTS.md", "CLAUDE.md", "xy.md")
