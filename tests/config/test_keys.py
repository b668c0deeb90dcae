"""Where a secret comes from: the order, who may read it, what is said; and what is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config.keys import KeySources
from harness.config.secret_sources import names, parts, values, without
from harness.core.base import LocalizedText
from harness.core.errors import ConfigError
from harness.i18n.catalogue import Catalogue
from tests.config.conftest import Home

NAME = "ANTHROPIC_API_KEY"
SILENT = LocalizedText(key="config.keyring_silent", facts={"seconds": 5})


class Keyring:
    """A keyring of a dictionary. `trouble`: it does not answer."""

    def __init__(self, **kept: str) -> None:
        self.kept = kept
        self.trouble: LocalizedText | None = None
        self.asked: list[str] = []

    def __call__(self, name: str) -> tuple[str, LocalizedText | None]:
        self.asked.append(name)
        return ("", self.trouble) if self.trouble else (self.kept.get(name, ""), None)


def secret(file: Path, text: str, mode: int = 0o600) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n")
    file.chmod(mode)
    return file


def test_one_order_for_every_secret(home: Home) -> None:
    keyring = Keyring(**{NAME: "from-keyring"})
    file = secret(home.root / "key", "from-file")
    credentials = home.root / "credentials"
    credential = secret(credentials / "anthropic_api_key", "from-credential", 0o440)
    kept = secret(home.place.keys_dir / "anthropic_api_key", "from-kept")
    home.env |= {NAME: " from-env ", "CREDENTIALS_DIRECTORY": str(credentials)}

    def find_key(file: Path | None = None) -> tuple[str, str]:
        one = KeySources(home.place, keyring).find(NAME, file)
        assert one is not None
        assert one.value not in repr(one)
        return one.value, one.origin.key

    assert find_key(file) == ("from-file", "config.from_file")
    assert find_key() == ("from-credential", "config.from_credential")
    credential.unlink()
    assert find_key() == ("from-env", "config.from_env")
    del home.env[NAME]
    assert find_key() == ("from-kept", "config.from_kept")
    assert keyring.asked == []
    kept.unlink()
    assert find_key() == ("from-keyring", "config.from_keyring")
    keyring.kept.clear()
    assert KeySources(home.place, keyring).find(NAME) is None
    assert KeySources(home.place).find(NAME) is None


def test_all_our_secrets_go_by_it(home: Home) -> None:
    home.user(
        '[models.c]\ndialect = "anthropic"\nmodel = "m"\n[models.o]\ndialect = "openai"\nmodel = '
        '"m"\napi_key_env = "MINE"\n[forge]\nkind = "github"\napp_key_env = "APP"\n'
    )
    kept = {"OPENAI_API_KEY": "not-asked", "MINE": "o", NAME: "c"}
    kept |= {"GITHUB_TOKEN": "t", "APP": "a", "HARNESS_WEBHOOK_SECRET": "w"}
    keyring = Keyring(**kept)
    sources = home.sources()
    sources = type(sources)(sources.place, sources.flags, keyring)
    settings = sources.settings()
    assert sources.secret(settings, "c") == "c"
    assert sources.secret(settings, "o") == "o"
    assert sources.forge_token(settings) == "t"
    assert sources.forge_key(settings) == "a"
    assert sources.webhook_secret(settings) == "w"
    assert "OPENAI_API_KEY" not in keyring.asked


def test_a_key_that_is_only_kept_chooses_the_model(home: Home) -> None:
    secret(home.place.keys_dir / "openai_api_key", "sk-kept")
    sources = home.sources()
    settings = sources.settings()
    assert settings.model_for("worker") == "gpt"
    assert sources.secret(settings, "gpt") == "sk-kept"


def test_a_kept_file_that_others_may_read_or_that_is_empty_is_refused(home: Home) -> None:
    file = secret(home.place.keys_dir / "anthropic_api_key", "k", 0o640)
    with pytest.raises(ConfigError) as seen:
        KeySources(home.place).find(NAME)
    assert seen.value.key == "config.key_file_open"
    secret(file, "", 0o600)
    with pytest.raises(ConfigError) as seen:
        KeySources(home.place).find(NAME)
    assert seen.value.key == "config.key_file_empty"
    file.write_bytes(b"sk-\xff\xfe-not-utf8")
    with pytest.raises(ConfigError) as seen:
        KeySources(home.place).find(NAME)
    assert seen.value.key == "config.unreadable"
    assert seen.value.__cause__ is None


def test_a_credentials_folder_that_is_no_absolute_path_is_passed_over(home: Home) -> None:
    secret(home.cwd / "here" / "anthropic_api_key", "planted")
    for folder in ("here", "", "./here"):
        home.env["CREDENTIALS_DIRECTORY"] = folder
        assert KeySources(home.place).find(NAME) is None


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_silent_keyring_is_the_sentence_when_nothing_else_was_there(
    home: Home, language: str
) -> None:
    home.user('[models.c]\ndialect = "anthropic"\nmodel = "m"\n')
    keyring = Keyring()
    keyring.trouble = SILENT
    sources = type(home.sources())(home.place, {}, keyring)
    with pytest.raises(ConfigError) as seen:
        sources.secret(sources.settings(), "c")
    said = Catalogue(language)(seen.value.key, **seen.value.facts)
    assert "5" in said
    assert f"harness config key {NAME} --file" in said
    home.env[NAME] = "there"
    sources = type(home.sources())(home.place, {}, keyring)
    assert sources.secret(sources.settings(), "c") == "there"


def test_what_is_at_hand_is_found_without_settings(home: Home) -> None:
    pem = "-----BEGIN X-----\nMIIBOgIBAAJBAKj34GkxFhD9\nshort\n-----END X-----"
    secret(home.root / "app.pem", pem)
    secret(home.place.keys_dir / "openai_api_key", "openai-kept")
    secret(home.root / "cred" / "github_token", "github-credential")
    home.user(f'nonsense = 1\n[forge]\napp_key_file = "{home.root}/app.pem"\n')
    home.project("p", '[models.x]\napi_key_env = "MINE"\n[webhook]\nsecret_env = "HOOK"\n')
    home.env |= {"MINE": "mine-value", "HOOK": "hook-value", NAME: "anthropic-value"}
    home.env |= {"CREDENTIALS_DIRECTORY": str(home.root / "cred"), "OTHER": "other-value"}
    home.env["HARNESS_FORGE__TOKEN_ENV"] = "SAID"
    home.env["SAID"] = "said-value"
    assert {NAME, "MINE", "HOOK", "SAID", "GITHUB_TOKEN"} <= names(home.place)
    assert set(values(home.place)) == {
        "anthropic-value",
        "mine-value",
        "hook-value",
        "said-value",
        "openai-kept",
        "github-credential",
        pem,
        "MIIBOgIBAAJBAKj34GkxFhD9",
    }


def test_the_persons_own_programs_get_their_environment_without_ours(home: Home) -> None:
    home.env |= {NAME: "sk-ant-1234", "PATH": "/bin", "COPY": "token=sk-ant-1234;", "EDITOR": "vi"}
    home.env |= {"CREDENTIALS_DIRECTORY": "/run/credentials/x", "GITHUB_TOKEN": ""}
    home.env["APP"] = "x-ghs_minted-x"
    assert without(home.place, ["ghs_minted"]) == {
        "HOME": home.env["HOME"],
        "PATH": "/bin",
        "EDITOR": "vi",
    }


def test_a_long_key_counts_line_by_line() -> None:
    assert list(parts("short")) == []
    assert list(parts("one-line-secret")) == ["one-line-secret"]
    assert list(parts("-----A-----\n0123456789abcdef\nxy")) == [
        "-----A-----\n0123456789abcdef\nxy",
        "0123456789abcdef",
    ]
