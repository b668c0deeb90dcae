"""In which letters a page is written: its mark at the beginning, what its server says, what it says
itself. Names are those of the web, where a name often means a larger set than it says. Pure."""

from __future__ import annotations

import codecs
import contextlib
import encodings
import pkgutil
import re
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.I)
_XML: Final = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{1,40})", re.I)
_SEEN: Final = 4096
_LARGER: Final = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), "utf-8"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16-le"), "utf-16-le"),
    "utf-16be": "utf-16-be",
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601"), "cp949"),
    **dict.fromkeys(("korean", "windows-949", "cp949", "uhc", "euckr", "ksc_5601"), "cp949"),
    **dict.fromkeys(("iso-8859-1", "latin1", "ascii", "us-ascii", "windows-1252"), "cp1252"),
    **dict.fromkeys(("shift_jis", "sjis", "shift-jis", "windows-31j", "x-sjis"), "cp932"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "cn-big5"), "big5hkscs"),
    **dict.fromkeys(("iso-8859-9", "windows-1254"), "cp1254"),
    **{name: name for name in ("euc-jp", "iso-2022-jp", "koi8-r", "koi8-u", "cp866")},
    **{f"iso-8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"windows-125{n}": f"cp125{n}" for n in (0, 1, 3, 5, 6, 7, 8)},
}


def load_codecs() -> None:
    """All that there are, for a process that can load nothing later: a PDF may name any."""
    for found in pkgutil.iter_modules(encodings.__path__):
        with contextlib.suppress(LookupError, ImportError):  # of another system
            codecs.lookup(found.name)


def decode_page(body: bytes, said: str = "") -> str:
    """The text. `said`: the charset that the server names. Never raises: what cannot be read
    becomes U+FFFD."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    for label in (said, _own(body)):
        codec = _LARGER.get(label.strip().strip("\"'").lower())
        if codec is not None:
            return _read(body, codec)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return (
            body.decode("cp1252", "replace")
            if not _is_utf8(body)
            else body.decode("utf-8", "replace")
        )


def _read(body: bytes, codec: str) -> str:
    """UTF-8 that is said to be something smaller is UTF-8: hardly any other text is valid so."""
    if codec not in ("utf-8", "utf-16-le", "utf-16-be") and not body.isascii():
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return body.decode(codec, "replace")


def _own(body: bytes) -> str:
    head = body[:_SEEN]
    found = _XML.search(head) or _META.search(head)
    name = found[1].decode("ascii") if found else ""
    # whoever could read this declaration did not read UTF-16
    return "utf-8" if name.lower().startswith("utf-16") else name


def _is_utf8(body: bytes) -> bool:
    """With a few broken letters."""
    broken = body.decode("utf-8", "replace").count("\ufffd")
    return broken * 200 < sum(byte > 127 for byte in body[:200_000])
