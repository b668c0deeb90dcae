"""The system's keyring: the real library over backends of a test, in its own process; bounded."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from harness.i18n.catalogue import Catalogue
from harness.system.keyring import SystemKeyring
from tests.patience import PATIENCE_S

BACKEND = """
import json, os, sys, time
from pathlib import Path
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

BOOK = Path(__file__).with_name("book.json")


class Kept(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        with open(BOOK.with_name("asked"), "a") as asked:
            asked.write(f"{username} {sorted(os.environ)}\\n")
        return (json.loads(BOOK.read_text()) if BOOK.exists() else {}).get(f"{service}/{username}")

    def set_password(self, service, username, password):
        BOOK.write_text(json.dumps({f"{service}/{username}": password}))


class Silent(Kept):
    def get_password(self, service, username):
        time.sleep(600)

    set_password = get_password


class Locked(Kept):
    def get_password(self, service, username):
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service, username, password):
        raise KeyringLocked("Failed to unlock the collection!")


class Crashing(Kept):
    def get_password(self, service, username):
        os.abort()
"""
KEY = "sk-canary-0123456789\n두 줄"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "backend_of_test.py").write_text(BACKEND)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(tmp_path),
        "PYTHON_KEYRING_BACKEND": "backend_of_test.Kept",
        "ANTHROPIC_API_KEY": "not for the child",
    }


def test_what_is_kept_is_found_by_another_process(env: dict[str, str], tmp_path: Path) -> None:
    keyring = SystemKeyring(env)
    assert keyring("NAME") == ("", None)
    assert keyring.keep("NAME", KEY) == (True, None)
    assert keyring("NAME") == (KEY, None)
    assert SystemKeyring(env)("NAME") == (KEY, None)
    asked = (tmp_path / "asked").read_text()
    assert asked.count("NAME") == 3
    assert "ANTHROPIC_API_KEY" not in asked
    keyring("NAME")  # known for a minute
    assert (tmp_path / "asked").read_text() == asked
    assert KEY not in repr(keyring)


def test_a_keyring_that_waits_for_a_prompt_is_given_up_once(env: dict[str, str]) -> None:
    env["PYTHON_KEYRING_BACKEND"] = "backend_of_test.Silent"
    keyring = SystemKeyring(env, patience_s=2)
    began = time.monotonic()
    value, why = keyring("NAME")
    assert time.monotonic() - began < PATIENCE_S
    assert value == ""
    assert why is not None
    said = Catalogue("en")(why.key, variable="NAME", **why.facts)
    assert "did not answer within 2 seconds" in said
    assert keyring("OTHER") == ("", why)
    assert keyring.keep("OTHER", "x") == (False, why)


@pytest.mark.parametrize(
    ("backend", "says"), [("Locked", "Failed to unlock"), ("Crashing", "exit -6"), ("Nope", "Nope")]
)
def test_a_keyring_that_fails_is_said(env: dict[str, str], backend: str, says: str) -> None:
    env["PYTHON_KEYRING_BACKEND"] = f"backend_of_test.{backend}"
    value, why = SystemKeyring(env)("NAME")
    assert value == ""
    assert why is not None
    assert says in Catalogue("ko")(why.key, variable="NAME", **why.facts)


def test_where_there_is_none_nothing_is_said(env: dict[str, str]) -> None:
    for none in ("fail", "null"):
        env["PYTHON_KEYRING_BACKEND"] = f"keyring.backends.{none}.Keyring"
        keyring = SystemKeyring(env)
        assert keyring("NAME") == ("", None)
        assert keyring.keep("NAME", "x") == (False, None)
