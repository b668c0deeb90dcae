"""`doctor` asks each model's server once, and never says that all is there when it is not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.cli.conftest import Call, Git, Person
from tests.cli.test_doctor import checks, complete
from tests.llm.strange import document, serving
from tests.llm.test_look import LISTS, READY, SAID, server_of
from tests.parts import free_port

FINE = "Everything needed is there."


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """One registered project for all of them: what differs is the server."""
    return Person(tmp_path_factory.mktemp("person"))


@pytest.fixture
def person_with(person: Person, git: Git, call: Call, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes [models.m] for an address of a dialect."""

    def write(dialect: str, address: str, more: str = "") -> None:
        if not (person.cwd / "test_a.py").exists():
            complete(person, git, call)
        monkeypatch.setenv("OPENAI_API_KEY", "k" * 20)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "k" * 20)
        base = address + ("/v1" if dialect == "openai" else "")
        config = person.home / ".config" / "harness" / "config.toml"
        config.write_text(
            f'[models.m]\ndialect = "{dialect}"\nmodel = "x"\nbase_url = "{base}"\n'
            f"price_in = 0\nprice_out = 0\ncontext_tokens = 4000\n{more}"
        )

    return write


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_server_that_is_down_is_never_everything_that_is_needed(
    person_with: Any, call: Call, dialect: str
) -> None:
    person_with(dialect, f"http://127.0.0.1:{free_port()}")
    done = call("doctor")
    assert done.code == 4
    assert FINE not in done.out
    assert "m cannot be reached" in done.out


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("status", "told", "said"),
    [
        (404, {"error": {"message": "model 'x' not found"}}, "model 'x' not found"),
        (401, {"error": {"message": "bad key"}}, "refuses the key"),
        (400, {"error": "x does not support tools"}, "takes no tools"),
        (200, {"error": "no such model: x"}, "no such model: x"),
        (402, {"error": "Insufficient balance"}, "no money left"),
        (500, {"error": "CUDA error"}, "CUDA error"),
    ],
)
def test_what_a_server_refuses_is_said(
    person_with: Any, call: Call, dialect: str, status: int, told: Any, said: str
) -> None:
    with serving(document(told, status)) as server:
        person_with(dialect, server.address)
        done = call("doctor")
    assert done.code == 4
    assert FINE not in done.out
    assert said in done.out


@pytest.mark.parametrize("vendor", ["vllm", "silent"])
def test_the_size_is_said_where_a_server_tells_it(
    person_with: Any, call: Call, vendor: str
) -> None:
    listing, size = LISTS[vendor]
    with serving(server_of("openai", READY["openai"], listing)) as server:
        person_with("openai", server.address)
        done = call("doctor")
        assert sum(bool(body) for _, body in server.asked) == 1
    assert done.code == 0, done.out
    assert FINE in done.out
    assert (f"room for {size} tokens" if size else "does not say how much") in done.out.replace(
        ",", ""
    )


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_model_that_calls_no_tool_or_holds_too_little_is_a_warning(
    person_with: Any, call: Call, dialect: str
) -> None:
    with serving(server_of(dialect, SAID[dialect])) as server:
        person_with(dialect, server.address)
        done = call("doctor")
        assert (done.code, "did not call the tool" in done.out) == (0, True)
    small = {"data": [{"id": "x", "max_model_len": 2048}]}
    with serving(server_of(dialect, READY[dialect], small)) as server:
        person_with(dialect, server.address)
        done = call("doctor")
        assert (done.code, "Set context_tokens in [models.m]" in done.out) == (0, True)


def test_a_model_that_no_role_uses_is_a_warning_and_a_busy_server_is_there(
    person_with: Any, call: Call
) -> None:
    gone = f'[models.o]\ndialect = "openai"\nmodel = "x"\nbase_url = "http://127.0.0.1:{free_port()}"\n'
    roles = '[roles]\nworker = "m"\n'
    with serving(server_of("openai", READY["openai"])) as server:
        person_with("openai", server.address, gone + roles)
        code, found = checks(call)
    assert code == 0
    assert found["pipeline.probe_model_server"]["needed"] is False
    with serving(document({"error": "slow down"}, 429)) as server:
        person_with("openai", server.address)
        code, found = checks(call)
    probe = found["pipeline.probe_model_server"]
    assert (code, probe["ok"], probe["needed"]) == (0, False, False)


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_what_asking_took_is_said(person_with: Any, call: Call, dialect: str) -> None:
    """It is no run's, so no run's books have it."""
    with serving(server_of(dialect, READY[dialect])) as server:
        person_with(dialect, server.address)
        out = call("doctor").out
    assert re.search(r"asking took [\d,]+ tokens?, \$0\.\d{4}", out), out


def test_one_project_asks_the_models_that_it_uses(person_with: Any, call: Call) -> None:
    with serving(server_of("openai", READY["openai"])) as server:
        other = f'[models.o]\ndialect = "openai"\nmodel = "x"\nbase_url = "{server.address}/v1"\n'
        person_with("openai", server.address, other + '[roles]\nworker = "m"\n')
        call("doctor")
        assert sum(bool(body) for _, body in server.asked) == 2
        assert call("--project", "here", "doctor").code == 0
        assert sum(bool(body) for _, body in server.asked) == 3
