"""Permission rules in Claude Code's syntax: deny before ask before allow. Pure.

A rule is `Tool` or `Tool(pattern)`. Bash: `*` stands for anything; ` *` and `:*` at the end also
for nothing, at a word's border. Read and Edit: gitignore patterns, `//` from the machine's root,
`~/` from the home, `/` from the project's root. WebFetch: `domain:host`. MCP: `mcp__server`,
`mcp__server__tool`, with `*`. What Read and Edit refuse or ask for holds for the files that a
shell command names, too; what Read refuses is not written either. Rules are policy; the sandbox is
the boundary.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from harness.core.base import Json, Value
from harness.guard.claude_tools import name_of, url_of
from harness.guard.command_files import NamedFile, files_named
from harness.guard.command_parts import Parsed, parse
from harness.guard.command_words import MOST_CHARS
from harness.guard.globs_meet import meets

Decision = Literal["allow", "ask", "deny"]
READERS = frozenset({"Read", "Grep", "Glob", "LS", "NotebookRead"})
EDITORS = frozenset({"Edit", "Write", "MultiEdit", "NotebookEdit"})
AGENTS = frozenset({"Agent", "Task"})
_RULE = re.compile(r"([A-Za-z_][\w*.\-]*)(?:\((.*)\))?", re.DOTALL)
_MOST = 4_000
_BELOW = "/\ue006"
"""A name that only a pattern for all names matches."""
_ONE_FOLDER = re.compile(r"[^/*?\[.][^/*?\[]*/\*\*")


class PermissionRule(Value):
    """One line of a permission list."""

    tool: str
    pattern: str = ""
    """"" and "*": every use of the tool."""

    def __str__(self) -> str:
        return f"{self.tool}({self.pattern})" if self.pattern else self.tool


class Use(Value):
    """A tool call as the rules see it: Claude Code's name of the tool and what it is used on."""

    tool: str
    command: str = ""
    cwd: str = ""
    """Where the command starts; "": the project's root."""
    path: str = ""
    """Relative to the project's root, or absolute."""
    url: str = ""
    argument: str = ""
    """The agent's or skill's name."""


class RuleVerdict(Value):
    """What the rules say, and which one; `rule` is None when none matched."""

    decision: Decision
    rule: PermissionRule | None = None


class PermissionRules(Value):
    """The lists of one or more settings files. `otherwise`: what no rule names."""

    allow: tuple[PermissionRule, ...] = ()
    ask: tuple[PermissionRule, ...] = ()
    deny: tuple[PermissionRule, ...] = ()
    otherwise: Decision = "allow"
    home: str = ""
    """For patterns that begin with `~/`."""
    root: str = ""
    """The project's root, absolute, for paths and `//` patterns."""

    def judge(self, use: Use) -> RuleVerdict:
        """Deny before ask before allow, whatever the order in the files. Where nobody is to be
        asked, what would be asked for is refused."""
        shell = use.tool == "Bash"
        parsed = parse(use.command) if shell else None
        files = files_named(use.command, use.cwd or self.root, self.home) if shell else ()
        for decision, rules in (("deny", self.deny), ("ask", self.ask), ("allow", self.allow)):
            for rule in rules:
                strict = decision == "allow"
                if self._matches(rule, use, parsed, strict=strict) or (
                    not strict and self._names_file(rule, use, files)
                ):
                    refused = decision == "ask" and self.otherwise == "deny"
                    return RuleVerdict(decision="deny" if refused else decision, rule=rule)
        return RuleVerdict(decision=self.otherwise)

    def join(self, other: PermissionRules) -> PermissionRules:
        """Both files are the same person's: all lists count, the stricter mode too."""
        both = self.narrow(other)
        return both.model_copy(update={"allow": (*self.allow, *other.allow)})

    def narrow(self, other: PermissionRules) -> PermissionRules:
        """Both at once: what either denies or asks for, and no allowance of `other` alone."""
        strictest: Decision = min(
            self.otherwise, other.otherwise, key=("deny", "ask", "allow").index
        )
        return self.model_copy(
            update={
                "ask": (*self.ask, *other.ask),
                "deny": (*self.deny, *other.deny),
                "otherwise": strictest,
            }
        )

    @property
    def names_files(self) -> bool:
        """Whether it matters where a shell command starts."""
        rules = (*self.deny, *self.ask)
        return any(rule.pattern and rule.tool in READERS | EDITORS for rule in rules)

    def _names_file(self, rule: PermissionRule, use: Use, files: Sequence[NamedFile]) -> bool:
        """What is refused or asked for under another tool's name."""
        if rule.pattern in ("", "*", "**") or rule.tool not in READERS | EDITORS:
            return False
        if rule.tool == "Read" and use.tool in ("Edit", "Write", "MultiEdit"):
            return self._covers(rule.pattern, use.path)
        return len(use.command) > MOST_CHARS or any(
            (file.writes or rule.tool in READERS)
            and any(self._covers(rule.pattern, path) for path in (file.path, file.path + _BELOW))
            for file in files
        )

    def _covers(self, pattern: str, path: str) -> bool:
        """As `path_matches`, for what is refused: one folder's name means it at any depth."""
        if _ONE_FOLDER.fullmatch(pattern):
            pattern = f"**/{pattern}"
        return path_matches(pattern, path, home=self.home, root=self.root)

    def _matches(
        self, rule: PermissionRule, use: Use, parsed: Parsed | None, *, strict: bool
    ) -> bool:
        if not _same_tool(rule.tool, use.tool, strict=strict):
            return False
        if rule.pattern in ("", "*", "**"):
            return True
        if parsed is not None:
            return _command(rule.pattern, parsed, strict=strict)
        if use.tool in READERS | EDITORS:
            if not strict:
                return self._covers(rule.pattern, use.path)
            return path_matches(rule.pattern, use.path, home=self.home, root=self.root)
        if use.tool == "WebFetch":
            return rule.pattern.startswith("domain:") and host_matches(
                rule.pattern.removeprefix("domain:"), use.url
            )
        return wild(rule.pattern, use.argument)


