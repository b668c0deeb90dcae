"""Secrets in what is about to leave: our own in the forms that `forms` and `leaks` name, and the
well-known shapes of other people's. Pure. Nothing here ever shows a secret it found."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Sequence

from harness.guard.hidden import strip_invisible
from harness.system.redact import spellings

SHORTEST = 8
MOST_UNPACKED = 2 << 20
LAYERS = 3
UNPACKED_FROM = 16 << 20
UNPACKED_TIMES = 8
"""How much all that a text packs may come to, whatever it packs within each other: so many
characters, or so many times its own for a long one."""
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("private key", r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
        ("GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255})\b"),
        ("GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}\b"),
        ("Anthropic key", r"\bsk-ant-[A-Za-z0-9_-]{24,}"),
        ("OpenAI key", r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{40,}"),
        ("AWS key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
        ("Google key", r"\bAIza[A-Za-z0-9_-]{35}\b"),
        ("Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
        ("Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{20,}\b"),
        ("npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("PyPI token", r"\bpypi-AgE[A-Za-z0-9_-]{50,}"),
        ("JSON web token", r"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
        ("password in an address", r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>${}]{1,64}:"
                                   r"[^\s/:@\"'<>${}]{6,128}@[a-z0-9]"),
    )
)  # fmt: skip
EXAMPLE = re.compile(
    r"EXAMPLE|example|xxxx|XXXX|your|placeholder|dummy|redacted"
    r"|:(?:password|passwd|secret|changeme|PASSWORD|SECRET)@"
)
BLOB = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
FILLER = re.compile(r"[\s\"'`+,;:|\\.(){}\[\]<>*#/_=-]+")


def forms(secret: str) -> frozenset[str]:
    """The secret as it may be written: plain, reversed, hexadecimal, percent-encoded, base64 and
    its URL variant at each of the three offsets, and more. Too short ones have none."""
    return spellings(secret) if len(secret) >= SHORTEST else frozenset()


def leaks(text: str, secrets: Sequence[str]) -> bool:
    """True when one of these secrets stands in the text: in one of its `forms`, split by invisible
    characters, over lines or by string concatenation, or packed (base64, hexadecimal, zlib and
    gzip, up to three within each other). Not in a cipher, another alphabet, a picture or in words.
    TimeoutError: it packs more than anything honest does, and was not looked through."""
    shown, _ = strip_invisible(text)
    views = [text, shown, FILLER.sub("", shown)]
    views += _bounded(_unpack(shown), max(UNPACKED_FROM, UNPACKED_TIMES * len(shown)))
    for secret in secrets:
        for form in forms(secret):
            bare = FILLER.sub("", form)
            if any(form in view for view in views):
                return True
            if len(bare) >= SHORTEST and bare in views[2]:
                return True
    return False


def _bounded(found: Iterator[str], most: int) -> Iterator[str]:
    for one in found:
        most -= len(one)
        if most < 0:
            raise TimeoutError
        yield one


def _unpack(text: str, layers: int = LAYERS) -> Iterator[str]:
    """What base64 and hexadecimal runs hold, unzipped where they are zipped, and so on inward."""
    joined = re.sub(r"(?<=[A-Za-z0-9+/_-])[ \t]*\n[ \t]*(?=[A-Za-z0-9+/_-])", "", text)
    for source in {text, joined}:
        for found in BLOB.finditer(source):
            for data in _decode(found[0]):
                inner = data.decode("utf-8", "replace")
                yield inner
                yield inner[::-1]
                if layers > 1:
                    yield from _unpack(inner, layers - 1)


def _decode(run: str) -> Iterator[bytes]:
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        data = b""
    for candidate in (data, _hex(run)):
        if candidate:
            yield candidate
            yield from _inflate(candidate)


def _hex(run: str) -> bytes:
    try:
        return bytes.fromhex(run)
    except ValueError:
        return b""


def _inflate(data: bytes) -> Iterator[bytes]:
    if data[:2] not in (b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        return
    try:
        yield zlib.decompressobj(wbits=47).decompress(data, MOST_UNPACKED)
    except zlib.error:
        return


def shapes(text: str) -> tuple[tuple[str, int], ...]:
    """(what it looks like, line) of each text that has the shape of a secret."""
    found = []
    for name, pattern in PATTERNS:
        for match in pattern.finditer(text):
            if not is_example(match[0]):
                found.append((name, text.count("\n", 0, match.start()) + 1))
    return tuple(found)


def is_example(match: str) -> bool:
    """True for what documentation writes in a secret's place."""
    body = re.sub(r"[^A-Za-z0-9]", "", match[8:])
    told = EXAMPLE.search(match)
    return bool(told) or (len(set(body)) <= 3 and "BEGIN" not in match)
