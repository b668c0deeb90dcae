"""Our check of the SKILL.md standard says what its reference library says."""

from __future__ import annotations

from pathlib import Path

import pytest
from skills_ref import validate  # type: ignore[import-untyped]

from harness.knowledge.skill_standard import check_skill

FINE = "name: mend\ndescription: Mend it."


def page(front: str, body: str = "Do it.") -> bytes:
    return f"---\n{front}\n---\n\n{body}\n".encode()


def named(name: str, rest: str = "description: Mend it.") -> bytes:
    return page(f"name: {name}\n{rest}")


HANGUL = "버그-고치기"
DECOMPOSED = "\u1107\u1165\u1100\u1173"
VALID: list[tuple[str, str, bytes]] = [
    ("plain", "mend", page(FINE)),
    ("quoted", "mend", page("name: 'mend'\ndescription: \"Mend: it.\"")),
    ("folded text", "mend", page("name: mend\ndescription: >\n  Mend\n  it.")),
    ("literal text", "mend", page("name: mend\ndescription: |\n  Mend\n  it: now.")),
    ("text over lines", "mend", page("name: mend\ndescription: Mend\n  it\n  well")),
    ("every field", "mend", page(
        f"{FINE}\nlicense: MIT\ncompatibility: Needs git\nallowed-tools: Bash(git:*) Read\n"
        "metadata:\n  author: ann\n  version: '1.0'")),
    ("tools as a list", "mend", page(f"{FINE}\nallowed-tools:\n  - Bash\n  - Read")),
    ("nested metadata", "mend", page(f"{FINE}\nmetadata:\n  a:\n    b: c")),
    ("licence as a list", "mend", page(f"{FINE}\nlicense:\n- MIT")),
    ("64 characters", "m" * 64, named("m" * 64)),
    ("64 characters of three bytes", "고" * 64, named("고" * 64)),
    ("1,024 characters", "mend", named("mend", f"description: {'설' * 1024}")),
    ("500 of compatibility", "mend", page(f"{FINE}\ncompatibility: {'c' * 500}")),
    ("Korean", HANGUL, named(HANGUL)),
    ("decomposed name", "버그", named(DECOMPOSED)),
    ("decomposed folder", DECOMPOSED, named("버그")),
    ("wide letters", "mend", named("ｍｅｎｄ")),
    ("a number", "42", named("42")),
    ("a word of YAML 1.1", "on", named("on", "description: yes")),
    ("CRLF", "mend", page(FINE).replace(b"\n", b"\r\n")),
    ("a comment", "mend", page(f"# ours\n{FINE}")),
    ("no body", "mend", f"---\n{FINE}\n---\n".encode()),
    ("dashes in the body", "mend", page(FINE, "a\n---\nb: [")),
    ("dashes in a value", "mend", page("name: mend\ndescription: It is --- so")),
    ("lower-case page", "mend/skill.md", page(FINE)),
    ("spaces about a name", "mend", named("'  mend '")),
]  # fmt: skip
INVALID: list[tuple[str, str, bytes]] = [
    ("empty page", "mend", b""),
    ("no front matter", "mend", b"# Mend\n"),
    ("not closed", "mend", b"---\nname: mend\n"),
    ("empty front matter", "mend", b"---\n---\nb"),
    ("text for a mapping", "mend", page("mend")),
    ("a list for a mapping", "mend", page("- name: mend")),
    ("a byte order mark", "mend", b"\xef\xbb\xbf" + page(FINE)),
    ("a line before it", "mend", b"\n" + page(FINE)),
    ("no name", "mend", page("description: d")),
    ("an empty name", "mend", named("")),
    ("a name of blanks", "mend", named("'  '")),
    ("no description", "mend", page("name: mend")),
    ("an empty description", "mend", page("name: mend\ndescription:")),
    ("upper case", "Mend", named("Mend")),
    ("upper case of others", "Ärger", named("Ärger")),
    ("two hyphens", "a--b", named("a--b")),
    ("a hyphen first", "-a", named("-a")),
    ("a hyphen last", "a-", named("a-")),
    ("a blank inside", "a b", named("a b")),
    ("an underscore", "a_b", named("a_b")),
    ("a dot", "a.b", named("a.b")),
    ("65 characters", "m" * 65, named("m" * 65)),
    ("1,025 characters", "mend", named("mend", f"description: {'d' * 1025}")),
    ("501 of compatibility", "mend", page(f"{FINE}\ncompatibility: {'c' * 501}")),
    ("compatibility as a list", "mend", page(f"{FINE}\ncompatibility:\n  - git")),
    ("another folder", "fix", page(FINE)),
    ("an unknown field", "mend", page(f"{FINE}\nmodel: opus")),
    ("a field in capitals", "mend", page(f"{FINE}\nLicense: MIT")),
    ("a list of names", "mend", page("name:\n  - mend\ndescription: d")),
    ("a mapping for a description", "mend", page("name: mend\ndescription:\n  a: b")),
    ("a list in brackets", "mend", page(f"{FINE}\nallowed-tools: [Bash]")),
    ("a mapping in braces", "mend", page(f"{FINE}\nmetadata: {{a: b}}")),
    ("a key twice", "mend", page(f"{FINE}\nname: mend")),
    ("an anchor", "mend", page("name: &a mend\ndescription: *a")),
    ("a tag", "mend", page("name: !!str mend\ndescription: d")),
    ("a colon in plain text", "mend", page("name: mend\ndescription: Use when: always")),
    ("a tab", "mend", page("name: mend\ndescription:\n\td")),
    ("no page", "mend/README.md", page(FINE)),
]  # fmt: skip


def make(root: Path, place: str, data: bytes) -> Path:
    folder, _, name = place.partition("/")
    (root / folder).mkdir()
    (root / folder / (name or "SKILL.md")).write_bytes(data)
    return root / folder


@pytest.mark.parametrize(
    ("place", "data", "valid"),
    [(p, d, True) for _, p, d in VALID] + [(p, d, False) for _, p, d in INVALID],
    ids=[row[0] for row in VALID] + [row[0] for row in INVALID],
)
def test_both_say_the_same(tmp_path: Path, place: str, data: bytes, valid: bool) -> None:
    folder = make(tmp_path, place, data)
    assert (not validate(folder), not check_skill(folder)) == (valid, valid)


def test_a_link_is_judged_by_its_own_name(tmp_path: Path) -> None:
    folder = make(tmp_path, "mend", page(FINE))
    for name in ("fix", "mend"):
        (tmp_path / "links").mkdir(exist_ok=True)
        link = tmp_path / "links" / name
        link.symlink_to(folder, target_is_directory=True)
        assert bool(validate(link)) == bool(check_skill(link)) == (name == "fix")


def test_what_makes_the_other_fall_over_is_one_sentence_here(tmp_path: Path) -> None:
    """Bytes that are no text, a folder for a page, a page that is too long, none at all."""
    bad = make(tmp_path, "bytes", b"---\nname: bytes\ndescription: \xff\n---\n")
    (tmp_path / "page" / "SKILL.md").mkdir(parents=True)
    large = make(tmp_path, "large", page("name: large\ndescription: d", "x" * (1 << 20)))
    for folder in (bad, tmp_path / "page", large, tmp_path / "none"):
        assert len(check_skill(folder)) == 1
