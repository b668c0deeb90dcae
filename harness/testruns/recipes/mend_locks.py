"""Rules for lock files of pipenv and pdm that do not fit their project, or what reads them; see
mend_python. A file is made anew by the project's own tool, from where the project says."""

from __future__ import annotations

import re

from harness.testruns.recipes.scene import Mended, Scene

_START = r"(?P<before>(?:\w+=\S+ )*)(?P<tool>(?:\S+/|\S*python[\d.]* -m |pipx run )?{tool})"
_PIPENV = re.compile(_START.format(tool="pipenv") + r" (?=(?:install|sync|verify)\b)")
_PDM = re.compile(_START.format(tool="pdm") + r" (?=(?:install|sync)\b)(?P<file>.*?)(?=&&|;|$)")
_LOCK = re.compile(r"\s(?:-L|--lockfile)[\s=]\S+")


def relock_pipenv(scene: Scene) -> Mended | None:
    """A Pipfile.lock of another Pipfile, that is broken or not there, or whose files are not what
    the index has."""
    cannot = scene.find(
        r"Your Pipfile\.lock \(\w*\) is out of date\. Expected"
        r"|^\s*Pipfile\.lock is out-of-date\. Run"
        r"|Pipfile\.lock not found!|\[LockfileNotFound\]"
        r"|ERROR: Failed to load lockfile at|^\s*Your lockfile is corrupt"
        r"|THESE PACKAGES DO NOT MATCH THE HASHES"
        r"|No matching distribution found for \S+=="
    )
    if scene.stage != "setup" or cannot is None:
        return None

    def change(command: str) -> str:
        if not _PIPENV.search(command) or "pipenv lock" in command:
            return command
        command = re.sub(r" --(?:deploy|ignore-pipfile)\b", "", command)
        return _PIPENV.sub(r"\g<before>\g<tool> lock && \g<0>", command, count=1)

    return scene.mended("relocked", scene.in_setup(change), name="Pipfile.lock")


def relock_pdm(scene: Scene) -> Mended | None:
    """A pdm.lock of another project file, of another pdm, for other machines, or none. What pdm
    only warns of did not end it."""
    cannot = scene.find(
        r"Please run `pdm lock` to update the lock file"
        r"|\[ProjectError\]: Lock ?file does not exist, nothing to install"
        r"|\[PdmException\]: No compatible lock target found"
        r"|None of the lock targets matches the current env"
        r"|\[PdmUsageError\]: The target requires Python .* not compatible with the project"
        r"|No candidate is found for .* that matches the environment or hashes"
        r"|^Lock file version is not compatible with PDM[^\n]*\n(?:[^\n]*\n){0,6}"
        r"\[(?:NonExistentKey|KeyError|RequirementError|TypeError|ValueError)\]"
    )
    if scene.stage != "setup" or cannot is None:
        return None

    def change(command: str) -> str:
        found = _PDM.search(command)
        if found is None or "pdm lock" in command:
            return command
        named = _LOCK.search(found["file"])
        lock = f"{found['before']}{found['tool']} lock{named[0] if named else ''} && "
        before, rest = command[: found.start()], command[found.start() :]
        return before + lock + re.sub(r" --(?:check|frozen-lockfile|no-lock)\b", "", rest)

    return scene.mended("relocked", scene.in_setup(change), name="pdm.lock")
