"""A set-up that fails names the setting that mends it."""

from __future__ import annotations

import pytest

from harness.core.egress_types import Refusal, Why
from harness.environment.causes import cause_of, missing_program, telling_lines
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
    (
        "unreachable",
        1,
        "WARNING: Retrying after connection broken by 'NewConnectionError(...)'\n"
        "ERROR: No matching distribution found for requests",
    ),
    ("unreachable", 1, "npm ERR! getaddrinfo ENOTFOUND registry.example"),
    ("unreachable", 1, "curl: (6) Could not resolve host: index.example"),
    ("unreachable", 1, "dial tcp 10.0.0.7:443: connect: connection refused"),
    ("unreachable", 101, "warning: spurious network error (3 tries remaining)"),
    ("unreachable", 1, "Failed to establish a new connection: [Errno 101] Network is unreachable"),
    (
        "version",
        1,
        "ERROR: Could not find a version that satisfies the requirement foo==9 "
        "(from versions: 1.0, 1.1)\nERROR: No matching distribution found for foo==9",
    ),
    (
        "version",
        1,
        "npm error code ETARGET\nnpm error notarget No matching version found for foo@9.",
    ),
    ("version", 1, "npm ERR! 404  'foo@9' is not in this registry.\nnpm ERR! code E404"),
    ("version", 1, 'error Couldn\'t find any versions for "foo" that matches "9"'),
    ("version", 1, 'error Couldn\'t find package "foo" on the "npm" registry.'),
    ("version", 1, "ERR_PNPM_NO_MATCHING_VERSION  No matching version found for foo@9"),
    ("version", 1, "YN0082: foo@npm:9: No candidates found"),
    (
        "version",
        1,
        "Because app depends on foo (9) which doesn't match any versions, version solving",
    ),
    ("version", 1, "Because there is no version of foo==9 and you require foo==9, we can conclude"),
    ("version", 1, "Because foo was not found in the package registry and you require foo"),
    ("version", 101, 'error: failed to select a version for the requirement `foo = "^9"`'),
    ("version", 101, "error: no matching package named `foo` found"),
    ("version", 1, "go: example.org/foo@v9.0.0: invalid version: unknown revision v9.0.0"),
    ("version", 1, "[ERROR] Could not find artifact g:a:jar:9 in central (https://repo.example)"),
    ("version", 15, "Could not find gem 'foo (= 9)' in rubygems repository https://rubygems.org/"),
    (
        "version",
        2,
        "Root composer.json requires foo/bar 9, found foo/bar[1.0] but it does not match"
        " the constraint.",
    ),
    ("version", 1, "error NU1102: Unable to find package Foo with version (>= 9.0.0)"),
    (
        "certificate",
        1,
        "[ERROR] PKIX path building failed: unable to find valid certification path",
    ),
    ("certificate", 101, "[60] SSL peer certificate or SSH remote key was not OK"),
    ("certificate", 1, "RequestError: unable to verify the first certificate"),
    ("certificate", 1, "npm error code ERR_TLS_CERT_ALTNAME_INVALID"),
    ("certificate", 100, "curl error 60 while downloading https://repo.example/packages.json"),
    ("certificate", 17, "Could not verify the SSL certificate for https://gems.example/"),
    ("login", 1, 'error An unexpected error occurred: "https://r.example/foo: 401 Unauthorized"'),
    ("login", 1, "ERR_PNPM_FETCH_403  GET https://r.example/foo: Forbidden - 403"),
    ("login", 1, "HTTP status client error (401 Unauthorized) for url (https://i.example/simple)"),
    ("login", 1, "error: GET https://r.example/foo - 401"),
    ("login", 101, "failed to get successful HTTP response from `https://c.example`, got 403"),
    ("login", 1, "authentication failed for https://m.example/a.pom, status: 401 Unauthorized"),
    ("login", 17, "Authentication is required for https://gems.example/."),
    ("login", 1, "YN0041: foo@npm:1: Invalid authentication (as an anonymous user)"),
    ("unreachable", 1, "Received: UnknownHostException: services.gradle.example"),
    ("unreachable", 1, "error sending request for url (https://i.example/simple/foo/)"),
    ("unreachable", 6, "curl error 6 while downloading https://repo.example/packages.json"),
    ("unreachable", 1, "There appears to be trouble with your network connection. Retrying..."),
    ("", 1, "Collecting foo-401 (403 files), status 40312"),
    (
        "certificate",
        1,
        "Unexpected error: the trustAnchors parameter must be non-empty -> [Help 1]",
    ),
    ("certificate", 1, "java.io.IOException: keystore password was incorrect"),
    ("", 1, "error: metadata-generation-failed"),
    ("", 9, "broken wheel"),
    ("", 1, ""),
]


@pytest.mark.parametrize(("cause", "code", "log"), ROWS)
def test_the_output_tells(cause: str, code: int, log: str) -> None:
    assert cause_of(code, log, (), "pypi.org:443") == cause
    closed = "offline" if cause == "unreachable" else cause
    assert cause_of(code, log, (), "") == closed


@pytest.mark.parametrize(("reach", "cause"), [("pypi.org:443", "none"), ("", "offline")])
def test_an_index_that_says_no_more_has_answered_where_one_can_be_reached(
    reach: str, cause: str
) -> None:
    assert cause_of(1, "ERROR: No matching distribution found for requests", (), reach) == cause


@pytest.mark.parametrize(
    ("log", "cause", "told"),
    [
        ("a\nb", "", "a\nb"),
        ("", "", ""),
        ("\n".join(f"line {n}" for n in range(50)), "", "...\n" + "\n".join(
            f"line {n}" for n in range(38, 50))),
        ("begin\n" * 30 + "npm error code E401\n" + "end\n" * 40, "login",
         "...\nbegin\nbegin\nnpm error code E401\n" + "end\n" * 4 + "...\n"
         + "end\n" * 11 + "end"),
        ("npm error code E401\nnpm error x", "login", "npm error code E401\nnpm error x"),
    ],
)  # fmt: skip
def test_the_lines_around_the_cause_are_told_and_the_last(log: str, cause: str, told: str) -> None:
    assert telling_lines(log, cause) == told


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
        ("upstream", "upstream"),
        ("upstream_login", "upstream_login"),
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
    "version": "environment.env",
    "none": "environment.env",
    "certificate": "environment.env",
    "proxy": "environment.env",
    "login": "environment.env",
    "upstream": "NO_PROXY",
    "upstream_login": "HTTPS_PROXY",
    "program": "environment.setup",
}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("cause", SETTINGS)
def test_each_sentence_names_a_setting(language: str, cause: str) -> None:
    facts = {"command": "pip install .", "code": 1, "reach": "-", "hosts": "-", "log": "end"}
    said = Catalogue(language)(f"workspace.setup_{cause}", **facts, program="uv")
    assert SETTINGS[cause] in said
    assert said.endswith("\nend")