def read_rule(text: str) -> PermissionRule | None:
    """None for what is no rule."""
    found = _RULE.fullmatch(text.strip()) if len(text) <= _MOST else None
    if found is None:
        return None
    pattern = found[2]
    if pattern is not None and not pattern.strip():
        return None
    return PermissionRule(tool=found[1], pattern=(pattern or "").strip())


def read_rules(lines: Sequence[Json]) -> tuple[tuple[PermissionRule, ...], tuple[str, ...]]:
    """The rules, and the lines that are none."""
    rules, wrong = [], []
    for line in lines:
        rule = read_rule(line) if isinstance(line, str) else None
        if rule is None:
            wrong.append(str(line)[:200])
        else:
            rules.append(rule)
    return tuple(rules), tuple(wrong)


def use_of(name: str, arguments: Mapping[str, Json]) -> Use:
    """One of our tool calls in Claude Code's words; an MCP tool keeps its name."""
    tool = name_of(name, arguments)

    def text_of(key: str) -> str:
        value = arguments.get(key, "")
        return value if isinstance(value, str) else ""

    return Use(
        tool=tool,
        command=text_of("command"),
        path=text_of("path") or text_of("file_path") or ("." if tool == "Grep" else ""),
        url=text_of("url") or url_of(text_of("source")),
        argument=text_of("name") or text_of("subagent_type") or text_of("title"),
    )


def path_matches(pattern: str, path: str, *, home: str = "", root: str = "") -> bool:
    """gitignore's matching: no slash inside, any depth; else from the anchor; a folder covers
    all below it. An absolute path below `root` is the project's."""
    absolute = path if path.startswith("/") else ""
    inside = path.removeprefix("./")
    if absolute and root and (absolute + "/").startswith(root.rstrip("/") + "/"):
        inside, absolute = absolute.removeprefix(root.rstrip("/")).lstrip("/"), ""
    inside = _normal(inside)
    if pattern.startswith("//"):
        whole = absolute or (f"{root.rstrip('/')}/{inside}" if root else "")
        return bool(whole) and _ignore(pattern[1:], _normal(whole))
    if pattern.startswith("~/"):
        if path.startswith("~/"):
            return _ignore(pattern[1:], _normal(path[2:]))
        whole = absolute or (f"{root.rstrip('/')}/{inside}" if root else "")
        return bool(whole and home) and _ignore(home.rstrip("/") + pattern[1:], _normal(whole))
    if absolute:
        # outside of the project only a pattern that names any depth reaches
        return "/" not in pattern.rstrip("/") and _ignore(pattern, _normal(absolute))
    if pattern.startswith("./"):
        return _ignore(pattern[1:], inside)
    return _ignore(pattern, inside)


