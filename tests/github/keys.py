"""An App's private key, made once in a process."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@lru_cache(maxsize=1)
def key() -> rsa.RSAPrivateKey:
    """A real one: the server checks its signatures."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem() -> str:
    """As it stands in a file."""
    return (
        key()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        .decode()
    )
