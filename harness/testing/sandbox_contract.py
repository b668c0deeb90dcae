"""What every sandbox must do. Subclass the contracts as Test classes and give them a `sandbox`
fixture; each adapter passes the same tests. Bombs are small: they are to meet the limits."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.core.errors import SandboxError
from harness.core.types import BoxLimits, Layout
from harness.ports.sandbox import Box, Sandbox

MIB = 1 << 20
SMALL = BoxLimits(
    memory_bytes=192 * MIB,
    disk_bytes=32 * MIB,
    processes=64,
    command_s=10,
    output_bytes=64 * 1024,
)


async def run_in_box(
    sandbox: Sandbox,
    tree: Path,
    work: Callable[[Box], Awaitable[None]],
    limits: BoxLimits = SMALL,
) -> None:
    """Runs `work` in a Box over `tree`, and proves that nothing is left alive after."""
    mark = f"HARNESS_TEST={tree}"
    box = await sandbox.open(Layout(tree=tree, env=dict([mark.split("=")])), limits)
    try:
        await asyncio.wait_for(work(box), 60)
    finally:
        await box.close()
    assert alive(mark) == []


def alive(mark: str) -> list[str]:
    """Processes of this machine whose environment holds `mark`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark.encode() in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_text(encoding="utf-8"))
    return found


