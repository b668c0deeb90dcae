#!/bin/sh
# A PostToolUse hook in Claude Code's format: formats the Python file that was just written.
# Never blocks: without the environment, or for another kind of file, it does nothing.
root=$(cd "$(dirname "$0")/.." && pwd) || exit 0
python="$root/.venv/bin/python"
[ -x "$python" ] || exit 0
file=$("$python" -c 'import json, sys; print(json.load(sys.stdin).get("tool_input", {}).get("file_path", ""))' 2>/dev/null)
case $file in
"$root"/*.py) "$root/.venv/bin/ruff" format --quiet -- "$file" >/dev/null 2>&1 ;;
esac
exit 0
