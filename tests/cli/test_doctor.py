"""`doctor` finds what is missing, says how to mend it, and exits with 4 when it is needed."""

from __future__ import annotations

import json
import os

import pytest

from tests.cli.conftest import Call, Git, Person
from tests.loopback_site import Site, serving


def checks(call: Call, *args: str) -> tuple[int, dict[str, dict[str, object]]]:
    done = call(*args, "doctor", "--json")
    found = json.loads(done.out)
    assert found["ok"] == (done.code == 0)
    return done.code, {c["name"]["key"]: c for c in found["checks"]}


def test_a_wrong_setting_is_a_failed_check_with_its_fix(person: Person, call: Call) -> None:
    file = person.home / ".config" / "harness" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("[limits]\nturnz = 1\n")
    code, found = checks(call)
    assert code == 4
    assert found["cli.doctor.settings"]["ok"] is False
    assert "limits.turns" in str(found["cli.doctor.settings"]["fix"])
    assert found["cli.doctor.python"]["ok"] is True
    assert found["cli.doctor.git"]["ok"] is True
    text = call("doctor")
    assert text.code == 4
    assert f"{file}:2" in text.out
    assert "FAIL" in text.out


def test_no_model_is_a_failed_check(person: Person, call: Call) -> None:
    done = call("doctor")
    assert done.code == 4
    assert "ANTHROPIC_API_KEY" in done.out


def test_an_open_state_folder_is_a_warning(person: Person, call: Call) -> None:
    person.state.mkdir(parents=True)
    person.state.chmod(0o755)
    _, found = checks(call)
    state = found["cli.doctor.state"]
    assert (state["ok"], state["needed"]) == (False, False)
    assert "chmod 700" in call("doctor").out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_state_folder_that_cannot_be_written_is_named(person: Person, call: Call) -> None:
    person.state.mkdir(parents=True)
    person.state.chmod(0o500)
    code, found = checks(call)
    assert code == 4
    assert found["cli.doctor.state"]["ok"] is False


def test_a_state_folder_that_is_a_file_is_named(person: Person, call: Call) -> None:
    person.state.parent.mkdir(parents=True)
    person.state.write_text("in the way")
    done = call("doctor")
    assert done.code in (1, 4)
    assert str(person.state) in done.out + done.err
    assert "Traceback" not in done.err


def complete(person: Person, git: Git, call: Call, policy: str = "") -> None:
    git("init", "-q", "-b", "main")
    (person.cwd / "test_a.py").write_text("def test_a():\n    assert True\n")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    assert call("init").code == 0
    script = person.home / "script.json"
    script.write_text('{"conversations": []}')
    config = person.home / ".config" / "harness" / "config.toml"
    config.write_text(f'[models.s]\ndialect = "scripted"\nscript = "{script}"\n{policy}')


def test_a_complete_machine_passes(person: Person, git: Git, call: Call) -> None:
    complete(person, git, call)
    done = call("doctor")
    assert done.code == 0, done.out + done.err
    assert "FAIL" not in done.out
    assert "Everything needed is there" in done.out


def test_rules_for_secrets_that_cannot_be_used_are_named(
    person: Person, git: Git, call: Call
) -> None:
    rules = person.home / "rules.toml"
    complete(person, git, call, f'[policy]\nsecret_rules = ["{rules}"]\n')
    code, found = checks(call)
    assert code == 4
    assert str(rules) in str([one["fix"] for one in found.values()])
    good = "[[rules]]\nid = 'firm'\nregex = '''firm-(?i)[a-z]{9}'''\n"
    rules.write_text(f"{good}[[rules]]\nid = 'ahead'\nregex = '''(?=a)b'''\n")
    code, found = checks(call)
    probe = found["guard.probe_rules"]
    assert (code, probe["ok"], probe["needed"], probe["detail"]) == (0, False, False, "1")
    assert "ahead" in call("doctor").out
    rules.write_text("rules = 3")
    assert checks(call)[0] == 4
    rules.write_text(good)
    assert checks(call)[1]["guard.probe_rules"]["ok"] is True


