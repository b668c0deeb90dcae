"""Layers: who goes before whom, who may only narrow, and what no single field can know."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config.load import Sources
from harness.config.sections import LimitSettings
from harness.core.errors import ConfigError
from harness.i18n.catalogue import Catalogue
from tests.config.conftest import Home


def test_defaults_are_whole_and_valid(home: Home) -> None:
    settings = home.sources().settings()
    assert settings.language == "en"
    assert settings.state_dir == home.place.state_dir
    assert settings.paths.snapshot == settings.state_dir / "snapshot.json"
    assert settings.limits.agents == 25
    assert settings.merge == "auto"
    assert settings.policy.proof == "observe"


def test_each_layer_goes_before_the_one_below(home: Home) -> None:
    theirs = '[test]\ncommand = "project"\n'

    def error_of(sources: Sources) -> str:
        return sources.settings("app", theirs).test.command

    home.project("app")
    assert error_of(home.sources()) == "project"
    home.user('[test]\ncommand = "user"\n')
    assert error_of(home.sources()) == "user"
    home.project("app", '[test]\ncommand = "operator"\n')
    assert error_of(home.sources()) == "operator"
    home.env["HARNESS_TEST__COMMAND"] = "variable"
    assert error_of(home.sources()) == "variable"
    assert error_of(home.sources(test__command="flag")) == "flag"


def test_one_cap_of_a_scope_does_not_lift_its_others(home: Home) -> None:
    home.user("[limits.run]\ntokens = 5\n[limits.day]\ncost_usd = 0\n")
    usual, limits = LimitSettings(), home.sources().settings().limits
    assert limits.run == usual.run.model_copy(update={"tokens": 5})
    assert limits.day == usual.day.model_copy(update={"cost_usd": 0.0})
    assert limits.session == usual.session
    assert min(limits.run.cost_usd, limits.run.tool_calls, limits.day.tokens) > 0


def test_one_projects_file_does_not_reach_another(home: Home) -> None:
    home.project("a", '[test]\ncommand = "a"\n')
    home.project("b")
    assert home.sources().settings("b").test.command == ""
    assert home.sources().settings("a").project.name == "a"
    assert home.sources().projects() == ("a", "b")


@pytest.mark.parametrize(
    "text",
    [
        '[models.x]\ndialect = "openai"\n',
        '[sandbox]\nkind = "none"\n',
        '[environment]\nnetwork = "none"\n',
        '[egress]\nprivate = ["a.test"]\n',
        '[policy]\nmerge = "auto"\n',
        '[trust]\npermission = "read"\n',
        "[trust]\npeople = [7]\n",
        "[limits]\nturns = 5\n",
        "[limits.session]\ntool_calls = 5\n",
        "[limits.project_day]\ntokens = 5\n",
        '[forge]\nkind = "github"\n',
        'state_dir = "/x"\n',
    ],
)
def test_an_operators_setting_in_a_projects_file_is_refused(home: Home, text: str) -> None:
    home.project("app")
    with pytest.raises(ConfigError) as caught:
        home.sources().settings("app", text)
    error = caught.value
    assert error.key == "config.operator_key"
    assert error.exit_code == 3
    said = Catalogue("en")(error.key, **error.facts)
    assert str(home.place.project_file("app")) in said
    assert "harness.toml:" in said


NARROWED = [
    ("policy.max_files", "10", "[policy]\nmax_files = 3\n", 3),
    ("policy.max_files", "10", "[policy]\nmax_files = 30\n", 10),
    ("policy.reviewers", "2", "[policy]\nreviewers = 1\n", 2),
    ("policy.reviewers", "2", "[policy]\nreviewers = 3\n", 3),
    ("policy.review", "true", "[policy]\nreview = false\n", True),
    ("policy.review", "false", "[policy]\nreview = true\n", True),
    ("policy.plan_approval", '"always"', '[policy]\nplan_approval = "never"\n', "always"),
    ("policy.plan_approval", '"never"', '[policy]\nplan_approval = "risky"\n', "risky"),
    ("policy.lessons", '"record"', '[policy]\nlessons = "propose"\n', "record"),
    ("policy.lessons", '"propose"', '[policy]\nlessons = "record"\n', "record"),
    ("policy.lessons", '"propose"', '[policy]\nlessons = "off"\n', "off"),
    ("policy.lessons_week", "2", "[policy]\nlessons_week = 9\n", 2),
    ("policy.protected", '["a", "b"]', '[policy]\nprotected = ["c", "a"]\n', ("a", "b", "c")),
    ("trust.labels", '["a", "b"]', '[trust]\nlabels = ["b", "c"]\n', ("b",)),
    ("trust.labels", "[]", '[trust]\nlabels = ["b"]\n', ("b",)),
    (
        "egress.allow",
        '["a.test", "b.test"]',
        '[egress]\nallow = ["b.test", "c.test"]\n',
        ("b.test",),
    ),
    ("egress.allow", "[]", '[egress]\nallow = ["a.test"]\n', ()),
    ("egress.allow", '["a.test"]', "[egress]\nallow = []\n", ()),
    ("environment.allow", "[]", '[environment]\nallow = ["a.test"]\n', ()),
    ("trust.skip_labels", '["a"]', '[trust]\nskip_labels = ["b"]\n', ("a", "b")),
    ("sandbox.memory_mb", "1000", "[sandbox]\nmemory_mb = 500\n", 500),
    ("sandbox.memory_mb", "1000", "[sandbox]\nmemory_mb = 5000\n", 1000),
    ("sandbox.command_s", "60.0", "[sandbox]\ncommand_s = 90\n", 60.0),
]


@pytest.mark.parametrize(("key", "operator", "project", "result"), NARROWED)
def test_a_project_may_only_narrow(
    home: Home, key: str, operator: str, project: str, result: object
) -> None:
    table, name = key.split(".")
    home.project("app", f"[{table}]\n{name} = {operator}\n")
    settings = home.sources().settings("app", project)
    assert getattr(getattr(settings, table), name) == result


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ('[environment]\nnetwork = "host"\n', "network_host", "environment.allow"),
        ('[environment]\nnetwork = "some"\n', "want_one_of", "environment.network"),
        ('[environment]\nallow = ["a.test", "*.b.test"]\n', "bad_host", "*.b.test"),
        ('[egress]\nallow = ["https://a.test/"]\n', "bad_host", "egress.allow"),
        ('[egress]\nprivate = ["10.0.0.0/8"]\n', "bad_host", "egress.private"),
        ('[egress]\nallow = "a.test"\n', "want_list", "egress.allow"),
        ('[egress]\nalow = ["a.test"]\n', "unknown_key_near", "egress.allow"),
        ('[references]\nhosts = ["a.test", "*.b.test"]\n', "bad_host", "*.b.test"),
        ('[references]\nhosts = ["https://a.test/"]\n', "bad_host", "references.hosts"),
        ('[references]\nhosts = [".10.0.0.1"]\n', "bad_host", ".10.0.0.1"),
        ('[references]\nprivate = ["10.0.0.0/8"]\n', "bad_host", "references.private"),
        ('[references]\naddresses = ["a.test/x"]\n', "bad_address", "references.addresses"),
        ('[references]\naddresses = ["https://u@a.test/"]\n', "bad_address", "@a.test"),
        ('[references]\nsearch_url = "a"\n', "bad_address", "references.search_url"),
        ('[references]\nprovider = "searxng"\n', "missing_key", "references.search_url"),
        ('[references]\nprovider = "mine"\n', "want_one_of", "references.provider"),
    ],
)
def test_a_host_that_is_none_opens_nothing(home: Home, text: str, key: str, said: str) -> None:
    file = home.user(text)
    with pytest.raises(ConfigError) as caught:
        home.sources().settings()
    assert caught.value.key == f"config.{key}"
    for language in ("en", "ko"):
        sentence = Catalogue(language)(caught.value.key, **caught.value.facts)
        assert said in sentence
        assert f"{file}:2" in sentence


def test_labels_with_nothing_in_common_let_nothing_in(home: Home) -> None:
    home.project("app", '[trust]\nlabels = ["a"]\n')
    with pytest.raises(ConfigError) as caught:
        home.sources().settings("app", '[trust]\nlabels = ["b"]\n')
    assert caught.value.key == "config.no_common"


def test_narrowing_holds_against_the_defaults_too(home: Home) -> None:
    home.project("app")
    text = '[policy]\nprotected = ["secret/**"]\nmax_files = 5000\n'
    policy = home.sources().settings("app", text).policy
    assert ".github/**" in policy.protected
    assert "secret/**" in policy.protected
    assert policy.max_files == 100


def test_a_missing_project_is_named(home: Home) -> None:
    with pytest.raises(ConfigError) as caught:
        home.sources().settings("gone")
    assert caught.value.key == "config.missing_file"
    assert "gone.toml" in str(caught.value.facts["file"])


LOCAL = '[models.local]\ndialect = "openai"\nmodel = "m"\nbase_url = "http://127.0.0.1:1/v1"\n'
INCOMPLETE = [
    ('[models.x]\nmodel = "m"\n', "missing_key", ":2", "models.x.dialect"),
    ('[models.x]\ndialect = "openai"\n', "missing_key", ":2", "models.x.model"),
    ('[models.x]\ndialect = "scripted"\n', "missing_key", ":2", "models.x.script"),
    (LOCAL + '[roles]\nreviewer = "gpt"\n', "role_unknown", ":6", "roles.reviewer"),
    ('[schedule]\nevery = "often"\n', "bad_every", ":2", "often"),
    ('[schedule]\ncron = "* * *"\n', "bad_cron", ":2", "* * *"),
    ('[test.directories."a/b"]\nreporter = "jest"\n', "missing_key", ":2", "command"),
]


@pytest.mark.parametrize(("text", "key", "line", "says"), INCOMPLETE)
def test_what_belongs_together_is_checked(
    home: Home, text: str, key: str, line: str, says: str
) -> None:
    file = home.user(text)
    with pytest.raises(ConfigError) as caught:
        home.sources().settings()
    assert caught.value.key == f"config.{key}"
    assert caught.value.facts["where"] == f"{file}{line}"
    assert says in Catalogue("en")(caught.value.key, **caught.value.facts)


def test_the_keys_at_hand_choose_the_model(home: Home) -> None:
    home.env["OPENAI_API_KEY"] = "k2"
    assert home.sources().settings().model_for("worker") == "gpt"
    home.env["ANTHROPIC_API_KEY"] = "k1"
    settings = home.sources().settings()
    assert settings.model(settings.model_for("reviewer")).model == "claude-sonnet-4-5"
    assert home.sources().secret(settings, "claude") == "k1"


def test_no_model_says_all_three_ways(home: Home) -> None:
    with pytest.raises(ConfigError) as caught:
        home.sources().settings().model_for("worker")
    said = Catalogue("en")(caught.value.key, **caught.value.facts)
    for way in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "base_url"):
        assert way in said


def test_roles_fall_back_to_the_workers_model(home: Home) -> None:
    home.user(LOCAL + LOCAL.replace("local", "small") + '[roles]\nworker = "small"\n')
    settings = home.sources().settings()
    assert settings.model_for("reviewer") == "small"


def test_several_models_and_no_worker_is_a_question(home: Home) -> None:
    home.user(LOCAL + LOCAL.replace("local", "small"))
    with pytest.raises(ConfigError) as caught:
        home.sources().settings().model_for("worker")
    assert caught.value.key == "config.which_model"


def test_a_key_is_read_from_its_variable_or_its_private_file(home: Home, tmp_path: Path) -> None:
    home.user(LOCAL)
    sources = home.sources()
    assert sources.secret(sources.settings(), "local") == ""
    home.user(LOCAL + 'api_key_env = "MINE"\n')
    with pytest.raises(ConfigError) as missing:
        sources.secret(home.sources().settings(), "local")
    assert missing.value.facts["variable"] == "MINE"
    home.env["MINE"] = " value "
    sources = home.sources()
    assert sources.secret(sources.settings(), "local") == "value"
    file = tmp_path / "key"
    file.write_text("from-file\n")
    home.user(LOCAL + f'api_key_file = "{file}"\n')
    settings = home.sources().settings()
    file.chmod(0o644)
    with pytest.raises(ConfigError) as seen:
        sources.secret(settings, "local")
    assert seen.value.key == "config.key_file_open"
    file.chmod(0o600)
    assert sources.secret(settings, "local") == "from-file"
    file.write_text("")
    with pytest.raises(ConfigError) as empty:
        sources.secret(settings, "local")
    assert empty.value.key == "config.key_file_empty"


def test_a_vendor_without_its_key_is_an_error(home: Home) -> None:
    home.user('[models.c]\ndialect = "anthropic"\nmodel = "m"\n')
    with pytest.raises(ConfigError) as caught:
        home.sources().secret(home.sources().settings(), "c")
    assert caught.value.facts["variable"] == "ANTHROPIC_API_KEY"


def test_merge_is_never_on_github_unless_said(home: Home) -> None:
    home.user('[forge]\nkind = "github"\n')
    assert home.sources().settings().merge == "never"
    home.user('[forge]\nkind = "github"\n[policy]\nmerge = "ask"\n')
    assert home.sources().settings().merge == "ask"


def test_the_forges_token_and_key_come_from_private_files_first(home: Home) -> None:
    token, key = home.root / "token", home.root / "key.pem"
    home.user(f'[forge]\ntoken_file = "{token}"\napp_key_file = "{key}"\n')
    home.env["GITHUB_TOKEN"], home.env["APP_KEY"] = "from-env", "pem"
    sources = home.sources()
    settings = sources.settings()
    token.write_text("from-file\n")
    with pytest.raises(ConfigError) as seen:
        sources.forge_token(settings)
    assert seen.value.key == "config.key_file_open"
    token.chmod(0o600)
    assert sources.forge_token(settings) == "from-file"
    token.write_text("rotated")
    assert sources.forge_token(settings) == "rotated"
    with pytest.raises(ConfigError):
        sources.forge_key(settings)
    home.user('[forge]\napp_key_env = "APP_KEY"\n')
    sources = home.sources()
    settings = sources.settings()
    assert (sources.forge_token(settings), sources.forge_key(settings)) == ("from-env", "pem")
