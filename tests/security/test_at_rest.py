"""Keys at rest (T45), in what fails (T34), and in the daemon's own process (T22): by the real
command line, looked for by exact value in every spelling. Each has its twin: the key works."""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import secrets
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.model_server import ModelServer
from harness.sandbox.runner.system import descendants
from harness.system.redact import spellings
from tests.e2e.test_bad_input import MERGED, outcome
from tests.e2e.test_github import town
from tests.e2e.test_stopping import until
from tests.e2e.world import (
    APPROVE,
    BUG,
    CALC,
    DONE,
    FIX,
    HARNESS,
    PLAN,
    REPRODUCTION,
    TEST_CALC,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    turn,
)
from tests.patience import PATIENCE_S
from tests.system.test_hardening import looked_into, neighbour

pytestmark = pytest.mark.security
SLEEPER = f"sleep 7219.{os.getpid()}"
PEM = "-----BEGIN RSA PRIVATE KEY-----\n{}\n{}\n-----END RSA PRIVATE KEY-----"
TOLD = "export KEY="
# turned inside out, so that no filter of ours can hide what an environment really holds
ENVIRONMENT = "env | base64 -w0 | rev"


class Canaries:
    """Keys that exist nowhere else."""

    def __init__(self) -> None:
        self.anthropic = f"sk-ant-api03-{secrets.token_urlsafe(40)}7a"
        self.openai = f"sk-proj-{secrets.token_hex(24)}"
        self.github = f"ghp_{secrets.token_hex(18)}"
        self.webhook = secrets.token_hex(32)
        self.lines = tuple(secrets.token_urlsafe(48)[:64] for _ in range(2))
        self.pem = PEM.format(*self.lines)
        every = (self.anthropic, self.openai, self.github, self.webhook, self.pem, *self.lines)
        self._words = {word.encode() for key in every for word in spellings(key)}

    @property
    def env(self) -> dict[str, str]:
        return {
            "ANTHROPIC_API_KEY": self.anthropic,
            "OPENAI_API_KEY": self.openai,
            "GITHUB_TOKEN": self.github,
            "HARNESS_WEBHOOK_SECRET": self.webhook,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def found(self, data: bytes) -> bool:
        return any(word in data for word in self._words)


class Watch(threading.Thread):
    """What any process below `root` was started with, as long as it is looked at."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._over = threading.Event()
        self.lines: set[bytes] = set()
        self.environments: set[bytes] = set()

    def run(self) -> None:
        while not self._over.wait(0.05):
            own = Path(f"/proc/{self._root}/cmdline")
            for pid in [self._root, *descendants(self._root)]:
                try:
                    line = Path(f"/proc/{pid}/cmdline").read_bytes()
                    self.lines.add(line)
                    # with our own line it is ourselves, or a fork that is not yet its program
                    if line and line != own.read_bytes():
                        self.environments.add(Path(f"/proc/{pid}/environ").read_bytes())
                except OSError:
                    continue  # it ended

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


class Rig:
    """A person's machine with every key of ours, and two servers of models that ask for theirs."""

    def __init__(self, root: Path, worker: ModelServer, reviewer: ModelServer) -> None:
        self.keys = Canaries()
        self.worker, self.reviewer = worker, reviewer
        self.tmp = root / "tmp"
        self.tmp.mkdir()
        self.pem = root / "outside" / "app.pem"
        self.pem.parent.mkdir()
        self.pem.write_text(self.keys.pem)
        self.pem.chmod(0o600)
        # somebody put a key into the repository, and another one into the issue
        notes = f"{TOLD}{self.keys.openai}\n"
        files = {"calc.py": CALC, "tests/test_calc.py": TEST_CALC, "notes.txt": notes}
        self.world = World(root / "machine", files=files)
        hook = f"env >>{root}/hook.txt"
        ours = self.world.config / "claude.json"
        ours.write_text(
            json.dumps(
                {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": hook}]}]}}
            )
        )
        (self.world.config / "config.toml").write_text(
            f'[models.claude]\ndialect = "anthropic"\nmodel = "c"\nbase_url = "{worker.address}"\n'
            f'[models.gpt]\ndialect = "openai"\nmodel = "g"\nbase_url = "{reviewer.address}/v1"\n'
            '[roles]\nworker = "claude"\nreviewer = "gpt"\n'
            f'[forge]\napp_key_file = "{self.pem}"\n'
            f'[guard]\nsettings = ["{ours}"]\n'
        )
        self.said: list[str] = []
        self.root = root

    @property
    def env(self) -> dict[str, str]:
        return {**self.keys.env, "TMPDIR": str(self.tmp)}

    def run(self, *words: str) -> str:
        done = self.world.run(*words, env=self.env)
        self.said.append(done.stdout + done.stderr)
        return self.said[-1]

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """With cores allowed, as far as this machine allows them."""
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        process = subprocess.Popen(
            [*HARNESS, *words],
            cwd=self.world.repo,
            env={**self.world.env, **self.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (hard, hard)),
        )
        try:
            yield process
        finally:
            process.kill()
            self.said += process.communicate()

    def leaks(self) -> list[str]:
        """Every file of ours that holds a key. Not looked at: the file that is the App's key, the
        text that was put into the repository, and the embedded forge, where the issue is."""
        own = [self.world.home, self.world.repo, self.tmp, self.root / "hook.txt"]
        files = [p for top in own for p in ([top] if top.is_file() else top.rglob("*"))]
        looked = [p for p in files if p.is_file() and not p.is_symlink() and not self._given(p)]
        assert len(looked) > 50
        return [str(path) for path in looked if self.keys.found(path.read_bytes())]

    def _given(self, path: Path) -> bool:
        return path.name == "notes.txt" or (self.world.state / "forge") in path.parents


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    asks = turn(
        TRIAGE,
        PLAN,
        call("bash", command="cat notes.txt"),
        call("bash", command=ENVIRONMENT),
        call("bash", command=SLEEPER),
    )
    worker = {"conversations": [{"turns": [asks, turn(WRITE_TEST, REPRODUCTION, FIX, DONE)]}]}
    reviewer = {"conversations": [{"turns": [turn(APPROVE)], "repeat_last": True}]}
    with ModelServer(worker) as one, ModelServer(reviewer) as two:
        made = Rig(tmp_path, one, two)
        asks["text"] = f"It says {made.keys.webhook}."
        yield made


def sleepers() -> list[int]:
    """The long command itself, in whatever Box it is."""
    found = []
    for pid in (int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()):
        try:
            if (
                Path(f"/proc/{pid}/cmdline").read_bytes()
                == f"{SLEEPER}\0".replace(" ", "\0").encode()
            ):
                found.append(pid)
        except OSError:
            continue
    return found


def test_a_whole_run_through_crashes_leaves_no_key_anywhere(rig: Rig) -> None:
    world, keys = rig.world, rig.keys
    rig.run("init")
    title, body = BUG
    rig.run("issue", "new", title, "--body", f"{body}\n\nWith {keys.anthropic} it is the same.")
    watches = []
    for number in (signal.SIGSEGV, signal.SIGKILL):
        with rig.started("run", "--once") as process, Watch(process.pid) as watch:
            until(sleepers)
            limits = Path(f"/proc/{process.pid}/limits").read_text()
            process.send_signal(number)
            assert process.wait(20) == -number
        until(lambda: not sleepers(), 10)
        watches.append(watch)
        assert re.search(r"core file size +0 +0 ", limits)
        assert [p.name for p in world.repo.iterdir() if p.name.startswith("core")] == []
        assert rig.leaks() == []
    with rig.started("run", "--once") as process, Watch(process.pid) as watch:
        until(sleepers)
        for pid in sleepers():
            os.kill(pid, signal.SIGKILL)
        assert process.wait(100) == 0
    watches.append(watch)
    assert outcome(world) == MERGED  # the same end as without a crash, and without a key
    for words in (("why", "1"), ("logs", "1"), ("report", "1"), ("doctor",), ("pull",)):
        rig.run(*words)
    assert rig.leaks() == []
    assert not keys.found("\n".join(rig.said).encode())
    _nothing_was_started_with_a_key(watches, keys)
    _the_box_has_no_key(world, keys)
    _all_is_for_us_alone(world.state)
    # the twin: each server was asked with its own key
    for server, key in ((rig.worker, keys.anthropic), (rig.reviewer, keys.openai)):
        assert {asked.headers["authorization"] for asked in server.requests} == {f"Bearer {key}"}
    hook = (rig.root / "hook.txt").read_text()
    assert "CLAUDE_PROJECT_DIR=" in hook
    told = "".join(p.read_text() for p in (world.folder() / "sessions").iterdir())
    assert f"{TOLD}[redacted]" in told
    assert "With [redacted] it is the same." in told
    assert "It says [redacted]." in told


def _nothing_was_started_with_a_key(watches: list[Watch], keys: Canaries) -> None:
    for watch in watches:
        assert len(watch.lines) > 3
        assert len(watch.environments) > 1
        assert not any(keys.found(line) for line in watch.lines)
        assert not any(keys.found(line) for line in watch.environments)


def _the_box_has_no_key(world: World, keys: Canaries) -> None:
    """What `env` said inside, read as it was written down."""
    turns = [
        json.loads(line)
        for path in (world.folder() / "sessions").glob("*-worker*.jsonl")
        for line in path.read_text().splitlines()[1:]
    ]
    lines = [x for t in turns for r in t.get("results", ()) for x in r["text"].splitlines()]
    turned = [line[::-1] for line in lines if re.fullmatch("=*[A-Za-z0-9+/]{80,}", line)]
    seen = b"".join(map(base64.b64decode, turned))
    assert b"PATH=" in seen
    assert not keys.found(seen)


def _all_is_for_us_alone(state: Path) -> None:
    """No right of a group or of others on anything; what a Box made lies below our folder."""
    assert state.stat().st_mode & 0o777 == 0o700
    boxes = ("environments", "workspaces")
    every = [p for p in state.rglob("*") if p.relative_to(state).parts[0] not in boxes]
    every += [state / name for name in boxes if (state / name).exists()]
    # a second name of a file of the person's own repository has the rights that they gave it
    mine = [p for p in every if not (p.is_relative_to(state / "forge") and _is_linked(p))]
    wide = [str(p) for p in mine if not p.is_symlink() and p.stat().st_mode & 0o077]
    assert len(every) > 50
    assert wide == []


def _is_linked(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_nlink > 1


def test_no_neighbour_reads_the_daemons_environment(rig: Rig) -> None:
    """T22. Without rights over every process, as any other program of the same user."""
    rig.run("init")
    argv = neighbour(*HARNESS, "run", "--every", "1h")
    env = {**rig.world.env, **rig.env}
    plain = neighbour("sleep", "600")
    with (
        subprocess.Popen(argv, cwd=rig.world.repo, env=env, stderr=subprocess.PIPE) as process,
        subprocess.Popen(plain, env=env) as twin,
    ):
        try:
            until(lambda: (rig.world.state / "snapshot.json").exists())
            assert looked_into(process.pid) is None
            assert rig.keys.anthropic.encode() in (looked_into(twin.pid) or b"")
        finally:
            process.terminate()
            twin.kill()
            process.communicate(timeout=PATIENCE_S)


def _echo(header: str) -> str:
    """What the most talkative server says of a token."""
    token = base64.b64decode(header.partition(" ")[2]).decode()
    return f"denied: {header} {token} https://{token}@github.example/o/n.git"


def test_a_refused_fetch_tells_nobody_the_token(tmp_path: Path) -> None:
    """T34: a server that quotes the token in all it says, and a traceback asked for."""
    with town(tmp_path) as t:
        hub = t.hub
        hub.git_refusal = _echo
        said = [t.run("doctor", "--debug", code=4)]
        issue = hub.issue("ada", *BUG).number
        hub.label("ada", issue, "harness")
        said.append(t.run("--debug", "run", "--once", code=None))
        said += [t.run(*words, code=None) for words in (("status",), ("why", str(issue)))]
        assert "denied" in said[0]
        said.append(t.world.git("remote", "--verbose"))
        words = spellings(t.token)
        leaks = [text for text in said if any(word in text for word in words)]
        assert leaks == []
        kept = [p for p in t.world.root.rglob("*") if p.is_file()]
        assert len(kept) > 20
        leaks = [str(p) for p in kept if any(w.encode() in p.read_bytes() for w in words)]
        assert leaks == []
        # the twin: the token opens what it should as soon as it is let
        hub.git_refusal = None
        assert "FAIL" not in t.run("doctor", code=None).partition("tests")[0]
