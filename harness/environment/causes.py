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
    "upstream_login": "upstream_login",
    "upstream": "upstream",
}
"""The first that is there counts."""
_CERTIFICATE = re.compile(
    r"certificate[ _]verify[ _]failed|SSLCertVerificationError|SELF_SIGNED_CERT|self[- ]signed cert"
    r"|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF)|unable to (?:get local issuer|verify the first)"
    r"|x509: certificate|CERT_HAS_EXPIRED|invalid peer certificate|ERR_TLS_CERT_ALTNAME"
    r"|server certificate verification failed|SSL certificate problem|certificate has expired"
    r"|certificate is not trusted|PKIX path (?:building|validation) failed"
    r"|unable to find valid certification path|trustAnchors parameter must be non-empty"
    r"|keystore password was incorrect"
    r"|SSL peer certificate|problem confirming the ssl certificate|curl error 60\b|unknown ca\b"
    r"|Could not verify the SSL certificate|The remote certificate is invalid|UnknownIssuer",
    re.I,
)
_PROXY = re.compile(
    r"407 Proxy|Proxy Authentication Required|Cannot connect to proxy|Unable to connect to proxy"
    r"|Could not resolve proxy|ProxyError|proxy ?connect|tunneling socket could not"
    r"|CONNECT tunnel failed|unsuccessful tunnel|tunnel error|curl error (?:5|56)\b"
    r"|Unable to tunnel through proxy|EINVALIDPROXY",
    re.I,
)
_LOGIN = re.compile(
    r"\bHTTP error 40[13]\b|E401|E403|Unauthorized for url|ERR_PNPM_FETCH_40[13]|YN0041|YN0033"
    r"|\b401 (?:Client Error|Unauthorized)| - 40[13]\s*$|\b403 (?:Client Error|Forbidden)"
    r"|status(?: code)?:? 40[13]\b"
    r"|HTTP(?:/\S+)?[ :]+40[13]\b|got 40[13]\b|Authentication is required for"
    r"|Bad username or password for|Authorization failed for|authentication failed for"
    r"|NU1301.{0,200}40[13]|ENEEDAUTH|requires? authentication|Not authorized",
    re.I | re.M,
)
_ANSWERED = re.compile(
    r"\(from versions: (?!none)[^)\n]+\)|\bETARGET\b|no(?:t|) ?matching version found"
    r"|ERR_PNPM_NO_MATCHING_VERSION|No version matching|Couldn't find any versions for"
    r"|there is no version of |only the following versions of"
    r"|only \S+[<=>]=?\S+ (?:is|are) available"
    r"|doesn't match any versions|candidate versions found which didn't match"
    r"|failed to select a version for|does not match the constraint|unknown revision"
    r"|no matching versions for query|NU1102|YN0082"
    r"|was not found in (?:the package registry|https?:)"
    r"|Could not find gem .{0,200} in (?:rubygems repository|any of)|No package with name"
    r"|Couldn't find package .{0,100} on the|ERR_PNPM_FETCH_404|\bE404\b|no matching package named"
    r"|could not be found in any version|Could not find artifact|NU1101|No candidate is found for"
    r"|Could not find a version that matches",
    re.I,
)
"""The index was reached, and has no such package or version."""
_NOT_THERE = re.compile(
    r"No matching distribution found|Could not find \S+:\S+:\S+\.$", re.I | re.M
)
"""Said of an index that has none, of one that refuses the login, and where none can be reached."""
_NETWORK = re.compile(
    r"name resolution|name or service not known|Could not resolve host|getaddrinfo|ENOTFOUND"
    r"|EAI_AGAIN|Network is unreachable|No route to host|ENETUNREACH|ECONNREFUSED|ECONNRESET"
    r"|Connection refused|ETIMEDOUT|Connection timed out|Failed to establish a new connection"
    r"|Max retries exceeded|dial tcp|no such host|spurious network error"
    r"|error sending request for url|dns error|failed to lookup address|Request failed after"
    r"|All attempts to connect to|trouble with your network|ERR_SOCKET_TIMEOUT|UnknownHostException"
    r"|Could not reach host|curl error (?:6|7|28)\b|ERR_PNPM_META_FETCH_FAIL|ConnectionRefused"
    r"|FailedToOpenSocket|Unable to load the service index|Unknown host"
    r"|Connect to \S+ .{0,80}failed"
    r"|after connection broken by|YN0035|Failed to fetch: `https",
    re.I,
)
_NO_PROGRAM = re.compile(
    r"(?:^|: )(?:line \d+: )?([\w.+/-]+): (?:command )?not found"
    r"|No such file or directory: '([\w.+/-]+)'|spawn ([\w.+/-]+) ENOENT"
    r"|executable file not found in \$PATH: ([\w.+/-]+)|\"([\w.+/-]+)\": executable file not found",
    re.M,
)
_BY_LOG: Final = {
    "certificate": _CERTIFICATE,
    "proxy": _PROXY,
    "login": _LOGIN,
    "version": _ANSWERED,
}
"""In this order, for what the output alone tells."""
BEFORE, AFTER, LAST = 2, 4, 12  # lines around the cause, and at the end


def cause_of(code: int, log: str, refusals: Sequence[Refusal], reach: str) -> str:
    """The end of a sentence's key, "" when nothing is known. `reach`: what set-up may reach."""
    whys = {refusal.why for refusal in refusals}
    for why, cause in _BY_REFUSAL.items():
        if why in whys:
            return cause
    for cause, rule in _BY_LOG.items():
        if rule.search(log):
            return cause
    if code == NOT_FOUND or missing_program(log):
        return "program"
    if _NETWORK.search(log):
        return "unreachable" if reach else "offline"
    if _NOT_THERE.search(log):
        return "none" if reach else "offline"
    return ""


def telling_lines(log: str, cause: str) -> str:
    """The lines around where the output tells the cause, then its last; all of a short one. What
    is left out is marked."""
    lines = log.strip().splitlines()
    rule = _BY_LOG.get(cause, _NETWORK if cause in ("unreachable", "offline") else None)
    told = next((n for n, line in enumerate(lines) if rule and rule.search(line)), None)
    kept = set(range(max(len(lines) - LAST, 0), len(lines)))
    if told is not None:
        kept |= set(range(max(told - BEFORE, 0), min(told + AFTER + 1, len(lines))))
    found: list[str] = []
    for number in sorted(kept):
        if number and number - 1 not in kept:
            found.append("...")
        found.append(lines[number])
    return "\n".join(found)


def missing_program(log: str) -> str:
    """The program that a command did not find, as the last such line names it; "" when none."""
    found = list(_NO_PROGRAM.finditer(log))
    return next(filter(None, found[-1].groups()), "") if found else ""
