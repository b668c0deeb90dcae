"""A pull request by its address, as anybody may read it: no key, no client. Its text through the
REST API; its commits are plain git's."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from harness.core.base import Value
from harness.core.errors import RefusedError, Unavailable
from harness.system.git import protocol
from harness.system.text import one_line

ADDRESS: Final = re.compile(r"(?P<url>\S+?)/pull/(?P<number>[1-9]\d{0,9})(?:[/?#]\S*)?")
BRANCH: Final = re.compile(r"[\w.@#%,=!()][\w./@+#%,=!()-]*")
"""What goes to git as the name of a branch: a `:` or `*` in it would name others too."""
TIMEOUT_S: Final = 60.0
MOST_BYTES: Final = 8 << 20
PUBLIC: Final = {"github.com": "https://api.github.com", "www.github.com": "https://api.github.com"}


class PublicPull(Value):
    """`url`: of its repository, as git takes it."""

    url: str
    number: int

    @property
    def api(self) -> str:
        """Where its text is; "" for a repository that is a folder."""
        if protocol(self.url) == "file":
            return ""
        parts = urlsplit(self.url)
        root = PUBLIC.get(parts.netloc, f"{parts.scheme}://{parts.netloc}/api/v3")
        return f"{root}/repos{parts.path.removesuffix('.git')}/pulls/{self.number}"


class PullText(Value):
    """What its page says."""

    title: str
    body: str
    base: str
    """The branch that it is for."""


def public_pull(address: str) -> PublicPull:
    """What the address names. RefusedError when that is no pull request."""
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise RefusedError("cli.prove.address", given=one_line(address, 200))
    protocol(found["url"])
    return PublicPull(url=found["url"], number=int(found["number"]))


def read_text(pull: PublicPull) -> PullText:
    """Blocks. Unavailable when it cannot be had."""
    headers = {"Accept": "application/vnd.github+json", "User-Agent": "harness"}
    try:
        answer = requests.get(
            pull.api, headers=headers, timeout=TIMEOUT_S, allow_redirects=False, stream=True
        )
        with answer:
            data = answer.raw.read(MOST_BYTES, decode_content=True)
            if answer.status_code != requests.codes.ok:
                raise _unavailable(pull, f"HTTP {answer.status_code}")
    except requests.RequestException as fault:
        raise _unavailable(pull, type(fault).__name__) from fault
    try:
        told: Any = json.loads(data)
        if BRANCH.fullmatch(told["base"]["ref"]) is None:
            raise _unavailable(pull, "base")
        return PullText(title=told["title"], body=told["body"] or "", base=told["base"]["ref"])
    except (ValueError, KeyError, TypeError) as fault:
        raise _unavailable(pull, type(fault).__name__) from fault


def _unavailable(pull: PublicPull, why: str) -> Unavailable:
    return Unavailable("cli.prove.no_text", address=pull.api, why=why)
