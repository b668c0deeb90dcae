"""Commands on a gitdir of ours: what reaches git, and what its errors say."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from harness.core.errors import GitError, MissingError, RefusedError
from harness.system.git import (
    OLDEST,
    Git,
    git_version,
    object_id,
    protocol,
    real,
    split_names,
    storable_name,
)
from harness.system.objects import write_object


def fake(tmp_path: Path, script: str) -> str:
    path = tmp_path / "fake-git"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


async def make_git(tmp_path: Path) -> Git:
    git = Git(tmp_path / "x.git")
    await git.run("init", "--bare", "--quiet", "--template=")
    return git


async def test_nothing_of_the_daemons_environment_reaches_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "CANARY")
    monkeypatch.setenv("GIT_SSH_COMMAND", "CANARY")
    monkeypatch.setenv("GIT_DIR", "CANARY")
    git = Git(tmp_path, program=fake(tmp_path, "env"), extra={"GIT_AUTHOR_NAME": "me"})
    env = (await git.text("anything")).splitlines()
    assert "GIT_AUTHOR_NAME=me" in env
    assert "GIT_CONFIG_GLOBAL=/dev/null" in env
    assert not [line for line in env if "CANARY" in line]


async def test_every_command_carries_the_hardening_and_one_protocol_at_most(tmp_path: Path) -> None:
    git = Git(tmp_path, tmp_path / "w", tmp_path / "i", fake(tmp_path, 'printf "%s\\n" "$@"'))
    words = (await git.text("status", "--", "x")).splitlines()
    assert words[:2] == [f"--git-dir={tmp_path}", f"--work-tree={tmp_path}/w"]
    assert words[-3:] == ["status", "--", "x"]
    for setting in ("core.hooksPath=/dev/null", "core.fsmonitor=false", "protocol.allow=never"):
        assert setting in words
    assert not [word for word in words if word.endswith("allow=always")]
    words = (await git.run("fetch", speak="file")).stdout.decode().splitlines()
    assert [word for word in words if word.endswith("allow=always")] == [
        "protocol.file.allow=always"
    ]


async def test_a_users_own_git_configuration_plays_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_text("[init]\n\tdefaultBranch = CANARY\n[alias]\n\tx = !true\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    git = await make_git(tmp_path)
    assert "CANARY" not in (tmp_path / "x.git" / "HEAD").read_text()
    with pytest.raises(GitError):
        await git.run("x")


async def test_a_failure_is_one_line_of_gits_own_words(tmp_path: Path) -> None:
    git = await make_git(tmp_path)
    with pytest.raises(GitError) as caught:
        await git.run("cat-file", "-t", "1" * 40)
    assert caught.value.facts["command"] == "cat-file"
    assert "could not get object info" in str(caught.value.facts["said"])
    assert "\n" not in str(caught.value.facts["said"])


async def test_credentials_and_escapes_are_not_in_a_failure(tmp_path: Path) -> None:
    script = (
        "printf '\\033[31mfatal\\033[0m: https://me:tok123@h.test/x Basic c2VjcmV0c2VjcmV0 "
        "ghp_abcdefgh\\n' >&2; exit 128"
    )
    git = Git(
        tmp_path,
        program=fake(tmp_path, script),
        extra={"A": "Authorization: Basic c2VjcmV0c2VjcmV0", "T": "ghp_abcdefgh"},
    )
    with pytest.raises(GitError) as caught:
        await git.run("fetch")
    said = str(caught.value.facts["said"])
    assert said == "fatal: https://h.test/x Basic [redacted] [redacted]"


async def test_a_git_that_hangs_is_stopped(tmp_path: Path) -> None:
    git = Git(tmp_path, program=fake(tmp_path, "exec sleep 60"))
    with pytest.raises(GitError) as caught:
        await git.run("fetch", timeout_s=0.2)
    assert caught.value.key == "git.timed_out"


async def test_no_git_and_no_gitdir_are_different_faults(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as missing:
        await Git(tmp_path, program="no-such-git").run("status")
    assert missing.value.exit_code == 4
    with pytest.raises(GitError) as gone:
        await Git(tmp_path / "a" / "b.git").run("status")
    assert gone.value.key == "git.no_gitdir"


@pytest.mark.parametrize(
    ("said", "good"),
    [
        ("git version 2.39.5", True),
        ("git version 2.38.0.windows.1", True),
        ("git version 2.50.1 (Apple Git-155)", True),
        ("git version 3.0", True),
        ("git version 2.37.9", False),
        ("git version 1.9", False),
        ("nonsense", False),
    ],
)
async def test_a_git_too_old_is_refused_with_what_is_needed(
    tmp_path: Path, said: str, good: bool
) -> None:
    program = fake(tmp_path, f"echo '{said}'")
    if good:
        assert await git_version(program) >= OLDEST
        return
    with pytest.raises(MissingError) as caught:
        await git_version(program)
    assert caught.value.key == "git.too_old"
    assert caught.value.facts["needed"] == "2.38.0"


@pytest.mark.parametrize(
    ("url", "spoken"),
    [
        ("/srv/forge/x.git", "file"),
        ("file:///srv/x.git", "file"),
        ("https://github.com/o/n.git", "https"),
        ("http://127.0.0.1:8080/o/n.git", "http"),
        ("http://localhost/o/n.git", "http"),
    ],
)
def test_an_address_speaks_one_protocol(url: str, spoken: str) -> None:
    assert protocol(url) == spoken


@pytest.mark.parametrize(
    "url",
    [
        *("ext::sh -c id", "https::x", "https:x", "http://localhost.evil.test/x", "ssh://h/x"),
        *("git://h/x", "http://h/x", "user@h:x", "-x", "", "fd::3", "transport::https://x"),
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(RefusedError):
        protocol(url)


async def test_an_object_written_here_is_what_git_reads(tmp_path: Path) -> None:
    git = await make_git(tmp_path)
    for data in (b"", b"hello\n", bytes(range(256)) * 5000):
        name = write_object(git.gitdir, "blob", data)
        assert (await git.run("cat-file", "blob", name)).stdout == data
        assert await git.text("hash-object", "--stdin", input=data) == name
        assert write_object(git.gitdir, "blob", data) == name
    await git.run("fsck", "--strict")


def test_ids_and_names_are_read_strictly() -> None:
    assert object_id("0123456789abcdef" * 2 + "01234567") == "0123456789abcdef" * 2 + "01234567"
    for bad in ("HEAD", "-x", "0" * 39, "A" * 40, "0" * 40 + "\n"):
        with pytest.raises(GitError):
            object_id(bad)
    assert split_names(b"a\0b\xff\nc\0") == ("a", "b\udcff\nc")
    assert split_names(b"") == ()


def test_every_name_can_be_shown_stored_and_found_again() -> None:
    dice = random.Random(3)
    pieces = [bytes([b]) for b in range(1, 256)] + [
        c.encode() for c in "가\uef80\uefff\uef7f\uf000é"
    ]
    names = {b"".join(dice.choices(pieces, k=dice.randint(1, 8))) for _ in range(3000)}
    texts = {}
    for name in names:
        text = storable_name(os.fsdecode(name))
        assert text.encode().decode() == text
        assert os.fsencode(real(text)) == name
        texts[text] = name
    assert len(texts) == len(names)
    assert storable_name("a/가.py") == "a/가.py"
