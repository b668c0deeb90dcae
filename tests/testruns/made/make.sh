#!/bin/sh
# Writes the reports of Ruby's and PHP's suites anew: see README.md. Needs ruby, ruby-rspec,
# ruby-minitest, php-cli and phpunit of Debian.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$here/rspec" "$here/minitest" "$here/phpunit" "$work"

kept() { # the report $1 as $2: no folder of this machine, no traces through the programs themselves
    [ -s "$1" ] || { : >"$here/$2"; return; }
    sed -e "s#$work/[a-z]*/#/work/#g" -e "s#$work/[a-z]*#/work#g" \
        -e 's#"/usr/[^"]*",\?##g' -e 's#,\]#]#g' "$1" >"$here/$2"
}

cd "$work/rspec" || exit 1
for suite in kinds exits dies loads; do
    SPEC_OPTS="--no-fail-fast --format json --out report" rspec "spec/${suite}_spec.rb" >/dev/null 2>&1
    kept report "rspec/$suite.json"
done
cd "$work/minitest" || exit 1
for suite in kinds exits dies loads; do
    ruby -Itest "test/test_$suite.rb" -v --seed 1 >report 2>/dev/null
    kept report "minitest/$suite.txt"
done
cd "$work/phpunit" || exit 1
for suite in tests leaves dies loads; do
    rm -f report
    phpunit --log-junit report "$suite" >/dev/null 2>&1
    kept report "phpunit/$suite.xml"
done
mv "$here/phpunit/tests.xml" "$here/phpunit/kinds.xml"
mv "$here/phpunit/leaves.xml" "$here/phpunit/exits.xml"
cp -r "$here/go" "$here/cargo" "$work"
cd "$work/go" || exit 1
for suite in kinds exits dies loads; do
    go test -json "./$suite" >report 2>&1
    kept report "go/$suite.json"
done
cd "$work/cargo" || exit 1
for suite in kinds exits dies; do
    CARGO_TERM_COLOR=never cargo test --offline --no-fail-fast --lib --test "$suite" -- --test-threads 1 >report 2>&1
    kept report "cargo/$suite.txt"
done
cp broken/loads.rs tests && CARGO_TERM_COLOR=never cargo test --offline --test loads >report 2>&1
kept report "cargo/loads.txt"
