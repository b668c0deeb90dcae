"""A set-up that fails names the setting that mends it."""

from __future__ import annotations

import pytest

from harness.core.egress_types import Refusal, Why
from harness.environment.causes import cause_of, missing_program
from harness.i18n.catalogue import Catalogue

ROWS = [
    ("certificate", 1, "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]"),
    ("certificate", 1, "npm ERR! code SELF_SIGNED_CERT_IN_CHAIN"),
    ("certificate", 1, "npm ERR! code UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
    ("certificate", 1, "tls: failed to verify certificate: x509: certificate signed by unknown"),
    ("certificate", 101, "SSL certificate problem: unable to get local issuer certificate"),
    ("certificate", 1, "invalid peer certificate: UnknownIssuer"),
    ("certificate", 128, "server certificate verification failed. CAfile: none"),
    ("proxy", 1, "ProxyError('Unable to connect to proxy', OSError('Tunnel connection failed"),
    ("proxy", 1, "HTTP/1.1 407 Proxy Authentication Required"),
    ("proxy", 1, "npm ERR! tunneling socket could not be established, statusCode=503"),
    ("proxy", 5, "curl: (5) Could not resolve proxy: cache.example"),
    ("login", 1, "ERROR: HTTP error 401 while getting https://index.example/simple/"),
    ("login", 1, "npm ERR! code E401"),
    ("login", 1, "403 Client Error: Forbidden for url: 403 Forbidden"),
    ("program", 127, "/bin/bash: line 1: poetry: command not found"),
    ("program", 127, "sh: 1: uv: not found"),
    ("program", 1, "FileNotFoundError: [Errno 2] No such file or directory: 'cmake'"),
    ("program", 1, "npm ERR! Error: spawn node-gyp ENOENT"),
    ("program", 1, 'exec: "gcc": executable file not found in $PATH'),
    ("unreachable", 1, "ERROR: No matching distribution found for requests"),
    ("unreachable", 1, "npm ERR! getaddrinfo ENOTFOUND registry.example"),
    ("unreachable", 1, "curl: (6) Could not resolve host: index.example"),
    ("unreachable", 1, "dial tcp 10.0.0.7:443: connect: connection refused"),
    ("unreachable", 101, "warning: spurious network error (3 tries remaining)"),
    ("unreachable", 1, "Failed to establish a new connection: [Errno 101] Network is unreachable"),
    ("", 1, "error: metadata-generation-failed"),
    ("", 9, "broken wheel"),
    ("", 1, ""),
]


@pytest.mark.parametrize(("cause", "code", "log"), ROWS)
def test_the_output_tells(cause: str, code: int, log: str) -> None:
    assert cause_of(code, log, (), "pypi.org:443") == cause
    closed = "offline" if cause == "unreachable" else cause
    assert cause_of(code, log, (), "") == closed


@pytest.mark.parametrize(
    ("why", "cause"),
    [
        ("not_allowed", "refused"),
        ("closed_address", "private"),
        ("budget", "budget"),
        ("plain_http", "not_tls"),
        ("not_tls", "not_tls"),
        ("not_resolved", "unreachable"),
        ("unreachable", "unreachable"),
        ("other_name", ""),
    ],
)
def test_what_was_not_let_out_tells_first(why: Why, cause: str) -> None:
    refused = (Refusal(target="index.example:443", why=why),)
    assert cause_of(1, "", refused, "pypi.org:443") == cause
    if cause:
        log = "CERTIFICATE_VERIFY_FAILED"
        assert cause_of(1, log, refused, "pypi.org:443") == cause


@pytest.mark.parametrize(
    ("log", "program"),
    [
        ("/bin/bash: line 1: poetry: command not found", "poetry"),
        ("sh: 1: uv: not found", "uv"),
        ("No such file or directory: 'cmake'", "cmake"),
        ("npm ERR! Error: spawn node-gyp ENOENT", "node-gyp"),
        ('exec: "gcc": executable file not found in $PATH', "gcc"),
        ("page not found", ""),
        ("", ""),
    ],
)
def test_the_program_is_named(log: str, program: str) -> None:
    assert missing_program(log) == program


SETTINGS = {
    "failed": "environment.allow",
    "refused": "environment.allow",
    "private": "environment.private",
    "budget": "egress.total_mb",
    "not_tls": "environment.env",
    "unreachable": "environment.env",
    "offline": "environment.network",
    "certificate": "environment.env",
    "proxy": "environment.env",
    "login": "environment.env",
    "program": "environment.setup",
}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("cause", SETTINGS)
def test_each_sentence_names_a_setting(language: str, cause: str) -> None:
    facts = {"command": "pip install .", "code": 1, "reach": "-", "hosts": "-", "log": "end"}
    said = Catalogue(language)(f"workspace.setup_{cause}", **facts, program="uv")
    assert SETTINGS[cause] in said
    assert said.endswith("\nend")