def test_hooks_and_rules_that_do_not_hold_here_are_listed(
    person: Person, git: Git, call: Call
) -> None:
    """The operator's file and the project's: never a silent line of a log."""
    own = person.home / "settings.json"
    prompt = {"type": "prompt", "prompt": "is it safe?"}
    own.write_text(json.dumps({"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [prompt]}]}}))
    project = person.cwd / ".claude" / "settings.json"
    project.parent.mkdir()
    entry = {"hooks": [{"type": "command", "command": "x"}]}
    project.write_text(json.dumps({"hooks": {"Notification": [entry]}, "permissions": {"deny": 3}}))
    agents = project.parent / "agents"
    agents.mkdir()
    (agents / "torn.md").write_text("---\nname: [\n---\n")
    (agents / "odd.md").write_text("---\nname: odd\nmcpServers: [x]\nmaxTurns: none\n---\nLook.\n")
    complete(person, git, call, f'[guard]\nsettings = ["{own}"]\n')
    code, found = checks(call)
    assert found["pipeline.probe_agents"]["ok"] is False
    probe = found["pipeline.probe_hooks"]
    assert (code, probe["ok"], probe["needed"]) == (0, False, False)
    said = call("doctor").out
    for part in (str(own), "'type': 'prompt'", "hooks.Notification", "permissions.deny: 3"):
        assert part in said
    for part in ("agents/torn.md cannot be used", "agents/odd.md", "mcpServers", "maxTurns: none"):
        assert part in said
    own.unlink()
    project.write_text("{}")
    for file in agents.iterdir():
        file.write_text("---\nname: fine\ntools: Read\n---\nLook.\n")
        file.rename(agents / "fine.md")
    git("commit", "-qam", "clean")
    git("push", "-q", "harness", "main")
    left = checks(call)[1]
    assert not {"pipeline.probe_hooks", "pipeline.probe_agents"} & left.keys()


def test_what_would_be_looked_up_is_told_and_the_provider_is_asked_one_word(
    person: Person, git: Git, call: Call
) -> None:
    with serving(Site(hits=[{"url": "https://docs.example/a", "title": "A"}])) as site:
        search = f'provider = "searxng"\nsearch_url = "{site.at("")}"\nhosts = ["docs.example"]\n'
        complete(person, git, call, f"[references]\nenabled = true\n{search}")
        code, found = checks(call)
        leaves, asked = found["lookup.probe"], found["lookup.probe_provider"]
        assert (code, leaves["ok"], asked["ok"]) == (0, True, True)
        assert "docs.example" in str(leaves["detail"])
        assert asked["detail"] == "https://docs.example/a"
        assert (site.queries, site.asked) == (["documentation"], site.asked[:1])
        site.down = True
        code, found = checks(call)
        asked = found["lookup.probe_provider"]
        assert (code, asked["ok"], asked["needed"]) == (0, False, False)
        assert "searxng" in str(asked["fix"]).lower()


def registered(person: Person, git: Git, call: Call, *names: str) -> None:
    """Projects of these names, each with a test."""
    for name in names:
        folder = person.cwd / name
        folder.mkdir()
        git("init", "-q", "-b", "main", cwd=folder)
        (folder / "test_a.py").write_text("def test_a():\n    assert True\n")
        git("add", ".", cwd=folder)
        git("commit", "-q", "-m", "first", cwd=folder)
        assert call("init", cwd=folder).code == 0


def test_one_project_is_looked_at_alone(person: Person, git: Git, call: Call) -> None:
    registered(person, git, call, "good", "broken")
    script = person.home / "script.json"
    script.write_text('{"conversations": []}')
    (person.home / ".config" / "harness" / "config.toml").write_text(
        f'[models.s]\ndialect = "scripted"\nscript = "{script}"\n'
    )
    file = person.home / ".config" / "harness" / "projects" / "broken.toml"
    file.write_text(file.read_text() + "\n[forge]\nnonsense = 1\n")
    done = call("--project", "good", "doctor")
    assert done.code == 0, done.out
    assert "broken" not in done.out
    for elsewhere in (("doctor", "--project", "good"), ("doctor", "--project", "good", "--json")):
        assert call(*elsewhere).code == 0
    assert call("doctor", "--project", "none").code == 4
    everything = call("doctor", cwd=person.cwd / "good")
    assert (everything.code, "broken" in everything.out) == (4, True)


@pytest.mark.parametrize(
    "models",
    [
        "",
        '[models.a]\ndialect = "openai"\nmodel = "x"\n',
        '[models.a]\ndialect = "anthropic"\nmodel = "x"\nbase_url = "http://127.0.0.1:9"\n',
        '[models.a]\ndialect = "scripted"\nscript = "/nowhere.json"\n',
        '[models.a]\ndialect = "scripted"\nscript = "/a"\n'
        '[models.b]\ndialect = "scripted"\nscript = "/b"\n',
    ],
)
def test_a_model_that_is_missing_fails_no_other_check(
    person: Person, git: Git, call: Call, models: str
) -> None:
    registered(person, git, call, "here")
    (person.home / ".config" / "harness" / "config.toml").write_text(models)
    _, found = checks(call, "--project", "here")
    for key in ("pipeline.probe_forge", "pipeline.probe_tests", "pipeline.probe_sandbox"):
        assert found[key]["ok"] is True, found
    failed = {key for key, one in found.items() if not one["ok"] and one["needed"]}
    assert failed <= {"pipeline.probe_model", "pipeline.probe_model_server", "cli.doctor.settings"}


def test_each_check_is_said_as_it_ends(person: Person, git: Git, call: Call) -> None:
    """Line by line where no terminal is, and what is looked at now on one."""
    complete(person, git, call)
    done = call("doctor")
    lines = done.out.splitlines()
    assert not [line for line in lines if "looking:" in line]
    assert lines[-1] == "Everything needed is there."
    assert not done.err


def test_a_terminal_shows_what_is_looked_at(
    person: Person, git: Git, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete(person, git, call)
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", "200")):
        monkeypatch.setenv(name, value)
    out = call("doctor").out
    assert "looking: set-up and test command of here start inside the sandbox" in out
    assert "Everything needed is there." in out
    quiet = call("doctor", "--json")
    assert json.loads(quiet.out)["ok"] is True


def test_tools_are_listed_and_a_version_that_is_not_here_is_named(
    person: Person, git: Git, call: Call
) -> None:
    (person.cwd / ".python-version").write_text("3.99\n")
    (person.cwd / ".tool-versions").write_text("zig 0.13.0\n")
    complete(person, git, call, '[environment.versions]\ngo = "0.7"\n')
    found = json.loads(call("doctor", "--json").out)["checks"]
    (listed,) = [c for c in found if c["name"]["key"] == "pipeline.probe_tools"]
    assert "python 3." in listed["detail"]
    assert "git 2." in listed["detail"]
    lacking = [c for c in found if c["name"]["key"] == "pipeline.probe_tool"]
    asked = {c["fix"]["facts"]["tool"]: c["fix"]["facts"]["wanted"] for c in lacking}
    assert asked == {"python": "3.99", "zig": "0.13.0", "go": "0.7"}
    assert not any(c["needed"] for c in lacking)
    said = call("doctor").out
    assert "the project asks for python 3.99; 3." in said
    assert "the project asks for zig 0.13.0, and no zig is here" in said


def test_a_folder_of_tools_that_is_not_to_be_shown_fails_with_its_fix(
    person: Person, git: Git, call: Call
) -> None:
    complete(person, git, call, '[sandbox]\ntools = ["~"]\n')
    _, found = checks(call)
    assert "sandbox.tools" in str(call("doctor").out)
    assert found["pipeline.probe_tools"]["ok"] is False


def test_a_service_that_cannot_be_started_is_refused_with_those_that_can(
    person: Person, git: Git, call: Call
) -> None:
    complete(person, git, call, '[environment]\nservices = ["mongodb"]\n')
    said = call("config", "check")
    assert said.code == 3
    assert "environment.services" in said.err
    assert "'postgresql'" in said.err
    assert "mongodb" in said.err


def test_a_suite_that_needs_a_service_finds_it_inside(person: Person, git: Git, call: Call) -> None:
    (person.cwd / "test_service.py").write_text(
        "import socket\n\ndef test_it_answers():\n"
        "    asked = socket.create_connection(('localhost', 6379))\n"
        "    asked.send(b'PING\\r\\n')\n"
        "    assert asked.recv(9) == b'+PONG\\r\\n'\n"
    )
    complete(person, git, call)
    _, found = checks(call)
    assert found["pipeline.probe_tests"]["ok"] is False
    config = person.home / ".config" / "harness" / "config.toml"
    config.write_text(config.read_text() + '[environment]\nservices = ["redis"]\n')
    _, found = checks(call)
    assert found["pipeline.probe_tests"]["ok"] is True
