"""What a name of a JavaScript file stands for at one place: the nearest block that binds it
decides, and in that block what was last said before. By the syntax tree. Pure."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from harness.syntax.script import bare, literal
from harness.syntax.tree import Node
from harness.weakening.script_text import normal

FUNCTIONS = frozenset(
    (
        *("function_declaration", "function_expression", "arrow_function", "method_definition"),
        *("generator_function", "generator_function_declaration"),
    )
)
VALUES = frozenset(("function_expression", "arrow_function", "generator_function"))
DEFINES = frozenset(
    (
        *("function_declaration", "generator_function_declaration", "class_declaration"),
        "abstract_class_declaration",
    )
)
SCOPES = FUNCTIONS | {
    *("statement_block", "program", "for_statement", "for_in_statement", "switch_body"),
    *("class_body", "catch_clause", "class_static_block"),
}
ASSIGNS = frozenset(
    ("assignment_expression", "augmented_assignment_expression", "update_expression")
)
WORDS = frozenset(("identifier", "shorthand_property_identifier_pattern"))
ENDING = re.compile(r"(/index)?(\.[cm]?[jt]sx?)?$")
LONGEST = 2000
MOST_BOUND = 500
DEPTH = 4


class Bound(NamedTuple):
    """One binding, said at `at`, in force in `scope`: `before`, the code of `node`, `after`."""

    at: int
    scope: Node
    node: Node | None
    anew: bool
    """A declaration; else the name was there before."""
    before: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        return self.before + (normal(self.node) if self.node is not None else "") + self.after


def scope_of(node: Node) -> Node:
    """The nearest block around it; that of a loop for what stands in its head."""
    last = node
    for last in node.above():
        if last.type in SCOPES:
            return last
    return last


class ScriptNames:
    """Every binding of one file. `own`: names that are the file's own wherever they come from."""

    def __init__(self, nodes: Mapping[str, list[Node]], own: frozenset[str]) -> None:
        self._nodes = nodes
        self._bound: dict[str, dict[int, list[Bound]]] = {}
        self._again: dict[str, list[Bound]] = {}
        self._known: dict[tuple[int, int, int], str] = {}
        self.origins: dict[str, str] = {}
        """What imports and functions at the head of the file stand for."""
        self.tests: list[tuple[int, int]] = []
        """Where each test begins and ends, once that is known."""
        for name, bound in sorted(self._all(), key=lambda pair: pair[1].at):
            self._bound.setdefault(name, {}).setdefault(id(bound.scope), []).append(bound)
            if not bound.anew:
                self._again.setdefault(name, []).append(bound)
            elif bound.scope.type == "program" and "⟨" in bound.before:
                self.origins[name] = bound.before
        self.origins |= {n: f"⟨here⟩{n}" for n in own if n in self.origins}

    def knows(self, name: str) -> bool:
        """True for a name that the file gives something to."""
        return name in self._bound

    def at(self, name: str, node: Node) -> str:
        """What the name stands for there; the name itself when that is not written down."""
        found = self._find_bounds(name, node)
        return "|".join(dict.fromkeys(b.text for b in found)) if found else self._origin(name, node)

    def node(self, name: str, node: Node) -> Node | None:
        """The code that the name stands for there, where it is all."""
        found = self._find_bounds(name, node)
        whole = len(found) == 1 and not found[0].before + found[0].after
        return found[0].node if whole else None

    def value(self, node: Node, depth: int = DEPTH, place: Node | None = None) -> str:
        """Its code with its names replaced by what they stand for; what is quoted stays."""
        where = place or node
        key = (id(node), id(where), depth)
        if key not in self._known:

            def resolve(word: Node) -> str:
                if self.rows_of_loop(word):
                    return word.text  # each row is a demand of its own
                return self._word(word.text, word if place is None else place, depth)

            found = normal(node, resolve).replace("⟩*.", "⟩")
            if len(found) > LONGEST and depth < DEPTH:
                found = hashlib.sha256(found.encode("utf-8", "replace")).hexdigest()
            self._known[key] = found
        return self._known[key]

    def rows_of_loop(self, table: Node) -> list[Node]:
        """What a name holds that a loop goes over by its keys: `pairs` of `for (k in pairs)`, and
        of `pairs[k]` in there. [] for any other name, and where not every row is written down."""
        loop = _loop_over(table)
        made = self.node(table.text, table) if loop is not None else None
        rows = bare(made).parts if made is not None and bare(made).type == "object" else []
        return rows if all(row.type == "pair" for row in rows) else []

    def _word(self, word: str, place: Node, depth: int) -> str:
        found = self._find_bounds(word, place)
        if not found:
            return self._origin(word, place)
        texts = []
        for bound in found:
            inner = ""
            if bound.node is not None:
                own = normal(bound.node)
                inner = own if own == word or depth == 0 else self.value(bound.node, depth - 1)
            texts.append(bound.before + inner + bound.after)
        return "|".join(dict.fromkeys(texts))

    def _origin(self, name: str, node: Node) -> str:
        declared = self._nearest(name, node)
        known = declared is None or declared.type == "program"
        return self.origins.get(name, name) if known else name

    def _nearest(self, name: str, node: Node) -> Node | None:
        bound = self._bound.get(name, {})
        for above in node.above():
            if any(b.anew for b in bound.get(id(above), ())):
                return above
        return None

    def _find_bounds(self, name: str, node: Node) -> list[Bound]:
        """What the name was last given before a place, and what it may have been given on the
        way there; nothing when that is its origin, or not written down."""
        bound = self._bound.get(name)
        if bound is None:
            return []
        nearest, around = self._nearest(name, node), list[Bound]()
        for above in node.above():
            here = bound.get(id(above), ())
            if len(here) > MOST_BOUND:
                return []
            around += here
            if above is nearest:
                break
        before = [b for b in around if b.at <= node.start]
        again = [b for b in before if not b.anew]
        outer = nearest is None or nearest.type == "program"
        if (outer and name in self.origins and not again) or not around:
            return []
        last = max(before, key=lambda b: b.at) if before else around[-1]
        begin = nearest.start if nearest is not None else -1
        return [last, *self._perhaps(name, begin, node)]

    def _perhaps(self, name: str, begin: int, node: Node) -> Iterator[Bound]:
        """What is assigned on the way to a place of the same test, in a block beside it."""
        index = bisect_right(self.tests, (node.start, 0)) - 1
        if index < 0 or self.tests[index][1] < node.start:
            return
        start = max(begin, self.tests[index][0])
        again = self._again.get(name, [])
        first = bisect_left(again, start, key=lambda b: b.at)
        for bound in again[first : first + MOST_BOUND]:
            if bound.at >= node.start:
                return
            if bound.scope.end < node.start:
                yield bound

    # ------------------------------------------------------------ reading

    def _all(self) -> Iterator[tuple[str, Bound]]:
        for node in self._of("import_statement"):
            yield from _bind_import(node)
        for node in self._of("variable_declarator"):
            yield from _bind_declaration(node)
        for node in self._of(*DEFINES):
            name = node.get("name")
            if name is not None:
                scope = scope_of(node)
                at = scope.start if scope.type != "program" else node.start
                yield name.text, Bound(at, scope, None, True, f"⟨here⟩{name.text}")
        for node in self._of(*ASSIGNS):
            yield from _bind_assignment(node)
        for node in self._of(*FUNCTIONS, "catch_clause"):
            taken = node.get("parameters") or node.get("parameter")
            for word in words_of(taken) if taken is not None else ():
                yield word.text, Bound(node.start, node, None, True, word.text)

    def _of(self, *kinds: str) -> Iterator[Node]:
        for kind in kinds:
            yield from self._nodes.get(kind, ())


