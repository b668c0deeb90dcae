"""Lock files of pipenv and pdm that do not fit, and peers that pnpm does not accept: what the tools
print, as they print it, to the recipe that is tried next, and near misses."""

from __future__ import annotations

import pytest

from harness.testruns.recipes.recipe import Origin, Recipe
from tests.testruns.test_mending import key, mended, set_up


def recipe_of(*setup: str) -> Recipe:
    return Recipe(origin=Origin(path="ci.yml"), setup=setup, test="pytest", reporter="pytest")


ABORTED = "Usage: pipenv install [OPTIONS] [PACKAGES]...\n\nERROR:: Aborting deploy\n"
PIPENV = [
    ("pipenv install --deploy --dev",
     f"Your Pipfile.lock (ab547e) is out of date. Expected: (9d352e).\n{ABORTED}",
     "pipenv lock && pipenv install --dev"),
    ("pipenv install --system --deploy",
     "Your Pipfile.lock (ee5679) is out of date. Expected: (c5ad03).\nTraceback (most recent call "
     "last):\npipenv.exceptions.DeployException: Aborting deploy",
     "pipenv lock && pipenv install --system"),
    ("cd api && PIPENV_VENV_IN_PROJECT=1 pipenv install --deploy",
     "Your Pipfile.lock (0ac58f) is out of date. Expected: (aabdb1).\nAborting deploy.",
     "cd api && PIPENV_VENV_IN_PROJECT=1 pipenv lock && PIPENV_VENV_IN_PROJECT=1 pipenv install"),
    ("pipenv verify && pipenv sync", "Pipfile.lock is out-of-date. Run $ pipenv lock to update.",
     "pipenv lock && pipenv verify && pipenv sync"),
    ("python3 -m pipenv sync --dev",
     'do_sync\n[LockfileNotFound]:       raise exceptions.LockfileNotFound("Pipfile.lock")\nERROR: '
     "Pipfile.lock not found! You need to run $ pipenv lock before you can \ncontinue, or provide a"
     " pylock.toml file.", "python3 -m pipenv lock && python3 -m pipenv sync --dev"),
    ("pipenv install --ignore-pipfile",
     "ERROR: Failed to load lockfile at /work/Pipfile.lock\nYour lockfile is corrupt, it will be "
     "removed and replaced on the next lock.", "pipenv lock && pipenv install"),
    ("pipenv sync",
     "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated"
     " the package versions, please update the hashes.", "pipenv lock && pipenv sync"),
    ("pipenv sync", "[InstallError]: ERROR: No matching distribution found for numpy==1.19.5",
     "pipenv lock && pipenv sync"),
]  # fmt: skip
SATISFY = "Lockfile doesn't satisfy the project requirements, packages may be outdated"
PDM = [
    ("pdm install --check --dev",
     "WARNING: Lockfile is generated on an older version of PDM\nWARNING: Lockfile doesn't satisfy "
     "the project requirements, packages may be outdated\nPlease run `pdm lock` to update the lock "
     "file", "pdm lock && pdm install --dev"),
    ("pdm install --check", "Lock file hash doesn't match pyproject.toml, packages may be outdated"
     "\nPlease run `pdm lock` to update the lock file", "pdm lock && pdm install"),
    ("pdm sync -G test", "[ProjectError]: Lock file does not exist, nothing to install\nAdd '-v' to"
     " see the detailed traceback", "pdm lock && pdm sync -G test"),
    ("pdm sync -L pdm.ci.lock", "[ProjectError]: Lockfile does not exist, nothing to install",
     "pdm lock -L pdm.ci.lock && pdm sync -L pdm.ci.lock"),
    ("cd lib && pdm sync --no-self",
     f"WARNING: {SATISFY}\nSTATUS: Resolving packages from lockfile...\nERROR: None of the lock "
     "targets matches the current env (==3.11.7, manylinux_2_36_x86_64, cpython):\n - (==3.6.*)\n"
     "[PdmException]: No compatible lock target found",
     "cd lib && pdm lock && pdm sync --no-self"),
    ("pdm install --frozen-lockfile",
     "[PdmUsageError]: The target requires Python ==3.6.* which is not compatible with the "
     "project's requires-python >=3.9", "pdm lock && pdm install"),
    ("pdm sync", "Lock file version is not compatible with PDM, installation may fail\nSee "
     "/tmp/pdm-install-resolve-78und0n3.log for detailed debug log.\n[NonExistentKey]: 'Key \"url\""
     " does not exist.'\nAdd '-v' to see the detailed traceback", "pdm lock && pdm sync"),
    ("pdm sync", "[CandidateNotFound]: No candidate is found for `six` that matches the environment"
     " or hashes", "pdm lock && pdm sync"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "printed", "told"), [*PIPENV, *PDM])
