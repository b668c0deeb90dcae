"""The loop with nothing replaced but the model: git, bubblewrap, SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.types import Answered, Ended, Environment, Verdict
from harness.ports.sandbox import Sandbox
from harness.ports.workspace import Workspace
from harness.sandbox.bare import BareSandbox
from harness.sandbox.bubblewrap import Bubblewrap
from harness.testing.models import replies, say
from tests.agent.rig import FILES, Killed, MakeRig, Rig, accept, results
from tests.environment.projects import Project


class Plain:
    """Commands need nothing but the system's own."""

    async def make(self, key: str, tree: Path) -> Environment:
        return Environment(id=key, env={"PATH": "/usr/local/bin:/usr/bin:/bin"})


async def world(root: Path, sandbox: Sandbox) -> tuple[Workspace, Sandbox, str, str]:
    root.mkdir()
    project = Project(root)
    project.made = Plain()  # type: ignore[assignment]
    sha = project.push({**FILES, "big.txt": "line\n" * 3000})
    workspace = project.again()

    async def prepare() -> str:
        await workspace.sync()
        return await workspace.tree_of(sha)

    return workspace, sandbox, sha, await prepare()


SCRIPT = (
    say(
        "",
        ("bash", {"command": "git log --oneline | wc -l; mkdir -p d; cd d; echo a >> log"}),
        ("read", {"path": "big.txt", "offset": 2999}),
        ("edit", {"path": "calc.py", "edits": [{"old": "return  a - b", "new": "return a + b"}]}),
        ("edit", {"path": "calc.py", "edits": [{"old": "a - b", "new": "a + b"}]}),
    ),
    say(
        "",
        ("bash", {"command": "seq 3000; echo b >> log; kill -9 $$"}),
        ("search", {"pattern": "a . b"}),
    ),
    say("", ("bash", {"command": "git init -q nested; touch nested/x; git -C .. status --short"})),
    say("", ("bash", {"command": "ls"}), ("write", {"path": "new/n.txt", "content": "n\n"})),
    say("", ("verdict", {"kind": "done", "data": {}})),
)


async def live(rig: Rig) -> Ended | None:
    async def work() -> Ended:
        talk = await rig.open()
        try:
            return await talk.send("", rig.judge(accept()))
        finally:
            await talk.suspend()

    try:
        return await work()
    except Killed:
        return None


async def text(workspace: Workspace, tree: str, path: str) -> str:
    return (await workspace.file(tree, path) or b"").decode()


@pytest.mark.parametrize("sandbox", [Bubblewrap(), BareSandbox()], ids=["bubblewrap", "bare"])
async def test_a_session_in_a_real_box(make_rig: MakeRig, tmp_path: Path, sandbox: Sandbox) -> None:
    real = await world(tmp_path / "world", sandbox)
    rig = make_rig(replies(*SCRIPT), real=real)
    ended = await live(rig)
    assert ended is not None
    assert ended.kind == "reached"
    told = [r.text for r in await results(rig)]
    assert told[0].startswith("exit 0 [cwd ")
    assert told[0].endswith("\n1")
    assert told[1] == "line\nline\n[lines 2999-3000 of 3000]"
    assert told[3] == "Edited calc.py: line 2."
    assert told[4].startswith("exit 137")
    assert "page with read /tmp/harness-output/1.txt" in told[4]
    assert "calc.py:2: return a + b" in told[5]
    assert "M calc.py" in told[6]
    workspace = real[0]
    changed = await workspace.changes(real[3], ended.tree)
    assert {c.path for c in changed} == {"calc.py", "d/log", "new/n.txt"}
    assert await text(workspace, ended.tree, "d/log") == "a\nb\n"
    said = [t.said for t in await rig.store.turns(rig.session.id)]
    assert any("d/nested" in s for s in said)


async def test_killed_and_resumed_in_a_real_box(make_rig: MakeRig, tmp_path: Path) -> None:
    real = await world(tmp_path / "world", Bubblewrap())
    for kill_at in (2, 5, 8, 11, 13):
        model = replies(*SCRIPT)
        rig = make_rig(model, real=real, kill_at=kill_at)
        assert await live(rig) is None
        ended = await live(rig)
        assert ended is not None, kill_at
        assert await text(real[0], ended.tree, "d/log") == "a\nb\n", kill_at
        assert [r.turn for r in model.requests] == [1, 2, 3, 4, 5]


async def test_a_box_killed_by_its_own_command_comes_back(
    make_rig: MakeRig, tmp_path: Path
) -> None:
    real = await world(tmp_path / "world", Bubblewrap())
    model = replies(
        say("", ("bash", {"command": "echo kept > kept"})),
        say("", ("bash", {"command": "kill -9 -1"}), ("bash", {"command": "cat kept"})),
        say("", ("verdict", {"kind": "done", "data": {}})),
    )
    rig = make_rig(model, real=real)

    def reached(verdict: Verdict) -> Answered:
        return Answered(text="", reached=True)

    talk = await rig.open()
    ended = await talk.send("", rig.judge(lambda v: reached(v)))
    await talk.suspend()
    assert ended.kind == "reached"
    assert (await results(rig))[2].text == "exit 0\nkept"
