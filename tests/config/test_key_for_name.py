"""A key in the place of a key's name is known, and never printed."""

from __future__ import annotations

import pytest

from harness.config.secret_shapes import is_key, without_keys
from harness.core.errors import ConfigError
from harness.i18n.catalogue import Catalogue
from tests.config.conftest import Home

KEYS = [
    "sk-ant-REDACTED",
    "sk-proj-0123456789abcdef0123456789",
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "github_pat_11ABCDEFG0123456789_abcdefghij",
    "glpat-0123456789abcdefghij",
    "AIzaSyA0123456789abcdefghijklmnopqrstu",
    "npm_0123456789abcdefghijABCDEFGHIJ012345",
    "d41d8CD98f00b204e9800998ecf8427eAB",
    "-----BEGIN RSA PRIVATE KEY-----",
    "two words",
]
NAMES = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GITHUB_TOKEN", "my_key", "Key1", "KEY_OF_STAGE_2",
         "HARNESS_WEBHOOK_SECRET", "A_VERY_LONG_NAME_OF_A_VARIABLE_THAT_HOLDS_A_KEY_2"]  # fmt: skip
PLACES = {
    "models.m.api_key_env": '[models.m]\ndialect = "openai"\nmodel = "x"\napi_key_env = "{}"\n',
    "forge.token_env": '[forge]\ntoken_env = "{}"\n',
    "forge.app_key_env": '[forge]\napp_key_env = "{}"\n',
    "webhook.secret_env": '[webhook]\nsecret_env = "{}"\n',
}


@pytest.mark.parametrize("text", KEYS)
def test_a_key_is_no_name(text: str) -> None:
    assert is_key(text)


@pytest.mark.parametrize("text", NAMES)
def test_a_name_is_no_key(text: str) -> None:
    assert not is_key(text)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", KEYS)
def test_the_place_is_said_and_the_key_is_not(home: Home, place: str, text: str) -> None:
    file = home.user(PLACES[place].format(text))
    with pytest.raises(ConfigError) as caught:
        home.sources().settings()
    assert caught.value.key == "config.key_for_name"
    for language in ("en", "ko"):
        said = Catalogue(language)(caught.value.key, **caught.value.facts)
        assert place in said
        assert f"{file}:" in said
        assert "harness config key" in said
        assert text not in said


@pytest.mark.parametrize(
    ("text", "key", "hidden"),
    [
        ('[environment.env]\n"https://index.example/simple" = ""\n', "bad_variable", ""),
        ('[environment.env]\n"https://a:hunter2@index.test" = ""\n', "bad_variable", "hunter2"),
        ('[environment.env]\n"A B" = "1"\n', "bad_variable", ""),
        ('[environment.env]\n"" = "1"\n', "bad_variable", ""),
        ('[environment]\nenv = "https://ann:hunter2@index.example"\n', "want_table_of", "hunter2"),
        ('[environment]\nallow = "pypi.org"\n', "want_list", ""),
        ('[environment]\nallow = ["https://ann:hunter2@index.example"]\n', "bad_host", "hunter2"),
        ('[environment]\nfiles = "~/.npmrc"\n', "want_list", ""),
        ('[environment]\nprivate = true\n', "want_list", ""),
        (f'[models.m]\ndialect = "openai"\nmodel = ["{KEYS[2]}"]\n', "want_text", KEYS[2]),
    ],
)  # fmt: skip
def test_what_stands_in_the_wrong_place_is_told_without_its_login(
    home: Home, text: str, key: str, hidden: str
) -> None:
    home.user(text)
    with pytest.raises(ConfigError) as caught:
        home.sources().settings()
    assert caught.value.key == f"config.{key}"
    said = Catalogue("en")(caught.value.key, **caught.value.facts)
    assert not hidden or hidden not in said


def test_ordinary_variables_are_taken(home: Home) -> None:
    home.user(
        '[environment.env]\nnpm_config_registry = "https://r"\n"npm_config_@a:registry" = "x"\n'
    )
    assert len(home.sources().settings().environment.env) == 2


def test_an_ordinary_text_stays_as_it_is() -> None:
    for text in ("a.test", "//host/path", "mail@host", "", "skip-this-one", "https://host/a@1.0"):
        assert without_keys(text) == text
