"""Every setting has a sentence, a class and a place in the description."""

from __future__ import annotations

import tomllib

from harness.config.schema import flatten, json_schema, rows
from tests.config.conftest import Home

ROWS = {row.key: row for row in rows()}


def test_every_setting_has_a_sentence() -> None:
    assert len(ROWS) > 60
    for row in ROWS.values():
        assert row.help.endswith("."), row.key
        assert len(row.help) > 10, row.key


def test_classes_are_what_the_design_says() -> None:
    operator = ("models.<name>.base_url", "sandbox.kind", "environment.network", "policy.merge")
    for key in (
        *operator,
        "trust.people",
        "limits.session.tool_calls",
        "models.<name>.api_key_env",
    ):
        assert ROWS[key].sort == "operator", key
    for key in ("policy.protected", "egress.allow", "sandbox.memory_mb"):
        assert ROWS[key].sort == "narrowing", key
    for key in ("test.command", "environment.setup", "test.directories.<name>.command"):
        assert ROWS[key].sort == "project", key


def test_types_and_defaults_read_well() -> None:
    assert ROWS["policy.merge"].type == "auto | ask | never"
    assert ROWS["environment.setup"].type == "list of text"
    assert ROWS["environment.env"].type == "table of text"
    assert ROWS["models.<name>.script"].type == "path"
    assert ROWS["limits.turns"].default == "120"
    assert ROWS["limits.run.tokens"].default == "8000000"
    assert ROWS["limits.session.tool_calls"].default == "1000"
    assert tomllib.loads(f"v = {ROWS['policy.protected'].default}")["v"]


def test_no_key_of_a_model_is_a_setting() -> None:
    assert not any(key.endswith(("api_key", ".token", "password")) for key in ROWS)


def test_the_json_schema_carries_the_sentences() -> None:
    text = str(json_schema())
    assert ROWS["sandbox.kind"].help[:40] in text


def test_shown_settings_name_their_source_and_hide_set_up_values(home: Home) -> None:
    file = home.user('[limits]\nturns = 5\n[environment]\nenv = { TOKEN = "hush" }\n')
    shown = {key: (value, where) for key, value, where in flatten(home.sources().load_merged())}
    assert shown["limits.turns"] == ("5", f"{file}:2")
    assert shown["limits.agents"] == ("25", "")
    assert "TOKEN" in shown["environment.env"][0]
    assert "hush" not in str(shown)
