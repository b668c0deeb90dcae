"""Why a set-up command failed, as far as its output and what it was not let out to tell: which
setting mends it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from harness.core.egress_types import Refusal, Why

NOT_FOUND: Final = 127
_BY_REFUSAL: Mapping[Why, str] = {
    "not_allowed": "refused",
    "closed_address": "private",
    "budget": "budget",
    "plain_http": "not_tls",
    "not_tls": "not_tls",
    "not_resolved": "unreachable",
    "unreachable": "unreachable",
}
"""The first that is there counts."""
_CERTIFICATE = re.compile(
    r"certificate[ _]verify[ _]failed|SSLCertVerificationError|SELF_SIGNED_CERT|self[- ]signed cert"
    r"|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF)|unable to get local issuer|x509: certificate"
    r"|CERT_HAS_EXPIRED|invalid peer certificate|server certificate verification failed",
    re.I,
)
_PROXY = re.compile(
    r"407 Proxy|Proxy Authentication Required|Cannot connect to proxy|Unable to connect to proxy"
    r"|Could not resolve proxy|ProxyError|proxy connect|tunneling socket could not",
    re.I,
)
_NETWORK = re.compile(
    r"name resolution|name or service not known|Could not resolve host|getaddrinfo|ENOTFOUND"
    r"|EAI_AGAIN|Network is unreachable|No route to host|ENETUNREACH|ECONNREFUSED"
    r"|Connection refused|ETIMEDOUT|Connection timed out|Failed to establish a new connection"
    r"|Max retries exceeded|No matching distribution found|dial tcp|spurious network error",
    re.I,
)
_NO_LOGIN = re.compile(r"\b401\b.{0,80}|E401|\b403 Forbidden|E403|Unauthorized for url", re.I)
_NO_PROGRAM = re.compile(
    r"(?:^|: )(?:line \d+: )?([\w.+/-]+): (?:command )?not found"
    r"|No such file or directory: '([\w.+/-]+)'|spawn ([\w.+/-]+) ENOENT"
    r"|executable file not found in \$PATH: ([\w.+/-]+)|\"([\w.+/-]+)\": executable file not found",
    re.M,
)


def cause_of(code: int, log: str, refusals: Sequence[Refusal], reach: str) -> str:
    """The end of a sentence's key, "" when nothing is known. `reach`: what set-up may reach."""
    whys = {refusal.why for refusal in refusals}
    for why, cause in _BY_REFUSAL.items():
        if why in whys:
            return cause
    if _CERTIFICATE.search(log):
        return "certificate"
    if _PROXY.search(log):
        return "proxy"
    if _NO_LOGIN.search(log):
        return "login"
    if code == NOT_FOUND or missing_program(log):
        return "program"
    if _NETWORK.search(log):
        return "unreachable" if reach else "offline"
    return ""


def missing_program(log: str) -> str:
    """The program that a command did not find, as the last such line names it; "" when none."""
    found = list(_NO_PROGRAM.finditer(log))
    return next(filter(None, found[-1].groups()), "") if found else ""