def _loop_over(name: Node) -> Node | None:
    """The loop over the keys of what this name holds, which it is in the head of, or in whose body
    it is asked for the row."""
    asked = name.parent
    if asked is None or name.type != "identifier":
        return None
    if asked.type == "for_in_statement" and name.field == "right":
        return asked if _goes_by_keys(asked) else None
    key = asked.get("index") if asked.type == "subscript_expression" else None
    if key is None or key.type != "identifier" or name.field != "object":
        return None
    for above in asked.above():
        taken = above.get("parameters") or above.get("parameter")
        if taken is not None and any(w.text == key.text for w in words_of(taken)):
            return None
        if above.type == "for_in_statement" and _goes_by_keys(above):
            left, right = above.get("left"), above.get("right")
            words = [word.text for word in words_of(left)] if left is not None else []
            if words == [key.text]:
                return above if right is not None and right.text == name.text else None
    return None


def _goes_by_keys(loop: Node) -> bool:
    sign = loop.get("operator")
    return sign is not None and sign.text == "in"


def words_of(pattern: Node) -> Iterator[Node]:
    """The names that a pattern binds, without those of its default values and types."""
    waiting = [pattern]
    while waiting:
        node = waiting.pop()
        if node.type in WORDS:
            yield node
        elif node.type != "type_annotation":
            waiting += [c for c in node.parts if c.field not in ("key", "right", "value")]
            if node.type == "pair_pattern":
                waiting += [c for c in node.parts if c.field == "value"]


