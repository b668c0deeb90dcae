#!/bin/sh
# The workflow step of docs/proof.md, by hand: what a runner does for a pull request, from the clone
# to the exit code.
#   scripts/prove_step.sh REPOSITORY BASE HEAD [WORD...]
# REPOSITORY is an address or a folder that git clones; HEAD is checked out as a runner does, on no
# branch, and BASE stands for the branch that the pull request is for. Further words go to `prove`.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 3 ] || { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
repository=$1 base=$2 head=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
git clone --quiet --no-checkout "$repository" "$work/checkout"
cd "$work/checkout"
base=$(git rev-parse --verify "$base^{commit}")
git checkout --quiet --detach "$head"
git update-ref refs/remotes/origin/base "$base"
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps \
  --wheel-dir "$work/dist" "$here"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$work"/dist/*.whl
set +e
"$work/venv/bin/harness" prove "origin/base...HEAD" "$@"
code=$?
echo "exit code $code"
exit "$code"