def host_matches(pattern: str, url: str) -> bool:
    """`example.org` is that host alone, `*.example.org` those below it, `*` any."""
    found = re.match(r"(?:[a-z][a-z0-9+.\-]*://)?(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)", url.lower())
    host = found[1].rstrip(".") if found else ""
    wanted = pattern.strip().lower().rstrip(".")
    if wanted == "*":
        return bool(host)
    if wanted.startswith("*."):
        return host.endswith(wanted[1:]) and len(host) > len(wanted) - 1
    return bool(host) and host == wanted


def _same_tool(rule: str, tool: str, *, strict: bool) -> bool:
    if rule == tool or rule == "*":
        return True
    if rule == "Read" and tool in READERS:
        return True
    if rule == "Edit" and tool in EDITORS:
        return True
    # Write(...) is read as a rule for edits too: refusing more is harmless, allowing more is not
    if rule in EDITORS and tool in EDITORS:
        return not strict
    if rule in AGENTS and tool in AGENTS:
        return True
    if rule.startswith("mcp__"):
        return wild(rule, tool) or tool.startswith(rule + "__")
    return False


def _command(pattern: str, parsed: Parsed, *, strict: bool) -> bool:
    """To allow, each part must match and nothing may be unclear; to refuse, one is enough."""
    if pattern.endswith(":*"):
        pattern = pattern[:-2] + " *"
    pattern = " ".join(pattern.split())
    if not strict:
        forms = (form for forms in parsed.parts for form in forms)
        return any(_matches_form(pattern, text) for text in (parsed.whole, *parsed.inside, *forms))
    if parsed.unclear or parsed.assigns:
        return False
    if "*" not in pattern and pattern == parsed.whole:
        return True
    return bool(parsed.parts) and all(
        any(_matches_form(pattern, form) for form in forms) for forms in parsed.parts
    )


def _matches_form(pattern: str, text: str) -> bool:
    """` *` at the end stands for nothing, too."""
    return wild(pattern, text) or (pattern.endswith(" *") and wild(pattern[:-2], text))


def wild(pattern: str, text: str) -> bool:
    """`*` stands for any text. Takes time in proportion to the text, whatever the pattern."""
    pieces = pattern.split("*")
    if len(pieces) == 1:
        return pattern == text
    first, *middle, last = pieces
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    place, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def _normal(path: str) -> str:
    """`a//b/./c/../d` is `a/b/d`; nothing goes above the top."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _ignore(pattern: str, path: str) -> bool:
    """A pattern without a slash inside matches at any depth; what is below a match matches."""
    pattern = pattern.rstrip("/")
    if not pattern.strip("/*"):
        return True
    pieces = pattern.lstrip("/").split("/")
    if "/" not in pattern:
        pieces = ["**", *pieces]
    names = [name for name in path.split("/") if name]
    reached = {0}
    for name in names:
        reached = _skip_globstars(pieces, reached)
        if pieces[-1] == "**" and len(pieces) - 1 in reached:
            return True
        reached = {
            after
            for at in reached
            if at < len(pieces)
            for after in ((at,) if pieces[at] == "**" else (at + 1,))
            if pieces[at] == "**" or _fits(pieces[at], name)
        }
        if len(pieces) in reached:
            return True
    return False


def _skip_globstars(pieces: Sequence[str], reached: set[int]) -> set[int]:
    """With `**` standing for nothing."""
    found = set(reached)
    for at in range(len(pieces)):
        if at in found and pieces[at] == "**":
            found.add(at + 1)
    return found


def _fits(piece: str, name: str) -> bool:
    return bool(_segment(piece).match(name)) or meets(piece, name)


@lru_cache(maxsize=4096)
def _segment(part: str) -> re.Pattern[str]:
    """One name's pattern: `*`, `?`, `[...]`, a backslash before what is meant as it is."""
    text = re.sub(r"\\(.)", lambda m: f"[{m[1]}]", part).replace("[^", "[!")
    return re.compile(fnmatch.translate(text))
