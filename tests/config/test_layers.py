"""What is wrong in a layer: the place, the key, the fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config.layers import decode, options, parse, read_text, variables
from harness.core.errors import ConfigError
from harness.i18n.catalogue import Catalogue, languages

HERE = Path("/work")
# (text, catalogue key, line, setting named, what the English sentence must say)
WRONG = [
    ("\n[tset]\ncommand = 'x'\n", "unknown_key_near", 2, "tset", "test"),
    ("[test]\n\ncomand = 'x'\n", "unknown_key_near", 3, "test.comand", "test.command"),
    ("max_files = 3\n", "unknown_key_near", 1, "max_files", "policy.max_files"),
    ("[test]\nzzzz = 1\n", "unknown_key", 2, "test.zzzz", "config schema"),
    ("test = 3\n", "want_table", 1, "test", "[test]"),
    ("[models]\nlocal = 'x'\n", "want_table", 2, "models.local", "[models.local]"),
    ("[limits]\nturns = '5'\n", "want_integer", 2, "limits.turns", '"5"'),
    ("[limits]\nturns = 5.5\n", "want_integer", 2, "limits.turns", "5.5"),
    ("[limits]\nturns = true\n", "want_integer", 2, "limits.turns", "true"),
    ("[sandbox]\ncommand_s = 'a'\n", "want_number", 2, "sandbox.command_s", "number"),
    ("[policy]\nreview = 'yes'\n", "want_bool", 2, "policy.review", "true or false"),
    ("[test]\ncommand = 3\n", "want_text", 2, "test.command", "quotes"),
    ("[test]\ncommand = 2026-01-01\n", "no_dates", 2, "test.command", "date"),
    ("[environment]\nsetup = 'x'\n", "want_list", 2, "environment.setup", "list"),
    ("[environment]\nenv = 'x'\n", "want_table_of", 2, "environment.env", "NAME"),
    ("language = 'fr'\n", "want_one_of", 1, "language", "'en', 'ko'"),
    ("[policy]\nmerge = 'yes'\n", "want_one_of", 2, "policy.merge", "'never'"),
    ("[trust]\npermission = 'root'\n", "want_one_of", 2, "trust.permission", "'admin'"),
    ("[limits]\nturns = 0\n", "want_range", 2, "limits.turns", ">= 1"),
    ("[limits]\nsession_wall_s = 0\n", "want_range", 2, "limits.session_wall_s", "> 0"),
    ("[policy]\nreviewers = 9\n", "want_range", 2, "policy.reviewers", "<= 5"),
    ("[test]\nreporter = 'mine'\n", "wrong_value", 2, "test.reporter", '"mine"'),
    ("[limits]\nrun = { tokens = 'x' }\n", "want_integer", 2, "limits.run.tokens", '"x"'),
    ("[test]\ncommand = \n", "bad_toml", 2, "", "Invalid value"),
    ("language = 'en'\nlanguage = 'ko'\n", "bad_toml", 2, "", "overwrite"),
    ("[test\n", "bad_toml", 1, "", ""),
    ("a = '''\nnever ends\n", "bad_toml", 3, "", ""),
    ("\na" + ".a" * 5000 + " = 1\n", "too_deep", 2, "", "four levels"),
    ("[limits]\nturns = " + "9" * 5000 + "\n", "bad_toml", 3, "", "digits"),
]


@pytest.mark.parametrize(("text", "key", "line", "name", "says"), WRONG)
def test_a_mistake_names_line_key_and_fix(
    text: str, key: str, line: int, name: str, says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "harness.toml", HERE)
    error = caught.value
    assert error.exit_code == 3
    assert error.key == f"config.{key}"
    assert error.facts["where"] == f"harness.toml:{line}"
    assert error.facts.get("name", "") == name
    assert says in Catalogue("en")(error.key, **error.facts)
    for language in languages():
        assert f"harness.toml:{line}" in Catalogue(language)(error.key, **error.facts)


def test_values_know_where_they_were_said() -> None:
    layer = parse("[limits]\nturns = 7\nrun = { tokens = 5 }\n", "x.toml", HERE)
    assert layer["limits", "turns"].value == 7
    assert layer["limits", "turns"].where == "x.toml:2"
    assert layer["limits", "run", "tokens"].where == "x.toml:3"


def test_relative_paths_start_at_the_files_folder() -> None:
    layer = parse("[models.s]\ndialect = 'scripted'\nscript = 'a/b.json'\n", "x", HERE)
    assert layer["models", "s", "script"].value == "/work/a/b.json"


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    text = decode(b"\xef\xbb\xbf[limits]\r\nturns = 7\r\n", "x")
    assert parse(text, "x", HERE)["limits", "turns"].where == "x:2"


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"language = 'en'\n# \xff\xfe\n")
    with pytest.raises(ConfigError) as caught:
        read_text(file)
    assert caught.value.key == "config.not_utf8"
    assert caught.value.facts["where"] == f"{file}:2"


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as missing:
        read_text(tmp_path / "no.toml")
    assert missing.value.key == "config.missing_file"
    with pytest.raises(ConfigError) as folder:
        read_text(tmp_path)
    assert folder.value.key == "config.unreadable"


def test_variables_become_settings() -> None:
    env = {
        "HARNESS_LIMITS__TURNS": "9",
        "HARNESS_POLICY__REVIEW": "false",
        "HARNESS_SANDBOX__COMMAND_S": "1.5",
        "HARNESS_ENVIRONMENT__SETUP": "pip install x, make",
        "HARNESS_POLICY__PROTECTED": '["a,b", "c"]',
        "HARNESS_MODELS__LOCAL__DIALECT": "openai",
        "HARNESS_TEST__COMMAND": "1",
        "HARNESS_LANGUAGE": "ko",
        "HARNESS_ENV": "/env",
        "HARNESS_CRASH_SEEDS": "100",
        "PATH": "/bin",
    }
    values = {".".join(k): v.value for k, v in variables(env, HERE).items()}
    assert values == {
        "limits.turns": 9,
        "policy.review": False,
        "sandbox.command_s": 1.5,
        "environment.setup": ["pip install x", "make"],
        "policy.protected": ["a,b", "c"],
        "models.local.dialect": "openai",
        "test.command": "1",
        "language": "ko",
    }


def test_a_set_up_variable_keeps_its_own_name() -> None:
    layer = variables({"HARNESS_ENVIRONMENT__ENV__PIP_INDEX_URL": "http://x"}, HERE)
    assert layer["environment", "env"].value == {"PIP_INDEX_URL": "http://x"}


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("HARNESS_LIMIT__TURNS", "3", "unknown_key_near"),
        ("HARNESS_LIMITS__TURNS", "many", "want_integer"),
        ("HARNESS_POLICY__MERGE", "yes", "want_one_of"),
        ("HARNESS_LANGUAGE", "fr", "want_one_of"),
    ],
)
def test_a_wrong_variable_is_named(name: str, value: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        variables({name: value}, HERE)
    assert caught.value.key == f"config.{key}"
    assert caught.value.facts["where"] == name


def test_a_wrong_flag_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        options({"sandbox.kind": "jail"}, HERE)
    assert caught.value.facts["where"] == "--sandbox.kind"