def _bind_import(node: Node) -> Iterator[tuple[str, Bound]]:
    source = next((n for n in node.walk() if n.field == "source"), None)
    place = ENDING.sub("", literal(source) or "") if source is not None else ""
    scope = scope_of(node)
    for one in node.walk():
        name, bound = one.get("name"), one.get("alias")
        if one.type == "import_specifier" and name is not None:
            yield (bound or name).text, Bound(one.start, scope, None, True, f"⟨{place}⟩{name.text}")
        elif one.type in ("namespace_import", "import_require_clause") and one.parts:
            yield one.parts[0].text, Bound(one.start, scope, None, True, f"⟨{place}⟩*")
        elif one.type == "import_clause" and one.parts and one.parts[0].type == "identifier":
            yield one.parts[0].text, Bound(one.start, scope, None, True, f"⟨{place}⟩default")


def _bind_declaration(node: Node) -> Iterator[tuple[str, Bound]]:
    name, value = node.get("name"), node.get("value")
    if name is None:
        return
    scope = scope_of(node)
    if node.parent is not None and node.parent.type == "variable_declaration":  # `var`
        while scope.parent is not None and (
            scope.parent.type not in FUNCTIONS and scope.type != "program"
        ):
            scope = scope_of(scope)
    place = _required_path(value)
    for path, word in _paths(name):
        if place is not None:
            origin = f"⟨{place}⟩{path.strip('.') or '*'}"
            yield word.text, Bound(node.end, scope, None, True, origin)
        elif name.type == "identifier":
            yield word.text, _with_value(word.text, value, Bound(node.end, scope, None, True))
        elif value is None:
            yield word.text, Bound(node.end, scope, None, True, word.text)
        else:
            yield word.text, Bound(node.end, scope, value, True, "(", f"){path}")


def _required_path(value: Node | None) -> str | None:
    """The place that `require('./x')` names."""
    call = bare(value) if value is not None else None
    if call is None or call.type != "call_expression":
        return None
    callee, given = call.get("function"), call.get("arguments")
    if callee is None or callee.text != "require" or given is None or not given.parts:
        return None
    said = literal(given.parts[0])
    return None if said is None else ENDING.sub("", said)


def _paths(pattern: Node) -> Iterator[tuple[str, Node]]:
    """The names that a pattern binds, each with where in the value it is found."""
    waiting = [("", pattern)]
    while waiting:
        path, node = waiting.pop()
        if node.type in WORDS:
            yield (f"{path}.{node.text}" if node.type != "identifier" else path), node
        elif node.type == "pair_pattern":
            key, value = node.get("key"), node.get("value")
            if key is not None and value is not None:
                waiting.append((f"{path}.{normal(key)}", value))
        elif node.type == "array_pattern":
            commas = 0
            for child in node.children:
                commas += child.type == ","
                if child.named:
                    waiting.append((f"{path}.{commas}", child))
        elif node.type in ("assignment_pattern", "object_assignment_pattern"):
            waiting += [(path, c) for c in node.parts[:1]]
        elif node.type in ("rest_pattern", "object_pattern"):
            rest = "..." if node.type == "rest_pattern" else ""
            waiting += [(path + rest, c) for c in node.parts]


def _with_value(name: str, value: Node | None, bound: Bound) -> Bound:
    if value is None:
        return bound._replace(before=name)
    inner = bare(value)
    if inner.type in VALUES:
        taken = inner.get("parameters")
        if bound.scope.type == "program" and bound.anew:
            return bound._replace(before=f"⟨here⟩{name}")
        if inner.get("parameter") is not None or (taken is not None and taken.parts):
            return bound._replace(before=f"⟨here⟩{name}")
    if inner.type == "class":
        return bound._replace(before=f"⟨here⟩{name}")
    return bound._replace(node=value)


def _bind_assignment(node: Node) -> Iterator[tuple[str, Bound]]:
    left = node.get("left") or node.get("argument")
    if left is None:
        return
    left = bare(left)
    scope = scope_of(node)
    if left.type == "identifier":
        bound = Bound(node.end, scope, None, False)
        if node.type == "assignment_expression":
            yield left.text, _with_value(left.text, node.get("right"), bound)
        else:
            sign = node.get("operator")
            yield left.text, bound._replace(before=f"{left.text}{sign.text if sign else ''}")
    elif left.type in ("object_pattern", "array_pattern"):
        for path, word in _paths(left):
            yield word.text, Bound(node.end, scope, node.get("right"), False, "(", f"){path}")