def test_a_lock_file_that_does_not_fit_is_made_anew(command: str, printed: str, told: str) -> None:
    made = mended(printed, recipe=recipe_of(command), stage="setup")
    assert key(made) == "relocked"
    assert set_up(made) == told
    assert made is not None
    # once: the same output again is another fault
    assert key(mended(printed, recipe=made.recipe, stage="setup")) != "relocked"


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("pipenv install --deploy", "Warning: Your Pipfile requires python_version 3.6, but you are"
         f" using 3.11.2 (/work/.venv/bin/python).\n{ABORTED}"),
        ("pipenv install", "Pipfile.lock (48bdc8) out of date: run `pipenv lock` to update to "
         "(2bfadf)...\nERROR: Could not find a version that satisfies the requirement nonesuch "
         "(from versions: none)\nERROR: No matching distribution found for nonesuch"),
        ("pipenv sync", "Package 'requests' out-of-date: '==2.25.0' installed, '==2.26.0' "
         "available.\nConnectionError: Max retries exceeded"),
        ("pipenv install --dev", "Installing dependencies from Pipfile.lock (f9e8d7)...\nOSError: "
         "[Errno 28] No space left on device"),
        ("pipenv run pytest", "Your Pipfile.lock (ab547e) is out of date. Expected: (9d352e)."),
        ("pdm sync", f"WARNING: {SATISFY}\n[ConnectError]: [Errno -3] Temporary failure in name "
                     "resolution"),
        ("pdm install", "Lock file hash doesn't match pyproject.toml, packages may be outdated\n"
                        "Updating the lock file...\n[PdmUsageError]: Unable to find candidates for "
                        "nonesuch. There may exist some issues with the package name"),
        ("pdm sync", "WARNING: Lockfile is not compatible with PDM\n[PermissionError]: [Errno 13]"),
        ("pdm install", "ERROR: Unable to build the project: No module named 'cffi'"),
        ("pdm run lint", "Please run `pdm lock` to update the lock file"),
    ],
)  # fmt: skip
def test_a_failure_beside_a_lock_file_leaves_it(command: str, printed: str) -> None:
    assert mended(printed, recipe=recipe_of(command), stage="setup") is None


TREE = "\n.\n└─┬ react-dom 18.2.0\n  └── ✕ missing peer react@^18.2.0\n"
PNPM = [
    ("npx --yes pnpm@10 install --frozen-lockfile",
     f" ERR_PNPM_PEER_DEP_ISSUES  Unmet peer dependencies\n{TREE}Peer dependencies that should be "
     "installed:\n  react@^18.2.0\nhint: To disable failing on peer dependency issues, add the "
     "following to pnpm-workspace.yaml in your project root:"),
    ("npx --yes pnpm@8 install",
     f" ERR_PNPM_PEER_DEP_ISSUES  Unmet peer dependencies\n{TREE}hint: If you don't want pnpm to "
     'fail on peer dependency issues, add "strict-peer-dependencies=false" to an .npmrc file'),
    ("cd web && npx --yes pnpm@7 install --frozen-lockfile",
     "\x1b[41m ERR_PNPM_PEER_DEP_ISSUES \x1b[49m \x1b[31mUnmet peer dependencies\x1b[39m\n"
     "packages/package-1\n└─┬ primeng\n  └── ✕ unmet peer rxjs@^6.0.0: found 7.5.6"),
    ("pnpm install", "[ERR_PNPM_PEER_DEP_ISSUES] Unmet peer dependencies\n\n✕ missing peer "
     'missing-peer\n  Wanted:\n    "*":\n      peer-user@file:dep'),
    ("npx --yes pnpm@5 install",
     " ERROR  ts-node@9.0.0 requires a peer of typescript@>=2.7 but none was installed."),
    ("pnpm i --frozen-lockfile", " ERR_PNPM_PEER_DEP_ISSUES  Unmet peer dependencies\n\n"
     "packages/devtools/cli\n├─┬ @braneframe/types 0.5.4"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "printed"), PNPM)
def test_peers_that_pnpm_does_not_accept_are_let_be(command: str, printed: str) -> None:
    made = mended(printed, {"package.json": "{}"}, recipe_of(command), stage="setup")
    assert key(made) == "loose_peers"
    assert " --no-strict-peer-dependencies" in set_up(made)
    assert made is not None
    assert mended(printed, {"package.json": "{}"}, made.recipe, stage="setup") is None


@pytest.mark.parametrize(
    "printed",
    [
        f" WARN  Issues with peer dependencies found{TREE} ERR_PNPM_FETCH_404  GET nonesuch: 404",
        " WARN  react-dom@18.2.0 requires a peer of react@^18.2.0 but none was installed.\n"
        " ENOSPC  no space left on device",
        " ERR_PNPM_NO_MATCHING_VERSION  No matching version found for react@99",
        "Peer dependencies that should be installed:\n  react@^18.2.0\n ELIFECYCLE  failed.",
        "npm WARN ERESOLVE overriding peer dependency",
    ],
)
def test_a_warning_of_peers_is_not_what_failed(printed: str) -> None:
    setup = recipe_of("npx --yes pnpm@10 install --frozen-lockfile")
    made = mended(printed, {"package.json": "{}"}, setup, stage="setup")
    assert key(made) != "loose_peers"
