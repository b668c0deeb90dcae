"""GitHub's side of a GitHub App."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.forge.github.auth import PERMISSIONS, AppAuth
from harness.system.redact import Redactor
from tests.forge.github.http import Asked, Script, Told


def new_key() -> str:
    """A private key as GitHub gives it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


class App:
    """GitHub's side of one App with one installation."""

    def __init__(self, script: Script, pem: str) -> None:
        private = serialization.load_pem_private_key(
            pem.encode(), None, unsafe_skip_rsa_key_validation=True
        )
        assert isinstance(private, rsa.RSAPrivateKey)
        self.public = private.public_key()
        self.clock = script.clock
        self.granted: dict[str, str] = dict(PERMISSIONS)
        self.installed = 44
        self.minted: list[dict[str, Any]] = []
        self.good: set[str] = set()
        self.mint_status = 201
        script.tell(self.answer)

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/app":
            return Told(body={"signed": asked.headers["authorization"].startswith("Bearer ")})
        if not asked.path.startswith(("/app/", "/repos/o/n/installation")):
            token = asked.headers["authorization"].removeprefix("token ")
            good = token in self.good
            body = {"ok": 1, "list": [], "data": {}}
            return Told(body=body) if good else Told(401, {"message": "Bad credentials"})
        signed = asked.headers["authorization"].removeprefix("Bearer ")
        try:
            told = jwt.decode(signed, self.public, algorithms=["RS256"])
        except jwt.PyJWTError:
            return Told(401, {"message": "A JSON web token could not be decoded"})
        assert told["iss"] == "31"
        if asked.path == "/repos/o/n/installation":
            found = bool(self.installed)
            return Told(body={"id": self.installed}) if found else Told(404, {"message": "no"})
        if asked.verb == "GET":
            return Told(body={"id": self.installed, "permissions": self.granted})
        return self._mint(asked.json)

    def _mint(self, wanted: dict[str, Any]) -> Told:
        if self.mint_status != 201:
            return Told(self.mint_status, {"message": "no"})
        if any(self.granted.get(name) != right for name, right in wanted["permissions"].items()):
            return Told(422, {"message": "The permissions requested are not granted"})
        self.minted.append(wanted)
        token = f"ghs_{len(self.minted):036d}"
        self.good = {token}
        ends = (self.clock.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Told(201, {"token": token, "expires_at": ends})


def app_auth(script: Script, pem: str, redactor: Redactor | None = None, **more: Any) -> AppAuth:
    redactor = redactor or Redactor()
    return AppAuth(31, lambda: pem, "o/n", clock=script.clock, redactor=redactor, **more)
