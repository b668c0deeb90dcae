#!/bin/sh
# What the sandbox tests stand against, as root on Debian or Ubuntu: Podman and runc for the container
# sandbox (rootless containers are not tested), the servers that a project's tests may ask for.
# Quick when they are there; else one sentence. No server is started by its package.
set -eu

[ "$(id -u)" = 0 ] || exit 0

packages() {
    command -v podman >/dev/null 2>&1 || printf ' podman'
    command -v runc >/dev/null 2>&1 || printf ' runc'
    command -v redis-server >/dev/null 2>&1 || printf ' redis-server'
    # what the languages of tests/real/compiled.py are built and tested with
    command -v go >/dev/null 2>&1 || printf ' golang-go'
    command -v cargo >/dev/null 2>&1 || printf ' cargo'
    command -v cmake >/dev/null 2>&1 || printf ' cmake'
    command -v cc >/dev/null 2>&1 || printf ' gcc libc6-dev make'
    command -v mvn >/dev/null 2>&1 || printf ' maven'
    command -v javac >/dev/null 2>&1 || printf ' default-jdk-headless'
    [ -d /usr/share/maven-repo/org/apache/maven/plugins/maven-surefire-plugin ] || printf ' libsurefire-java'
    [ -d /usr/share/maven-repo/org/apache/maven/plugins/maven-compiler-plugin ] || printf ' libmaven-compiler-plugin-java'
    [ -d /usr/share/maven-repo/org/apache/maven/plugins/maven-resources-plugin ] || printf ' libmaven-resources-plugin-java'
    [ -d /usr/share/maven-repo/junit/junit ] || printf ' junit4'
    if [ "${HARNESS_REAL:-}" = all ]; then # tests/real/interpreted.py
        command -v rspec >/dev/null 2>&1 || printf ' ruby-rspec'
        command -v rake >/dev/null 2>&1 || printf ' ruby ruby-minitest rake'
        command -v phpunit >/dev/null 2>&1 || printf ' php-cli phpunit'
    fi
    command -v memcached >/dev/null 2>&1 || printf ' memcached'
    [ -x /usr/sbin/mariadbd ] || printf ' mariadb-server'
    # shellcheck disable=SC2144
    [ -x "$(echo /usr/lib/postgresql/*/bin/postgres | cut -d ' ' -f 1)" ] || printf ' postgresql'
}

missing=$(packages)
[ -n "$missing" ] || exit 0

fail() {
    echo "sandbox parts: missing$missing; $1" >&2
    exit 4
}

command -v apt-get >/dev/null 2>&1 || fail "install them with this system's package manager."
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
[ -e $policy ] && policy= # the machine has its own
trap 'rm -f "$log" $policy' EXIT
[ -z "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy; }
export DEBIAN_FRONTEND=noninteractive
echo "sandbox parts: installing$missing" >&2
# shellcheck disable=SC2086
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    fail "run: apt-get update && apt-get install$missing"
fi
