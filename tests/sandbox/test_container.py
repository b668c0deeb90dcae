"""What a container sandbox says when it cannot be had, and what it leaves: a real Podman."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.core.egress_types import EgressPolicy
from harness.core.errors import MissingError, SandboxError
from harness.core.types import Layout
from harness.ports.sandbox import Box
from harness.sandbox.container import Container
from harness.testing.sandbox_contract import SMALL, alive
from tests.containers import ARGUMENTS, IMAGE, container, engine
from tests.patience import PATIENCE_S

as_root = pytest.mark.skipif(os.getuid() != 0, reason="containers are tested as root")


async def refusal_of(sandbox: Container) -> str:
    with pytest.raises(MissingError) as caught:
        await sandbox.check()
    assert caught.value.exit_code == 4
    return caught.value.key


def program(tmp_path: Path, text: str) -> str:
    file = tmp_path / "engine"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


async def test_what_is_missing_is_said(tmp_path: Path) -> None:
    assert await refusal_of(Container(("no-such-engine",), IMAGE)) == "workspace.container_missing"
    assert await refusal_of(Container(("docker",), "")) == "workspace.container_no_image"
    absent = program(tmp_path, 'echo "no such image" >&2; exit 125')
    assert await refusal_of(Container((absent,), "x")) == "workspace.container_image"
    cannot = program(tmp_path, '[ "$1" = image ] && exit 0; echo "cannot run" >&2; exit 125')
    assert await refusal_of(Container((cannot,), "x")) == "workspace.container_refused"


@as_root
async def test_an_image_without_python_is_refused() -> None:
    bare = Container(engine(), IMAGE, ARGUMENTS[:4])  # without this machine's /usr
    assert await refusal_of(bare) == "workspace.container_refused"
    await container().check()


@as_root
async def test_an_engine_elsewhere_is_refused(tmp_path: Path) -> None:
    """Its containers' processes are not ours to stop: a number alone proves nothing."""
    real = " ".join(engine())
    far = program(tmp_path, f'[ "$1" = inspect ] && echo {os.getpid()} && exit; exec {real} "$@"')
    with pytest.raises(SandboxError) as caught:
        await Container((far,), IMAGE, ARGUMENTS).open(Layout(tree=tmp_path), SMALL)
    assert caught.value.key == "workspace.container_far"
    assert containers_left() == []


def containers_left() -> list[str]:
    """Containers that are still there when the engine had time to take them away."""
    end = time.monotonic() + PATIENCE_S
    while (found := containers()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def containers() -> list[str]:
    listed = subprocess.run(
        [*engine(), "ps", "--all", "--format", "{{.Names}}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    return listed.stdout.split()


@as_root
async def test_mounts_network_and_no_secret_in_sight(tmp_path: Path) -> None:
    for name in ("tree", 'odd, "name" é', "out", "host"):
        (tmp_path / name).mkdir()
    (tmp_path / 'odd, "name" é' / "a").write_text("a")
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "host")
    layout = Layout(
        tree=tmp_path / "tree",
        read_only={
            str(tmp_path / 'odd, "name" é'): "/work/node_modules",
            str(tmp_path / "out"): "/work/link/planted",
        },
        writable={str(tmp_path / "out"): "/out"},
        env={"TOKEN": "canary-51"},
    )

    async def work(box: Box) -> None:
        ran = await box.exec("cat node_modules/a; echo b > /out/b; echo c > c; id -un; hostname")
        assert ran.output == "aagent\nharness\n"
        assert (await box.exec("echo x > node_modules/x")).exit_code != 0
        ran = await box.exec("cat /etc/passwd /etc/hosts /etc/resolv.conf /proc/1/cmdline; env")
        assert ran.output.count("\n") < 20
        assert "canary-51" in ran.output
        assert str(tmp_path) not in ran.output
        ran = await box.exec("tr '\\0' '\\n' < /proc/1/environ")
        assert ran.exit_code != 0
        assert "Read-only" in (await box.exec("touch /x /usr/x /run/x /var/x 2>&1")).output

    await work_in(layout, work)
    assert (tmp_path / "out" / "b").read_text() == "b\n"
    assert list((tmp_path / "host").iterdir()) == []

    async def reaches(box: Box) -> None:
        ask = "printf 'CONNECT x.test:443 HTTP/1.1\\r\\n\\r\\n' >&3; head -1 <&3"
        ran = await box.exec(f"exec 3<>/dev/tcp/127.0.0.1/3128; {ask}")
        assert "403 Forbidden" in ran.output
        assert [(r.target, r.why) for r in box.refusals] == [("x.test:443", "not_allowed")]
        assert (await box.exec("ls /sys/class/net")).output == "lo\n"

    await work_in(Layout(tree=tmp_path / "tree", egress=EgressPolicy()), reaches)
    assert containers_left() == []


async def work_in(layout: Layout, work: object) -> None:
    box = await container().open(layout, SMALL)
    try:
        assert callable(work)
        await work(box)
    finally:
        await box.close()


@as_root
def test_a_killed_daemon_leaves_no_container(tmp_path: Path) -> None:
    mark = f"HARNESS_TEST={tmp_path}"
    script = (
        "import asyncio, json, sys\n"
        "from pathlib import Path\n"
        "from harness.core.types import BoxLimits, Layout\n"
        "from harness.sandbox.container import Container\n"
        "async def main():\n"
        "    engine, image, words, tree = json.loads(sys.argv[1])\n"
        "    layout = Layout(tree=Path(tree), env={'HARNESS_TEST': tree})\n"
        "    box = await Container(engine, image, words).open(layout, BoxLimits())\n"
        "    await box.exec('setsid sleep 600 >/dev/null 2>&1 &')\n"
        "    print('ready', flush=True)\n"
        "    await box.exec('sleep 600')\n"
        "asyncio.run(main())\n"
    )
    given = json.dumps([engine(), IMAGE, ARGUMENTS, str(tmp_path)])
    with subprocess.Popen(
        [sys.executable, "-c", script, given], stdout=subprocess.PIPE, text=True
    ) as daemon:
        assert daemon.stdout is not None
        said, living = daemon.stdout.readline(), alive(mark)
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
    assert said == "ready\n"
    assert living != []
    assert containers_left() == []
    assert alive(mark) == []
