"""What looks like a secret where its variable's name, or an address, was meant. Pure."""

from __future__ import annotations

import re
from typing import Final

VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")
_KEYS: Final = r"sk-|sk_|gh[opsur]_|github_pat_|glpat-|xai-|gsk_|hf_|npm_|pypi-|AIza|AKIA|xox[a-z]-"
_KEY: Final = re.compile(rf"(?:{_KEYS})[A-Za-z0-9_-]{{16,}}")
_LOGIN: Final = re.compile(r"//[^/\s@\"']*@")
_LONG: Final = 30


def is_key(text: str) -> bool:
    """Whether it is no variable's name, or one that nobody would choose: a vendor's token, or a
    long word of both cases with digits among them."""
    if not VARIABLE.fullmatch(text) or _KEY.match(text):
        return True
    kinds = (any(map(str.islower, text)), any(map(str.isupper, text)), any(map(str.isdigit, text)))
    return len(text) >= _LONG and all(kinds)


def without_keys(text: str) -> str:
    """The text as it may be shown: tokens of the usual forms and logins in addresses left out."""
    return _LOGIN.sub("//...@", _KEY.sub("...", text))
