"""Hosts that an operator names: one alone, or all that are below one."""

from __future__ import annotations

import pytest

from harness.core.host_rules import is_named, read_host, read_hosts


@pytest.mark.parametrize(
    ("rule", "address", "named"),
    [
        ("docs.test", "https://docs.test/a?b", True),
        ("Docs.Test.", "https://docs.test/", True),
        ("docs.test", "http://docs.test/", True),
        ("docs.test", "https://docs.test:8443/", False),
        ("docs.test", "http://docs.test:443/", False),
        ("docs.test:8443", "https://docs.test:8443/", True),
        ("docs.test:8443", "https://docs.test/", False),
        ("docs.test", "https://a.docs.test/", False),
        (".docs.test", "https://a.docs.test/", True),
        (".docs.test", "https://a.b.docs.test/", True),
        (".docs.test", "https://docs.test/", False),
        (".docs.test", "https://evildocs.test/", False),
        (".docs.test:81", "https://a.docs.test:81/", True),
        ("10.0.0.1", "https://10.0.0.1/", True),
        ("[fd00::1]", "https://[fd00::1]/", True),
        ("[fd00::1]:81", "https://[fd00::1]:81/", True),
    ],
)
def test_a_rule_names_a_host_and_its_port(rule: str, address: str, named: bool) -> None:
    read = read_host(rule)
    assert read is not None
    assert is_named(address, [read]) is named


def test_what_is_no_host_is_said() -> None:
    lines = ["*", "*.a.test", "https://a.test", "a.test/x", ".", "", "a b", ".1.2.3.4", "u@a.test",
             "a.test:0", "a.test:99999", "0x7f.1", "a..b"]  # fmt: skip
    good, wrong = read_hosts([*lines, "a.test"])
    assert [rule.host for rule in good] == ["a.test"]
    assert list(wrong) == lines
