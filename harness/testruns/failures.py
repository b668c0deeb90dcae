"""How a test failed, as a report tells it in text: the exception's class and the frames of the
tree. The text may be hostile: bounded, and nothing here raises. Pure."""

from __future__ import annotations

import re

from harness.core.tally_types import Failure

TEXT = 4000
FRAMES = 60
KIND = re.compile(
    r"\s*(?:Uncaught\s+)?([A-Za-z_][\w.]{0,150})(?:\s\[[A-Z_]{1,60}\])?\s*(?::|$)", re.M
)
SCRIPT = re.compile(
    r"^\s{0,20}(?:at|❯) (?:async )?(?:([^\s()]{1,200})(?: \[as [^\]]{1,100}\])? )?"
    r"\(?(?:file://)?([^\s():]{1,300}):(\d{1,7}):\d{1,7}\)?$"
)
PYTHON = re.compile(r"^([^\s:][^:]{0,300}\.py):(\d{1,7}): ?(?:in )?(\S{0,200})")
RUST = re.compile(
    r"^thread '.{0,300}' (?:\(\d{1,9}\) )?panicked at ([^\s:]{1,300}):(\d{1,7}):\d{1,7}:"
)
GO = re.compile(r"^\s{1,20}(/\S{1,300}\.go):(\d{1,7})(?: \+0x[0-9a-f]{1,16})?$")
"""Of a panic; a failure that a test reports names the file alone, without its folder."""
RUBY = re.compile(r"^\s{0,20}([^\s:]{1,300}\.rb):(\d{1,7}):in [`'](\S{0,200})")
ESCAPES = re.compile(r"\x1b\[[0-9;]{0,20}m")


def parse_failure(key: str, outcome: str, judged: tuple[str, str], body: str) -> Failure:
    """From the type and message that a report gives, and the text below them. Paths that lie in
    the tree lose its place; those of packages are left out."""
    sort, message = (_clean(part) for part in judged)
    text = _clean(ESCAPES.sub("", body[: 4 * TEXT]))
    whole = text if message and message.split("\n")[0] in text else f"{message}\n{text}".strip()
    collection = "::" not in key and outcome == "error"
    return Failure(
        phase="call" if outcome == "failed" else "collection" if collection else "setup",
        kind=_kind(sort, message, text),
        text=whole if len(whole) <= TEXT else f"{whole[: TEXT // 2]}\n...\n{whole[-TEXT // 2 :]}",
        frames=tuple(_frames(text)),
    )


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in text[: 4 * TEXT])


def _kind(sort: str, message: str, text: str) -> str:
    """The class: what the report calls it when that is one, else how message or text begin."""
    if re.fullmatch(r"\w*(?:Error|Exception)", sort):
        return sort
    for part in (message, text):
        found = KIND.match(part)
        if found and re.search(r"Error|Exception|Failed|Warning|Exit", found[1]):
            return found[1].rpartition(".")[2]
    return ""


def _frames(text: str) -> list[str]:
    """ "path:line function" of frames in the tree, outermost first."""
    script, python, deep = [], [], []
    for line in text.split("\n")[:2000]:
        if found := SCRIPT.match(line[:700]):
            path = _inside(found[2])
            script += [f"{path}:{found[3]} {found[1] or ''}".rstrip()] if path else []
        elif found := PYTHON.match(line[:700]):
            path = _inside(found[1])
            python += [f"{path}:{found[2]} {found[3]}".rstrip()] if path else []
        elif found := _first(line[:700], RUST, GO, RUBY):
            path = _inside(found[1])
            deep += [f"{path}:{found[2]}"] if path else []
    # these stacks begin where it broke
    return (script[::-1] or python or deep[::-1])[-FRAMES:]


def _first(line: str, *forms: re.Pattern[str]) -> re.Match[str] | None:
    return next((found for form in forms if (found := form.match(line))), None)


def _inside(path: str) -> str:
    path = path.removeprefix("/work/").removeprefix("./")
    outside = path.startswith(("/", "node:", "internal/", "../"))
    return "" if outside or "node_modules/" in path or "site-packages/" in path else path
