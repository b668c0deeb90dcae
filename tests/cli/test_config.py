"""`config show | check | schema` as a person meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call, Person

MODEL = '[models.local]\ndialect = "openai"\nmodel = "m"\nbase_url = "http://127.0.0.1:1/v1"\n'


def settings(person: Person, text: str) -> Path:
    file = person.home / ".config" / "harness" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_show_names_where_each_value_was_said(person: Person, call: Call) -> None:
    file = settings(person, "[limits]\nturns = 5\n")
    line = next(x for x in call("config", "show").out.splitlines() if "limits.turns" in x)
    assert line.split() == ["limits.turns", "5", f"{file}:2"]


def test_show_as_json_hides_what_may_be_secret(person: Person, call: Call) -> None:
    settings(person, '[environment]\nenv = { PIP_TOKEN = "hush" }\n')
    person.env["ANTHROPIC_API_KEY"] = "sk-very-secret"
    done = call("config", "show", "--json")
    assert json.loads(done.out)["environment"]["env"] == {"PIP_TOKEN": "..."}
    assert "hush" not in done.out
    assert "sk-very-secret" not in done.out + call("config", "show").out


def test_check_lists_what_was_read(person: Person, call: Call) -> None:
    file = settings(person, MODEL)
    person.env["HARNESS_LIMITS__TURNS"] = "5"
    done = call("config", "check", "--json")
    found = json.loads(done.out)
    assert found["ok"] is True
    assert sorted(found["sources"]) == sorted(["HARNESS_LIMITS__TURNS", str(file)])
    assert call("config", "check").code == 0


def test_check_reads_the_file_that_is_being_edited(person: Person, call: Call) -> None:
    settings(person, MODEL)
    person.register("app", person.cwd)
    deep = person.cwd / "a" / "b"
    deep.mkdir(parents=True)
    (person.cwd / "harness.toml").write_text('\n[policy]\nmerge = "auto"\n')
    done = call("config", "check", cwd=deep)
    assert done.code == 3
    assert f"{person.cwd / 'harness.toml'}:3" in done.err
    assert "policy.merge" in done.err
    assert "app.toml" in done.err


def test_check_without_a_model_says_how_to_get_one(call: Call) -> None:
    done = call("config", "check")
    assert done.code == 3
    assert "OPENAI_API_KEY" in done.err


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"])
def test_a_key_at_hand_is_enough(person: Person, call: Call, name: str) -> None:
    person.env[name] = "k"
    assert call("config", "check").code == 0


def test_schema_has_a_row_a_setting(call: Call) -> None:
    lines = call("config", "schema").out.splitlines()
    assert any(x.startswith("sandbox.kind") and "operator" in x for x in lines)
    assert json.loads(call("config", "schema", "--json").out)["properties"]["sandbox"]


def test_a_flag_that_is_no_value_is_exit_3(person: Person, call: Call) -> None:
    settings(person, MODEL)
    person.register("app", person.cwd)
    done = call("run", "--once", "--sandbox", "jail")
    assert done.code == 3
    assert "bubblewrap" in done.err
    assert call("run", "--once", "--every", "often").code == 3
    assert call("run", "--once", "--model", "nope").code == 3


def test_a_missing_key_is_said_before_anything_starts(person: Person, call: Call) -> None:
    settings(person, '[models.c]\ndialect = "anthropic"\nmodel = "m"\n')
    person.register("app", person.cwd)
    done = call("run", "--once")
    assert done.code == 3
    assert "ANTHROPIC_API_KEY" in done.err
    assert not person.state.exists()


def test_the_folder_decides_which_project_is_meant(person: Person, call: Call) -> None:
    settings(person, MODEL)
    outer, inner = person.cwd / "outer", person.cwd / "outer" / "inner"
    inner.mkdir(parents=True)
    person.register("outer", outer)
    person.register("inner", inner)
    assert '"inner"' in call("config", "show", cwd=inner).out
    assert '"outer"' in call("config", "show", cwd=outer).out
    lost = call("config", "show")
    assert lost.code == 2
    assert "inner, outer" in lost.err
    assert '"inner"' in call("config", "show", "--project", "inner").out
