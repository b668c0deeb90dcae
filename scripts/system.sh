#!/bin/sh
# What harness needs of the machine: git, bubblewrap, Python with venv. Quiet and quick when all is
# there; as root on Debian or Ubuntu the missing packages are installed; else one sentence, exit 4.
# PYTHON names the interpreter the virtual environment is made from.
# `system.sh tests`: only what some tests need beside: nginx and fcgiwrap, in front of git.
set -u
PYTHON=${PYTHON:-python3}
GIT_NEEDED=2.38
BWRAP_NEEDED=0.8

say() {
    echo "harness: $*" >&2
    exit 4
}

# at_least 2.39.5 2.38: the first two numbers decide
at_least() {
    major=${1%%.*}
    rest=${1#*.}
    minor=${rest%%.*}
    [ "$major" -gt "${2%%.*}" ] 2>/dev/null && return 0
    [ "$major" -eq "${2%%.*}" ] 2>/dev/null && [ "$minor" -ge "${2#*.}" ] 2>/dev/null
}

version_of() { # the third word of "git version 2.39.5", the second of "bubblewrap 0.8.0"
    # shellcheck disable=SC2046
    set -- $("$@" --version 2>/dev/null)
    [ "${2:-}" = version ] && echo "${3:-0.0}" || echo "${2:-0.0}"
}

has_venv() { # the environment is made already, or can be
    [ -x .venv/bin/python ] || "$PYTHON" -c 'import ensurepip, venv' >/dev/null 2>&1
}

missing_packages() {
    command -v git >/dev/null 2>&1 || printf ' git'
    command -v bwrap >/dev/null 2>&1 || printf ' bubblewrap'
    if ! command -v "$PYTHON" >/dev/null 2>&1; then
        [ "$PYTHON" = python3 ] && printf ' python3 python3-venv'
    elif ! has_venv; then
        # Debian takes ensurepip out of its own Python; any other comes with it
        case $(command -v "$PYTHON") in
        /usr/bin/python3) printf ' python3-venv' ;;
        /usr/bin/python3.*) printf ' %s-venv' "${PYTHON##*/}" ;;
        esac
    fi
}

install() {
    log=$(mktemp) || exit 1
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $1; } >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# installing nginx must not open port 80 of this machine
without_services() {
    policy=/usr/sbin/policy-rc.d
    [ -e "$policy" ] && { "$@"; return; }
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    "$@"
    done_with=$?
    rm -f "$policy"
    return "$done_with"
}

for_tests() {
    lacking=""
    PATH="$PATH:/usr/sbin:/sbin"
    command -v nginx >/dev/null 2>&1 || lacking="$lacking nginx-light"
    command -v fcgiwrap >/dev/null 2>&1 || lacking="$lacking fcgiwrap"
    [ -n "$lacking" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "harness: installing$lacking for the tests" >&2
        without_services install "$lacking" && return 0
    fi
    say "the tests of git over HTTP need$lacking. Run: sudo apt-get install$lacking (Fedora: sudo dnf install nginx fcgiwrap)."
}

cd "$(dirname "$0")/.." || exit 1

if [ "${1:-}" = tests ]; then
    for_tests
    exit 0
fi

missing=$(missing_packages)
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "harness: installing$missing" >&2
        install "$missing" || say "could not install$missing. Run: apt-get update && apt-get install$missing"
        hash -r
        missing=$(missing_packages)
    fi
    [ -z "$missing" ] ||
        say "missing$missing. Run: sudo apt-get install$missing (Fedora: sudo dnf install git bubblewrap), then run make again."
fi

command -v "$PYTHON" >/dev/null 2>&1 || say "there is no $PYTHON here. Set PYTHON to a Python 3.11 or newer."
has_venv || say "$PYTHON has no venv module. Install it, or set PYTHON to a Python 3.11 or newer that has one."
found=$(version_of git)
at_least "$found" $GIT_NEEDED || say "git $GIT_NEEDED or newer is needed, this is $found. Upgrade the package git."
found=$(version_of bwrap)
at_least "$found" $BWRAP_NEEDED || say "bubblewrap $BWRAP_NEEDED or newer is needed, this is $found. Upgrade the package bubblewrap."

if ! reason=$(bwrap --unshare-user --unshare-pid --unshare-net --ro-bind / / true 2>&1); then
    say "bubblewrap cannot open a sandbox ($reason). Allow user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1 (Debian), sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04 or newer); in a container, start it with a profile that allows them."
fi
