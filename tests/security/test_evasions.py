"""A shell's ways around a rule that reads commands: what the sandbox lets happen is the same,
whether the classifier saw through them or not (T40)."""

from __future__ import annotations

import base64
import socket
from pathlib import Path

import pytest

from harness.core.types import BoxLimits, Layout
from harness.guard.permission_rules import PermissionRules, Use, read_rules
from harness.sandbox.bubblewrap import Bubblewrap

pytestmark = pytest.mark.security
CANARY = "canary-41c7e0"
OWN = "inside-9b2d55"
# each prints the file F; @B@ is `cat F` in base 64
EVASIONS = {
    "IFS": "cat$IFS@F@",
    "IFS in braces": "cat${IFS}@F@",
    "a piece of a variable": 'x=xcat; "${x:1:3}" @F@',
    "a prefix of the environment": "A=1 B=2 cat @F@",
    "env": "env -i A=1 /bin/cat @F@",
    "find -exec": "find @F@ -exec cat {} +",
    "xargs": "echo @F@ | xargs cat",
    "brace expansion": "{cat,@F@}",
    "base64 into a shell": "echo @B@ | base64 -d | sh",
    "a here-document": "sh <<X\ncat @F@\nX",
    "a here-string": "bash <<< 'cat @F@'",
    "fifty commands": "true; " * 50 + "cat @F@",
    "ANSI-C quoting": "$'\\x63\\x61\\x74' @F@",
    "empty quotes": "c''a\"\"t @F@",
    "backslashes": "\\c\\a\\t @F@",
    "an alias": "shopt -s expand_aliases; alias q=cat\nq @F@",
    "a function": 'q() { cat "$1"; }; q @F@',
    "backticks": "echo `cat @F@`",
    "a substitution": "echo $(cat @F@)",
    "process substitution": "while read -r l; do echo $l; done < <(cat @F@)",
    "arithmetic": "a=(x cat); ${a[$((3 - 2))]} @F@",
    "case": "case a in a) cat @F@;; esac",
    "double brackets": "[[ -n $(cat @F@ | tee /dev/stderr) ]]",
    "eval": 'eval "c""at @F@"',
    "another interpreter": "python3 -c 'print(open(\"@F@\").read())'",
    "a line continued": "ca\\\nt @F@",
    "a pattern for a name": "/bin/c?t @F@",
    "a redirect alone": "echo $(<@F@)",
    "exec": "(exec -a x cat @F@)",
    "a background job": "cat @F@ & wait",
    "printf": "$(printf %s%s ca t) @F@",
}


def written(evasion: str, file: Path) -> str:
    packed = base64.b64encode(f"cat {file}".encode()).decode()
    return evasion.replace("@F@", str(file)).replace("@B@", packed)


async def test_the_sandbox_decides_and_not_the_classifier(tmp_path: Path) -> None:
    tree, secrets = tmp_path / "tree", tmp_path / "secrets"
    tree.mkdir()
    secrets.mkdir()
    (secrets / "key").write_text(f"{CANARY}\n")
    (tree / "own").write_text(f"{OWN}\n")
    refused = PermissionRules(deny=read_rules(["Bash(cat *)", "Bash(curl *)"])[0])
    allowed = PermissionRules(allow=read_rules(["Bash(cat *)"])[0], otherwise="ask")
    caught: dict[str, tuple[str, str]] = {}

    async def scenario(port: int) -> None:
        layout = Layout(tree=tree, env={"PATH": "/usr/local/bin:/usr/bin:/bin"})
        box = await Bubblewrap().open(layout, BoxLimits(command_s=10))
        try:
            for name, evasion in EVASIONS.items():
                # what works: its benign twin reads a file of its own
                own = await box.exec(written(evasion, Path("/work/own")))
                assert OWN in own.output, (name, own)
                for file in (secrets / "key", Path(f"/proc/1/root{secrets}/key")):
                    hostile = written(evasion, file)
                    caught[name] = (
                        refused.judge(Use(tool="Bash", command=hostile)).decision,
                        allowed.judge(Use(tool="Bash", command=hostile)).decision,
                    )
                    ran = await box.exec(hostile)
                    assert CANARY not in ran.output, (name, ran)
            for dial in (
                f"echo x > /dev/tcp/127.0.0.1/{port}",
                f"exec 3<>/dev/udp/127.0.0.1/{port}",
            ):
                assert (await box.exec(f"{dial}; echo x >&3")).exit_code != 0 or "udp" in dial
        finally:
            await box.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        await scenario(server.getsockname()[1])
        with pytest.raises(BlockingIOError):
            server.accept()
    assert (secrets / "key").read_text() == f"{CANARY}\n"
    assert len(caught) >= 25
    # the classifier sees through some and not through others: it made no difference above
    assert {deny for deny, _ in caught.values()} == {"deny", "allow"}
    assert {allow for _, allow in caught.values()} == {"ask", "allow"}