class CommandContract:
    """Commands and what they leave."""

    async def test_output_exit_code_and_directory(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            ran = await box.exec("echo one; echo two >&2; mkdir -p a/b; cd a/b; exit 3")
            assert (ran.exit_code, ran.output, ran.cut, ran.killed) == (3, "one\ntwo\n", 0, "")
            assert ran.cwd.endswith("/a/b")
            assert (await box.exec("pwd")).output.strip() == ran.cwd
            assert (await box.exec("pwd", cwd="a")).output.endswith("/a\n")
            assert (await box.exec("read x; echo [$x]")).output == "[]\n"
            with pytest.raises(FileNotFoundError):
                await box.exec("true", cwd="nowhere")

        await run_in_box(sandbox, tmp_path, work)

    async def test_any_text_is_a_command(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            assert (await box.exec("echo '한국어' \"$(printf 'a\\nb')\"")).output == "한국어 a\nb\n"
            assert (await box.exec("if")).exit_code == 2
            assert (await box.exec("exec false")).exit_code == 1
            assert (await box.exec(f"# {'x' * 300_000}\necho end")).output == "end\n"
            with pytest.raises(ValueError, match="null"):
                await box.exec("echo a\0b")

        await run_in_box(sandbox, tmp_path, work)

    async def test_returns_when_the_command_ends(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            for background in (
                "sleep 600 &",
                "setsid sleep 600 &",
                "nohup sleep 600 &",
                "(trap '' TERM HUP; sleep 600) &",
                "(setsid sh -c 'sleep 600 & sleep 600' &)",
            ):
                started = time.monotonic()
                ran = await box.exec(f"{background}\necho done")
                assert (ran.exit_code, "done\n" in ran.output) == (0, True)
                assert time.monotonic() - started < 2
            ran = await box.exec("cat <(sleep 0.02; echo late) | tee copy; cat copy")
            assert ran.output == "late\nlate\n"

        await run_in_box(sandbox, tmp_path, work)

    async def test_a_command_has_a_deadline(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            for command in (
                "echo begun; sleep 600",
                "echo begun; trap '' TERM; while :; do sleep 0.05; done",
                "echo begun; setsid sh -c 'sleep 600 & wait' & wait",
            ):
                started = time.monotonic()
                ran = await box.exec(command, timeout_s=0.3)
                assert (ran.timed_out, ran.killed, ran.exit_code) == (True, "time", 137)
                assert ran.output == "begun\n"
                assert time.monotonic() - started < 2.3
            assert (await box.exec("echo on")).output == "on\n"

        await run_in_box(sandbox, tmp_path, work)

    async def test_a_cancelled_command_ends_and_the_box_goes_on(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async def work(box: Box) -> None:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await box.exec("echo $$ > pid; exec sleep 600")
            assert (
                await box.exec("kill -0 $(cat pid) 2>/dev/null || echo gone")
            ).output == "gone\n"

        await run_in_box(sandbox, tmp_path, work)


class OutputContract:
    """Whatever a command prints comes back as bounded, clean text."""

    async def test_endless_output_is_counted_not_kept(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async def work(box: Box) -> None:
            ran = await box.exec("yes")
            assert ran.killed == "time"
            assert ran.cut > 10 * MIB
            assert len(ran.output) < 70_000
            ran = await box.exec("seq 1 100000")
            assert (ran.exit_code, ran.output[:4], ran.output[-7:]) == (0, "1\n2\n", "100000\n")
            kept = sum(line.isdigit() for line in ran.output.splitlines())
            assert "[... lines " in ran.output
            assert kept > 5000
            assert ran.cut + 64 * 1024 == len("".join(f"{n}\n" for n in range(1, 100_001)))

        await run_in_box(sandbox, tmp_path, work, SMALL.model_copy(update={"command_s": 1.0}))

    async def test_bytes_become_text(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            await box.write("all", bytes(range(256)))
            ran = await box.exec(
                "cat all; printf 'a\\0b \\033[31mred\\033[0m \\033]0;t\\007x\\r\\n'"
            )
            assert ran.output.endswith("ab red x\n")
            assert not [c for c in ran.output if ord(c) < 32 and c not in "\n\t"]
            assert not [c for c in ran.output if 127 <= ord(c) < 160]
            ran = await box.exec("head -c 5000000 /dev/zero | tr '\\0' x; echo; echo end")
            assert ran.output.endswith("x\nend\n")
            assert ran.cut > 4_900_000
            ran = await box.exec("head -c 300000 /dev/urandom")
            ran.output.encode("utf-8")

        await run_in_box(sandbox, tmp_path, work)


class LimitContract:
    """Over a limit, the command dies and the Box goes on."""

    async def test_memory(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            ran = await box.exec("head -c 260M /dev/zero | tail -c 260M | wc -c; echo after")
            assert (ran.exit_code, ran.killed) == (137, "memory")
            ran = await box.exec("echo on")
            assert (ran.output, ran.killed) == ("on\n", "")

        await run_in_box(sandbox, tmp_path, work)

    async def test_processes(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            for bomb in (":(){ :|:& };:; sleep 9", "b(){ setsid sleep 600 & b; }; b"):
                started = time.monotonic()
                ran = await box.exec(bomb)
                assert (ran.exit_code, ran.killed) == (137, "processes")
                assert time.monotonic() - started < 5
                ran = await box.exec("echo on")
                assert (ran.output, ran.killed) == ("on\n", "")

        await run_in_box(sandbox, tmp_path, work)

    async def test_disk(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            ran = await box.exec("truncate -s 20G big || dd if=/dev/zero of=big bs=1M count=20000")
            assert ran.exit_code != 0
            assert (await box.exec("rm -f big; i=0; echo on")).output == "on\n"
            ran = await box.exec(
                "while :; do i=$((i+1)); head -c 4M /dev/zero > f$i; sleep 0.02; done"
            )
            assert (ran.exit_code, ran.killed) == (137, "disk")
            assert (await box.exec("rm f*; echo freed")).output == "freed\n"

        await run_in_box(sandbox, tmp_path, work)
        assert sum(f.stat().st_blocks * 512 for f in tmp_path.iterdir()) < 32 * MIB


class FileContract:
    """Read, write and search, with whatever lies there."""

    async def test_files(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            await box.write("new/dir/a.txt", b"\0\xff" * 1000)
            assert await box.read("new/dir/a.txt") == b"\0\xff" * 1000
            assert await box.read("new/dir/a.txt", limit=3) == b"\0\xff\0"
            await box.exec("printf x > run; chmod 751 run; ln -s run link; mkfifo pipe; ln -s l l")
            await box.write("link", b"through")
            assert (await box.exec("stat -c %a run; cat run; readlink link")).output == (
                "751\nthroughrun\n"
            )
            for path, error in (
                ("none", FileNotFoundError),
                ("run/below", FileNotFoundError),
                ("l", FileNotFoundError),
                ("x" * 300, FileNotFoundError),
                ("new", IsADirectoryError),
                ("pipe", PermissionError),
                ("/dev/zero", PermissionError),
            ):
                with pytest.raises(error):
                    await box.read(path)
            with pytest.raises(IsADirectoryError):
                await box.write("new", b"")
            with pytest.raises(PermissionError):
                await box.write("pipe", b"")
            assert not [m for m in await box.search("") if ".part" in m.path]

        await run_in_box(sandbox, tmp_path, work)

    async def test_a_full_disk_loses_nothing(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            await box.write("a", b"old")
            with pytest.raises(PermissionError):
                await box.write("a", b"x" * (5 * MIB))
            assert await box.read("a") == b"old"
            assert [m.path for m in await box.search("")] == ["a"]

        await run_in_box(sandbox, tmp_path, work, SMALL.model_copy(update={"disk_bytes": 4 * MIB}))

    async def test_search(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            await box.write("src/a.py", b"import os\n\ndef f():\r\n    return os.path\n")
            await box.write("src/deep/b.py", "값 = 1\n".encode())
            await box.write("c.txt", b"import os\n")
            await box.write("bin", b"import os\0")
            await box.write("node_modules/d.py", b"import os\n")
            await box.exec("ln -s c.txt link; ln -s . loop; mkfifo p; printf x > $'caf\\xe9.py'")
            found = await box.search(r"\bos\b")
            assert [(m.path, m.line) for m in found] == [
                ("c.txt", 1),
                ("src/a.py", 1),
                ("src/a.py", 4),
            ]
            assert [m.text for m in await box.search("def .*:")] == ["def f():"]
            assert [m.path for m in await box.search("값", glob="*.py")] == ["src/deep/b.py"]
            assert [m.path for m in await box.search("", glob="src/**/*.py")] == [
                "src/a.py",
                "src/deep/b.py",
            ]
            assert len(await box.search(".", limit=2)) == 2
            odd = next(m.path for m in await box.search("") if m.path.startswith("caf"))
            assert (odd, await box.read(odd)) == ("caf\\xe9.py", b"x")
            with pytest.raises(ValueError, match="unterminated"):
                await box.search("[")

        await run_in_box(sandbox, tmp_path, work)


class HoldContract:
    """Freezing, closing, and a runner that is attacked."""

    async def test_frozen_means_that_nothing_runs(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            count = "while :; do printf . >> n; done"
            await box.exec(f"setsid sh -c '{count}' >/dev/null 2>&1 & sleep 0.2")
            async with box.frozen():
                first = (tmp_path / "n").stat().st_size
                await asyncio.sleep(0.2)
                assert (tmp_path / "n").stat().st_size == first > 0
            await asyncio.sleep(0.3)
            assert (tmp_path / "n").stat().st_size > first
            assert (await box.exec("echo on")).output == "on\n"

        await run_in_box(sandbox, tmp_path, work)

    async def test_close_ends_all_even_when_frozen(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            await box.exec("setsid sh -c 'trap \"\" TERM; sleep 600' >/dev/null 2>&1 &")
            async with box.frozen():
                await box.close()
            await box.close()
            with pytest.raises(SandboxError) as caught:
                await box.exec("true")
            assert caught.value.key == "workspace.box_closed"

        await run_in_box(sandbox, tmp_path, work)

    async def test_a_killed_runner_closes_the_box(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async def work(box: Box) -> None:
            await box.exec("setsid sleep 600 >/dev/null 2>&1 &")
            with pytest.raises(SandboxError) as caught:
                await box.exec("kill -9 $PPID; sleep 600")
            assert caught.value.key == "workspace.runner_gone"
            with pytest.raises(SandboxError):
                await box.read("x")

        await run_in_box(sandbox, tmp_path, work)

    async def test_a_command_holds_nothing_of_the_runners(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async def work(box: Box) -> None:
            ran = await box.exec("ls -l /proc/self/fd | grep -c socket; readlink /proc/self/fd/0")
            assert ran.output == "0\n/dev/null\n"
            forged = '{"id": 2, "ok": {"code": 0}}'
            ran = await box.exec(
                f"for f in /proc/[0-9]*/fd/*; do [ -S $f ] && echo '{forged}' > $f && echo in; done"
                " 2>/dev/null; exit 7"
            )
            assert (ran.exit_code, ran.output) == (7, "")
            assert (await box.exec("echo on")).output == "on\n"

        await run_in_box(sandbox, tmp_path, work)


class SandboxContract(CommandContract, OutputContract, LimitContract, FileContract, HoldContract):
    """All of it."""
