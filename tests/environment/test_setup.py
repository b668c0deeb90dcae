"""Environments: made once, in a Box, shown read-only."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from harness.core.egress_types import EgressPolicy
from harness.core.errors import SandboxError
from harness.core.types import BoxLimits, CommandResult, Environment, Layout
from harness.environment.given import Given
from harness.environment.setup import Environments
from harness.environment.toolchains import Toolchains, resolve
from harness.ports.sandbox import Sandbox
from harness.sandbox.bare import BareSandbox
from harness.sandbox.bubblewrap import Bubblewrap
from tests.patience import PATIENCE_S


@pytest.fixture(params=["bubblewrap", "bare"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return Bubblewrap() if request.param == "bubblewrap" else BareSandbox()


@pytest.fixture(scope="module")
def tools() -> Toolchains:
    # for all tests of the file: their loops come and go
    return asyncio.run(resolve(os.defpath, Path("/nonexistent")))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "calc.py").write_text("def add(a, b):\n    return a + b\n")
    (tree / "test_calc.py").write_text(
        "from calc import add\n\ndef test_add():\n    assert add(1, 2) == 3\n"
    )
    return tree


async def ran_with(
    sandbox: Sandbox, tree: Path, environment: Environment, command: str
) -> CommandResult:
    async def scenario() -> CommandResult:
        layout = Layout(
            tree=tree, read_only=environment.read_only, env=environment.env, made=environment.made
        )
        box = await sandbox.open(layout, BoxLimits(command_s=60))
        try:
            return await box.exec(command)
        finally:
            await box.close()

    return await scenario()


async def test_a_project_that_needs_nothing_can_be_tested(
    sandbox: Sandbox, tree: Path, tmp_path: Path, tools: Toolchains
) -> None:
    before = sorted(p.name for p in tree.iterdir())
    environments = Environments(tmp_path / "env", sandbox, (), tools=tools)
    made = await environments.make("k", tree)
    ran = await ran_with(sandbox, tree, made, "python3 -m pytest -q && pytest -q")
    assert (ran.exit_code, ran.output.count("1 passed")) == (0, 2), ran.output
    ran = await ran_with(sandbox, tree, made, "python3 -c 'import pip'")
    assert ran.exit_code == 1, "what the host has installed is not the project's"
    assert sorted(p.name for p in tree.iterdir()) == before


async def test_two_at_once_make_one_and_the_next_finds_it(
    sandbox: Sandbox, tree: Path, tmp_path: Path
) -> None:
    count = tmp_path / "env" / "count"
    setup = ('date +%s%N >> "$HARNESS_ENV/count"; sleep 0.1',)
    first = Environments(tmp_path / "env", sandbox, setup)
    again = Environments(tmp_path / "env", sandbox, setup)
    # another project of the same home too
    makers = (first, first, again)
    made = await asyncio.gather(*(maker.make("k", tree) for maker in makers))
    made.append(await again.make("k", tree))
    made.append(await again.make("other", tree))
    assert made[0] == made[1] == made[2] == made[3] != made[4]
    assert not count.exists()
    ran = await ran_with(sandbox, tree, made[0], 'wc -l < "$HARNESS_ENV/count"')
    assert ran.output == "1\n"


async def test_a_failed_set_up_says_why_and_leaves_nothing(
    sandbox: Sandbox, tree: Path, tmp_path: Path
) -> None:
    setup = ("echo fine", "echo broken wheel; exit 9", "touch never")
    environments = Environments(tmp_path / "env", sandbox, setup)
    with pytest.raises(SandboxError) as caught:
        await environments.make("k", tree)
    facts = caught.value.facts
    assert caught.value.key == "workspace.setup_failed"
    assert (facts["code"], facts["log"], facts["command"]) == (9, "broken wheel", setup[1])
    assert list((tmp_path / "env").iterdir()) == []
    slow = Environments(tmp_path / "env", sandbox, ("sleep 9",), limits=BoxLimits(command_s=0.2))
    with pytest.raises(SandboxError) as caught:
        await slow.make("k", tree)
    assert (caught.value.key, caught.value.facts["why"]) == ("workspace.setup_killed", "time")


async def test_what_was_half_made_is_made_again(
    sandbox: Sandbox, tree: Path, tmp_path: Path
) -> None:
    environments = Environments(tmp_path / "env", sandbox, ('echo done > "$HARNESS_ENV/x"',))
    name = (await environments.make("k", tree)).id
    (tmp_path / "env" / name / "environment.json").unlink()
    (tmp_path / "env" / name / "env" / "x").write_text("half")
    made = await environments.make("k", tree)
    assert (await ran_with(sandbox, tree, made, 'cat "$HARNESS_ENV/x"')).output == "done\n"


async def test_the_operators_settings_stay_in_the_set_up(
    sandbox: Sandbox, tree: Path, tmp_path: Path
) -> None:
    secret = {"PIP_INDEX_URL": "https://user:canary@index.test/simple"}
    setup = ('test -n "$PIP_INDEX_URL" && test -n "$CI"',)
    environments = Environments(tmp_path / "env", sandbox, setup, given=Given(env=secret))
    made = await environments.make("k", tree)
    assert "canary" not in made.model_dump_json()
    assert "canary" not in (await ran_with(sandbox, tree, made, "env")).output


async def test_packages_left_in_the_tree_are_shown_in_every_tree(
    sandbox: Sandbox, tree: Path, tmp_path: Path
) -> None:
    install = (
        "mkdir -p node_modules/.bin node_modules/left web/node_modules/right;"
        "echo module.exports=1 > node_modules/left/index.js;"
        "printf '#!/bin/sh\\necho tool ran\\n' > node_modules/.bin/tool;"
        "chmod +x node_modules/.bin/tool"
    )
    (tree / "web").mkdir()
    made = await Environments(tmp_path / "env", sandbox, (install,)).make("k", tree)
    other = tmp_path / "other"
    (other / "web").mkdir(parents=True)
    command = (
        "ls node_modules web/node_modules; echo x > node_modules/.cache/x; tool;"
        " cat node_modules/left/index.js"
    )
    ran = await ran_with(sandbox, other, made, command)
    assert "left" in ran.output
    assert "right" in ran.output
    assert "tool ran\nmodule.exports=1\n" in ran.output
    assert [p for p in other.rglob("*") if p.is_file()] == []
    assert sorted(p.name for p in tree.iterdir()) == ["calc.py", "test_calc.py", "web"]


async def test_the_home_of_a_set_up_is_not_in_memory(tree: Path, tmp_path: Path) -> None:
    setup = (
        'head -c 50000000 /dev/zero > ~/.store; test "$(stat -c %s ~/.store)" = 50000000',
        'test "$(stat -f -c %T ~)" != tmpfs || test "$(stat -f -c %T "$HARNESS_ENV")" = tmpfs',
    )
    limits = BoxLimits(command_s=60, memory_bytes=256 << 20)
    made = await Environments(tmp_path / "env", Bubblewrap(), setup, limits=limits).make("k", tree)
    assert not list((tmp_path / "env" / made.id).rglob(".store"))
    ran = await ran_with(Bubblewrap(), tree, made, "echo ~")
    assert ran.output == "/home/agent\n", "of the set-up alone"


async def test_set_up_has_no_network_unless_the_operator_says_so(
    tree: Path, tmp_path: Path
) -> None:
    setup = ("test -d /sys || ! grep -q : /proc/net/route && ! test -e /etc/resolv.conf",)
    await Environments(tmp_path / "env", Bubblewrap(), setup).make("k", tree)


async def test_what_set_up_generates_beside_the_sources_is_there_in_every_tree(
    sandbox: Sandbox, tree: Path, tmp_path: Path
) -> None:
    (tree / ".gitignore").write_text("_*.py\n*.bin\nout/\n")
    setup = (
        "echo 'number = 7' > _version.py; echo no > noticed.py; mkdir out; echo x > out/_deep.py",
        "head -c 90000 /dev/zero > large.bin; printf 'a\\0b' > small.bin; ln -s / _link.py",
    )
    made = await Environments(tmp_path / "env", sandbox, setup).make("k", tree)
    assert made.made == {"_version.py": "number = 7\n"}
    show = "cat _version.py; test -e noticed.py || echo gone; echo 8 >> _version.py"
    again = tmp_path / "again"
    again.mkdir()
    assert (await ran_with(sandbox, again, made, show)).output == "number = 7\ngone\n"
    assert (again / "_version.py").read_text() == "number = 7\n8\n"
    assert "8" in (await ran_with(sandbox, again, made, show)).output, "what is there stays"


async def test_a_link_in_a_tree_leads_what_is_generated_nowhere(tree: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tree / "package").symlink_to(outside)
    made = Environment(id="x", made={"package/_version.py": "x"})
    ran = await ran_with(Bubblewrap(), tree, made, "echo fine")
    assert ran.output == "fine\n"
    assert list(outside.iterdir()) == []


async def test_a_command_that_is_only_refused_is_ended(tree: Path, tmp_path: Path) -> None:
    """However long it would have asked again; what it said until then is kept."""
    ask = (
        "import os, socket, time\n"
        "host, port = os.environ['HTTPS_PROXY'].split('//')[1].split(':')\n"
        "print('asking', flush=True)\n"
        "while True:\n"
        "    with socket.create_connection((host, int(port))) as way:\n"
        "        way.sendall(b'CONNECT refused.example:443 HTTP/1.1\\r\\n\\r\\n')\n"
        "        way.recv(100)\n"
        "    time.sleep(0.01)\n"
    )
    (tree / "ask.py").write_text(ask)
    egress = EgressPolicy(patience=3)
    environments = Environments(
        tmp_path / "env", Bubblewrap(), ("python3 ask.py",), egress=egress,
        limits=BoxLimits(command_s=10 * PATIENCE_S),
    )  # fmt: skip
    with pytest.raises(SandboxError) as caught:
        await environments.make("k", tree)
    assert caught.value.key == "workspace.setup_refused"
    assert "refused.example" in str(caught.value.facts["hosts"])
    assert "asking" in str(caught.value.facts["log"])
