"""A test's input as a false fix may hide it: turned round, in other letters, encoded, as a hash.
Pure."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Collection, Iterator
from typing import Final

Literal = str | int | float
DIGESTS: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")
SHORTEST_DIGEST: Final = 6
MOST: Final = 2_000
SHORTEST: Final = 4
"""What is shorter reads as something else both ways: "/..", say."""
LONGEST: Final = 10_000


class Inputs:
    """The values that tests write down, and what else says the same."""

    def __init__(self, values: Collection[Literal]) -> None:
        plain = sorted((v for v in values if isinstance(v, str)), key=lambda v: (len(v), v))
        self._plain = frozenset(values)
        self._hidden: set[Literal] = set()
        self._digests: set[str] = set()
        for text in plain[:MOST]:
            if SHORTEST <= len(text) <= LONGEST:
                self._hidden |= {one for one in _other_forms(text) if one != text}
                data = text.encode("utf-8", "surrogatepass")
                self._digests |= {hashlib.new(name, data).hexdigest() for name in DIGESTS}

    def __contains__(self, value: Literal) -> bool:
        return value in self._plain or self.hides(value)

    def hides(self, value: Literal) -> bool:
        """Whether it is one of them in another form."""
        if value in self._hidden:
            return True
        short = isinstance(value, str) and SHORTEST_DIGEST <= len(value) <= 128
        if not short or not re.fullmatch(r"[0-9a-fA-F]+", str(value)):
            return False
        return any(digest.startswith(str(value).lower()) for digest in self._digests)


def _other_forms(text: str) -> Iterator[Literal]:
    data = text.encode("utf-8", "surrogatepass")
    # a palindrome and a word in one case are themselves
    yield text[::-1]
    yield re.escape(text)
    yield data.hex()
    yield base64.b64encode(data).decode()
    yield base64.urlsafe_b64encode(data).decode()
    yield base64.b32encode(data).decode()
    yield zlib.crc32(data)
    yield zlib.adler32(data)
    yield int.from_bytes(data)
