"""The versions that a Python project's lock file says, as constraints for pip. The file is read by
the set-up itself, so that it counts as it is by then. Pure."""

from __future__ import annotations

import posixpath
import shlex

from harness.testruns.detect.manifest import Manifest

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
# what comes from elsewhere than an index, or has several versions, is none of a constraint's
SCRIPT = """
import json, sys
try:
    import tomllib
except ImportError:
    from pip._vendor import tomli as tomllib
text = open(sys.argv[1], encoding="utf-8").read()
found = {}
def add(name, version, row):
    source = row.get("source") or {}
    elsewhere = set(row) & {"path", "git", "url", "file"} or source and "registry" not in source
    if not elsewhere and isinstance(version, str):
        found.setdefault(name, set()).add(version.lstrip("="))
if sys.argv[1].endswith("Pipfile.lock"):
    for key in ("default", "develop"):
        for name, row in json.loads(text).get(key, {}).items():
            add(name, row.get("version"), row)
else:
    for row in tomllib.loads(text).get("package", []):
        add(row["name"], row.get("version"), row)
for name, versions in sorted(found.items()):
    if len(versions) == 1:
        print(name + "==" + versions.pop())
"""
CONSTRAINTS = '"$HARNESS_ENV/constraints.txt"'


def lock_of(manifest: Manifest) -> str:
    """The lock file from where the project stands, its workspace's for a member; "" for none."""
    for folder in dict.fromkeys((manifest.folder, manifest.root.folder)):
        for name in LOCKS:
            if posixpath.join(folder, name) in manifest.files:
                return posixpath.join(
                    posixpath.relpath(folder or ".", manifest.folder or "."), name
                )
    return ""


def constraining(python: str, lock: str) -> str:
    """The command that writes what is in that lock file where `CONSTRAINTS` is."""
    return f"{python} -I -c {shlex.quote(SCRIPT)} {shlex.quote(lock)} > {CONSTRAINTS}"
