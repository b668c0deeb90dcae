"""A host has one spelling; what an address leads to is known before it is dialled."""

from __future__ import annotations

import ipaddress
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.client_hello import MOST, server_name
from harness.core.hosts import Target, is_closed, target, targets

SPELLINGS = [
    ("allowed.test:443", "allowed.test:443"),
    ("ALLOWED.Test:443", "allowed.test:443"),
    ("allowed.test.:443", "allowed.test:443"),
    ("allowed.test:0443", "allowed.test:443"),
    ("allowed.test", None),
    ("allowed.test:", None),
    ("allowed.test:0", None),
    ("allowed.test:65536", None),
    ("allowed.test:443:443", None),
    ("allowed.test:-1", None),
    ("allowed.test:+443", None),
    ("allowed.test: 443", None),
    (" allowed.test:443", None),
    ("allowed.test:443 ", None),
    ("allowed.test..:443", None),
    (".allowed.test:443", None),
    ("allowed..test:443", None),
    ("allowed.test.evil.test:443", "allowed.test.evil.test:443"),
    ("evil-allowed.test:443", "evil-allowed.test:443"),
    ("-allowed.test:443", None),
    ("allowed-.test:443", None),
    ("user@allowed.test:443", None),
    ("user:pass@allowed.test:443", None),
    ("allowed.test@evil.test:443", None),
    ("allowed.test/evil:443", None),
    ("allowed.test?evil:443", None),
    ("allowed.test#evil:443", None),
    ("https://allowed.test:443", None),
    ("allowed.test\\evil:443", None),
    ("allowed%2etest:443", None),
    ("allowed.test%00:443", None),
    ("allowed.test\x00.evil:443", None),
    ("allowed.test\t:443", None),
    ("allowed.test\r\n:443", None),
    ("allowed\u3002test:443", None),
    ("\u0430llowed.test:443", None),
    ("allowed.test\u200b:443", None),
    ("*.allowed.test:443", None),
    ("allowed.test,evil.test:443", None),
    ("127.0.0.1:443", "127.0.0.1:443"),
    ("127.1:443", None),
    ("127.0.1:443", None),
    ("2130706433:443", None),
    ("0x7f000001:443", None),
    ("0x7f.1:443", None),
    ("0177.0.0.1:443", None),
    ("127.0.0.01:443", None),
    ("127.0.0.1.:443", "127.0.0.1:443"),
    ("127.0.0.0x1:443", None),
    ("evil.0x7f:443", None),
    ("evil.1:443", None),
    ("0:443", None),
    ("256.1.1.1:443", None),
    ("[::1]:443", "[::1]:443"),
    ("[0:0:0:0:0:0:0:1]:443", "[::1]:443"),
    ("[::ffff:127.0.0.1]:443", "[::ffff:7f00:1]:443"),
    ("[fe80::1%eth0]:443", None),
    ("::1:443", None),
    ("[::1:443", None),
    ("[127.0.0.1]:443", None),
    ("[allowed.test]:443", None),
    ("[]:443", None),
    (":443", None),
    ("", None),
    ("a" * 64 + ".test:443", None),
    ("a." * 127 + "test:443", None),
    ("xn--nxasmq6b.test:443", "xn--nxasmq6b.test:443"),
    ("under_score.test:443", "under_score.test:443"),
]


CLOSED = """0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.9.9.9 168.63.129.16
169.254.169.254 172.16.0.1 192.0.0.8 192.0.2.1 192.168.1.1 198.18.0.1 224.0.0.1 240.0.0.1
255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::7f00:1 64:ff9b::7f00:1 64:ff9b:1::1
2001::1 2002:7f00:1:: fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 2001:db8::1"""


@pytest.mark.parametrize(("given_text", "wanted"), SPELLINGS)
def test_spellings(given_text: str, wanted: str | None) -> None:
    found = target(given_text)
    assert (str(found) if found else None) == wanted


@given(st.text(max_size=60), st.integers(1, 65535))
def test_what_is_accepted_reads_back_as_itself(text: str, port: int) -> None:
    found = target(f"{text}:{port}")
    if found is not None:
        assert target(str(found)) == found
        assert found.host == found.host.lower()
        assert found.host.isascii()


def test_an_allow_list_is_exact() -> None:
    good, wrong = targets(["pypi.org", "Index.Test:8443", "*.evil.test", "", "a b"])
    assert good == {Target(host="pypi.org", port=443), Target(host="index.test", port=8443)}
    assert wrong == ("*.evil.test", "", "a b")


@pytest.mark.parametrize("text", CLOSED.split())
def test_closed_addresses(text: str) -> None:
    assert is_closed(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "151.101.0.223", "2606:4700::1111", "2a04:4e42::223"])
def test_open_addresses(text: str) -> None:
    assert not is_closed(ipaddress.ip_address(text))


def hello(name: str | None, *, alpn: int = 0) -> bytes:
    """What the machine's own TLS sends first."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols([f"p{i}" for i in range(alpn)])
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(coming, going, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return going.read()


def test_the_name_in_a_real_hello() -> None:
    data = hello("Allowed.Test")
    assert server_name(data) == "allowed.test"
    assert server_name(data + b"more bytes") == "allowed.test"
    assert server_name(hello("allowed.test", alpn=500)) == "allowed.test"
    assert server_name(hello(None)) is None
    assert all(server_name(data[:cut]) == "more" for cut in range(len(data)))


def test_a_hello_in_many_records() -> None:
    body = hello("allowed.test")[5:]
    parts = [body[i : i + 40] for i in range(0, len(body), 40)]
    split = b"".join(b"\x16\x03\x01" + len(p).to_bytes(2, "big") + p for p in parts)
    assert server_name(split) == "allowed.test"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\x02\x01",
        b"SSH-2.0-x",
        b"\x16\x03\x01\x00\x00",
        b"\x15\x03\x01",
    ],
)
def test_what_is_no_hello(data: bytes) -> None:
    assert server_name(data + b"x" * 100) is None


def test_two_names_are_none() -> None:
    data = hello("allowed.test")
    name = b"\x00\x00\x00\x11\x00\x0f\x00\x00\x0callowed.test"
    assert name in data
    longer = data.replace(name, name + name)
    add = len(name)
    head = longer[:3] + (int.from_bytes(longer[3:5], "big") + add).to_bytes(2, "big")
    size = (int.from_bytes(longer[6:9], "big") + add).to_bytes(3, "big")
    rest = bytearray(longer[9:])
    at = 2 + 32
    at += 1 + rest[at]
    at += 2 + int.from_bytes(rest[at : at + 2], "big")
    at += 1 + rest[at]
    rest[at : at + 2] = (int.from_bytes(rest[at : at + 2], "big") + add).to_bytes(2, "big")
    assert server_name(head + longer[5:6] + size + bytes(rest)) is None


@given(st.binary(max_size=600), st.integers(0, 300))
def test_no_bytes_break_it(data: bytes, place: int) -> None:
    real = bytearray(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 501)
    real[place : place + len(data)] = data
    for given_bytes in (data, bytes(real)):
        found = server_name(given_bytes)
        assert found is None or isinstance(found, str)
    assert server_name(b"\x16\x03\x01\x40\x00" + b"\x01\x00\x3f\xfc" + b"x" * MOST) is None
