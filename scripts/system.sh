#!/bin/sh
# What harness needs of the system: git and bubblewrap. Quick and quiet when both are there.
set -u
missing=""
command -v git >/dev/null 2>&1 || missing="$missing git"
command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
[ -z "$missing" ] && exit 0

refuse() {
    echo "harness needs$missing. Install it (Debian, Ubuntu: sudo apt-get install$missing; Fedora: sudo dnf install$missing) and run make again." >&2
    exit 4
}

[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || refuse
log=$(mktemp) || exit 1
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1
if [ $? -ne 0 ]; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    refuse
fi
rm -f "$log"
