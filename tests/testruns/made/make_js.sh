#!/bin/sh
# Writes the reports of JavaScript's suites anew: see README.md. The first argument is a folder whose
# node_modules holds jest, vitest, mocha, tape and ava.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$1" && pwd)
work=$(mktemp -d "$tools/suites.XXXXXX")
trap 'rm -rf "$work"' EXIT

kept() { # the report $1 as $2: no folder of this machine, no traces through the programs themselves
    [ -s "$1" ] || { : >"$here/$2"; return; }
    sed -e "s#$work/[a-z]*/#/work/#g" -e "s#$work/[a-z]*#/work#g" -e "s#$tools/##g" "$1" |
        sed -e '/^ *at .*\(node:\|node_modules\).*)$/d' -e 's#\\n *at [^\\"]*\(node:\|node_modules\)[^\\"]*##g' \
            -e 's# hostname="[^"]*"##g' >"$here/$2"
}

for runner in node jest vitest mocha tape ava; do
    cp -r "$here/$runner" "$work/$runner"
    cd "$work/$runner" || exit 1
    echo '{"name": "ours", "private": true, "ava": {"files": ["tests/*"]}, "jest": {"rootDir": "."}}' >package.json
    for suite in kinds exits loads dies; do
        file=$(ls tests/$suite.* 2>/dev/null) || continue
        rm -f report
        case $runner in
        node) node --test --test-reporter=junit --test-reporter-destination=report "$file" ;;
        jest) npx jest --json --outputFile=report "$file" ;;
        vitest) npx vitest run --reporter=junit --outputFile.junit=report "$file" ;;
        mocha) npx mocha --reporter xunit --reporter-option output=report "$file" ;;
        tape) npx tape "$file" ;;
        ava) npx ava --tap "$file" ;;
        esac >printed 2>/dev/null
        echo "$runner $suite: $?"
        [ -f report ] || cp printed report
        case $runner in jest) end=json ;; tape | ava) end=tap ;; *) end=xml ;; esac
        kept report "$runner/$suite.$end"
    done
done
