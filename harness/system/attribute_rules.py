"""Rules of several `.gitattributes` files as one list, of what changes bytes between a commit and a
folder: line ends and encodings. No filter, no driver, nothing that runs a program. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

NOTHING = b"* !text !crlf !eol !filter !ident !working-tree-encoding !diff !merge !export-subst\n"
"""Says of every file what follows does not: attributes of the folder itself then say nothing."""
LONGEST = 2048  # of a line, as git has it
LARGEST = 1 << 20  # of a file
_KEPT = re.compile(rb"[-!]?(?:text|crlf|eol)|text=auto|crlf=input|eol=(?:lf|crlf)|binary")
_ENCODING = re.compile(rb"working-tree-encoding=[A-Za-z0-9_.:-]{1,40}")
_LINE = re.compile(rb'("(?:[^"\\]|\\.)*"|\S+)[ \t]+(.*)')
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b'"': b'"', b"\\": b"\\"}


def attribute_rules(files: Mapping[str, bytes]) -> bytes:
    """One list that says the same as these files (path -> content) together; b"" when they say
    nothing of line ends or encodings. Deeper files come later and win, as git has it. Macros count
    where the top file defines them."""
    macros: set[bytes] = set()
    lines: list[bytes] = []
    for path in sorted(files, key=lambda path: (path.count("/"), path)):
        folder = path.rpartition("/")[0].encode("utf-8", "surrogateescape")
        if len(files[path]) > LARGEST:
            continue
        for line in files[path].removeprefix(b"\xef\xbb\xbf").split(b"\n"):
            found = _LINE.fullmatch(line.strip(b" \t\r"))
            if found is None or len(line) > LONGEST or found[1][:1] in b"#!":
                continue
            kept = b" ".join(_kept(found[2].split(), macros))
            if found[1].startswith(b"[attr]"):
                if not folder:
                    macros.add(found[1][6:])
                    lines.append(b" ".join((found[1], kept or b"!text")))
            elif kept:
                lines.append(_quote(_below(folder, _unquote(found[1]))) + b" " + kept)
    said = any(not line.startswith(b"[attr]") for line in lines)
    return NOTHING + b"\n".join(lines) + b"\n" if said else b""


def untouched(paths: Iterable[str]) -> bytes:
    """Rules by which these files, named exactly, keep their bytes."""
    lines = (_quote(b"/" + _literal(path.encode("utf-8", "surrogateescape"))) for path in paths)
    return b"".join(line + b" -text !working-tree-encoding\n" for line in lines)


def _kept(words: Iterable[bytes], macros: set[bytes]) -> list[bytes]:
    return [
        word
        for word in words
        if _KEPT.fullmatch(word) or _ENCODING.fullmatch(word) or word.lstrip(b"-!") in macros
    ]


def _below(folder: bytes, pattern: bytes) -> bytes:
    """The pattern as it counts from the top."""
    if not folder:
        return pattern
    anchored = b"/" in pattern
    return b"/" + _literal(folder) + (b"/" if anchored else b"/**/") + pattern.removeprefix(b"/")


def _literal(text: bytes) -> bytes:
    return b"".join(b"\\" + bytes([c]) if c in b"*?[\\" else bytes([c]) for c in text)


def _unquote(pattern: bytes) -> bytes:
    if not pattern.startswith(b'"'):
        return pattern
    inner = re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8) & 255]), pattern[1:-1])
    return re.sub(rb'\\([ntr"\\])', lambda found: _ESCAPES[found[1]], inner)


def _quote(pattern: bytes) -> bytes:
    if not re.search(rb'[\s"\x00-\x1f\x7f]', pattern):
        return pattern
    inner = pattern.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + re.sub(rb"[\x00-\x1f]", lambda found: b"\\%03o" % found[0][0], inner) + b'"'
