#!/bin/sh
# What the sandbox tests stand against: Podman and runc for the container sandbox (as root on Debian
# or Ubuntu; rootless containers are not tested). Quick when they are there; else one sentence.
set -eu

[ "$(id -u)" = 0 ] || exit 0
missing=
for program in podman runc; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

fail() {
    echo "sandbox parts: missing$missing; $1" >&2
    exit 4
}

command -v apt-get >/dev/null 2>&1 || fail "install them with this system's package manager."
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
echo "sandbox parts: installing$missing" >&2
# shellcheck disable=SC2086
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    fail "run: apt-get update && apt-get install$missing"
fi
rm -f "$log"
