"""What the operating system and git say of the disk, with the path."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from harness.core.errors import GitError, StorageError
from harness.system.files import as_git_error, naming, sync_dir
from harness.system.git import Git
from harness.system.storage import storage_fault

HERE = Path("/here")


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (errno.ENOSPC, "engine.disk_full"),
        (errno.EDQUOT, "engine.disk_full"),
        (errno.EROFS, "engine.read_only"),
        (errno.EIO, "engine.cannot_write"),
        (errno.EFBIG, "engine.cannot_write"),
        (errno.ESTALE, "engine.cannot_write"),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_each_is_a_sentence_with_a_path(number: int, key: str, named: bool) -> None:
    error = OSError(number, os.strerror(number), "/there") if named else OSError(number, "why")
    fault = storage_fault(error, HERE)
    assert fault is not None
    assert (fault.key, fault.facts["path"]) == (key, "/there" if named else "/here")
    with pytest.raises(StorageError), as_git_error():
        raise error


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOENT, errno.ENOTDIR, errno.EMFILE])
def test_what_is_no_trouble_of_the_disk_stays_what_it_is(number: int) -> None:
    error = OSError(number, os.strerror(number))
    assert storage_fault(error, HERE) is None
    with pytest.raises(GitError), as_git_error():
        raise error


def test_a_folder_that_cannot_be_synced_is_named() -> None:
    with pytest.raises(OSError, match="'/proc'"):
        sync_dir(Path("/proc"))


def test_a_name_that_is_there_is_kept() -> None:
    with pytest.raises(OSError, match="'/other'"), naming(HERE):
        raise OSError(errno.EIO, "why", "/other")


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("error: unable to write file x: No space left on device", "engine.disk_full"),
        ("fatal: unable to create 'x.lock': Read-only file system", "engine.read_only"),
        ("fatal: fsync error on 'x': Input/output error", "engine.cannot_write"),
        ("fatal: write error: Disk quota exceeded", "engine.disk_full"),
        ("remote: fatal: write error: No space left on device", ""),
        ("fatal: bad object", ""),
    ],
)
async def test_gits_words_of_its_disk_are_no_word_of_a_servers(
    tmp_path: Path, said: str, key: str
) -> None:
    program = tmp_path / "git"
    program.write_text(f'#!/bin/sh\necho "{said}" >&2\nexit 128\n')
    program.chmod(0o755)
    with pytest.raises((StorageError, GitError)) as raised:
        await Git(tmp_path, program=str(program)).run("gc")
    assert raised.value.key == (key or "git.failed")
    if key:
        assert raised.value.facts["path"] == str(tmp_path)
